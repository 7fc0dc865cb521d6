"""`checker certify`."""

from __future__ import annotations

import json
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from checker.certification.certificate import Findings, Verdict
from checker.certification.certify import certify
from checker.certification.report import certificate_lines, to_json
from checker.commands.options import Options
from checker.commands.status import OPEN, REFUTED, STANDS
from checker.errors import InputError
from checker.report import saving
from checker.report.escapes import visible

_NEEDED = ("X", "Z", "y", "w", "V")
_OPTIONAL = ("W", "weights", "loss", "training")

_STATUS = {
    Verdict.NO_WORSE: STANDS,
    Verdict.LEVEL: STANDS,
    Verdict.NOT_A_MINIMUM: REFUTED,
    Verdict.WORSE: OPEN,
    Verdict.UNDECIDED: OPEN,
}


def run(options: Options) -> int:
    """Certify, report, save; 1 if the point cannot be a local minimum, 3 if nothing is decided."""
    arrays = load(Path(options.saved))
    on_file = str(arrays.pop("loss", ""))
    loss = options.loss or on_file
    if not loss:
        raise InputError(
            f"{options.saved} names no loss",
            hint="Pass --loss NAME, or save an array `loss` that holds the name",
        )
    found: Findings = certify(**arrays, loss=loss, seed=options.seed)
    stream = sys.stderr if options.json == "-" else sys.stdout
    try:
        print(visible("\n".join(certificate_lines(found))), file=stream, flush=True)
    finally:
        _save(found, options)
    return _STATUS[found.verdict]


def load(path: Path) -> dict[str, Any]:
    """The arrays of an .npz file, or of a folder of .npy files, which are mapped into memory."""
    arrays = _folder(path) if path.is_dir() else _archive(path)
    # W, the output layer of several outputs, stands in for w.
    missing = [
        name for name in _NEEDED if name not in arrays and (name, "W" in arrays) != ("w", True)
    ]
    if missing:
        raise InputError(
            f"{path} has no {', '.join(missing)}",
            why=f"It needs the arrays {', '.join(_NEEDED)}; it has {', '.join(arrays) or 'none'}",
            hint="np.savez(FILE, X=inputs of the residual unit, Z=its features, y=labels, "
            "w=output layer (W for several outputs), V=last layer of the unit)",
        )
    if np.any(arrays.pop("training", False)):
        raise InputError(
            f"the features in {path} were captured in training mode",
            why="Dropout and batch statistics make them differ from what the network computes",
            hint="Put the network into evaluation mode and capture them again",
        )
    return arrays


def _folder(path: Path) -> dict[str, Any]:
    files = [(name, path / f"{name}.npy") for name in (*_NEEDED, *_OPTIONAL)]
    return {name: _read(file) for name, file in files if file.exists()}


def _read(path: Path) -> Any:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _archive(path: Path) -> dict[str, Any]:
    try:
        archive = np.load(path, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise ValueError("it holds one array without a name")
        with archive:
            names = [name for name in (*_NEEDED, *_OPTIONAL) if name in archive.files]
            return {name: archive[name] for name in names}
    except (OSError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path} cannot be read: {error}",
        hint="Pass a file written by np.savez, or a folder of .npy files",
    )


def _save(found: Findings, options: Options) -> None:
    text = json.dumps(to_json(found), indent=2) + "\n"
    saving.save_text(text, "certificate.json", options.json, options.out)
    if options.out is not None:
        layer = found.star[0]
        arrays: dict[str, Any] = {f"{layer}_star": found.best.u}
        if found.escape is not None:
            arrays |= {layer: found.escape.w, "V": found.escape.V}
        content = BytesIO()
        np.savez(content, **arrays)
        saving.write_bytes(Path(options.out) / "points.npz", content.getvalue())
