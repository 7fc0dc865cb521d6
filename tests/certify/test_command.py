"""`checker certify`: what it prints and writes, and its exit status."""

from __future__ import annotations

import io
import json
import pickle
import re
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import checker
from certify.instances import DEGENERATE, arrays, network, vector_arrays, vector_network
from certify.test_parameters import _strict_minimum
from checker.certification.certificate import Enclosed
from checker.certification.output.report import certificate_lines
from checker.cli import main
from checker.commands import certifying

POINT = network(0, (40, 3, 2))
SAVED = {name: getattr(POINT, name) for name in ("X", "Z", "y", "w", "V")}


def _fitted() -> dict[str, Any]:
    """A network that predicts its labels: no worse than linear."""
    return SAVED | {"y": (POINT.X + POINT.Z @ POINT.V.T) @ POINT.w, "loss": "squared"}


def _run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["certify", *map(str, arguments)])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out, captured.err


def _file(folder: Path, contents: dict[str, Any]) -> Path:
    path = folder / "network.npz"
    np.savez(path, **contents)
    return path


def test_a_network_worse_than_linear(tmp_path: Path, capsys: Any) -> None:
    path, out = _file(tmp_path, SAVED), tmp_path / "out"
    status, text, _ = _run(capsys, path, "--loss", "logistic", "--out", out)
    assert status == 1
    assert text.startswith("NOT_A_MINIMUM: cannot be a local minimum: along ")
    saved = json.loads((out / "certificate.json").read_text())
    found = checker.certify(**arrays(POINT))
    assert saved["F"] == {
        "value": found.F.value, "radius": found.F.radius, "guarantee": "float-bound",
    }  # fmt: skip
    bound = found.best.bounds["Theorem 2"]
    assert isinstance(bound, Enclosed)
    assert saved["best"]["bounds"]["Theorem 2"]["value"] == bound.value
    points = np.load(out / "points.npz")
    assert found.escape is not None
    assert np.array_equal(points["w"], found.escape.w)
    assert np.array_equal(points["V"], found.escape.V)
    assert np.array_equal(points["w_star"], found.w_star)


def test_a_network_no_worse_than_linear(tmp_path: Path, capsys: Any) -> None:
    status, text, _ = _run(capsys, _file(tmp_path, _fitted()), "--json", tmp_path / "c.json")
    assert (status, text.split(":")[0]) == (0, "NO_WORSE")
    assert json.loads((tmp_path / "c.json").read_text())["verdict"] == "NO_WORSE"


def test_json_on_standard_output(tmp_path: Path, capsys: Any) -> None:
    status, text, report = _run(capsys, _file(tmp_path, _fitted()), "--json", "-")
    assert (status, json.loads(text)["schema"]) == (0, 1)
    assert report.startswith("NO_WORSE")


def test_a_folder_of_memory_mapped_files(tmp_path: Path, capsys: Any) -> None:
    for name, array in SAVED.items():
        np.save(tmp_path / f"{name}.npy", array)
    status, text, _ = _run(capsys, tmp_path, "--loss", "logistic")
    expected = _run(capsys, _file(tmp_path, SAVED), "--loss", "logistic")
    assert (status, text) == expected[:2]


VECTOR = vector_network(0, (40, 3, 2, 2))
SEVERAL = {"y": VECTOR.Y, **{name: getattr(VECTOR, name) for name in ("X", "Z", "W", "V")}}


def test_several_outputs(tmp_path: Path, capsys: Any) -> None:
    path, out = _file(tmp_path, SEVERAL), tmp_path / "out"
    status, text, _ = _run(capsys, path, "--loss", "softmax", "--out", out)
    assert (status, text.split(":")[0]) == (1, "NOT_A_MINIMUM")
    saved = json.loads((out / "certificate.json").read_text())
    found = checker.certify(**vector_arrays(VECTOR))
    assert saved["sigma_min"]["value"] == found.sigma_min.value
    assert (saved["K"], saved["rank"]) == (2, 2)
    points = np.load(out / "points.npz")
    assert np.array_equal(points["W"], found.escape.w)
    assert np.array_equal(points["W_star"], found.W_star)


def test_several_outputs_left_open(tmp_path: Path, capsys: Any) -> None:
    status, text, _ = _run(capsys, _file(tmp_path, _strict_minimum()))
    assert (status, text.split(":")[0]) == (3, "WORSE")
    assert "that excludes no minimum: W has rank d = 1 < K = 4" in text
    assert "it is false for K > d = 1" in text
    bent = _run(capsys, _file(tmp_path, DEGENERATE))
    assert (bent[0], "(λ_min(∇²F_θ) < 0)" in bent[1] or "lower point" in bent[1]) == (1, True)


def _without(name: str) -> dict[str, Any]:
    return {k: a for k, a in SAVED.items() if k != name}


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (_without("Z"), "has no Z"),
        (SAVED | {"training": np.array(True)}, "captured in training mode"),
        (SAVED | {"V": POINT.V.T}, "V has shape (2, 3)"),
        (SAVED | {"y": (POINT.y + 1) / 2}, "cross_entropy"),
        (SAVED | {"Z": np.full((40, 2), np.nan)}, "Z[0, 0] is nan"),
        (SAVED | {"X": np.empty((0, 3)), "Z": np.empty((0, 2)), "y": np.empty(0)}, "empty"),
        (SAVED | {"loss": "hinge"}, "not twice differentiable"),
        (SAVED | {"loss": "nonsense"}, "unknown loss 'nonsense'"),
        (SAVED | {"loss": ""}, "no loss"),
        (SAVED | {"W": VECTOR.W}, "both w and W are given"),
        (SEVERAL | {"y": np.eye(2)[[0, 1] * 20]}, "use 'softmax'"),
        (SEVERAL | {"loss": "softmax", "y": VECTOR.Y[:, 0]}, "numpy.eye(K)[y]"),
        ({k: a for k, a in SEVERAL.items() if k != "V"}, "has no V"),
    ],
)
def test_bad_input(tmp_path: Path, capsys: Any, contents: dict[str, Any], message: str) -> None:
    loss = [] if "loss" in contents else ["--loss", "logistic"]
    status, text, report = _run(capsys, _file(tmp_path, contents), *loss)
    assert (status, text) == (2, "")
    assert message in report


def _npy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _header(shape: tuple[int, ...]) -> bytes:
    stream = io.BytesIO()
    given = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, given)
    return stream.getvalue()


def _archived(path: Path, compression: int = zipfile.ZIP_STORED, **changed: bytes) -> bytes:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, array in SAVED.items():
            archive.writestr(f"{name}.npy", changed.get(name, _npy(array)))
    return path.read_bytes()


def test_damaged_archives(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    """Each is one clear sentence; no member is unpacked before its size is known to be sound."""
    monkeypatch.setattr(certifying, "MAX_UNPACKED_BYTES", 2**20)
    path = tmp_path / "damaged.npz"
    whole = _archived(path)
    directory = whole.index(b"PK\x01\x02")
    method, encrypted, version = (
        whole[:i] + byte + whole[i + 1 :]
        for i, byte in ((directory + 10, b"c"), (directory + 8, b"\x01"), (directory + 6, b"c"))
    )
    X = _npy(POINT.X)
    zeros = _header((2**20, 3)) + bytes(3 * 2**23)
    for content in (
        b"",
        b"not an archive",
        whole[: len(whole) // 2],
        method,
        encrypted,
        version,
        _archived(path, X=b""),
        _archived(path, X=X[:50]),
        _archived(path, X=X[:-8]),
        _archived(path, X=X.replace(b"(40, 3), }", b"(40, 3), (")),
        _archived(path, X=_header((10**12, 3))),
        _archived(path, zipfile.ZIP_DEFLATED, X=zeros),
    ):
        path.write_bytes(content)
        status, text, report = _run(capsys, path, "--loss", "logistic")
        assert (status, text) == (2, "")
        assert report.count("cannot be read: ") == 1
        assert len(report.splitlines()) == 2
        assert "pickle" not in report


def test_damaged_folders(tmp_path: Path, capsys: Any) -> None:
    for name, array in SAVED.items():
        np.save(tmp_path / f"{name}.npy", array)
    for content in (b"", b"text", _npy(POINT.X)[:50], _npy(POINT.X)[:-8], _header((10**12, 3))):
        (tmp_path / "X.npy").write_bytes(content)
        status, text, report = _run(capsys, tmp_path, "--loss", "logistic")
        assert (status, text) == (2, "")
        assert "X.npy cannot be read: " in report


def test_files_that_are_none(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "text.npz").write_text("not an archive")
    np.save(tmp_path / "array.npy", np.ones(3))
    np.savez(tmp_path / "pickled.npz", **(SAVED | {"X": np.array([{}], dtype=object)}))
    for name in ("text.npz", "array.npy", "pickled.npz", "missing.npz"):
        status, text, report = _run(capsys, tmp_path / name, "--loss", "logistic")
        assert (status, text) == (2, "")
        assert "cannot be read" in report
    status, _, report = _run(capsys, tmp_path, "--loss", "logistic")
    assert status == 2
    assert "has no X, Z, y, w, V" in report


def test_a_gap_below_the_level_and_an_unfinished_run_are_not_alarming(
    tmp_path: Path, capsys: Any
) -> None:
    """A least-squares fit up to rounding: worse than linear by about 1e-30."""
    y = SAVED["X"] @ np.array([1.0, -2.0, 0.1])
    w = np.array([1.0, -2.0, 0.1]) * (1 + 2.0**-40)
    fitted = SAVED | {"y": y, "w": w, "V": np.zeros((3, 2)), "loss": "squared"}
    path = _file(tmp_path, fitted)
    status, text, _ = _run(capsys, path)
    assert text.startswith("NOT_A_MINIMUM")
    assert (status, "of no interest here" in text) == (0, True)
    assert "as good as linear" in text
    assert "In mid-training" not in text
    assert _run(capsys, path, "--level", "0")[0] == 1
    path = _file(tmp_path, SAVED)
    assert _run(capsys, path, "--loss", "logistic")[0] == 1
    status, text, _ = _run(capsys, path, "--loss", "logistic", "--unfinished")
    assert (status, "called unfinished" in text) == (0, True)
    assert "unfinished" not in _run(capsys, path, "--loss", "logistic")[1]


def test_what_the_verdict_means_for_a_run(tmp_path: Path, capsys: Any) -> None:
    text = _run(capsys, _file(tmp_path, SAVED), "--loss", "logistic")[1]
    assert "In mid-training that is normal." in text
    assert "load the lower point" in text
    assert text.count("compared with w*,") == 1
    assert "compared with u," in text
    # A bound is told to be above the gap, and by how much, in digits.
    assert re.search(r"Theorem 3: gap <= +=.*: about [1-9][0-9]* times the gap", text)
    separable = SAVED | {"y": np.sign(SAVED["X"][:, 0])}
    text = _run(capsys, _file(tmp_path, separable), "--loss", "logistic")[1]
    assert "separates or fits these data" in text


def test_a_bias_and_weight_decay_on_file(tmp_path: Path, capsys: Any) -> None:
    path, out = _file(tmp_path, SAVED | {"output_bias": 0.5, "ridge": 2.0}), tmp_path / "out"
    status, text, _ = _run(capsys, path, "--loss", "logistic", "--out", out)
    assert (status, text.split(":")[0]) == (3, "WORSE")
    assert "that excludes no minimum: Corollary 1 is not proved with weight decay" in text
    # There is no bound that another comparator could make stronger.
    assert text.count("compared with") == 1
    points, found = (
        np.load(out / "points.npz"),
        checker.certify(**SAVED, loss="logistic", output_bias=0.5, ridge=2.0),
    )
    assert found.escape is not None
    assert np.array_equal(points["output_bias"], found.escape.bias)
    assert points["w_star"].shape == (4,)
    saved = json.loads((out / "certificate.json").read_text())
    assert (saved["bias"], saved["ridge"]) == (True, 2.0)
    assert main(["report", str(out)]) == 0
    assert "weight decay 2" in (out / "report.html").read_text()


def test_weight_decay_of_the_command_line_counts_before_that_of_the_file(
    tmp_path: Path, capsys: Any
) -> None:
    path, out = _file(tmp_path, SAVED | {"ridge": 0.1}), tmp_path / "out"
    for given, meant in (("0", 0.0), ("0.2", 0.2)):
        _run(capsys, path, "--loss", "logistic", "--ridge", given, "--out", out)
        assert json.loads((out / "certificate.json").read_text())["ridge"] == meant


def test_what_is_beyond_float64_is_told_once(tmp_path: Path, capsys: Any) -> None:
    """No word twice, and no theorem that is said not to hold."""
    wide = np.ones((200, 300))
    beyond = {
        "X": -1e3 * wide, "Z": wide[:, :1], "y": wide[:, 0], "w": 3 * wide[0],
        "V": np.zeros((300, 1)),
    }  # fmt: skip
    status, text, _ = _run(capsys, _file(tmp_path, beyond), "--loss", "exponential")
    assert status == 3
    assert text.startswith("UNDECIDED: nothing is decided: a number is beyond the range of float64")
    assert "Theorem 2: gap <=             = does not apply: λ_max(∂²F/∂w²) is not known" in text


def test_numbers_have_no_digit_finer_than_their_error(tmp_path: Path, capsys: Any) -> None:
    """And further comparators have symbols of their own."""
    text = _run(capsys, _file(tmp_path, SAVED), "--loss", "logistic")[1]
    pairs = re.findall(r"= (-?[0-9.e+-]+) ± ([0-9.e+-]+) ", text)
    assert len(pairs) > 15
    for value, radius in pairs:
        exponent = Decimal(value).as_tuple().exponent
        assert isinstance(exponent, int)
        assert value == "0" or exponent >= Decimal(radius).adjusted()
    others = {"a": np.ones(3), "b": np.zeros(3)}
    lines = certificate_lines(checker.certify(**arrays(POINT), against=others))
    heads = [line.split(",")[0] for line in lines if line.startswith("compared")]
    assert heads == [f"compared with {x}" for x in ("w*", "u", "u2", "u3")]


class _Trap:
    """What a pickle of it does when it is read."""

    def __reduce__(self) -> Any:
        return (Path("/nonexistent/trap").touch, ())


def test_pickles_are_not_executed(tmp_path: Path, capsys: Any) -> None:
    """By their content, whatever the name; reading this one would raise FileNotFoundError."""
    code = pickle.dumps(_Trap())
    with pytest.raises(FileNotFoundError):
        pickle.loads(code)
    (tmp_path / "model.npz").write_bytes(code)
    (tmp_path / "model.pkl").write_bytes(code)
    for name in ("model.pt", "model2.npz"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("model/data.pkl", code)
    for name in ("model.npz", "model.pkl", "model.pt", "model2.npz"):
        status, _, report = _run(capsys, tmp_path / name, "--loss", "logistic")
        assert (status, "is a pickle" in report, "np.savez" in report) == (2, True, True)
    with zipfile.ZipFile(tmp_path / "objects.npz", "w") as archive:
        buffer = io.BytesIO()
        np.save(buffer, np.array([_Trap()], dtype=object), allow_pickle=True)
        archive.writestr("X.npy", buffer.getvalue())
    status, _, report = _run(capsys, tmp_path / "objects.npz", "--loss", "logistic")
    assert (status, "array of Python objects is a pickle" in report) == (2, True)
    assert "allow_pickle" not in report


def test_safetensors(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    path = tmp_path / "network.safetensors"
    path.write_bytes(b"no such file")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    status, _, report = _run(capsys, path, "--loss", "logistic")
    assert (status, "safetensors is not installed" in report) == (2, True)
    monkeypatch.undo()
    save = pytest.importorskip("safetensors.numpy").save_file
    status, _, report = _run(capsys, path, "--loss", "logistic")
    assert (status, "cannot be read" in report) == (2, True)
    save(SAVED, str(path), metadata={"loss": "logistic"})
    status, text, _ = _run(capsys, path)
    whole = _run(capsys, _file(tmp_path, SAVED), "--loss", "logistic")
    assert (status, text) == whole[:2]
    save({"X": SAVED["X"]}, str(path))
    assert "has no Z, y, w, V" in _run(capsys, path, "--loss", "logistic")[2]
