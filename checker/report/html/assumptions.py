"""What a claim needs: each assumption, and what became of the claim without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checker.instances import escapes
from checker.instances.text import counted
from checker.report.html.neighbours import rejected_by
from checker.report.html.view import View, slack_of
from checker.report.run import words
from checker.report.saved import saved_line
from checker.search.audit import Need

# An assumption's words, and what an audit did with it.
Tried = tuple[dict[str, Any], dict[str, Any] | None]


@dataclass(frozen=True)
class Assumption:
    """An assumption.

    Attributes
    ----------
    name
        In words: those who listen to the page hear no formula there.
    statement
        In LaTeX; "" where it says no more than the name.
    purpose
        What it is for.
    instance
        A counterexample without it, with which the purpose ends.
    experiments
        Experiments that reject the claim without it, with which the purpose ends.
    """

    name: str
    statement: str
    purpose: str
    instance: str = ""
    experiments: str = ""


@dataclass(frozen=True)
class Assumptions:
    """All of a claim; the command that drops each in turn where none has been dropped."""

    rows: list[Assumption]
    audit: str = ""

    @property
    def has_statements(self) -> bool:
        """Whether any says more than its name."""
        return any(row.statement for row in self.rows)


def assumptions(view: View, entry: dict[str, Any]) -> Assumptions | None:
    """What is assumed, and what happens to the claim without it."""
    assumed = words(entry).get("assumptions") or []
    if not assumed:
        return None
    dropped = {a.get("assumption"): a for a in view.run.ablations if a["claim"] == entry["id"]}
    command = ["checker", "audit", entry["id"], "--out", str(view.run.evidence.parent)]
    rows = [assumption_of((a, dropped.get(a["name"]))) for a in assumed]
    return Assumptions(rows, "" if dropped else escapes.shell(command))


def assumption_of(tried: Tried) -> Assumption:
    """An assumption, and what became of the claim without it."""
    assumption, dropped = tried
    name = str(assumption["name"]).replace("_", " ")
    # That of a function is the name.
    statement = "" if assumption["statement"] == name else assumption["statement"]
    if assumption.get("definitional"):
        return Assumption(name, statement, "says which objects the statement speaks of")
    if dropped is None:
        return Assumption(name, statement, "not tried")
    if not dropped["refuted"]:
        return Assumption(name, statement, _not_refuted(dropped))
    if case := dropped.get("counterexample"):
        instance = saved_line(case.get("instance"))
        return Assumption(name, statement, "needed: without it, refuted by", instance)
    experiments = rejected_by(dropped["pooled"])
    return Assumption(name, statement, "needed: without it,", experiments=experiments)


def _not_refuted(dropped: dict[str, Any]) -> str:
    need = dropped.get("need")
    if need == Need.UNDEFINED.name:
        drawn = counted(dropped["drawn_outside"], "case", "cases")
        return f"undefined outside it: of {drawn} drawn there none has a value that is known"
    if need == Need.NOT_TRIED.name:
        return f"not tried to the end: {dropped.get('fault')}"
    if need == Need.NEVER_DRAWN.name:
        decided = counted(dropped["decided"], "case", "cases")
        return f"not tested: of {decided} with a known slack none was drawn outside it"
    closest = slack_of(dropped.get("tightest"))
    return (
        f"no counterexample without it, so it may be unnecessary: {dropped['cases']:,} candidates, "
        f"{dropped.get('outside', 0):,} of them outside; closest relative slack {closest}"
    )
