"""Soudry and Carmon (2016), Nguyen and Hein (2017), Fukumizu and Amari (2000), Recht and Ré
(2012).
"""

from __future__ import annotations

from itertools import permutations
from math import factorial
from typing import Any

from soundness.algebra import (
    Matrix,
    Vector,
    dot,
    greatest_eigenvalue,
    inner,
    least_eigenvalue,
    minus,
    plus,
    product,
    scaled,
    spectral_norm,
    spectral_norm_squared,
    square,
    times,
    turned,
)
from soundness.papers.meant import agreed, equal, gram_of, relu
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, greatest, total


def entrywise(A: Matrix, B: Matrix) -> Matrix:
    return [[x * y for x, y in zip(a, b, strict=True)] for a, b in zip(A, B, strict=True)]


class _Leaky:
    """φ(z) = z or s z; undefined where some w_j·x_i is 0."""

    def __init__(self, at: Given) -> None:
        before = product(at.X, turned(at.W))
        self.hidden = [[relu(z) - at.s * relu(-z) for z in row] for row in before]
        rows = zip(self.hidden, before, strict=True)
        self.P = [
            [h / z * a for h, z, a in zip(hidden, row, at.a, strict=True)] for hidden, row in rows
        ]
        self.kernel = entrywise(gram_of(self.P), gram_of(at.X))
        pulled = [scaled(e, row) for e, row in zip(at.e, self.P, strict=True)]
        self.slope = product(turned(pulled), at.X)


@reference("soudry2016.gradient")
def leaky_gradient(given: Given, c: Any) -> Sides:
    at = _Leaky(given)
    return Sides(square(at.slope), c * least_eigenvalue(at.kernel) * square(given.e))


@reference("soudry2016.rank")
def leaky_rank(given: Given, c: Any) -> Sides:
    at = _Leaky(given)
    shortest = -greatest(-square(x) for x in given.X)
    return Sides(least_eigenvalue(at.kernel), c * least_eigenvalue(gram_of(at.P)) * shortest)


@reference("soudry2016.euler")
def leaky_euler(given: Given, c: Any) -> Sides:
    at = _Leaky(given)
    return equal(inner(given.W, at.slope), c * dot(given.e, times(at.hidden, given.a)))


# -- Nguyen and Hein ------------------------------------------------------------------------------


def _pulled(at: Given, error: Matrix) -> Real:
    """||Fᵀ(error Vᵀ ∘ P)||²."""
    return square(product(turned(at.F), entrywise(product(error, turned(at.V)), at.P)))


def _least(A: Matrix) -> Real:
    return -greatest(-x for row in A for x in row)


@reference("nguyen2017.gradient")
def pyramid(at: Given, c: Any) -> Sides:
    passed = least_eigenvalue(gram_of(at.F)) * least_eigenvalue(gram_of(turned(at.V)))
    return Sides(_pulled(at, at.E), c * passed * _least(at.P) ** 2 * square(at.E))


@reference("nguyen2017.gradient_above")
def pyramid_above(at: Given, c: Any) -> Sides:
    passed = spectral_norm_squared(at.F) * spectral_norm_squared(at.V)
    most = greatest(x for row in at.P for x in row)
    return Sides(c * passed * most**2 * square(at.E), _pulled(at, at.E))


@reference("nguyen2017.deeper")
def pyramid_deeper(at: Given, c: Any) -> Sides:
    behind = entrywise(product(at.D, turned(at.Z)), at.Q)
    grams = [gram_of(at.F), gram_of(turned(at.V)), gram_of(turned(at.Z))]
    F, V, Z = (least_eigenvalue(A) for A in grams)
    least = (_least(at.P) * _least(at.Q)) ** 2
    return Sides(_pulled(at, behind), c * F * V * Z * least * square(at.D))


# -- Fukumizu and Amari ---------------------------------------------------------------------------


def _moved(at: Given, parts: list[tuple[Real, Vector]]) -> Vector:
    """First derivative of the outputs."""
    seen = [(weight, times(at.X, along)) for weight, along in parts]
    return [total(w * at.p[i] * x[i] for w, x in seen) for i in range(len(at.p))]


def _form(at: Given, parts: list[tuple[Real, Vector]]) -> Real:
    seen = [(weight, times(at.X, along)) for weight, along in parts]
    bent = [total(w * at.q[i] * x[i] ** 2 for w, x in seen) for i in range(len(at.q))]
    return square(_moved(at, parts)) + dot(at.e, bent)


def _halves(at: Given) -> list[tuple[Real, Vector]]:
    return [(at.lam * at.a, at.u), ((1 - at.lam) * at.a, at.v)]


def _whole(at: Given) -> list[tuple[Real, Vector]]:
    return [(at.a, plus(scaled(at.lam, at.u), at.v, 1 - at.lam))]


def _B(at: Given, along: Vector) -> Real:
    return at.a * total(
        e * q * x * x for e, q, x in zip(at.e, at.q, times(at.X, along), strict=True)
    )


@reference("fukumizu2000.gradient")
def split_gradient(at: Given, c: Any) -> Sides:
    return equal(dot(at.e, _moved(at, _halves(at))), c * dot(at.e, _moved(at, _whole(at))))


@reference("fukumizu2000.hessian")
def split_hessian(at: Given, c: Any) -> Sides:
    mixed = at.lam * (1 - at.lam) * _B(at, minus(at.u, at.v))
    return equal(_form(at, _halves(at)), _form(at, _whole(at)) + c * mixed)


@reference("fukumizu2000.other_side")
def split_other_side(at: Given, c: Any) -> Sides:
    other = 1 - at.lam
    parts = [(at.lam * at.a, scaled(other, at.u)), (other * at.a, scaled(-at.lam, at.u))]
    B = _B(at, at.u)
    return Sides(B * B, B * B + B * _form(at, parts) + c * B * B)


# -- Recht and Ré ---------------------------------------------------------------------------------


def _matrices(at: Given) -> list[Matrix]:
    return [gram_of(M) for M in (at.A, at.B, at.C)]


def _symmetric(A: Matrix, B: Matrix) -> Matrix:
    return scaled(0.5, plus(product(A, B), product(B, A)))


@reference("recht2012.two")
def two(at: Given, c: Any) -> Sides:
    A, B, _ = _matrices(at)
    mean, half = scaled(0.5, plus(A, B)), scaled(0.5, minus(A, B))
    return agreed((product(mean, mean), plus(_symmetric(A, B), product(half, half), c)))


@reference("recht2012.two_norm")
def two_norm(at: Given, c: Any) -> Sides:
    A, B, _ = _matrices(at)
    return Sides(
        c * greatest_eigenvalue(scaled(0.5, plus(A, B))) ** 2, spectral_norm(_symmetric(A, B))
    )


@reference("recht2012.two_below")
def two_below(at: Given, c: Any) -> Sides:
    A, B, _ = _matrices(at)
    norms = greatest_eigenvalue(A) * greatest_eigenvalue(B)
    return Sides(norms, -c * least_eigenvalue(_symmetric(A, B)))


def _norms(matrices: list[Matrix]) -> tuple[Real, Real]:
    """‖mean‖^n, and the norm of the mean of the products in all orders."""
    n, found = len(matrices), None
    for first, *others in permutations(matrices):
        term = first
        for other in others:
            term = product(term, other)
        found = term if found is None else plus(found, term)
    mean = first
    for other in others:
        mean = plus(mean, other)
    return (greatest_eigenvalue(mean) / n) ** n, spectral_norm(scaled(1, found)) / factorial(n)


@reference("recht2012.three_norm")
def three_norm(at: Given, c: Any) -> Sides:
    power, products = _norms(_matrices(at))
    return Sides(c * power, products)


@reference("recht2012.four_norm")
def four_norm(at: Given, c: Any) -> Sides:
    power, products = _norms([*_matrices(at), gram_of(at.D)])
    return Sides(c * power, products)


@reference("recht2012.five_norm")
def five_norm(at: Given, c: Any) -> Sides:
    power, products = _norms([*_matrices(at), gram_of(at.D), gram_of(at.E)])
    return Sides(c * power, products)


@reference("recht2012.five_witness")
def five_witness(at: Given, c: Any) -> Sides:
    """Norms are the same in every basis, and homogeneous."""
    tilted = [[[16, 12 * s, 0], [12 * s, 9, 0], [0, 0, 11]] for s in (1, -1)] + [
        [[16, 0, 12 * s], [0, 11, 0], [12 * s, 0, 9]] for s in (1, -1)
    ]
    known = [*tilted, [[0, 0, 0], [0, 24, 0], [0, 0, 24]]]
    power, products = _norms([scaled(at.t, m) for m in known])
    return Sides(products, c * power)
