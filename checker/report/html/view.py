"""What the parts of the report share: the run, where each claim is on the page, its neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from checker.claims.text import shown_verdict, slack_number
from checker.claims.verdict import Verdict
from checker.instances import escapes
from checker.report.evidence_files import counterexample_name, replay_command
from checker.report.pictures.canvas import Picture
from checker.report.run import Run, is_control, paper_of

# Claim id -> name of a picture -> the picture.
Pictures = Mapping[str, Mapping[str, Picture]]


class Link(NamedTuple):
    """A claim's id, and the anchor of its section; "" where the page has none."""

    id: str
    anchor: str


class Mark(NamedTuple):
    """A verdict, in the colour of its tone where it is "good" or "bad"."""

    text: str
    tone: str


class Cell(NamedTuple):
    """A cell of a table whose order is that of a value; "" is unknown, and comes last."""

    text: str
    value: float | str


# Runs on more claims are folded.
MOST_OPEN = 3


@dataclass(frozen=True, eq=False)
class View:
    """A run on its way to a page.

    Attributes
    ----------
    pictures
        What could be drawn.
    notice
        Why there are no pictures; empty if there are.
    earlier
        Another run to compare with.
    """

    run: Run
    pictures: Pictures = field(default_factory=dict)
    notice: str = ""
    earlier: Run | None = None

    @cached_property
    def anchors(self) -> dict[str, str]:
        """Claim id -> fragment identifier, unique on the page."""
        anchors: dict[str, str] = {}
        for entry in self.run.claims:
            anchor = "claim-" + re.sub(r"[^\w.-]", "_", entry["id"], flags=re.ASCII)
            while anchor in anchors.values():
                anchor += "_"
            anchors[entry["id"]] = anchor
        return anchors

    @cached_property
    def paper_anchors(self) -> dict[str, str]:
        """Paper -> fragment identifier of its rows; no claim has one that begins like these."""
        return {paper: f"paper-{number}" for number, paper in enumerate(self.papers, 1)}

    @cached_property
    def papers(self) -> dict[str, list[dict[str, Any]]]:
        """Paper or file -> its claims that ought to stand, in the order of the run."""
        found: dict[str, list[dict[str, Any]]] = {}
        for entry in (c for c in self.run.claims if not is_control(c)):
            found.setdefault(paper_of(entry["id"]), []).append(entry)
        return found

    @property
    def is_long(self) -> bool:
        """Whether claims are folded, with contents and a filter: a few are read as they are."""
        return len(self.theorems) > MOST_OPEN

    @cached_property
    def theorems(self) -> list[dict[str, Any]]:
        """What ought to stand: what does not comes first."""
        return surprising_first(c for c in self.run.claims if not is_control(c))

    @cached_property
    def controls(self) -> list[dict[str, Any]]:
        """What has to fall: survivors first."""
        return surprising_first(c for c in self.run.claims if is_control(c))

    def link(self, claim_id: str) -> Link:
        """A claim's id, linked to its section if it has one."""
        return Link(claim_id, self.anchors.get(claim_id, ""))

    def picture(self, entry: dict[str, Any], name: str) -> Picture | None:
        """A picture of a claim, if it was drawn."""
        return self.pictures.get(entry["id"], {}).get(name)

    def replay(self, claim_id: str) -> str:
        """The command that decides a claim's counterexample again."""
        folder = self.run.evidence.parent
        if (folder / counterexample_name(claim_id)).exists():
            return replay_command(claim_id, None, str(folder), self.run.files)
        return escapes.shell(["checker", "replay", str(self.run.evidence), *self.run.files])


_ORDER = (
    Verdict.REFUTED,
    Verdict.ORACLE_BROKEN,
    Verdict.ERROR,
    Verdict.UNDECIDED,
    Verdict.VACUOUS,
    Verdict.PARTIAL,
    Verdict.NOT_RUN,
    Verdict.STANDS,
)


def surprising_first(claims: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is not as expected before what is, the gravest verdict first."""
    return sorted(claims, key=_surprise)


def _surprise(entry: dict[str, Any]) -> tuple[bool, int]:
    return entry["expected"], _ORDER.index(Verdict[entry["verdict"]])


def verdict_mark(entry: dict[str, Any]) -> Mark:
    """The verdict, good where it is as expected."""
    return Mark(shown_verdict(entry["verdict"]), "good" if entry["expected"] else "bad")


def slack_of(case: dict[str, Any] | None) -> str:
    """The relative slack of a saved case."""
    if case is None:
        return "-"
    return slack_number(case["relative_slack"], equal=case["decision"] == "EQUAL")
