(* Yun, Sra and Jadbabaie (2019): deep residual networks h_l = h_{l-1} + V_l phi_l(h_{l-1}) with
   blocks l = 0, ..., L - 1 (numbered from 0), x -> w^T h_L, for all n, d, m, L, all weights >= 0
   and all convex losses. The statements and their constants are ours. *)
Require Import Reals Lra Lia Psatz List FunctionalExtensionality.
From properties.proofs Require Import Sums Bridge.
Open Scope R_scope.

Section Deep.
Variables n d m : nat.
Variables (om : vec) (x : mat).
Variable U : nat -> mat.                              (* U_l, m x d *)
Variable sigma : nat -> vec -> vec.                   (* any function of U_l h *)
Variables (w u v : vec).                              (* output weights, comparator, direction *)
Variable C : nat -> vec.                              (* the comparator's c_l *)

Definition feature l (h : vec) : vec := sigma l (fun q => dot d (U l q) h).

Fixpoint hidden (V : nat -> mat) i l : vec := match l with
  | O => x i
  | S k => fun j => hidden V i k j + dot m (V k j) (feature k (hidden V i k))
  end.
Definition phi V i l : vec := feature l (hidden V i l).

(* Parameter coverage: no block but the first sees v. *)
Hypothesis coverage : forall l q, (0 < l)%nat -> dot d (U l q) v = 0.

Lemma unseen l h s : (0 < l)%nat -> feature l (fun j => h j + s * v j) = feature l h.
Proof.
  intro P. unfold feature. f_equal. apply functional_extensionality; intro q.
  rewrite dot_plus_r, dot_scal_r, coverage by exact P. ring.
Qed.

(* V_l -> V_l + v c_l^T moves h by multiples of v, and no feature. *)
Definition shifted (V : nat -> mat) (c : nat -> vec) : nat -> mat :=
  fun l j k => V l j k + v j * c l k.
Definition reach V c i L := sum L (fun l => dot m (c l) (phi V i l)).        (* sum_l <c_l, phi_l> *)

Lemma hidden_shifted V c i L :
  hidden (shifted V c) i L = (fun j => hidden V i L j + reach V c i L * v j).
Proof.
  induction L; [apply functional_extensionality; intro j; unfold reach; simpl; ring|].
  simpl hidden. rewrite IHL. apply functional_extensionality; intro j.
  assert (E : feature L (fun j => hidden V i L j + reach V c i L * v j) = phi V i L).
  { destruct L; [|apply unseen; lia]. unfold phi. simpl hidden. f_equal.
    apply functional_extensionality; intro q. unfold reach; simpl; ring. }
  rewrite E. unfold shifted at 1. rewrite (dot_plus_l m (V L j) (fun k => v j * c L k)), dot_scal_l.
  unfold reach; simpl sum. unfold phi. ring.
Qed.

Lemma phi_shifted V c i l : phi (shifted V c) i l = phi V i l.
Proof.
  unfold phi. rewrite hidden_shifted. destruct l; [|apply unseen; lia]. f_equal.
  apply functional_extensionality; intro q. unfold reach; simpl; ring.
Qed.

Variable L : nat.
Definition output w V i := dot d w (hidden V i L).                          (* w^T h_L *)

Theorem output_shifted V c i :
  output w (shifted V c) i = output w V i + dot d w v * reach V c i L.
Proof.
  unfold output. rewrite hidden_shifted.
  rewrite (dot_plus_r d (hidden V i L) (fun j => reach V c i L * v j)), dot_scal_r. ring.
Qed.

(* <u, h_L> = <u, x> + sum_l <V_l^T u, phi_l> *)
Lemma dot_hidden V z i k : dot d z (hidden V i k)
  = dot d z (x i) + reach V (fun l => times_left d z (V l)) i k.
Proof.
  induction k; [unfold reach; simpl; ring|]. simpl hidden.
  rewrite (dot_plus_r d (hidden V i k)), IHk, dot_matrix. unfold reach; simpl sum. unfold phi. ring.
Qed.

(* -- the gap to x -> u^T x + sum_l c_l^T phi_l ------------------------------------------------ *)
Variable V : nat -> mat.
Variables lp lt g c2 : vec.                           (* l, l at the comparator, l', l'' *)
Definition compared i := dot d u (x i) + reach V C i L.
Definition gap := sum n (fun i => om i * (lp i - lt i)).
Definition apart : nat -> vec := fun l k => times_left d u (V l) k - C l k. (* V_l^T u - c_l *)
Definition b : nat -> vec := fun l k => sum n (fun i => om i * g i * phi V i l k).  (* E[l' phi_l] *)
Definition grad_w V' : vec := fun j => sum n (fun i => om i * g i * hidden V' i L j).  (* dR/dw *)

Hypothesis weights : forall i, 0 <= om i.
Hypothesis convex : forall i, lt i >= lp i + g i * (compared i - output w V i).

Lemma dot_b l z : dot m z (b l) = sum n (fun i => om i * g i * dot m z (phi V i l)).
Proof. apply (dot_sum_r m n z (fun i => om i * g i) (fun i => phi V i l)). Qed.

Lemma sum_dot_b c : sum L (fun l => dot m (c l) (b l)) = sum n (fun i => om i * g i * reach V c i L).
Proof.
  rewrite (sum_ext L _ (fun l => sum n (fun i => om i * g i * dot m (c l) (phi V i l))))
    by (intro; apply dot_b).
  rewrite sum_swap. apply sum_ext; intro i. apply sum_scal.
Qed.

(* R - E l(...) <= <dR/dw, w - u> + sum_l <b_l, V_l^T u - c_l> *)
Lemma first_order : gap <= dot d (fun j => w j - u j) (grad_w V)
  + sum L (fun l => dot m (apart l) (b l)).
Proof.
  apply Rle_trans with (sum n (fun i => om i * g i * (output w V i - compared i))).
  - apply sum_le; intro i.
    replace (om i * g i * (output w V i - compared i))
      with (om i * (g i * (output w V i - compared i))) by ring.
    apply Rmult_le_compat_l; [apply weights|]. assert (H := convex i). lra.
  - right. rewrite sum_dot_b. unfold grad_w.
    rewrite (dot_sum_r d n (fun j => w j - u j) (fun i => om i * g i) (fun i => hidden V i L)).
    rewrite <- sum_plus. apply sum_ext; intro i. rewrite <- Rmult_plus_distr_l. f_equal.
    rewrite dot_minus_l, (dot_hidden V u). unfold output, compared.
    assert (E : reach V apart i L
      = reach V (fun l => times_left d u (V l)) i L - reach V C i L).
    { unfold reach. rewrite <- sum_minus. apply sum_ext; intro l. unfold apart. apply dot_minus_l. }
    rewrite E. ring.
Qed.

Let D2 := sum L (fun l => sq m (apart l)).            (* sum_l ||V_l^T u - c_l||^2 *)
Let b2 := sum L (fun l => sq m (b l)).

Lemma form_blocks (p q : nat -> vec) :
  form (sum L (fun l => sq m (p l))) (sum L (fun l => dot m (p l) (q l))) (sum L (fun l => sq m (q l))).
Proof. apply form_sum; intro; apply form_dot. Qed.

(* -- along v: w^T v != 0 ---------------------------------------------------------------------- *)
(* By output_shifted the risk moves along V_l + s v e_k^T with the slope (w^T v) b_lk: that is
   v^T dR/dV_l. *)
Definition pulled : nat -> vec := fun l k => dot d w v * b l k.

Theorem theorem_along :
  sqrt (sq d (grad_w V) + sum L (fun l => sq m (pulled l)))
    * sqrt (dot d w v * dot d w v * sq d (fun j => w j - u j) + D2) >= Rabs (dot d w v) * gap.
Proof.
  set (a := dot d w v) in *.
  assert (H : forall t, (t = a \/ t = - a) ->
    t * (dot d (fun j => w j - u j) (grad_w V) + sum L (fun l => dot m (apart l) (b l)))
    <= sqrt (sq d (grad_w V) + sum L (fun l => sq m (pulled l)))
       * sqrt (a * a * sq d (fun j => w j - u j) + D2)).
  { intros t T. assert (T2 : t * t = a * a) by (destruct T; subst t; ring).
    rewrite Rmult_comm with (r1 := sqrt _). apply form_sqrt.
    rewrite Rmult_plus_distr_l. apply form_plus.
    - rewrite <- T2, <- (dot_scal_l d t (fun j => w j - u j) (grad_w V)).
      replace (t * t * sq d (fun j => w j - u j)) with (sq d (fun j => t * (w j - u j)))
        by (rewrite (dot_scal_l d t), (dot_scal_r d t); ring).
      apply form_dot.
    - unfold pulled. fold a.
      rewrite (sum_ext L (fun l => sq m (fun k => a * b l k)) (fun l => sq m (fun k => t * b l k))).
      2:{ intro l. rewrite !dot_scal_l, !dot_scal_r. rewrite <- !Rmult_assoc, T2. reflexivity. }
      rewrite <- sum_scal, (sum_ext L (fun l => t * dot m (apart l) (b l))
        (fun l => dot m (apart l) (fun k => t * b l k))) by (intro; rewrite dot_scal_r; reflexivity).
      apply form_blocks. }
  assert (F := first_order). apply Rle_ge.
  eapply Rle_trans; [apply Rmult_le_compat_l; [apply Rabs_pos|exact F]|].
  apply H. unfold Rabs. destruct (Rcase_abs a); auto.
Qed.

(* -- across: w^T v = 0 ------------------------------------------------------------------------ *)
Hypothesis v_nonzero : 0 < sq d v.

Lemma grad_w_shifted c j : grad_w (shifted V c) j
  = grad_w V j + sum L (fun l => dot m (c l) (b l)) * v j.
Proof.
  unfold grad_w. rewrite sum_dot_b, <- sum_scal_r, <- sum_plus. apply sum_ext; intro i.
  rewrite hidden_shifted. ring.
Qed.

(* V_l + t v e_k^T for one block and one feature *)
Definition one_unit l k t : nat -> vec := fun l' q => if Nat.eq_dec l' l then t * unit k q else 0.

Lemma dot_one_unit l k t : (l < L)%nat -> (k < m)%nat ->
  sum L (fun l' => dot m (one_unit l k t l') (b l')) = t * b l k.
Proof.
  intros Hl Hk. rewrite <- (dot_unit L l (fun l' => t * b l' k) Hl).
  apply sum_lt; intros l' _. unfold one_unit, unit at 2.
  destruct (Nat.eq_dec l' l) as [E|N]; [|rewrite dot_zero_l; ring].
  rewrite dot_scal_l, dot_unit by exact Hk. ring.
Qed.

(* The sum of ||dR/dw||^2 over V_l + v e_k^T and V_l - v e_k^T: 2 L m networks. *)
Definition total_square := sum L (fun l => sum m (fun k =>
  sq d (grad_w (shifted V (one_unit l k 1))) + sq d (grad_w (shifted V (one_unit l k (-1)))))).

Lemma total_square_is :
  total_square = 2 * (INR L * INR m * sq d (grad_w V) + sq d v * b2).
Proof.
  unfold total_square.
  rewrite (sum_lt L _ (fun l => 2 * INR m * sq d (grad_w V) + 2 * sq d v * sq m (b l))).
  - rewrite sum_plus, sum_const, sum_scal. unfold b2. ring.
  - intros l Hl.
    rewrite (sum_lt m _ (fun k => 2 * sq d (grad_w V) + 2 * sq d v * (b l k * b l k))).
    + rewrite sum_plus, sum_const, sum_scal. unfold dot. ring.
    + intros k Hk. unfold dot. rewrite <- sum_plus.
      rewrite <- (sum_scal d 2 (fun i => grad_w V i * grad_w V i)).
      rewrite (Rmult_comm (2 * _)), <- !(sum_scal d), <- sum_plus. apply sum_ext; intro j.
      rewrite !grad_w_shifted, !dot_one_unit by assumption. ring.
Qed.

Hypothesis some_feature : (0 < m)%nat.
Hypothesis some_block : (0 < L)%nat.

Theorem theorem_across :
  sqrt (total_square / (2 * (INR L * INR m)))
    * sqrt (sq d (fun j => w j - u j) + INR L * INR m / sq d v * D2) >= gap.
Proof.
  assert (M : 0 < INR L * INR m) by (apply Rmult_lt_0_compat; apply lt_0_INR; assumption).
  set (M' := INR L * INR m) in *.
  assert (Q : 0 < M' / sq d v) by (apply Rdiv_lt_0_compat; assumption).
  set (r := M' / sq d v) in *.
  assert (F := first_order).
  assert (K : dot d (fun j => w j - u j) (grad_w V) + sum L (fun l => dot m (apart l) (b l))
    <= sqrt (sq d (fun j => w j - u j) + r * D2) * sqrt (sq d (grad_w V) + b2 / r)).
  { apply form_sqrt, form_plus; [apply form_dot|].
    destruct (form_blocks apart b) as (H1 & H2 & H3). fold D2 in H1, H3. fold b2 in H2, H3.
    repeat split.
    - nra.
    - apply Rmult_le_pos; [exact H2|left; apply Rinv_0_lt_compat; exact Q].
    - intro s. specialize (H3 (r * s)).
      replace (r * D2 * (s * s) + 2 * sum L (fun l => dot m (apart l) (b l)) * s + b2 / r)
        with (/ r * (D2 * (r * s * (r * s)) + 2 * sum L (fun l => dot m (apart l) (b l)) * (r * s) + b2))
        by (field; lra).
      apply Rmult_le_pos; [left; apply Rinv_0_lt_compat; exact Q|exact H3]. }
  rewrite total_square_is.
  fold M'. replace (2 * (M' * sq d (grad_w V) + sq d v * b2) / (2 * M'))
    with (sq d (grad_w V) + b2 / r) by (unfold r; field; lra).
  lra.
Qed.

(* -- curvature: w^T v = 0 --------------------------------------------------------------------- *)
Hypothesis orthogonal : dot d w v = 0.

(* Along D = (alpha v, -v (V_l^T u - c_l)^T) the output is a polynomial in the step. *)
Theorem output_along alpha tau i :
  dot d (fun j => w j + tau * alpha * v j) (hidden (shifted V (fun l k => - tau * apart l k)) i L)
  = output w V i + tau * (alpha * dot d v (hidden V i L))
    - tau * tau * (alpha * sq d v * reach V apart i L).
Proof.
  rewrite hidden_shifted.
  assert (E : reach V (fun l k => - tau * apart l k) i L = - tau * reach V apart i L).
  { unfold reach. rewrite <- sum_scal. apply sum_ext; intro l. apply dot_scal_l. }
  rewrite E, (dot_plus_l d w (fun j => tau * alpha * v j)), !dot_plus_r, !dot_scal_l, !dot_scal_r.
  rewrite orthogonal. unfold output. ring.
Qed.

(* E[l'' (v^T h_L)^2], and <D, grad^2 R D> = E[l'' p'^2 + l' p''] for p the output along D *)
Definition in_w := sum n (fun i => om i * c2 i * (dot d v (hidden V i L) * dot d v (hidden V i L))).
Definition curvature alpha := sum n (fun i =>
  om i * (c2 i * ((alpha * dot d v (hidden V i L)) * (alpha * dot d v (hidden V i L)))
    + g i * (- 2 * (alpha * sq d v * reach V apart i L)))).

Lemma curvature_is alpha : curvature alpha
  = alpha * alpha * in_w - 2 * alpha * sq d v * sum L (fun l => dot m (apart l) (b l)).
Proof.
  rewrite sum_dot_b. unfold curvature, in_w. rewrite <- !sum_scal, <- sum_minus.
  apply sum_ext; intro i. ring.
Qed.

Lemma unexplained :
  gap - sqrt (sq d (grad_w V)) * sqrt (sq d (fun j => w j - u j))
    <= sum L (fun l => dot m (apart l) (b l)).
Proof.
  assert (F := first_order). assert (H := cauchy_schwarz d (fun j => w j - u j) (grad_w V)). lra.
Qed.

Theorem theorem_curvature alpha : 0 < alpha ->
  - curvature alpha >= alpha * (2 * sq d v
      * (gap - sqrt (sq d (grad_w V)) * sqrt (sq d (fun j => w j - u j))) - alpha * in_w).
Proof.
  intro A. rewrite curvature_is. assert (H := unexplained).
  assert (P : 0 < 2 * alpha * sq d v) by nra.
  assert (2 * alpha * sq d v * (gap - sqrt (sq d (grad_w V)) * sqrt (sq d (fun j => w j - u j)))
    <= 2 * alpha * sq d v * sum L (fun l => dot m (apart l) (b l)))
    by (apply Rmult_le_compat_l; lra).
  lra.
Qed.

(* -kappa bounds the Hessian from below along D, as lambda_min does:
   ||D||^2 = ||v||^2 (alpha^2 + sum_l ||V_l^T u - c_l||^2). *)
Variable kappa : R.
Hypothesis kappa_pos : 0 <= kappa.
Hypothesis curvatures : forall i, 0 <= c2 i.
Hypothesis kappa_bounds : forall alpha, curvature alpha >= - kappa * (sq d v * (alpha * alpha + D2)).

Theorem theorem_eigenvalue :
  sqrt (sq d (grad_w V)) * sqrt (sq d (fun j => w j - u j))
    + sqrt (kappa * kappa + kappa * in_w / sq d v) * sqrt D2 >= gap.
Proof.
  set (S := sum L (fun l => dot m (apart l) (b l))).
  assert (H := unexplained). fold S in H.
  assert (W0 : 0 <= in_w).
  { apply sum_pos; intro i. apply Rmult_le_pos; [|apply sq_pos].
    apply Rmult_le_pos; [apply weights|apply curvatures]. }
  assert (D0 : 0 <= D2) by (apply sum_pos; intro; apply dot_pos).
  assert (A0 : 0 <= kappa * sq d v + in_w) by nra.
  assert (Q : (sq d v * S) * (sq d v * S) <= (kappa * sq d v + in_w) * (kappa * sq d v * D2)).
  { apply discriminant; [exact A0|]. intro s. assert (B := kappa_bounds (- s)).
    rewrite curvature_is in B. fold S in B. lra. }
  assert (K0 : 0 <= kappa * kappa + kappa * in_w / sq d v).
  { assert (0 <= kappa * in_w / sq d v); [|nra].
    apply Rmult_le_pos; [nra|left; apply Rinv_0_lt_compat; exact v_nonzero]. }
  assert (T : S <= sqrt (kappa * kappa + kappa * in_w / sq d v) * sqrt D2).
  { rewrite <- sqrt_mult by assumption. apply Rsqr_incr_0_var; [|apply sqrt_pos].
    rewrite Rsqr_sqrt by (apply Rmult_le_pos; assumption). unfold Rsqr.
    apply Rmult_le_reg_l with (sq d v * sq d v); [nra|].
    replace (sq d v * sq d v * ((kappa * kappa + kappa * in_w / sq d v) * D2))
      with ((kappa * sq d v + in_w) * (kappa * sq d v * D2)) by (field; lra).
    lra. }
  lra.
Qed.
End Deep.

(* The hypotheses can be met: one block, d = 2, v = (0, 1), U = 0, loss p, x = (2, 0), w = (1, 0),
   u = (-1, 0), features 0; equality. *)
Definition e_1 : vec := vector (1 :: 0 :: nil).
Definition e_2 : vec := vector (0 :: 1 :: nil).
Definition none : nat -> mat := fun _ _ _ => 0.

Example theorem_across_applies : sqrt (2 * 2) * sqrt (2 * 2) >= 4.
Proof.
  assert (H := theorem_across 1 2 1 (fun _ => 1) (fun _ => vector (2 :: 0 :: nil)) none
    (fun _ _ _ => 0) e_1 (vector (-1 :: 0 :: nil)) e_2 (fun _ _ => 0)).
  refine (ge_congruent _ _ _ _ (H _ 1%nat none (fun _ => 2) (fun _ => -2) (fun _ => 1) _ _ _ _ _) _ _);
    clear H; try lia.
  - intros l q _. unroll. ring.
  - intro. lra.
  - intro. unroll. lra.
  - unroll. lra.
  - apply f_equal2; apply f_equal; unroll; field.
  - unroll. ring.
Qed.
