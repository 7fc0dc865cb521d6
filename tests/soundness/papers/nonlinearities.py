"""Yun, Sra and Jadbabaie (2019), on small nonlinearities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from soundness.papers.meant import relu, tanh
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, apply, exp, minimum, number, total


def _arctan(x: Real) -> Real:
    return apply("atan", x, 0)


# Sigmoid by exponentials: all arguments are <= 0.
_ACTIVATIONS: dict[str, Callable[[Real], Real]] = {
    "sigmoid": lambda v: exp(v) / (1 + exp(v)),
    "tanh": tanh,
    "arctan": _arctan,
    "elu": lambda v: apply("expm1", v, 0),
}


@reference("yun2019b.theorem2_minimum")
def no_lower_point(at: Given, c: Any) -> Sides:
    h, inputs = _ACTIVATIONS[at.h], ((1, 0), (0, 1), (number(1) / 2, number(1) / 2))
    made = [
        at.b + total(a * h(-(row[0] * x + row[1] * z)) for a, row in zip(at.a, at.V, strict=True))
        for x, z in inputs
    ]
    squares = [(o - y) ** 2 for o, y in zip(made, (0, 0, 1), strict=True)]
    return Sides(total(squares) / 2, c * number(1))


def _places(at: Given) -> list[Real]:
    found = [number(0)]
    for gap in at.g:
        found.append(found[-1] + gap)
    return found


def _residuals(at: Given) -> list[Real]:
    """By the normal equations."""
    x, n = _places(at), len(at.y)
    s1, s2 = total(x), total(p * p for p in x)
    t0, t1 = total(at.y), total(p * y for p, y in zip(x, at.y, strict=True))
    det = n * s2 - s1 * s1
    level, slope = (s2 * t0 - s1 * t1) / det, (n * t1 - s1 * t0) / det
    return [y - level - slope * p for p, y in zip(x, at.y, strict=True)]


@reference("yun2019b.theorem1_minimum")
def no_better(at: Given, c: Any) -> Sides:
    errors = [at.b2 - y for y in at.y]
    for p, b, a in zip(at.p, at.b, at.a, strict=True):
        z = [p * x + b for x in _places(at)]
        errors = [e + a * (relu(v) - at.s * relu(-v)) for e, v in zip(errors, z, strict=True)]
    return Sides(total(e * e for e in errors), c * total(r * r for r in _residuals(at)))


@reference("yun2019b.theorem1_lower")
def lower_point(at: Given, c: Any) -> Sides:
    """H_k = Σ_{j >= k} g_j Σ_{i > j} r_i."""
    r, pulls = _residuals(at), [number(0)]
    for j in reversed(range(len(at.g))):
        pulls.append(pulls[-1] + at.g[j] * total(r[j + 1 :]))
    gap = at.g[0]
    for other in at.g[1:]:
        gap = minimum(gap, other)
    return Sides(c * total(H * H for H in pulls), gap**2 * total(x * x for x in r))
