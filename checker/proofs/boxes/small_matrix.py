"""Norms and eigenvalues of matrices of order 1 and 2, by the formulas that they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from checker.proofs.boxes.sets import NotBounded


class Writer(Protocol):
    """What writes operations down; numbers are known by their places."""

    def sum(self, *places: int) -> int:
        """The sum."""

    def product(self, left: int, right: int) -> int:
        """The product."""

    def scaled(self, factor: str, place: int) -> int:
        """A fraction times a number."""

    def root(self, place: int) -> int:
        """The square root."""


@dataclass(frozen=True)
class SmallMatrix:
    """A matrix by the places of its entries, row by row."""

    writer: Writer
    entries: Sequence[int]
    shape: tuple[int, ...]

    def number(self, op: str) -> int:
        """The place of its spectral norm, or of its least or greatest eigenvalue.

        Raises
        ------
        NotBounded
            When both of its sides are longer than 2.
        """
        if min(self.shape) > 2:
            rows, columns = self.shape
            raise NotBounded(f"the {_CALLED[op]} of a {rows} x {columns} matrix has no formula")
        if op != "spectral_norm":
            return self._eigenvalue(self._row(0) + self._row(1)[1:], greatest=op == "lambda_max")
        return self.writer.root(self._eigenvalue(self._gram(), greatest=True))

    def _row(self, i: int) -> list[int]:
        columns = self.shape[1]
        return list(self.entries[i * columns : (i + 1) * columns])

    def _gram(self) -> list[int]:
        """[a] or [a, b, c] of the Gram matrix [[a, b], [b, c]] of the shorter side."""
        rows, columns = self.shape
        along = [self._row(i) for i in range(rows)]
        if columns < rows:
            along = [list(column) for column in zip(*along, strict=True)]
        pairs = [(0, 0)] if len(along) == 1 else [(0, 0), (0, 1), (1, 1)]
        return [self._dot(along[i], along[j]) for i, j in pairs]

    def _dot(self, u: Sequence[int], v: Sequence[int]) -> int:
        return self.writer.sum(*(self.writer.product(x, y) for x, y in zip(u, v, strict=True)))

    def _eigenvalue(self, symmetric: Sequence[int], greatest: bool) -> int:
        """(a + c ± √((a - c)² + 4 b²)) / 2 of [[a, b], [b, c]]."""
        if len(symmetric) == 1:
            return symmetric[0]
        (a, b, c), write = symmetric, self.writer
        apart = write.sum(a, write.scaled("-1", c))
        square = write.sum(write.product(apart, apart), write.scaled("4", write.product(b, b)))
        root = write.scaled("1" if greatest else "-1", write.root(square))
        return write.scaled("1/2", write.sum(a, c, root))


_CALLED = {
    "spectral_norm": "norm",
    "lambda_min": "least eigenvalue",
    "lambda_max": "greatest eigenvalue",
}
