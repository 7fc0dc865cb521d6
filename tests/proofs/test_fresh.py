"""PROVED beside the verdict: while formula, theorem and files are what was checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.claims.claim import Claim
from checker.claims.registry import load_claims
from checker.cli import main
from checker.errors import InputError
from checker.proofs.digest import claimed
from checker.proofs.fresh import SHIPPED, Known, known_proofs, lines
from checker.proofs.page import proved_section
from checker.proofs.table import Proof, installed_proofs

BRIDGED, READ = "shamir2018.lemma1", "yun2019.theorem_across"


@pytest.fixture(scope="module")
def claims() -> dict[str, Claim]:
    return load_claims()


@pytest.fixture(scope="module")
def proofs() -> dict[str, Proof]:
    return installed_proofs()


def shipped(proofs: dict[str, Proof]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((proofs[BRIDGED].root / SHIPPED).read_text())
    return content


def test_every_shipped_proof_counts(claims: dict[str, Claim], proofs: dict[str, Proof]) -> None:
    """Else `python ci/proofs_table.py` has to be run: a proof on file is of another formula."""
    known = known_proofs([claims[i] for i in proofs], proofs, None)
    assert {k.claim: k.stale for k in known} == dict.fromkeys(proofs, "")
    assert {k.label for k in known} == {f"PROVED (Coq {shipped(proofs)['coq']})"}


@pytest.fixture
def stale(claims: dict[str, Claim], proofs: dict[str, Proof], tmp_path: Path) -> Any:
    """What is said of a claim with a result in a folder that was changed."""

    def of(name: str, **changes: Any) -> Known:
        content = shipped(proofs)
        (record,) = [p for p in content["proofs"] if p["claim"] == name]
        record.update(changes)
        (tmp_path / "prove.json").write_text(json.dumps(content))
        (known,) = known_proofs([claims[name]], proofs, tmp_path)
        assert bool(known.stale) != bool(known.label)
        return known

    return of


@pytest.mark.parametrize("name", [BRIDGED, READ])
def test_what_has_changed_does_not_count(
    name: str, stale: Any, claims: dict[str, Claim], proofs: dict[str, Proof]
) -> None:
    assert stale(name).stale == ""
    assert "formula has changed" in stale(name, formula="0" * 64).stale
    assert "another one" in stale(name, theorem="properties.proofs.Sums.other").stale
    assert "not named" in stale(name, files={}).stale
    files = {"proofs/Sums.v": "0" * 64}
    assert "proofs/Sums.v has changed" in stale(name, files=files).stale
    assert "has changed" in stale(name, files={"../../missing.v": "0" * 64}).stale


def test_a_false_neighbour_has_another_formula(
    claims: dict[str, Claim], proofs: dict[str, Proof]
) -> None:
    """The digest is of the formula as it is traced, not of its name."""
    proof, false = proofs[BRIDGED], claims[f"{BRIDGED}.lower_by_1e-6"]
    assert claimed(false, proof) != claimed(claims[BRIDGED], proof)


@pytest.mark.parametrize("text", ["[]", "{", '{"schema": 1, "proofs": [1]}', '{"schema": 99}'])
def test_a_foreign_file_is_no_proof(
    text: str, claims: dict[str, Claim], proofs: dict[str, Proof], tmp_path: Path
) -> None:
    (tmp_path / "prove.json").write_text(text)
    with pytest.raises(InputError):
        known_proofs([claims[BRIDGED]], proofs, tmp_path)


def test_lines() -> None:
    known = [
        Known("a", "PROVED (Coq 8.16.1)"),
        Known("b", "PROVED (Coq 8.16.1)"),
        Known("c", stale="x"),
    ]
    assert lines(known) == [
        "PROVED (Coq 8.16.1): a, b",
        "c: a proof on file does not count, x",
    ]


def test_the_section_refuses_what_is_not_ours() -> None:
    for content in (None, {}, {"schema": 1, "proved": [{}]}, {"schema": 2, "proved": []}):
        with pytest.raises(InputError):
            proved_section(content, Path("proved.json"))


def test_verify_and_report_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without coqc: nothing is proved again."""
    monkeypatch.setenv("PATH", str(tmp_path))
    out = tmp_path / "out"
    run = ["verify", BRIDGED, "--cases", "300", "--jobs", "1", "--out", str(out)]
    assert main(run) in (0, 3)
    assert f"PROVED (Coq 8.16.1): {BRIDGED}" in capsys.readouterr().out
    assert "PROVED (Coq 8.16.1)" in (out / "report.html").read_text()
    (out / "report.html").unlink()
    assert main(["report", str(out)]) == 0
    assert "PROVED (Coq 8.16.1)" in (out / "report.html").read_text()


def test_verify_shows_what_is_proved_on_a_box(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, file = tmp_path / "out", tmp_path / "fresh_on_a_box.py"
    file.write_text(
        "from checker import claim, interval\n\n\n@claim\n"
        "def means(x: interval(0.125, 64)):\n    return x + 1 / x >= 2\n"
    )
    assert main(["prove", str(file), "--out", str(out)]) == 0
    run = ["verify", str(file), "--cases", "300", "--jobs", "1", "--out", str(out)]
    assert main(run) in (0, 3)
    assert "PROVED on x in [0.125, 64.0]: fresh_on_a_box.means" in capsys.readouterr().out
    text = (out / "prove.json").read_text()
    (out / "prove.json").write_text(text.replace('"formula": "', '"formula": "0'))
    assert main(run) in (0, 3)
    shown = capsys.readouterr().out
    assert "PROVED on" not in shown
    assert "fresh_on_a_box.means: a proof on file does not count" in shown
