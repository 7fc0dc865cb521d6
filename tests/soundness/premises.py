"""Minima that the product proves, proved again by the reference."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from checker.search.draws import draw_last
from flint import ctx

from checker.claims.claim import Claim
from checker.landscape.minima.proof import is_local_minimum
from soundness.numbers import Undecided
from soundness.papers.minima import has_minimum
from soundness.plain import plainly

BITS = 512

CLAIMS = ("shamir2018.corollary1", "shamir2018.remark1_corollary1", "kawaguchi2019.local_minima")


@dataclass
class Proofs:
    """How many proofs were confirmed, and which were not; `silent`: balls in all parameters."""

    confirmed: int = 0
    silent: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Proofs) -> None:
        self.confirmed += other.confirmed
        self.silent += other.silent
        self.wrong += other.wrong


def checked(claim: Claim, size: int, turn: int) -> Proofs:
    """One batch of every stratum of a claim on minima."""
    found = Proofs()
    for name, strategy in claim.domain.strata.items():
        seed = zlib.crc32(f"minima, {claim.id}, {name}, {turn}".encode())
        structure = draw_last(strategy, seed)
        if structure is None:
            continue
        batch = structure.batch(np.random.default_rng(seed), size)
        for index in range(batch.size):
            found.add(confirmed(batch.case(index)))
    return found


def confirmed(point: Any) -> Proofs:
    """Whether the reference proves what the product proves of a point."""
    if not is_local_minimum(point):
        return Proofs()
    given = plainly(point)
    with ctx.workprec(BITS):
        try:
            proved = has_minimum(given)
        except Undecided:
            proved = False
    if proved is None:
        return Proofs(silent=1)
    return Proofs(confirmed=1) if proved else Proofs(wrong=[f"no minimum proved: {given.fields}"])
