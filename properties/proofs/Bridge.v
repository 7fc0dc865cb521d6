(* From the general theorems to formulas at fixed sizes: lists as vectors, and tactics. *)
Require Import Reals Lra Psatz List.
From properties.proofs Require Import Sums.
Open Scope R_scope.

Definition vector (l : list R) : vec := fun i => nth i l 0.
Definition matrix (rows : list (list R)) : mat := fun i j => nth j (nth i rows nil) 0.

Lemma ge_congruent a b a' b' : a >= b -> a' = a -> b' = b -> a' >= b'.
Proof. intros H E E'. rewrite E, E'. exact H. Qed.

(* ||H xi|| <= N ||xi|| for all xi gives <xi, H xi> <= N ||xi||^2. *)
Lemma quadratic_bound d (H : mat) N xi : spectral_bound d d H N ->
  dot d (times_left d xi H) xi <= N * sq d xi.
Proof.
  intro B. assert (M := spectral_bound_sqrt d d H N xi B).
  assert (C := cauchy_schwarz d (times_left d xi H) xi).
  assert (E := sqrt_sqrt _ (dot_pos d xi)). assert (P := sqrt_pos (sq d xi)).
  assert (sqrt (sq d (times_left d xi H)) * sqrt (sq d xi) <= N * sqrt (sq d xi) * sqrt (sq d xi))
    by (apply Rmult_le_compat_r; assumption).
  rewrite Rmult_assoc, E in H0. lra.
Qed.

Lemma abs_square x : Rabs x * Rabs x = x * x.
Proof. unfold Rabs. destruct (Rcase_abs x); ring. Qed.

(* Everything but the arithmetic of real numbers is computed: sums and lists disappear. *)
Ltac unroll := cbv -[Rplus Rmult Ropp Rinv Rdiv Rminus IZR sqrt Rabs Rmax Rmin Rle Rge Rlt Rgt not].

(* For every index: beyond the two entries of a list at most all are 0. *)
Ltac by_index := let i := fresh "i" in intro i; destruct i as [|[|[|i]]]; unroll; lra.

(* A denominator is not 0 because this number is not. *)
Ltac nonzero_by H := repeat split; let Z := fresh in intro Z; apply H;
  first [lra | rewrite Z; ring | nra].

(* The defining property of a norm, for the matrix as the theorems know it (two rows at most). *)
Ltac bounded_by H := split; [apply (proj1 H)|]; let z := fresh "z" in intro z; unroll;
  first [ let K := fresh in assert (K := proj2 H (z 0%nat)); lra
        | let K := fresh in assert (K := proj2 H (z 0%nat) (z 1%nat)); lra ].

(* The length of a vector with one entry is its absolute value. *)
Ltac same_length := first
  [ apply f_equal; ring
  | rewrite <- sqrt_Rsqr_abs; unfold Rsqr; apply f_equal; ring ].

(* The square of a length, which is an absolute value or the root of a sum of squares. *)
Ltac square_of_length := first
  [ rewrite abs_square; ring
  | rewrite sqrt_sqrt; [ring|first [lra|repeat apply Rplus_le_le_0_compat; apply sq_pos]] ].
