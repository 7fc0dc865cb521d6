"""The command line: `checker list`, `checker verify` and `checker replay`."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, TextIO

import checker.threads  # noqa: F401  (before everything that imports NumPy)
from checker.errors import InputError
from checker.options import Options, parse

if TYPE_CHECKING:
    from checker.claim import Claim
    from checker.landscape.sample import Sample
    from checker.report.replay import Replayed
    from checker.verdict import Evidence

# Exit statuses. An open question outweighs success, a refutation outweighs both.
STANDS, REFUTED, BAD_INPUT, OPEN = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    0 everything stands, 1 a claim was refuted, 2 bad usage or bad input, 3 something is open:
    undecided, vacuous, a broken oracle, a control that survived, or interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    options = parse(arguments, _version())
    try:
        return _COMMANDS[options.command](options)
    except InputError as error:
        print(_message(error), file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("checker: interrupted before there was a result", file=sys.stderr)
        return OPEN
    except BrokenPipeError:
        # The reader has what it wanted; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OPEN
    except Exception:
        # Python's own status would be 1, which means refuted.
        traceback.print_exc()
        print("checker: internal error, no verdict; please report the lines above", file=sys.stderr)
        return OPEN


def _message(error: InputError) -> str:
    lines = [f"checker: {error.what}"]
    lines += [f"  why: {error.why}"] if error.why else []
    lines += [f"  try: {error.hint}"] if error.hint else []
    return "\n".join(lines)


def _version() -> str:
    try:
        return version("landscape-checker")
    except PackageNotFoundError:
        return "(not installed)"


# -- list -------------------------------------------------------------------------------------


def _list(options: Options) -> int:
    from checker.registry import select
    from checker.report.evidence import dumps, listing
    from checker.report.terminal import make_console, print_claims

    claims = select([])
    if options.json:
        sys.stdout.write(dumps(listing(claims)))
    else:
        print_claims(make_console(sys.stdout), claims)
    return STANDS


# -- verify -----------------------------------------------------------------------------------


def _verify(options: Options) -> int:
    from checker.registry import fault_in_files
    from checker.report import saving

    saving.require_writable(options.json, options.out)
    sample = _sample(options)
    claims = _claims(options, with_data=sample is not None)
    try:
        evidence = _run(options, claims, sample)
    except InputError:
        raise
    except Exception as error:
        fault = fault_in_files(error, options.files)
        if fault is None:
            raise
        raise fault from error
    try:
        _report(options, evidence)
    finally:
        # Also when the reader of the report has gone, as in `checker verify | head`.
        saving.save(evidence, options.seed, options.json, options.out)
    return exit_status(evidence)


def _run(options: Options, claims: Sequence[Claim], sample: Sample | None) -> list[Evidence]:
    from checker import verify
    from checker.report.progress import progress_bar

    plan = verify.Plan(
        tuple(claims), options.cases, options.seconds, options.seed, options.jobs, sample
    )
    with progress_bar() as show:
        return verify.verify(plan, show)


def exit_status(evidence: Sequence[Evidence]) -> int:
    """1 if a claim was refuted that ought to stand, else 3 if anything is open, else 0."""
    from checker.verdict import Verdict

    theorems = [e.verdict for e in evidence if not e.claim.must_be_refuted]
    if Verdict.REFUTED in theorems:
        return REFUTED
    settled = all(e.as_expected and not e.interrupted for e in evidence)
    return STANDS if settled else OPEN


def _report(options: Options, evidence: Sequence[Evidence]) -> None:
    from checker.report import saving
    from checker.report.terminal import make_console, print_run

    # With --json -, stdout belongs to the JSON.
    stream: TextIO = sys.stderr if options.json == "-" else sys.stdout
    where = (options.json, options.out, options.files)
    print_run(make_console(stream), evidence, lambda name: saving.replay_command(name, *where))
    stream.flush()


def _sample(options: Options) -> Sample | None:
    from checker.landscape.data import load_csv

    if (options.data is None) != (options.target is None):
        given, needed = ("--data", "--target") if options.data else ("--target", "--data")
        raise InputError(
            f"{given} is given without {needed}",
            hint="Pass --data FILE.csv --target COLUMN, COLUMN being the name of the label",
        )
    if options.data is None or options.target is None:
        return None
    return load_csv(options.data, options.target)


def _claims(options: Options, *, with_data: bool) -> list[Claim]:
    """The claims to verify: named ones, those of the files, or all."""
    chosen = _chosen(options)
    if not with_data:
        return chosen
    usable = [c for c in chosen if c.domain.on_data is not None]
    unusable = [c.id for c in chosen if c.domain.on_data is None]
    if unusable and (options.ids or options.files):
        raise InputError(
            f"no data can be given to {', '.join(unusable)}",
            why="The claim's domain does not say how it is drawn over a sample (on_data)",
            hint="Leave out --data, or name other claims",
        )
    if not usable:
        raise InputError("no installed claim can be given data", hint="Leave out --data")
    return usable


def _chosen(options: Options) -> list[Claim]:
    from checker.registry import load_file, select

    chosen: dict[str, Claim] = {}
    for file in options.files:
        for found in load_file(file):
            _add(chosen, found)
    if options.ids or not options.files:
        for found in select(options.ids):
            _add(chosen, found)
    return list(chosen.values())


def _add(chosen: dict[str, Claim], found: Claim) -> None:
    if chosen.setdefault(found.id, found) is not found:
        raise InputError(
            f"two claims have the id {found.id}",
            why="An id has to mean one claim in a run",
            hint="Give the claim in your file another id with @claim(id=...)",
        )


# -- replay -----------------------------------------------------------------------------------


def _replay(options: Options) -> int:
    from checker.registry import load_file
    from checker.report.replay import read_json, replay, saved_cases
    from checker.report.terminal import make_console, print_replayed

    own = {c.id: c for file in options.files for c in load_file(file)}
    cases = list(saved_cases(read_json(options.saved), options.claim))
    console = make_console(sys.stdout)
    if not cases:
        raise InputError(f"{options.saved} holds no case with an instance")
    found = _by_id(own, [name for name, _, _ in cases])
    replayed = [replay(found[name], kind, saved) for name, kind, saved in cases]
    for item in replayed:
        print_replayed(console, item)
    return _replay_status(replayed)


def _by_id(own: dict[str, Claim], ids: Sequence[str]) -> dict[str, Claim]:
    """The claims with these ids, those of the files first."""
    from checker.registry import load_claims, unknown_claim

    known = own if set(ids) <= set(own) else {**load_claims(), **own}
    for name in ids:
        if name not in known:
            raise unknown_claim(name, known)
    return known


def _replay_status(replayed: Sequence[Replayed]) -> int:
    if any(item.refutes for item in replayed):
        return REFUTED
    return STANDS if all(item.agrees for item in replayed) else OPEN


_COMMANDS: dict[str, Callable[[Options], int]] = {
    "list": _list,
    "verify": _verify,
    "replay": _replay,
}
