"""`checker audit`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from checker import stopping
from checker.claims.claim import Claim
from checker.claims.registry import load_claims
from checker.commands.choice import beside, chosen
from checker.commands.options import Options
from checker.commands.status import BAD_INPUT, OPEN, STANDS
from checker.errors import InputError
from checker.process import tell_fault
from checker.report import saving
from checker.report.audit import audit_to_json, print_audit
from checker.report.evidence import dumps
from checker.report.provenance import Provenance
from checker.report.terminal.console import make_console
from checker.report.terminal.progress import progress_bar
from checker.search.audit import Audited, Item, audit, items_of
from checker.search.budgets import AUDIT_EVALUATIONS, GENERATED_EVALUATIONS
from checker.search.engines.named import engine
from checker.search.generated import generated, is_generated
from checker.search.guided.hunt import Budget, affordable
from checker.search.plan import Progress


def run(options: Options) -> int:
    """Hunt for every neighbour and every claim without an assumption; a survivor fails."""
    made = Provenance(options.arguments, options.cases, options.seconds, options.jobs)
    items = _items(options)
    results, interrupted = _results(items, options)
    first = results[0].hunt.fault if results else None
    if first is not None and all(r.hunt.fault is not None for r in results):
        # Nothing else to report.
        raise first.exception
    stream = sys.stderr if options.json == "-" else sys.stdout
    try:
        print_audit(make_console(stream), results, interrupted=interrupted)
        stream.flush()
    finally:
        text = dumps(audit_to_json(results, options.seed, interrupted=interrupted, made=made))
        saving.save_text(text, "audit.json", options.json, options.out)
    return _status(results, interrupted)


def _status(results: Sequence[Audited], interrupted: bool) -> int:
    faults = [r.hunt.fault for r in results if r.hunt.fault is not None and not r.refuted]
    for fault in (f for f in faults if f.trace):
        tell_fault(fault.trace)
    if any(not fault.trace for fault in faults):
        return BAD_INPUT
    settled = not interrupted and not any(r.survived or r.hunt.contradictions for r in results)
    return STANDS if settled and not faults else OPEN


def _items(options: Options) -> list[Item]:
    claims = chosen(options)
    others = list(load_claims().values()) if _needs_installed(options) else []
    known = _with(claims, [*others, *beside(options)])
    made = [c for claim in claims if _has_none(claim, known) for c in generated(claim)]
    items = items_of(claims, [*known, *made])
    if not items:
        raise InputError(
            f"there is nothing to audit in {', '.join(c.id for c in claims)}",
            why="No false neighbour is known, and no assumption is declared or can be tested",
            hint="Declare assumptions with `assuming`, or neighbours with `of`",
        )
    return items


def _has_none(claim: Claim, known: Sequence[Claim]) -> bool:
    """Whether nobody has written a neighbour of a claim that could have one."""
    return claim.of is None and not claim.domain.found and all(c.of != claim.id for c in known)


def _needs_installed(options: Options) -> bool:
    return bool(options.ids) or not options.files


def _with(claims: Sequence[Claim], others: Sequence[Claim]) -> list[Claim]:
    return list({c.id: c for c in (*others, *claims)}.values())


def _results(items: Sequence[Item], options: Options) -> tuple[list[Audited], bool]:
    """Results in order, and whether Ctrl-C ended the audit early."""

    def budget(item: Item) -> Budget:
        most = GENERATED_EVALUATIONS if is_generated(item.claim) else AUDIT_EVALUATIONS
        cases = options.cases or affordable(item.claim.domain, most)
        return Budget(cases, options.seconds)

    results: list[Audited] = []
    with engine(options.engine, options.jobs) as executor, progress_bar() as show:
        running = audit(items, options.seed, budget, options.jobs, executor=executor)
        try:
            for result in running:
                results.append(result)
                show(Progress(len(results), len(items), (result.item.claim.id,)))
        except KeyboardInterrupt:
            stopping.acknowledge()
            running.close()
            return [r for r in results if r.refuted or not r.hunt.cut], True
    return results, False
