"""Numbers and instances as plain text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import numpy as np

from checker.instances.rounding import exact_number, plus_minus

# Arrays with more entries are named by their shape.
MAX_ENTRIES = 60


def exact_value(value: Any) -> str:
    """The value of an instance's field: exact numbers, nested lists for arrays."""
    if isinstance(value, np.ndarray) and value.size > MAX_ENTRIES:
        return f"array of shape {value.shape}"
    if isinstance(value, np.ndarray):
        return exact_value(value.tolist())
    if isinstance(value, list | tuple):
        return f"[{', '.join(exact_value(v) for v in value)}]"
    if isinstance(value, float | np.floating):
        return exact_number(float(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = ", ".join(f"{name}={text}" for name, text in fields_of(value))
        return f"{type(value).__name__}({inside})"
    return value.name if isinstance(value, Enum) else str(value)


def fields_of(instance: Any) -> list[tuple[str, str]]:
    """Name and exact value of every field of an instance that is not None."""
    values = ((f.name, getattr(instance, f.name)) for f in dataclasses.fields(instance))
    return [(name, exact_value(value)) for name, value in values if value is not None]


def one_line(instance: Any, limit: int = 160) -> str:
    """An instance in one line, cut where it is longer than `limit`."""
    text = " ".join(f"{name}={value}" for name, value in fields_of(instance))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def percent(part: int, whole: int) -> str:
    """A whole percentage that is 0 or 100 only where it is so exactly."""
    if not whole:
        return "-"
    rounded = round(100 * part / whole)
    if rounded == 0 and part:
        return "<1"
    return ">99" if rounded == 100 and part < whole else str(rounded)


def spread(counts: Sequence[int]) -> str:
    """`120 to 4,000`, or one number if all are the same."""
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def side(x: float, radius: float) -> str:
    """One side of the inequality with its proved error bound, if it has one."""
    return plus_minus(x, radius) if np.isfinite(x) and np.isfinite(radius) else f"{x:.17g}"


def aligned(rows: Iterable[tuple[str, str]]) -> list[str]:
    """`name = value` lines with the equals signs below each other."""
    rows = list(rows)
    width = max((len(name) for name, _ in rows), default=0)
    return [f"{name:<{width}} = {value}" for name, value in rows]
