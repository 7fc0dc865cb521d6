"""Points that a search returned, of an objective that may differ from the theorems' in one respect.

    F(w, V) = E l(wᵀ σ(s x + V f); y) + (λ/2)(||w||² + ||V||²),
    F_lin(w*) = E l(w*ᵀ x; y) + (λ/2) ||w*||².

The theorems have s = 1, λ = 0 and no σ. Whatever is asserted of a found point is decided at the
numbers as they are, with the gradient enclosed: that a search was to end in a critical point is no
part of any proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import norm, outer, sq
from checker.arithmetic.plain import Plain
from checker.errors import InputError
from checker.instances.fields import Dims, FloatArray, fields_of, map_arrays, unchecked, with_fields
from checker.landscape.deep_residual.network import ACTIVATIONS
from checker.landscape.losses.coupled import Separable
from checker.landscape.minima.near_points import Certified, LinearProblem
from checker.landscape.over_sample import check_fields
from checker.landscape.residual_unit.comparators import ResidualPoint
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundPoint(Point):
    """A point (w, V) that a search returned.

    Attributes
    ----------
    skip
        The factor s of the skip connection; 1 in the theorems, 0 for none.
    ridge
        λ >= 0; 0 in the theorems.
    after
        The name of σ, applied after the sum; empty for none, as in the theorems.
    """

    skip: Annotated[FloatArray | float, Dims()] = 1.0
    ridge: Annotated[FloatArray | float, Dims(domain="weight")] = 0.0
    after: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fields(self, {"skip": (), "ridge": ()}, "both are single numbers")
        if self.after and self.after not in ACTIVATIONS:
            raise InputError(
                f"there is no activation {self.after!r}", hint=f"known: {', '.join(ACTIVATIONS)}"
            )

    def is_valid(self) -> bool:
        """Whether labels, weights and λ are in their domains."""
        return super().is_valid() and bool(np.all(self.ridge >= 0))

    # -- values -----------------------------------------------------------------------------------

    @cached_property
    def _inputs(self) -> Any:
        """s x, (n, d)."""
        return self.X * self.skip

    @cached_property
    def _hidden(self) -> Any:
        """s x + V f, (n, d)."""
        return self._inputs + self.Z @ self.V.T

    @cached_property
    def prediction(self) -> Any:
        """What the unit predicts at each sample, (n,)."""
        if self.after:
            return ACTIVATIONS[self.after][0](self._hidden) @ self.w
        return self._inputs @ self.w + self.Z @ (self.V.T @ self.w)

    @cached_property
    def F(self) -> Any:
        """The objective, the ridge term included."""
        size = sq(self.w) + sq(self.V)
        return self.mean(self.loss.value(self.prediction, self.y)) + self.ridge * size / 2

    @cached_property
    def F_lin(self) -> Any:
        """F_lin(w*), the ridge term included."""
        risk = self.mean(self.loss.value(self.linear_prediction, self.y))
        return risk + self.ridge * sq(self.w_star) / 2

    @cached_property
    def gap(self) -> Any:
        """F - F_lin(w*)."""
        plain: Any = Point.gap.func(self)  # type: ignore[attr-defined]
        return plain + self.ridge * (sq(self.w) + sq(self.V) - sq(self.w_star)) / 2

    @cached_property
    def comparator_slope(self) -> Any:
        """∇F_lin(w*), the ridge term included."""
        plain: Any = Point.comparator_slope.func(self)  # type: ignore[attr-defined]
        return plain + self.ridge * self.w_star

    # -- derivatives ------------------------------------------------------------------------------

    @cached_property
    def a(self) -> Any:
        """E[l' s x], (d,)."""
        return self._averaged(self._slope @ self._inputs)

    @cached_property
    def grad(self) -> tuple[Any, Any]:
        """∇F in its blocks (d,) and (d, m)."""
        in_w, in_V = self._through_activation if self.after else self._through_sum
        return in_w + self.ridge * self.w, in_V + self.ridge * self.V

    @property
    def _through_sum(self) -> tuple[Any, Any]:
        return self.a + self.V @ self.b, outer(self.w, self.b)

    @property
    def _through_activation(self) -> tuple[Any, Any]:
        """E[l' σ(h)] and E[l' (w ∘ σ'(h)) fᵀ]."""
        value, slope, _ = ACTIVATIONS[self.after]
        in_w = self._averaged(self._slope @ value(self._hidden))
        pulled = self._averaged((slope(self._hidden).T * self._slope) @ self.Z)
        return in_w, (pulled.T * self.w).T

    @cached_property
    def grad_norm(self) -> Any:
        """||∇F||."""
        return norm(self.grad)


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundMinimum(Certified, FoundPoint):
    """A found point with a minimum near it; a ball in (w, Vᵀw) takes λ = 0 and no σ."""

    def linear_problems(self) -> list[LinearProblem]:
        """E l(cᵀ[s x; f]; y) as a function of c; none where F is not of this form."""
        linear = not (self.whole or self.after or self.ridge) and self.skip in (0, 1)
        if not linear:
            return []
        columns = np.hstack([self.X, self.Z]) if self.skip else self.Z
        q = (self.V.T, self.w)
        blocks = ((self.w,), q) if self.skip else (q,)
        return [LinearProblem(columns, self.y, self.weights, self.loss, blocks)]

    def simpler(self) -> Iterator[Any]:
        """The same predictions with one input, that along w, and then with a simpler loss."""
        length = np.linalg.norm(self.w)
        if len(self.w) > 1 and length > 0:
            along = self.w / length
            yield with_fields(
                self,
                X=self.X @ along[:, None],
                w=np.array([length]),
                V=(self.V.T @ along)[None],
                w_star=np.array([along @ self.w_star]),
            )
        yield from super().simpler()


def found_point(point: Point, kind: type[FoundPoint] = FoundPoint, **further: Any) -> Any:
    """The point as a found one, with further fields; those left out are the theorems'."""
    own = fields_of(Point, point)
    standard = {"skip": 1.0, "ridge": 0.0, "after": ""}
    return unchecked(kind, **{**standard, **own, **further})


# -- several outputs ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundVectorMinimum(Certified, ResidualPoint):
    """A point with K outputs and a minimum of F_θ near it.

    Of a loss of several outputs proofs take those that are sums over the outputs: E l(R [x; f]; y),
    R = [W, W V], is then a sum over rows of R. For K > d the ball has to be one in (W, V).
    """

    @property
    def comparators(self) -> tuple[str, ...]:
        return "W_star", "S"

    def linear_problems(self) -> list[LinearProblem]:
        """One problem per output, in the rows of [W, W V]; none where F is no such sum."""
        if self.whole or not isinstance(self.loss, Separable):
            return []
        columns, each = np.hstack([self.X, self.Z]), self.loss.each
        return [
            LinearProblem(columns, y, self.weights, each, ((row,), (self.V.T, row)))
            for row, y in zip(self.W, self.Y.T, strict=True)
        ]


def found_vector_minimum(point: VectorPoint, **further: Any) -> FoundVectorMinimum:
    """The point as one near a minimum; μ and r are still to be found."""
    own = fields_of(VectorPoint, point)
    certified = {"modulus": 1.0, "radius": 1.0, "whole": False}
    return unchecked(FoundVectorMinimum, **{**own, **certified, **further})


def explicit_saddle(point: VectorPoint) -> VectorPoint | None:
    """W = 0 and V with E[l' xᵀ] + B Vᵀ = 0: critical, and a saddle where B != 0; None if K > m."""
    W = np.zeros_like(point.W)
    at: Any = map_arrays(with_fields(point, W=W), lambda a: Plain(a[..., None]))
    A, B = at.A.value[..., 0], at.B.value[..., 0]
    if len(B) > B.shape[1] or not np.isfinite(B).all():
        return None
    return with_fields(point, W=W, V=-(np.linalg.pinv(B) @ A).T)
