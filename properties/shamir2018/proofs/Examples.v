(* The theorems are not about nothing: points that meet all hypotheses and lie above the linear
   level. The theorems whose formulas are derived (Theorems 1 and 2) need none: there the hypotheses
   are those of the claim, one by one. *)
Require Import Reals Lra Lia Psatz List.
From properties.proofs Require Import Sums Bridge.
From properties.shamir2018.proofs Require Import Setting Theorem1 Theorem2 Corollary1 Theorem3.
From properties.shamir2018.proofs Require Import Theorem4 AppendixB.
Open Scope R_scope.

Definition v (a : R) : vec := fun _ => a.
Definition M (a : R) : mat := fun _ _ => a.

(* Theorem 3: loss -p, x = 1, f = 0, (w, V) = (0, 0), w_star = 1: the gap is 1, eps = 1. *)
Example theorem3_applies :
  (1 + sqrt (sqrt 1)) * (sqrt 2 * (1 + 1) + 1 * 1 + 0 + 1 * 0 + 1 + 1 * 1 * sqrt (2 * 0 * (sqrt 1 + 1)))
    >= 1 * (0 - -1) + 0.
Proof.
  assert (Z : sqrt (0 + 0 * 0) = 0) by (rewrite Rmult_0_l, Rplus_0_l; apply sqrt_0).
  assert (P := theorem3 1 0 1 (v 1) (M 1) (M 0) (v 0) (v 1) (M 0) (v 0) (v (-1)) (v 0)
    (v 0) (v (-1)) (v 0) (v (-1)) 1 1 1 0 0 1).
  assert (N : sqrt (sq 1 (v 0)) = 0) by (unroll; exact Z).
  refine (ge_congruent _ _ _ _ (P _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _) _ _); clear P;
    try (intros; unroll; lra); try rewrite N; try lra.
  - intro i. unroll. lra.
  - intro i. unroll. lra.
  - split; [lra|]. intro z. assert (A := sq_pos (z 0%nat)). unroll. lra.
  - apply sqrt_below; [lra|]. unroll. lra.
  - apply sqrt_below; [lra|]. unroll. lra.
  - intros xi Xi. unroll. lra.
  - intros xi Xi. unroll. rewrite Rabs_right; lra.
  - apply sqrt_below; [lra|]. unroll. lra.
  - intros xi Xi. rewrite Rmult_1_l, sqrt_1.
    assert (A := sq_pos (xi 0%nat)). assert (A' := sq_pos (Xi 0%nat 0%nat)). unroll. lra.
Qed.

(* Corollary 1: loss (p - 1)^2, x = 1, f = 0: (1, 0) is a local minimum. *)
Definition loss (_ : nat) (p : R) := (p - 1) * (p - 1).
Definition slope (_ : nat) (p : R) := 2 * (p - 1).
Example corollary1_applies ws : 0 <= F_lin 1 1 (v 1) (M 1) loss (v ws).
Proof.
  assert (Min : local_minimum 1 1 1 (v 1) (M 1) (M 0) loss (v 1) (M 0)).
  { exists 1. split; [lra|]. intros w' V' _. unfold F, loss. unroll.
    assert (H := sq_pos (w' 0%nat * (1 + (0 + V' 0%nat 0%nat * 0)) - 1)). nra. }
  assert (H := corollary1 1 1 1 (v 1) (M 1) (M 0) loss slope).
  eapply Rle_trans; [|apply (H ltac:(intro; unroll; lra))]; [| | |exact Min].
  - right. unfold F, loss. unroll. ring.
  - intros i p eps E. exists (mkposreal eps E). intros h N S. unfold loss, slope.
    replace (((p + h - 1) * (p + h - 1) - (p - 1) * (p - 1)) / h - 2 * (p - 1)) with h by (field; exact N).
    exact S.
  - intros i p q. unfold loss, slope. assert (H' := sq_pos (q - p)). nra.
Qed.

(* Theorem 4: loss p, x = 1, f = 0, from w = 1 to w_star = -1 in one step of length 2: equality. *)
Definition start : nat -> vec := fun t _ => match t with O => 1 | S _ => -1 end.
Definition once (a : R) : vec := fun t => match t with O => a | S _ => 0 end.
Example theorem4_applies : (2 / 2 + 1 / 2 * 2) * 1 * 1 * sqrt (INR 1) >= 0 + (1 - -1).
Proof.
  assert (R1 : sqrt (INR 1) = 1) by (simpl; apply sqrt_1).
  assert (H := theorem4_path 1 1 (fun t _ => once 1 t) (fun _ => v 0) start (fun _ => v 0) (v (-1))
    (once 1) (once (-1)) (once 1) 2 ltac:(lra)).
  apply (H ltac:(intros [|t]; unroll; lra) ltac:(intros [|t]; unroll; lra) 1 1 2 1%nat); try lra; try lia.
  - rewrite R1. field.
  - unroll. lra.
  - unroll. lra.
  - intros [|t]; unroll; lra.
Qed.

(* Appendix B: loss p, x = 2, f = 0, W = 1, V = 0, W_star = -1: equality. *)
Example appendix_b_applies : sqrt (2 * 2) >= 4 / sqrt 4.
Proof.
  assert (H := appendix_b_theorem1 1 1 1 1 (v 1) (M 2) (M 0) (M 1) (M 0) (M (-1)) (v 2) (v (-2)) (M 1)
    ltac:(intro; unroll; lra) ltac:(intro; unroll; lra) (M 1)).
  refine (ge_congruent _ _ _ _ (H _ 1 0 _ _ _ _) _ _); clear H.
  - intros [|k] [|l] K L; try lia. unroll. ring.
  - lra.
  - intro y. unroll. lra.
  - split; [lra|]. intro z. unroll. lra.
  - lia.
  - apply f_equal. unroll. ring.
  - apply f_equal2; [unroll; ring|]. apply f_equal. unroll. field.
Qed.
