"""What parameters stand for, products of layers, and equations as one inequality."""

from __future__ import annotations

from typing import Any

from soundness.algebra import (
    Matrix,
    Vector,
    identity,
    minus,
    outer,
    plus,
    product,
    scaled,
    square,
    turned,
)
from soundness.numbers import Undecided
from soundness.papers.registry import Sides
from soundness.reals import Real, apply, exp, number, total


def _is_zero(v: Vector) -> bool:
    return all(x.exact and x.sign == 0 for x in v)


def reflections(A: Matrix) -> Matrix:
    """The product of the reflections in the columns of A, in their order; none in a column 0."""
    found = identity(len(A))
    for a in turned(A):
        if not _is_zero(a):
            mirror = scaled(2 / square(a), outer(a, a))
            found = product(found, minus(identity(len(A)), mirror))
    return found


def unit(v: Vector) -> Vector:
    """The reflection of e_1 in v, e_1 for v = 0."""
    first = identity(len(v))[0]
    return first if _is_zero(v) else plus(first, v, -2 * v[0] / square(v))


def gram_of(B: Matrix) -> Matrix:
    """B Bᵀ."""
    return product(B, turned(B))


def diagonal(numbers: Vector) -> Matrix:
    eye = identity(len(numbers))
    return [scaled(x, row) for x, row in zip(numbers, eye, strict=True)]


def chain(layers: list[Matrix], size: int) -> Matrix:
    """The last layer times ... times the first one, I of some size if there is none."""
    found = identity(size)
    for layer in layers:
        found = product(layer, found)
    return found


def layer_gradients(layers: list[Matrix], slope: Matrix) -> list[Matrix]:
    """∂/∂W_l of a function of the product with this slope there, for square layers."""
    n, found = len(slope), []
    for i in range(len(layers)):
        behind, before = chain(layers[i + 1 :], n), chain(layers[:i], n)
        found.append(product(turned(behind), product(slope, turned(before))))
    return found


def relu(x: Real) -> Real:
    return x if x.sign > 0 else 0 * x


def agreed(*pairs: tuple[Any, Any]) -> Sides:
    """x = y for all pairs: Σ|y|² >= Σ|y|² + Σ|x - y|²."""
    size = total(square(y) for _, y in pairs)
    return Sides(size, size + total(square(minus(x, y)) for x, y in pairs))


def equal(x: Real, y: Real) -> Sides:
    """x = y of two numbers: x >= y + 2|x - y|."""
    return Sides(x, y + 2 * abs(x - y))


def tanh(x: Real) -> Real:
    return apply("tanh", x, 0)


def log_cosh(x: Real) -> Real:
    """log(1 + sinh² x)/2 near 0, |x| + log(1 + exp(-2|x|)) - log 2 further out."""
    size = abs(x)
    try:
        near = (1 - size).sign >= 0
    except Undecided:
        near = False
    if near:
        return apply("log1p", apply("sinh", x, 0) ** 2, 0) / 2
    two = apply("log1p", number(1), 0)
    return size + apply("log1p", exp(-2 * size), 0) - two
