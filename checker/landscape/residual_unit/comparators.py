"""Points with K outputs, compared with the best that can be read off the residual representation.

Kawaguchi and Bengio (2019): predictors x -> R_x x + R_z z linear in [x; z], z = f_θ(x), of which
the unit W(x + V z) is the one with R_x = W and R_z = W V.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import dot, outer, row_sums, solve_positive_definite, sq
from checker.instances.fields import Dims, FloatArray, unchecked, with_fields
from checker.landscape.losses.coupled import SIMPLEST_VECTOR_LOSSES, VectorLoss
from checker.landscape.over_sample import (
    OverSample,
    check_fields,
    check_weights,
    require_positive,
    shape_of,
)
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.residual_unit.unit import reached_by, with_simpler_losses


@dataclass(frozen=True, eq=False, kw_only=True)
class ResidualPoint(VectorPoint):
    """A point (W, V) and a comparator R = [W*, S]: x -> W* x + S z.

    Attributes
    ----------
    S
        What the comparator makes of the features, (K, m).
    """

    S: Annotated[FloatArray, Dims("K", "m")]

    def __post_init__(self) -> None:
        super().__post_init__()
        shape = (self.W.shape[0], self.V.shape[1])
        check_fields(self, {"S": shape}, f"W has {shape[0]} rows and V {shape[1]} columns")

    @cached_property
    def comparison(self) -> Any:
        """W* x + S z per sample, (n, K)."""
        return self.linear_prediction + self.Z @ self.S.T

    @cached_property
    def residual_gap(self) -> Any:
        """F(W, V, θ) - E l(W* x + S z; y)."""
        return self.gap_to(self.comparison)

    @cached_property
    def D(self) -> Any:
        """W* V - S, (K, m): 0 where the comparator is a residual unit with the same V."""
        return self.W_star @ self.V - self.S

    @cached_property
    def direction(self) -> tuple[Any, Any]:
        """(W - W*, W⁺ D): along it the gradient sees the gap; needs full row rank."""
        return self.W - self.W_star, self.lift(self.D)

    @cached_property
    def comparator_gap(self) -> Any:
        """The comparator [W*, S] is at most this much above the best one within 10³ (1 + ||.||)."""
        slopes = self._slope_at(self.comparison)
        gradient = (self._averaged(slopes @ self.X), self._averaged(slopes @ self.Z))
        return reached_by(gradient, (self.W_star, self.S))


@dataclass(frozen=True, eq=False, kw_only=True)
class DescentPoint(VectorPoint):
    """A point (W, V) and a gradient step from the linear predictor W* into the features.

    With B* = E[l'(W* x) zᵀ] the comparator is x -> W* x - t B* z.

    Attributes
    ----------
    t
        Length of the step, positive.
    """

    t: Annotated[FloatArray, Dims(domain="positive")]

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "t")

    def is_valid(self) -> bool:
        """Whether labels, weights and the step are in their domains."""
        return super().is_valid() and bool(np.all(self.t > 0))

    @cached_property
    def B_star(self) -> Any:
        """E[l' zᵀ] at the linear predictor W*, (K, m)."""
        return self._averaged(self._slope_at(self.linear_prediction) @ self.Z)

    @cached_property
    def decrease(self) -> Any:
        """t ||B*||² - (β t²/2) E||B* z||²: what the step gains at least, for a β-smooth loss."""
        through = self.Z @ self.B_star.T
        curved = self.mean(row_sums(through * through))
        return self.t * sq(self.B_star) - self.loss.smoothness * sq(self.t) * curved / 2

    @cached_property
    def direction(self) -> tuple[Any, Any]:
        """(W - W*, W⁺(W* V + t B*))."""
        return self.W - self.W_star, self.lift(self.W_star @ self.V + self.t * self.B_star)


class SquaredPoint(VectorPoint):
    """A point for the squared loss, where the best predictor on [x; z] has a closed form.

    Needs linearly independent columns of [X, Z] and no weights.
    """

    @cached_property
    def best_value(self) -> Any:
        """(||Y (I - P_X)||_F² - ||Y P_{Z (I - P_X)}||_F²) / (2n), samples as columns in Y, X, Z.

        P_M is the projector on the row space of M. The second term is what the features improve.
        """
        residual, new = self.off_inputs(self.Y), self.off_inputs(self.Z)
        cross = new.T @ residual
        rows = solve_positive_definite(new.T @ new, cross)
        improvement = sum((dot(cross[i], row) for i, row in enumerate(rows)), 0 * sq(self.V))
        return (sq(residual) - improvement) / (2 * self.X.shape[0])

    def off_inputs(self, columns: Any) -> Any:
        """What a least-squares fit by X leaves of these columns."""
        rows = solve_positive_definite(self.X.T @ self.X, self.X.T @ columns)
        fitted = (outer(self.X.T[i], row) for i, row in enumerate(rows))
        return columns - sum(fitted, 0 * columns)


@dataclass(frozen=True, eq=False)
class FlatPoint(OverSample):
    """A point (W, V) with W u = 0: F is the same at every V + u qᵀ.

    W = M (||u||² I - u uᵀ), computed in the arithmetic, so that W u = 0 exactly; every W with
    W u = 0 is of this form. Other fields as in `ResidualPoint`.

    Attributes
    ----------
    M
        Any matrix, (K, d).
    u
        The null direction, not 0, (d,).
    """

    X: Annotated[FloatArray, Dims("n", "d")]
    Y: Annotated[FloatArray, Dims("n", "K", domain="label")]
    Z: Annotated[FloatArray, Dims("n", "m")]
    M: Annotated[FloatArray, Dims("K", "d")]
    u: Annotated[FloatArray, Dims("d")]
    V: Annotated[FloatArray, Dims("d", "m")]
    W_star: Annotated[FloatArray, Dims("K", "d")]
    S: Annotated[FloatArray, Dims("K", "m")]
    loss: VectorLoss
    weights: Annotated[FloatArray | None, Dims("n", domain="weight")] = None

    def __post_init__(self) -> None:
        (n, d), m, K = shape_of(self, "X", 2), shape_of(self, "Z", 2)[1], shape_of(self, "M", 2)[0]
        expected = {"X": (n, d), "Y": (n, K), "Z": (n, m), "M": (K, d), "u": (d,), "V": (d, m)}
        why = f"X has shape {(n, d)}, Z has {m} columns and M has {K} rows"
        check_fields(self, {**expected, "W_star": (K, d), "S": (K, m)}, why)
        check_weights(self.weights, n)
        self.loss.check(self.Y)

    def is_valid(self) -> bool:
        """Whether labels and weights are in their domains; for the reducer."""
        return self.has_legal_weights() and bool(np.all(self.loss.labels.accepts(self.Y)))

    def simpler(self) -> Iterator[FlatPoint]:
        """The same point with a simpler loss, for the reducer."""
        yield from with_simpler_losses(self, SIMPLEST_VECTOR_LOSSES, self.Y)

    @cached_property
    def point(self) -> ResidualPoint:
        """The point (W, V) itself."""
        M: Any = self.M
        W = M * sq(self.u) - outer(M @ self.u, self.u)
        same = ("X", "Y", "Z", "V", "W_star", "S", "loss", "weights")
        return unchecked(ResidualPoint, W=W, **{name: getattr(self, name) for name in same})

    @cached_property
    def neighbours(self) -> list[tuple[ResidualPoint, ResidualPoint]]:
        """(W, V + u e_jᵀ) and (W, V - u e_jᵀ) for each feature j: points of the same value."""
        u: Any = self.u
        shifts = [outer(u, type(u).constant(e)) for e in np.eye(self.Z.shape[1])]
        return [(self._moved(shift), self._moved(-shift)) for shift in shifts]

    def _moved(self, shift: Any) -> ResidualPoint:
        return with_fields(self.point, V=self.V + shift)

    @cached_property
    def mean_square_gradient(self) -> Any:
        """Mean of ||∂F/∂W||_F² over the neighbours."""
        squares = [sq(x.grad[0]) for pair in self.neighbours for x in pair]
        return sum(squares[1:], squares[0]) / len(squares)
