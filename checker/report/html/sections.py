"""The section of each claim: its words, its verdict, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checker.claims.verdict import Verdict
from checker.report.html.assumptions import Assumptions, assumptions
from checker.report.html.cases import Refutation, refutation
from checker.report.html.constants import Constant, constants
from checker.report.html.ledger import Ledger, ledger
from checker.report.html.neighbours import Neighbours, neighbours_section
from checker.report.html.view import Link, Mark, View, verdict_mark
from checker.report.run import citation, is_control, words


@dataclass(frozen=True)
class Words:
    """What is claimed, and by whom; empty where it is unknown.

    Attributes
    ----------
    statement
        In LaTeX.
    claimed
        The kind of the claim.
    proved
        How it is proved beside the search.
    cite
        An id to cite the result by.
    """

    title: str
    statement: str
    source: str
    wording: str
    claimed: str
    proved: str
    cite: str


@dataclass(frozen=True)
class Section:
    """A claim.

    Attributes
    ----------
    letters
        LaTeX -> what it stands for; empty where they stand with the paper.
    said
        The verdict in words.
    of, why
        Of a false neighbour: its claim, and why it is false.
    """

    anchor: str
    id: str
    mark: Mark
    expected: bool
    words: Words
    said: str
    refutation: Refutation | None
    ledger: Ledger
    letters: dict[str, str]
    assumptions: Assumptions | None = None
    constants: list[Constant] | None = None
    neighbours: Neighbours | None = None
    of: Link | None = None
    why: str = ""


@dataclass(frozen=True)
class Paper:
    """The claims of a paper that are as expected, folded."""

    name: str
    letters: dict[str, str]
    sections: list[Section]


def open_sections(view: View) -> Iterator[Section]:
    """Claims in full: all of a short page, what is not as expected of a long one."""
    for entry in view.theorems:
        if not view.is_long or not entry["expected"]:
            yield claim_section(view, entry)


def folded_papers(view: View) -> Iterator[Paper]:
    """On a long page what is as expected, paper by paper."""
    for paper, claims in view.papers.items() if view.is_long else ():
        if expected := [entry for entry in claims if entry["expected"]]:
            yield Paper(paper, letters(claims), [claim_section(view, e) for e in expected])


def claim_section(view: View, entry: dict[str, Any]) -> Section:
    """The section of a claim that ought to stand."""
    return Section(
        view.anchors[entry["id"]],
        entry["id"],
        verdict_mark(entry),
        entry["expected"],
        _words(view, entry),
        _said(entry),
        refutation(view, entry),
        ledger(view, entry),
        {} if view.is_long and entry["expected"] else letters([entry]),
        assumptions(view, entry),
        constants(view, entry),
        neighbours_section(view, entry["id"]),
    )


def control_section(view: View, entry: dict[str, Any]) -> Section:
    """The section of a false neighbour: what fell as it had to is worth a look, not a scroll."""
    of = entry.get("of")
    return Section(
        view.anchors[entry["id"]],
        entry["id"],
        verdict_mark(entry),
        entry["expected"],
        _words(view, entry),
        _said(entry),
        refutation(view, entry),
        ledger(view, entry),
        {},
        of=view.link(of) if of else None,
        why=words(entry).get("why") or "",
    )


def letters(claims: list[dict[str, Any]]) -> dict[str, str]:
    """The letters of a paper, as its claims have them on file: LaTeX -> what it stands for."""
    known: dict[str, str] = {}
    for entry in claims:
        known |= (words(entry).get("source") or {}).get("notation") or {}
    return known


def _words(view: View, entry: dict[str, Any]) -> Words:
    about, control = words(entry), is_control(entry)
    title, source = str(about.get("title") or ""), about.get("source")
    return Words(
        title[:1].upper() + title[1:],
        about.get("statement") or "",
        "{authors}, {title} {venue}. {label}".format_map(source) if source else "",
        f"{about['wording']} ({about['whose']})" if source else "",
        "" if control else _kind(about, entry["verdict"]),
        view.run.proved.get(entry["id"], ""),
        "" if control else citation(view.run, entry),
    )


def _kind(about: dict[str, Any], verdict: str) -> str:
    if "meaning" not in about:
        return ""
    # The meaning begins with "true".
    refuted = verdict == Verdict.REFUTED.name
    return str(about["kind"]) if refuted else f"{about['kind']} ({about['meaning']})"


def _said(entry: dict[str, Any]) -> str:
    verdict, reason = Verdict[entry["verdict"]], entry["reason"]
    return f"{verdict.value} {reason[:1].upper()}{reason[1:]}." if reason else verdict.value
