"""The sharpest constants of a claim, beside those that are printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from checker.instances.rounding import exact_fraction, nearest
from checker.report.html.view import View
from checker.report.run import words
from checker.report.saved import saved_line


@dataclass(frozen=True)
class Constant:
    """A constant, as printed and at its best.

    Attributes
    ----------
    said
        Why it has no instance.
    instance
        With which it fails.
    """

    name: str
    printed: str
    best: str = "-"
    fails_at: str = "-"
    said: str = ""
    instance: str = ""


def constants(view: View, entry: dict[str, Any]) -> list[Constant]:
    """The constants as printed, and the best values that `checker sharpen` found."""
    printed = words(entry).get("constants") or {}
    return constants_of(printed.items(), view.run.sharpened.get(entry["id"], {}))


def constants_of(printed: Iterable[tuple[str, Any]], best: dict[str, Any]) -> list[Constant]:
    """Each constant; none where none was sharpened."""
    return [_constant(name, value, best.get(name)) for name, value in printed if best]


def _constant(name: str, printed: str, found: dict[str, Any] | None) -> Constant:
    if found is None:
        return Constant(name, printed, said="not tried")
    if found.get("best") is None:
        return Constant(name, printed, said="no direction")
    witness, fails = found.get("witness"), found.get("fails_at")
    best = nearest(float(found["best"]))
    if fails is None or witness is None:
        said = f"no failure found in {found['cases']:,} candidates"
        return Constant(name, printed, best, said=said)
    fails_at = exact_fraction(Fraction(fails))
    return Constant(name, printed, best, fails_at, instance=saved_line(witness.get("instance")))
