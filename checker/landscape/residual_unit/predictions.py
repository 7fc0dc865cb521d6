"""Two predictions at one sample: what convexity of a loss says of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import difference
from checker.instances.fields import Dims, FloatArray
from checker.landscape.losses.base import Loss


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions p and q at a sample with label y.

    Attributes
    ----------
    p, q, y
        Scalars; y in the domain of the loss.
    loss
        The loss l.
    """

    p: Annotated[FloatArray, Dims()]
    q: Annotated[FloatArray, Dims()]
    y: Annotated[FloatArray, Dims(domain="label")]
    loss: Loss

    def is_valid(self) -> bool:
        """Whether the label is in its domain; for the reducer, which changes it."""
        return bool(np.all(self.loss.labels.accepts(self.y)))

    @cached_property
    def fall(self) -> Any:
        """l(p) - l(q), exactly 0 where p = q."""
        p: Any = self.p
        return difference(lambda u: self.loss.value(u, self.y), p, self.q)

    @cached_property
    def slope(self) -> Any:
        """l'(p)."""
        return self.loss.slope(self.p, self.y)
