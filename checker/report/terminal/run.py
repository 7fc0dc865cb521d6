"""What `checker list` and `checker verify` print: tables that fit 80 columns, and pipes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from checker.arithmetic.decide import Decision
from checker.claims.pooled import Pooled
from checker.claims.text import (
    INTERRUPTED,
    case_lines,
    rungs_text,
    shown_verdict,
    slack_text,
    strata_text,
)
from checker.claims.thresholds import MIN_PREMISE_SHARE
from checker.claims.verdict import Evidence, Tally, Verdict, Witness
from checker.explain.counterexample import report_lines
from checker.explain.expression import plain_text
from checker.instances.text import aligned, counted, one_line, percent
from checker.report.pooled import pooled_line, pooled_to_json
from checker.report.pooled_replay import ReplayedPool
from checker.report.replay import Replayed
from checker.report.terminal.brief import is_long, meaning, nearest, papers_table
from checker.report.terminal.console import new_table, print_heading, print_lines

_STYLES = {Verdict.STANDS: "green", Verdict.REFUTED: "bold red"}

# claim id -> the command that replays its counterexample
ReplayHint = Callable[[str], str]


def print_run(
    console: Console,
    evidence: Sequence[Evidence],
    hint: ReplayHint,
    *,
    verbose: bool = True,
    proved: Collection[str] = (),
) -> None:
    """What `checker verify` has to say: what is refuted or open in full, and a table.

    `proved` are the ids of the claims with a proof on file.
    """
    theorems = [e for e in evidence if not e.claim.must_be_refuted]
    controls = [e for e in evidence if e.claim.must_be_refuted]
    if any(e.interrupted for e in evidence):
        print_lines(console, [f"interrupted: {INTERRUPTED}"])
    if verbose:
        _print_rows(console, theorems, controls)
    else:
        _print_short(console, theorems, controls, proved)
    told = not verbose and is_long(theorems)
    for item in (e for e in theorems if not (told and e.verdict is Verdict.STANDS)):
        _print_details(console, item, hint)
    for item in controls:
        _print_survivor(console, item)


def _print_rows(
    console: Console, theorems: Sequence[Evidence], controls: Sequence[Evidence]
) -> None:
    """A row for each claim and each false neighbour, and what the verdicts rest on."""
    if theorems:
        _print_fitting(console, theorems)
        console.print()
        _print_legend(console, theorems)
        _print_coverage(console, theorems)
    if controls:
        print_heading(console, "False neighbours, which the search has to refute")
        console.print(controls_table(controls))


def _print_short(
    console: Console,
    theorems: Sequence[Evidence],
    controls: Sequence[Evidence],
    proved: Collection[str],
) -> None:
    """A row for each claim, or for each paper where these are many."""
    if not is_long(theorems):
        if theorems:
            _print_fitting(console, theorems)
            _print_premises(console, theorems)
            console.print()
    else:
        console.print(papers_table([*theorems, *controls], proved))
        console.print()
        print_lines(console, filter(None, _remarks(theorems, controls)))
    print_lines(console, ["-v shows every claim and false neighbour, and what was covered"])


def _remarks(theorems: Sequence[Evidence], controls: Sequence[Evidence]) -> Iterable[str]:
    """What there is to say of the claims that stand, in a line each at most."""
    yield nearest(theorems)
    stand = [e for e in theorems if e.verdict is Verdict.STANDS and e.reason]
    identities = [e for e in stand if e.tally.decisions[Decision.EQUAL.name] == e.tally.cases]
    if identities:
        number = counted(len(identities), "claim", "claims")
        yield f"equality, proved exactly in every case: {number}"
    for item in (e for e in stand if not any(e is identity for identity in identities)):
        yield f"{item.claim.id}: {item.reason}"
    yield meaning([*theorems, *controls])


def print_sentence(console: Console, text: str, status: int) -> None:
    """The result, last."""
    console.print()
    console.print(Text(text, "bold" if status == 0 else "bold red"), soft_wrap=True)


def print_replayed(console: Console, item: Replayed) -> None:
    """One case that was decided again, and whether it agrees with what is on file."""
    style = "green" if item.agrees else "bold red"
    decided = item.witness.result.decision.name
    text = "nothing recorded to compare with"
    if item.recorded is not None:
        text = "agrees with the file" if item.agrees else f"DISAGREES: on file {item.recorded}"
    if item.unmet:
        text = f"does not count: outside the assumptions {', '.join(item.unmet)}"
    console.print(Text(f"{item.claim.id}, {item.case}: {decided}, {text}", style), soft_wrap=True)
    missed = zip(item.unmet, item.shortfalls, strict=False)
    print_lines(
        console, [f"  {name}: {by_how_much}" for name, by_how_much in missed if by_how_much]
    )
    print_lines(console, [f"  {line}" for line in case_lines(item.witness)])


def print_replayed_pool(console: Console, item: ReplayedPool) -> None:
    """A pooled test that was made again, and whether it agrees with what is on file."""
    said = "rejected" if item.pooled.refutes else "not rejected"
    text = "agrees with the file" if item.agrees else "DISAGREES with the file"
    if item.lost:
        text = f"DISAGREES: {item.lost} experiments cannot be drawn again from their seeds"
    style = "green" if item.agrees else "bold red"
    console.print(Text(f"{item.claim.id}, pooled: {said}, {text}", style), soft_wrap=True)
    print_lines(console, _printable(console, [f"  {line}" for line in _pooled_lines(item.pooled)]))


def _pooled_lines(pooled: Pooled | None) -> list[str]:
    entry = pooled_to_json(pooled)
    return [] if entry is None else [pooled_line(entry)]


# -- tables -----------------------------------------------------------------------------------


def _print_fitting(console: Console, evidence: Sequence[Evidence]) -> None:
    """With whole ids if these fit, else grouped by what stands before the dot."""
    whole = verdicts_table(evidence, grouped=False)
    needed = Measurement.get(console, console.options.update(max_width=1000), whole).maximum
    grouped = needed > console.width
    console.print(verdicts_table(evidence, grouped=True) if grouped else whole)


def verdicts_table(evidence: Sequence[Evidence], *, grouped: bool) -> Table:
    """One row per claim: verdict, cases, what decided them, how close to equality they came."""
    rungs = "float/ball\n/exact %" if grouped else "float/ball/exact %"
    table = new_table(
        ("claim", "left"), ("verdict", "left"), ("cases", "right"), gap=1 if grouped else 2
    )
    table.add_column("non-\ntrivial %", justify="right", no_wrap=True)
    table.add_column(rungs, justify="right", no_wrap=True)
    table.add_column("tightest\nrel. slack", justify="right")
    table.add_column("s", justify="right", no_wrap=True)
    group = ""
    for item in evidence:
        prefix, _, name = item.claim.id.rpartition(".")
        if grouped and prefix and prefix != group:
            table.add_row(Text(prefix, "bold"))
        group = prefix
        shown = f" .{name}" if grouped and prefix else item.claim.id
        table.add_row(Text(shown), *_cells(item))
    return table


def _cells(item: Evidence) -> Iterable[Text]:
    tally = item.tally
    yield Text(shown_verdict(item.verdict.name), _STYLES.get(item.verdict, "yellow"))
    yield Text(f"{tally.cases:,}")
    yield Text(percent(tally.nontrivial, tally.cases))
    yield Text(rungs_text(tally))
    # A violation, reduced or not, is tighter than any case that holds.
    tightest = item.counterexample or tally.tightest
    yield Text(slack_text(tightest.result if tightest else None))
    yield Text(f"{item.seconds:.1f}")


def controls_table(evidence: Sequence[Evidence]) -> Table:
    """One row per false neighbour: of what, why false, when it fell and to which instance."""
    table = new_table(("false neighbour of", "left"), ("result", "left"))
    table.add_column("why it is false; smallest counterexample")
    for item in evidence:
        name, of = item.claim.id, item.claim.of
        unfinished = item.verdict.is_unfinished
        result = Text(shown_verdict(item.verdict.name), "yellow" if unfinished else "bold red")
        if item.as_expected:
            result = Text(f"refuted after\n{counted(item.tally.cases, 'case', 'cases')}", "green")
        found = one_line(item.counterexample.instance) if item.counterexample else item.reason
        why = f"{item.claim.why or item.claim.title}\n{found}"
        table.add_row(Text(f"{of}\n  {name}" if of else name), result, Text(why))
    return table


# -- text below the tables --------------------------------------------------------------------


def _print_legend(console: Console, evidence: Sequence[Evidence]) -> None:
    found = {item.verdict for item in evidence}
    print_lines(console, aligned((shown_verdict(v.name), v.value) for v in Verdict if v in found))


def _print_coverage(console: Console, evidence: Sequence[Evidence]) -> None:
    print_heading(console, "Coverage")
    # Claims over one domain share their batches, and mostly these numbers.
    alike: dict[str, list[str]] = {}
    for item in evidence:
        alike.setdefault(strata_text(item.tally), []).append(item.claim.id)
    print_lines(console, [f"{', '.join(ids)}: {text}" for text, ids in alike.items()])
    _print_premises(console, evidence)
    climbed = [e for e in evidence if e.tally.climbed]
    if climbed:
        print_heading(console, "Guided search (not told where equality holds)")
        rows = ((e.claim.id, _climb_text(e.tally)) for e in climbed)
        print_lines(console, [f"{name}: {text}" for name, text in rows])
    pooled = [e for e in evidence if e.tally.pooled is not None]
    if pooled:
        print_heading(console, "All experiments together: one exact binomial test")
        lines = (f"{e.claim.id}: {line}" for e in pooled for line in _pooled_lines(e.tally.pooled))
        print_lines(console, _printable(console, lines))
    for item in evidence:
        _print_critical(console, item)


def _premises_text(tally: Tally) -> str:
    """How many of the cases drawn met the premises; that hardly any did is said."""
    drawn = tally.cases + tally.excluded
    if not tally.excluded:
        return "met in every case drawn"
    text = f"met in {tally.cases:,} of {drawn:,} cases drawn"
    if tally.cases >= MIN_PREMISE_SHARE * drawn:
        return text
    return f"{text}: nearly all were rejected; a set that meets them would leave more to try"


def _print_premises(console: Console, evidence: Sequence[Evidence]) -> None:
    """How many of the candidates met the assumptions."""
    premises: dict[str, list[str]] = {}
    for item in (e for e in evidence if e.claim.assuming and e.tally.cases + e.tally.excluded):
        premises.setdefault(_premises_text(item.tally), []).append(item.claim.id)
    if premises:
        print_heading(console, "Premises")
        print_lines(console, [f"{', '.join(ids)}: {text}" for text, ids in premises.items()])


def _climb_text(tally: Tally) -> str:
    reached = slack_text(tally.reached.result if tally.reached else None)
    met = f", {tally.climbed_met:,} within the premises"
    if tally.climbed_met == tally.climbed:
        met = ""
    return f"{tally.climbed:,} candidates{met}, closest relative slack {reached}"


def _print_critical(console: Console, item: Evidence) -> None:
    if not item.tally.critical:
        return
    print_heading(console, f"Critical points: {item.claim.id}")
    table = new_table(("kind", "left"), ("count", "right"))
    for kind, count in sorted(item.tally.critical.items()):
        table.add_row(Text(kind), Text(f"{count:,}"))
    console.print(table)


def _print_details(console: Console, item: Evidence, hint: ReplayHint) -> None:
    if item.verdict is Verdict.STANDS and not item.reason:
        return
    if item.verdict is Verdict.NOT_RUN:
        return
    shown = shown_verdict(item.verdict.name)
    print_heading(console, f"{item.claim.id}: {shown}", _STYLES.get(item.verdict, "yellow"))
    print_lines(console, [item.reason])
    if item.verdict is Verdict.REFUTED and item.counterexample is not None:
        print_lines(console, _printable(console, report_lines(item, hint(item.claim.id))))
        return
    if item.claim.statement:
        print_lines(console, [f"statement: {item.claim.statement}"])
    if item.verdict is Verdict.REFUTED:
        # By all experiments together, whose test is told above.
        print_lines(console, [f"replay: {hint(item.claim.id)}"])
        return
    if item.counterexample is not None:
        _print_case(console, item.counterexample, "candidate")
    elif item.tally.tie is not None:
        _print_case(console, item.tally.tie, "case that was not decided")


def _printable(console: Console, lines: Iterable[str]) -> Iterable[str]:
    """Mathematics in letters that the terminal has."""
    try:
        "·√‖⟨⟩ᵀλδ≈±→≥×…²".encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return map(plain_text, lines)
    return lines


def _print_case(console: Console, witness: Witness, name: str) -> None:
    print_lines(console, [f"{name}:", *(f"  {line}" for line in case_lines(witness))])


def _print_survivor(console: Console, item: Evidence) -> None:
    if item.as_expected:
        return
    of = item.claim.of or item.claim.title
    text, style = f"survived: do not trust STANDS for {of}", "bold red"
    if item.verdict.is_unfinished:
        text, style = "was not tried to the end", "yellow"
    print_heading(console, f"false neighbour {item.claim.id} {text}", style)
    print_lines(
        console, [f"{shown_verdict(item.verdict.name)}: {item.reason or item.verdict.value}"]
    )
