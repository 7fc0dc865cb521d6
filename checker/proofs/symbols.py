"""An arithmetic of symbols: what a claim computes, as expressions in the numbers of any instance.

The same expressions as in reports (`checker.arithmetic.recorded`), but without an instance behind
them: a number is known by its name alone, so that nothing can depend on its value. Norms and
eigenvalues of matrices stay symbols, too, and are described by the properties that define them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import numpy as np

from checker.arithmetic.recorded import Node, Terms
from checker.errors import InputError

# What is described by a defining property and not by a formula.
OPAQUE = ("spectral_norm", "lambda_min", "lambda_max")


class Symbols(Terms):
    """A scalar, vector or matrix of expressions in named numbers."""

    __slots__ = ()

    # Which of two formulas for the same number `narrower` takes; both have to be looked at.
    taken: ClassVar[int] = 0
    choices: ClassVar[int] = 0

    @classmethod
    def named(cls, name: str, shape: tuple[int, ...]) -> Self:
        """Numbers name_1, name_2, ... or name_1_1, ... of a shape."""
        entries = np.empty(shape, dtype=object)
        for index in np.ndindex(shape):
            label = "_".join([name, *(str(i + 1) for i in index)])
            entries[index] = Node("leaf", value=label)
        return cls(entries)

    def floats(self) -> list[Any]:
        raise InputError(
            "a formula asks for the values of its numbers",
            why="What it computes then differs from case to case, and no proof can follow it",
        )

    def spectral_norm(self) -> Self:
        return self._opaque("spectral_norm")

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        return self._opaque("lambda_min"), self._opaque("lambda_max")

    def _opaque(self, op: str) -> Self:
        return self._scalar(Node(op, tuple(self.entries.flat), shape=self.shape))

    def narrower(self, other: Self) -> Self:
        Symbols.choices += 1
        return other if Symbols.taken else self


@contextmanager
def taking(formula: int) -> Iterator[None]:
    """Trace with the first (0) or the second (1) of two formulas for the same number."""
    Symbols.taken, Symbols.choices = formula, 0
    try:
        yield
    finally:
        Symbols.taken = 0
