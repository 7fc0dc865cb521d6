"""Lewkowycz et al. (2020), Mulayoff and Michaeli (2020), Bartlett et al. (2018), Dinh et al.
(2017)."""

from __future__ import annotations

from typing import Any

from soundness.algebra import (
    Matrix,
    Vector,
    dot,
    greatest_eigenvalue,
    identity,
    minus,
    plus,
    product,
    scaled,
    square,
    times,
    turned,
)
from soundness.papers.meant import (
    agreed,
    chain,
    diagonal,
    equal,
    gram_of,
    layer_gradients,
    reflections,
    relu,
    unit,
)
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, greatest, maximum, minimum, number, total

# -- Lewkowycz et al. -----------------------------------------------------------------------------


def _curvature(u: Vector, v: Vector) -> Real:
    return (square(u) + square(v)) / len(u)


def _after(at: Given) -> tuple[Vector, Vector]:
    pull = at.eta * dot(at.u, at.v) / len(at.u)
    return plus(at.u, at.v, -pull), plus(at.v, at.u, -pull)


def _excitation(at: Given) -> Real:
    return (dot(at.u, at.v) / len(at.u)) ** 2


@reference("lewkowycz2020.prediction")
def prediction(at: Given, c: Any) -> Sides:
    factor = 1 - at.eta * _curvature(at.u, at.v) + c * at.eta**2 * _excitation(at)
    return equal(dot(*_after(at)), dot(at.u, at.v) * factor)


@reference("lewkowycz2020.curvature")
def curvature(at: Given, c: Any) -> Sides:
    before = _curvature(at.u, at.v)
    change = at.eta * _excitation(at) * (at.eta * before - c)
    return equal(_curvature(*_after(at)), before + change)


@reference("lewkowycz2020.imbalance")
def imbalance(at: Given, c: Any) -> Sides:
    u, v = _after(at)
    factor = 1 - c * at.eta**2 * _excitation(at)
    return equal(square(u) - square(v), (square(at.u) - square(at.v)) * factor)


@reference("lewkowycz2020.flatter")
def flatter(at: Given) -> Sides:
    return Sides(_curvature(at.u, at.v), _curvature(*_after(at)))


@reference("lewkowycz2020.sharper")
def sharper(at: Given) -> Sides:
    return Sides(_curvature(*_after(at)), _curvature(at.u, at.v))


@reference("lewkowycz2020.lazy")
def lazy(at: Given, c: Any) -> Sides:
    return Sides(c * abs(dot(at.u, at.v)), abs(dot(*_after(at))))


@reference("lewkowycz2020.loss_by_curvature")
def loss_by_curvature(at: Given, c: Any) -> Sides:
    return Sides(_curvature(at.u, at.v), c * abs(dot(at.u, at.v)) / len(at.u))


# -- Mulayoff and Michaeli ------------------------------------------------------------------------


def _target(a: Vector) -> Real:
    found = number(1)
    for x in a:
        found = found * x
    return found


def _sharpness(a: Vector) -> Real:
    w = _target(a)
    return total((w / x) ** 2 for x in a)


@reference("mulayoff2020.scalar")
def scalar(at: Given, c: Any) -> Sides:
    L = len(at.a)
    return Sides(_sharpness(at.a) ** L, c * L**L * _target(at.a) ** (2 * L - 2))


@reference("mulayoff2020.stable")
def stable(at: Given, c: Any) -> Sides:
    L = len(at.a)
    return Sides(number(c**L), (at.eta * L) ** L * _target(at.a) ** (2 * L - 2))


@reference("mulayoff2020.matrix")
def matrix(at: Given, c: Any) -> Sides:
    L, u, v = len(at.W), unit(at.u), unit(at.v)
    found = []
    for i in range(L):
        behind, before = chain(at.W[i + 1 :], len(u)), chain(at.W[:i], len(u))
        found.append(square(times(turned(behind), u)) * square(times(before, v)))
    size = dot(u, times(chain(at.W, len(u)), v))
    return Sides(total(found) ** L, c * L**L * size ** (2 * L - 2))


@reference("mulayoff2020.two_layers")
def two_layers(at: Given, c: Any) -> Sides:
    z = [*at.b, *at.a]
    return equal(greatest_eigenvalue([[x * y for y in z] for x in z]), c * square(z))


@reference("mulayoff2020.two_layers_least")
def two_layers_least(at: Given, c: Any) -> Sides:
    return Sides(square(at.a) + square(at.b), c * abs(dot(at.a, at.b)))


# -- Bartlett et al. ------------------------------------------------------------------------------


def _weight(w: Real, lam: Real, eta: Real, L: int) -> Real:
    return w - eta * w ** (L - 1) * (w**L - lam)


def _weights(at: Given, steps: int) -> Vector:
    found = [number(1) for _ in at.lam]
    for _ in range(steps):
        found = [_weight(w, x, at.eta, at.depth) for w, x in zip(found, at.lam, strict=True)]
    return found


@reference("bartlett2018.decouples")
def decouples(at: Given, c: Any) -> Sides:
    """Two steps of gradient descent on all layers."""
    U = reflections(at.U)
    Phi = product(product(U, diagonal(at.lam)), turned(U))
    layers = [identity(len(U))] * at.depth
    for _ in range(2):
        slopes = layer_gradients(layers, minus(chain(layers, len(U)), Phi))
        layers = [plus(w, g, -at.eta) for w, g in zip(layers, slopes, strict=True)]
    expected = scaled(c, product(product(U, diagonal(_weights(at, 2))), turned(U)))
    return agreed((layers[0], expected), (layers[-1], expected))


@reference("bartlett2018.barrier")
def barrier(at: Given, c: Any) -> Sides:
    losses = []
    for steps in range(4):
        pairs = zip(_weights(at, steps), at.lam, strict=True)
        losses.append(total((w**at.depth - x) ** 2 for w, x in pairs) / 2)
    least = -greatest(-x for x in losses)
    return Sides(least, c * total(minimum(x, 0) ** 2 for x in at.lam) / 2)


@reference("bartlett2018.no_overshoot")
def no_overshoot(at: Given, c: Any) -> Sides:
    return Sides(_weight(at.w, at.lam, at.eta, at.depth) ** at.depth, c * at.lam)


@reference("bartlett2018.rate")
def rate_of_weight(at: Given, c: Any) -> Sides:
    L, after = at.depth, _weight(at.w, at.lam, at.eta, at.depth)
    pull = at.eta * L * after ** (L - 1) * at.w ** (L - 1)
    return Sides((1 - c * pull) * (at.w**L - at.lam), after**L - at.lam)


# -- Dinh et al. ----------------------------------------------------------------------------------


class _Neurons:
    """x -> Σ a_j [w_j·x]_+ at the samples."""

    def __init__(self, at: Given, W: Matrix, a: Vector) -> None:
        before = product(at.X, turned(W))
        self.hidden = [[relu(z) for z in row] for row in before]
        self.output = times(self.hidden, a)
        self.at, self.a, self.before = at, a, before

    @property
    def pull(self) -> Matrix:
        rows = zip(self.hidden, self.before, strict=True)
        return [
            [h / z * x for h, z, x in zip(hidden, before, self.a, strict=True)]
            for hidden, before in rows
        ]

    @property
    def slopes(self) -> tuple[Matrix, Vector]:
        weighted = [scaled(e, row) for e, row in zip(self.at.e, self.pull, strict=True)]
        return product(turned(weighted), self.at.X), times(turned(self.hidden), self.at.e)

    @property
    def kernels(self) -> tuple[Matrix, Matrix]:
        outer, inner = gram_of(self.pull), gram_of(self.at.X)
        pairs = zip(outer, inner, strict=True)
        in_W = [[x * y for x, y in zip(a, b, strict=True)] for a, b in pairs]
        return in_W, gram_of(self.hidden)


def _pair(at: Given) -> tuple[_Neurons, _Neurons]:
    moved = scaled(at.alpha, at.W), [x / at.alpha for x in at.a]
    return _Neurons(at, at.W, at.a), _Neurons(at, *moved)


@reference("dinh2017.same_function")
def same_function(at: Given, c: Any) -> Sides:
    own, image = _pair(at)
    return agreed((image.output, scaled(c, own.output)))


@reference("dinh2017.gradient")
def gradient_of_image(at: Given, c: Any) -> Sides:
    (in_W, in_a), (new_W, new_a) = (x.slopes for x in _pair(at))
    return agreed((scaled(at.alpha, new_W), scaled(c, in_W)), (new_a, scaled(c * at.alpha, in_a)))


@reference("dinh2017.hessian")
def hessian_of_image(at: Given, c: Any) -> Sides:
    (in_W, in_a), (new_W, new_a) = (x.kernels for x in _pair(at))
    two = at.alpha**2
    return agreed((scaled(two, new_W), scaled(c, in_W)), (new_a, scaled(c * two, in_a)))


@reference("dinh2017.sharpness")
def sharpness(at: Given, c: Any) -> Sides:
    own, image = (x.kernels for x in _pair(at))
    first = greatest_eigenvalue(own[0]) / at.alpha**2
    bound = maximum(first, at.alpha**2 * greatest_eigenvalue(own[1]))
    return Sides(greatest_eigenvalue(plus(*image)), c * bound)
