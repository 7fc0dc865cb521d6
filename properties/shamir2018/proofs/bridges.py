"""How the formulas of Lemma 1, Theorem 1 and Theorem 2 follow from the theorems in Coq."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.functions import lambda_min, norm, spectral_norm, sq
from checker.proofs.bridge import Bridge, Premise, Size
from checker.proofs.gallina import Terms
from checker.proofs.symbols import Symbols
from properties.shamir2018.proofs import told

SIZES = tuple(
    Size(dims, weighted)
    for dims in ((1, 1, 1), (2, 1, 2), (2, 2, 2))
    for weighted in (True, False)
)


def nonzero_w(at: Any) -> Iterator[Premise]:
    """||w||² != 0."""
    yield Premise("w_nonzero", sq(at.w), "<>", 0)


def _weights(at: Any, terms: Terms) -> str:
    """Those of the samples, 1/n where they have none of their own."""
    n = at.X.shape[0]
    own = at.weights if at.weights is not None else Symbols.constant(np.full(n, Fraction(1, n)))
    return terms.vector(own)


def _sample(at: Any, terms: Terms) -> str:
    """n d m om x f."""
    (n, d), m = at.X.shape, at.Z.shape[1]
    return f"{n} {d} {m} {_weights(at, terms)} {terms.matrix(at.X)} {terms.matrix(at.Z)}"


def _losses(at: Any, terms: Terms) -> str:
    return " ".join(terms.vector(x) for x in (at.values, at.values_there, at.slopes))


def _at_point(at: Any, terms: Terms, theorem: str) -> str:
    """The theorem at this point, as the hypothesis H, up to its premises."""
    point = " ".join([terms.vector(at.w), terms.vector(at.w_star), terms.matrix(at.V)])
    return f"""assert (H := {theorem} {_sample(at, terms)} {point} {_losses(at, terms)}).
assert (W := H ltac:(by_index)). clear H.
assert (C := W ltac:(by_index)). clear W.
assert (H := C ltac:(unroll; nonzero_by w_nonzero)). clear C."""


def _lemma1(at: Any, terms: Terms) -> str:
    return f"""{_at_point(at, terms, "Theorem1.lemma1")}
refine (ge_congruent _ _ _ _ H _ _); unroll.
- field. nonzero_by w_nonzero.
- field."""



def _norm_w(at: Any, terms: Terms) -> str:
    """Q: the square of ||w||, which is a root or an absolute value."""
    length, square = terms.number(norm(at.w)), terms.number(sq(at.w))
    return (
        f"assert (Q : {length} * {length} = {square}) "
        "by square_of_length."
    )


def _theorem1(at: Any, terms: Terms) -> str:
    norm_V = terms.number(spectral_norm(at.V))
    return f"""{_at_point(at, terms, "Theorem1.theorem1")}
assert (C := H {norm_V} ltac:(bounded_by {norm_V}_is)). clear H.
{_norm_w(at, terms)}
refine (ge_congruent _ _ _ _ C _ _); unroll.
- apply f_equal. field [Q].
- apply f_equal2; [field|]. apply f_equal. field. nonzero_by w_nonzero."""


def _theorem1_sharp(at: Any, terms: Terms) -> str:
    return f"""{_at_point(at, terms, "Theorem1.theorem1_sharp")}
{_norm_w(at, terms)}
refine (ge_congruent _ _ _ _ H _ _); unroll; [|field].
apply f_equal2; apply f_equal; [field [Q]|].
field [Q]. nonzero_by w_nonzero."""


def _hessian(at: Any, terms: Terms) -> str:
    """At w = 0: the least eigenvalue lam in closed form, and L, that it bounds the Hessian."""
    alpha, lam = terms.number(at.lambda_min_ww), terms.number(at.lambda_min_at_w_zero)
    rho, d = terms.number(norm(at.b)), at.X.shape[1]
    z = [f"z{i + 1}" for i in range(d)]
    unit, sample = f"(vector ({' :: '.join([*z, 'nil'])}))", _sample(at, terms)
    V, g, c = terms.matrix(at.V), terms.vector(at.slopes), terms.vector(at.curvatures)
    form = " ".join(f"(xi {i}%nat)" for i in range(d))
    return f"""destruct {alpha}_is as (least & {' & '.join(z)} & length & attained).
assert (weights : forall i, 0 <= {_weights(at, terms)} i) by by_index.
assert (curved : forall i, 0 <= {c} i) by by_index.
set (block := Setting.block {sample} {c} {V}).
assert (A : 0 <= {alpha}).
{{ rewrite <- attained. eapply Rle_trans; [exact (block_pos {sample} {V} {c} weights curved {unit})|].
  right. unroll. field. }}
assert (least' : forall xi, block xi >= {alpha} * sq {d} xi).
{{ intro xi. refine (ge_congruent _ _ _ _ (least {form}) _ _); unfold block; unroll; field. }}
destruct (closed_form_root {alpha} {rho} {lam} A) as (negative & root).
{{ rewrite <- ?(closed_form {alpha} {rho} A). reflexivity || (unroll; field). }}
assert (Q : {rho} * {rho} = {terms.number(sq(at.b))})
  by square_of_length.
assert (L : bounds_hessian {sample} {V} {g} {c} {lam}).
{{ apply (least_eigenvalue_is_below {sample} {V} {g} {c} {alpha} {lam} least' A negative).
  rewrite root, Q. unroll. field. }}
assert (tangents : tangent {_losses(at, terms)} zero (linear {d} {terms.matrix(at.X)} {terms.vector(at.w_star)}))
  by (by_index)."""


LEMMA1 = Bridge(
    told.point,
    {"": told.weights, "nonzero_w": nonzero_w, "convex_loss": told.tangents},
    _lemma1,
    ("shamir2018.proofs.Theorem1",),
    SIZES,
)

THEOREM1 = replace(LEMMA1, script=_theorem1)
THEOREM1_SHARP = replace(LEMMA1, script=_theorem1_sharp)


def _eigenvalue(at: Any, terms: Terms) -> str:
    (n, d), m = at.X.shape, at.Z.shape[1]
    lam = terms.number(lambda_min(at.hessian))
    arguments = " ".join([*(f"(xi {j}%nat)" for j in range(d)), *(f"(Xi {j}%nat {k}%nat)" for j in range(d) for k in range(m))])
    return f"""destruct {lam}_is as (least & _).
assert (L : bounds_hessian {_sample(at, terms)} {terms.matrix(at.V)} {terms.vector(at.slopes)} {terms.vector(at.curvatures)} {lam}).
{{ intros xi Xi. refine (ge_congruent _ _ _ _ (least {arguments}) _ _); unroll; field. }}
assert (H := theorem2_eigenvalue _ _ _ _ _ _ _ _ _ _ L e0 e0 (dot_e0 {d - 1} e0) (dot_e0 {m - 1} e0)).
lra."""


def _theorem2(at: Any, terms: Terms) -> str:
    sample, V, d = _sample(at, terms), terms.matrix(at.V), at.X.shape[1]
    lam, norm_V = terms.number(at.lambda_min_at_w_zero), terms.number(spectral_norm(at.V))
    N, g, c = terms.number(spectral_norm(at.hess_ww)), terms.vector(at.slopes), terms.vector(at.curvatures)
    return f"""{_hessian(at, terms)}
assert (above : block e0 <= {N}).
{{ assert (B : spectral_bound {d} {d} {terms.matrix(at.hess_ww)} {N}) by bounded_by {N}_is.
  assert (K := quadratic_bound {d} {terms.matrix(at.hess_ww)} {N} e0 B).
  rewrite (dot_e0 {d - 1} e0) in K.
  eapply Rle_trans; [right|eapply Rle_trans; [exact K|right]]; unfold block; unroll; field. }}
assert (B : spectral_bound {d} {at.Z.shape[1]} {V} {norm_V}) by bounded_by {norm_V}_is.
assert (H := theorem2_product {sample} {terms.vector(at.w_star)} {V} {_losses(at, terms)} {c} weights tangents
  {lam} L e0 {N} (dot_e0 {d - 1} e0) above {norm_V} B negative).
rewrite <- (abs_square {lam}) in H.
{_norm_w(at, terms).replace("Q :", "W :")}
refine (ge_congruent _ _ _ _ H _ _); [|unroll; field].
apply f_equal2; [unroll; same_length|].
apply f_equal2; [unroll; apply f_equal; field [W]|].
apply f_equal2; [reflexivity|]. apply f_equal. ring."""


def _theorem2_sharp(at: Any, terms: Terms) -> str:
    sample, V, d = _sample(at, terms), terms.matrix(at.V), at.X.shape[1]
    lam, alpha, c = terms.number(at.lambda_min_at_w_zero), terms.number(at.lambda_min_ww), terms.vector(at.curvatures)
    unit = f"(vector ({' :: '.join([*(f'z{i + 1}' for i in range(d)), 'nil'])}))"
    return f"""{_hessian(at, terms)}
assert (U : sq {d} {unit} = 1) by (unroll; lra).
assert (above : block {unit} <= {alpha}).
{{ rewrite <- attained. right. unfold block. unroll. field. }}
assert (H := theorem2_sharp {sample} {terms.vector(at.w_star)} {V} {_losses(at, terms)} {c} weights tangents
  {lam} L {unit} {alpha} U above negative).
rewrite <- (abs_square {lam}) in H.
{_norm_w(at, terms).replace("Q :", "W :")}
refine (ge_congruent _ _ _ _ H _ _); [|unroll; field].
apply f_equal2; apply f_equal2.
- unroll; same_length.
- unroll; apply f_equal; field [W].
- unroll; same_length.
- apply f_equal. rewrite (Rabs_pos_eq {alpha} A). ring."""


AT_ZERO = Bridge(
    told.point_at_w_zero,
    {"": told.weights, "convex_loss": told.convex},
    _eigenvalue,
    ("shamir2018.proofs.Setting", "shamir2018.proofs.Theorem2"),
    SIZES,
)
EIGENVALUE, THEOREM2, THEOREM2_SHARP = AT_ZERO, replace(AT_ZERO, script=_theorem2), replace(AT_ZERO, script=_theorem2_sharp)
