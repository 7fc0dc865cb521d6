"""The report and its pictures as files."""

from __future__ import annotations

from pathlib import Path

from checker.errors import InputError
from checker.report.evidence_files import file_stem
from checker.report.html.page import render
from checker.report.html.view import Pictures, View
from checker.report.outputs import make_folder
from checker.report.pictures.canvas import standalone
from checker.report.pictures.drawing import pictures_of
from checker.report.run import Run
from checker.report.saving import write_text

PICTURES = "pictures"


def write_report(
    run: Run, path: Path, pictures: Path | None = None, earlier: Run | None = None
) -> int:
    """Write the report of a run, and its pictures into a folder; returns how many these are.

    With an `earlier` run the report says what differs.

    Where they cannot be drawn the report has none, and says why: it is worth more than they are.

    Raises
    ------
    InputError
        When something cannot be written, or pictures are asked for and cannot be drawn.
    """
    drawn: Pictures = {}
    notice = ""
    try:
        drawn = pictures_of(run)
    except Exception as error:
        known = isinstance(error, InputError)
        notice = str(error) if known else f"no pictures: {type(error).__name__}: {error}"
        if pictures is not None:
            raise (error if known else InputError(notice)) from error
    page = render(View(run, drawn, notice, earlier))
    write_text(path, page)
    return 0 if pictures is None else _write_pictures(drawn, pictures)


def _write_pictures(drawn: Pictures, folder: Path) -> int:
    make_folder(str(folder))
    files = {
        f"{file_stem(claim)}.{name}.svg": picture.svg
        for claim, pictures in drawn.items()
        for name, picture in pictures.items()
    }
    for name, svg in files.items():
        write_text(folder / name, standalone(svg))
    return len(files)
