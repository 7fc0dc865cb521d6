"""`checker show`."""

from __future__ import annotations

import sys

from checker.claims.registry import load_claims
from checker.commands.choice import chosen
from checker.commands.options import Options
from checker.commands.status import STANDS
from checker.errors import InputError
from checker.proofs.table import proofs_for
from checker.report.terminal.console import make_console, print_lines
from checker.report.terminal.description import described

# More would be a list, which is another command.
_MOST = 12


def run(options: Options) -> int:
    """Print everything that is known of some claims before any search."""
    claims = chosen(options)
    if not (options.ids or options.files) or len(claims) > _MOST:
        raise InputError(
            f"{len(claims)} claims are too many to show" if claims else "there is no claim",
            hint="Name a few, as in `checker show shamir2018.lemma1`; `checker list` has their ids",
        )
    proofs = proofs_for(options.ids, options.files)
    known = {**(load_claims() if options.ids else {}), **{c.id: c for c in claims}}
    console = make_console(sys.stdout)
    for claim in claims:
        neighbours = [c for c in known.values() if c.of == claim.id]
        print_lines(console, [*described(claim, neighbours, proofs.get(claim.id)), ""])
    return STANDS
