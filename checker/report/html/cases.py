"""Decided cases and counterexamples: exact numbers, both sides, step by step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checker.arithmetic.decide import Decision
from checker.instances.text import side
from checker.report.html.view import View, slack_of
from checker.report.pictures.canvas import Picture
from checker.report.pooled import pooled_line
from checker.report.saved import saved_fields


@dataclass(frozen=True)
class Case:
    """A saved case.

    Attributes
    ----------
    fields
        Name, shape and exact value of each field of the instance.
    not_saved
        Why there are none.
    closeness
        Bits of an upper bound on |lhs - rhs|, if it is that small.
    known_by
        The guarantee, and what it lacks.
    found_in
        Stratum and origin.
    """

    fields: list[tuple[str, str, str]]
    not_saved: str
    lhs: str
    rhs: str
    decision: str
    slack: str
    closeness: int | None
    known_by: str
    found_in: str


def case_of(saved: dict[str, Any]) -> Case:
    """A saved case as it is shown."""
    known = Decision.__members__.get(saved["decision"])
    return Case(
        saved_fields(saved.get("instance")),
        saved.get("not_saved", "not saved"),
        _side(saved, "lhs"),
        _side(saved, "rhs"),
        known.value if known else saved["decision"],
        slack_of(saved),
        saved.get("tight_bits"),
        _joined(": ", saved["guarantee"], saved.get("unproved")),
        _joined(" / ", saved.get("stratum"), saved.get("origin")),
    )


def _joined(between: str, *parts: Any) -> str:
    return between.join(str(part) for part in parts if part)


def _side(case: dict[str, Any], name: str) -> str:
    value, radius = case[name], case.get(f"{name}_radius")
    if value is None:
        return "not a finite number"
    return side(float(value), math.nan if radius is None else float(radius))


# -- counterexamples --------------------------------------------------------------------------


@dataclass(frozen=True)
class Refutation:
    """How a claim fell.

    Attributes
    ----------
    experiments
        What all experiments together say; "" for a claim about single cases, which has the rest.
    steps
        Rows (quantity, expression, value) in which a reader can follow by hand.
    slack
        lhs - rhs as text; "" where it is not known.
    cases
        How many were decided before it.
    path
        Steps of the reduction, with numbers of the instance and its relative slack.
    script
        A Python program that shows the counterexample on its own.
    """

    replay: str
    experiments: str = ""
    case: Case | None = None
    steps: Sequence[Sequence[str]] = ()
    slack: str = ""
    cases: int = 0
    path: Sequence[tuple[str, int, str]] = ()
    script: str = ""
    landscape: Picture | None = None
    reduction: Picture | None = None


def refutation(view: View, entry: dict[str, Any]) -> Refutation | None:
    """The counterexample or the experiments that refute a claim."""
    saved, pooled = entry.get("counterexample"), entry.get("pooled") or {}
    if pooled.get("refutes"):
        return Refutation(view.replay(entry["id"]), pooled_line(pooled))
    if saved is None:
        return None
    explained = entry.get("explanation") or {}
    return Refutation(
        view.replay(entry["id"]),
        case=case_of(saved),
        steps=explained.get("steps") or (),
        slack=explained.get("slack") or "",
        cases=entry["cases"],
        path=_path(saved.get("path") or []),
        script=explained.get("script") or "",
        landscape=view.picture(entry, "landscape"),
        reduction=view.picture(entry, "reduction"),
    )


def _path(saved: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return [(s["action"], s["numbers"], slack_of({"decision": "", **s})) for s in saved]
