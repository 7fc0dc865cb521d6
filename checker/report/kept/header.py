"""Which run a journal is of: what its result depends on, and how it was called."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from checker.claims.sources import sources_of, versions
from checker.errors import InputError
from checker.report.evidence import SCHEMA
from checker.report.kept.lines import difference
from checker.report.records import File, Record, foreign, read_as
from checker.search.plan import Plan

JOURNAL = "verify.jsonl"


class Call(Record, frozen=True, kw_only=True):
    """The command line of a run: what was named in it."""

    ids: tuple[str, ...]
    files: tuple[str, ...]
    picked: tuple[tuple[str, str], ...]
    data: str | None
    target: str | None


class Header(File, frozen=True, kw_only=True):
    """The first line of a journal.

    Attributes
    ----------
    brief, cases, seconds, seed
        Of the plan.
    claims
        Ids of all claims of the run, in their order, those of other shards included.
    shard
        (k, n) for the k-th of n parts, or None.
    sources
        Name of a package or file -> digest of its text.
    """

    versions: dict[str, str]
    seed: int
    cases: int | None
    seconds: float | None
    brief: bool
    claims: list[str]
    sources: dict[str, str]
    call: Call
    shard: tuple[int, int] | None = None

    def difference(self, other: Header, *, timed: bool) -> tuple[str, str, str] | None:
        """The first thing that makes another run of it, by name, with what it is in each.

        A run that goes on may be given another time, and then is not `timed`.
        """
        return difference(*(_identity(header, timed) for header in (self, other)))


def _identity(header: Header, timed: bool) -> dict[str, Any]:
    known: dict[str, Any] = to_builtins(header)
    for name in ("call", "shard", *(() if timed else ("seconds",))):
        del known[name]
    return known


def require_journal(folder: str) -> None:
    """Raise InputError for a folder without a run that could go on."""
    path = Path(folder) / JOURNAL
    if not path.is_file():
        raise InputError(
            f"{folder} holds no run that could go on: there is no {path}",
            hint="Name the folder of a `checker verify --out DIR`",
        )


def header_of(entries: Iterable[tuple[str, Any]], path: Path) -> Header:
    """The header among the lines of a journal; raises InputError for a file that is none."""
    for place, entry in entries:
        if isinstance(entry, dict) and entry.get("schema", SCHEMA) != SCHEMA:
            raise foreign(place, f"its schema is {str(entry['schema'])[:40]}, not {SCHEMA}")
        return read_as(entry, Header, place)
    raise foreign(str(path), "it has no whole line")


def make_header(plan: Plan, call: Call, shard: tuple[int, int] | None) -> Header:
    """The header of a run on a plan, or on a part of it, as this machine would do it now."""
    data = () if call.data is None else (call.data,)
    return Header(
        schema=SCHEMA,
        versions=versions(),
        seed=plan.seed,
        cases=plan.cases,
        seconds=plan.seconds,
        brief=plan.brief,
        claims=[c.id for c in plan.claims],
        sources=sources_of(plan.claims, (*call.files, *data)),
        call=call,
        shard=shard,
    )
