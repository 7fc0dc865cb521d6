"""The pooled test in audits, JSON and text, and replayed from its seeds."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from checker.claims.claim import Claim
from checker.report.audit import audit_to_json
from checker.report.evidence import claim_to_json
from checker.report.pooled import pooled_line
from checker.report.pooled_replay import replay_pooled
from checker.report.provenance import Provenance
from checker.report.records import Claim as ClaimRecord
from checker.report.records import Pooled as PooledRecord
from checker.report.records import read_as
from checker.search.audit import Item, audit
from checker.search.guided.hunt import Budget
from checker.search.verify import Plan, verify
from search.coins import ODDS, RUNS, planted


def test_audit_kills_by_all_experiments_together() -> None:
    claim = planted(3 / ODDS, kind="must-be-refuted")
    (result,) = audit([Item(claim, claim.id)], 0, Budget(10_000), 1)
    assert result.refuted
    assert result.hunt.violation is None
    made = Provenance((), 1, None, 1)
    entry = audit_to_json([result], 0, interrupted=False, made=made)["neighbours"][0]
    read_as(entry["pooled"], PooledRecord, "here")
    assert entry["pooled"]["refutes"]


def test_evidence_says_which_rate_would_have_been_noticed() -> None:
    (evidence,) = verify(Plan((planted(0.0),), seed=0))
    entry = claim_to_json(evidence)
    read_as(entry, ClaimRecord, "here")
    assert entry["pooled"]["noticed"] == 1.95
    assert pooled_line(entry["pooled"]) == (
        "0 of 768 runs of 48 experiments failed; at δ = 1/8 more than 155 have probability 2^-30 "
        "at most; a failure rate of 1.95 δ would have been noticed with probability 0.99 at least"
    )


def saved(claim: Claim) -> dict[str, Any]:
    (evidence,) = verify(Plan((claim,), seed=2))
    entry: dict[str, Any] = claim_to_json(evidence)["pooled"]
    return entry


def test_refutation_is_replayed_from_its_seeds() -> None:
    claim = planted(2 / ODDS)
    entry = saved(claim)
    again = replay_pooled(claim, entry)
    assert again.agrees
    assert again.refutes
    assert again.pooled.proved == entry["proved"]


def test_replay_believes_no_counts() -> None:
    """Failures that the seeds do not give are not there."""
    claim = planted(1 / ODDS)
    entry = saved(claim)
    forged = copy.deepcopy(entry) | {"refutes": True}
    for task in forged["experiments"]:
        task["failures"] = [RUNS] * len(task["failures"])
    again = replay_pooled(claim, forged)
    assert not again.agrees
    assert not again.refutes


@pytest.mark.parametrize("column", ["checksums", "index", "seed"])
def test_replay_notices_other_experiments(column: str) -> None:
    claim = planted(2 / ODDS)
    entry = copy.deepcopy(saved(claim))
    entry["experiments"][0][column][-1] += 100
    again = replay_pooled(claim, entry)
    assert again.lost
    assert not again.agrees
    assert not again.refutes
