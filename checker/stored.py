"""Counterexamples that tests have found, kept where Hypothesis keeps its own, and tried first.

A stored case is decided anew each time: it refutes the claim as it is now, or is forgotten.
"""

from __future__ import annotations

import json
import time
from collections import Counter

from hypothesis import settings

from checker.claims.claim import Claim
from checker.claims.verdict import Evidence, StratumCount, Tally, Verdict, Witness
from checker.errors import InputError
from checker.report.evidence import witness_to_json
from checker.report.replay import replay


def _key(claim: Claim) -> bytes:
    return f"landscape-checker {claim.id}".encode("utf-8", "surrogatepass")


def store(evidence: Evidence) -> None:
    """Keep the counterexample of a refuted claim; nothing where Hypothesis has no database."""
    database, witness = settings().database, evidence.counterexample
    if database is None or evidence.verdict is not Verdict.REFUTED or witness is None:
        return
    saved = witness_to_json(witness, evidence.claim.id)
    database.save(_key(evidence.claim), json.dumps(saved, sort_keys=True).encode())


def refuted_again(claim: Claim) -> Evidence | None:
    """Evidence from the first stored case that still refutes a claim, or None."""
    database = settings().database
    if database is None or claim.must_be_refuted:
        return None
    began = time.perf_counter()
    for content in sorted(database.fetch(_key(claim)), key=lambda c: (len(c), c)):
        witness = _refuting(claim, content)
        if witness is not None:
            return _evidence(claim, witness, time.perf_counter() - began)
        database.delete(_key(claim), content)
    return None


def _refuting(claim: Claim, content: bytes) -> Witness | None:
    try:
        replayed = replay(claim, "case", json.loads(content))
    # What others wrote, or what does not fit the claim any more.
    except (InputError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return replayed.witness if replayed.refutes else None


def _evidence(claim: Claim, witness: Witness, seconds: float) -> Evidence:
    result, stratum = witness.result, witness.stratum or "stored"
    tally = Tally(
        cases=1,
        nontrivial=int(result.nontrivial),
        decisions=Counter([result.decision.name]),
        rungs=Counter([result.rung]),
        strata={stratum: StratumCount(1, int(result.nontrivial))},
        worst=witness,
    )
    reason = "a case that an earlier test had found"
    return Evidence(claim, Verdict.REFUTED, reason, tally, seconds, witness)
