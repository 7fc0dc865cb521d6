"""The journal of `checker verify --out DIR`, and how `--resume DIR` goes on from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from msgspec import to_builtins

from checker.commands.options import Options
from checker.errors import InputError
from checker.report.kept.header import JOURNAL, Call, Header, header_of, make_header
from checker.report.kept.journal import Journal
from checker.report.kept.lines import Lines, opened
from checker.search.memory import Memory
from checker.search.plan import Plan

# Of the header, as far as a kill may have let it come.
_BEGINNING = b'{"schema"'


@contextmanager
def journal_of(options: Options) -> Iterator[Lines | None]:
    """The journal in --out, for as long as the run writes it; None without a folder."""
    if options.out is None:
        yield None
        return
    with opened(Path(options.out) / JOURNAL, "run") as lines:
        yield lines


def as_before(options: Options, lines: Lines | None) -> Options:
    """With --resume the options of the run in the folder.

    Raises
    ------
    InputError
        When something else was asked for.
    """
    if options.resume is None or lines is None:
        return options
    if lines.is_empty and _BEGINNING.startswith(lines.torn[: len(_BEGINNING)]):
        raise InputError(
            f"the run in {options.resume} was interrupted before it had begun",
            hint="Run it again without --resume; that folder will do",
        )
    with _going_on():
        before = header_of(lines.entries(), lines.path)
    call = before.call
    for name, asked, known in (
        ("seed", options.seed if options.seed_given else None, before.seed),
        ("number of cases", options.cases, before.cases),
        ("shard", options.shard and _text(options.shard), _text(before.shard)),
        ("data", options.data, call.data),
        ("target", options.target, call.target),
        ("choice of claims", _named(options) or None, _named(call) or "every claim"),
    ):
        if asked is not None and asked != known:
            raise _other(str(lines.path), name, known, asked)
    return options_of(options, before)


def options_of(options: Options, header: Header) -> Options:
    """The options of an earlier run; the time may be another."""
    return replace(
        options,
        seed=header.seed,
        cases=header.cases,
        seconds=options.seconds or header.seconds,
        shard=header.shard,
        **{name: getattr(header.call, name) for name in header.call.__struct_fields__},
    )


def _named(call: Options | Call) -> str:
    return ", ".join((*call.ids, *call.files, *(f"{file}::{name}" for file, name in call.picked)))


def _text(shard: tuple[int, int] | None) -> str | None:
    return None if shard is None else f"{shard[0]}/{shard[1]}"


def header_for(options: Options, plan: Plan) -> Header:
    """The header of a run on a plan, as it would be done now."""
    call = Call(
        ids=options.ids,
        files=options.files,
        picked=options.picked,
        data=options.data,
        target=options.target,
    )
    return make_header(plan, call, options.shard)


def memory_for(options: Options, plan: Plan, lines: Lines | None) -> Memory:
    """What a run keeps, and with --resume knows.

    Raises
    ------
    InputError
        When the run in the folder is another one, or its file is none.
    """
    if lines is None:
        return Memory()
    header = header_for(options, plan)
    if options.resume is None:
        lines.begin(to_builtins(header))
    else:
        require_same(
            header_of(lines.entries(), lines.path), header, str(lines.path), "this run", timed=False
        )
    with _going_on():
        return Journal(lines, lines.path.parent)


def require_same(
    saved: Header, header: Header, place: str, other: str, *, timed: bool = True
) -> None:
    """Raise InputError where two headers are of different runs."""
    different = saved.difference(header, timed=timed)
    if different is not None:
        raise _other(place, *different, other)


def _other(
    place: str, name: str, known: object, asked: object, other: str = "this run"
) -> InputError:
    return InputError(
        f"{place} is of another run: its {name} is {known}, that of {other} is {asked}",
        why="Results of two runs do not belong into one",
        hint="Run again with another --out, or as the run in that folder was",
    )


@contextmanager
def _going_on() -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(
            f"cannot go on with the run: {error.what}",
            hint="Run again without --resume, in another folder",
        ) from error
