"""Yun, Sra and Jadbabaie (2019): deep residual networks h_l = h_{l-1} + V_l σ(U_l h_{l-1}).

All derivatives come from jets that run through the whole network: no backpropagation.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product as cartesian
from typing import Any

from soundness.algebra import (
    Matrix,
    Vector,
    dot,
    least_eigenvalue,
    minus,
    norm,
    outer,
    plus,
    scaled,
    spectral_norm,
    square,
    times,
    turned,
    zeros,
)
from soundness.papers.constants import steepness
from soundness.papers.jets import Jet, jet_dot, lifted
from soundness.papers.registry import Sides, reference
from soundness.papers.sample import SampleLoss
from soundness.plain import Given
from soundness.reals import Real, apply, greatest, loss_of, number, total


def _tanh(x: Real) -> tuple[Real, Real, Real]:
    t = apply("tanh", x, 0)
    slope = apply("sech", x, 1) ** 2
    return t, slope, -2 * t * slope


def _sigmoid(x: Real) -> tuple[Real, Real, Real]:
    tools = loss_of("logistic", {})
    s, slope = tools.sigmoid(x), tools.bump(x)
    return s, slope, slope * (tools.sigmoid(-x) - s)


def _softplus(x: Real) -> tuple[Real, Real, Real]:
    s, slope, _ = _sigmoid(x)
    return loss_of("logistic", {}).softplus(x), s, slope


# σ, σ' and σ''.
ACTIVATIONS: dict[str, Any] = {
    "square": lambda x: (x * x, 2 * x, number(2)),
    "identity": lambda x: (x, number(1), number(0)),
    "cubic": lambda x: (x * x * x, 3 * x * x, 6 * x),
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
}


class _Network:
    """The network with blocks U, V and output weights w; entries may be jets."""

    def __init__(self, at: Given, U: list[Matrix], V: Any, w: Any) -> None:
        self.at, self.U, self.V, self.w = at, U, V, w
        self.losses = [SampleLoss(at.loss, y) for y in at.y]
        self.n = len(at.X)

    def _pass(self, x: Vector) -> tuple[Any, list[Any]]:
        """h_L and φ_1, ..., φ_L at one input."""
        act, h, features = ACTIVATIONS[self.at.activation], list(x), []
        for U, V in zip(self.U, self.V, strict=True):
            inner = [jet_dot(row, h) for row in U]
            phi = [t.through(act(t.a)) if isinstance(t, Jet) else act(t)[0] for t in inner]
            features.append(phi)
            moved = [jet_dot(phi, row) for row in V]
            h = [a + b if isinstance(a, Jet) or not isinstance(b, Jet) else b + a
                 for a, b in zip(h, moved, strict=True)]  # fmt: skip
        return h, features

    @cached_property
    def passes(self) -> list[tuple[Any, list[Any]]]:
        return [self._pass(x) for x in self.at.X]

    @cached_property
    def predictions(self) -> list[Any]:
        return [jet_dot(h, self.w) for h, _ in self.passes]

    @cached_property
    def risk(self) -> Any:
        """R, a jet where a parameter is one."""
        found: Any = number(0)
        for loss, p in zip(self.losses, self.predictions, strict=True):
            if isinstance(p, Jet):
                found = p.through(_derivatives(loss, p.a)) + found
            else:
                found = found + loss.value(p)
        return found * (number(1) / self.n)

    @cached_property
    def gradient_w(self) -> Vector:
        """E[l' h_L]."""
        slopes = [loss.slope(p) for loss, p in zip(self.losses, self.predictions, strict=True)]
        rows = turned([h for h, _ in self.passes])
        return [dot(slopes, row) / self.n for row in rows]

    def curvature_in_w(self, v: Vector) -> Real:
        """E[l'' (vᵀh_L)²]."""
        terms = (
            loss.curvature(p) * dot(h, v) ** 2
            for loss, p, (h, _) in zip(self.losses, self.predictions, self.passes, strict=True)
        )
        return total(terms) / self.n

    def gap(self) -> Real:
        """R - E l(uᵀx + Σ c_lᵀφ_l)."""
        at, values = self.at, []
        for x, loss, (_, features) in zip(at.X, self.losses, self.passes, strict=True):
            other = dot(x, at.u)
            for phi, c in zip(features, at.C, strict=True):
                other = other + dot(phi, c)
            values.append(loss.value(other))
        return self.risk - total(values) / self.n

    def bent(self, one: Any, other: Any) -> Jet:
        """R along two directions in (w, V), each (δw, δV)."""
        w, V = (lifted(x, s, t) for x, s, t in zip((self.w, self.V), one, other, strict=True))
        return _Network(self.at, self.U, V, w).risk


def _derivatives(loss: SampleLoss, p: Real) -> tuple[Real, Real, Real]:
    return loss.value(p), loss.slope(p), loss.curvature(p)


def _blocks(at: Given) -> list[Matrix]:
    """U_1, and U_l (||v||² I - v vᵀ) behind it."""
    size = square(at.v)
    later = [minus(scaled(size, U), outer(times(U, at.v), at.v)) for U in at.U[1:]]
    return [at.U[0], *later]


def _across(at: Given) -> Vector:
    """||v||² w - (wᵀv) v."""
    return minus(scaled(square(at.v), at.w), scaled(dot(at.w, at.v), at.v))


def _apart(at: Given) -> Matrix:
    """V_lᵀu - c_l."""
    return [minus(times(turned(V), at.u), c) for V, c in zip(at.V, at.C, strict=True)]


@reference("yun2019.theorem_across")
def across(at: Given) -> Sides:
    """ḡ √(||w - u||² + M/||v||² Σ||V_lᵀu - c_l||²) >= gap, at all V_l ± v e_jᵀ."""
    U, w = _blocks(at), _across(at)
    squares = []
    for layer, unit, sign in cartesian(range(len(at.V)), range(len(at.C[0])), (1, -1)):
        V = [[[*row] for row in block] for block in at.V]
        for row, entry in zip(V[layer], at.v, strict=True):
            row[unit] = row[unit] + sign * entry
        squares.append(square(_Network(at, U, V, w).gradient_w))
    M = len(at.V) * len(at.C[0])
    size = square(minus(w, at.u)) + square(_apart(at)) * M / square(at.v)
    mean = total(squares) / len(squares)
    return Sides(mean.sqrt() * size.sqrt(), _Network(at, U, at.V, w).gap())


@reference("yun2019.theorem_along", "yun2019.theorem_along_found")
def along(at: Given) -> Sides:
    """√(||∇_w R||² + Σ||vᵀ∇_V R||²) √((wᵀv)²||w - u||² + Σ||V_lᵀu - c_l||²) >= |wᵀv| gap."""
    network, shadow = _Network(at, _blocks(at), at.V, at.w), dot(at.w, at.v)
    pulls = [square(network.gradient_w)]
    for layer, unit in cartesian(range(len(at.V)), range(len(at.C[0]))):
        still = zeros(len(at.w))
        move = zeros(len(at.V), len(at.w), len(at.C[0]))
        for row, entry in zip(move[layer], at.v, strict=True):
            row[unit] = entry
        pulls.append(network.bent((still, move), (None, None)).b ** 2)
    size = shadow * shadow * square(minus(at.w, at.u)) + square(_apart(at))
    return Sides(total(pulls).sqrt() * size.sqrt(), abs(shadow) * network.gap())


@reference("yun2019.theorem_curvature", "yun2019.theorem_curvature_found")
def curved(at: Given) -> Sides:
    """-<D, ∇²R D> >= 2α||v||²(gap - ||∇_w R|| ||w - u||) - α² E[l''(vᵀh_L)²]."""
    w = _across(at)
    network = _Network(at, _blocks(at), at.V, w)
    D = scaled(at.alpha, at.v), [scaled(-1, outer(at.v, c)) for c in _apart(at)]
    left = network.gap() - norm(network.gradient_w) * norm(minus(w, at.u))
    gain = 2 * at.alpha * square(at.v) * left
    return Sides(-network.bent(D, D).d, gain - at.alpha * at.alpha * network.curvature_in_w(at.v))


@reference("yun2019.theorem_eigenvalue")
def eigenvalue(at: Given, c1: Any, c2: Any) -> Sides:
    """||∇_w R|| ||w - u|| + √(c2 κ² + c1 κ E[l''(vᵀh_L)²]/||v||²) √Σ||V_lᵀu - c_l||² >= gap."""
    w = _across(at)
    network = _Network(at, _blocks(at), at.V, w)
    units = list(_units(w, at.V))
    H: Matrix = zeros(len(units), len(units))
    for i, one in enumerate(units):
        for j, other in enumerate(units[: i + 1]):
            H[i][j] = H[j][i] = network.bent(one, other).d
    kappa = abs(least_eigenvalue(H))
    inside = kappa * kappa * c2 + kappa * network.curvature_in_w(at.v) * c1 / square(at.v)
    reach = norm(network.gradient_w) * norm(minus(w, at.u))
    return Sides(reach + inside.sqrt() * norm(_apart(at)), network.gap())


def _units(w: Vector, V: Any) -> Iterator[tuple[Vector, Any]]:
    """The unit directions in (w, V)."""
    L, d, m = len(V), len(V[0]), len(V[0][0])
    for i in range(d):
        unit = zeros(d)
        unit[i] = number(1)
        yield unit, zeros(L, d, m)
    for layer, i, j in cartesian(range(L), range(d), range(m)):
        block = zeros(L, d, m)
        block[layer][i][j] = number(1)
        yield zeros(d), block


# -- near the identity ----------------------------------------------------------------------------


@reference("yun2019.near_identity")
def near_identity(at: Given) -> Sides:
    """||∇_w R|| ||w - u|| + μ||u||(Π(1 + ||V_l|| ||U_l||) - 1) E||x|| >= R - R_lin(u)."""
    network = _Network(at, at.U, at.V, at.w)
    spread = number(1)
    for U, V in zip(at.U, at.V, strict=True):
        spread = spread * (1 + spectral_norm(U) * spectral_norm(V))
    length = total(norm(x) for x in at.X) / network.n
    most = steepness(at.loss)
    assert most is not None
    near = most * norm(at.u) * (spread - 1) * length
    far = norm(network.gradient_w) * norm(minus(at.w, at.u))
    pairs = zip(at.X, network.losses, strict=True)
    linear = total(loss.value(dot(x, at.u)) for x, loss in pairs) / network.n
    return Sides(far + near, network.risk - linear)


@reference("yun2019.rademacher")
def rademacher(at: Given) -> Sides:
    """B Π(1 + 2M_l²)/√n >= 2⁻ⁿ Σ_ε ||Σ ε_i h_L(x_i)||/n, one network for each ε."""
    n, values = len(at.X), []
    for pattern, signs in enumerate(cartesian((-1, 1), repeat=n)):
        h = at.X
        for M, a, b in zip(at.M, at.a[pattern], at.b[pattern], strict=True):
            h = [plus(row, b, M * M * _seen(row, a) / norm(b)) for row in h]
        summed = h[0] if signs[0] == 1 else scaled(-1, h[0])
        for sign, row in zip(signs[1:], h[1:], strict=True):
            summed = plus(summed, row, number(sign))
        values.append(norm(summed))
    growth = greatest(norm(x) for x in at.X)
    for M in at.M:
        growth = growth * (1 + 2 * M * M)
    return Sides(growth / number(n).sqrt(), total(values) / (n * len(values)))


def _seen(row: Vector, a: Vector) -> Real:
    """[aᵀh]_+ / ||a||."""
    return greatest([dot(row, a), 0]) / norm(a)
