"""Every proof in the table has its claim and its file, was reviewed, and is in docs/proofs.md."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import properties
from checker.claims.registry import load_claims
from checker.proofs.reviewed import PLACE
from checker.proofs.table import installed_proofs

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "proofs.md"
FOLDER = Path(properties.__path__[0])


def reviewed() -> dict[str, dict[str, str]]:
    content: dict[str, dict[str, str]] = json.loads((FOLDER / PLACE).read_text())
    return content


def test_proofs_are_of_claims_that_are_no_false_neighbours() -> None:
    claims = load_claims()
    for identifier in installed_proofs():
        assert claims[identifier].of is None


def test_every_theorem_is_in_its_file() -> None:
    for proof in installed_proofs().values():
        text = proof.source(proof.module).read_text()
        name = proof.theorem.rpartition(".")[2]
        assert any(f"{word} {name}" in text for word in ("Theorem", "Definition")), proof.theorem


def test_what_was_reviewed_is_what_is_there() -> None:
    """Without Coq: `checker prove` compares, too."""
    known = reviewed()
    assert known["theorems"] == {p.claim: p.theorem for p in installed_proofs().values()}
    files = {f.relative_to(FOLDER).as_posix(): f for f in FOLDER.rglob("*.v")}
    assert set(files) == set(known["files"])
    for name, digest in known["files"].items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest, name


def test_the_page_lists_every_proof() -> None:
    """`python ci/proofs_table.py` writes the table."""
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")][1:]
    listed = {row.split("|")[1].strip() for row in rows}
    assert set(installed_proofs()) <= listed


def test_nothing_is_admitted() -> None:
    for file in FOLDER.rglob("*.v"):
        code = re.sub(r"\(\*.*?\*\)", "", file.read_text(), flags=re.DOTALL)
        words = set(code.replace(".", " ").split())
        assert not words & {"Admitted", "admit", "Axiom", "Parameter", "Conjecture"}, file.name
