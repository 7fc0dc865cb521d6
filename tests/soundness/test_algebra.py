"""Numbers c √r and eigenvalues of the references, against values known by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx

from soundness.algebra import greatest_eigenvalue, least_eigenvalue, solved
from soundness.reals import number, numbers


def test_roots_stay_exact() -> None:
    two, eight = number(2).sqrt(), number(8).sqrt()
    assert (eight - 2 * two).sign == 0
    assert (two * eight).rational
    assert (1 / two - two / 2).sign == 0
    assert (two * two - 2).sign == 0
    assert not (two + number(3).sqrt()).exact
    assert (two + number(3).sqrt() - Fraction(3)).sign == 1


def test_rational_eigenvalues_are_exact() -> None:
    rows = numbers([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    assert (greatest_eigenvalue(rows) - 3).sign == 0
    assert least_eigenvalue(rows).sign == 0
    root = greatest_eigenvalue(numbers([[0.0, 2.0], [1.0 * 2, 0.0]]))
    assert (root - 2).sign == 0
    assert (greatest_eigenvalue(numbers([[1.0, 1.0], [1.0, -1.0]])) ** 2 - 2).sign == 0


@pytest.mark.parametrize("power", [10, 150, 500])
def test_tiny_eigenvalues_beside_large_ones(power: int) -> None:
    """[[A, I], [I, 0]], A = diag(a, 3a): the least one is -2/(a + √(a² + 4)),
    and others are as near to 0.
    """
    a = Fraction(2) ** power
    with ctx.workprec(256):
        rows = [[number(0)] * 4 for _ in range(4)]
        for i, entry in enumerate((a, 3 * a)):
            rows[i][i] = number(entry)
            rows[i][i + 2] = rows[i + 2][i] = number(1)
        least = least_eigenvalue(rows)
        expected = -2 / (number(a) + (number(a) ** 2 + 4).sqrt())
        off = abs(least.enclosed - expected.enclosed)
        assert least.enclosed.rel_accuracy_bits() > 200
        assert off < abs(expected.enclosed) * arb(2) ** -200


def test_equations_are_solved() -> None:
    ((x,), (y,)) = solved(numbers([[0.0, 2.0], [3.0, 1.0]]), numbers([[4.0], [5.0]]))
    assert ((x - 1).sign, (y - 2).sign) == (0, 0)
