(* Shamir (2018), Theorem 4: what is deterministic of it. Projected descent on (w, v) in R^d x R^m
   for the predictions w^T x_t + v^T f_t, while theta, and with it f_t, moves in any way. *)
Require Import Reals Lra Psatz.
From properties.proofs Require Import Sums.
Open Scope R_scope.

Section Path.
Variables d m : nat.
Variables x f : nat -> vec.                           (* x_t and f_theta_t(x_t) *)
Variables w v : nat -> vec.                           (* the iterates z_t = (w_t, v_t) *)
Variable ws : vec.                                    (* u = (w_star, 0) *)
Variables lp lt g : vec.                              (* l(p_t), l(w_star^T x_t), l'(p_t) *)
Variable eta : R.
Hypothesis eta_pos : 0 < eta.

Definition prediction t := dot d (w t) (x t) + dot m (v t) (f t).
Hypothesis convex : forall t, lt t >= lp t + g t * (dot d ws (x t) - prediction t).

(* grad h_t(z_t) = l'(p_t) (x_t, f_t) *)
Definition gradient2 t := g t * g t * (sq d (x t) + sq m (f t)).
(* ||(w, v) - (w_star, 0)||^2 *)
Definition distance2 (a b : vec) := sq d (fun j => a j - ws j) + sq m b.

(* z_{t+1} is the projection of z_t - eta g_t onto a convex set that contains (w_star, 0), after
   which it is not farther from (w_star, 0); rho_t is what a computed step may be off by. *)
Variable rho : vec.
Hypothesis projected : forall t, distance2 (w (S t)) (v (S t))
  <= distance2 (fun j => w t j - eta * (g t * x t j)) (fun k => v t k - eta * (g t * f t k)) + rho t.

Lemma expanded t :
  distance2 (fun j => w t j - eta * (g t * x t j)) (fun k => v t k - eta * (g t * f t k))
  = distance2 (w t) (v t) - 2 * eta * (g t * (prediction t - dot d ws (x t)))
    + eta * eta * gradient2 t.
Proof.
  unfold distance2, prediction, gradient2, dot.
  rewrite (sum_ext d (fun i => (w t i - eta * (g t * x t i) - ws i) * _)
    (fun i => (w t i - ws i) * (w t i - ws i) + (- (2 * eta * g t)) * (w t i * x t i)
      + (2 * eta * g t) * (ws i * x t i) + (eta * eta * (g t * g t)) * (x t i * x t i)))
    by (intro; ring).
  rewrite (sum_ext m (fun i => (v t i - eta * (g t * f t i)) * _)
    (fun i => v t i * v t i + (- (2 * eta * g t)) * (v t i * f t i)
      + (eta * eta * (g t * g t)) * (f t i * f t i))) by (intro; ring).
  rewrite !sum_plus, !sum_scal. ring.
Qed.

Lemma distance_pos a b : 0 <= distance2 a b.
Proof. apply Rplus_le_le_0_compat; apply dot_pos. Qed.

Lemma descent T : 2 * eta * sum T (fun t => lp t - lt t) + distance2 (w T) (v T)
  <= distance2 (w O) (v O) + eta * eta * sum T gradient2 + sum T rho.
Proof.
  induction T; [simpl; lra|]. simpl sum.
  assert (P := projected T). rewrite expanded in P. assert (C := convex T).
  assert (eta * (lp T - lt T) <= eta * (g T * (prediction T - dot d ws (x T))))
    by (apply Rmult_le_compat_l; lra).
  lra.
Qed.

(* ((||z_1 - u||^2 + sum rho) / eta + eta sum ||grad h_t||^2) / 2 >= sum h_t(z_t) - h_t(u) *)
Theorem run_regret T : ((distance2 (w O) (v O) + sum T rho) / eta + eta * sum T gradient2) / 2
  >= sum T (fun t => lp t - lt t).
Proof.
  assert (H := descent T). assert (P := distance_pos (w T) (v T)).
  apply Rle_ge, Rmult_le_reg_l with (2 * eta); [lra|].
  replace (2 * eta * (((distance2 (w O) (v O) + sum T rho) / eta + eta * sum T gradient2) / 2))
    with (distance2 (w O) (v O) + sum T rho + eta * eta * sum T gradient2) by (field; lra). lra.
Qed.
End Path.

Section Exact.
Variables d m : nat.
Variables (x f w v : nat -> vec) (ws lp lt g : vec) (eta : R).
Hypothesis eta_pos : 0 < eta.
Hypothesis convex : forall t, lt t >= lp t + g t * (dot d ws (x t) - prediction d m x f w v t).
Hypothesis projected : forall t, distance2 d m ws (w (S t)) (v (S t))
  <= distance2 d m ws (fun j => w t j - eta * (g t * x t j)) (fun k => v t k - eta * (g t * f t k)).

Theorem theorem4_regret T :
  (distance2 d m ws (w O) (v O) / eta + eta * sum T (gradient2 d m x f g)) / 2
  >= sum T (fun t => lp t - lt t).
Proof.
  assert (H := run_regret d m x f w v ws lp lt g eta eta_pos convex (fun _ => 0)).
  assert (P : forall t, distance2 d m ws (w (S t)) (v (S t)) <= distance2 d m ws
    (fun j => w t j - eta * (g t * x t j)) (fun k => v t k - eta * (g t * f t k)) + 0)
    by (intro t; assert (Q := projected t); lra).
  specialize (H P T). rewrite sum_zero, Rplus_0_r in H. exact H.
Qed.

(* With eta = c b / (L sqrt T), all z_t and u in the ball of radius b, and ||grad h_t|| <= L. *)
Variables (b L c : R) (T : nat).
Hypothesis some_steps : (0 < T)%nat.
Hypothesis b_pos : 0 < b.
Hypothesis L_pos : 0 < L.
Hypothesis c_pos : 0 < c.
Hypothesis step : eta = c * b / (L * sqrt (INR T)).
Hypothesis start : sq d (w O) + sq m (v O) <= b * b.
Hypothesis comparator : sq d ws <= b * b.
Hypothesis lipschitz : forall t, gradient2 d m x f g t <= L * L.

Lemma diameter : distance2 d m ws (w O) (v O) <= 4 * (b * b).
Proof.
  unfold distance2.
  assert (E : sq d (fun j => w O j - ws j) <= 2 * sq d (w O) + 2 * sq d ws).
  { unfold dot. rewrite <- !sum_scal, <- sum_plus. apply sum_le; intro j.
    assert (H := sq_pos (w O j + ws j)). lra. }
  assert (P := dot_pos m (v O)). lra.
Qed.

Theorem theorem4_path :
  (2 / c + 1 / 2 * c) * b * L * sqrt (INR T) >= sum T (fun t => lp t - lt t).
Proof.
  assert (H := theorem4_regret T).
  assert (N : 0 < INR T) by (apply lt_0_INR, some_steps).
  assert (Q := sqrt_lt_R0 _ N). assert (E : sqrt (INR T) * sqrt (INR T) = INR T) by (apply sqrt_sqrt; lra).
  set (q := sqrt (INR T)) in *.
  assert (G : sum T (gradient2 d m x f g) <= q * q * (L * L)).
  { rewrite E, <- sum_const. apply sum_le. exact lipschitz. }
  assert (D := diameter).
  assert (P1 : distance2 d m ws (w O) (v O) / eta <= 4 * (b * b) / eta).
  { apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, eta_pos|exact D]. }
  assert (P2 : eta * sum T (gradient2 d m x f g) <= eta * (q * q * (L * L)))
    by (apply Rmult_le_compat_l; lra).
  replace (4 * (b * b) / eta) with (4 / c * b * L * q) in P1 by (rewrite step; field; lra).
  replace (eta * (q * q * (L * L))) with (c * b * L * q) in P2 by (rewrite step; field; lra).
  replace ((2 / c + 1 / 2 * c) * b * L * q) with ((4 / c * b * L * q + c * b * L * q) / 2)
    by (field; lra). lra.
Qed.
End Exact.

(* The interval of the noise: hz_i = h_i(z), hu_i = h_i(u) for a loss in [0, r], L-Lipschitz, and z,
   u in the ball of radius b. *)
Theorem theorem4_range : forall (n : nat) (z u : vec) (hz hu : vec) (r b L : R),
  0 <= b -> 0 <= L -> sq n z <= b * b -> sq n u <= b * b ->
  (forall i, 0 <= hz i <= r) -> (forall i, 0 <= hu i <= r) ->
  (forall i, Rabs (hz i - hu i) <= L * sqrt (sq n (fun k => z k - u k))) ->
  forall i j, Rmin (2 * r) (4 * b * L) >= (hz i - hu i) - (hz j - hu j).
Proof.
  intros n z u hz hu r b L B0 L0 Z U Hz Hu lip i j.
  assert (D : sqrt (sq n (fun k => z k - u k)) <= 2 * b).
  { apply sqrt_below; [lra|].
    assert (E : sq n (fun k => z k - u k) <= 2 * sq n z + 2 * sq n u).
    { unfold dot. rewrite <- !sum_scal, <- sum_plus. apply sum_le; intro k.
      assert (H := sq_pos (z k + u k)). lra. } lra. }
  assert (M : L * sqrt (sq n (fun k => z k - u k)) <= L * (2 * b)) by (apply Rmult_le_compat_l; assumption).
  assert (Ai := lip i). assert (Aj := lip j).
  assert (Bi := Rle_abs (hz i - hu i)). assert (Bj := Rle_abs (- (hz j - hu j))).
  rewrite Rabs_Ropp in Bj.
  specialize (Hz i) as Zi. specialize (Hz j) as Zj. specialize (Hu i) as Ui. specialize (Hu j) as Uj.
  apply Rle_ge, Rmin_glb; lra.
Qed.
