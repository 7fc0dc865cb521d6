"""`checker sharpen`."""

from __future__ import annotations

import sys

from checker import stopping
from checker.claims.claim import Claim
from checker.commands.choice import chosen
from checker.commands.options import Options
from checker.commands.status import OPEN, REFUTED, STANDS
from checker.errors import Fault, InputError
from checker.report import saving
from checker.report.evidence import dumps
from checker.report.provenance import Provenance
from checker.report.sharpen import print_sharpened, sharpened_to_json
from checker.report.terminal.console import make_console
from checker.report.terminal.progress import progress_bar
from checker.search.budgets import SHARPEN_EVALUATIONS
from checker.search.engines.named import engine
from checker.search.guided.hunt import Budget, affordable
from checker.search.plan import Progress
from checker.search.sharpening.constants import sharpened
from checker.search.sharpening.result import Sharpened


def run(options: Options) -> int:
    """Find the best value of each constant of one claim."""
    made = Provenance(options.arguments, options.cases, options.seconds, options.jobs)
    claim = _claim(options)
    names = [options.constant] if options.constant else list(claim.constants)
    if not names:
        raise InputError(
            f"{claim.id} has no constants to sharpen",
            hint="Declare them: @claim(constants={'a': 2}) and a parameter `a` of the formula",
        )
    results, fault, interrupted = _results(claim, names, options)
    if fault is not None and not results:
        raise fault.exception
    stream = sys.stderr if options.json == "-" else sys.stdout
    try:
        print_sharpened(make_console(stream), claim, results, interrupted=interrupted)
        stream.flush()
    finally:
        found = sharpened_to_json(claim, results, options.seed, interrupted=interrupted, made=made)
        text = dumps(found)
        saving.save_text(text, "sharpen.json", options.json, options.out)
    if fault is not None:
        raise fault.exception
    if any(r.refuted for r in results):
        return REFUTED
    return OPEN if interrupted else STANDS


def _claim(options: Options) -> Claim:
    claims = chosen(options)
    if len(claims) == 1:
        return claims[0]
    file = f"{options.files[0]}::" if len(options.files) == 1 and not options.ids else ""
    named = (c.id.rpartition(".")[2] if file else c.id for c in claims if c.constants and not c.of)
    with_constants = ", ".join(f"{file}{name}" for name in named)
    raise InputError(
        f"sharpen takes one claim, and {len(claims)} were named",
        hint=f"Name one of: {with_constants or 'none of these has constants'}",
    )


def _results(
    claim: Claim, names: list[str], options: Options
) -> tuple[list[Sharpened], Fault | None, bool]:
    """Results up to the first constant for which the claim cannot be computed, and that fault."""
    cases = options.cases or affordable(claim.domain, SHARPEN_EVALUATIONS)
    budget = Budget(cases, options.seconds)
    results: list[Sharpened] = []

    with engine(options.engine, options.jobs) as executor, progress_bar() as show:
        running = sharpened(claim, names, options.seed, budget, options.jobs, executor=executor)
        show(Progress(0, len(names), (claim.id,)))
        try:
            for result in running:
                if isinstance(result, Fault):
                    running.close()
                    return results, result, False
                results.append(result)
                show(Progress(len(results), len(names), (claim.id,)))
        except KeyboardInterrupt:
            stopping.acknowledge()
            running.close()
            return results, None, True
    return results, None, False
