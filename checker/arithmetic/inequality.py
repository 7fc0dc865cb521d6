"""`lhs >= rhs`, the one form in which every claim is stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checker.arithmetic.refused import Refused


@dataclass(frozen=True, eq=False)
class Inequality(Refused):
    """The assertion `lhs >= rhs` between two scalars of one arithmetic (`Array`s)."""

    lhs: Any
    rhs: Any

    @property
    def slack(self) -> Any:
        """`lhs - rhs`: negative exactly where the assertion fails."""
        return self.lhs - self.rhs


def equality(x: Any, y: Any) -> Inequality:
    """x = y as one inequality, x >= y + 2 |x - y|, which fails whichever of the two is greater.

    The slack is at most -|x - y|; it is 0 where they are equal.
    """
    return Inequality(x, y + 2 * abs(x - y))
