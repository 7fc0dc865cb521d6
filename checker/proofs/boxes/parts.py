"""Parts of a box: the tree of halves, and what is left open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tree:
    """The parts of the box: of each the coordinate at which it was divided, or how it is settled.

    Attributes
    ----------
    parts
        A coordinate (the halves follow in `halves`), a letter, a list with a letter and its
        numbers, or None for what is open.
    """

    parts: list[Any] = field(default_factory=list)
    halves: dict[int, int] = field(default_factory=dict)

    def grown(self) -> int:
        """The place of a new part."""
        self.parts.append(None)
        return len(self.parts) - 1

    def preorder(self) -> list[Any]:
        """All parts, each before its lower and its upper half."""
        order, pending = [], [0]
        while pending:
            part = pending.pop()
            order.append(self.parts[part])
            if part in self.halves:
                pending += [self.halves[part] + 1, self.halves[part]]
        return order


@dataclass(frozen=True)
class Open:
    """Parts that are left, and the one where the slack is least at the midpoint."""

    count: int
    closest: tuple[float, ...]
    slack: float
    box: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Found:
    """The tree of one relation, and what is left open."""

    tree: Tree
    left: Open | None

    @property
    def boxes(self) -> int:
        """Parts that are settled."""
        return len(self.tree.parts) - len(self.tree.halves)
