"""Independent computations of one quantity: what their enclosures say that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from checker.arithmetic.constants import ORACLE_DIRECTIONS


def disagreements(oracles: Iterable[Any], instance: Any) -> Iterator[str]:
    """Quantities whose independent computations do not overlap, in some random directions."""
    for oracle in oracles:
        for number in range(ORACLE_DIRECTIONS):
            for comparison in oracle(instance, np.random.default_rng(number)):
                yield from disagreement(*comparison)


def disagreement(quantity: str, first: Any, second: Any) -> Iterator[str]:
    """What two enclosures of one number say that do not overlap; nothing if they do."""
    if first.is_finite() and second.is_finite() and not first.overlaps(second):
        yield f"{quantity}: {first.str(20)} against {second.str(20)}"
