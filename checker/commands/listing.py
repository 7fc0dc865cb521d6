"""`checker list`."""

from __future__ import annotations

import sys

from checker.claims.registry import load_claims
from checker.commands.choice import chosen
from checker.commands.options import Options
from checker.commands.status import STANDS
from checker.report import saving
from checker.report.evidence import dumps, listing
from checker.report.terminal.console import make_console
from checker.report.terminal.description import print_claims


def run(options: Options) -> int:
    """Print installed claims, or those of files; false neighbours only where they are asked for."""
    claims = chosen(options)
    named = {c.id: c for c in claims}
    # Neighbours of a file's claims stand in the file.
    known = {**load_claims(), **named} if options.false and options.ids else named
    false = [c for c in known.values() if c.must_be_refuted and (c.id in named or c.of in named)]
    if options.false:
        claims = false
    if options.json:
        saving.save_text(dumps(listing(claims)), "", options.json, None)
        return STANDS
    # A page of statements, not of what differs from them.
    shown = [c for c in claims if not c.must_be_refuted] or false
    print_claims(make_console(sys.stdout), shown, len(claims) - len(shown))
    return STANDS
