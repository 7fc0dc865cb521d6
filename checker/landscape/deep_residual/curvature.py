"""Second derivatives of deep residual networks in (w, V), by differentiating backpropagation.

The alternative of a negative eigenvalue in the main theorem of Yun, Sra and Jadbabaie (2019).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import dot, hstack, norm, outer, sq
from checker.instances.fields import Dims, FloatArray, map_arrays
from checker.landscape.deep_residual.network import CoveredResidual, Pass
from checker.landscape.over_sample import require_positive

Blocks = tuple[Any, ...]


class Tangent:
    """d/dt of a forward and backward pass at (w + t δw, V + t δV), t = 0.

    Nothing of the theorem is used: the product and chain rule through all blocks, as for a network
    whose later blocks see every change.
    """

    def __init__(self, network: Pass, direction: Blocks) -> None:
        self.network = network
        self.w, *self.V = direction

    @cached_property
    def _forward(self) -> tuple[list[Any], list[Any], Any]:
        """Derivatives of U_l h_{l-1}, of φ_l, and of h_L."""
        net = self.network
        moved, inner, features = 0 * net.at.X, [], []
        for index, U in enumerate(net.U):
            inner.append(moved @ U.T)
            features.append(net.inner_slopes[index] * inner[-1])
            moved = moved + features[-1] @ net.V[index].T + net.features[index] @ self.V[index].T
        return inner, features, moved

    @cached_property
    def prediction(self) -> Any:
        """d/dt of wᵀ h_L, (n,)."""
        return self._forward[2] @ self.network.w + self.network.hidden[-1] @ self.w

    @cached_property
    def hessian_times(self) -> Blocks:
        """∇²R(w, V) times the direction, in its blocks: d/dt of the gradient."""
        net, n = self.network, self.network.at.X.shape[0]
        inner, features, moved = self._forward
        slopes = net.curvatures * self.prediction
        in_w = (slopes @ net.hidden[-1] + net.slopes @ moved) / n
        error, change = outer(net.slopes, net.w), outer(slopes, net.w) + outer(net.slopes, self.w)
        found = []
        for i in reversed(range(len(net.V))):
            found.append((change.T @ net.features[i] + error.T @ features[i]) / n)
            back, back_change = error @ net.V[i], change @ net.V[i] + error @ self.V[i]
            slope, slope_change = net.inner_slopes[i], net.inner_curvatures[i] * inner[i]
            change = change + (slope_change * back + slope * back_change) @ net.U[i]
            error = error + (slope * back) @ net.U[i]
        return (in_w, *found[::-1])


def curvature_along(network: Pass, direction: Blocks) -> Any:
    """<D, ∇²R(w, V) D> for D = (δw, δV_1, ..., δV_L)."""
    return dot(direction, Tangent(network, direction).hessian_times)


def dense_hessian(network: Pass) -> Any:
    """∇²R(w, V), (d + L d m, d + L d m), coordinates (w, rows of V_1, ..., rows of V_L)."""
    blocks = (network.w, *network.V)
    made = type(network.w)
    columns = (Tangent(network, unit).hessian_times for unit in _units(blocks))
    one = made.constant(np.ones(1))
    return hstack(*(outer(_flat(made, column), one) for column in columns))


def _units(blocks: Blocks) -> Iterator[Blocks]:
    """The unit directions, in the arithmetic of the blocks."""
    zeros = [np.zeros(block.shape) for block in blocks]
    for number, zero in enumerate(zeros):
        for index in np.ndindex(zero.shape):
            unit = zero.copy()
            unit[index] = 1.0
            chosen = [*zeros[:number], unit, *zeros[number + 1 :]]
            yield tuple(type(b).constant(x) for b, x in zip(blocks, chosen, strict=True))


def _flat(made: Any, blocks: Blocks) -> Any:
    """The entries of a vector and of matrices, row by row, as one vector."""
    first, *matrices = blocks
    rows = [matrix[i] for matrix in matrices for i in range(matrix.shape[0])]
    return made.concatenate([first, *rows], 0)


@dataclass(frozen=True, eq=False, kw_only=True)
class CurvedResidual(CoveredResidual):
    """A covered network at w orthogonal to v, and a direction D = (α v, -v (V_lᵀu - c_l)ᵀ).

    Attributes
    ----------
    alpha
        How far D goes in w, positive.
    """

    alpha: Annotated[FloatArray, Dims(domain="positive")]

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "alpha")

    def is_valid(self) -> bool:
        """Whether labels and alpha are in their domains."""
        return super().is_valid() and bool(np.all(self.alpha > 0))

    def direction(self) -> Blocks:
        """D, in its blocks δw and δV_l."""
        v: Any = self.v
        return (self.alpha * v, *(-outer(v, apart) for apart in self.apart))

    def curvature(self, network: Pass) -> Any:
        """<D, ∇²R D>."""
        return curvature_along(network, self.direction())

    def first_order(self, network: Pass) -> Any:
        """R - E l(uᵀx + Σ c_lᵀφ_l) - ||∂R/∂w|| ||w - u||: the gap that no gradient explains."""
        return self.gap(network) - norm(network.gradient_w) * norm(network.w - self.u)

    def forced(self, network: Pass) -> Any:
        """2 α ||v||² (R - E l(...) - ||∂R/∂w|| ||w - u||) - α² E[l'' (vᵀ h_L)²]."""
        gain = 2 * sq(self.v) * self.first_order(network)
        return self.alpha * (gain - self.alpha * self.curvature_in_w(network))


def kind_of_deep_point(point: CurvedResidual) -> str:
    """For the census: which alternative of the main theorem float bounds prove of a point."""
    with np.errstate(all="ignore"):
        at = map_arrays(point, lambda a: Bounded(a[..., None]))
        network = at.passed(at.w_across)
        gap, left = at.gap(network), at.first_order(network)
        curvature = at.curvature(network)
    if gap.upper[0] <= 0:
        return "as good as its comparator"
    if not left.lower[0] > 0:
        return "as good as its comparator, up to its gradient"
    return "above its comparator, " + (
        "negative curvature" if curvature.upper[0] < 0 else "no curvature proved"
    )
