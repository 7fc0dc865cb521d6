(* Shamir (2018), section 2: the objective F(w, V, theta) = E l(w^T (x + V f_theta(x)); y) over a
   sample of n points with weights om, at fixed theta, and its derivatives in (w, V).

   A sample's loss enters through numbers: its values l(p), l(t), its slope l'(p) and its curvature
   l''(p), where p is the prediction of the residual unit and t that of the linear predictor.
   So what is proved from `tangent` (the tangent at p lies below) holds for every convex loss. *)
Require Import Reals Lra Psatz.
From properties.proofs Require Import Sums.
Open Scope R_scope.

Section Setting.
Variables n d m : nat.
Variable om : vec.                                    (* sample weights *)
Variables x f : mat.                                  (* inputs x_i in R^d, features f_i in R^m *)

Definition hidden (V : mat) : mat := fun i j => x i j + dot m (V j) (f i).   (* x + V f *)
Definition prediction w V i := dot d w (hidden V i).                         (* w^T (x + V f) *)
Definition linear ws i := dot d ws (x i).                                    (* w*^T x *)

Definition E (q : vec) := sum n (fun i => om i * q i).                       (* the mean *)
Definition gap (lp lt : vec) := E (fun i => lp i - lt i).                    (* F - F_lin(w_star) *)

(* dF/dw = E[l' (x + V f)], b = E[l' f], dF/dV = w b^T. *)
Definition grad_w g V : vec := fun j => sum n (fun i => om i * g i * hidden V i j).
Definition b_vector g : vec := fun k => sum n (fun i => om i * g i * f i k).
Definition grad_V g w : mat := fun j k => w j * b_vector g k.
Definition grad2 g w V := sq d (grad_w g V) + sqF d m (grad_V g w).          (* ||grad F||^2 *)

(* The second derivative of F at (w, V) along (xi, Xi), and its block in w. *)
Definition along (V : mat) w (xi : vec) (Xi : mat) i :=
  dot d xi (hidden V i) + dot d w (fun j => dot m (Xi j) (f i)).
Definition hess g c w V xi Xi :=
  sum n (fun i => om i * c i * (along V w xi Xi i * along V w xi Xi i))
  + 2 * sum n (fun i => om i * g i * dot d xi (fun j => dot m (Xi j) (f i))).
Definition block c V xi := sum n (fun i => om i * c i * (dot d xi (hidden V i) * dot d xi (hidden V i))).

(* l(t) >= l(p) + l'(p) (t - p) at every sample. *)
Definition tangent (lp lt g p t : vec) := forall i, lt i >= lp i + g i * (t i - p i).

(* <u, b> = E[l' <u, f>] *)
Lemma dot_b g u : dot m u (b_vector g) = sum n (fun i => om i * g i * dot m u (f i)).
Proof. apply dot_sum_r. Qed.

(* <xi, dF/dw> = E[l' <xi, x + V f>] *)
Lemma dot_grad_w g V xi :
  dot d xi (grad_w g V) = sum n (fun i => om i * g i * dot d xi (hidden V i)).
Proof. apply dot_sum_r. Qed.

Lemma dot_hidden V xi i :
  dot d xi (hidden V i) = dot d xi (x i) + dot m (times_left d xi V) (f i).
Proof.
  transitivity (dot d xi (x i) + dot d xi (fun j => dot m (V j) (f i))).
  - apply dot_plus_r.
  - rewrite dot_matrix. reflexivity.
Qed.

(* Convexity, averaged: E[l'(p) (p - t)] >= F - F_lin. *)
Lemma mean_tangent lp lt g p t : (forall i, 0 <= om i) -> tangent lp lt g p t ->
  gap lp lt <= sum n (fun i => om i * g i * (p i - t i)).
Proof.
  intros weights convex. apply sum_le; intro i.
  replace (om i * g i * (p i - t i)) with (om i * (g i * (p i - t i))) by ring.
  apply Rmult_le_compat_l; [apply weights|]. assert (C := convex i). lra.
Qed.

Lemma grad2_pos g w V : 0 <= grad2 g w V.
Proof. apply Rplus_le_le_0_compat; [apply dot_pos|apply frob_pos]. Qed.

(* ||dF/dw|| <= ||grad F|| *)
Lemma grad_w_below g w V : sq d (grad_w g V) <= grad2 g w V.
Proof. assert (H := frob_pos d m (grad_V g w)). unfold grad2. lra. Qed.
End Setting.
