"""Claims with several conclusions: each is searched for on its own, and all have to stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from checker.arithmetic.decide import Decision
from checker.claims.claim import Claim
from checker.claims.verdict import Evidence, Verdict
from checker.errors import Caught
from checker.instances.draws import draw_last, draw_many
from checker.search.engines.crew import Crew, Job
from checker.waiting import FIRST_SECONDS

# Of several conclusions the verdict that comes first here is that of the claim: it stands where all
# of them do, so whatever leaves one open counts. (Of two runs on one claim the one that did less
# counts less, see `report.evidence`.)
_GRAVITY = (
    Verdict.ORACLE_BROKEN,
    Verdict.REFUTED,
    Verdict.ERROR,
    Verdict.UNDECIDED,
    Verdict.NOT_RUN,
    Verdict.PARTIAL,
    Verdict.VACUOUS,
    Verdict.STANDS,
)


def _as_identity(evidence: Evidence) -> Evidence:
    """Where every case is equal, proved exactly, the evidence says so."""
    equal, cases = evidence.tally.decisions[Decision.EQUAL.name], evidence.tally.cases
    if evidence.verdict is not Verdict.STANDS or evidence.reason or equal != cases:
        return evidence
    return replace(evidence, reason=f"equality, proved exactly in {cases:,} cases")


def parts_of(claim: Claim, crew: Crew, workers: int) -> list[Claim]:
    """The claims of its single conclusions, as an instance of its domain shows them.

    Looked up as the search works, by its crew: what a formula raises, what has no end and what
    kills its process is told by the search, with the instance.

    Raises
    ------
    KeyboardInterrupt
        On a signal.
    """
    if claim.source is not None:
        return [claim]
    end, looking = crew.end_of(FIRST_SECONDS), [Looking(claim.id)]
    # Without an answer in time it is searched as it is.
    found = list(crew.in_order(looking, workers, deadline=end, on_loss=lambda *_: 1))
    count = found[0][1] if found else 1
    return [claim] if count == 1 else [claim.single(k) for k in range(count)]


@dataclass(frozen=True)
class Looking(Job):
    """How many conclusions a claim has, by its id."""

    name: str

    def subject(self) -> str:
        """The claim."""
        return self.name

    def seconds(self) -> float:
        """A short while: what hangs is found by the search."""
        return FIRST_SECONDS

    def done(self, place: Mapping[str, Claim]) -> int:
        """Do it."""
        claim = place[self.name]
        with Caught():
            instance = _instance_of(claim)
            return 1 if instance is None else len(claim.parts_at(instance))
        return 1


def _instance_of(claim: Claim) -> Any:
    for strategy in claim.domain.strata.values():
        structure = draw_last(strategy, 0)
        if structure is not None:
            batch = structure.batch(np.random.default_rng(0), 1)
            if batch.size:
                return batch.case(0)
    return next(iter(draw_many(claim.domain.instances, 1, 0)), None)


def joined(claim: Claim, found: Sequence[Evidence]) -> Evidence:
    """The evidence on a claim from that on each of its conclusions: the gravest of them."""
    if len(found) == 1:
        return _as_identity(found[0])
    worst = min(range(len(found)), key=lambda k: _GRAVITY.index(found[k].verdict))
    evidence = found[worst]
    said = ""
    if evidence.verdict is not Verdict.STANDS:
        reason = f"; {evidence.reason}" if evidence.reason else ""
        said = f"conclusion {worst + 1} of {len(found)}{reason}"
    seconds, cut = sum(e.seconds for e in found), any(e.interrupted for e in found)
    return replace(evidence, claim=claim, reason=said, seconds=seconds, interrupted=cut)
