(* Several outputs: x -> W (x + V f_theta(x)), W in R^{K x d}, against x -> W_star x + S f_theta(x),
   for all n, d, m, K, all weights >= 0 and all convex losses.

   S = 0 is appendix B of Shamir (2018); all S are the setting of Kawaguchi and Bengio (2019). *)
Require Import Reals Lra Psatz.
From properties.proofs Require Import Sums.
Open Scope R_scope.

Section Outputs.
Variables n d m K : nat.
Variables (om : vec) (x f : mat).                     (* weights, inputs in R^d, features in R^m *)
Variables (W V Ws S : mat).                           (* K x d, d x m, K x d, K x m *)
Variables (lp lt : vec) (g : mat).                    (* l(p_i), l(t_i), the gradient of l at p_i *)

Definition hidden : mat := fun i j => x i j + dot m (V j) (f i).             (* x + V f *)
Definition p : mat := fun i k => dot d (W k) (hidden i).                     (* W (x + V f) *)
Definition t : mat := fun i k => dot d (Ws k) (x i) + dot m (S k) (f i).     (* W_star x + S f *)
Definition gap := sum n (fun i => om i * (lp i - lt i)).

Definition A : mat := fun k j => sum n (fun i => om i * g i k * x i j).      (* E[l' x^T] *)
Definition B : mat := fun k q => sum n (fun i => om i * g i k * f i q).      (* E[l' f^T] *)
Definition grad_W : mat := fun k j => A k j + dot m (V j) (B k).             (* A + B V^T *)
Definition grad_V : mat := fun j q => sum K (fun k => W k j * B k q).        (* W^T B *)
Definition D : mat := fun k q => product d Ws V k q - S k q.                 (* W_star V - S *)
Definition grad2 := sqF K d grad_W + sqF d m grad_V.                         (* ||grad F||^2 *)

Hypothesis weights : forall i, 0 <= om i.
(* l(t) >= l(p) + <grad l(p), t - p> *)
Hypothesis convex : forall i, lt i >= lp i + dot K (g i) (fun k => t i k - p i k).

(* <A, M> = E <l', M x>, and the same for B and f *)
Lemma frob_mean (a : mat) r (M : mat) :
  frob K r (fun k j => sum n (fun i => om i * g i k * a i j)) M
    = sum n (fun i => om i * dot K (g i) (fun k => dot r (M k) (a i))).
Proof.
  unfold frob.
  rewrite (sum_ext K _ (fun k => sum n (fun i => om i * (g i k * dot r (M k) (a i))))).
  - rewrite sum_swap. apply sum_ext; intro i. apply sum_scal.
  - intro k. rewrite dot_sym. rewrite (dot_sum_r r n (M k) (fun i => om i * g i k) a).
    apply sum_ext; intro i; ring.
Qed.

(* (<A + B V^T, M> + <B, D - M V + ...>) in one: <dF/dW, M> = <A, M> + <B, M V> *)
Lemma frob_grad_W M : frob K d grad_W M = frob K d A M + frob K m B (product d M V).
Proof.
  unfold frob. rewrite <- sum_plus. apply sum_ext; intro k. unfold grad_W.
  rewrite (dot_plus_l d (A k) (fun j => dot m (V j) (B k))). f_equal.
  rewrite dot_sym, dot_matrix, dot_sym. reflexivity.
Qed.

(* Convexity: F - E l(W_star x + S f) <= <dF/dW, W - W_star> + <B, D>. *)
Lemma first_order : gap <= frob K d grad_W (fun k j => W k j - Ws k j) + frob K m B D.
Proof.
  assert (H : gap <= sum n (fun i => om i * dot K (g i) (fun k => p i k - t i k))).
  { apply sum_le; intro i. apply Rmult_le_compat_l; [apply weights|]. assert (C := convex i).
    rewrite (dot_ext K (g i) (fun k => p i k - t i k) (g i) (fun k => (-1) * (t i k - p i k)))
      by (intro; ring).
    rewrite dot_scal_r. lra. }
  eapply Rle_trans; [exact H|]. right. rewrite frob_grad_W.
  unfold A, B. rewrite !frob_mean, <- !sum_plus. apply sum_ext; intro i.
  rewrite <- !Rmult_plus_distr_l, <- !dot_plus_r. f_equal.
  apply dot_ext; [reflexivity|]. intro k. unfold p, t, hidden, D.
  rewrite (dot_plus_r d (x i) (fun j => dot m (V j) (f i)) (W k)), dot_matrix.
  rewrite (dot_minus_l d (W k) (Ws k) (x i)), (dot_minus_l m (product d Ws V k) (S k) (f i)).
  assert (E : dot m (product d (fun k0 j => W k0 j - Ws k0 j) V k) (f i)
    = dot m (times_left d (W k) V) (f i) - dot m (product d Ws V k) (f i)).
  { rewrite <- dot_minus_l. apply dot_ext; [|reflexivity]. intro q.
    unfold product, times_left. rewrite <- sum_minus. apply sum_ext; intro; ring. }
  rewrite E. ring.
Qed.

(* -- W of full row rank ---------------------------------------------------------------------- *)
Section FullRank.
Variable P : mat.                                     (* d x K, a right inverse: W P = I *)
Hypothesis right_inverse :
  forall k l, (k < K)%nat -> (l < K)%nat -> product d W P k l = unit k l.

Definition lifted : mat := product K P D.             (* W^+ (W_star V - S) *)
Definition G2 := sqF K d (fun k j => W k j - Ws k j) + sqF d m lifted.

Lemma W_lifted k q : (k < K)%nat -> product d W lifted k q = D k q.
Proof.
  intro L. rewrite <- (dot_unit K k (fun l => D l q) L). unfold lifted, product, dot.
  transitivity (sum d (fun j => sum K (fun l => W k j * P j l * D l q))).
  { apply sum_ext; intro j. rewrite <- sum_scal. apply sum_ext; intro; ring. }
  rewrite sum_swap. apply sum_lt; intros l L'. rewrite sum_scal_r. f_equal.
  apply right_inverse; assumption.
Qed.

Theorem lemma : frob K d grad_W (fun k j => W k j - Ws k j) + frob d m grad_V lifted >= gap.
Proof.
  replace (frob d m grad_V lifted) with (frob K m B D); [apply Rle_ge, first_order|].
  rewrite frob_sym, (frob_sym d m). unfold grad_V. rewrite <- (frob_product K d m W lifted B).
  apply sum_lt; intros k L. apply dot_lt; [|reflexivity]. intros q _. symmetry. apply W_lifted, L.
Qed.

Theorem sharp : sqrt grad2 * sqrt G2 >= gap.
Proof.
  assert (C : frob K d grad_W (fun k j => W k j - Ws k j) + frob d m grad_V lifted
    <= sqrt grad2 * sqrt G2) by (apply form_sqrt, form_plus; apply form_frob).
  assert (L := lemma). lra.
Qed.
End FullRank.

(* -- W of lower rank: W u = 0 ---------------------------------------------------------------- *)
Section LowerRank.
Variable u : vec.
Hypothesis u_nonzero : 0 < sq d u.

(* dF/dW at V + u q^T, where F is the same: dF/dW + (B q) u^T *)
Definition grad_W_at q : mat := fun k j => grad_W k j + dot m q (B k) * u j.

Lemma same_prediction q i k : dot d (W k) u = 0 ->
  dot d (W k) (fun j => x i j + dot m (fun r => V j r + u j * q r) (f i)) = p i k.
Proof.
  intro H. unfold p, hidden.
  rewrite (dot_ext d (W k) _ (W k) (fun j => (x i j + dot m (V j) (f i)) + dot m q (f i) * u j)).
  - rewrite (dot_plus_r d (fun j => x i j + dot m (V j) (f i)) (fun j => dot m q (f i) * u j)).
    rewrite dot_scal_r, H. ring.
  - reflexivity.
  - intro j. rewrite (dot_plus_l m (V j) (fun r => u j * q r)), dot_scal_l. ring.
Qed.

Lemma gradient_there q k j :
  A k j + dot m (fun r => V j r + u j * q r) (B k) = grad_W_at q k j.
Proof.
  unfold grad_W_at, grad_W. rewrite (dot_plus_l m (V j) (fun r => u j * q r)), dot_scal_l. ring.
Qed.

(* The mean of ||dF/dW||^2 over V + u e_j^T and V - u e_j^T, times 2 m. *)
Definition total_square := sum m (fun j =>
  sqF K d (grad_W_at (unit j)) + sqF K d (grad_W_at (fun q => - unit j q))).

Lemma square_sum (a b : mat) :
  sqF K d (fun k j => a k j + b k j) + sqF K d (fun k j => a k j + - b k j)
    = 2 * sqF K d a + 2 * sqF K d b.
Proof.
  unfold frob, dot. rewrite <- !sum_scal, <- !sum_plus. apply sum_ext; intro k.
  rewrite <- !sum_scal, <- !sum_plus. apply sum_ext; intro j. ring.
Qed.

Lemma total_square_is :
  total_square = 2 * (INR m * sqF K d grad_W + sq d u * sqF K m B).
Proof.
  unfold total_square.
  rewrite (sum_lt m _ (fun j => 2 * sqF K d grad_W + 2 * (sq d u * sum K (fun k => B k j * B k j)))).
  - rewrite sum_plus, sum_const, !sum_scal, sum_swap. unfold frob, dot. ring.
  - intros j L. rewrite (frob_ext K d (grad_W_at (fun q => - unit j q)) (grad_W_at (fun q => - unit j q))
      (fun k i => grad_W k i + - (dot m (unit j) (B k) * u i))
      (fun k i => grad_W k i + - (dot m (unit j) (B k) * u i))).
    + unfold grad_W_at. rewrite square_sum. f_equal. f_equal.
      rewrite (frob_outer K d (fun k => dot m (unit j) (B k)) u (fun k => dot m (unit j) (B k)) u).
      rewrite (dot_ext K _ _ (fun k => B k j) (fun k => B k j)) by (intro; apply dot_unit, L).
      unfold dot. ring.
    + intros k i. unfold grad_W_at.
      rewrite (dot_ext m (fun q => - unit j q) (B k) (fun q => (-1) * unit j q) (B k)) by (intro; ring).
      rewrite dot_scal_l. ring.
    + intros k i. unfold grad_W_at.
      rewrite (dot_ext m (fun q => - unit j q) (B k) (fun q => (-1) * unit j q) (B k)) by (intro; ring).
      rewrite dot_scal_l. ring.
Qed.

Hypothesis some_feature : (0 < m)%nat.

(* g_bar sqrt(||W - W_star||^2 + m ||D||^2 / ||u||^2) >= gap, with g_bar^2 the mean square *)
Theorem rank_deficient :
  sqrt (total_square / (2 * INR m))
    * sqrt (sqF K d (fun k j => W k j - Ws k j) + INR m * sqF K m D / sq d u) >= gap.
Proof.
  assert (M : 0 < INR m) by (apply lt_0_INR; exact some_feature).
  set (r := sqrt (INR m / sq d u)).
  assert (Q : 0 < INR m / sq d u) by (apply Rdiv_lt_0_compat; assumption).
  assert (R0 : 0 < r) by (apply sqrt_lt_R0; exact Q).
  assert (RR : r * r = INR m / sq d u) by (apply sqrt_sqrt; lra).
  assert (C : frob K d grad_W (fun k j => W k j - Ws k j) + frob K m B D
    <= sqrt (sqF K d grad_W + sqF K m B / (r * r))
       * sqrt (sqF K d (fun k j => W k j - Ws k j) + r * r * sqF K m D)).
  { apply form_sqrt, form_plus; [apply form_frob|].
    assert (H := form_frob K m B D). destruct H as (H1 & H2 & H3). repeat split.
    - apply Rmult_le_pos; [exact H1|]. left. apply Rinv_0_lt_compat. nra.
    - nra.
    - intro s. specialize (H3 (s / (r * r))).
      replace (sqF K m B / (r * r) * (s * s) + 2 * frob K m B D * s + r * r * sqF K m D)
        with (r * r * (sqF K m B * (s / (r * r) * (s / (r * r))) + 2 * frob K m B D * (s / (r * r))
              + sqF K m D)) by (field; lra).
      apply Rmult_le_pos; [nra|exact H3]. }
  assert (H := first_order). rewrite total_square_is.
  replace (2 * (INR m * sqF K d grad_W + sq d u * sqF K m B) / (2 * INR m))
    with (sqF K d grad_W + sqF K m B / (r * r)) by (rewrite RR; field; lra).
  replace (INR m * sqF K m D / sq d u) with (r * r * sqF K m D) by (rewrite RR; field; lra).
  lra.
Qed.
End LowerRank.
End Outputs.
