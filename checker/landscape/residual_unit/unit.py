"""What points of a residual unit x -> W(x + V f_θ(x)) have, with one output or with several.

One output is K = 1, in the paper's notation: w for the row of W, y for the column of Y. The
formulas here are those of both: the transpose of a vector is itself, and products with W, W* and
Y become products with a vector.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from checker.arithmetic.functions import norm
from checker.instances.fields import with_fields
from checker.instances.plane import Plane
from checker.landscape.budgets import COMPARATOR_REACH
from checker.landscape.over_sample import OverSample, check_fields, check_weights, shape_of
from checker.landscape.residual_unit.plane import plane_of


class Letters(NamedTuple):
    """The fields of a point that depend on its outputs: labels, output layer, comparator."""

    labels: str
    output: str
    comparator: str


ONE_OUTPUT, SEVERAL_OUTPUTS = Letters("y", "w", "w_star"), Letters("Y", "W", "W_star")


class UnitPoint(OverSample):
    """A point (W, V) of the landscape of F_θ; see `Point` and `VectorPoint` for the fields."""

    letters: ClassVar[Letters]
    # Whether the loss is known at every prediction, so that a claim may speak of other points.
    loss_everywhere: ClassVar[bool] = True

    if TYPE_CHECKING:
        # Not at run time: the order of a point's fields is that of its corners and their seeds.
        X: Any
        Z: Any
        V: Any
        loss: Any
        # ∇F_θ(W, V) in its blocks.
        grad: Any

    def __post_init__(self) -> None:
        (n, d), m = shape_of(self, "X", 2), shape_of(self, "Z", 2)[1]
        labels, output, comparator = self.letters
        K = shape_of(self, output, 2)[:1] if self.letters is SEVERAL_OUTPUTS else ()
        expected = {"X": (n, d), labels: (n, *K), "Z": (n, m), output: (*K, d), "V": (d, m)}
        sizes = f", Z has {m} columns and W has {K[0]} rows" if K else f" and Z has {m} columns"
        check_fields(self, {**expected, comparator: (*K, d)}, f"X has shape {(n, d)}{sizes}")
        check_weights(self.weights, n)

    def is_valid(self) -> bool:
        """Whether labels and weights are in their domains; for the reducer, which changes them."""
        return self.has_legal_weights() and self.accepted_by(self.loss)

    def accepted_by(self, loss: Any) -> bool:
        """Whether every label is in the domain of a loss."""
        return bool(np.all(loss.labels.accepts(getattr(self, self.letters.labels))))

    def plane(self) -> Plane | None:
        """F around this point and its comparator, for a picture."""
        return plane_of(self)

    # -- values ---------------------------------------------------------------------------------

    @property
    def targets(self) -> Any:
        """What the loss is told about the samples beside the predictions: their labels."""
        return getattr(self, self.letters.labels)

    @property
    def output(self) -> Any:
        """W, (K, d), or w, (d,)."""
        return getattr(self, self.letters.output)

    @property
    def comparator(self) -> Any:
        """W*, (K, d), or w*, (d,)."""
        return getattr(self, self.letters.comparator)

    @cached_property
    def prediction(self) -> Any:
        """W(x + V z) at each sample, (n, K) or (n,)."""
        W = self.output.T
        return self.X @ W + self.Z @ (self.V.T @ W)

    @cached_property
    def linear_prediction(self) -> Any:
        """W* x at each sample, (n, K) or (n,)."""
        return self.X @ self.comparator.T

    @cached_property
    def F(self) -> Any:
        """F(W, V, θ)."""
        return self._risk(self.prediction)

    @cached_property
    def F_lin(self) -> Any:
        """F_lin(W*)."""
        return self._risk(self.linear_prediction)

    @cached_property
    def gap(self) -> Any:
        """F(W, V, θ) - F_lin(W*), exactly 0 where both predict the same at every sample."""
        return self.gap_to(self.linear_prediction)

    @cached_property
    def scale(self) -> Any:
        """|F| + |E l(0; y)|: what a difference of values may be small against."""
        return abs(self.F) + abs(self._risk(0 * self.prediction))

    def gap_to(self, Q: Any) -> Any:
        """F(W, V, θ) - E l(q; y) for other predictions Q; exactly 0 where they agree."""
        raise NotImplementedError

    def _risk(self, P: Any) -> Any:
        return self.mean(self.loss.value(P, self.targets))

    # -- first derivatives ----------------------------------------------------------------------

    @cached_property
    def _slope(self) -> Any:
        """Weighted ∂l/∂p, (K, n) or (n,)."""
        return self._slope_at(self.prediction)

    def _slope_at(self, P: Any) -> Any:
        return self._weighted(self.loss.slope(P, self.targets).T)

    def _moment(self, columns: Any) -> Any:
        """E[l' cᵀ] for one row c of `columns` per sample, (K, ...) or (...)."""
        return self._averaged(self._slope @ columns)

    @property
    def moments(self) -> tuple[Any, Any]:
        """E[l' xᵀ] and E[l' zᵀ], of which the gradient consists."""
        raise NotImplementedError

    @cached_property
    def comparator_slope(self) -> Any:
        """∇F_lin(W*), (K, d) or (d,)."""
        return self._averaged(self._slope_at(self.linear_prediction) @ self.X)

    @cached_property
    def comparator_gap(self) -> Any:
        """F_lin(W*) is at most this much above its infimum within 10³ (1 + ||W*||) of W*.

        By convexity F_lin(U) >= F_lin(W*) - ||∇F_lin(W*)|| ||U - W*||.
        """
        return reached_by(self.comparator_slope, self.comparator)


def reached_by(slope: Any, comparator: Any) -> Any:
    """How far a convex function of this slope may fall within 10³ (1 + ||.||) of a comparator."""
    return norm(slope) * COMPARATOR_REACH * (1 + norm(comparator))


def with_simpler_losses(point: Any, simplest: Sequence[Any], labels: Any) -> Iterator[Any]:
    """The same point with the losses that come before its own and accept its labels."""
    for loss in simplest:
        if loss == point.loss:
            return
        if np.all(loss.labels.accepts(labels)):
            yield with_fields(point, loss=loss)
