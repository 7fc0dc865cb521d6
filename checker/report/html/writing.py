"""The report as a file."""

from __future__ import annotations

from pathlib import Path

from checker.report.html.page import render
from checker.report.html.view import View
from checker.report.run import Run
from checker.report.saving import write_text

REPORT = "report.html"


def report_path(folder: str, out: str | None) -> Path:
    """Where the report of a folder goes."""
    return Path(out) if out is not None else Path(folder) / REPORT


def write_report(run: Run, path: Path) -> None:
    """Write the report of a run."""
    write_text(path, render(View(run)))
