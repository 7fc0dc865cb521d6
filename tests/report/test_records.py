"""What commands write fits the records, errors have a place, the schemas are those published."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checker.certification.output.saved import OneOutputFile, SeveralOutputsFile
from checker.cli import main
from checker.errors import InputError
from checker.report.records import (
    AuditFile,
    EvidenceFile,
    SharpenedFile,
    Step,
    content_of,
    read_file,
    with_present_words,
)
from checker.report.run import run_of

ROOT = Path(__file__).parents[2]
OLD = ROOT / "tests" / "instances" / "data" / "evidence_before_names.json"


def _saved(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_published_schemas_are_those_of_the_records() -> None:
    spec = importlib.util.spec_from_file_location("schemas", ROOT / "ci" / "schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = ROOT / "docs" / "schemas"
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert found == module.schemas(), "run python ci/schemas.py"


def test_evidence_of_an_earlier_version_is_read() -> None:
    saved = _saved(OLD)
    assert read_file(saved, EvidenceFile, "old").claims[0].id == saved["claims"][0]["id"]
    for claim in saved["claims"]:
        for name in ("about", "explanation", "spread", "pooled", "not_finite"):
            claim.pop(name, None)
    older = read_file(saved, EvidenceFile, "older").claims[0]
    assert (older.about, older.not_finite) == (None, 0)


def test_a_record_is_written_in_its_order_without_what_is_unset() -> None:
    step = Step(action="a", numbers=np.int64(3), relative_slack=np.float64(0.5))
    content = content_of({"x": step})
    assert json.dumps(content) == '{"x": {"action": "a", "numbers": 3, "relative_slack": 0.5}}'
    with pytest.raises(NotImplementedError, match="object is no JSON"):
        content_of({"x": object()})


def test_what_commands_write_fits_the_records(tmp_path: Path) -> None:
    claims = ["shamir2018.theorem1_sharp.constant_0.99"]
    common = ("--out", str(tmp_path), "--jobs", "1")
    assert main(["verify", *claims, *common, "--cases", "100"]) == 0
    assert main(["audit", *claims, *common, "--cases", "100"]) == 0
    assert read_file(_saved(tmp_path / "evidence.json"), EvidenceFile, "now").claims[0].explanation
    assert read_file(_saved(tmp_path / "audit.json"), AuditFile, "now").neighbours[0].refuted


def test_errors_name_their_place() -> None:
    constants = {"c": {"best": 2.0, "fails_at": "19/7", "cases": 3}}
    content = {"schema": 1, "claim": "a.b", "constants": constants}
    assert read_file(content, SharpenedFile, "x").constants["c"].fails_at == "19/7"
    for wrong in ("19/0", "1.5", "19/7\n", "٣"):
        constants["c"]["fails_at"] = wrong
        with pytest.raises(
            InputError, match=r"x is not what .* `\$\.constants\[\.\.\.\]\.fails_at`"
        ):
            read_file(content, SharpenedFile, "x")


def test_nothing_kills_by_itself() -> None:
    mutant = {"id": "a.b", "refuted": True, "cases": 1, "seconds": 0.1, "closest": None}
    content = {"schema": 1, "neighbours": [mutant], "ablations": []}
    with pytest.raises(InputError, match=r"refuted by nothing - at `\$\.neighbours\[0\]`"):
        read_file(content, AuditFile, "x")
    mutant["refuted"] = False
    assert not read_file(content, AuditFile, "x").neighbours[0].refuted


def test_an_audit_of_an_earlier_version_is_read() -> None:
    """It had mutants, and these were killed; the words of other files are their own."""
    outcome = {"killed": False, "cases": 1, "seconds": 0.1, "closest": None}
    need = {"need": "NEEDED", "decided": 1, "outside": 0, "drawn_outside": 0}
    content = {
        "schema": 1,
        "mutants": [{"id": "a.b", **outcome}],
        "ablations": [{"claim": "a", "assumption": "x", **need, **outcome}],
    }
    read = read_file(with_present_words(content), AuditFile, "x")
    assert not read.neighbours[0].refuted
    assert not read.ablations[0].refuted
    assert run_of(None, Path("evidence.json"), content).neighbours[0]["refuted"] is False
    assert with_present_words("killed") == "killed"


@pytest.mark.parametrize("kind", [OneOutputFile, SeveralOutputsFile])
def test_a_certificate_has_the_numbers_that_are_shown(kind: Any) -> None:
    assert {"F", "F_at_zero", "gradient", "V_norm"} <= set(kind.__struct_fields__)
    assert ("rank" in kind.__struct_fields__) == (kind is SeveralOutputsFile)


def test_half_a_character_is_no_text() -> None:
    content = {"schema": 1, "claim": "a.b", "constants": {"c": {"best": "\ud800"}}}
    with pytest.raises(InputError, match=r"x is not what .* '\\ud800', which is not text"):
        read_file(content, SharpenedFile, "x")
