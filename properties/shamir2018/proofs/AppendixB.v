(* Shamir (2018), Remark 2 and appendix B: several outputs, for all n, d, m, K, all weights >= 0 and
   all convex losses. The comparator x -> W_star x is the case S = 0 of Outputs.v. *)
Require Import Reals Lra Psatz.
From properties.proofs Require Import Sums Outputs.
Open Scope R_scope.

Section AppendixB.
Variables n d m K : nat.
Variables (om : vec) (x f : mat) (W V Ws : mat) (lp lt : vec) (g : mat).
Let none : mat := fun _ _ => 0.                       (* S = 0 *)
Let p := p d m x f W V.
Let t := t d m x f Ws none.
Hypothesis weights : forall i, 0 <= om i.
Hypothesis convex : forall i, lt i >= lp i + dot K (g i) (fun k => t i k - p i k).

(* W^+ = W^T Q with Q = (W W^T)^{-1}, so that W W^+ = I: W has full row rank. *)
Variable Q : mat.
Let P : mat := fun j l => sum K (fun k => W k j * Q k l).
Hypothesis right_inverse :
  forall k l, (k < K)%nat -> (l < K)%nat -> product d W P k l = unit k l.

Let gradW := grad_W n m om x f V g.
Let gradV := grad_V n K om f W g.
Let norm2 := grad2 n d m K om x f W V g.
Let lifted := lifted d K V Ws none P.                 (* W^+ W_star V *)
Let the_gap := gap n om lp lt.

Theorem appendix_b_lemma1 :
  frob K d gradW (fun k j => W k j - Ws k j) + frob d m gradV lifted >= the_gap.
Proof. apply (Outputs.lemma n d m K om x f W V Ws none lp lt g weights convex P right_inverse). Qed.

Theorem appendix_b_theorem1_sharp :
  sqrt norm2 * sqrt (sqF K d (fun k j => W k j - Ws k j) + sqF d m lifted) >= the_gap.
Proof. apply (Outputs.sharp n d m K om x f W V Ws none lp lt g weights convex P right_inverse). Qed.

(* sigma is at most the least singular value of W, s at least the norm of V. *)
Variables sigma s : R.
Hypothesis sigma_pos : 0 < sigma.
Hypothesis sigma_below : forall y, sigma * sigma * sq K y <= sq d (times_left K y W).
Hypothesis s_bounds_V : spectral_bound d m V s.

(* ||W^+ y||^2 <= ||y||^2 / sigma^2 *)
Lemma inverse_bound y : sigma * sigma * sq d (fun j => dot K (P j) y) <= sq K y.
Proof.
  set (z := fun k => dot K (Q k) y).
  assert (E : forall j, dot K (P j) y = times_left K z W j).
  { intro j. unfold P, times_left, z, dot.
    transitivity (sum K (fun l => sum K (fun k => W k j * Q k l * y l))).
    - apply sum_ext; intro l. rewrite <- sum_scal_r. reflexivity.
    - rewrite sum_swap. apply sum_ext; intro k. rewrite <- sum_scal_r. apply sum_ext; intro; ring. }
  rewrite (dot_ext d _ _ (times_left K z W) (times_left K z W) E E).
  (* ||W^T z||^2 = <z, W W^+ y> = <z, y> *)
  assert (A : sq d (times_left K z W) = dot K z y).
  { transitivity (dot d (times_left K z W) (fun j => dot K (P j) y)).
    { apply dot_ext; [reflexivity|]. intro j. symmetry. apply E. }
    rewrite <- (dot_matrix K d z W (fun j => dot K (P j) y)).
    apply dot_lt; [reflexivity|]. intros k L.
    rewrite dot_matrix, <- (dot_unit K k y L). apply dot_lt; [|reflexivity].
    intros l L'. apply right_inverse; assumption. }
  assert (H := sigma_below z). rewrite A in *.
  assert (C := form_square _ _ _ (form_dot K z y)).
  assert (Z := dot_pos K z). assert (Y := dot_pos K y).
  set (a := dot K z y) in *. set (zz := sq K z) in *. set (yy := sq K y) in *.
  assert (A0 : 0 <= a) by (assert (0 <= sigma * sigma) by apply sq_pos; nra).
  assert (sigma * sigma * (a * a) <= a * yy).
  { assert (sigma * sigma * (a * a) <= sigma * sigma * (zz * yy))
      by (apply Rmult_le_compat_l; [apply sq_pos|exact C]).
    assert (sigma * sigma * zz * yy <= a * yy) by (apply Rmult_le_compat_r; assumption). lra. }
  destruct A0 as [A0|A0]; [|rewrite <- A0; lra].
  apply Rmult_le_reg_r with a; [exact A0|]. lra.
Qed.

(* ||A||_F^2 column by column, and row by row *)
Lemma lifted_bound : sqF d m lifted <= sqF K d Ws * (s * s / (sigma * sigma)).
Proof.
  assert (S2 : 0 < sigma * sigma) by nra.
  assert (E1 : sigma * sigma * sqF d m lifted <= sqF K m (product d Ws V)).
  { rewrite !frob_columns, <- sum_scal. apply sum_le; intro q.
    assert (H := inverse_bound (fun l => product d Ws V l q)).
    eapply Rle_trans; [right|exact H]. f_equal.
    apply dot_ext; intro j; unfold lifted, Outputs.lifted, D, none, product, dot;
      apply sum_ext; intro; ring. }
  assert (E2 : sqF K m (product d Ws V) <= s * s * sqF K d Ws).
  { unfold frob. rewrite <- sum_scal. apply sum_le; intro k.
    destruct s_bounds_V as (_ & H). apply (H (Ws k)). }
  apply Rmult_le_reg_l with (sigma * sigma); [exact S2|].
  replace (sigma * sigma * (sqF K d Ws * (s * s / (sigma * sigma)))) with (s * s * sqF K d Ws)
    by (field; lra). lra.
Qed.

Let B := 2 * sqF K d W + sqF K d Ws * (2 + s * s / (sigma * sigma)).

Lemma length_of_G : sqF K d (fun k j => W k j - Ws k j) + sqF d m lifted <= B.
Proof.
  assert (E : sqF K d (fun k j => W k j - Ws k j) <= 2 * sqF K d W + 2 * sqF K d Ws).
  { unfold frob, dot. rewrite <- !sum_scal, <- sum_plus. apply sum_le; intro k.
    rewrite <- !sum_scal, <- sum_plus. apply sum_le; intro j. assert (H := sq_pos (W k j + Ws k j)). lra. }
  assert (H := lifted_bound). unfold B. lra.
Qed.

(* W != 0, since it has full row rank. *)
Hypothesis some_output : (0 < K)%nat.
Lemma B_positive : 0 < B.
Proof.
  assert (H := sigma_below (unit 0)).
  assert (U : sq K (unit 0) = 1) by (rewrite dot_unit by exact some_output; reflexivity).
  assert (R0 : sq d (times_left K (unit 0) W) = sq d (W O)).
  { apply dot_ext; intro j; apply (dot_unit K 0 (fun k => W k j) some_output). }
  rewrite U, R0 in H.
  assert (T : sq d (W O) <= sqF K d W)
    by (apply (sum_term K (fun k => sq d (W k)) O); [intro; apply dot_pos|exact some_output]).
  assert (0 <= s * s / (sigma * sigma))
    by (apply Rmult_le_pos; [apply sq_pos|left; apply Rinv_0_lt_compat; nra]).
  assert (N := frob_pos K d Ws). unfold B. nra.
Qed.

Theorem appendix_b_theorem1 : sqrt norm2 >= the_gap / sqrt B.
Proof.
  assert (HB := B_positive). assert (H := appendix_b_theorem1_sharp). assert (M := sqrt_mono _ _ length_of_G).
  assert (N := sqrt_pos norm2). assert (R0 := sqrt_lt_R0 _ HB).
  apply Rle_ge, Rmult_le_reg_r with (sqrt B); [exact R0|].
  unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. nra.
Qed.
End AppendixB.
