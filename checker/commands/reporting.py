"""`checker report`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from checker.census.page import CENSUSED
from checker.certification.output.page import CERTIFIED
from checker.claims.files import load_file
from checker.claims.registry import load_claims
from checker.commands.options import Options
from checker.commands.status import STANDS
from checker.errors import InputError
from checker.instances.escapes import visible
from checker.proofs.page import PROOFS, PROVED_FILE, proved_labels
from checker.report.evidence_files import latex_path, report_path
from checker.report.html.view import View
from checker.report.html.writing import PICTURES, write_report
from checker.report.latex.document import write_latex
from checker.report.replay import read_json
from checker.report.run import Run, only, read_run


def run(options: Options) -> int:
    """Make the HTML report of a finished run, or its LaTeX."""
    finished = _finished(options)
    if options.latex is not None:
        file = latex_path(options.folder, options.out, options.claim, options.latex)
        write_latex(View(finished), file)
        print(visible(f"LaTeX: {file}"))
        return STANDS
    path = report_path(options.folder, options.out, options.claim)
    pictures = Path(options.folder) / PICTURES if options.pictures else None
    _load_classes(options.files)
    earlier = None if options.before is None else read_run(options.before)
    count = write_report(finished, path, pictures, earlier)
    print(visible(f"report: {path}"))
    if pictures is not None:
        print(visible(f"pictures: {count} in {pictures}"))
    return STANDS


def _finished(options: Options) -> Run:
    """The run, what is proved of it, and of these the claim that was named."""
    finished = read_run(options.folder, (CERTIFIED, CENSUSED, PROOFS))
    file = Path(options.folder) / PROVED_FILE
    if file.exists():
        finished = replace(finished, proved=proved_labels(read_json(file), file))
    return finished if options.claim is None else only(finished, options.claim)


def _load_classes(files: Sequence[str]) -> None:
    """Load the classes of saved instances, which draw themselves; the rest needs none of them.

    What is installed and what the command line names; never a file that the evidence names, which
    somebody else may have made.
    """
    with suppress(InputError):
        load_claims()
    for file in files:
        load_file(file)
