"""Every arithmetic by name: how it takes a batch of known arrays, and what it knows of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.arrays.array import Array
from checker.arithmetic.ball import Ball
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.closed.arrays import Closed
from checker.arithmetic.exact import Exact
from checker.arithmetic.plain import Plain, Traced
from checker.arithmetic.recorded import Recorded, Terms


@dataclass(frozen=True)
class Arithmetic:
    """One arithmetic: whether it takes batches, and its arrays as floats, one per case."""

    kind: type[Array]
    batched: bool = False
    read: Callable[[Any], list[Any]] = lambda x: x.floats()

    def lifted(self, cases: list[Any]) -> Any:
        """Arrays of one shape, the cases of a batch; the first alone where there are no batches."""
        return self.kind.stacked(cases) if self.batched else self.kind.constant(cases[0])


def _nodes(terms: Any) -> list[Any]:
    return [np.array([float(x.value) for x in terms.entries.flat]).reshape(terms.shape)]


ARITHMETICS = {
    "Bounded": Arithmetic(Bounded, True),
    "Plain": Arithmetic(Plain, True),
    "Traced": Arithmetic(Traced, True),
    "Ball": Arithmetic(Ball),
    "Exact": Arithmetic(Exact),
    "Closed": Arithmetic(Closed),
    "Taylor": Arithmetic(Taylor),
    "Terms": Arithmetic(Terms, read=_nodes),
    "Recorded": Arithmetic(Recorded),
}


def subclasses(kind: type) -> set[type]:
    """All concrete classes below one."""
    found = {x for child in kind.__subclasses__() for x in (child, *subclasses(child))}
    return {x for x in found if not x.__abstractmethods__}
