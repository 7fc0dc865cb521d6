(* Shamir (2018), Corollary 1: no local minimum (w, V) of F_theta is worse than linear, for all
   n, d, m, all weights >= 0 and all convex differentiable losses.

   Local minimality is stated as it is, and no second derivative is needed: at w = 0 the value of F
   does not depend on V, so that the gradient vanishes at neighbours of V, too. *)
Require Import Reals Lra Psatz.
From properties.proofs Require Import Sums.
From properties.shamir2018.proofs Require Import Setting.
Open Scope R_scope.

(* -- a minimum of a function of one number --------------------------------------------------- *)
Lemma slope_at_minimum phi L delta : 0 < delta ->
  derivable_pt_lim phi 0 L -> (forall s, Rabs s < delta -> phi 0 <= phi s) -> L = 0.
Proof.
  intros D H M. destruct (Req_dec L 0) as [E|N]; [exact E|exfalso].
  destruct (H (Rabs L / 2)) as [r Hr]. { assert (P := Rabs_pos_lt L N). lra. }
  set (a := Rmin (r / 2) (delta / 2)). assert (R0 := cond_pos r).
  assert (A0 : 0 < a) by (apply Rmin_glb_lt; lra).
  assert (A1 : a <= r / 2) by apply Rmin_l. assert (A2 : a <= delta / 2) by apply Rmin_r.
  (* go a step of length a downhill *)
  assert (K : forall s, Rabs s = a -> 0 <= (phi s - phi 0) /\ s <> 0 /\
    Rabs ((phi s - phi 0) / s - L) < Rabs L / 2).
  { intros s E. assert (S : s <> 0). { intro Z. rewrite Z, Rabs_R0 in E. lra. }
    assert (Q := M s). split; [rewrite E in Q; lra|]. split; [exact S|].
    assert (T := Hr s S). rewrite Rplus_0_l in T. apply T. rewrite E. lra. }
  destruct (Rtotal_order L 0) as [C|[C|C]]; [|contradiction|].
  - destruct (K a) as (P & S & T); [apply Rabs_right; lra|].
    assert (0 <= (phi a - phi 0) / a) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
    rewrite (Rabs_left L) in T by exact C. rewrite Rabs_right in T by lra. lra.
  - destruct (K (- a)) as (P & S & T); [rewrite Rabs_Ropp; apply Rabs_right; lra|].
    assert (0 <= (phi (- a) - phi 0) / a)
      by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
    replace ((phi (- a) - phi 0) / - a) with (- ((phi (- a) - phi 0) / a)) in T by (field; lra).
    rewrite (Rabs_right L) in T by lra. rewrite Rabs_left in T by lra. lra.
Qed.

(* The risk along a line on which every prediction moves from p_i at the rate q_i. *)
Lemma slope_of_risk n (om : vec) (l dl : nat -> R -> R) (p q : vec) :
  (forall i y, derivable_pt_lim (l i) y (dl i y)) ->
  derivable_pt_lim (fun s => sum n (fun i => om i * l i (p i + s * q i))) 0
    (sum n (fun i => om i * dl i (p i) * q i)).
Proof.
  intro H. induction n; [apply derivable_pt_lim_const|].
  apply (derivable_pt_lim_plus (fun s => sum n (fun i => om i * l i (p i + s * q i)))
    (fun s => om n * l n (p n + s * q n))); [exact IHn|].
  replace (om n * dl n (p n) * q n) with (om n * (dl n (p n + 0 * q n) * q n))
    by (rewrite Rmult_0_l, Rplus_0_r; ring).
  apply (derivable_pt_lim_scal (fun s => l n (p n + s * q n))).
  apply (derivable_pt_lim_comp (fun s => p n + s * q n) (l n)); [|apply H].
  intros eps He. exists (mkposreal 1 Rlt_0_1). intros h Hh _.
  replace ((p n + (0 + h) * q n - (p n + 0 * q n)) / h - q n) with 0 by (field; exact Hh).
  rewrite Rabs_R0. exact He.
Qed.

Section Corollary1.
Variables n d m : nat.
Variables (om : vec) (x f : mat).
Variables l dl : nat -> R -> R.                       (* the losses and their derivatives *)
Hypothesis weights : forall i, 0 <= om i.
Hypothesis differentiable : forall i p, derivable_pt_lim (l i) p (dl i p).
Hypothesis convex : forall i p q, l i q >= l i p + dl i p * (q - p).

Definition F w V := sum n (fun i => om i * l i (prediction d m x f w V i)).
Definition F_lin ws := sum n (fun i => om i * l i (linear d x ws i)).
Definition local_minimum w V := exists r, 0 < r /\ forall w' V',
  sq d (fun j => w' j - w j) + sqF d m (fun j k => V' j k - V j k) < r -> F w V <= F w' V'.

Lemma F_ext w V w' V' :
  (forall i, prediction d m x f w V i = prediction d m x f w' V' i) -> F w V = F w' V'.
Proof. intro E. apply sum_ext; intro i. rewrite E. reflexivity. Qed.

(* If F(w, V) <= F along a line, and the predictions p_i move at the rates q_i, then E[l' q] = 0. *)
Lemma stationary w V q (line : R -> vec * mat) r : 0 < r ->
  (forall s i, prediction d m x f (fst (line s)) (snd (line s)) i
     = prediction d m x f w V i + s * q i) ->
  (forall s, Rabs s < r -> F w V <= F (fst (line s)) (snd (line s))) ->
  sum n (fun i => om i * dl i (prediction d m x f w V i) * q i) = 0.
Proof.
  intros P E M. eapply slope_at_minimum; [exact P|apply slope_of_risk; exact differentiable|].
  intros s S. cbv beta. assert (H := M s S).
  rewrite (sum_ext n (fun i => om i * l i (prediction d m x f w V i + 0 * q i))
    (fun i => om i * l i (prediction d m x f w V i)))
    by (intro; rewrite Rmult_0_l, Rplus_0_r; reflexivity).
  rewrite (sum_ext n (fun i => om i * l i (prediction d m x f w V i + s * q i))
    (fun i => om i * l i (prediction d m x f (fst (line s)) (snd (line s)) i)))
    by (intro; rewrite E; reflexivity).
  exact H.
Qed.

(* A step s with s^2 a < r. *)
Lemma short a r : 0 <= a -> 0 < r -> exists t, 0 < t /\ forall s, Rabs s < t -> s * s * a < r.
Proof.
  intros A R0. exists (Rmin 1 (r / (a + 1))). split.
  - apply Rmin_glb_lt; [lra|]. apply Rdiv_lt_0_compat; lra.
  - intros s S. assert (S1 : Rabs s < 1) by (eapply Rlt_le_trans; [exact S|apply Rmin_l]).
    assert (S2 : Rabs s < r / (a + 1)) by (eapply Rlt_le_trans; [exact S|apply Rmin_r]).
    assert (Q : s * s = Rabs s * Rabs s) by (rewrite <- Rabs_mult, Rabs_right; [ring|apply Rle_ge, sq_pos]).
    assert (P := Rabs_pos s). rewrite Q.
    assert (Rabs s * (a + 1) < r).
    { apply Rmult_lt_reg_r with (/ (a + 1)); [apply Rinv_0_lt_compat; lra|].
      rewrite Rmult_assoc, Rinv_r by lra. unfold Rdiv in S2. lra. }
    assert (Rabs s * (Rabs s * a) <= 1 * (Rabs s * a))
      by (apply Rmult_le_compat_r; [apply Rmult_le_pos; assumption|lra]).
    lra.
Qed.

Lemma move_w w V xi s i :
  prediction d m x f (fun j => w j + s * xi j) V i
    = prediction d m x f w V i + s * dot d xi (hidden m x f V i).
Proof. unfold prediction. rewrite (dot_plus_l d w (fun j => s * xi j)), dot_scal_l. reflexivity. Qed.

Lemma hidden_move V Xi s i j :
  hidden m x f (fun j k => V j k + s * Xi j k) i j = hidden m x f V i j + s * dot m (Xi j) (f i).
Proof.
  unfold hidden. rewrite (dot_plus_l m (V j) (fun k => s * Xi j k)), (dot_scal_l m s (Xi j)). ring.
Qed.

Lemma move_V w V Xi s i :
  prediction d m x f w (fun j k => V j k + s * Xi j k) i
    = prediction d m x f w V i + s * dot d w (fun j => dot m (Xi j) (f i)).
Proof.
  unfold prediction. rewrite <- dot_scal_r, <- dot_plus_r.
  apply dot_ext; [reflexivity|]. intro j. apply hidden_move.
Qed.

Lemma far_w w xi s :
  sq d (fun j => (w j + s * xi j) - w j) = s * s * sq d xi.
Proof. unfold dot. rewrite <- sum_scal. apply sum_ext; intro; ring. Qed.
Lemma far_V (V Xi : mat) s :
  sqF d m (fun j k => (V j k + s * Xi j k) - V j k) = s * s * sqF d m Xi.
Proof.
  unfold frob, dot. rewrite <- sum_scal. apply sum_ext; intro j.
  rewrite <- sum_scal. apply sum_ext; intro; ring.
Qed.
Lemma far_zero_w w : sq d (fun j => w j - w j) = 0.
Proof. apply sum_is_zero; intro; ring. Qed.
Lemma far_zero_V (V : mat) : sqF d m (fun j k => V j k - V j k) = 0.
Proof. apply sum_is_zero; intro. apply sum_is_zero; intro; ring. Qed.

(* E[l'(p) (p - t)] = 0 is all that is needed. *)
Lemma not_above w V ws :
  sum n (fun i => om i * dl i (prediction d m x f w V i)
    * (prediction d m x f w V i - linear d x ws i)) = 0 -> F w V <= F_lin ws.
Proof.
  intro Z.
  assert (H := mean_tangent n om (fun i => l i (prediction d m x f w V i))
    (fun i => l i (linear d x ws i)) (fun i => dl i (prediction d m x f w V i))
    (prediction d m x f w V) (linear d x ws) weights). cbv beta in H.
  unfold gap, E in H. rewrite Z in H.
  rewrite (sum_ext n _ (fun i => om i * l i (prediction d m x f w V i)
    - om i * l i (linear d x ws i))) in H by (intro; ring).
  rewrite sum_minus in H. unfold F, F_lin. apply Rminus_le, H. intro i. apply convex.
Qed.

Lemma case_w_nonzero w V ws : sq d w <> 0 -> local_minimum w V -> F w V <= F_lin ws.
Proof.
  intros W (r & R0 & M). apply not_above.
  set (u := times_left d ws V). set (G := fun j => w j - ws j).
  set (Xi := fun j k => w j * (u k / sq d w)).
  destruct (short (sq d G) r (dot_pos d G) R0) as (t1 & T1 & S1).
  destruct (short (sqF d m Xi) r (frob_pos d m Xi) R0) as (t2 & T2 & S2).
  assert (A := stationary w V (fun i => dot d G (hidden m x f V i))
    (fun s => (fun j => w j + s * G j, V)) t1 T1 (fun s i => move_w w V G s i)).
  assert (B := stationary w V (fun i => dot d w (fun j => dot m (Xi j) (f i)))
    (fun s => (w, fun j k => V j k + s * Xi j k)) t2 T2 (fun s i => move_V w V Xi s i)).
  simpl in A, B.
  rewrite <- (Rplus_0_r 0).
  rewrite <- A at 1; [rewrite <- B at 1|].
  - rewrite <- sum_plus. apply sum_ext; intro i. rewrite <- Rmult_plus_distr_l. f_equal.
    unfold G. rewrite dot_minus_l, (dot_hidden d m x f V ws). fold u.
    replace (dot d w (fun j => dot m (Xi j) (f i))) with (dot m u (f i));
      [unfold prediction, linear; ring|].
    rewrite (dot_ext d w (fun j => dot m (Xi j) (f i)) w (fun j => dot m u (f i) / sq d w * w j)).
    + rewrite dot_scal_r. field. exact W.
    + reflexivity.
    + intro j. unfold Xi. rewrite dot_scal_l.
      rewrite (dot_ext m (fun k => u k / sq d w) (f i) (fun k => / sq d w * u k) (f i))
        by (intro; (unfold Rdiv; ring) || reflexivity).
      rewrite dot_scal_l. unfold Rdiv. ring.
  - intros s S. apply M. rewrite far_zero_w, far_V, Rplus_0_l. apply S2, S.
  - intros s S. apply M. rewrite far_w, far_zero_V, Rplus_0_r. apply S1, S.
Qed.

Lemma null_dot r (w v : vec) : sq r w = 0 -> dot r w v = 0.
Proof.
  intro Z. assert (H := form_square _ _ _ (form_dot r w v)). rewrite Z, Rmult_0_l in H.
  assert (P := sq_pos (dot r w v)). assert (Q : dot r w v * dot r w v = 0) by lra.
  destruct (Rmult_integral _ _ Q); assumption.
Qed.

Lemma case_w_zero w V ws : sq d w = 0 -> local_minimum w V -> F w V <= F_lin ws.
Proof.
  intros W (r & R0 & M). apply not_above.
  assert (Z : forall V' i, prediction d m x f w V' i = 0) by (intros; apply null_dot, W).
  destruct (short (sq d ws) (r / 2) (dot_pos d ws)) as (t1 & T1 & S1); [lra|].
  destruct (short (sqF d m V) (r / 2) (frob_pos d m V)) as (t2 & T2 & S2); [lra|].
  (* near V all (w, V + s V) have the value of (w, V), and gradient 0 along w_star *)
  assert (K : forall s, Rabs s < t2 ->
    sum n (fun i => om i * dl i 0 * dot d ws (hidden m x f (fun j k => V j k + s * V j k) i)) = 0).
  { intros s S. set (V' := fun j k => V j k + s * V j k).
    assert (A := stationary w V' (fun i => dot d ws (hidden m x f V' i))
      (fun tau => (fun j => w j + tau * ws j, V')) t1 T1 (fun tau i => move_w w V' ws tau i)).
    simpl in A. eapply eq_trans; [|apply A].
    - apply sum_ext; intro i. rewrite Z. reflexivity.
    - intros tau T. rewrite (F_ext w V' w V) by (intro; rewrite !Z; reflexivity).
      apply M. unfold V'. rewrite far_w, far_V. specialize (S1 tau T). specialize (S2 s S). lra. }
  set (s := t2 / 2).
  assert (K0 := K 0). assert (K1 := K s).
  rewrite Rabs_R0 in K0. specialize (K0 T2).
  rewrite Rabs_right in K1 by (unfold s; lra).
  assert (S : s < t2) by (unfold s; lra). specialize (K1 S).
  assert (X : forall s, sum n (fun i => om i * dl i 0 * dot d ws (hidden m x f (fun j k => V j k + s * V j k) i))
    = sum n (fun i => om i * dl i 0 * linear d x ws i)
      + (1 + s) * sum n (fun i => om i * dl i 0 * dot m (times_left d ws V) (f i))).
  { intro a. rewrite <- sum_scal, <- sum_plus. apply sum_ext; intro i.
    rewrite (dot_ext d ws _ ws (fun j => hidden m x f V i j + a * dot m (V j) (f i)))
      by ((intro; reflexivity) || (intro; apply hidden_move)).
    rewrite (dot_plus_r d (hidden m x f V i)), dot_scal_r, dot_hidden, dot_matrix. unfold linear. ring. }
  rewrite X in K0, K1.
  assert (S0 : 0 < s) by (unfold s; lra).
  rewrite (sum_ext n _ (fun i => (-1) * (om i * dl i 0 * linear d x ws i)))
    by (intro; rewrite Z; ring).
  rewrite sum_scal. nra.
Qed.

(* (w, V) a local minimum of F_theta: F(w, V, theta) <= F_lin(w_star) for every w_star. *)
Theorem corollary1 w V ws : local_minimum w V -> F w V <= F_lin ws.
Proof.
  intro M. destruct (Req_dec (sq d w) 0) as [W|W];
    [apply case_w_zero|apply case_w_nonzero]; assumption.
Qed.
End Corollary1.
