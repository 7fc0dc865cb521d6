"""Linear systems by elimination: field operations only, so that every arithmetic can follow."""

from __future__ import annotations

from typing import Any


def solve_positive_definite(matrix: Any, right: Any) -> list[Any]:
    """The rows of X with `matrix` X = `right`, for a symmetric positive definite matrix.

    Gaussian elimination without row exchanges: its pivots are positive for such matrices (Golub and
    Van Loan, Matrix Computations, section 4.2). Shapes (k, k) and (k, m), rows of shape (m,). Where
    an enclosure of a pivot contains 0 nothing is known of the result.
    """
    size = matrix.shape[0]
    left, values = [matrix[i] for i in range(size)], [right[i] for i in range(size)]
    for j in range(size):
        for i in range(j + 1, size):
            factor = left[i][j] / left[j][j]
            left[i] = left[i] - factor * left[j]
            values[i] = values[i] - factor * values[j]
    for i in reversed(range(size)):
        for j in range(i + 1, size):
            values[i] = values[i] - left[i][j] * values[j]
        values[i] = values[i] / left[i][i]
    return values
