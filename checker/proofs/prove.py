"""Is a claim proved: its theorem compiles, rests on the standard axioms and is the one that was
read, and the claim's own formula follows from it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checker.claims.claim import Claim
from checker.errors import InputError
from checker.proofs.bridge import Bridge, Statement, statements
from checker.proofs.coq import STANDARD_AXIOMS, Coq, NotProved, axioms_in
from checker.proofs.digest import claimed
from checker.proofs.reviewed import hashes, require_reviewed
from checker.proofs.table import Proof

PROVED, NOT_PROVED, NO_PROOF = "PROVED", "NOT PROVED", "NO PROOF KNOWN"

# So that statements do not depend on the width of anybody's window.
_PRINTING = "Set Printing Width 100.\nSet Printing Depth 1000.\n"
_REALS = "Require Import Reals Lra Psatz List.\nOpen Scope R_scope.\n"


@dataclass(frozen=True)
class Result:
    """What Coq says of a claim.

    Attributes
    ----------
    verdict
        `PROVED`, `NOT_PROVED` or `NO_PROOF`.
    reason
        Why it is not proved.
    statement
        The theorem as Coq prints it.
    axioms
        What it rests on, with the bridge.
    files
        File -> SHA-256, of the theorem's file and what it requires.
    bridged
        The sizes at which the claim's own formula was derived; None without a bridge.
    on
        The set on which it is proved, or was tried, where that is not by Coq.
    by
        What proved it there.
    sizes
        Of its dimensions, for each part of `on`.
    formula
        SHA-256 of what is claimed, see `checker.proofs.fresh`.
    """

    claim: str
    verdict: str
    reason: str = ""
    theorem: str = ""
    note: str = ""
    statement: str = ""
    axioms: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    bridged: tuple[str, ...] | None = None
    on: str = ""
    by: str = ""
    sizes: tuple[Mapping[str, int], ...] = ()
    formula: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Run:
    """The results of a run and the version of Coq, empty where it was not asked."""

    results: tuple[Result, ...]
    version: str = ""


def prove(
    claims: Iterable[tuple[Claim, Proof | None]],
    seconds: float | None = None,
    *,
    reviewed: bool = True,
) -> Run:
    """Check the proofs of claims.

    Parameters
    ----------
    claims
        What is to be proved, and by what.
    seconds
        Time limit for each file.
    reviewed
        Whether the files have to be those that were reviewed; without, any will do that compiles.

    Raises
    ------
    InputError
        When coqc is missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        coq = Coq(Path(folder), seconds)
        results = tuple(_result(claim, proof, coq, reviewed) for claim, proof in claims)
        return Run(results, coq.version)


def _result(claim: Claim, proof: Proof | None, coq: Coq, reviewed: bool) -> Result:
    start = time.monotonic()
    if proof is None:
        return Result(claim.id, NO_PROOF, "no proof is known")
    found: dict[str, Any] = {"theorem": proof.theorem, "note": proof.note}
    try:
        for part in _parts(claim, proof, coq, reviewed):
            found.update(part)
        found["formula"] = claimed(claim, proof)
        verdict, reason = PROVED, ""
    except NotProved as failure:
        verdict, reason = NOT_PROVED, str(failure)
    return Result(claim.id, verdict, reason, **found, seconds=time.monotonic() - start)


def _parts(claim: Claim, proof: Proof, coq: Coq, reviewed: bool) -> Iterator[dict[str, Any]]:
    """What is found out, one after the other, until something fails."""
    sources = {proof.package: proof.root}
    coq.compiled(proof.module, sources)
    bridge = proof.bridge
    modules = [proof.module, *_needed(proof)]
    for module in modules:
        coq.compiled(module, sources)
    files = hashes(coq.sources, proof.root, modules)
    yield {"files": files}
    if reviewed:
        require_reviewed(proof, files)
    answers = coq.answers(
        f"{_REALS}From {proof.module.rpartition('.')[0]} Require "
        f"{proof.module.rpartition('.')[2]}.\n{_PRINTING}",
        {"statement": f"Check {proof.theorem}", "axioms": f"Print Assumptions {proof.theorem}"},
    )
    yield {"statement": answers["statement"].strip()}
    axioms = _standard(axioms_in(answers["axioms"]))
    yield {"axioms": tuple(axioms)}
    if bridge is not None:
        made = _statements(claim, bridge)
        rests = coq.answers(bridge_text(made, _needed(proof)), _assumptions(made))
        used = {a for answer in rests.values() for a in _standard(axioms_in(answer))}
        yield {"axioms": tuple(sorted({*axioms, *used})), "bridged": tuple(s.heading for s in made)}


def _statements(claim: Claim, bridge: Bridge) -> list[Statement]:
    try:
        return statements(claim, bridge)
    except InputError as error:
        raise NotProved(str(error)) from error


def _needed(proof: Proof) -> list[str]:
    """What a bridge imports: the tactics, and the theorems."""
    imports = (
        () if proof.bridge is None else ("proofs.Sums", "proofs.Bridge", *proof.bridge.imports)
    )
    return [f"{proof.package}.{name}" for name in imports]


def bridge_text(made: Sequence[Statement], modules: Sequence[str]) -> str:
    """A file of Coq: first what is claimed, then the theorems, then the proofs.

    The statements come before anything but the real numbers is known, so that no notation or
    definition of a proof can change what they say.
    """
    claimed = [
        f"(* {s.heading} *)\nDefinition statement_{i} : Prop :=\n{s.text}."
        for i, s in enumerate(made)
    ]
    imports = [
        f"From {m.rpartition('.')[0]} Require Import {m.rpartition('.')[2]}." for m in modules
    ]
    proofs = [
        f"Theorem bridge_{i} : statement_{i}.\nProof.\n{s.script}\nQed." for i, s in enumerate(made)
    ]
    return "\n\n".join([_REALS, *claimed, "\n".join(imports), *proofs]) + "\n"


def _assumptions(made: Sequence[Statement]) -> dict[str, str]:
    return {f"axioms_{i}": f"Print Assumptions bridge_{i}" for i in range(len(made))}


def _standard(axioms: Sequence[str]) -> list[str]:
    foreign = [a for a in axioms if a not in STANDARD_AXIOMS]
    if foreign:
        raise NotProved(f"it assumes {', '.join(foreign)}, which is not proved")
    return list(axioms)
