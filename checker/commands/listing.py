"""`checker list`."""

from __future__ import annotations

import sys

from checker.claims.registry import select
from checker.commands.options import Options
from checker.commands.status import STANDS
from checker.report import saving
from checker.report.evidence import dumps, listing
from checker.report.terminal import make_console, print_claims


def run(options: Options) -> int:
    """Print the installed claims."""
    claims = select([])
    if options.json:
        saving.save_text(dumps(listing(claims)), "", options.json, None)
    else:
        print_claims(make_console(sys.stdout), claims)
    return STANDS
