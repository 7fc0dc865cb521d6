"""A strict local minimum worse than linear, where no theorem excludes one: proved by balls.

If ∇²F ⪰ μI on the ball of radius ρ about x and ||∇F(x)|| < μρ/2, then F > F(x) on its boundary, so
F has a minimum inside, strict and of value at least F(x) - ρ ||∇F(x)||.
"""

from __future__ import annotations

from typing import Any

from flint import arb, ctx

import checker
from certify.test_parameters import _strict_minimum

RHO, MU, BITS = 1e-4, 0.1, 200


def _derivatives(given: dict[str, Any], reach: float) -> tuple[list[Any], list[list[Any]]]:
    """Gradient and Hessian of the mean of Σ log cosh in (W, bias, V), over a box about it."""
    X, Z, Y = (given[name] for name in ("X", "Z", "y"))
    n, K = Y.shape
    W, V = ([arb(float(v), reach) for v in given[name].ravel()] for name in ("W", "V"))
    bias = [arb(0, reach) for _ in range(K)]
    gradient = [arb(0) for _ in range(2 * K + 1)]
    hessian = [[arb(0) for _ in gradient] for _ in gradient]
    for i in range(n):
        x, z = arb(float(X[i, 0])), arb(float(Z[i, 0]))
        h = x + V[0] * z
        for k in range(K):
            t = (W[k] * h + bias[k] - arb(float(Y[i, k]))).tanh()
            slope = {k: h, K + k: arb(1), 2 * K: W[k] * z}
            for a, first in slope.items():
                gradient[a] += t * first / n
                for b, second in slope.items():
                    hessian[a][b] += (1 - t * t) * first * second / n
            hessian[k][2 * K] += t * z / n
            hessian[2 * K][k] += t * z / n
    return gradient, hessian


def _positive(matrix: list[list[Any]]) -> bool:
    """Whether every symmetric matrix in the balls is positive definite: all pivots are positive."""
    rows = [list(row) for row in matrix]
    for k in range(len(rows)):
        if not rows[k][k] > 0:
            return False
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return True


def test_it_exists() -> None:
    given, before = _strict_minimum(), ctx.prec
    try:
        ctx.prec = BITS
        gradient, _ = _derivatives(given, 0.0)
        size = sum((g * g for g in gradient), arb(0)).sqrt()
        assert size < arb(MU) * arb(RHO) / 2
        _, hessian = _derivatives(given, RHO)
        shifted = [
            [h - (MU if i == j else 0) for j, h in enumerate(row)] for i, row in enumerate(hessian)
        ]
        assert _positive(shifted)
        # A direction of curvature below 0.17 exists: the check can fail.
        assert not _positive([[h - (0.17 if i == j else 0) for j, h in enumerate(row)]
                              for i, row in enumerate(hessian)])  # fmt: skip
    finally:
        ctx.prec = before
    found = checker.certify(**given)
    assert found.best.gap.lower - RHO * float(size.upper()) > 2.28
