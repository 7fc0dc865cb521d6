"""`checker merge`: the parts of a run as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from checker.commands.kept.going_on import header_for, journal_of, options_of, require_same
from checker.commands.options import Options
from checker.commands.verifying import conclude, plan_of
from checker.errors import InputError
from checker.report.kept.header import JOURNAL, Header, header_of, require_journal
from checker.report.kept.journal import FINISHED, Journal
from checker.report.kept.lines import read_lines


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of a run: its folder, its header, and the lines after it."""

    folder: str
    header: Header
    lines: list[Any]

    @property
    def shard(self) -> tuple[int, int]:
        """Which part of how many."""
        if self.header.shard is None:
            raise InputError(
                f"{self.folder} holds a whole run, not a part of one",
                hint="Name folders of `checker verify --shard K/N --out DIR`",
            )
        return self.header.shard

    @property
    def name(self) -> str:
        """As a message names it."""
        k, n = self.shard
        return f"{self.folder} (shard {k}/{n})"


def run(options: Options) -> int:
    """Put the parts together, judge the whole, report and save it as `checker verify` does."""
    parts = [_read(folder) for folder in options.folders]
    _require_all(parts)
    whole = replace(options_of(options, parts[0].header), shard=None)
    plan = plan_of(whole)
    header = header_for(whole, plan)
    require_same(parts[0].header, header, parts[0].folder, "the run as it would be now")
    with journal_of(options) as lines:
        assert lines is not None
        lines.begin(to_builtins(header))
        for line in (x for part in parts for x in part.lines if x != FINISHED):
            lines.append(line)
    with journal_of(options) as lines:
        assert lines is not None
        return conclude(whole, plan, Journal(lines, lines.path.parent, searches=False))


def _read(folder: str) -> _Part:
    require_journal(folder)
    path = Path(folder) / JOURNAL
    entries = read_lines(path)
    return _Part(folder, header_of(entries, path), [line for _, line in entries[1:]])


def _require_all(parts: Sequence[_Part]) -> None:
    """Raise InputError unless these are all parts of one run, each once and come to its end."""
    first = parts[0]
    seen: dict[int, _Part] = {}
    for part in parts:
        require_same(first.header, part.header, first.folder, part.folder)
        if part.shard[1] != first.shard[1]:
            raise InputError(
                f"{first.name} and {part.name} are parts of different divisions",
                hint="Name the folders of one run, which was divided once",
            )
        other = seen.setdefault(part.shard[0], part)
        if other is not part:
            raise InputError(
                f"{other.folder} and {part.folder} are both shard {part.shard[0]}/{part.shard[1]}",
                why="Its cases would be counted twice",
                hint="Name each part once",
            )
    missing = [k for k in range(1, first.shard[1] + 1) if k not in seen]
    if missing:
        raise InputError(
            f"shard {missing[0]}/{first.shard[1]} is missing: "
            f"there is {', '.join(part.name for part in parts[:8])}",
            why="Without it nothing is known of its claims",
            hint=f"Run `checker verify` with --shard {missing[0]}/{first.shard[1]}, too",
        )
    for part in (p for p in parts if FINISHED not in p.lines[-1:]):
        raise InputError(
            f"{part.name} has not come to its end",
            why="Its claims would be judged by a part of their search",
            hint=f"Wait for it, or go on with it by `checker verify --resume {part.folder}`",
        )
