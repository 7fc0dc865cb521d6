(* Finite sums, vectors and matrices of real numbers, and the inequality of Cauchy and Schwarz.

   A vector is a function of its index, of which the first n values count; a matrix has two indices.
   So a statement for all vectors of type nat -> R is one for every dimension. *)
Require Import Reals Lra Lia Psatz.
Open Scope R_scope.

Definition vec := nat -> R.
Definition mat := nat -> nat -> R.

Fixpoint sum (n : nat) (F : nat -> R) : R := match n with O => 0 | S k => sum k F + F k end.

Definition dot (n : nat) (u v : vec) : R := sum n (fun i => u i * v i).              (* <u, v> *)
Definition frob (n m : nat) (A B : mat) : R := sum n (fun i => dot m (A i) (B i)).   (* tr A B^T *)

Notation sq n u := (dot n u u).            (* ||u||^2 *)
Notation sqF n m A := (frob n m A A).      (* ||A||_F^2 *)

(* V^T z, and A B *)
Definition times_left (n : nat) (z : vec) (V : mat) : vec := fun k => sum n (fun j => z j * V j k).
Definition product (n : nat) (A B : mat) : mat := fun i k => sum n (fun j => A i j * B j k).

(* s is at least the spectral norm of V (n x m). *)
Definition spectral_bound (n m : nat) (V : mat) (s : R) : Prop :=
  0 <= s /\ forall z, sq m (times_left n z V) <= s * s * sq n z.

(* -- sums ------------------------------------------------------------------------------------ *)
Lemma sum_ext n F H : (forall i, F i = H i) -> sum n F = sum n H.
Proof. intro E; induction n; simpl; [reflexivity|]. rewrite IHn, E; reflexivity. Qed.
Lemma sum_plus n F H : sum n (fun i => F i + H i) = sum n F + sum n H.
Proof. induction n; simpl; [ring|]. rewrite IHn; ring. Qed.
Lemma sum_minus n F H : sum n (fun i => F i - H i) = sum n F - sum n H.
Proof. induction n; simpl; [ring|]. rewrite IHn; ring. Qed.
Lemma sum_scal n c F : sum n (fun i => c * F i) = c * sum n F.
Proof. induction n; simpl; [ring|]. rewrite IHn; ring. Qed.
Lemma sum_scal_r n c F : sum n (fun i => F i * c) = sum n F * c.
Proof. induction n; simpl; [ring|]. rewrite IHn; ring. Qed.
Lemma sum_zero n : sum n (fun _ => 0) = 0.
Proof. induction n; simpl; [ring|]. rewrite IHn; ring. Qed.
Lemma sum_const n c : sum n (fun _ => c) = INR n * c.
Proof. induction n; [simpl; ring|]. rewrite S_INR. simpl sum. rewrite IHn. ring. Qed.
Lemma sum_swap n m F :
  sum n (fun i => sum m (fun j => F i j)) = sum m (fun j => sum n (fun i => F i j)).
Proof.
  induction n; simpl; [rewrite sum_zero; reflexivity|]. rewrite IHn, <- sum_plus; reflexivity.
Qed.
Lemma sum_le n F H : (forall i, F i <= H i) -> sum n F <= sum n H.
Proof. intro E; induction n; simpl; [lra|]. specialize (E n). lra. Qed.
Lemma sum_pos n F : (forall i, 0 <= F i) -> 0 <= sum n F.
Proof. intro E; induction n; simpl; [lra|]. specialize (E n). lra. Qed.
Lemma sum_term n F i : (forall j, 0 <= F j) -> (i < n)%nat -> F i <= sum n F.
Proof.
  intros P L. induction n; [inversion L|]. simpl. assert (Q := sum_pos n F P).
  destruct (Nat.eq_dec i n) as [E|N]; [subst; lra|]. assert (H := P n). assert (F i <= sum n F)
    by (apply IHn; lia). lra.
Qed.
Lemma sum_is_zero n F : (forall i, F i = 0) -> sum n F = 0.
Proof. intro E. rewrite (sum_ext n F (fun _ => 0) E). apply sum_zero. Qed.

Lemma sq_pos a : 0 <= a * a.
Proof. assert (H := Rle_0_sqr a). exact H. Qed.

(* -- vectors and matrices -------------------------------------------------------------------- *)
Lemma dot_ext n u v u' v' : (forall i, u i = u' i) -> (forall i, v i = v' i) ->
  dot n u v = dot n u' v'.
Proof. intros E E'. apply sum_ext; intro i. rewrite E, E'. reflexivity. Qed.
Lemma frob_ext n m A B A' B' : (forall i k, A i k = A' i k) -> (forall i k, B i k = B' i k) ->
  frob n m A B = frob n m A' B'.
Proof. intros E E'. apply sum_ext; intro i. apply dot_ext; auto. Qed.
Lemma dot_sym n u v : dot n u v = dot n v u.
Proof. apply sum_ext; intro; ring. Qed.
Lemma dot_plus_l n u v z : dot n (fun i => u i + v i) z = dot n u z + dot n v z.
Proof. unfold dot. rewrite <- sum_plus. apply sum_ext; intro; ring. Qed.
Lemma dot_minus_l n u v z : dot n (fun i => u i - v i) z = dot n u z - dot n v z.
Proof. unfold dot. rewrite <- sum_minus. apply sum_ext; intro; ring. Qed.
Lemma dot_plus_r n u v z : dot n z (fun i => u i + v i) = dot n z u + dot n z v.
Proof. unfold dot. rewrite <- sum_plus. apply sum_ext; intro; ring. Qed.
Lemma dot_scal_l n c u v : dot n (fun i => c * u i) v = c * dot n u v.
Proof. unfold dot. rewrite <- sum_scal. apply sum_ext; intro; ring. Qed.
Lemma dot_scal_r n c u v : dot n u (fun i => c * v i) = c * dot n u v.
Proof. unfold dot. rewrite <- sum_scal. apply sum_ext; intro; ring. Qed.
Lemma dot_zero_l n v : dot n (fun _ => 0) v = 0.
Proof. apply sum_is_zero; intro; ring. Qed.
Lemma dot_pos n u : 0 <= sq n u.
Proof. apply sum_pos; intro; apply sq_pos. Qed.
Lemma frob_pos n m A : 0 <= sqF n m A.
Proof. apply sum_pos; intro; apply dot_pos. Qed.
Lemma frob_sym n m A B : frob n m A B = frob n m B A.
Proof. apply sum_ext; intro; apply dot_sym. Qed.
Lemma frob_minus_l n m A B C :
  frob n m (fun i k => A i k - B i k) C = frob n m A C - frob n m B C.
Proof.
  unfold frob. rewrite <- sum_minus. apply sum_ext; intro i.
  apply (dot_minus_l m (A i) (B i) (C i)).
Qed.

(* <xi, sum_i c_i a_i> = sum_i c_i <xi, a_i> *)
Lemma dot_sum_r d n xi c (a : mat) :
  dot d xi (fun j => sum n (fun i => c i * a i j)) = sum n (fun i => c i * dot d xi (a i)).
Proof.
  unfold dot. transitivity (sum d (fun j => sum n (fun i => c i * (xi j * a i j)))).
  - apply sum_ext; intro j. rewrite <- sum_scal. apply sum_ext; intro; ring.
  - rewrite sum_swap. apply sum_ext; intro i. apply sum_scal.
Qed.

(* <z, V y> = <V^T z, y> *)
Lemma dot_matrix d m z (V : mat) y :
  dot d z (fun j => dot m (V j) y) = dot m (times_left d z V) y.
Proof.
  unfold dot, times_left. transitivity (sum d (fun j => sum m (fun k => z j * V j k * y k))).
  - apply sum_ext; intro j. rewrite <- sum_scal. apply sum_ext; intro; ring.
  - rewrite sum_swap. apply sum_ext; intro k. rewrite <- sum_scal_r. reflexivity.
Qed.

(* <u a^T, v b^T> = <u, v> <a, b> *)
Lemma frob_outer d m (u a v b : vec) :
  frob d m (fun j k => u j * a k) (fun j k => v j * b k) = dot d u v * dot m a b.
Proof.
  unfold frob. change (dot d u v) with (sum d (fun j => u j * v j)). rewrite <- sum_scal_r.
  apply sum_ext; intro j. rewrite (dot_scal_l m (u j)), (dot_scal_r m (v j)). ring.
Qed.

(* <A B, C> = <B, A^T C> *)
Lemma frob_product K d m A B C :
  frob K m (product d A B) C = frob d m B (fun j k => sum K (fun i => A i j * C i k)).
Proof.
  unfold frob, dot, product.
  transitivity (sum K (fun i => sum d (fun j => sum m (fun k => A i j * B j k * C i k)))).
  { apply sum_ext; intro i. rewrite sum_swap. apply sum_ext; intro k. rewrite sum_scal_r. reflexivity. }
  rewrite sum_swap. apply sum_ext; intro j. rewrite sum_swap. apply sum_ext; intro k.
  rewrite <- sum_scal. apply sum_ext; intro; ring.
Qed.

Lemma frob_columns d m (A B : mat) :
  frob d m A B = sum m (fun k => dot d (fun j => A j k) (fun j => B j k)).
Proof. unfold frob, dot. apply sum_swap. Qed.

(* -- Cauchy and Schwarz ---------------------------------------------------------------------- *)
(* x is an inner product of vectors with the squared lengths a and b: then so are sums of such. *)
Definition form (a x b : R) : Prop :=
  0 <= a /\ 0 <= b /\ forall s, 0 <= a * (s * s) + 2 * x * s + b.

Lemma form_mult u v : form (u * u) (u * v) (v * v).
Proof.
  repeat split; try apply sq_pos. intro s.
  replace (u * u * (s * s) + 2 * (u * v) * s + v * v) with ((s * u + v) * (s * u + v)) by ring.
  apply sq_pos.
Qed.
Lemma form_plus a x b a' x' b' : form a x b -> form a' x' b' -> form (a + a') (x + x') (b + b').
Proof.
  intros (A & B & H) (A' & B' & H'). repeat split; try lra.
  intro s. specialize (H s). specialize (H' s). lra.
Qed.
Lemma form_sum n a x b : (forall i, form (a i) (x i) (b i)) -> form (sum n a) (sum n x) (sum n b).
Proof.
  intro H; induction n; simpl.
  - repeat split; try lra. intro s. lra.
  - apply form_plus; auto.
Qed.
Lemma form_dot n u v : form (sq n u) (dot n u v) (sq n v).
Proof. apply form_sum; intro; apply form_mult. Qed.
Lemma form_frob n m A B : form (sqF n m A) (frob n m A B) (sqF n m B).
Proof. apply form_sum; intro; apply form_dot. Qed.

Lemma discriminant a b c :
  0 <= a -> (forall s, 0 <= a * (s * s) + 2 * b * s + c) -> b * b <= a * c.
Proof.
  intros Ha H. destruct Ha as [Ha|Ha].
  - specialize (H (- b / a)).
    replace (a * (- b / a * (- b / a)) + 2 * b * (- b / a) + c) with (c - b * b / a) in H
      by (field; lra).
    apply Rmult_le_reg_r with (/ a). apply Rinv_0_lt_compat; lra.
    replace (a * c * / a) with c by (field; lra). unfold Rdiv in H. lra.
  - subst a. destruct (Req_dec b 0) as [E|E]; [subst; specialize (H 0); lra|].
    specialize (H (- (c + 1) / (2 * b))).
    replace (0 * (- (c + 1) / (2 * b) * (- (c + 1) / (2 * b))) + 2 * b * (- (c + 1) / (2 * b)) + c)
      with (-1) in H by (field; lra). lra.
Qed.

Lemma form_square a x b : form a x b -> x * x <= a * b.
Proof. intros (A & _ & H). apply discriminant; assumption. Qed.
Lemma form_sqrt a x b : form a x b -> x <= sqrt a * sqrt b.
Proof.
  intro H. assert (C := form_square a x b H). destruct H as (A & B & _).
  rewrite <- sqrt_mult by assumption. apply Rsqr_incr_0_var; [|apply sqrt_pos].
  rewrite Rsqr_sqrt by (apply Rmult_le_pos; assumption). exact C.
Qed.

Lemma cauchy_schwarz n u v : dot n u v <= sqrt (sq n u) * sqrt (sq n v).
Proof. apply form_sqrt, form_dot. Qed.

(* -- square roots ---------------------------------------------------------------------------- *)
Lemma sqrt_mono a b : a <= b -> sqrt a <= sqrt b.
Proof. apply sqrt_le_1_alt. Qed.
Lemma sqrt_below a b : 0 <= b -> a <= b * b -> sqrt a <= b.
Proof. intros B H. rewrite <- (sqrt_square b) by exact B. apply sqrt_mono, H. Qed.
Lemma sqrt_sum a b : 0 <= a -> 0 <= b -> sqrt (a + b) <= sqrt a + sqrt b.
Proof.
  intros A B. assert (P := sqrt_pos a). assert (Q := sqrt_pos b).
  apply sqrt_below; [lra|].
  assert (E := sqrt_sqrt a A). assert (E' := sqrt_sqrt b B). nra.
Qed.

Lemma triangle n u v :
  sqrt (sq n (fun i => u i + v i)) <= sqrt (sq n u) + sqrt (sq n v).
Proof.
  assert (P := sqrt_pos (sq n u)). assert (Q := sqrt_pos (sq n v)).
  assert (E := sqrt_sqrt _ (dot_pos n u)). assert (E' := sqrt_sqrt _ (dot_pos n v)).
  apply sqrt_below; [lra|].
  assert (C := cauchy_schwarz n u v).
  rewrite dot_plus_l, !dot_plus_r, (dot_sym n v u). nra.
Qed.

Lemma spectral_bound_sqrt n m V s z :
  spectral_bound n m V s -> sqrt (sq m (times_left n z V)) <= s * sqrt (sq n z).
Proof.
  intros (S & H). assert (P := sqrt_pos (sq n z)).
  apply sqrt_below; [apply Rmult_le_pos; assumption|].
  assert (E := sqrt_sqrt _ (dot_pos n z)). specialize (H z).
  replace (s * sqrt (sq n z) * (s * sqrt (sq n z)))
    with (s * s * (sqrt (sq n z) * sqrt (sq n z))) by ring. rewrite E. exact H.
Qed.

(* The first unit vector. *)
Definition e0 : vec := fun j => match j with O => 1 | S _ => 0 end.
Lemma dot_e0 n v : dot (S n) e0 v = v O.
Proof.
  induction n; [unfold dot; simpl; ring|].
  change (dot (S (S n)) e0 v) with (dot (S n) e0 v + e0 (S n) * v (S n)). rewrite IHn. simpl. ring.
Qed.

(* The unit vectors, and sums that differ only beyond their range. *)
Definition unit (j : nat) : vec := fun q => if Nat.eq_dec q j then 1 else 0.
Lemma dot_unit r j v : (j < r)%nat -> dot r (unit j) v = v j.
Proof.
  intro L. induction r; [inversion L|].
  change (dot (S r) (unit j) v) with (dot r (unit j) v + unit j r * v r).
  unfold unit at 2. destruct (Nat.eq_dec r j) as [E|N].
  - subst. assert (Z : dot j (unit j) v = 0); [|rewrite Z; ring].
    clear. assert (H : forall r, (r <= j)%nat -> dot r (unit j) v = 0).
    { induction r; intro Hr; [reflexivity|].
      change (dot (S r) (unit j) v) with (dot r (unit j) v + unit j r * v r).
      rewrite IHr by lia. unfold unit. destruct (Nat.eq_dec r j); [lia|ring]. }
    apply H; lia.
  - rewrite IHr by lia. ring.
Qed.

Lemma sum_lt r F H : (forall j, (j < r)%nat -> F j = H j) -> sum r F = sum r H.
Proof. intro E. induction r; simpl; [reflexivity|]. rewrite IHr, E by auto. reflexivity. Qed.
Lemma dot_lt n u v u' v' : (forall i, (i < n)%nat -> u i = u' i) ->
  (forall i, (i < n)%nat -> v i = v' i) -> dot n u v = dot n u' v'.
Proof. intros E E'. apply sum_lt; intros i L. rewrite E, E' by exact L. reflexivity. Qed.
