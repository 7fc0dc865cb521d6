"""Which conditions of Zou, Long and Gu (2020) a problem at hand meets, and by how much.

For networks x -> B (I + W_L) ... (I + W_1) A x from W = 0 and a step η given as a number. Ranks are
decided in rationals, the rest by balls; e_0 comes from the normal equations in balls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.functions import solve_positive_definite, sq, sqrt
from checker.arithmetic.rank import rank_of
from checker.errors import InputError
from checker.instances.fields import FloatArray, map_arrays
from checker.instances.rounding import at_least, at_most
from checker.landscape.deep_linear.network import DeepLinear

# Enough for normal equations whose condition number is 10^100.
BITS = 512


@dataclass(frozen=True)
class Condition:
    """One condition: whether it is proved to hold, and `factor`, which is at most 1 if it does.

    The factor is an upper bound on (what is) / (what is allowed), infinite at deficient rank.
    """

    name: str
    statement: str
    holds: bool
    factor: float

    def __str__(self) -> str:
        if self.factor in (1.0, math.inf):
            return f"{self.name} {'holds' if self.holds else 'fails'}: {self.statement}"
        if self.holds:
            return (
                f"{self.name} holds: {self.statement}, with room for a factor "
                f"{at_least(1 / Fraction(self.factor), 4)}"
            )
        missed = at_most(self.factor, 4)
        return f"{self.name} fails: {self.statement} is missed by a factor of {missed}"


def conditions(
    A: FloatArray, B: FloatArray, X: FloatArray, Y: FloatArray, depth: int, step: float
) -> tuple[Condition, ...]:
    """The conditions of the theorem on gradient descent from W = 0.

    Parameters
    ----------
    A, B
        (m, d) and (k, m).
    X, Y
        Inputs (n, d) and labels (n, k), one sample per row.
    depth, step
        L and η.

    Raises
    ------
    InputError
        For depth 0, shapes that do not fit, or a step that is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from checker.landscape.deep_linear.conditions import conditions
    >>> I = np.eye(2)
    >>> [c.holds for c in conditions(A=I, B=I, X=I, Y=I, depth=2, step=0.01)]
    [True, True, True, True, True]
    """
    at = _network(A, B, X, Y, depth)
    if not (np.isfinite(step) and step > 0):
        raise InputError(f"the step has to be a positive number, not {step!r}")
    ranks = tuple(_full_rank(name, matrix) for name, matrix in (("A", at.A), ("B", at.B), ("X", X)))
    if not all(c.holds for c in ranks):
        return ranks
    with working_precision(BITS):
        balls = map_arrays(at, Ball.constant)
        e0 = _start(balls, Ball.constant(np.asarray(Y, dtype=float)))
        apart = 2 * balls.L * balls.reach * sqrt(e0)
        size = step * balls.smoothness(e0)
        statements = (
            (
                "condition",
                "4√2 e^(3/2) ||A|| ||B|| ||X|| √e_0 <= σ_min²(A) σ_min²(B) σ_r²(X)",
                apart,
            ),
            ("step_in_range", "η <= 1/K_0", size),
        )
        return ranks + tuple(
            Condition(name, text, bool(x.item <= 1), float(x.item.upper()))
            for name, text, x in statements
        )


def require_conditions(*problem: Any) -> None:
    """Raise InputError that names every condition that `conditions(*problem)` finds to fail.

    Examples
    --------
    >>> import numpy as np
    >>> from checker.landscape.deep_linear.conditions import require_conditions
    >>> I = np.eye(2)
    >>> require_conditions(I, I, I, I, 2, 0.01)
    """
    failed = [str(c) for c in conditions(*problem) if not c.holds]
    if failed:
        raise InputError(
            "the theorem of Zou, Long and Gu (2020) does not speak of this problem",
            why="; ".join(failed),
            hint="modified identities A = a [I; 0], B = b [0, I] with large a b, and a smaller "
            "step, meet them for every X of full rank",
        )


def _network(A: Any, B: Any, X: Any, Y: Any, depth: int) -> DeepLinear:
    A, B, X, Y = (np.asarray(a, dtype=float) for a in (A, B, X, Y))
    for name, matrix in {"A": A, "B": B, "X": X, "Y": Y}.items():
        if matrix.ndim != 2 or not np.isfinite(matrix).all():
            raise InputError(f"{name} has to be a matrix of finite numbers, not {matrix.shape}")
    if Y.shape != (len(X), len(B)):
        raise InputError(
            f"Y has shape {Y.shape}, expected {(len(X), len(B))}",
            why=f"X has {len(X)} rows, one per sample, and B has {len(B)}, one per output",
        )
    zeros = np.zeros((depth, len(A), len(A)))
    return DeepLinear(X=X, Phi=np.zeros((len(B), A.shape[1])), A=A, B=B, W=zeros)


def _full_rank(name: str, matrix: FloatArray) -> Condition:
    full, rank = min(matrix.shape), rank_of(matrix)
    factor = 1.0 if rank == full else float("inf")
    return Condition(f"rank of {name}", f"{rank}, needed {full}", rank == full, factor)


def _start(at: Any, Y: Any) -> Any:
    """e_0 = ||P (X (B A)ᵀ - Y)||_F²/2, P the projection onto the columns of X."""
    left = at.X @ (at.B @ at.A).T - Y
    if at.X.shape[0] <= at.X.shape[1]:
        return sq(left) / 2
    pulled = at.X.T @ left
    solved = solve_positive_definite(at.X.T @ at.X, pulled)
    return reduce(lambda a, b: a + b, (row @ pulled[i] for i, row in enumerate(solved))) / 2
