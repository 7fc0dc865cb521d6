"""Baldi and Hornik (1989), Kawaguchi (2016), Yun et al. (2018), Du et al. (2018), Laurent and von
Brecht (2018): networks of a few linear layers, and ReLU neurons.
"""

from __future__ import annotations

from typing import Any

from soundness.algebra import (
    Matrix,
    dot,
    identity,
    inner,
    least_eigenvalue,
    minus,
    norm,
    outer,
    plus,
    product,
    scaled,
    spectral_norm,
    spectral_norm_squared,
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
    log_cosh,
    reflections,
    relu,
    tanh,
    unit,
)
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, maximum, number, total

# -- Baldi and Hornik -----------------------------------------------------------------------------


def _labels(at: Given, s: Any) -> Matrix:
    return product(product(reflections(at.U), diagonal(s)), turned(reflections(at.Q)))


def _critical(at: Given) -> tuple[Matrix, Matrix, Matrix]:
    """Y, A = U_I C and H = C⁻¹ U_Iᵀ Y with C = diag(C) O."""
    U, turn, Y = reflections(at.U), reflections(at.O), _labels(at, at.s)
    kept = diagonal(at.chosen)
    A = product(product(product(U, kept), diagonal(at.C)), turn)
    inverse = product(turned(turn), diagonal([1 / x for x in at.C]))
    return Y, A, product(product(inverse, kept), product(turned(U), Y))


@reference("baldi1989.critical")
def critical(at: Given, c: Any) -> Sides:
    Y, A, H = _critical(at)
    fitted = product(A, H)
    first = product(turned(A), Y), scaled(c, product(turned(A), fitted))
    return agreed(first, (product(Y, turned(H)), scaled(c, product(fitted, turned(H)))))


@reference("baldi1989.value")
def value(at: Given, c: Any) -> Sides:
    """||Y - AH||² = ||Y||² - Σ_I s²."""
    Y, A, H = _critical(at)
    kept = total(e * s * s for e, s in zip(at.chosen, at.s, strict=True))
    return equal(square(minus(Y, product(A, H))), square(Y) - c * kept)


@reference("baldi1989.minimum")
def minimum_of_rank(at: Given, c: Any) -> Sides:
    """||Y - AH||² >= the k - p least s²."""
    s = [total(at.steps[: i + 1]) for i in range(len(at.steps))]
    rest = s[: max(len(s) - len(at.H), 0)]
    loss = square(minus(_labels(at, s), product(at.A, at.H)))
    return Sides(loss, c * total(x * x for x in rest) if rest else number(0))


@reference("baldi1989.saddle")
def saddle(at: Given, c: Any) -> Sides:
    """E(ε) = E(0) - ε²/(1+ε²) (s_2² - s_1²)."""
    Y, U = _labels(at, at.s), turned(reflections(at.U))
    values = []
    for eps in (at.eps, number(0)):
        A = scaled(at.c, plus(U[0], U[1], eps))
        H = scaled(1 / square(A), times(turned(Y), A))
        values.append(square(minus(Y, outer(A, H))))
    share = at.eps**2 / (1 + at.eps**2)
    return equal(values[0], values[1] - c * share * (at.s[1] ** 2 - at.s[0] ** 2))


# -- Kawaguchi ------------------------------------------------------------------------------------


class _Deep:
    def __init__(self, at: Given) -> None:
        self.output = product(chain(at.W, len(at.X)), at.X)
        self.loss = square(minus(self.output, at.Y)) / 2
        self.slopes = layer_gradients(at.W, product(minus(self.output, at.Y), turned(at.X)))


@reference("kawaguchi2016.adjacent")
def adjacent(given: Given, c: Any) -> Sides:
    at, W = _Deep(given), given.W
    pairs = []
    for i in range(len(W) - 1):
        left = product(turned(W[i + 1]), at.slopes[i + 1])
        pairs.append((left, scaled(c, product(at.slopes[i], turned(W[i])))))
    # One layer alone has no neighbour, and the statement says nothing.
    if not pairs:
        raise ZeroDivisionError("no adjacent layers")
    return agreed(*pairs)


@reference("kawaguchi2016.value")
def value_by_gradient(given: Given, c: Any) -> Sides:
    at = _Deep(given)
    along = inner(given.W[0], at.slopes[0])
    return equal(at.loss, square(given.Y) / 2 - square(at.output) / 2 + c * along)


@reference("kawaguchi2016.flat_origin")
def flat_origin(given: Given, c: Any) -> Sides:
    at, L = _Deep(given), len(given.W)
    fall = maximum(square(given.Y) / 2 - at.loss, 0)
    M = product(given.Y, turned(given.X))
    return Sides(c * square(M) * (square(given.W) / L) ** L, fall * fall)


@reference("kawaguchi2016.strict_origin")
def strict_origin(at: Given, c: Any) -> Sides:
    size = square(at.D1) + square(at.D2)
    return Sides(c * spectral_norm(at.M) * size, 2 * inner(at.M, product(at.D2, at.D1)))


# -- Yun et al. -----------------------------------------------------------------------------------


class _Two:
    def __init__(self, at: Given) -> None:
        error = product(minus(product(at.W2, at.W1), at.Phi), at.X)
        self.excess, self.S = square(error) / 2, product(error, turned(at.X))
        self.first = square(product(turned(at.W2), self.S))
        self.last = square(product(self.S, turned(at.W1)))
        self.rows = least_eigenvalue(gram_of(at.W2))
        self.columns = least_eigenvalue(gram_of(turned(at.W1)))


@reference("yun2018.first_layer")
def first_layer(given: Given, c: Any) -> Sides:
    at = _Two(given)
    return Sides(at.first, c * at.rows * square(at.S))


@reference("yun2018.last_layer")
def last_layer(given: Given, c: Any) -> Sides:
    at = _Two(given)
    return Sides(at.last, c * at.columns * square(at.S))


@reference("yun2018.gradient")
def gradient(given: Given, c: Any) -> Sides:
    at = _Two(given)
    spread = least_eigenvalue(gram_of(given.X))
    return Sides(at.first + at.last, c * (at.rows + at.columns) * spread * at.excess)


@reference("yun2018.gradient_above")
def gradient_above(given: Given, c: Any) -> Sides:
    at = _Two(given)
    passed = spectral_norm_squared(given.W1) + spectral_norm_squared(given.W2)
    return Sides(c * passed * spectral_norm_squared(given.X) * at.excess, at.first + at.last)


# -- Du et al. ------------------------------------------------------------------------------------


def _imbalance(W1: Matrix, W2: Matrix) -> Matrix:
    return minus(gram_of(W1), gram_of(turned(W2)))


def _pulls(at: Given) -> tuple[Matrix, Matrix]:
    return product(turned(at.W2), at.G), product(at.G, turned(at.W1))


@reference("du2018.flow")
def flow(at: Given, c: Any) -> Sides:
    first, second = _pulls(at)
    left = product(first, turned(at.W1))
    right = product(turned(second), at.W2)
    return agreed((plus(left, turned(left)), scaled(c, plus(right, turned(right)))))


@reference("du2018.step")
def step(at: Given, c: Any) -> Sides:
    first, second = _pulls(at)
    after = _imbalance(plus(at.W1, first, -at.eta), plus(at.W2, second, -at.eta))
    defect = minus(gram_of(first), gram_of(turned(second)))
    return agreed((after, plus(_imbalance(at.W1, at.W2), defect, c * at.eta**2)))


@reference("du2018.norms")
def norms(at: Given, c: Any) -> Sides:
    first, second = _pulls(at)
    after = square(plus(at.W1, first, -at.eta)) - square(plus(at.W2, second, -at.eta))
    change = c * at.eta**2 * (square(first) - square(second))
    return equal(after, square(at.W1) - square(at.W2) + change)


@reference("du2018.defect")
def defect(at: Given, c: Any) -> Sides:
    first, second = _pulls(at)
    largest = maximum(spectral_norm_squared(at.W1), spectral_norm_squared(at.W2))
    found = minus(gram_of(first), gram_of(turned(second)))
    return Sides(c * spectral_norm_squared(at.G) * largest, spectral_norm(found))


@reference("du2018.neuron")
def neuron(at: Given, c: Any) -> Sides:
    """<w_j, ∂w_j> = a_j ∂a_j; undefined where some w_j·x_i is 0."""
    pairs = []
    for w, a in zip(at.W, at.a, strict=True):
        before = times(at.X, w)
        opened = [relu(z) / z for z in before]
        pulls = [e * o * a for e, o in zip(at.e, opened, strict=True)]
        in_w = times(turned(at.X), pulls)
        in_a = dot(at.e, [relu(z) for z in before])
        pairs.append((dot(w, in_w), c * a * in_a))
    return agreed(*pairs)


# -- Laurent and von Brecht -----------------------------------------------------------------------


class _Convex:
    """Σ log cosh r + (c/2) Σ r² of W."""

    def __init__(self, at: Given, W: Matrix) -> None:
        self.at, self.r = at, minus(product(W, at.X), at.Y)
        self.apart = norm(minus(W, at.V))

    @property
    def loss(self) -> Real:
        bent = total(log_cosh(x) for row in self.r for x in row)
        return bent + self.at.c * square(self.r) / 2

    @property
    def slope(self) -> Matrix:
        c = self.at.c
        rows = [[tanh(x) + c * x for x in row] for row in self.r]
        return product(rows, turned(self.at.X))


@reference("laurent2018.full_rank")
def full_rank(given: Given, a: Any) -> Sides:
    at = _Convex(given, product(given.W2, given.W1))
    passed = maximum(least_eigenvalue(gram_of(given.W2)), 0).sqrt()
    gap = at.loss - _Convex(given, given.V).loss
    return Sides(norm(product(turned(given.W2), at.slope)) * at.apart, a * passed * gap)


@reference("laurent2018.lower_rank")
def lower_rank(given: Given, a: Any) -> Sides:
    u = unit(given.u)
    first = minus(given.W1, outer(u, times(turned(given.W1), u)))
    at = _Convex(given, product(given.W2, first))
    squares = []
    for e in identity(len(given.W2)):
        for sign in (1, -1):
            second = plus(given.W2, outer(e, u), sign)
            slope = _Convex(given, product(second, first)).slope
            squares.append(square(product(turned(second), slope)))
    gap = at.loss - _Convex(given, given.V).loss
    return Sides((total(squares) / 2).sqrt() * at.apart, a * gap)
