"""A saved pooled test, made again from the seeds of its experiments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checker.claims.claim import Claim
from checker.claims.pooled import Pooled
from checker.errors import InputError
from checker.report.pooled import drawn_from_json
from checker.report.records import Pooled as PooledRecord
from checker.report.records import read_as
from checker.search.experiments import experiments_again
from checker.search.pooling import proved_again, tasks_of_pool


@dataclass(frozen=True, eq=False)
class ReplayedPool:
    """A pooled test that was made again from the seeds of its experiments.

    Attributes
    ----------
    lost
        Experiments that their seeds do not give any more.
    recorded
        Whether the claim was refuted, on file.
    """

    claim: Claim
    pooled: Pooled
    lost: int
    recorded: bool

    @property
    def agrees(self) -> bool:
        """Whether all experiments are there, and the outcome is that on file."""
        return not self.lost and self.pooled.refutes == self.recorded

    @property
    def refutes(self) -> bool:
        """Whether a claim that ought to stand is refuted."""
        return not self.lost and self.pooled.refutes and not self.claim.must_be_refuted


def replay_pooled(claim: Claim, saved: dict[str, Any]) -> ReplayedPool:
    """Draw the experiments again, prove the failures, and test again.

    Raises
    ------
    InputError
        When the entry is not what this version writes, or the claim has no experiments.
    """
    read_as(saved, PooledRecord, f"the pooled test of {claim.id}")
    if claim.trials is None:
        raise InputError(
            f"{claim.id} is not a claim about probabilities, but a pooled test is saved"
        )
    drawn = tuple(drawn_from_json(saved["experiments"]))
    again = Pooled(drawn, saved["complete"])
    tasks = tasks_of_pool(again)
    lost = sum(x is None for task in tasks for x in experiments_again(claim.domain, task))
    pooled = proved_again(claim, claim.domain, again)
    return ReplayedPool(claim, pooled, lost, saved["refutes"])
