"""Evidence of earlier proofs that is still of these claims: what `verify` and the report show.

Nothing is proved here: a result of `checker prove` counts while the formula, the theorem and the
files of the proof are what they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.claims.claim import Claim
from checker.errors import Caught, InputError
from checker.instances.text import counted
from checker.proofs.boxes.program import Problem, problems_of
from checker.proofs.digest import claimed, of_problems
from checker.proofs.prove import PROVED
from checker.proofs.report import SCHEMA
from checker.proofs.table import Proof
from checker.report.replay import read_json

# In a folder of results, and in a package beside its proofs.
RESULTS = "prove.json"
SHIPPED = Path("proofs", "proved.json")


@dataclass(frozen=True)
class Known:
    """What earlier proofs say of a claim.

    Attributes
    ----------
    label
        `PROVED (Coq 8.16.1)` or `PROVED on x in [0, 1]`; empty where nothing is known.
    stale
        Why a proof on file does not count any more; empty where it does.
    by
        The theorem, or what proved it on a set.
    """

    claim: str
    label: str = ""
    stale: str = ""
    by: str = ""


def known_proofs(
    claims: Sequence[Claim], proofs: Mapping[str, Proof], folder: Path | None
) -> list[Known]:
    """Of each claim with a result on file: the shipped ones, then that of the folder.

    Raises
    ------
    InputError
        When a file of results cannot be read.
    """
    of = {c.id: c for c in claims}
    shipped = sorted({proof.root / SHIPPED for proof in proofs.values() if proof.claim in of})
    found: dict[str, Known] = {}
    for file in (*shipped, *([folder / RESULTS] if folder is not None else [])):
        for record, version in _records(file):
            claim = of.get(str(record.get("claim")))
            if claim is not None and record.get("verdict") == PROVED:
                found[claim.id] = _known(claim, proofs.get(claim.id), record, version)
    return [found[c.id] for c in claims if c.id in found]


def _records(file: Path) -> Iterator[tuple[dict[str, Any], str]]:
    if not file.exists():
        return
    content = read_json(file)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise InputError(f"{file} is not a result of `checker prove` that this version reads")
    for record in content.get("proofs", ()):
        if not isinstance(record, dict):
            raise InputError(f"{file} is not a result of `checker prove`: a proof is not an object")
        yield record, str(content.get("coq"))


def _known(claim: Claim, proof: Proof | None, record: dict[str, Any], version: str) -> Known:
    on = record.get("on")
    label, by = f"{PROVED} (Coq {version})", str(record.get("theorem"))
    if on:
        label, by = f"{PROVED} on {on}", str(record.get("by"))
    stale = ""
    # A formula of a user may raise anything; the search has told of it.
    with Caught() as caught:
        stale = _stale_on_a_set(claim, record) if on else _stale_in_coq(claim, proof, record)
    if caught.error is not None:
        stale = f"the formula cannot be traced any more: {caught.error}"
    return Known(claim.id, "" if stale else label, stale, by)


def _stale_in_coq(claim: Claim, proof: Proof | None, record: dict[str, Any]) -> str:
    if proof is None or proof.theorem != record.get("theorem"):
        return "its theorem is another one now"
    if claimed(claim, proof) != record.get("formula"):
        return "the formula has changed since"
    files = record.get("files")
    if not isinstance(files, dict) or not files:
        return "the files of the proof are not named"
    for name, digest in files.items():
        file = proof.root / str(name)
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            return f"{name} has changed since"
    return ""


def _stale_on_a_set(claim: Claim, record: dict[str, Any]) -> str:
    sizes = record.get("sizes")
    if not isinstance(sizes, list) or not all(isinstance(s, dict) for s in sizes):
        return "its sizes are not named"
    each_once = [dict(x) for x in dict.fromkeys(tuple(s.items()) for s in sizes)]
    made = [_problems(claim, each_once, formula) for formula in (0, 1)]
    same = any(x and of_problems(x) == record.get("formula") for x in made)
    same = same and "; ".join(p.set_text for p in made[0]) == record.get("on")
    return "" if same else "the formula or its set has changed since"


def _problems(claim: Claim, sizes: Sequence[dict[str, int]], formula: int) -> list[Problem]:
    """Where a box is needed, too, the problems are the same."""
    return [p for each in sizes for p in problems_of(claim, each, compact=False, formula=formula)]


def lines(known: Sequence[Known], *, counts: bool = False) -> list[str]:
    """`PROVED (Coq 8.16.1): id, id`, or their number, a line for each label; then what is stale."""
    labels = dict.fromkeys(k.label for k in known if k.label)
    named = {x: [k.claim for k in known if k.label == x] for x in labels}
    shown = [
        f"{label}: {counted(len(ids), 'claim', 'claims') if counts else ', '.join(ids)}"
        for label, ids in named.items()
    ]
    stale = [f"{k.claim}: a proof on file does not count, {k.stale}" for k in known if k.stale]
    return [*shown, *stale]
