"""`checker report`."""

from __future__ import annotations

import sys

from checker.commands.status import STANDS
from checker.options import Options
from checker.report.html.writing import report_path, write_report
from checker.report.run import read_run
from checker.report.saving import require_writable


def run(options: Options) -> int:
    """Make the HTML report of a finished run."""
    finished = read_run(options.folder)
    path = report_path(options.folder, options.out)
    require_writable(str(path), None)
    write_report(finished, path)
    sys.stdout.write(f"report: {path}\n")
    return STANDS
