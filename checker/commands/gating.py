"""`checker gate`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from checker.commands.gate_work import Gate, gate_of
from checker.commands.options import Options
from checker.commands.status import OPEN, REFUTED, STANDS
from checker.errors import InputError
from checker.gate.budgets import THROUGHPUT_KEPT
from checker.gate.changes import Change, changes_between
from checker.gate.measure import Measured, Work, measure
from checker.gate.state import State, joined, reached, write_baseline
from checker.gate.table import fell, markdown, print_gate, result_to_json
from checker.instances.escapes import visible
from checker.instances.text import counted
from checker.report import saving
from checker.report.evidence import dumps
from checker.report.terminal.console import make_console
from checker.report.terminal.progress import progress_bar
from checker.search.engines.named import engine
from checker.search.plan import Progress


def run(options: Options) -> int:
    """Compare a run with the baseline, or write the baseline; 1 if the gate falls.

    An interrupted run is compared as far as it came: what fell until then has fallen.
    """
    gate = gate_of(options)
    with engine(options.engine, options.jobs) as executor:
        measured = _measured(gate, replace(gate.work, executor=executor))
    before = reached(gate.before, measured.state) if measured.cut else gate.before
    compared = [] if gate.new else changes_between(before, measured.state)
    changes = [*measured.faults, *compared]
    verdict = _verdict(changes, gate, options, cut=measured.cut)
    _report(options, changes, measured, gate, verdict)
    if measured.cut or not options.update:
        return REFUTED if fell(changes) else OPEN if measured.cut else STANDS
    return _update(gate, measured)


def _measured(gate: Gate, work: Work) -> Measured:
    with progress_bar() as show:

        def report(text: str, done: int, planned: int) -> None:
            show(Progress(done, planned, (text,)))

        if gate.partial is None:
            return measure(work, report)
        done = gate.partial.read()
        if done is not None:
            number = f"{len(done.claims)} of {counted(len(gate.work.claims), 'claim', 'claims')}"
            print(f"goes on where the last update was interrupted: {number} done", file=sys.stderr)
        return measure(work, report, done, gate.partial.write)


def _verdict(changes: Sequence[Change], gate: Gate, options: Options, *, cut: bool) -> str:
    failed = sum(c.reason.fails for c in changes)
    if cut:
        kept = f"; {gate.path} is as it was" if options.update else ""
        if gate.partial is not None and gate.partial.there:
            kept += ", --update again goes on"
        fallen = (
            f"FELL, {counted(failed, 'change', 'changes')}" if failed else "nothing fell so far"
        )
        return f"gate: {fallen} (interrupted: the rest was not compared{kept})"
    if options.update and gate.new:
        return f"new baseline {gate.path}"
    if options.update:
        return f"update of {gate.path}: {counted(len(changes), 'change', 'changes')}"
    outcome = f"FELL, {counted(failed, 'change', 'changes')}" if failed else "passed"
    return f"gate: {outcome}" + (" (the named claims only)" if gate.restricted else "")


def _report(
    options: Options, changes: Sequence[Change], measured: Measured, gate: Gate, verdict: str
) -> None:
    stream = sys.stderr if options.json == "-" else sys.stdout
    try:
        print_gate(make_console(stream), changes, measured.state, verdict)
        stream.flush()
    finally:
        summary = markdown(changes, measured.state, verdict)
        saving.save_text(summary, "gate.md", options.markdown, None)
        result = result_to_json(
            changes, measured.state, restricted=gate.restricted, interrupted=measured.cut
        )
        saving.save_text(dumps(result), "gate.json", options.json, None)


def _update(gate: Gate, measured: Measured) -> int:
    """Write the baseline, unless a case of the corpus or a float64 bound is wrong."""
    if measured.faults:
        raise InputError(
            "the baseline was not written",
            why="A changed case of the corpus or a wrong bound is a fault, whatever the baseline",
            hint="Mend it, or take the case out of the corpus, and run --update again",
        )
    write_baseline(gate.path, joined(gate.rest, kept(gate.before, measured.state)))
    if gate.partial is not None:
        gate.partial.remove()
    print(visible(f"wrote {gate.path}"), file=sys.stderr)
    return STANDS


def kept(before: State, now: State) -> State:
    """The new state, with the old ratios where they hardly moved."""
    ratios = {
        name: {k: _kept(before.throughput.get(name, {}).get(k), new) for k, new in found.items()}
        for name, found in now.throughput.items()
    }
    return replace(now, throughput=ratios)


def _kept(old: float | None, new: float) -> float:
    return old if old is not None and abs(new - old) <= THROUGHPUT_KEPT * old else new
