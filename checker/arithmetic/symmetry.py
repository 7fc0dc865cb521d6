"""Eigenvalues are those of symmetric matrices; of others they need not be real.

A matrix is refused where its entries show that it is not symmetric: by disjoint balls, or exactly;
float64 then knows nothing of it, and leaves the case to balls. Where enclosures overlap, what is
enclosed are the eigenvalues of its symmetric part, which is all of a symmetric matrix. The closest
case of a claim that takes eigenvalues is evaluated exactly, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import combinations
from typing import Any

from checker.errors import FormulaError

_ASKED: ContextVar[list[str] | None] = ContextVar("_ASKED", default=None)


@contextmanager
def noticed_eigenvalues() -> Iterator[list[str]]:
    """Not empty once eigenvalues have been asked for in the block."""
    before = _ASKED.get()
    asked: list[str] = []
    _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.set(before)


def require_symmetric(matrix: Any, differ: Callable[[Any, Any], bool]) -> None:
    """Raise FormulaError for an array of objects that is seen not to be a symmetric matrix.

    `differ` says of two entries whether they are proved to be different.
    """
    require_square(matrix)
    entries = matrix.entries
    for i, j in combinations(range(len(entries)), 2):
        if differ(entries[i, j], entries[j, i]):
            raise FormulaError(
                "lambda_min and lambda_max need a symmetric matrix, and of this one the entries "
                f"[{i}, {j}] and [{j}, {i}] differ",
                why="eigenvalues of other matrices need not be real",
                hint="use (A + A.T) / 2, spectral_norm(A) for the greatest singular value, or an "
                'argument A: symmetric("n")',
            )


def require_square(matrix: Any) -> None:
    """Raise FormulaError unless an array is a square matrix."""
    asked = _ASKED.get()
    if asked is not None:
        asked.append("eigenvalues")
    shape = matrix.shape
    if len(shape) != 2 or shape[0] != shape[1]:
        raise FormulaError(
            f"lambda_min or lambda_max is given an array of shape {shape}",
            why="only a square matrix has eigenvalues",
            hint="for singular values use spectral_norm(matrix)",
        )
