"""`checker certify`."""

from __future__ import annotations

import json
import math
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from checker.certification.budgets import MAX_UNPACKED, MAX_UNPACKED_BYTES
from checker.certification.certificate import Findings, Verdict
from checker.certification.certify import certify
from checker.certification.output.report import certificate_lines, is_small, to_json
from checker.commands.options import Options
from checker.commands.status import OPEN, REFUTED, STANDS
from checker.errors import InputError
from checker.instances.escapes import visible
from checker.report import saving

_NEEDED = ("X", "Z", "y", "w", "V")
_OPTIONAL = ("W", "output_bias", "ridge", "weights", "loss", "training")

# Arrays that hold one thing, with the kinds of NumPy that it may be.
_SINGLE = {"loss": "U", "ridge": "fiub", "training": "b"}
_KINDS = {"U": "text", "fiub": "number", "b": "truth value"}
_EXAMPLES = {"loss": '"squared"', "ridge": "0.1", "training": "False"}

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
    on_file, decay = str(arrays.pop("loss", "")), arrays.pop("ridge", 0.0)
    decay = decay if options.ridge is None else options.ridge
    loss = options.loss or on_file
    if not loss:
        raise InputError(
            f"{options.saved} names no loss",
            hint="Pass --loss NAME, or save an array `loss` that holds the name",
        )
    found: Findings = certify(**arrays, loss=loss, ridge=decay, seed=options.seed)
    stream = sys.stderr if options.json == "-" else sys.stdout
    try:
        lines = certificate_lines(found, options.level)
        if options.unfinished:
            lines.append("The run is called unfinished: the exit status is 0 unless undecided.")
        print(visible("\n".join(lines)), file=stream, flush=True)
    finally:
        _save(found, options)
    return _status(found, options)


def _status(found: Findings, options: Options) -> int:
    """As the verdict says, but 0 for a gap below `--level`, or of an unfinished run."""
    worse = found.verdict in (Verdict.NOT_A_MINIMUM, Verdict.WORSE)
    calm = options.unfinished or is_small(found, options.level)
    return STANDS if worse and calm else _STATUS[found.verdict]


def load(path: Path) -> dict[str, Any]:
    """The arrays of an .npz or .safetensors file, or of a folder of .npy files, which are mapped.

    Pickles, which files of PyTorch are, run code when they are read: they are not.
    """
    if path.is_dir():
        arrays = _folder(path)
    else:
        _refuse_pickles(path)
        arrays = _safetensors(path) if path.suffix == ".safetensors" else _archive(path)
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
    arrays |= {
        name: _single(arrays[name], name, kinds, path)
        for name, kinds in _SINGLE.items()
        if name in arrays
    }
    if arrays.pop("training", False):
        raise InputError(
            f"the features in {path} were captured in training mode",
            why="Dropout and batch statistics make them differ from what the network computes",
            hint="Put the network into evaluation mode and capture them again",
        )
    return arrays


def _single(array: Any, name: str, kinds: str, path: Path) -> Any:
    """What an array of one entry holds; of one of these kinds of NumPy's."""
    if array.size == 1 and array.dtype.kind in kinds:
        return array.item()
    raise InputError(
        f"{name} in {path} has shape {array.shape} and type {array.dtype}",
        why=f"It is one {_KINDS[kinds]}",
        hint=f"Leave {name} out, or save it as np.array({_EXAMPLES[name]})",
    )


def _folder(path: Path) -> dict[str, Any]:
    files = [(name, path / f"{name}.npy") for name in (*_NEEDED, *_OPTIONAL)]
    return {name: _read(file) for name, file in files if file.exists()}


def _read(path: Path) -> Any:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    # Of a damaged file NumPy raises whatever its parsers do.
    except Exception as error:
        raise _unreadable(path, error) from error


# What torch.save, pickle and joblib write: files by these names, or that begin like a pickle.
_PICKLES = (".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".bin")


def _refuse_pickles(path: Path) -> None:
    """Raise InputError for a file that holds a pickle, whatever its name; nothing of it is run."""
    try:
        with path.open("rb") as file:
            pickled = file.read(1) == b"\x80"
            zipped = zipfile.is_zipfile(file)
        if zipped:
            with zipfile.ZipFile(path) as archive:
                pickled = any(name.endswith("data.pkl") for name in archive.namelist())
    # What cannot be read is told where it is read.
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return
    if pickled or path.suffix in _PICKLES:
        raise InputError(
            f"{path} is a pickle, as torch.save writes it, and is not read",
            why="A pickle runs code of whoever made it when it is read",
            hint="Load it yourself if you trust it; then np.savez(FILE, X=..., Z=..., y=..., "
            "w=..., V=...), or checker.certification.pytorch.ResidualNetwork for the model",
        )


def _safetensors(path: Path) -> dict[str, Any]:
    """The arrays of a file, and its metadata, where the name of the loss may stand."""
    try:
        from safetensors import safe_open
    except ImportError as error:
        raise InputError(
            f"{path} cannot be read: safetensors is not installed",
            hint="pip install safetensors, or save the arrays by np.savez",
        ) from error
    try:
        with safe_open(str(path), framework="np") as file:
            offered = set(file.keys())
            known = [name for name in (*_NEEDED, *_OPTIONAL) if name in offered]
            arrays = {name: file.get_tensor(name) for name in known}
            named = {k: np.array(v) for k, v in (file.metadata() or {}).items() if k == "loss"}
    # Of a damaged file the library raises its own errors; of bfloat16, which NumPy lacks, others.
    except Exception as error:
        raise _unreadable(path, error) from error
    return {**named, **arrays}


def _archive(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is no .npz archive")
        with zipfile.ZipFile(path) as archive:
            known = {f"{name}.npy": name for name in (*_NEEDED, *_OPTIONAL)}
            members = [member for member in archive.infolist() if member.filename in known]
            _require_sizes(members, path.stat().st_size)
            return {known[m.filename]: _member(archive, m) for m in members}
    # Of a damaged file zipfile and NumPy raise whatever their parsers do.
    except Exception as error:
        raise _unreadable(path, error) from error


def _require_sizes(members: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    if unpacked > max(MAX_UNPACKED * packed, MAX_UNPACKED_BYTES):
        raise ValueError(f"its arrays unpack to {unpacked:,} bytes, the file has {packed:,}")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Any:
    """One array; the numbers that its header announces have to be there before any is read."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read_header is not None:
            shape, _, dtype = read_header(file)
            if math.prod(shape) * dtype.itemsize > member.file_size:
                raise ValueError(f"{member.filename} is too short for the shape {shape}")
    with archive.open(member) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _unreadable(path: Path, error: Exception) -> InputError:
    said = str(error) or type(error).__name__
    if "allow_pickle" in said:
        said = "an array of Python objects is a pickle, which runs code when it is read"
    return InputError(
        f"{path} cannot be read: {said.splitlines()[0]}",
        hint="Pass a file written by np.savez, a .safetensors file, or a folder of .npy files, "
        "which may be larger than the memory",
    )


def _save(found: Findings, options: Options) -> None:
    text = json.dumps(to_json(found), indent=2) + "\n"
    saving.save_text(text, "certificate.json", options.json, options.out)
    if options.out is not None:
        layer = found.star[0]
        arrays: dict[str, Any] = {f"{layer}_star": found.best.u}
        if found.escape is not None:
            arrays |= {layer: found.escape.w, "V": found.escape.V}
            arrays |= {"output_bias": found.escape.bias} if found.bias else {}
        content = BytesIO()
        np.savez(content, **arrays)
        saving.write_bytes(Path(options.out) / "points.npz", content.getvalue())
