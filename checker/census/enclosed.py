"""Numbers with proved bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from flint import arb


@dataclass(frozen=True)
class Enclosed:
    """A number with proved bounds."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """A float between the bounds."""
        return self.low / 2 + self.high / 2

    @classmethod
    def of(cls, ball: Any) -> Self:
        """Floats around an `arb`."""
        if not ball.is_finite():
            return cls(-np.inf, np.inf)
        middle, radius = float(ball.mid()), float(ball.rad())
        if not np.isfinite(middle + radius):
            return cls(_down(ball.lower()), -_down(-ball.upper()))
        spread = radius + abs(middle) * np.finfo(float).eps
        low, high = np.nextafter([middle - spread, middle + spread], [-np.inf, np.inf])
        return cls(float(low), float(high))


def _down(x: Any) -> float:
    """A float that is not above an exact ball, beyond the range of floats, too."""
    near = float(x)
    return near if arb(near) <= x else float(np.nextafter(near, -np.inf))


UNKNOWN = Enclosed(-np.inf, np.inf)
