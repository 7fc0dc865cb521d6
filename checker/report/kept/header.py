"""Which run a journal is of: what its result depends on, and how it was called."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from checker.claims.claim import Claim
from checker.errors import InputError
from checker.instances.names import FILES_PACKAGE
from checker.report.evidence import SCHEMA, versions
from checker.report.kept.lines import difference
from checker.report.records import File, Record, foreign, read_as
from checker.search.plan import Plan

JOURNAL = "verify.jsonl"

# What every claim is checked by, and what those of users may import.
_OURS = ("checker", "properties", "strategies")


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
        sources=_sources(plan.claims, (*call.files, *data)),
        call=call,
        shard=shard,
    )


# -- sources ----------------------------------------------------------------------------------


def _sources(claims: Sequence[Claim], files: Sequence[str]) -> dict[str, str]:
    """Digests of the packages that the claims come from, and of files, with what lies beside them
    and was imported by them."""
    roots = {str(c.formula.__module__).partition(".")[0] for c in claims} - {FILES_PACKAGE}
    packages = {root: list(_texts_of(root)) for root in sorted({*_OURS, *roots})}
    found = {root: _digest(texts) for root, texts in packages.items() if texts}
    named = [Path(name) for name in files]
    beside = {path.name: _digest([path]) for path in _helpers(named)}
    return found | beside | {str(path): _digest([path]) for path in named}


def _texts_of(root: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(root) if root not in sys.builtin_module_names else None
    if spec is None:
        return
    for folder in spec.submodule_search_locations or ():
        yield from sorted(Path(folder).rglob("*.py"))
    if not spec.submodule_search_locations and spec.origin:
        yield Path(spec.origin)


def _helpers(files: Sequence[Path]) -> list[Path]:
    """Modules beside the files that these have imported."""
    folders = {path.absolute().parent for path in files}
    loaded = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    beside = {Path(name) for name in loaded if name and Path(name).parent in folders}
    return sorted(beside - {path.absolute() for path in files})


def _digest(paths: Iterable[Path]) -> str:
    """SHA-256 of texts; a file that cannot be read counts as an empty one."""
    total = hashlib.sha256()
    for path in paths:
        try:
            text = path.read_bytes()
        except OSError:
            text = b""
        total.update(hashlib.sha256(text).digest())
    return total.hexdigest()[:16]
