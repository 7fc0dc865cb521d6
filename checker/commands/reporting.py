"""`checker report`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from checker.certification.page import CERTIFIED
from checker.claims.files import load_file
from checker.claims.registry import load_claims
from checker.commands.options import Options
from checker.commands.status import STANDS
from checker.errors import InputError
from checker.instances.escapes import visible
from checker.proofs.page import PROOFS
from checker.report.html.writing import PICTURES, report_path, write_report
from checker.report.run import read_run


def run(options: Options) -> int:
    """Make the HTML report of a finished run."""
    finished = read_run(options.folder, (CERTIFIED, PROOFS))
    path = report_path(options.folder, options.out)
    pictures = Path(options.folder) / PICTURES if options.pictures else None
    _load_classes(options.files)
    earlier = None if options.before is None else read_run(options.before)
    count = write_report(finished, path, pictures, earlier)
    print(visible(f"report: {path}"))
    if pictures is not None:
        print(visible(f"pictures: {count} in {pictures}"))
    return STANDS


def _load_classes(files: Sequence[str]) -> None:
    """Load the classes of saved instances, which draw themselves; the rest needs none of them.

    What is installed and what the command line names; never a file that the evidence names, which
    somebody else may have made.
    """
    with suppress(InputError):
        load_claims()
    for file in files:
        load_file(file)
