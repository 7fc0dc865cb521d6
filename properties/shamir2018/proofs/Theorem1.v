(* Shamir (2018), Lemma 1 and Theorem 1, for all n, d, m, all weights >= 0 and all convex losses. *)
Require Import Reals Lra Psatz.
From properties.proofs Require Import Sums.
From properties.shamir2018.proofs Require Import Setting.
Open Scope R_scope.

Section Theorem1.
Variables n d m : nat.
Variables (om : vec) (x f : mat).                     (* the sample *)
Variables (w ws : vec) (V : mat).                     (* the point (w, V), and w_star *)
Variables lp lt g : vec.                              (* l(p_i), l(t_i), l'(p_i) *)
Hypothesis weights : forall i, 0 <= om i.
Hypothesis convex : tangent lp lt g (prediction d m x f w V) (linear d x ws).
Hypothesis w_nonzero : sq d w <> 0.

Let gradw := grad_w n m om x f g V.
Let gradV := grad_V n om f g w.
Let norm2 := grad2 n d m om x f g w V.                (* ||grad F||^2 *)
Let gap := gap n om lp lt.                            (* F - F_lin(w_star) *)

(* G = (w - w_star, w w_star^T V / ||w||^2) *)
Definition G_w : vec := fun j => w j - ws j.
Definition G_V : mat := fun j k => w j * (times_left d ws V k / sq d w).
Definition inner := dot d G_w gradw + frob d m G_V gradV.
Definition G2 := sq d G_w + sqF d m G_V.

(* <G, grad F> = E[l'(p) (p - t)] *)
Lemma inner_is :
  inner = sum n (fun i => om i * g i * (prediction d m x f w V i - linear d x ws i)).
Proof.
  unfold inner, gradw, gradV, G_V, grad_V. rewrite dot_grad_w, frob_outer.
  replace (sq d w * dot m (fun k => times_left d ws V k / sq d w) (b_vector n om f g))
    with (dot m (times_left d ws V) (b_vector n om f g)).
  - rewrite dot_b, <- sum_plus. apply sum_ext; intro i. rewrite <- Rmult_plus_distr_l. f_equal.
    unfold G_w. rewrite dot_minus_l, (dot_hidden d m x f V ws). unfold prediction, linear. ring.
  - rewrite (dot_ext m (fun k => times_left d ws V k / sq d w) (b_vector n om f g)
      (fun k => / sq d w * times_left d ws V k) (b_vector n om f g))
      by (intro; (unfold Rdiv; ring) || reflexivity).
    rewrite dot_scal_l. field. exact w_nonzero.
Qed.

Theorem lemma1 : inner >= gap.
Proof. rewrite inner_is. apply Rle_ge, mean_tangent; assumption. Qed.

Lemma G2_pos : 0 <= G2.
Proof. apply Rplus_le_le_0_compat; [apply dot_pos|apply frob_pos]. Qed.

(* Sharp form: by the inequality of Cauchy and Schwarz. *)
Theorem theorem1_sharp : sqrt norm2 * sqrt G2 >= gap.
Proof.
  assert (C : inner <= sqrt G2 * sqrt norm2).
  { apply form_sqrt, form_plus; [apply form_dot|apply form_frob]. }
  assert (L := lemma1). lra.
Qed.

Lemma w_positive : 0 < sq d w.
Proof.
  destruct (dot_pos d w) as [H|H]; [exact H|]. exfalso; apply w_nonzero; symmetry; exact H.
Qed.

(* ||G||^2 = ||w - w_star||^2 + ||V^T w_star||^2 / ||w||^2 *)
Lemma G2_is : G2 = sq d G_w + sq m (times_left d ws V) / sq d w.
Proof.
  unfold G2, G_V. f_equal. rewrite frob_outer.
  rewrite (dot_ext m _ _ (fun k => / sq d w * times_left d ws V k)
    (fun k => / sq d w * times_left d ws V k)) by (intro; unfold Rdiv; ring).
  rewrite dot_scal_l, dot_scal_r. field. exact w_nonzero.
Qed.

Variable s : R.                                       (* ||V|| or more *)
Hypothesis s_bounds_V : spectral_bound d m V s.
Definition B := 2 * sq d w + sq d ws * (2 + s * s / sq d w).

Lemma length_of_G : G2 <= B.
Proof.
  assert (HW := w_positive). destruct s_bounds_V as (_ & HV). specialize (HV ws).
  assert (E1 : sq d G_w <= 2 * sq d w + 2 * sq d ws).
  { unfold dot. rewrite <- !sum_scal, <- sum_plus. apply sum_le; intro j. unfold G_w.
    assert (H := sq_pos (w j + ws j)). lra. }
  rewrite G2_is. unfold B, Rdiv.
  assert (0 < / sq d w) by (apply Rinv_0_lt_compat; exact HW).
  assert (sq m (times_left d ws V) * / sq d w <= s * s * sq d ws * / sq d w)
    by (apply Rmult_le_compat_r; lra).
  lra.
Qed.

Lemma B_positive : 0 < B.
Proof.
  assert (HW := w_positive). assert (P := dot_pos d ws).
  assert (0 <= s * s / sq d w).
  { apply Rmult_le_pos; [apply sq_pos|left; apply Rinv_0_lt_compat; exact HW]. }
  unfold B. nra.
Qed.

(* ||grad F|| sqrt B >= F - F_lin(w_star): the theorem without its quotient *)
Theorem theorem1_product : sqrt norm2 * sqrt B >= gap.
Proof.
  assert (H := theorem1_sharp). assert (M := sqrt_mono _ _ length_of_G).
  assert (N := sqrt_pos norm2). nra.
Qed.

(* ||grad F|| >= (F - F_lin(w_star)) / sqrt(2 ||w||^2 + ||w_star||^2 (2 + ||V||^2 / ||w||^2)) *)
Theorem theorem1 : sqrt norm2 >= gap / sqrt B.
Proof.
  assert (H := theorem1_product). assert (P := sqrt_lt_R0 _ B_positive).
  apply Rle_ge, Rmult_le_reg_r with (sqrt B); [exact P|].
  unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.
End Theorem1.
