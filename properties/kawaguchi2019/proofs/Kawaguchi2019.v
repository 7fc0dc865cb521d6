(* Kawaguchi and Bengio (2019): W (x + V f_theta(x)) against predictors linear in [x; f_theta(x)].
   The statements are ours; they hold for every K, n, d, m and all convex losses. *)
Require Import Reals Lra Psatz.
From properties.proofs Require Import Sums Outputs.
Open Scope R_scope.

(* <grad F, (W - W_star, W^+ (W_star V - S))> >= F - E l(W_star x + S f) *)
Definition lemma := Outputs.lemma.
Definition full_rank := Outputs.sharp.
Definition rank_deficient := Outputs.rank_deficient.
