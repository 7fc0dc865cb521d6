"""Indices of the mathematical object: what every arithmetic takes, and refuses, alike.

An index counts the axes of the object, never that of a batch. NumPy's own rules for these axes
hold: integers, slices, `...`, new axes, lists and arrays of integers, masks. They are applied to
a stand-in of the object's shape first, which raises NumPy's own errors.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from checker.errors import FormulaError

Index: TypeAlias = tuple[Any, ...]


def core_index(index: Any, shape: tuple[int, ...]) -> Index:
    """The index as a tuple that is known to fit an object of this shape.

    Raises
    ------
    IndexError
        For what is out of bounds, counts more axes than there are, or is no index.
    FormulaError
        For a truth value, and for a number of the formula.
    """
    if type(index) is int and shape and -shape[0] <= index < shape[0]:
        return (index,)
    parts = index if isinstance(index, tuple) else (index,)
    for part in parts:
        _require_position(part)
    np.broadcast_to(np.int8(0), shape)[parts]
    return parts


def before_batch(index: Index) -> Index:
    """The same for an array with a batch axis behind all others."""
    # Without `...` the axes behind those that are counted stay as they are.
    return (*index, slice(None)) if any(part is Ellipsis for part in index) else index


def _require_position(part: Any) -> None:
    if isinstance(part, bool | np.bool_) or (isinstance(part, np.ndarray) and part.dtype == bool
                                             and part.ndim == 0):  # fmt: skip
        raise FormulaError(
            f"an index is the truth value {part}", why="NumPy would add an axis for it"
        )
    if hasattr(part, "unproved") or hasattr(part, "slack"):
        raise FormulaError(
            "an index is a number or an inequality of the formula",
            why="a number that is known by an enclosure only is not a position",
            hint="index with integers, slices, lists of integers or masks that are known",
        )


def index_text(index: Index) -> str:
    """The index as it is written between brackets."""
    return ", ".join(_part_text(part) for part in index)


def _part_text(part: Any) -> str:
    if isinstance(part, slice):
        start, stop, step = (
            "" if x is None else str(x) for x in (part.start, part.stop, part.step)
        )
        return f"{start}:{stop}" + (f":{step}" if step else "")
    if part is Ellipsis:
        return "..."
    return str(part.tolist() if isinstance(part, np.ndarray) else part)
