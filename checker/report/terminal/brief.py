"""The short form of a run: a row for each paper or file, and the result in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from rich.table import Table
from rich.text import Text

from checker.arithmetic.decide import Decision
from checker.claims.text import INTERRUPTED, slack_text
from checker.claims.verdict import Evidence, Verdict, Witness
from checker.instances.text import counted
from checker.report.run import paper_of
from checker.report.terminal.console import new_table

# Runs on more claims are told by paper, unless every row is asked for.
MOST_ROWS = 12

# How many of the claims that came close to equality are named.
_NEAREST = 3

# What is said of one claim and of several, the gravest first.
_SAID = {
    Verdict.REFUTED: ("is refuted", "are refuted"),
    Verdict.ORACLE_BROKEN: ("has a broken oracle", "have a broken oracle"),
    Verdict.ERROR: ("cannot be computed", "cannot be computed"),
    Verdict.UNDECIDED: ("is undecided", "are undecided"),
    Verdict.VACUOUS: ("is vacuous", "are vacuous"),
    Verdict.PARTIAL: ("was tried in part", "were tried in part"),
    Verdict.NOT_RUN: ("was not tried", "were not tried"),
    Verdict.STANDS: ("stands", "stand"),
}


def is_long(evidence: Sequence[Evidence]) -> bool:
    """Whether there are too many claims for a row each."""
    return sum(not e.claim.must_be_refuted for e in evidence) > MOST_ROWS


def meaning(evidence: Sequence[Evidence]) -> str:
    """What the word `stand` says; what refuted the false neighbours says more, if it did."""
    controls = [e for e in evidence if e.claim.must_be_refuted]
    if not any(e.verdict is Verdict.STANDS for e in evidence if not e.claim.must_be_refuted):
        return ""
    fell = controls and all(e.as_expected for e in controls)
    search = "a search that refutes all false neighbours" if fell else "the search"
    return f"stands: {search} found no counterexample; no proof"


def papers_table(evidence: Sequence[Evidence], proved: Collection[str] = ()) -> Table:
    """How many claims of each paper stand, and how close to equality the search came.

    `proved` are the ids of the claims with a proof on file.
    """
    names = ("stand", "refuted", "open", "cases", "closest", "false\nneighbours", "proved", "s")
    table = new_table(("", "left"), *((name, "right") for name in names))
    papers: dict[str, list[Evidence]] = {}
    for item in evidence:
        papers.setdefault(paper_of(item.claim.id), []).append(item)
    for paper, items in papers.items():
        table.add_row(Text(paper), *map(Text, _cells(items, proved)))
    return table


def nearest(evidence: Sequence[Evidence]) -> str:
    """The claims that stand with the least slack, but for those whose equality is proved."""
    cases = [
        (e.claim.id, e.tally.tightest)
        for e in evidence
        if e.verdict is Verdict.STANDS and not e.claim.must_be_refuted
    ]
    near = [
        (_slack(case), name)
        for name, case in cases
        if case is not None and case.result.decision is not Decision.EQUAL and _slack(case) > 0
    ]
    shown = [f"{name} {slack:.1e}" for slack, name in sorted(near)[:_NEAREST]]
    return f"closest to equality without reaching it: {', '.join(shown)}" if shown else ""


def _cells(evidence: Sequence[Evidence], proved: Collection[str]) -> list[str]:
    claims = [e for e in evidence if not e.claim.must_be_refuted]
    verdicts = Counter(e.verdict for e in claims)
    stand, refuted = verdicts[Verdict.STANDS], verdicts[Verdict.REFUTED]
    return [
        f"{stand} of {len(claims)}",
        str(refuted),
        str(len(claims) - stand - refuted),
        f"{sum(e.tally.cases for e in claims):,}",
        _closest(claims),
        _controls(evidence),
        str(sum(e.claim.id in proved for e in claims) or "-"),
        f"{sum(e.seconds for e in evidence):.1f}",
    ]


def _closest(claims: Sequence[Evidence]) -> str:
    """The least relative slack of what stands."""
    cases = [e.tally.tightest for e in claims if e.verdict is Verdict.STANDS]
    known = [case for case in cases if case is not None]
    return slack_text(min(known, key=_slack).result if known else None)


def _slack(case: Witness) -> float:
    slack = case.result.relative_slack
    return slack if slack == slack else float("inf")


def _controls(evidence: Sequence[Evidence]) -> str:
    controls = [e for e in evidence if e.claim.must_be_refuted]
    fell = sum(e.as_expected for e in controls)
    return f"{fell} of {len(controls)}" if controls else "-"


def sentence(evidence: Sequence[Evidence], status: int) -> str:
    """The result of a run: verdicts, false neighbours, exit status."""
    if not evidence:
        # There may be more parts than work.
        return f"result: no claim is in this part of the run; exit status {status}"
    claims = [e for e in evidence if not e.claim.must_be_refuted]
    controls = [e for e in evidence if e.claim.must_be_refuted]
    parts = [", ".join(_counts(claims)), _of_controls(controls), f"exit status {status}"]
    if any(e.interrupted for e in evidence):
        parts.insert(0, f"interrupted ({INTERRUPTED})")
    return "result: " + "; ".join(part for part in parts if part)


def _counts(claims: Sequence[Evidence]) -> list[str]:
    if len(claims) == 1:
        return [f"{claims[0].claim.id} {_SAID[claims[0].verdict][0]}"]
    verdicts = Counter(e.verdict for e in claims)
    return [
        f"{counted(number, 'claim', 'claims')} {said[number != 1]}"
        for verdict, said in _SAID.items()
        if (number := verdicts[verdict])
    ]


def _of_controls(controls: Sequence[Evidence]) -> str:
    if not controls:
        return ""
    fell = sum(e.as_expected for e in controls)
    waiting = sum(e.verdict.is_unfinished for e in controls)
    if waiting:
        of = f"{fell} of {len(controls)}"
        return f"{of} false neighbours were refuted, {waiting} not tried to the end"
    if len(controls) == 1:
        return "its false neighbour was refuted" if fell else "THE FALSE NEIGHBOUR WAS NOT REFUTED"
    every = "all " if fell == len(controls) else f"only {fell} of "
    return f"{every}{len(controls)} false neighbours were refuted"
