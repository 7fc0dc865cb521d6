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
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic.decide import Decision, decide_alone
from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.instances.rounding import exact_fraction
from checker.search.budgets import (
    BISECTIONS,
    POLISHING_ROUNDS,
    SHARPEN_ATTEMPTS,
    SHARPEN_FACTORS,
    SHARPEN_NEARLY,
    SHARPEN_RESOLUTION,
    SHARPEN_STEP,
)
from checker.search.guided.climb import improve, starts
from checker.search.guided.hunt import Budget, Hunt, hunt
from checker.search.guided.population import Population
from checker.search.guided.score import scored
from checker.search.reduction.reduce import reduced
from checker.search.sharpening.closed_forms import Form, closed_form
from checker.search.sharpening.result import Known, Sharpened
from checker.stopping import Stopped, check, stopped, working_on

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
        reached: Fraction | None = None
        value, last = self._demanding()
        while last.found is not None:
            reached = self._polished(last.found, value)
            self.report(reached)
            step = self.weaker * self.scale * Fraction(SHARPEN_STEP)
            value = self._short(reached + step, self.weaker)
            last = self._hunt(value)
        fails = known = None
        if self.witness is not None and reached is not None:
            known = self._known(*sorted((reached, value)))
            fails = self._failing(self.witness, reached)
            self.witness = self._readable(self.witness, fails, known)
        return self._result(fails, value, last.evaluations, known)

    def _demanding(self) -> tuple[Fraction, Hunt]:
        """A value that fails: a term dropped, or twice as much claimed, then ever more."""
        for factor in SHARPEN_FACTORS:
            value = self.printed - self.weaker * factor * self.scale
            last = self._hunt(value)
            if last.found is not None or stopped():
                break
        return value, last

    def _known(self, low: Fraction, high: Fraction) -> Known | None:
        """A closed form between a failing and a surviving value, if it survives, too."""
        form = None if stopped() else closed_form(low, high)
        if form is None:
            return None
        last = self._hunt(form.value)
        if last.found is not None or stopped():
            return None
        return Known(form, last.evaluations, self._attained(form))

    def _attained(self, form: Form) -> Witness | None:
        """A readable case with equality at a closed form: one that violates a little before it."""
        assert self.witness is not None
        near = self.weaker * self.scale * Fraction(SHARPEN_NEARLY)
        for value in (form.rough - near, form.rough - near * Fraction(SHARPEN_NEARLY)):
            small = self._reduced(self.witness, value)
            if small is None:
                continue
            small = self._seen_at(form.value, small)
            if small.result.decision is Decision.EQUAL:
                return small
        return None

    def _readable(self, witness: Witness, fails: Fraction, known: Known | None) -> Witness:
        """A short violation at a failing value, if one is found."""
        attained = None if known is None else known.attained
        if attained is None or not self._violates(attained, fails):
            attained = self._reduced(witness, fails)
        return self._seen_at(fails, attained or witness)

    def _reduced(self, witness: Witness, value: Fraction) -> Witness | None:
        """A short violation at a value; None if the witness is none there, or time is over."""
        if stopped() or not self._violates(witness, value):
            return None
        start = self._seen_at(value, witness)
        small = reduced(self._at(value), start, attempts=SHARPEN_ATTEMPTS)
        return small if self._violates(small, value) else None

    def _failing(self, witness: Witness, reached: Fraction) -> Fraction:
        """A short decimal at which the witness fails, too, if the next one is such a value."""
        short = self._short(reached, -self.weaker)
        return short if self._violates(witness, short) else reached

    def _short(self, value: Fraction, side: int) -> Fraction:
        """The next decimal upwards (side 1) or downwards, a few digits finer than the search is."""
        unit = Fraction(10) ** math.floor(math.log10(self.scale * Fraction(SHARPEN_RESOLUTION)))
        return side * math.ceil(side * value / unit) * unit

    def _result(
        self,
        fails: Fraction | None,
        survives: Fraction,
        surviving: int,
        known: Known | None = None,
    ) -> Sharpened:
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
            known=known,
        )

    def _at(self, value: Any) -> Claim:
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

    def _hunt(self, value: Any) -> Hunt:
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
        weakest = self.weaker * (self.printed + self.weaker * self.scale)
        holding = max(self.weaker * failing + 2 * self.scale, weakest) * self.weaker
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
        return self._seen_at(value, witness).result.decision is Decision.VIOLATED

    def _seen_at(self, value: Any, witness: Witness) -> Witness:
        """The witness with what the ladder says of it at a value."""
        result = decide_alone(self._at(value), witness.instance, self.claim.weight)
        return replace(witness, result=result)
