(* Kawaguchi and Bengio (2019): W (x + V f_theta(x)) against predictors linear in [x; f_theta(x)].
   The statements are ours; they hold for every K, n, d, m and all convex losses. *)
Require Import Reals Lra Lia Psatz List.
From properties.proofs Require Import Sums Outputs Bridge.
Open Scope R_scope.

(* <grad F, (W - W_star, W^+ (W_star V - S))> >= F - E l(W_star x + S f) *)
Definition lemma := Outputs.lemma.
Definition full_rank := Outputs.sharp.
Definition rank_deficient := Outputs.rank_deficient.

(* They are not about nothing: loss p, x = 2, f = 0, W = 1, V = 0, W_star = -1, S = 0; and at W = 0
   with u = 1. *)
Definition v (a : R) : vec := fun _ => a.
Definition M (a : R) : mat := fun _ _ => a.

Example full_rank_applies : sqrt (2 * 2) * sqrt (2 * 2) >= 4.
Proof.
  assert (H := full_rank 1 1 1 1 (v 1) (M 2) (M 0) (M 1) (M 0) (M (-1)) (M 0) (v 2) (v (-2)) (M 1)
    ltac:(intro; unroll; lra) ltac:(intro; unroll; lra) (M 1)).
  refine (ge_congruent _ _ _ _ (H _) _ _); clear H.
  - intros [|k] [|l] K L; try lia. unroll. ring.
  - apply f_equal2; apply f_equal; unroll; ring.
  - unroll. ring.
Qed.

Example rank_deficient_applies : sqrt (2 * 2) * sqrt 1 >= 2.
Proof.
  assert (H := rank_deficient 1 1 1 1 (v 1) (M 2) (M 0) (M 0) (M 0) (M (-1)) (M 0) (v 0) (v (-2)) (M 1)
    ltac:(intro; unroll; lra) ltac:(intro; unroll; lra) (v 1)).
  refine (ge_congruent _ _ _ _ (H _ _) _ _); clear H.
  - unroll. lra.
  - lia.
  - apply f_equal2; apply f_equal; unroll; field.
  - unroll. ring.
Qed.
