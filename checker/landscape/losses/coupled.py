"""Losses of vector-valued predictions, p -> l(p; y) with p and y in R^K.

Remark 2 and appendix B of Shamir (2018). A loss states its value, its gradient in p and the trace
of its Hessian for all samples at once: P and Y have shape (n, K), one row per sample.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from checker.arithmetic.functions import exp, row_sums, softplus, sqrt
from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Labels, Loss, check_convex
from checker.landscape.losses.catalogue import LOSSES, loss_named
from checker.landscape.losses.per_sample import PerSample


@dataclass(frozen=True)
class VectorLoss(ABC):
    """A loss of K outputs.

    Attributes
    ----------
    labels
        Domain of each entry of y.
    convex, differentiable, twice_differentiable
        In p, for every y of the domain.
    bounded_below
        Whether p -> l(p; y) is bounded below for every y of the domain.
    smoothness
        A Lipschitz constant β of p -> ∂l/∂p valid for every label; None if unknown.
    """

    kind: ClassVar[str]
    labels: ClassVar[Labels] = Labels.REAL
    convex: ClassVar[bool] = True
    differentiable: ClassVar[bool] = True
    twice_differentiable: ClassVar[bool] = True
    bounded_below: ClassVar[bool] = True
    smoothness: ClassVar[float | None] = None

    @property
    def name(self) -> str:
        """Name with parameters."""
        return self.kind

    @abstractmethod
    def value(self, P: Any, Y: Any) -> Any:
        """l(p; y) per sample, (n,)."""

    @abstractmethod
    def slope(self, P: Any, Y: Any) -> Any:
        """∂l/∂p, (n, K)."""

    @abstractmethod
    def trace(self, P: Any, Y: Any) -> Any:
        """Trace of ∂²l/∂p² per sample, (n,)."""

    def product(self, P: Any, Y: Any, Q: Any) -> Any:
        """∂²l/∂p² times the rows of Q, (n, K); None for a loss that does not state it."""
        return None

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """Random labels of shape (n, K, ...)."""
        return self.labels.draw(rng, shape)

    def check(self, Y: FloatArray) -> None:
        """Raise InputError unless every entry of Y, (n, K), is in the domain."""
        bad = np.argwhere(~self.labels.accepts(Y))
        if len(bad):
            row, column = (int(i) for i in bad[0])
            binary = self.labels is Labels.SIGN and set(np.unique(Y)) <= {0.0, 1.0}
            raise InputError(
                f"Y[{row}, {column}] = {float(Y[row, column])!r} is outside the domain of the "
                f"loss {self.name}",
                why=f"its labels must be {self.labels.value}",
                hint="Labels 0 and 1: use 'softmax' or 'cross_entropy'" if binary else "",
            )


# What a sum over the outputs has of its terms.
_SHARED = (
    "labels",
    "convex",
    "differentiable",
    "twice_differentiable",
    "bounded_below",
    "smoothness",
)


@dataclass(frozen=True)
class Separable(VectorLoss):
    """Σ_k l(p_k; y_k) for a loss l of one output: squared, linear, logistic for many labels, ..."""

    each: Loss
    kind = "separable"

    def __post_init__(self) -> None:
        # Class variables of every other loss; dataclasses compare and save fields only.
        for name in _SHARED:
            object.__setattr__(self, name, getattr(self.each, name))

    @property
    def name(self) -> str:
        return f"sum of {self.each.name}"

    def value(self, P: Any, Y: Any) -> Any:
        return row_sums(self.each.value(P, Y))

    def slope(self, P: Any, Y: Any) -> Any:
        return self.each.slope(P, Y)

    def trace(self, P: Any, Y: Any) -> Any:
        return row_sums(self.each.curvature(P, Y))

    def product(self, P: Any, Y: Any, Q: Any) -> Any:
        return self.each.curvature(P, Y) * Q

    def check(self, Y: FloatArray) -> None:
        super().check(Y)
        check_convex(self.each)

    def kept(self, dim: str, indices: Sequence[int]) -> Separable:
        """The losses of some samples only, where each has its own."""
        each = self.each
        return Separable(each.kept(dim, indices)) if isinstance(each, PerSample) else self


@dataclass(frozen=True)
class SoftmaxCrossEntropy(VectorLoss):
    """log Σ_k exp(p_k) - <y, p>, the cross-entropy of softmax(p) where y is a distribution.

    Convex for every y; labels are class probabilities, one-hot for hard classes. That they sum to 1
    is used by no proof and not checked.
    """

    kind = "softmax"
    labels = Labels.UNIT
    # The Hessian gives the variance of v under softmax: at most (max v - min v)²/4.
    smoothness = 0.5

    def value(self, P: Any, Y: Any) -> Any:
        return log_sum_exp(P) - row_sums(Y * P)

    def slope(self, P: Any, Y: Any) -> Any:
        return _softmax(P).T - Y

    def trace(self, P: Any, Y: Any) -> Any:
        # Σ_k s_k (1 - s_k), with 1 - s_k as the sum of the others: no cancellation.
        s = _softmax(P)
        classes = [s[k] for k in range(s.shape[0])]
        pairs = [a * b for k, a in enumerate(classes) for b in classes[:k]]
        return 2 * sum(pairs[1:], pairs[0]) if pairs else 0 * classes[0]

    def product(self, P: Any, Y: Any, Q: Any) -> Any:
        s = _softmax(P)
        return (s * (Q.T - row_sums(s.T * Q))).T

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        n, K, *rest = shape
        soft = np.moveaxis(rng.dirichlet(np.ones(K), (n, *rest)), -1, 1)
        hard = np.moveaxis(np.eye(K)[rng.integers(K, size=(n, *rest))], -1, 1)
        return np.where(rng.random((n, 1, *rest)) < 0.5, soft, hard)


def log_sum_exp(P: Any) -> Any:
    """log Σ_k exp(p_k) per row: log(e^s + e^p) = p + softplus(s - p), half of them at a time."""
    outputs, alone = P.T, []
    while outputs.shape[0] > 1:
        half, odd = divmod(outputs.shape[0], 2)
        if odd:
            alone.append(outputs[2 * half])
        outputs = _log_add(outputs[:half], outputs[half : 2 * half])
    return reduce(_log_add, [outputs[0], *reversed(alone)])


def _log_add(s: Any, p: Any) -> Any:
    return p + softplus(s - p)


def _softmax(P: Any) -> Any:
    """Softmax of each row, transposed: (K, n)."""
    return exp(P.T - log_sum_exp(P))


@dataclass(frozen=True)
class Radial(VectorLoss):
    """√(1 + ||p - y||²) - 1, a pseudo-Huber loss of the distance, which couples the outputs."""

    kind = "radial"
    smoothness = 1.0

    def _distance(self, P: Any, Y: Any) -> tuple[Any, Any]:
        square = row_sums((P - Y) ** 2)
        return square, sqrt(1 + square)

    def value(self, P: Any, Y: Any) -> Any:
        square, root = self._distance(P, Y)
        return square / (1 + root)

    def slope(self, P: Any, Y: Any) -> Any:
        return ((P - Y).T / self._distance(P, Y)[1]).T

    def trace(self, P: Any, Y: Any) -> Any:
        square, root = self._distance(P, Y)
        K = P.shape[1]
        return (K + (K - 1) * square) / root**3

    def product(self, P: Any, Y: Any, Q: Any) -> Any:
        _, root = self._distance(P, Y)
        apart = P - Y
        return ((Q.T - apart.T * (row_sums(apart * Q) / root**2)) / root).T


LINEAR, SQUARED = Separable(LOSSES["affine"]), Separable(LOSSES["squared"])

# The simplest first: what the reducer tries in place of another loss.
SIMPLEST_VECTOR_LOSSES: tuple[VectorLoss, ...] = (LINEAR, SQUARED)

_COUPLED: dict[str, VectorLoss] = {loss.kind: loss for loss in (SoftmaxCrossEntropy(), Radial())}


def vector_loss_named(name: str) -> VectorLoss:
    """`softmax`, `radial`, or the sum over the outputs of the loss of one output with this name.

    Raises
    ------
    InputError
        When no loss has this name.
    """
    if name in _COUPLED:
        return _COUPLED[name]
    try:
        return Separable(loss_named(name))
    except InputError as error:
        hint = f"{', '.join(_COUPLED)}, or as a sum over the outputs one of the {error.hint}"
        raise InputError(error.what, hint=hint) from error
