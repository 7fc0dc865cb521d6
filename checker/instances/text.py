"""Numbers and instances as plain text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

from checker.instances.domains import NumberDomain, parameters_of
from checker.instances.rounding import exact_fraction, exact_number, plus_minus

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
    meant = parameters_of(type(instance))
    return [
        (name, _meant(meant[name], value) if name in meant else exact_value(value))
        for name, value in values
        if value is not None
    ]


def _meant(domain: NumberDomain, value: Any) -> str:
    """The object that parameters stand for: counts over their sum, complex numbers, or what it is
    given by."""
    if domain.complex:
        return _complex_value(np.asarray(value))
    text = exact_value(np.asarray(value))
    if domain.name != "simplex":
        return f"({domain.name} by its {domain.given_by} {text})"
    counts = [Fraction(float(x)) for x in np.ravel(value)]
    total = sum(counts, Fraction(0))
    return text if total == 1 else f"{text}/{exact_fraction(total)}"


def _complex_value(parts: Any) -> str:
    """Exact complex numbers, nested lists for arrays."""
    if parts.ndim > 1:
        if parts.size > MAX_ENTRIES:
            return f"array of {' x '.join(map(str, parts.shape[:-1]))} complex numbers"
        return f"[{', '.join(map(_complex_value, parts))}]"
    x, y = (float(part) for part in parts)
    if y == 0:
        return exact_number(x)
    text = "" if abs(y) == 1 else exact_number(abs(y))
    if x == 0:
        return f"{'-' if y < 0 else ''}{text}i"
    return f"{exact_number(x)} {'-' if y < 0 else '+'} {text}i"


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
