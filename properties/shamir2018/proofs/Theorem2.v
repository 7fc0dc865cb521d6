(* Shamir (2018), Theorem 2: the points (0, V), for all n, d, m, all weights >= 0 and all convex
   losses, and the least eigenvalue of the Hessian there. *)
Require Import Reals Lra Psatz.
From properties.proofs Require Import Sums.
From properties.shamir2018.proofs Require Import Setting.
Open Scope R_scope.

Definition zero : vec := fun _ => 0.                  (* w = 0, where every prediction is 0 *)

Section Theorem2.
Variables n d m : nat.
Variables (om : vec) (x f : mat) (ws : vec) (V : mat).
Variables lp lt g c : vec.                            (* l(0), l(t_i), l'(0), l''(0) *)
Hypothesis weights : forall i, 0 <= om i.
Hypothesis convex : tangent lp lt g zero (linear d x ws).
Hypothesis curvatures : forall i, 0 <= c i.

Let gradw := grad_w n m om x f g V.
Let gap := gap n om lp lt.
Let b := b_vector n om f g.
Let rho2 := sq m b.                                   (* ||b||^2 *)
Let block := block n d m om x f c V.
Let hess := hess n d m om x f g c zero V.
(* ||(xi, Xi)||^2 *)
Let size xi Xi := sq d xi + sqF d m Xi.

(* -- the gap --------------------------------------------------------------------------------- *)
(* F - F_lin <= -<w_star, dF/dw> + <V^T w_star, b> *)
Lemma gap_below : gap <= dot d (fun j => - ws j) gradw + dot m (times_left d ws V) b.
Proof.
  assert (H := mean_tangent n om lp lt g zero (linear d x ws) weights convex).
  eapply Rle_trans; [exact H|]. right.
  unfold gradw, b. rewrite dot_grad_w, dot_b, <- sum_plus. apply sum_ext; intro i.
  rewrite <- Rmult_plus_distr_l. f_equal. unfold zero, linear.
  rewrite (dot_ext d (fun j => - ws j) (hidden m x f V i) (fun j => (-1) * ws j) (hidden m x f V i))
    by (intro; ring).
  rewrite dot_scal_l, dot_hidden. ring.
Qed.

Lemma gap_core :
  gap <= sqrt (sq d ws) * sqrt (sq d gradw) + sqrt (sq m (times_left d ws V)) * sqrt rho2.
Proof.
  assert (C1 := cauchy_schwarz d (fun j => - ws j) gradw).
  assert (C2 := cauchy_schwarz m (times_left d ws V) b).
  rewrite (dot_ext d (fun j => - ws j) (fun j => - ws j) (fun j => (-1) * ws j) (fun j => (-1) * ws j))
    in C1 by (intro; ring).
  rewrite dot_scal_l, dot_scal_r in C1. replace (-1 * (-1 * sq d ws)) with (sq d ws) in C1 by ring.
  assert (H := gap_below). fold rho2 in C2. lra.
Qed.

(* -- the Hessian ----------------------------------------------------------------------------- *)
(* At w = 0 only the block in w and the products of xi and Xi are left. *)
Lemma hess_is xi Xi :
  hess xi Xi = block xi + 2 * dot d xi (fun j => dot m (Xi j) b).
Proof.
  unfold hess, Setting.hess, block, Setting.block. f_equal.
  - apply sum_ext; intro i. unfold along, zero. rewrite dot_zero_l. ring.
  - f_equal. rewrite dot_matrix. unfold b. rewrite dot_b. apply sum_ext; intro i.
    rewrite dot_matrix. reflexivity.
Qed.

Lemma block_pos xi : 0 <= block xi.
Proof.
  apply sum_pos; intro i. apply Rmult_le_pos; [|apply sq_pos].
  apply Rmult_le_pos; [apply weights|apply curvatures].
Qed.

Lemma block_scal s xi : block (fun j => s * xi j) = s * s * block xi.
Proof.
  unfold block, Setting.block. rewrite <- sum_scal. apply sum_ext; intro i.
  rewrite dot_scal_l. ring.
Qed.

(* Along (sigma e, tau e b^T) for a unit vector e. *)
Lemma hess_along e sigma tau : sq d e = 1 ->
  hess (fun j => sigma * e j) (fun j k => tau * e j * b k)
    = sigma * sigma * block e + 2 * (sigma * tau * rho2).
Proof.
  intro U. rewrite hess_is, block_scal. f_equal. f_equal.
  rewrite (dot_ext d _ (fun j => dot m (fun k => tau * e j * b k) b) (fun j => sigma * e j)
    (fun j => tau * rho2 * e j)).
  - rewrite dot_scal_l, dot_scal_r, U. ring.
  - reflexivity.
  - intro j. rewrite dot_scal_l. unfold rho2. ring.
Qed.
Lemma size_along e sigma tau : sq d e = 1 ->
  size (fun j => sigma * e j) (fun j k => tau * e j * b k) = sigma * sigma + tau * tau * rho2.
Proof.
  intro U. unfold size. rewrite dot_scal_l, dot_scal_r, U.
  rewrite (frob_outer d m (fun j => tau * e j) b (fun j => tau * e j) b).
  rewrite dot_scal_l, dot_scal_r, U. unfold rho2. ring.
Qed.

(* lam bounds the Hessian from below, as lambda_min does. *)
Definition bounds_hessian (lam : R) := forall xi Xi, hess xi Xi >= lam * size xi Xi.

(* -- the theorem ----------------------------------------------------------------------------- *)
Variable lam : R.
Hypothesis lam_is_below : bounds_hessian lam.

(* First part: lambda_min <= 0, since the Hessian is 0 along (0, Xi). *)
Theorem theorem2_eigenvalue e q : sq d e = 1 -> sq m q = 1 -> lam <= 0.
Proof.
  intros U U'. assert (H := lam_is_below zero (fun j k => e j * q k)).
  rewrite hess_is in H. unfold size in H. rewrite frob_outer, U, U' in H.
  unfold zero in H. rewrite !dot_zero_l in H.
  replace (block (fun _ => 0)) with 0 in H; [lra|].
  symmetry. apply sum_is_zero; intro i. rewrite dot_zero_l. ring.
Qed.

Variables (e : vec) (alpha : R).
Hypothesis e_unit : sq d e = 1.
Hypothesis alpha_is_above : block e <= alpha.         (* e the eigenvector to lambda_min(d2F/dw2) *)

(* ||b||^2 <= |lam| alpha + lam^2 *)
Lemma rho_bound : lam <= 0 -> rho2 <= - lam * alpha + lam * lam.
Proof.
  intro L.
  assert (K : forall sigma tau, 0 <=
    (alpha - lam) * (sigma * sigma) + 2 * rho2 * sigma * tau - lam * rho2 * (tau * tau)).
  { intros sigma tau. assert (H := lam_is_below (fun j => sigma * e j) (fun j k => tau * e j * b k)).
    rewrite hess_along, size_along in H by exact e_unit.
    assert (S := sq_pos sigma). nra. }
  assert (A : 0 <= alpha - lam). { assert (H := K 1 0). lra. }
  assert (D : rho2 * rho2 <= (alpha - lam) * (- lam * rho2)).
  { apply discriminant; [exact A|]. intro s. assert (H := K s 1). lra. }
  assert (P : 0 <= rho2) by apply dot_pos.
  destruct P as [P|P]; [|rewrite <- P; nra].
  apply Rmult_le_reg_r with rho2; [exact P|]. nra.
Qed.

(* Sharp form: ||w_star|| ||grad F|| + ||V^T w_star|| sqrt(|lam| alpha + lam^2) >= F - F_lin *)
Theorem theorem2_sharp : lam <= 0 ->
  sqrt (sq d ws) * sqrt (sq d gradw)
    + sqrt (sq m (times_left d ws V)) * sqrt (Rabs lam * alpha + lam * lam) >= gap.
Proof.
  intro L. rewrite Rabs_left1 by exact L.
  assert (H := gap_core). assert (M := sqrt_mono _ _ (rho_bound L)).
  assert (P := sqrt_pos (sq m (times_left d ws V))). nra.
Qed.

Variable s : R.                                       (* ||V|| or more *)
Hypothesis s_bounds_V : spectral_bound d m V s.

Theorem theorem2_product : lam <= 0 ->
  sqrt (sq d ws) * (sqrt (sq d gradw) + s * sqrt (Rabs lam * alpha + lam * lam)) >= gap.
Proof.
  intro L. assert (H := theorem2_sharp L).
  assert (M := spectral_bound_sqrt d m V s ws s_bounds_V).
  assert (P := sqrt_pos (Rabs lam * alpha + lam * lam)). nra.
Qed.
End Theorem2.

(* As printed, for d, m >= 1: N is ||d2F/dw2||, lam is lambda_min(grad^2 F). *)
Theorem theorem2 : forall n d m om x f ws V lp lt g c lam N s,
  (forall i, 0 <= om i) -> (forall i, 0 <= c i) ->
  tangent lp lt g zero (linear (S d) x ws) ->
  bounds_hessian n (S d) (S m) om x f V g c lam ->
  (forall xi, block n (S d) (S m) om x f c V xi <= N * sq (S d) xi) ->
  spectral_bound (S d) (S m) V s ->
  lam <= 0 /\
  sqrt (sq (S d) ws) * (sqrt (grad2 n (S d) (S m) om x f g zero V)
    + s * sqrt (Rabs lam * N + lam * lam)) >= gap n om lp lt.
Proof.
  intros n d m om x f ws V lp lt g c lam N s weights curvatures convex below above bounds.
  assert (U : sq (S d) e0 = 1) by apply dot_e0.
  assert (U' : sq (S m) e0 = 1) by apply dot_e0.
  assert (L := theorem2_eigenvalue _ _ _ _ _ _ _ _ _ _ below e0 e0 U U').
  split; [exact L|].
  assert (A : block n (S d) (S m) om x f c V e0 <= N) by (rewrite <- (Rmult_1_r N), <- U; apply above).
  assert (H := theorem2_product n (S d) (S m) om x f ws V lp lt g c weights convex
    lam below e0 N U A s bounds L).
  assert (M := sqrt_mono _ _ (grad_w_below n (S d) (S m) om x f g zero V)).
  assert (P := sqrt_pos (sq (S d) ws)). nra.
Qed.

(* -- the least eigenvalue in closed form ----------------------------------------------------- *)
(* With alpha = lambda_min(d2F/dw2), attained at e, and rho = ||b||, it is (alpha - sqrt(alpha^2 +
   4 rho^2)) / 2: this bounds the Hessian, and is attained. *)
Section Spectrum.
Variables n d m : nat.
Variables (om : vec) (x f : mat) (V : mat) (g c : vec).
Variables (e : vec) (alpha lam : R).
Let block := block n d m om x f c V.
Let b := b_vector n om f g.
Hypothesis e_unit : sq d e = 1.
Hypothesis attained : block e = alpha.
Hypothesis least : forall xi, block xi >= alpha * sq d xi.
Hypothesis alpha_pos : 0 <= alpha.
Hypothesis lam_neg : lam <= 0.
Hypothesis root : lam * lam - alpha * lam = sq m b.   (* lam is the negative root *)

(* <xi, Xi b> >= - ||xi|| ||b|| ||Xi||_F, squared *)
Lemma mixed_bound xi Xi :
  let q := dot d xi (fun j => dot m (Xi j) b) in q * q <= sq d xi * (sq m b * sqF d m Xi).
Proof.
  intro q.
  assert (C1 : q * q <= sq d xi * sq d (fun j => dot m (Xi j) b)) by (apply form_square, form_dot).
  assert (C2 : sq d (fun j => dot m (Xi j) b) <= sq m b * sqF d m Xi).
  { unfold dot at 1, frob. rewrite <- sum_scal. apply sum_le; intro j.
    assert (H := form_square _ _ _ (form_dot m (Xi j) b)). lra. }
  assert (P := dot_pos d xi). nra.
Qed.

Theorem least_eigenvalue_is_below : bounds_hessian n d m om x f V g c lam.
Proof.
  intros xi Xi. rewrite hess_is. assert (H := least xi). fold block b.
  set (q := dot d xi (fun j => dot m (Xi j) b)).
  assert (Q : q * q <= sq d xi * (sq m b * sqF d m Xi)) by apply mixed_bound.
  assert (P := dot_pos d xi). assert (R := frob_pos d m Xi).
  set (a := sq d xi) in *. set (r := sqF d m Xi) in *.
  (* 2 |q| <= 2 sqrt(a rho^2 r) <= (alpha - lam) a - lam r *)
  assert (T : - (2 * q) <= (alpha - lam) * a + - lam * r).
  { apply Rsqr_incr_0_var; [|nra]. unfold Rsqr.
    assert (Z := sq_pos ((alpha - lam) * a - - lam * r)).
    assert (4 * (q * q) <= 4 * ((alpha - lam) * a * (- lam * r))) by (rewrite <- root in Q; nra).
    nra. }
  lra.
Qed.

Theorem least_eigenvalue_is_attained : lam < 0 -> exists xi Xi,
  0 < sq d xi + sqF d m Xi /\
  hess n d m om x f g c zero V xi Xi = lam * (sq d xi + sqF d m Xi).
Proof.
  intro L. exists (fun j => - lam * e j), (fun j k => -1 * e j * b k).
  unfold b. rewrite (hess_along n d m om x f V g c e (- lam) (-1) e_unit).
  assert (Z := size_along n d m om f g e (- lam) (-1) e_unit).
  cbv zeta beta in Z. rewrite Z.
  unfold block, b in *. rewrite attained. assert (P := dot_pos m (b_vector n om f g)).
  split; [nra|]. rewrite <- root. ring.
Qed.
End Spectrum.

(* The same without cancellation; both quotients are 0 where alpha = rho = 0. *)
Lemma closed_form alpha rho : 0 <= alpha ->
  2 * (rho * rho) / (alpha + sqrt (alpha * alpha + 4 * (rho * rho)))
    = (sqrt (alpha * alpha + 4 * (rho * rho)) - alpha) / 2.
Proof.
  intro A. assert (P := sq_pos rho). assert (P' := sq_pos alpha).
  assert (E : sqrt (alpha * alpha + 4 * (rho * rho)) * sqrt (alpha * alpha + 4 * (rho * rho))
    = alpha * alpha + 4 * (rho * rho)) by (apply sqrt_sqrt; lra).
  assert (N := sqrt_pos (alpha * alpha + 4 * (rho * rho))).
  set (r := sqrt (alpha * alpha + 4 * (rho * rho))) in *.
  destruct (Req_dec (alpha + r) 0) as [Z|Z].
  - assert (r = 0) by lra. assert (alpha = 0) by lra. assert (rho * rho = 0) by (subst; nra).
    rewrite Z, H, H0, H1. unfold Rdiv. ring.
  - apply Rmult_eq_reg_r with (2 * (alpha + r)); [|lra].
    replace (2 * (rho * rho) / (alpha + r) * (2 * (alpha + r))) with (4 * (rho * rho)) by (field; exact Z).
    replace ((r - alpha) / 2 * (2 * (alpha + r))) with (r * r - alpha * alpha) by field. lra.
Qed.

(* Where alpha = lambda_min(d2F/dw2) >= 0 and rho = ||b||, this lam is the negative root. *)
Lemma closed_form_root alpha rho lam : 0 <= alpha ->
  lam = - ((sqrt (alpha * alpha + 4 * (rho * rho)) - alpha) / 2) ->
  lam <= 0 /\ lam * lam - alpha * lam = rho * rho.
Proof.
  intros A L. assert (P := sq_pos rho). assert (P' := sq_pos alpha).
  assert (E : sqrt (alpha * alpha + 4 * (rho * rho)) * sqrt (alpha * alpha + 4 * (rho * rho))
    = alpha * alpha + 4 * (rho * rho)) by (apply sqrt_sqrt; lra).
  assert (N := sqrt_pos (alpha * alpha + 4 * (rho * rho))).
  set (r := sqrt (alpha * alpha + 4 * (rho * rho))) in *.
  assert (alpha <= r) by nra. subst lam. split; nra.
Qed.
