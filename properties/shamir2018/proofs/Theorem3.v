(* Shamir (2018), Theorem 3, with explicit constants (ours), for all n, d, m, all weights >= 0 and
   all convex losses. (w, V) is an eps-SOPSP: ||grad F|| <= eps, grad^2 F >= -sqrt(mu2 eps). *)
Require Import Reals Lra Psatz.
From properties.proofs Require Import Sums.
From properties.shamir2018.proofs Require Import Setting Theorem1 Theorem2.
Open Scope R_scope.

Section Theorem3.
Variables n d' m : nat.
Let d := S d'.                                        (* d >= 1 *)
Variables (om : vec) (x f : mat) (w ws : vec) (V : mat).
Variables lp g c : vec.                               (* the losses at the predictions p of (w, V) *)
Variables l0 g0 c0 : vec.                             (* and at those of (0, V), which are 0 *)
Variable lt : vec.                                    (* l(w_star^T x) *)
Variables b r eps mu0 mu1 mu2 : R.

Let norm_w := sqrt (sq d w).
Let size xi Xi := sq d xi + sqF d m Xi.               (* ||(xi, Xi)||^2 *)
Let hess_here := hess n d m om x f g c w V.
Let hess_zero := hess n d m om x f g0 c0 zero V.

Hypothesis weights : forall i, 0 <= om i.
Hypothesis convex : tangent lp lt g (prediction d m x f w V) (linear d x ws).
Hypothesis convex_zero : tangent l0 lt g0 zero (linear d x ws).
Hypothesis curvatures_zero : forall i, 0 <= c0 i.

(* The region: ||w||, ||V|| <= b and ||w_star|| <= r. *)
Hypothesis w_bounded : norm_w <= b.
Hypothesis V_bounded : spectral_bound d m V b.
Hypothesis ws_bounded : sqrt (sq d ws) <= r.

(* F, its gradient and its Hessian are Lipschitz between (w, V) and (0, V); their constants mu0, mu1
   and mu2, of which mu1 bounds the Hessian. *)
Hypothesis mu0_pos : 0 <= mu0.
Hypothesis mu1_pos : 0 <= mu1.
Hypothesis mu2_pos : 0 <= mu2.
Hypothesis lipschitz : gap n om lp l0 <= mu0 * norm_w.
Hypothesis lipschitz_gradient :
  sqrt (sq d (fun j => grad_w n m om x f g0 V j - grad_w n m om x f g V j)
    + sqF d m (fun j k => grad_V n om f g0 zero j k - grad_V n om f g w j k)) <= mu1 * norm_w.
Hypothesis lipschitz_hessian : forall xi Xi,
  hess_zero xi Xi >= hess_here xi Xi - mu2 * norm_w * size xi Xi.
Hypothesis hessian_bounded : forall xi Xi, Rabs (hess_zero xi Xi) <= mu1 * size xi Xi.

(* The eps-SOPSP. *)
Hypothesis eps_pos : 0 <= eps.
Hypothesis small_gradient : sqrt (grad2 n d m om x f g w V) <= eps.
Hypothesis small_curvature : forall xi Xi, hess_here xi Xi >= - sqrt (mu2 * eps) * size xi Xi.

Let the_gap := gap n om lp lt.                        (* F(w, V, theta) - F_lin(w_star) *)

Lemma size_pos xi Xi : 0 <= size xi Xi.
Proof. apply Rplus_le_le_0_compat; [apply dot_pos|apply frob_pos]. Qed.
Lemma b_pos : 0 <= b.
Proof. destruct V_bounded; assumption. Qed.
Lemma r_pos : 0 <= r.
Proof. assert (P := sqrt_pos (sq d ws)). lra. Qed.

(* -- near w = 0: Theorem 2 ------------------------------------------------------------------- *)
Section Near.
Variable t : R.
Hypothesis near : norm_w <= t.
Let s := Rmin (sqrt (mu2 * eps) + mu2 * t) mu1.

Lemma s_pos : 0 <= s.
Proof.
  assert (P := sqrt_pos (mu2 * eps)). assert (Q : 0 <= norm_w) by apply sqrt_pos.
  apply Rmin_glb; [|exact mu1_pos]. nra.
Qed.

Lemma hessian_at_zero : bounds_hessian n d m om x f V g0 c0 (- s).
Proof.
  intros xi Xi. fold hess_zero (size xi Xi). assert (P := size_pos xi Xi).
  assert (H := lipschitz_hessian xi Xi). assert (H' := small_curvature xi Xi).
  assert (B := hessian_bounded xi Xi). assert (C := Rabs_def2 (hess_zero xi Xi)).
  assert (B' : - (mu1 * size xi Xi) <= hess_zero xi Xi).
  { destruct (Rcase_abs (hess_zero xi Xi)); [rewrite Rabs_left in B|]; nra. }
  assert (mu2 * norm_w * size xi Xi <= mu2 * t * size xi Xi)
    by (apply Rmult_le_compat_r; [exact P|apply Rmult_le_compat_l; assumption]).
  unfold s. destruct (Rle_dec (sqrt (mu2 * eps) + mu2 * t) mu1) as [L|L];
    [rewrite Rmin_left by exact L|rewrite Rmin_right by lra]; nra.
Qed.

Lemma gradient_at_zero : sqrt (sq d (grad_w n m om x f g0 V)) <= eps + mu1 * t.
Proof.
  set (gz := grad_w n m om x f g0 V) in *. set (gh := grad_w n m om x f g V) in *.
  assert (T := triangle d (fun j => gz j - gh j) gh). cbv beta in T.
  rewrite (dot_ext d (fun i => gz i - gh i + gh i) (fun i => gz i - gh i + gh i) gz gz) in T
    by (intro; ring).
  assert (A : sqrt (sq d gh) <= eps).
  { eapply Rle_trans; [apply sqrt_mono, (grad_w_below n d m om x f g w V)|exact small_gradient]. }
  assert (B : sqrt (sq d (fun j => gz j - gh j)) <= mu1 * norm_w).
  { eapply Rle_trans; [apply sqrt_mono|exact lipschitz_gradient].
    assert (H := frob_pos d m (fun j k => grad_V n om f g0 zero j k - grad_V n om f g w j k)). lra. }
  assert (mu1 * norm_w <= mu1 * t) by (apply Rmult_le_compat_l; assumption). lra.
Qed.

Lemma block_at_zero : block n d m om x f c0 V e0 <= mu1.
Proof.
  assert (U : sq d e0 = 1) by apply dot_e0.
  assert (H := hessian_bounded e0 (fun _ _ => 0)).
  assert (E : hess_zero e0 (fun _ _ => 0) = block n d m om x f c0 V e0).
  { unfold hess_zero. rewrite hess_is.
    rewrite (dot_ext d e0 _ e0 (fun _ => 0)) by ((intro; reflexivity) || (intro; apply dot_zero_l)).
    rewrite dot_sym, dot_zero_l. ring. }
  rewrite E in H. unfold size in H. rewrite U in H.
  replace (sqF d m (fun _ _ => 0)) with 0 in H
    by (symmetry; apply sum_is_zero; intro; apply dot_zero_l).
  eapply Rle_trans; [apply Rle_abs|]. lra.
Qed.

Theorem near_zero : the_gap <= mu0 * t + r * (eps + mu1 * t + b * sqrt (mu1 * s + s * s)).
Proof.
  assert (G : the_gap = gap n om lp l0 + gap n om l0 lt).
  { unfold the_gap, gap, E. rewrite <- sum_plus. apply sum_ext; intro; ring. }
  assert (U : sq d e0 = 1) by apply dot_e0. assert (P := s_pos).
  assert (T := theorem2_product n d m om x f ws V l0 lt g0 c0 weights convex_zero
    (- s) hessian_at_zero e0 mu1 U block_at_zero b V_bounded).
  assert (L : - s <= 0) by lra. specialize (T L).
  rewrite Rabs_Ropp, (Rabs_right s) in T by lra.
  replace (s * mu1 + - s * - s) with (mu1 * s + s * s) in T by ring.
  assert (Q := sqrt_pos (mu1 * s + s * s)). assert (B := b_pos).
  assert (H := gradient_at_zero). assert (N := sqrt_pos (sq d (grad_w n m om x f g0 V))).
  assert (W := sqrt_pos (sq d ws)).
  assert (mu0 * norm_w <= mu0 * t) by (apply Rmult_le_compat_l; assumption).
  assert (Z : 0 <= b * sqrt (mu1 * s + s * s)) by (apply Rmult_le_pos; assumption).
  assert (sqrt (sq d ws) * (sqrt (sq d (grad_w n m om x f g0 V)) + b * sqrt (mu1 * s + s * s))
    <= r * (eps + mu1 * t + b * sqrt (mu1 * s + s * s))) by (apply Rmult_le_compat; lra).
  rewrite G. lra.
Qed.
End Near.

(* -- far from w = 0: Theorem 1 --------------------------------------------------------------- *)
Lemma norm_w_square : norm_w * norm_w = sq d w.
Proof. apply sqrt_sqrt, dot_pos. Qed.

Lemma far_product : 0 < norm_w ->
  the_gap <= eps * sqrt (2 * (b * b) + r * r * (2 + b * b / (norm_w * norm_w))).
Proof.
  intro P. assert (W : sq d w <> 0) by (rewrite <- norm_w_square; nra).
  assert (T := theorem1_product n d m om x f w ws V lp lt g weights convex W b V_bounded).
  fold the_gap in T. apply Rge_le in T. eapply Rle_trans; [exact T|].
  apply Rmult_le_compat; try apply sqrt_pos; [exact small_gradient|].
  apply sqrt_mono. unfold Theorem1.B. rewrite <- norm_w_square.
  assert (R2 : sq d ws <= r * r).
  { rewrite <- (sqrt_sqrt (sq d ws)) by apply dot_pos. assert (N := sqrt_pos (sq d ws)). nra. }
  assert (0 <= b * b / (norm_w * norm_w))
    by (apply Rmult_le_pos; [apply sq_pos|left; apply Rinv_0_lt_compat; nra]).
  assert (norm_w * norm_w <= b * b) by nra. assert (D := dot_pos d ws). nra.
Qed.

(* Before choosing t. *)
Theorem theorem3_at_t t : 0 < t ->
  Rmax (eps * sqrt (2 * (b * b) + r * r * (2 + b * b / (t * t))))
    (mu0 * t + r * (eps + mu1 * t + b * sqrt (mu1 * Rmin (sqrt (mu2 * eps) + mu2 * t) mu1
       + Rmin (sqrt (mu2 * eps) + mu2 * t) mu1 * Rmin (sqrt (mu2 * eps) + mu2 * t) mu1))) >= the_gap.
Proof.
  intro T. apply Rle_ge. destruct (Rle_dec norm_w t) as [L|L].
  - eapply Rle_trans; [apply near_zero, L|apply Rmax_r].
  - eapply Rle_trans; [|apply Rmax_l].
    assert (P : 0 < norm_w) by lra. eapply Rle_trans; [apply far_product, P|].
    apply Rmult_le_compat_l; [exact eps_pos|]. apply sqrt_mono.
    assert (b * b / (norm_w * norm_w) <= b * b / (t * t)).
    { apply Rmult_le_compat_l; [apply sq_pos|]. apply Rinv_le_contravar; nra. }
    assert (Z := sq_pos r). nra.
Qed.

(* -- t = sqrt eps ---------------------------------------------------------------------------- *)
Definition K := sqrt 2 * (b + r) + r * b + mu0 + r * mu1 + r
  + r * b * sqrt (2 * mu1 * (sqrt mu2 + mu2)).

Let q := sqrt eps.
Let q4 := sqrt q.
Lemma q_square : q * q = eps.
Proof. apply sqrt_sqrt, eps_pos. Qed.
Lemma q4_square : q4 * q4 = q.
Proof. apply sqrt_sqrt, sqrt_pos. Qed.
Lemma q_between : q <= eps + q4.
Proof.
  assert (E := q_square). assert (E4 := q4_square). assert (P : 0 <= q4) by apply sqrt_pos.
  assert (Q : 0 <= q) by apply sqrt_pos.
  destruct (Rle_dec q4 1); nra.
Qed.

Lemma far_case : 0 < norm_w -> q <= norm_w -> the_gap <= sqrt 2 * (b + r) * eps + r * b * q.
Proof.
  intros P L. eapply Rle_trans; [apply far_product, P|].
  assert (B := b_pos). assert (R0 := r_pos). assert (S2 := sqrt_pos 2).
  assert (E2 : sqrt 2 * sqrt 2 = 2) by (apply sqrt_sqrt; lra).
  assert (I : 0 < / norm_w) by (apply Rinv_0_lt_compat, P).
  assert (H : sqrt (2 * (b * b) + r * r * (2 + b * b / (norm_w * norm_w)))
    <= sqrt 2 * (b + r) + r * b * / norm_w).
  { assert (0 <= r * b * / norm_w) by (apply Rmult_le_pos; [nra|lra]).
    assert (0 <= sqrt 2 * (b + r)) by nra.
    apply sqrt_below; [lra|].
    replace (b * b / (norm_w * norm_w)) with (b * / norm_w * (b * / norm_w)) by (field; lra).
    set (a := r * b * / norm_w) in *.
    replace (r * r * (2 + b * / norm_w * (b * / norm_w))) with (2 * (r * r) + a * a)
      by (unfold a; ring).
    replace ((sqrt 2 * (b + r) + a) * (sqrt 2 * (b + r) + a))
      with (sqrt 2 * sqrt 2 * ((b + r) * (b + r)) + 2 * a * (sqrt 2 * (b + r)) + a * a) by ring.
    rewrite E2. nra. }
  assert (Z : eps * / norm_w <= q).
  { rewrite <- q_square. assert (Q : 0 <= q) by apply sqrt_pos.
    apply Rmult_le_reg_r with norm_w; [exact P|]. rewrite Rmult_assoc, Rinv_l by lra. nra. }
  assert (eps * sqrt (2 * (b * b) + r * r * (2 + b * b / (norm_w * norm_w)))
    <= eps * (sqrt 2 * (b + r) + r * b * / norm_w)) by (apply Rmult_le_compat_l; assumption).
  assert (r * b * (eps * / norm_w) <= r * b * q) by (apply Rmult_le_compat_l; nra).
  lra.
Qed.

Lemma near_case : norm_w <= q ->
  the_gap <= (mu0 + r * mu1) * q + r * eps + r * b * (sqrt (2 * mu1 * (sqrt mu2 + mu2)) * q4).
Proof.
  intro L. assert (H := near_zero q L). assert (S := s_pos q L).
  set (s := Rmin (sqrt (mu2 * eps) + mu2 * q) mu1) in *.
  assert (B := b_pos). assert (R0 := r_pos). assert (Q : 0 <= q) by apply sqrt_pos.
  assert (S1 : s <= mu1) by apply Rmin_r.
  assert (S2 : s <= (sqrt mu2 + mu2) * q).
  { eapply Rle_trans; [apply Rmin_l|]. rewrite sqrt_mult by assumption. fold q. right; ring. }
  assert (M := sqrt_pos mu2).
  assert (T : sqrt (mu1 * s + s * s) <= sqrt (2 * mu1 * (sqrt mu2 + mu2)) * q4).
  { unfold q4. rewrite <- sqrt_mult; [|nra|exact Q]. apply sqrt_mono.
    assert (s * s <= mu1 * s) by nra. assert (mu1 * s <= mu1 * ((sqrt mu2 + mu2) * q)) by nra. nra. }
  assert (r * b * sqrt (mu1 * s + s * s) <= r * b * (sqrt (2 * mu1 * (sqrt mu2 + mu2)) * q4))
    by (apply Rmult_le_compat_l; nra).
  lra.
Qed.

(* (eps + eps^(1/4)) K >= F(w, V, theta) - F_lin(w_star) *)
Theorem theorem3 : (eps + sqrt (sqrt eps)) * K >= the_gap.
Proof.
  apply Rle_ge. fold q. fold q4.
  assert (B := b_pos). assert (R0 := r_pos). assert (Q := q_between).
  assert (P4 : 0 <= q4) by apply sqrt_pos. assert (S2 := sqrt_pos 2).
  assert (k := sqrt_pos (2 * mu1 * (sqrt mu2 + mu2))).
  set (kappa := sqrt (2 * mu1 * (sqrt mu2 + mu2))) in *. unfold K. fold kappa.
  assert (RB : 0 <= r * b) by nra. assert (RM : 0 <= mu0 + r * mu1) by nra.
  assert (A1 : 0 <= sqrt 2 * (b + r)) by nra. assert (A2 : 0 <= r * b * kappa) by nra.
  assert (N : 0 <= norm_w) by apply sqrt_pos.
  assert (C : the_gap <= sqrt 2 * (b + r) * eps + r * b * q \/
    the_gap <= (mu0 + r * mu1) * q + r * eps + r * b * (kappa * q4)).
  { destruct (Rle_dec norm_w q) as [L|L]; [right; apply near_case, L|left].
    assert (0 <= q) by apply sqrt_pos. apply far_case; lra. }
  assert (E1 : 0 <= eps + q4) by lra.
  assert (T1 : sqrt 2 * (b + r) * eps <= sqrt 2 * (b + r) * (eps + q4)) by (apply Rmult_le_compat_l; lra).
  assert (T2 : r * b * q <= r * b * (eps + q4)) by (apply Rmult_le_compat_l; lra).
  assert (T3 : (mu0 + r * mu1) * q <= (mu0 + r * mu1) * (eps + q4)) by (apply Rmult_le_compat_l; lra).
  assert (T4 : r * eps <= r * (eps + q4)) by (apply Rmult_le_compat_l; lra).
  assert (T5 : r * b * kappa * q4 <= r * b * kappa * (eps + q4)) by (apply Rmult_le_compat_l; lra).
  assert (Z1 : 0 <= sqrt 2 * (b + r) * (eps + q4)) by (apply Rmult_le_pos; assumption).
  assert (Z2 : 0 <= r * b * (eps + q4)) by (apply Rmult_le_pos; assumption).
  assert (Z3 : 0 <= (mu0 + r * mu1) * (eps + q4)) by (apply Rmult_le_pos; assumption).
  assert (Z4 : 0 <= r * (eps + q4)) by (apply Rmult_le_pos; assumption).
  assert (Z5 : 0 <= r * b * kappa * (eps + q4)) by (apply Rmult_le_pos; assumption).
  destruct C; lra.
Qed.
End Theorem3.
