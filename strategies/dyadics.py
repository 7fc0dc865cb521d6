"""Short dyadic numbers out of a byte buffer of fixed size.

Drawn first and at full size, a buffer keeps its alignment when Hypothesis mutates the dimensions
that follow, is by far the fastest elementwise mode, and shrinks to zeros and small integers.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Labels

_STEP = 8.0


class Dyadics:
    """Reads multiples of 1/8 in [-16, 16) off a buffer, in the order asked for."""

    def __init__(self, buffer: bytes) -> None:
        self._bytes = np.frombuffer(buffer, dtype=np.int8).astype(float)
        self._next = 0

    def _read(self, shape: tuple[int, ...]) -> FloatArray:
        count = int(np.prod(shape))
        taken = self._bytes[self._next : self._next + count]
        self._next += count
        return taken.reshape(shape).copy()

    def array(self, *shape: int) -> FloatArray:
        """Dyadic numbers of the given shape; ValueError when the buffer is used up."""
        return self._read(shape) / _STEP

    def labels(self, domain: Labels, n: int) -> FloatArray:
        """Labels of the given domain."""
        raw = self._read((n,))
        if domain is Labels.SIGN:
            return np.where(raw % 2 == 0, 1.0, -1.0)
        if domain is Labels.UNIT:
            return (np.abs(raw) % 9) / _STEP
        if domain is Labels.NON_NEGATIVE:
            return np.abs(raw) % 16
        if domain is Labels.POSITIVE:
            return np.abs(raw) % 16 + 1.0
        return raw / _STEP


def dyadics(count: int) -> st.SearchStrategy[Dyadics]:
    """A reader over `count` numbers; draw it before anything that depends on a size."""
    return st.binary(min_size=count, max_size=count).map(Dyadics)
