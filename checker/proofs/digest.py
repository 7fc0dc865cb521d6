"""Digests of what is claimed: evidence of a proof counts only for the formula that was proved."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Sequence

from checker.claims.claim import Claim
from checker.proofs.boxes.program import Problem
from checker.proofs.bridge import statements
from checker.proofs.table import Proof


def claimed(claim: Claim, proof: Proof) -> str:
    """SHA-256 of a claim's formula as it is traced at the sizes of its bridge.

    Without a bridge it is that of the text of its function, with its constants and assumptions:
    a change in what the function calls is not seen, as it is not by a reader of the claim alone.
    """
    if proof.bridge is not None:
        return _digest([[s.heading, s.text] for s in statements(claim, proof.bridge)])
    constants = sorted((name, str(value)) for name, value in claim.constants.items())
    return _digest([_source(claim), constants, [a.name for a in claim.assuming]])


def of_problems(problems: Sequence[Problem]) -> str:
    """SHA-256 of what was proved on boxes: the boxes, the operations, what is asserted of them."""
    relations = [[[r.slack, r.strict, r.premises] for r in p.relations] for p in problems]
    parts = [[p.names, p.box, p.open_below, p.steps] for p in problems]
    return _digest([parts, relations])


def _source(claim: Claim) -> str:
    try:
        return inspect.getsource(claim.formula)
    except (OSError, TypeError):
        return repr(claim.formula)


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode("utf-8")).hexdigest()
