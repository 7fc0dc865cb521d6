"""The best value of a constant: the infimum for which the claim survives the search.

Each violating instance has a critical value at which it violates no longer; it bounds the best
constant, proved by the ladder. Descending on the slack at that very value and taking the new
critical value is Dinkelbach's method for fractional programs (Management Science 13, 1967): near
the optimum each round about squares the distance to it.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic.decide import Decision, decide_alone
from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.instances.rounding import exact_fraction
from checker.search.budgets import BISECTIONS, POLISHING_ROUNDS, SHARPEN_RESOLUTION, SHARPEN_STEP
from checker.search.guided.climb import improve, starts
from checker.search.guided.hunt import Budget, Hunt, hunt
from checker.search.guided.population import Population
from checker.search.guided.score import scored
from checker.stopping import Stopped, check, stopped, working_on


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
    cut
        Whether it was told to stop: `fails_at` is then a bound, and nothing is known to survive.
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
    cut: bool = False

    @property
    def best(self) -> Fraction | None:
        """The infimum for which the claim survives, from the failing side; None: no direction.

        None as well where the search was cut before anything failed.
        """
        if not self.weaker or (self.cut and self.fails_at is None):
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


def _number(claim: Claim, name: str) -> Fraction:
    value = claim.constants[name]
    try:
        return Fraction(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"the constant {name} of {claim.id} is {value!r}, no number",
            hint="Name another with --constant",
        ) from error


class _Sharpener:
    def __init__(self, claim: Claim, name: str, seed: int, budget: Budget, report: Report) -> None:
        self.claim, self.name, self.budget, self.report = claim, name, budget, report
        self.stem = (seed, zlib.crc32(f"{claim.id}:{name}".encode()))
        self.printed = _number(claim, name)
        self.scale = abs(self.printed) or Fraction(1)
        self.started = time.monotonic()
        self.evaluations = self.rounds = self.weaker = 0
        self.witness: Witness | None = None

    def run(self) -> Sharpened:
        """Hunt ever nearer to the best value, until a step beyond it survives."""
        working_on(self.claim.id)
        self.weaker = self._direction()
        if not self.weaker:
            return self._result(None, self.printed, 0)
        # The demanding end: a term dropped, or twice as much claimed.
        value = self.printed - self.weaker * self.scale
        reached: Fraction | None = None
        last = self._hunt(value)
        while last.found is not None:
            reached = self._polished(last.found, value)
            self.report(reached)
            step = self.weaker * self.scale * Fraction(SHARPEN_STEP)
            value = self._short(reached + step, self.weaker)
            last = self._hunt(value)
        fails = None
        if self.witness is not None and reached is not None:
            fails = self._failing(self.witness, reached)
        return self._result(fails, value, last.evaluations)

    def _failing(self, witness: Witness, reached: Fraction) -> Fraction:
        """A short decimal at which the witness fails, too, if the next one is such a value."""
        short = self._short(reached, -self.weaker)
        return short if self._violates(witness, short) else reached

    def _short(self, value: Fraction, side: int) -> Fraction:
        """The next decimal upwards (side 1) or downwards, a few digits finer than the search is."""
        unit = Fraction(10) ** math.floor(math.log10(self.scale * Fraction(SHARPEN_RESOLUTION)))
        return side * math.ceil(side * value / unit) * unit

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
            cut=stopped(),
        )

    def _at(self, value: Fraction) -> Claim:
        """The claim at another value; experiments alone, as the search goes on from instances."""
        return replace(self.claim.with_constants(**{self.name: value}), trials=None)

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
        check()
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
        if found.fault is not None:
            raise found.fault.exception
        return found

    def _polished(self, witness: Witness, value: Fraction) -> Fraction:
        """The critical value that repeated descent reaches from a violating instance."""
        for _ in range(POLISHING_ROUNDS):
            try:
                reached = self._critical(witness, value)
            except Stopped:
                # It violates the claim at `value`, which is as much as is known.
                self.witness = witness
                break
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
                f"a case violates {self.claim.id} even at {self.name} = {exact_fraction(holding)}",
                why="This constant alone hardly makes the claim true",
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
        result = decide_alone(self._at(value), witness.instance, self.claim.weight)
        return result.decision is Decision.VIOLATED
