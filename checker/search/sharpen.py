"""The best value of a constant: the infimum for which the claim survives the search.

Each violating instance has a critical value at which it violates no longer; it bounds the best
constant, proved by the ladder. Descending on the slack at that very value and taking the new
critical value is Dinkelbach's method for fractional programs (Management Science 13, 1967): near
the optimum each round about squares the distance to it.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic.decide import Decision, decide_case
from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.search.budgets import BISECTIONS, POLISHING_ROUNDS, SHARPEN_RESOLUTION, SHARPEN_STEP
from checker.search.climb import improve, starts
from checker.search.hunt import Budget, Hunt, hunt
from checker.search.population import Population
from checker.search.score import scored


@dataclass(frozen=True, eq=False)
class Sharpened:
    """The best value of one constant, the others as printed.

    Attributes
    ----------
    name, printed
        The constant and its value in the claim.
    weaker
        +1 if larger values make the claim weaker, -1 if smaller ones do, 0 if neither, as for a
        constant without effect and for that of an identity.
    fails_at
        The weakest value known to fail, proved by `witness`; None if none was found.
    survives_at
        The most demanding value at which the final hunt found no violation.
    evaluations, seconds
        Spent in all; `surviving_evaluations` of them at `survives_at`.
    """

    name: str
    printed: Fraction
    weaker: int
    fails_at: Fraction | None
    survives_at: Fraction
    witness: Witness | None
    evaluations: int
    surviving_evaluations: int
    seconds: float

    @property
    def best(self) -> Fraction | None:
        """The infimum for which the claim survives, from the failing side; None: no direction."""
        if not self.weaker:
            return None
        return self.survives_at if self.fails_at is None else self.fails_at

    @property
    def refuted(self) -> bool:
        """Whether the printed value, or a weaker one, is known to fail."""
        return self.fails_at is not None and self.weaker * (self.fails_at - self.printed) >= 0


# Called with each better value on the failing side.
Report = Callable[[Fraction], None]


def sharpen(
    claim: Claim, name: str, seed: int, budget: Budget, report: Report = lambda _: None
) -> Sharpened:
    """Find the best value of one constant of a claim. The budget holds for each hunt.

    Raises
    ------
    InputError
        For an unknown constant, one that is no number, and a claim that no case says anything of.
    """
    if name not in claim.constants:
        known = ", ".join(claim.constants) or "none"
        raise InputError(
            f"{claim.id} has no constant {name!r}", hint=f"constants of this claim: {known}"
        )
    return _Sharpener(claim, name, seed, budget, report).run()


class _Sharpener:
    def __init__(self, claim: Claim, name: str, seed: int, budget: Budget, report: Report) -> None:
        self.claim, self.name, self.budget, self.report = claim, name, budget, report
        self.stem = (seed, zlib.crc32(f"{claim.id}:{name}".encode()))
        self.printed = Fraction(claim.constants[name])
        self.scale = abs(self.printed) or Fraction(1)
        self.started = time.monotonic()
        self.evaluations = self.rounds = self.weaker = 0
        self.witness: Witness | None = None

    def run(self) -> Sharpened:
        """Hunt ever nearer to the best value, until a step beyond it survives."""
        self.weaker = self._direction()
        if not self.weaker:
            return self._result(None, self.printed, 0)
        # The demanding end: a term dropped, or twice as much claimed.
        value = self.printed - self.weaker * self.scale
        last = self._hunt(value)
        while last.found is not None:
            reached = self._polished(last.found, value)
            self.report(reached)
            value = reached + self.weaker * self.scale * Fraction(SHARPEN_STEP)
            last = self._hunt(value)
        fails = None if self.witness is None else reached
        return self._result(fails, value, last.evaluations)

    def _result(self, fails: Fraction | None, survives: Fraction, surviving: int) -> Sharpened:
        return Sharpened(
            self.name,
            self.printed,
            self.weaker,
            fails,
            survives,
            self.witness,
            self.evaluations,
            surviving,
            time.monotonic() - self.started,
        )

    def _at(self, value: Fraction) -> Claim:
        return self.claim.with_constants(**{self.name: value})

    def _direction(self) -> int:
        """Which way the constant weakens the claim, by a vote of random cases.

        Those where the bound says nothing have no say unless there are no others: where both sides
        are negative, what widens the bound elsewhere narrows it.
        """
        drawn = starts(self.claim.domain, np.random.default_rng(self.stem))
        voices = [self._voices(population) for population in drawn]
        votes = np.concatenate([votes for votes, _ in voices] or [np.zeros(0)])
        nontrivial = np.concatenate([known for _, known in voices] or [np.zeros(0, dtype=bool)])
        votes = votes[nontrivial] if nontrivial.any() else votes
        if not votes.size:
            raise InputError(
                f"no case drawn for {self.claim.id} says anything about its constants",
                why="None met the assumptions with a slack that is known",
                hint=f"See `checker verify {self.claim.id}` for its verdict",
            )
        return int(np.sign(votes.sum())) if abs(votes.sum()) * 8 > votes.size else 0

    def _voices(self, population: Population) -> tuple[FloatArray, NDArray[np.bool_]]:
        """-1, 0 or 1 of each case that knows, and whether its bound says something."""
        near = (self._at(self.printed + side * self.scale / 16) for side in (-1, 0, 1))
        scores = [scored(c, population) for c in near]
        # Not relative to its sides, which the constant moves too.
        slacks = np.array([one.slack for one in scores])
        knows = np.isfinite(slacks).all(axis=0)
        low, middle, high = slacks[:, knows]
        # The slack of an identity is greatest at the printed value.
        between = (np.minimum(low, high) <= middle) & (middle <= np.maximum(low, high))
        return np.sign(high - low) * between, scores[1].nontrivial[knows]

    def _hunt(self, value: Fraction) -> Hunt:
        self.rounds += 1
        found = hunt(self._at(value), (*self.stem, self.rounds), self.budget, reduce=False)
        self.evaluations += found.evaluations
        return found

    def _polished(self, witness: Witness, value: Fraction) -> Fraction:
        """The critical value that repeated descent reaches from a violating instance."""
        for _ in range(POLISHING_ROUNDS):
            reached = self._critical(witness, value)
            self.witness = witness
            if abs(reached - value) <= self.scale * Fraction(SHARPEN_RESOLUTION):
                return reached
            value = reached
            find = improve(self._at(value), witness, (*self.stem, self.rounds))
            self.evaluations += find.evaluations
            if find.violation is None:
                break
            witness = find.violation
        return value

    def _critical(self, witness: Witness, failing: Fraction) -> Fraction:
        """The weakest value, up to bisection, at which this instance still violates the claim."""
        holding = failing + self.weaker * 2 * self.scale
        if self._violates(witness, holding):
            raise InputError(
                f"a case violates {self.claim.id} for every value of {self.name} up to "
                f"{float(holding)}",
                why="No value of this constant alone makes the claim true",
                hint=f"See `checker verify {self.claim.id}`",
            )
        for _ in range(BISECTIONS):
            middle = (failing + holding) / 2
            if self._violates(witness, middle):
                failing = middle
            else:
                holding = middle
        return failing

    def _violates(self, witness: Witness, value: Fraction) -> bool:
        result = decide_case(self._at(value), witness.instance, self.claim.weight)
        return result.decision is Decision.VIOLATED
