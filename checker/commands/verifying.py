"""`checker verify`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from rich.console import Console

from checker.certification.output.page import CERTIFIED
from checker.claims.claim import Claim
from checker.claims.verdict import Evidence, Verdict
from checker.commands.choice import chosen
from checker.commands.kept.going_on import as_before, journal_of, memory_for
from checker.commands.options import Options
from checker.commands.status import BAD_INPUT, OPEN, REFUTED, STANDS
from checker.errors import InputError
from checker.instances.escapes import shell, visible
from checker.landscape.data import load_csv
from checker.landscape.sample import Sample
from checker.process import tell_fault
from checker.proofs.fresh import Known, known_proofs, lines
from checker.proofs.page import PROOFS, PROVED_FILE, proved_to_json
from checker.proofs.table import proofs_for
from checker.report import evidence_files
from checker.report.evidence import dumps
from checker.report.html.writing import write_report
from checker.report.provenance import Provenance
from checker.report.run import read_run
from checker.report.saving import cannot_write, write_text
from checker.report.terminal.brief import is_long, sentence
from checker.report.terminal.console import make_console, print_heading, print_lines
from checker.report.terminal.progress import progress_bar
from checker.report.terminal.run import print_run, print_sentence
from checker.search import verify
from checker.search.engines.named import engine
from checker.search.memory import Memory
from checker.search.plan import Plan, shard_of


def run(options: Options) -> int:
    """Verify, report, save; the exit status follows from the verdicts."""
    with journal_of(options) as journal:
        options = as_before(options, journal)
        plan = plan_of(options)
        memory = memory_for(options, plan, journal)
        if options.shard is not None:
            plan = replace(plan, claims=shard_of(plan, *options.shard))
        return conclude(options, plan, memory)


def plan_of(options: Options) -> Plan:
    """The plan of the whole run, of which a shard is a part."""
    sample = _sample(options)
    claims = _claims(options, with_data=sample is not None)
    budget = options.cases, options.seconds, options.seed, options.jobs
    return Plan(tuple(claims), *budget, sample, _over_everything(options))


def conclude(options: Options, plan: Plan, memory: Memory) -> int:
    """Run a plan, or what is left of it; report, save; the exit status."""
    how = Provenance(options.arguments, options.cases, options.seconds, options.jobs)
    with engine(options.engine, plan.jobs) as executor:
        evidence = _run(plan, memory, executor)
    status = exit_status(evidence)
    proved: list[Known] = []
    try:
        proved, problem = _proved(options, evidence)
        _report(options, evidence, proved, problem, status)
    finally:
        # Also when the reader of the report has gone, as in `checker verify | head`.
        where = (options.json, options.out, options.files)
        evidence_files.save(evidence, options.seed, *where, how)
        if options.out is not None:
            _save_proved(proved, Path(options.out) / PROVED_FILE)
            _write_page(options.out, options.json)
    _tell_faults(evidence)
    return status


def _proved(options: Options, evidence: Sequence[Evidence]) -> tuple[list[Known], list[str]]:
    """What earlier proofs say of the claims; a line where their results cannot be read."""
    folder = None if options.out is None else Path(options.out)
    theorems = [e.claim for e in evidence if not e.claim.must_be_refuted]
    try:
        return known_proofs(theorems, proofs_for(options.ids, options.files), folder), []
    except InputError as error:
        return [], [f"no proof is shown: {error}"]


def _save_proved(proved: Sequence[Known], file: Path) -> None:
    if proved:
        return write_text(file, dumps(proved_to_json(proved)))
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(file, error) from error
    return None


def _tell_faults(evidence: Sequence[Evidence]) -> None:
    """What is to be reported to us, not mended by the user."""
    for item in evidence:
        fault = item.tally.fault
        if item.verdict is Verdict.ERROR and fault is not None and fault.trace:
            tell_fault(fault.trace)


def _write_page(folder: str, json: str | None) -> None:
    """The HTML report, and a line that says where it is."""
    path = evidence_files.report_path(folder, None)
    write_report(read_run(folder, (CERTIFIED, PROOFS)), path)
    print(visible(f"report: {path}"), file=sys.stderr if json == "-" else sys.stdout)


def _run(plan: Plan, memory: Memory, executor: Executor | None) -> list[Evidence]:
    with progress_bar() as show:
        evidence = verify.verify(plan, show, memory, executor)
    faults = [e.tally.fault for e in evidence if e.verdict is Verdict.ERROR]
    if faults and len(faults) == len(evidence) and faults[0] is not None:
        # Nothing else to report.
        raise faults[0].exception
    return evidence


def exit_status(evidence: Sequence[Evidence]) -> int:
    """2 if a claim could not be computed, 1 if one was refuted that ought to stand, else 3 or 0.

    A fault of ours leaves the question open: 3, unless a claim was refuted.
    """
    faults = [e.tally.fault for e in evidence if e.verdict is Verdict.ERROR]
    if any(fault is not None and not fault.trace for fault in faults):
        return BAD_INPUT
    theorems = [e.verdict for e in evidence if not e.claim.must_be_refuted]
    if Verdict.REFUTED in theorems:
        return REFUTED
    if any(e.verdict is Verdict.ERROR for e in evidence):
        return BAD_INPUT
    settled = all(e.as_expected and not e.interrupted for e in evidence)
    return STANDS if settled else OPEN


def _report(
    options: Options,
    evidence: Sequence[Evidence],
    proved: Sequence[Known],
    problem: Sequence[str],
    status: int,
) -> None:
    """Rows and counterexamples, unless only the result is asked for, and the result."""
    where = (options.json, options.out, options.files)
    console = _console(options)

    def hint(name: str) -> str:
        return evidence_files.replay_command(name, *where)

    if not options.quiet:
        ids = {known.claim for known in proved if known.label}
        print_run(console, evidence, hint, verbose=options.verbose, proved=ids)
        told = [*lines(proved, counts=not options.verbose and is_long(evidence)), *problem]
        if told:
            print_heading(console, "Proofs on file")
            print_lines(console, told)
    print_sentence(console, sentence(evidence, status), status)
    if options.out is not None and any(e.interrupted for e in evidence):
        again = shell(["checker", "verify", "--resume", options.out])
        print_lines(console, [f"`{again}` goes on with it"])
    console.file.flush()


def _console(options: Options) -> Console:
    # With --json -, stdout belongs to the JSON.
    stream: TextIO = sys.stderr if options.json == "-" else sys.stdout
    return make_console(stream)


def _sample(options: Options) -> Sample | None:
    if (options.data is None) != (options.target is None):
        given, needed = ("--data", "--target") if options.data else ("--target", "--data")
        raise InputError(
            f"{given} is given without {needed}",
            hint="Pass --data FILE.csv --target COLUMN, COLUMN being the name of the label",
        )
    if options.data is None or options.target is None:
        return None
    return load_csv(options.data, options.target)


def _over_everything(options: Options) -> bool:
    return not options.ids and not options.files


def _with_few_controls(claims: Sequence[Claim]) -> list[Claim]:
    """Theorems, and one false neighbour for each domain: `audit` is what hunts all of them."""
    domain_of = {c.id: id(c.domain) for c in claims}
    controls = [c for c in claims if c.must_be_refuted]
    first = {domain_of.get(str(c.of)): c.id for c in reversed(controls)}
    return [c for c in claims if not c.must_be_refuted or c.id in first.values()]


def _claims(options: Options, *, with_data: bool) -> list[Claim]:
    """The claims to verify: named ones, those of the files, or all."""
    wanted = [c for c in chosen(options) if c.kind != "neighbour" or c.id in options.ids]
    if _over_everything(options):
        wanted = _with_few_controls(wanted)
    if not with_data:
        return wanted
    # Claims that a paper's name stands for are left out, and so are its false neighbours, which
    # need not be false over these data; what was named itself is not.
    named = [c.id for c in wanted if options.files or c.id in options.ids]
    over_data = [c for c in wanted if c.id in named or not c.must_be_refuted]
    usable = [c for c in over_data if c.domain.on_data is not None]
    unusable = [c.id for c in wanted if c.domain.on_data is None and c.id in named]
    if unusable:
        raise InputError(
            f"no data can be given to {', '.join(unusable)}",
            why="The claim's domain does not say how it is drawn over a sample (on_data)",
            hint="Leave out --data, or name other claims",
        )
    if not usable:
        raise InputError("no installed claim can be given data", hint="Leave out --data")
    return usable
