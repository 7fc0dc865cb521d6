"""Deep residual networks h_l = h_{l-1} + V_l σ(U_l h_{l-1}), x -> wᵀ h_L(x), in any arithmetic.

Yun, Sra and Jadbabaie (2019). Unlike the features of a residual unit, the later features here move
with V_l, so that derivatives in V_l run through the whole network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import (
    filled,
    norm,
    outer,
    row_sums,
    sigmoid,
    softplus,
    spectral_norm,
    sq,
    sqrt,
    tanh,
    vanishing_with,
)
from checker.errors import InputError
from checker.instances.fields import Dims, FloatArray, with_fields
from checker.landscape.budgets import COMPARATOR_REACH
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import SIMPLEST_LOSSES
from checker.landscape.over_sample import OverSample, check_fields, shape_of

Function = Callable[[Any], Any]


def _sigmoid_slope(t: Any) -> Any:
    return sigmoid(t) * sigmoid(-t)


# σ, σ' and σ'', entry by entry.
ACTIVATIONS: dict[str, tuple[Function, Function, Function]] = {
    "square": (lambda t: t * t, lambda t: 2 * t, lambda t: filled(t, 2.0)),
    "tanh": (
        tanh,
        lambda t: 1 - tanh(t) * tanh(t),
        lambda t: -2 * tanh(t) * (1 - tanh(t) * tanh(t)),
    ),
    "identity": (lambda t: t, lambda t: filled(t, 1.0), lambda t: filled(t, 0.0)),
    "cubic": (lambda t: t * t * t, lambda t: 3 * t * t, lambda t: 6 * t),
    "sigmoid": (sigmoid, _sigmoid_slope, lambda t: _sigmoid_slope(t) * (1 - 2 * sigmoid(t))),
    "softplus": (softplus, sigmoid, _sigmoid_slope),
}

# Those whose values are rational at rational arguments, so that equality can be proved.
RATIONAL = ("square", "identity", "cubic")

# Those that are 1-Lipschitz with σ(0) = 0: near the identity blocks then change little.
CONTRACTING = ("tanh", "identity")


class Pass:
    """One forward and backward pass with given parameters."""

    def __init__(self, at: Any, U: list[Any], V: list[Any], w: Any) -> None:
        self.at, self.U, self.V, self.w = at, U, V, w
        self.sigma, self._slope, self._curvature = ACTIVATIONS[at.activation]

    @cached_property
    def hidden(self) -> list[Any]:
        """h_0, ..., h_L at the sample, (n, d) each."""
        parts = [self.at.X]
        for U, V in zip(self.U, self.V, strict=True):
            parts.append(parts[-1] + self.sigma(parts[-1] @ U.T) @ V.T)
        return parts

    @cached_property
    def _inner(self) -> list[Any]:
        """U_l h_{l-1}, (n, m) each."""
        return [h @ U.T for h, U in zip(self.hidden, self.U, strict=False)]

    @cached_property
    def features(self) -> list[Any]:
        """φ_l = σ(U_l h_{l-1}), (n, m) each."""
        return [self.sigma(inner) for inner in self._inner]

    @cached_property
    def inner_slopes(self) -> list[Any]:
        """σ'(U_l h_{l-1}), (n, m) each."""
        return [self._slope(inner) for inner in self._inner]

    @cached_property
    def inner_curvatures(self) -> list[Any]:
        """σ''(U_l h_{l-1}), (n, m) each."""
        return [self._curvature(inner) for inner in self._inner]

    @cached_property
    def prediction(self) -> Any:
        """wᵀ h_L, (n,)."""
        return self.hidden[-1] @ self.w

    def apart(self, u: Any, C: list[Any] | None = None) -> Any:
        """wᵀ h_L - uᵀ x - Σ c_lᵀ φ_l, (n,): exactly 0 where w = u and each V_lᵀ w = c_l.

        For h_L = x + Σ V_l φ_l; without C all c_l are 0.
        """
        found = self.at.X @ (self.w - u)
        for index, (phi, V) in enumerate(zip(self.features, self.V, strict=True)):
            seen = V.T @ self.w
            found = found + phi @ (seen if C is None else seen - C[index])
        return found

    @cached_property
    def risk(self) -> Any:
        """R = E l."""
        return self.at.mean(self.at.loss.value(self.prediction, self.at.y))

    @cached_property
    def slopes(self) -> Any:
        """l' at the predictions, (n,)."""
        return self.at.loss.slope(self.prediction, self.at.y)

    @cached_property
    def curvatures(self) -> Any:
        """l'' at the predictions, (n,)."""
        return self.at.loss.curvature(self.prediction, self.at.y)

    @cached_property
    def gradient_w(self) -> Any:
        """∂R/∂w = E[l' h_L]."""
        return (self.slopes @ self.hidden[-1]) / self.at.X.shape[0]

    @cached_property
    def gradients_V(self) -> list[Any]:
        """∂R/∂V_l, (d, m) each, by backpropagation."""
        error, found = outer(self.slopes, self.w), []
        for index in reversed(range(len(self.V))):
            found.append((error.T @ self.features[index]) / self.at.X.shape[0])
            back = self.inner_slopes[index] * (error @ self.V[index])
            error = error + back @ self.U[index]
        return found[::-1]


@dataclass(frozen=True, eq=False)
class DeepResidual(OverSample):
    """A deep residual network with its data, and a predictor linear in the inputs to compare.

    Attributes
    ----------
    X, y
        Inputs (n, d) and labels (n,).
    U, V
        Blocks, (L, m, d) and (L, d, m).
    w, u
        Output weights and the linear comparator, (d,).
    loss, activation
        l and the name of σ.
    """

    X: Annotated[FloatArray, Dims("n", "d")]
    y: Annotated[FloatArray, Dims("n", domain="label")]
    U: Annotated[FloatArray, Dims("L", "m", "d")]
    V: Annotated[FloatArray, Dims("L", "d", "m")]
    w: Annotated[FloatArray, Dims("d")]
    u: Annotated[FloatArray, Dims("d")]
    loss: Loss
    activation: str

    weights = None

    def __post_init__(self) -> None:
        n, d = shape_of(self, "X", 2)
        if np.ndim(self.U) == 3 and len(self.U) == 0:
            raise InputError(
                "a residual network of depth 0 is the linear predictor itself",
                why=f"U has shape {self.U.shape}",
                hint="give it at least one block: U (L, m, d) and V (L, d, m) with L >= 1",
            )
        L, m, _ = shape_of(self, "U", 3)
        expected = {"X": (n, d), "y": (n,), "U": (L, m, d), "V": (L, d, m), "w": (d,), "u": (d,)}
        check_fields(self, expected, f"d = {d}, m = {m}, L = {L}")
        if self.activation not in ACTIVATIONS:
            raise InputError(
                f"there is no activation {self.activation!r}",
                why="the bounds need σ, σ' and σ'' in every arithmetic",
                hint=f"known: {', '.join(ACTIVATIONS)}",
            )
        self.loss.check_labels(self.y)

    def is_valid(self) -> bool:
        """Whether the labels are in the domain of the loss."""
        return bool(np.all(self.loss.labels.accepts(self.y)))

    def simpler(self) -> Iterator[Any]:
        """The same with a simpler loss, for the reducer."""
        for loss in SIMPLEST_LOSSES:
            if loss == self.loss:
                return
            yield with_fields(self, loss=loss)

    @property
    def L(self) -> int:
        """Depth."""
        return int(self.V.shape[0])

    @cached_property
    def network(self) -> Pass:
        """The network as it is."""
        blocks = range(self.L)
        return Pass(self, [self.U[i] for i in blocks], [self.V[i] for i in blocks], self.w)

    @cached_property
    def risk_gap(self) -> Any:
        """R - R_lin(u), exactly 0 where w = u sees no block."""
        X: Any = self.X
        return self._gap(self.network, X @ self.u, self.network.apart(self.u))

    def _gap(self, network: Pass, compared: Any, apart: Any) -> Any:
        """E l(p; y) - E l(q; y) for two predictors of which p - q is known better than p and q."""
        more = self.loss.value(network.prediction, self.y) - self.loss.value(compared, self.y)
        return self.mean(vanishing_with(more, apart))

    @cached_property
    def distortion(self) -> Any:
        """Π (1 + ρ_l) - 1, ρ_l = ||V_l|| ||U_l||."""
        pairs = zip(self.network.U, self.network.V, strict=True)
        sizes = (1 + spectral_norm(V) * spectral_norm(U) for U, V in pairs)
        return reduce(lambda a, b: a * b, sizes) - 1

    @cached_property
    def mean_length(self) -> Any:
        """E||x||."""
        X: Any = self.X
        return self.mean(sqrt(row_sums(X * X)))


@dataclass(frozen=True, eq=False, kw_only=True)
class CoveredResidual(DeepResidual):
    """A network whose blocks l >= 2 do not see the direction v: U_l v = 0 ("parameter coverage").

    U_l stands for U_l (||v||² I - v vᵀ), l >= 2, computed in the arithmetic; every U_l with
    U_l v = 0 is of this form.

    Attributes
    ----------
    v
        The direction, not 0, (d,).
    C
        What the comparator x -> uᵀ x + Σ c_lᵀ φ_l makes of the features, (L, m).
    """

    v: Annotated[FloatArray, Dims("d")]
    C: Annotated[FloatArray, Dims("L", "m")]

    def __post_init__(self) -> None:
        super().__post_init__()
        L, m, d = self.U.shape
        check_fields(self, {"v": (d,), "C": (L, m)}, f"d = {d}, m = {m}, L = {L}")

    def _without_v(self, matrix: Any) -> Any:
        """matrix (||v||² I - v vᵀ)."""
        v: Any = self.v
        return matrix * sq(v) - outer(matrix @ v, v)

    def blocks(self, covered: bool = True) -> list[Any]:
        """U_1, ..., U_L; as they are, without the condition, if not `covered`."""
        first, *later = (self.U[index] for index in range(self.L))
        return [first, *(self._without_v(U) if covered else U for U in later)]

    def passed(self, w: Any, V: list[Any] | None = None, covered: bool = True) -> Pass:
        """A pass with these output weights and V."""
        own = [self.V[index] for index in range(self.L)]
        return Pass(self, self.blocks(covered), own if V is None else V, w)

    @cached_property
    def w_across(self) -> Any:
        """||v||² w - (wᵀ v) v, which is orthogonal to v."""
        w: Any = self.w
        return w * sq(self.v) - (w @ self.v) * self.v

    def gap(self, network: Pass) -> Any:
        """R - E l(uᵀ x + Σ c_lᵀ φ_l; y), φ_l the features of the network."""
        return self._gap(network, self.compared(network), self.apart_from(network))

    def apart_from(self, network: Pass) -> Any:
        """The predictions of a network minus those of the comparator, (n,)."""
        return network.apart(self.u, [self.C[index] for index in range(self.L)])

    def compared(self, network: Pass) -> Any:
        """uᵀ x + Σ c_lᵀ φ_l at the sample, (n,)."""
        X: Any = self.X
        parts = (phi @ self.C[index] for index, phi in enumerate(network.features))
        return reduce(lambda a, b: a + b, parts, X @ self.u)

    def says_something(self, network: Pass, bound: Any, share: float) -> Any:
        """Positive where a bound on the gap is below a share of |R| + |E l(0; y)|, and the
        comparator as good as best: R is convex in (u, C), which bounds what a better one gains
        within 10³ (1 + ||(u, C)||).
        """
        X: Any = self.X
        own = self.compared(network)
        slopes = self.loss.slope(own, self.y)
        parts = (slopes @ X, *(slopes @ phi for phi in network.features))
        better = norm(parts) * COMPARATOR_REACH * (1 + norm((self.u, self.C))) / X.shape[0]
        scale = abs(network.risk) + abs(self.mean(self.loss.value(0 * own, self.y)))
        return share * scale - bound - better

    @cached_property
    def apart(self) -> list[Any]:
        """V_lᵀ u - c_l, (m,) each."""
        return [self.V[index].T @ self.u - self.C[index] for index in range(self.L)]

    def neighbours(self, covered: bool = True) -> list[Pass]:
        """The networks with w orthogonal to v and V_l ± v e_jᵀ, for each block l and feature j.

        If U_l v = 0 for l >= 2 all of them make the same predictions.
        """
        v: Any = self.v
        own = [self.V[index] for index in range(self.L)]
        found = []
        for index in range(self.L):
            for unit in np.eye(own[0].shape[1]):
                shift = outer(v, type(v).constant(unit))
                for moved in (own[index] + shift, own[index] - shift):
                    V = [*own[:index], moved, *own[index + 1 :]]
                    found.append(self.passed(self.w_across, V, covered))
        return found

    def mean_square_gradient(self, covered: bool = True) -> Any:
        """Mean of ||∂R/∂w||² over the neighbours."""
        squares = [sq(network.gradient_w) for network in self.neighbours(covered)]
        return reduce(lambda a, b: a + b, squares) / len(squares)

    def curvature_in_w(self, network: Pass) -> Any:
        """E[l'' (vᵀ h_L)²] = <v, ∂²R/∂w² v>."""
        along = network.hidden[-1] @ self.v
        return self.mean(network.curvatures * along * along)

    def length_apart(self, w: Any, factor: Any) -> Any:
        """√(||w - u||² + factor Σ ||V_lᵀ u - c_l||²)."""
        return sqrt(sq(w - self.u) + factor * sq(tuple(self.apart)))


def pulled(network: Pass, v: Any) -> Any:
    """(∂R/∂w, vᵀ ∂R/∂V_1, ..., vᵀ ∂R/∂V_L) as one vector, its norm."""
    return norm((network.gradient_w, *(g.T @ v for g in network.gradients_V)))
