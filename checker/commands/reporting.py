"""`checker report`."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from checker.claims.files import load_file
from checker.claims.registry import load_claims
from checker.commands.options import Options
from checker.commands.status import STANDS
from checker.errors import InputError
from checker.report.html.writing import PICTURES, report_path, write_report
from checker.report.run import Run, read_run
from checker.report.saving import require_writable


def run(options: Options) -> int:
    """Make the HTML report of a finished run."""
    finished = read_run(options.folder)
    path = report_path(options.folder, options.out)
    require_writable(str(path), None)
    pictures = Path(options.folder) / PICTURES if options.pictures else None
    _load_classes(finished)
    count = write_report(finished, path, pictures)
    sys.stdout.write(f"report: {path}\n")
    if pictures is not None:
        sys.stdout.write(f"pictures: {count} in {pictures}\n")
    return STANDS


def _load_classes(finished: Run) -> None:
    """Load the classes of saved instances, which draw themselves; the rest needs none of them."""
    with suppress(InputError):
        load_claims()
    for file in finished.files:
        with suppress(InputError):
            load_file(file)
