"""Write proofs/reviewed.json, proofs/proved.json and the table in docs/proofs.md.

    python ci/proofs_table.py

Run it after reading what has changed in the proofs: it states that they were read.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import properties
from checker.claims.claim import Claim
from checker.claims.registry import load_claims
from checker.proofs.fresh import SHIPPED
from checker.proofs.prove import PROVED, Result, Run, prove
from checker.proofs.report import dimensions, to_json
from checker.proofs.reviewed import PLACE
from checker.proofs.table import installed_proofs

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "proofs.md"
BEGIN, END = "<!-- table: ci/proofs_table.py -->", "<!-- end of table -->"


def main() -> int:
    """Check every proof, then write what was checked; nothing is written unless all are proved."""
    claims, proofs = load_claims(), installed_proofs()
    run = prove([(claims[i], proof) for i, proof in proofs.items()], reviewed=False)
    failed = [r for r in run.results if r.verdict != PROVED]
    for result in failed:
        print(f"{result.claim}: {result.reason}", file=sys.stderr)
    if failed:
        return 1
    folder = Path(properties.__path__[0])
    files = {f.relative_to(folder).as_posix(): _digest(f) for f in folder.rglob("*.v")}
    theorems = {i: proof.theorem for i, proof in proofs.items()}
    content = {"files": dict(sorted(files.items())), "theorems": dict(sorted(theorems.items()))}
    (folder / PLACE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (folder / SHIPPED).write_text(json.dumps(shipped(run), indent=1) + "\n", encoding="utf-8")
    write_table(table(list(claims.values()), list(run.results)))
    return 0


def shipped(run: Run) -> dict[str, Any]:
    """What `checker verify` needs to know that a claim is proved, and by which files."""
    kept = ("claim", "verdict", "theorem", "axioms", "files", "bridged", "formula")
    content = to_json(run)
    proofs = [{name: entry[name] for name in kept} for entry in content["proofs"]]
    return {**content, "proofs": sorted(proofs, key=lambda entry: str(entry["claim"]))}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def table(claims: list[Claim], results: list[Result]) -> str:
    """A row for each proved claim."""
    attacked = {c.of for c in claims if c.of is not None and c.must_be_refuted}
    rows = ["| claim | attacked | proved by | the checker's own formula derived at | axioms |"]
    rows += ["|---|---|---|---|---|"]
    rows += [_row(r, r.claim in attacked) for r in sorted(results, key=lambda r: r.claim)]
    return "\n".join(rows)


def _row(result: Result, attacked: bool) -> str:
    """Attacked: the search refutes a false neighbour of the same claim, and not the claim."""
    _, paper, _, file, theorem = result.theorem.split(".")
    place = f"`{theorem}` in [{file}.v](../properties/{paper}/proofs/{file}.v)"
    sizes = dimensions(result.bridged or ())
    axioms = ", ".join(a.rpartition(".")[2] for a in result.axioms) or "none"
    kinds = "yes" if attacked else "yes, no false neighbour"
    return f"| {result.claim} | {kinds} | {place} | {' '.join(sizes) or '—'} | {axioms} |"


def write_table(text: str) -> None:
    """Between the marks of the document."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
