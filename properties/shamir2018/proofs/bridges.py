"""How the formulas of Lemma 1, Theorem 1 and Theorem 2 follow from the theorems in Coq.

Each script applies the theorem at this point, in a hypothesis H, and then shows side by side that
the formula's left and right are the theorem's, by the tactics `ring` and `field`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.functions import lambda_min, norm, spectral_norm, sq
from checker.explain.gallina import Terms
from checker.proofs.bridge import Bridge, Premise, Size
from checker.proofs.symbols import Symbols
from properties.shamir2018.proofs import told

SIZES = tuple(
    Size(dims, weighted) for dims in ((1, 1, 1), (2, 1, 2), (2, 2, 2)) for weighted in (True, False)
)


def _derivatives(at: Any) -> tuple[Premise, ...]:
    """A differentiable loss: what the code calls l' and l'' are its derivatives.

    Together with convexity that says what `told.convex` says; neither does alone.
    """
    return ()


_LOSS = {"convex_loss": told.convex, "twice_differentiable_loss": _derivatives}


def nonzero_w(at: Any) -> Iterator[Premise]:
    """||w||² != 0."""
    yield Premise("w_nonzero", sq(at.w), "<>", 0)


@dataclass(frozen=True)
class _Point:
    """The parts of a point as Coq's theorems call them."""

    at: Any
    terms: Terms

    def __getattr__(self, name: str) -> str:
        """A field or property of the point as a term."""
        value = getattr(self.at, name)
        written = (self.terms.number, self.terms.vector, self.terms.matrix)[len(value.shape)]
        return written(value)

    @property
    def d(self) -> int:
        return int(self.at.X.shape[1])

    @property
    def m(self) -> int:
        return int(self.at.Z.shape[1])

    @property
    def sample(self) -> str:
        """n d m om x f."""
        return f"{self.at.X.shape[0]} {self.d} {self.m} {self.om} {self.X} {self.Z}"

    @property
    def om(self) -> str:
        """The weights of the samples, 1/n where they have none of their own."""
        n = self.at.X.shape[0]
        equal = Symbols.constant(np.full(n, Fraction(1, n)))
        return self.terms.vector(equal if self.at.weights is None else self.at.weights)

    @property
    def losses(self) -> str:
        """lp lt g."""
        return f"{self.values} {self.values_there} {self.slopes}"

    @property
    def norm_V(self) -> str:
        return self.terms.number(spectral_norm(self.at.V))

    def square(self, name: str, vector: Any) -> str:
        """A hypothesis: the square of a length, which is a root or an absolute value."""
        length, square = self.terms.number(norm(vector)), self.terms.number(sq(vector))
        return f"assert ({name} : {length} * {length} = {square}) by square_of_length."


# -- w != 0 ----------------------------------------------------------------------------------------


def _applied(p: _Point, theorem: str) -> str:
    return f"""assert (H := {theorem} {p.sample} {p.w} {p.w_star} {p.V} {p.losses}).
assert (W := H ltac:(by_index)). clear H.
assert (C := W ltac:(by_index)). clear W.
assert (H := C ltac:(unroll; nonzero_by w_nonzero)). clear C."""


def _lemma1(at: Any, terms: Terms) -> str:
    return f"""{_applied(_Point(at, terms), "Theorem1.lemma1")}
refine (ge_congruent _ _ _ _ H _ _); unroll.
- field. nonzero_by w_nonzero.
- field."""


def _theorem1(at: Any, terms: Terms) -> str:
    p = _Point(at, terms)
    return f"""{_applied(p, "Theorem1.theorem1")}
assert (C := H {p.norm_V} ltac:(bounded_by {p.norm_V}_is)). clear H.
{p.square("Q", at.w)}
refine (ge_congruent _ _ _ _ C _ _); unroll.
- apply f_equal. field [Q].
- apply f_equal2; [field|]. apply f_equal. field. nonzero_by w_nonzero."""


def _theorem1_sharp(at: Any, terms: Terms) -> str:
    p = _Point(at, terms)
    return f"""{_applied(p, "Theorem1.theorem1_sharp")}
{p.square("Q", at.w)}
refine (ge_congruent _ _ _ _ H _ _); unroll; [|field].
apply f_equal2; apply f_equal; [field [Q]|].
field [Q]. nonzero_by w_nonzero."""


# -- w = 0 -----------------------------------------------------------------------------------------


def _eigenvalue(at: Any, terms: Terms) -> str:
    p = _Point(at, terms)
    lam = terms.number(lambda_min(at.hessian))
    of_w = [f"(xi {j}%nat)" for j in range(p.d)]
    of_V = [f"(Xi {j}%nat {k}%nat)" for j in range(p.d) for k in range(p.m)]
    return f"""destruct {lam}_is as (least & _).
assert (L : bounds_hessian {p.sample} {p.V} {p.slopes} {p.curvatures} {lam}).
{{ intros xi Xi.
  refine (ge_congruent _ _ _ _ (least {" ".join([*of_w, *of_V])}) _ _); unroll; field. }}
assert (e_unit := dot_e0 {p.d - 1} e0). assert (q_unit := dot_e0 {p.m - 1} e0).
assert (H := theorem2_eigenvalue _ _ _ _ _ _ _ _ _ _ L e0 e0 e_unit q_unit).
lra."""


def _least_eigenvalue(p: _Point) -> str:
    """lam in closed form is negative, and L: it bounds the Hessian; the vector e attains alpha."""
    z = [f"z_{i + 1}" for i in range(p.d)]
    alpha, lam, rho = p.lambda_min_ww, p.lambda_min_at_w_zero, p.terms.number(norm(p.at.b))
    entries = " ".join(f"(xi {i}%nat)" for i in range(p.d))
    return f"""destruct {alpha}_is as (least & {" & ".join(z)} & length & attained).
set (e := vector ({" :: ".join([*z, "nil"])})).
assert (weights : forall i, 0 <= {p.om} i) by by_index.
assert (curved : forall i, 0 <= {p.curvatures} i) by by_index.
assert (tangents : tangent {p.losses} zero (linear {p.d} {p.X} {p.w_star})) by by_index.
set (block := Setting.block {p.sample} {p.curvatures} {p.V}).
assert (A : 0 <= {alpha}).
{{ rewrite <- attained. eapply Rle_trans;
    [exact (block_pos {p.sample} {p.V} {p.curvatures} weights curved e)|].
  right. unroll. field. }}
assert (least' : forall xi, block xi >= {alpha} * sq {p.d} xi).
{{ intro xi. refine (ge_congruent _ _ _ _ (least {entries}) _ _); unfold block; unroll; field. }}
destruct (closed_form_root {alpha} {rho} {lam} A) as (negative & root).
{{ rewrite <- ?(closed_form {alpha} {rho} A). reflexivity || (unroll; field). }}
{p.square("Q", p.at.b)}
assert (L : bounds_hessian {p.sample} {p.V} {p.slopes} {p.curvatures} {lam}).
{{ apply (least_eigenvalue_is_below {p.sample} {p.V} {p.slopes} {p.curvatures}
    {alpha} {lam} least' A negative).
  rewrite root, Q. unroll. field. }}
{p.square("W", p.at.w)}"""


def _theorem2(at: Any, terms: Terms) -> str:
    p = _Point(at, terms)
    hess, N, lam = p.hess_ww, terms.number(spectral_norm(at.hess_ww)), p.lambda_min_at_w_zero
    return f"""{_least_eigenvalue(p)}
assert (e_unit := dot_e0 {p.d - 1} e0).
assert (above : block e0 <= {N}).
{{ assert (B : spectral_bound {p.d} {p.d} {hess} {N}) by bounded_by {N}_is.
  assert (K := quadratic_bound {p.d} {hess} {N} e0 B). rewrite e_unit in K.
  eapply Rle_trans; [right|eapply Rle_trans; [exact K|right]]; unfold block; unroll; field. }}
assert (B : spectral_bound {p.d} {p.m} {p.V} {p.norm_V}) by bounded_by {p.norm_V}_is.
assert (H := theorem2_product {p.sample} {p.w_star} {p.V} {p.losses} {p.curvatures}
  weights tangents {lam} L e0 {N} e_unit above {p.norm_V} B negative).
rewrite <- (abs_square {lam}) in H.
refine (ge_congruent _ _ _ _ H _ _); [|unroll; field].
apply f_equal2; [unroll; same_length|].
apply f_equal2; [unroll; apply f_equal; field [W]|].
apply f_equal2; [reflexivity|]. apply f_equal. ring."""


def _theorem2_sharp(at: Any, terms: Terms) -> str:
    p = _Point(at, terms)
    alpha, lam = p.lambda_min_ww, p.lambda_min_at_w_zero
    return f"""{_least_eigenvalue(p)}
assert (e_unit : sq {p.d} e = 1) by (unroll; lra).
assert (above : block e <= {alpha}).
{{ rewrite <- attained. right. unfold block. unroll. field. }}
assert (H := theorem2_sharp {p.sample} {p.w_star} {p.V} {p.losses} {p.curvatures}
  weights tangents {lam} L e {alpha} e_unit above negative).
rewrite <- (abs_square {lam}) in H.
refine (ge_congruent _ _ _ _ H _ _); [|unroll; field].
apply f_equal2; apply f_equal2.
- unroll; same_length.
- unroll; apply f_equal; field [W].
- unroll; same_length.
- apply f_equal. rewrite (Rabs_pos_eq {alpha} A). ring."""


LEMMA1 = Bridge(
    told.point,
    {"": told.weights, "nonzero_w": nonzero_w, **_LOSS, "convex_loss": told.tangents},
    _lemma1,
    ("shamir2018.proofs.Theorem1",),
    SIZES,
)
THEOREM1 = replace(LEMMA1, script=_theorem1)
THEOREM1_SHARP = replace(LEMMA1, script=_theorem1_sharp)

EIGENVALUE = Bridge(
    told.point_at_w_zero,
    {"": told.weights, "zero_w": lambda at: (), **_LOSS},
    _eigenvalue,
    ("shamir2018.proofs.Setting", "shamir2018.proofs.Theorem2"),
    SIZES,
)
THEOREM2 = replace(EIGENVALUE, script=_theorem2)
THEOREM2_SHARP = replace(EIGENVALUE, script=_theorem2_sharp)
