"""Arrays made of arrays: joined, stacked, filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from checker.arithmetic.function import highest


def filled(x: Any, value: Any) -> Any:
    """The constant `value` in the shape and arithmetic of x."""
    return x.lift(np.ones(x.shape)) * value if _is_array(value) else x.lift(_full(x, value))


def _is_array(value: Any) -> bool:
    return hasattr(value, "level")


def _full(x: Any, value: Any) -> Any:
    return np.full(x.shape, value, dtype=object if not isinstance(value, float) else float)


def concatenate(parts: Sequence[Any], axis: int = 0) -> Any:
    """Arrays one behind the other along an axis that each of them has."""
    home = highest(parts)
    lifted = [home.lift(x) for x in parts]
    # Counted from the end, where it is negative.
    return home.concatenate(lifted, axis % max(lifted[0].ndim, 1))


def stack(parts: Sequence[Any], axis: int = 0) -> Any:
    """Numbers or arrays of one shape along a new axis: stack([a, b]) is a vector, and
    stack([[a, b], [c, d]]) a matrix."""
    home = highest(parts)
    lifted = [home.lift(x) for x in parts]
    before = (slice(None),) * (axis % (lifted[0].ndim + 1))
    return home.concatenate([x[(*before, None)] for x in lifted], len(before))


def hstack(*parts: Any) -> Any:
    """Matrices side by side, vectors one behind the other."""
    given = _parts(parts)
    return concatenate(given, 0 if highest(given).lift(given[0]).ndim == 1 else 1)


def vstack(*parts: Any) -> Any:
    """Matrices one below the other; a vector is a row."""
    given = _parts(parts)
    home = highest(given)
    rows = [home.lift(x) for x in given]
    return concatenate([x if x.ndim > 1 else x[None] if x.ndim else x[None, None] for x in rows], 0)


def _parts(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """hstack(x, y), and NumPy's hstack([x, y])."""
    only = parts[0] if len(parts) == 1 else None
    return tuple(only) if isinstance(only, list | tuple) else parts


def reshape(x: Any, *shape: Any) -> Any:
    """The entries, row by row, in another shape; -1 stands for what is left over."""
    return highest((x,)).lift(x).reshape(*shape)
