"""Why a verdict is worth something: false neighbours, dropped assumptions, sharpest constants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from checker.claims.verdict import Verdict
from checker.instances import escapes
from checker.instances.rounding import exact_fraction, nearest
from checker.instances.text import counted
from checker.report.html.formulas import inline
from checker.report.html.markup import NONE, Column, Markup, join, prose, table, tag
from checker.report.html.view import View, slack_of
from checker.report.pooled import pooled_line
from checker.report.run import words
from checker.report.saved import saved_line
from checker.search.audit import Need


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A false neighbour, or a neighbour of unknown truth, and what the search did to it.

    Attributes
    ----------
    outcome
        "refuted", "survived", "not refuted" or "not tried".
    is_false
        Whether it is known to be false, so that it has to fall.
    pooled
        The test of all its experiments together, if it has experiments.
    """

    id: str
    why: str
    outcome: str
    cases: int
    seconds: float | None
    case: dict[str, Any] | None
    is_false: bool = True
    pooled: dict[str, Any] | None = None

    @property
    def refuted(self) -> bool:
        """Whether a counterexample was proved."""
        return self.outcome == "refuted"


def neighbours_of(view: View, claim_id: str) -> list[Neighbour]:
    """Neighbours of a claim, from the audit where there is one, else from the run itself."""
    found = {n.id: n for n in _controls(view, claim_id)}
    found |= {m["id"]: _audited(m) for m in view.run.neighbours if m.get("of") == claim_id}
    return sorted(found.values(), key=lambda n: (not n.is_false, n.refuted))


def score(neighbours: Iterable[Neighbour]) -> tuple[int, int]:
    """How many of the false neighbours fell, and how many there are."""
    false = [n for n in neighbours if n.is_false]
    return sum(n.refuted for n in false), len(false)


def _controls(view: View, claim_id: str) -> list[Neighbour]:
    return [
        Neighbour(
            entry["id"],
            words(entry).get("why", ""),
            _control_outcome(entry),
            entry["cases"],
            None,
            entry.get("counterexample") or entry.get("tightest"),
            pooled=entry.get("pooled"),
        )
        for entry in view.controls
        if entry.get("of") == claim_id
    ]


def _control_outcome(entry: dict[str, Any]) -> str:
    if entry["expected"]:
        return "refuted"
    return "not tried" if Verdict[entry["verdict"]].is_unfinished else "survived"


def _audited(found: dict[str, Any]) -> Neighbour:
    refuted, survived = found["refuted"], bool(found.get("survived"))
    return Neighbour(
        found["id"],
        str(found.get("why") or ""),
        "refuted" if refuted else "survived" if survived else _open_outcome(found),
        found["cases"],
        found.get("seconds"),
        found.get("counterexample") or found.get("tightest"),
        found.get("kind") != "neighbour",
        found.get("pooled"),
    )


def _open_outcome(found: dict[str, Any]) -> str:
    return "not tried" if found.get("fault") else "not refuted"


def neighbours_table(view: View, entry: dict[str, Any]) -> Markup:
    """Every neighbour, why it is false, and the smallest instance that shows it."""
    neighbours = neighbours_of(view, entry["id"])
    if not neighbours:
        return NONE
    open_ones = [n for n in neighbours if not n.is_false]
    timed = any(n.seconds is not None for n in neighbours)
    false = len(open_ones) < len(neighbours)
    first = "neighbour, and why it is false" if false else "neighbour, and what is changed"
    columns = [first, "result", "cases", "counterexample"]
    rows = [_row(view, n) for n in neighbours]
    fell = sum(n.refuted for n in open_ones)
    unknown = f"Neighbours of unknown truth: {fell} of {len(open_ones)} refuted"
    heading = "False neighbours: {} of {} refuted".format(*score(neighbours))
    more = _MORE.format(len(open_ones)) if false else _OPEN
    return join(
        [
            tag("h3", heading if false else unknown),
            tag("p", more, class_="soft") if open_ones else None,
            table(columns, rows, class_="neighbours stacked"),
            None if timed else tag("p", _AUDIT_HINT, class_="soft"),
        ]
    )


_OPEN = "What falls is false, the rest may be true."
_MORE = "{} more at the end of unknown truth: what falls is false, the rest may be true."
_AUDIT_HINT = "An audit adds times, and neighbours whose truth is open."


def _row(view: View, neighbour: Neighbour) -> tuple[Any, ...]:
    tone = {"refuted": "good", "survived": "bad"}.get(neighbour.outcome, "soft")
    seconds = "" if neighbour.seconds is None else f", {neighbour.seconds:.2f} s"
    return (
        join([view.link(neighbour.id), tag("small", prose(neighbour.why))]),
        tag("span", neighbour.outcome, class_=tone),
        f"{neighbour.cases:,}{seconds}",
        _rejected_by(neighbour.pooled) or _found(neighbour.case, neighbour.refuted),
    )


# Outcomes as a reader knows them from verdicts.


def _rejected_by(pooled: dict[str, Any] | None) -> Markup:
    return tag("span", pooled_line(pooled)) if pooled and pooled["refutes"] else NONE


def _found(case: dict[str, Any] | None, refuted: bool) -> Markup:
    if case is None:
        return NONE
    if not refuted:
        return tag("span", f"closest relative slack {slack_of(case)}", class_="soft")
    return tag("code", saved_line(case.get("instance"), limit=110))


# -- assumptions ------------------------------------------------------------------------------


def assumptions(view: View, entry: dict[str, Any]) -> Markup:
    """What is assumed, and what happens to the claim without it."""
    assumed = words(entry).get("assumptions") or []
    if not assumed:
        return NONE
    dropped = {a.get("assumption"): a for a in view.run.ablations if a["claim"] == entry["id"]}
    command = escapes.shell(
        ["checker", "audit", entry["id"], "--out", str(view.run.evidence.parent)]
    )
    hint = tag("p", "To drop each in turn: ", tag("code", command), class_="soft")
    shown = assumptions_table([(a, dropped.get(a["name"])) for a in assumed])
    return join([shown, None if dropped else hint])


def assumptions_table(rows: Iterable[tuple[dict[str, Any], dict[str, Any] | None]]) -> Markup:
    """Each assumption with what became of the claim without it, None where that was not tried."""
    # A head in words: those who listen to the page hear no formula there.
    shown = [(_in_words(a), _statement(a), _purpose(a, dropped)) for a, dropped in rows]
    if not shown:
        return NONE
    kept = [0, 1, 2] if any(statement for _, statement, _ in shown) else [0, 2]
    heads = ("assumption", "statement", "what it is for")
    cells = [[row[i] for i in kept] for row in shown]
    return join(
        [tag("h3", "Assumptions"), table([heads[i] for i in kept], cells, class_="wordy stacked")]
    )


def _statement(assumption: dict[str, Any]) -> Markup:
    """Its formula; of a function it is the name, which says nothing more."""
    known = assumption["statement"]
    return NONE if known == _in_words(assumption) else inline(known)


def _in_words(assumption: dict[str, Any]) -> str:
    return str(assumption["name"]).replace("_", " ")


def _purpose(assumption: dict[str, Any], dropped: dict[str, Any] | None) -> Markup | str:
    if assumption.get("definitional"):
        return "says which objects the statement speaks of"
    if dropped is None:
        return "not tried"
    if dropped["refuted"] and not dropped.get("counterexample"):
        return join(["needed: without it, ", _rejected_by(dropped["pooled"])])
    if dropped["refuted"]:
        found = tag("code", saved_line(dropped["counterexample"].get("instance")))
        return join(["needed: without it, refuted by ", found])
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


# -- constants --------------------------------------------------------------------------------


def constants(view: View, entry: dict[str, Any]) -> Markup:
    """The constants as printed, and the best values that `checker sharpen` found."""
    printed = words(entry).get("constants") or {}
    return constants_table(printed.items(), view.run.sharpened.get(entry["id"], {}))


def constants_table(printed: Iterable[tuple[str, Any]], best: dict[str, Any]) -> Markup:
    """Each constant, as printed and at its best; nothing where none was sharpened."""
    if not best:
        return NONE
    columns = (
        "constant",
        Column("printed", True),
        Column("best ≈", True),
        Column("fails at", True),
        "with",
    )
    rows = [(name, value, *_best(best.get(name))) for name, value in printed]
    return (
        NONE
        if not rows
        else join([tag("h3", "Sharpest constants"), table(columns, rows, class_="wordy stacked")])
    )


def _best(found: dict[str, Any] | None) -> tuple[Any, Any, Any]:
    if found is None:
        return "-", "-", "not tried"
    if found.get("best") is None:
        return "-", "-", "no direction"
    witness = found.get("witness")
    fails, best = found.get("fails_at"), nearest(float(found["best"]))
    if fails is None or witness is None:
        return best, "-", f"no failure found in {found['cases']:,} candidates"
    return best, exact_fraction(Fraction(fails)), tag("code", saved_line(witness.get("instance")))
