"""What each command writes and reads, so that the one is checked against the other before a run."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from checker.commands.options import Options
from checker.errors import InputError
from checker.report.evidence_files import latex_path, report_path
from checker.report.kept.header import JOURNAL, require_journal
from checker.report.outputs import Output, require_writable
from checker.report.saving import EVIDENCE, STDOUT, document_alone

# Command -> what it writes into --out; the first is what it writes to --json.
_DOCUMENTS = {
    "list": ("list.json",),
    "verify": (EVIDENCE, "report.html", "proved.json", JOURNAL),
    "merge": (EVIDENCE, "report.html", "proved.json", JOURNAL),
    "audit": ("audit.json",),
    "sharpen": ("sharpen.json",),
    "census": ("census.json",),
    "certify": ("certificate.json", "points.npz"),
    "gate": ("gate.json",),
    "prove": ("prove.json",),
}

# What a report is made of.
_OF_A_RUN = (
    EVIDENCE,
    "audit.json",
    "sharpen.json",
    "certificate.json",
    "census.json",
    "proved.json",
)


@contextmanager
def prepared(options: Options) -> Iterator[None]:
    """Run a command in this: its outputs are safe, and `--json -` has standard output for itself.

    Raises
    ------
    InputError
        When something cannot be written, or would take the place of what the user has.
    """
    folder = None if options.command == "report" else options.out
    if options.resume is not None:
        require_journal(options.resume)
    inputs = inputs_of(options)
    _require_names(inputs)
    require_writable(outputs_of(options), folder, inputs)
    with document_alone(options.json):
        yield


def _require_names(inputs: Sequence[Path]) -> None:
    """Raise InputError for a name that no file can have; a missing file is for others to report."""
    for path in inputs:
        try:
            path.stat()
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise InputError(f"cannot read {path}: {error.strerror}") from error


def outputs_of(options: Options) -> list[Output]:
    """Everything that a command line asks to be written, but to standard output."""
    if options.command == "report":
        if not options.out and not os.path.isdir(options.folder):
            # Reading it says more than writing to it would.
            return []
        if options.latex is not None:
            file = latex_path(options.folder, options.out, options.claim, options.latex)
            return [Output(file, "report.tex", "--latex" if options.latex else "")]
        page = report_path(options.folder, options.out, options.claim)
        return [Output(page, "report.html", "--out" if options.out else "")]
    names = _DOCUMENTS.get(options.command, ())
    found: list[Output] = []
    if options.json is not None and options.json != STDOUT:
        found.append(Output(Path(options.json), names[0], "--json"))
    if options.markdown is not None:
        found.append(Output(Path(options.markdown), "gate.md", "--markdown"))
    if options.out is not None:
        pictures = ("census.svg",) if options.pictures else ()
        found += [Output(Path(options.out) / name, name) for name in (*names, *pictures)]
    return found


def inputs_of(options: Options) -> list[Path]:
    """Everything that a command line asks to be read."""
    named = (*options.files, options.data, options.saved, options.baseline, options.folder)
    read = [Path(name) for name in named if name]
    read += [Path(folder) / name for folder in options.folders for name in (JOURNAL, EVIDENCE)]
    if options.command == "report":
        folders = [folder for folder in (options.folder, options.before) if folder]
        read += [Path(folder) / name for folder in folders for name in _OF_A_RUN]
    if options.command == "gate":
        corpus = Path(options.corpus or Path(options.baseline).parent / "corpus")
        read += corpus.glob("*.json") if corpus.is_dir() else ()
    return read
