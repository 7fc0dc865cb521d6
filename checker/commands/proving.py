"""`checker prove`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from checker.claims.claim import Claim
from checker.claims.registry import select
from checker.commands.choice import of_files
from checker.commands.options import Options
from checker.commands.status import OPEN, STANDS
from checker.proofs.enclosures import by_enclosures
from checker.proofs.prove import PROVED, Run, prove
from checker.proofs.report import show, to_json
from checker.proofs.table import Proof, installed_proofs, proofs_of
from checker.report import saving
from checker.report.evidence import dumps
from checker.report.terminal.console import make_console


def run(options: Options) -> int:
    """Prove claims: 0 if every claim is proved, 3 if one is not or has no proof.

    Never 1: what is not proved is not refuted.
    """
    result = _proved(options, _chosen(options))
    stream = sys.stderr if options.json == "-" else sys.stdout
    show(make_console(stream), result)
    saving.save_text(dumps(to_json(result)), "prove.json", options.json, options.out)
    return STANDS if all(r.verdict == PROVED for r in result.results) else OPEN


def _proved(options: Options, chosen: Sequence[tuple[Claim, Proof | None]]) -> Run:
    """By Coq where there is a proof for it, else by enclosures on the box of the arguments.

    Results come in the order of the claims; without anything for Coq it is not needed.
    """
    limit = options.seconds or 0.0
    for_coq = [(c, proof) for c, proof in chosen if proof is not None]
    by_coq = prove(for_coq, options.seconds) if for_coq else Run(())
    known = iter(by_coq.results)
    results = (
        by_enclosures(c, limit, options.sizes, options.out) if proof is None else next(known)
        for c, proof in chosen
    )
    return Run(tuple(results), by_coq.version)


def _chosen(options: Options) -> list[tuple[Claim, Proof | None]]:
    """Claims of files with the proofs beside them, and installed ones with theirs.

    Without a name, the installed claims of which a proof is known. False neighbours have none, and
    are not asked for by the beginning of an id.
    """
    chosen: list[tuple[Claim, Proof | None]] = []
    for file, found in of_files(options):
        chosen += [(c, proofs_of(file).get(c.id)) for c in found]
    ids = options.ids
    if ids or not options.files:
        proofs, claims = installed_proofs(), select(ids)
        wanted = [c for c in claims if c.id in proofs or c.id in ids or (ids and c.of is None)]
        chosen += [(c, proofs.get(c.id)) for c in wanted]
    return chosen
