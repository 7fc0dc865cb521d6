"""The section of a certificate in the HTML report."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checker.certification.output.saved import enclosed
from checker.cli import main

RNG = np.random.default_rng(0)
SCALAR = {
    "X": RNG.standard_normal((20, 3)),
    "Z": RNG.standard_normal((20, 2)),
    "y": RNG.choice([-1.0, 1.0], 20),
    "w": RNG.standard_normal(3),
    "V": RNG.standard_normal((3, 2)),
    "loss": np.array("logistic"),
}
SEVERAL = {k: a for k, a in SCALAR.items() if k != "w"} | {
    "y": np.eye(2)[RNG.integers(2, size=20)],
    "W": RNG.standard_normal((2, 3)),
    "loss": np.array("softmax"),
}
EQUAL_ROWS = SEVERAL | {"W": np.ones((2, 3))}


def _certified(folder: Path, arrays: dict[str, Any]) -> dict[str, Any]:
    np.savez(folder / "network.npz", **arrays)
    main(["certify", str(folder / "network.npz"), "--out", str(folder)])
    return json.loads((folder / "certificate.json").read_text())


def _report(folder: Path) -> str:
    assert main(["report", str(folder)]) == 0
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("arrays", [SCALAR, SEVERAL], ids=["w", "W"])
def test_every_number_is_shown_with_its_guarantee(tmp_path: Path, arrays: dict[str, Any]) -> None:
    saved = _certified(tmp_path, arrays)
    page = _report(tmp_path)
    assert saved["sentence"].replace(">", "&gt;").replace("<", "&lt;") in page
    assert '<span class="verdict bad">NOT_A_MINIMUM</span>' in page
    shown = [x for x in saved.values() if isinstance(x, dict) and "guarantee" in x]
    entries = [saved["best"], saved["minimised"], saved["escape"]]
    for entry in (*entries, saved["best"]["bounds"], saved["minimised"]["bounds"]):
        shown += [x for x in entry.values() if isinstance(x, dict) and "guarantee" in x]
    assert len(shown) >= 8 + 2 * 4 + 2 + 2 * 3
    expected = {(str(enclosed(number)), number["guarantee"]) for number in shown}
    cells = re.findall(r'<td class="numeric">(.*?)</td><td class="wide">(.*?)</td>', page)
    # Theorem 3 of several outputs has no bound.
    assert len(cells) == len(shown) + (0 if arrays is SCALAR else 2)
    assert expected <= set(cells)
    assert f"A lower point, along {saved['escape']['along']}" in page


def test_a_bound_that_does_not_apply_says_why(tmp_path: Path) -> None:
    _certified(tmp_path, EQUAL_ROWS)
    page = _report(tmp_path)
    assert "it needs W of full row rank, and its rank is 1, not 2" in page
    assert "K = 2, rank W = 1" in page


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    saved = _certified(tmp_path, SCALAR)
    saved["sentence"] = saved["best"]["name"] = "<script>alert(1)</script>"
    (tmp_path / "certificate.json").write_text(json.dumps(saved))
    page = _report(tmp_path)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") == 2


def test_unknown_numbers_are_called_unknown(tmp_path: Path) -> None:
    saved = _certified(tmp_path, SCALAR)
    saved["F"] = {"value": None, "radius": None, "guarantee": "unproved"}
    (tmp_path / "certificate.json").write_text(json.dumps(saved))
    assert '<td class="numeric">unknown</td>' in _report(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "FINE"}, "is not a verdict"),
        ({"F": 1.0}, "Expected `object`, got `float` - at `$.F`"),
        (
            {"F": {"value": 1.0, "radius": -1.0, "guarantee": "exact"}},
            "Expected `float` >= 0.0 - at `$.F.radius`",
        ),
        ({"best": {}}, "missing required field `name` - at `$.best`"),
        ({"escape": {"along": "x"}}, "missing required field `F_before` - at `$.escape`"),
        ({"schema": 2}, "has schema 2"),
        ({"K": 3}, "missing required field"),
    ],
)
def test_a_foreign_certificate_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], message: str
) -> None:
    saved = _certified(tmp_path, SCALAR)
    (tmp_path / "certificate.json").write_text(json.dumps(saved | change))
    capsys.readouterr()
    assert main(["report", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert not (tmp_path / "report.html").exists()
