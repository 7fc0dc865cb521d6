"""Decided cases and counterexamples as HTML: exact numbers, both sides, step by step."""

from __future__ import annotations

import math
from typing import Any

from checker.arithmetic.decide import Decision
from checker.instances.text import counted, side
from checker.report.html.formulas import inline
from checker.report.html.markup import NONE, Column, Markup, definitions, join, table, tag
from checker.report.html.view import View, slack_of
from checker.report.pooled import pooled_line
from checker.report.saved import saved_fields


def case_box(case: dict[str, Any], *, found: bool = False, details: bool = True) -> Markup:
    """A saved case: its fields, and (unless they follow elsewhere) both sides and the decision."""
    parts = [_fields(case.get("instance")) or tag("p", case.get("not_saved", "not saved"))]
    parts += [_sides(case)] if details else []
    return tag("div", *parts, class_="case found" if found else "case")


def _fields(instance: Any) -> Markup:
    rows = saved_fields(instance)
    if not rows:
        return NONE
    cells = (
        (name, tag("span", shape, class_="soft"), tag("code", text)) for name, shape, text in rows
    )
    return table(("field", "shape", "exact value"), cells, class_="fields")


def _sides(case: dict[str, Any]) -> Markup:
    return definitions(
        [
            ("left-hand side", _side(case, "lhs")),
            ("right-hand side", _side(case, "rhs")),
            *_decided(case),
        ]
    )


def _decided(case: dict[str, Any]) -> list[tuple[str, Any]]:
    known = Decision.__members__.get(case["decision"])
    decision = known.value if known else case["decision"]
    guarantee = ": ".join(str(p) for p in (case["guarantee"], case.get("unproved")) if p)
    tight = case.get("tight_bits")
    return [
        ("decision", f"{decision}; relative slack {slack_of(case)}"),
        ("closeness", f"|lhs - rhs| ≤ 2^-{tight}" if tight is not None else ""),
        ("known by", guarantee),
        ("found in", " / ".join(str(p) for p in (case.get("stratum"), case.get("origin")) if p)),
    ]


def _side(case: dict[str, Any], name: str) -> str:
    value, radius = case[name], case.get(f"{name}_radius")
    if value is None:
        return "not a finite number"
    return side(float(value), math.nan if radius is None else float(radius))


# -- counterexamples --------------------------------------------------------------------------


def refutation(view: View, entry: dict[str, Any]) -> Markup:
    """The report of a counterexample: instance, both sides step by step, severity, replay."""
    case = entry.get("counterexample")
    pooled = entry.get("pooled") or {}
    if pooled.get("refutes"):
        again = [
            tag("h3", "Check it yourself"),
            tag("pre", view.replay(entry["id"]), class_="wrap"),
        ]
        return join([tag("h3", "Experiments"), tag("p", pooled_line(pooled)), *again])
    if case is None:
        return NONE
    explained = entry.get("explanation") or {}
    steps = explained.get("steps") or []
    return join(
        [
            tag("h3", "Counterexample"),
            case_box(case, found=True, details=not steps),
            figure(view, entry, "landscape"),
            _steps(steps),
            _severity(entry, case, explained) if steps else None,
            _path(view, entry, case),
            tag("h3", "Check it yourself"),
            tag("pre", view.replay(entry["id"]), class_="wrap"),
            _script(explained.get("script")),
        ]
    )


def _steps(steps: list[Any]) -> Markup:
    return join([tag("h3", "Step by step"), steps_table(steps)]) if steps else NONE


def steps_table(steps: list[Any]) -> Markup:
    """Both sides step by step, so that a reader can follow by hand."""
    if not steps:
        return NONE
    rows = [[tag("code", cell) if cell else NONE for cell in step] for step in steps]
    return table(("quantity", "from", "value"), rows, class_="steps stacked")


def _severity(entry: dict[str, Any], case: dict[str, Any], explained: dict[str, Any]) -> Markup:
    slack = explained.get("slack")
    shown = join([inline(r"\mathrm{lhs} - \mathrm{rhs} ="), " ", tag("code", slack)])
    return definitions(
        [
            ("severity", shown if slack else ""),
            *_decided(case),
            ("after", counted(entry["cases"], "case", "cases")),
        ]
    )


def _path(view: View, entry: dict[str, Any], case: dict[str, Any]) -> Markup:
    path = case.get("path") or []
    if len(path) < 2:
        return NONE
    rows = [(s["action"], f"{s['numbers']:,}", slack_of({"decision": "", **s})) for s in path]
    sizes = f"{path[0]['numbers']} numbers → {path[-1]['numbers']}"
    return join(
        [
            tag("h3", f"Reduction: {sizes}"),
            table(("step", Column("numbers", True), Column("relative slack", True)), rows),
            figure(view, entry, "reduction"),
        ]
    )


def _script(script: str | None) -> Markup:
    if not script:
        return NONE
    summary = f"A Python script of {script.count(chr(10))} lines that shows it on its own"
    return tag("details", tag("summary", summary), tag("pre", tag("code", script), tabindex="0"))


def figure(view: View, entry: dict[str, Any], name: str) -> Markup:
    """A picture of a claim, if it was drawn."""
    drawn = view.pictures.get(entry["id"], {}).get(name)
    if drawn is None:
        return NONE
    return tag("figure", Markup(drawn.svg), tag("figcaption", drawn.caption))
