"""How a run was made: when, by which command, with which budget, where."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from checker.instances import escapes
from checker.report import records
from checker.report.records import content_of


@dataclass(frozen=True)
class Provenance:
    """What a reader needs to make the run again.

    Attributes
    ----------
    arguments
        Of the command line.
    cases, seconds, jobs
        The budget; None where it was not limited.
    """

    arguments: Sequence[str]
    cases: int | None
    seconds: float | None
    jobs: int
    began: float = field(default_factory=time.time)

    def to_json(self) -> dict[str, Any]:
        """As JSON objects."""
        return content_of(self.record())

    def record(self) -> records.Provenance:
        """As it stands in files."""
        return records.Provenance(
            date=datetime.fromtimestamp(self.began, UTC).isoformat(timespec="seconds"),
            command=escapes.shell(["checker", *self.arguments]),
            cases=self.cases,
            seconds=self.seconds,
            jobs=self.jobs,
            took=round(time.time() - self.began, 3),
            platform=platform.platform(),
        )


def told(provenance: dict[str, Any]) -> list[tuple[str, str]]:
    """Rows for a reader; empty for evidence of earlier versions."""
    if not provenance:
        return []
    cases, seconds = provenance["cases"], provenance["seconds"]
    budget = [
        f"{cases:,} cases for each claim" if cases is not None else "the default number of cases",
        f"{seconds:g} s at most" if seconds is not None else "",
    ]
    jobs, took = provenance["jobs"], provenance["took"]
    return [
        ("command", provenance["command"] or ""),
        ("date", provenance["date"]),
        ("budget", ", ".join(filter(None, budget))),
        ("processes", "" if jobs is None else str(jobs)),
        ("time", "" if took is None else f"{took:,.1f} s"),
        ("platform", provenance["platform"]),
    ]
