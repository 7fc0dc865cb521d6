"""Every claim of the catalogue against its reference: decisions, and both sides' enclosures.

Each instance is asked the claim as it stands, with its right side times 1 + 2^-40, 1.5, 4 and 1e6,
and all of these reversed: so violations, equalities and near misses occur whatever the strategy.
Premises play no part. The formula has a truth value wherever it is defined, met or not.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb, ctx

from checker.arithmetic.decide import CaseResult, Decision, decide_batch, lift_batch
from checker.arithmetic.inequality import Inequality
from checker.claims.claim import Claim
from checker.instances.draws import draw_last
from checker.instances.fields import Batch, dims_of, numbers_of, with_fields
from soundness.numbers import Undecided
from soundness.papers import REFERENCES
from soundness.papers.registry import Sides
from soundness.plain import plainly
from soundness.reference import FAR

FACTORS = (1.0, 1 + 2.0**-40, 1.5, 4.0, 1e6)
BITS = (256, 1024, 4096)

# Where the reference cannot tell a sign at the last precision, both sides agree to this many bits
# of the larger one or of 1; the product may then call the case equal, or leave it undecided, but
# not violated.
AGREED = 1500

_OPEN = (Decision.TIGHT, Decision.OUT_OF_RANGE)


@dataclass
class Count:
    """What was met at the cases of some claims.

    `unclear`: the reference tells no sign, only that both sides agree to many bits; `undefined`: a
    formula with a division by 0; `beyond`: the reference gave up, as at exp(1e60).
    """

    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    instances: Counter[str] = field(default_factory=Counter)
    enclosures: int = 0
    unclear: int = 0
    undefined: int = 0
    beyond: Counter[str] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)

    def add(self, other: Count) -> None:
        """Merge."""
        self.decisions.update(other.decisions)
        self.instances.update(other.instances)
        self.enclosures += other.enclosures
        self.unclear += other.unclear
        self.undefined += other.undefined
        self.beyond.update(other.beyond)
        self.disagreements += other.disagreements

    @property
    def cases(self) -> int:
        """Decisions that were checked."""
        return sum(self.decisions.values())

    def total(self, kind: str) -> int:
        """Cases with a decision, over all claims."""
        return sum(n for (_, name), n in self.decisions.items() if name == kind)


class Truth:
    """Both sides of a claim at an instance, by its reference, at growing precision."""

    def __init__(self, claim: Claim, instance: Any, sides: Callable[..., Sides]) -> None:
        self.claim, self.sides = claim, sides
        self.given = plainly(instance)
        self.known: list[Sides | None] = []

    def at(self, rung: int) -> Sides | None:
        """None where a sign in a formula is not clear at this precision."""
        while len(self.known) <= rung:
            with ctx.workprec(BITS[len(self.known)]):
                try:
                    # Cached quantities of a lower precision are not to be used again.
                    fresh = type(self.given)(self.given.fields)
                    found = self.sides(fresh, **self.claim.constants)
                except Undecided:
                    found = None
                self.known.append(found)
        return self.known[rung]

    def sign(self, factor: float) -> int | None:
        """The sign of lhs - factor rhs; None where it is not told."""
        for rung, bits in enumerate(BITS):
            found = self.at(rung)
            if found is not None:
                with ctx.workprec(bits):
                    try:
                        return (found.lhs - found.rhs * factor).sign
                    except Undecided:
                        continue
        return None

    def far_sign(self, factor: float) -> int | None:
        """The same at a precision at which exp(-100,000) is seen beside 1."""
        with ctx.workprec(FAR[0]):
            try:
                fresh = type(self.given)(self.given.fields)
                found = self.sides(fresh, **self.claim.constants)
                return (found.lhs - found.rhs * factor).sign
            except Undecided:
                return None

    def agree(self, factor: float) -> bool:
        """Whether both sides are equal to `AGREED` bits, where no sign is told."""
        found = self.at(len(BITS) - 1)
        assert found is not None
        with ctx.workprec(BITS[-1]):
            lhs, rhs = found.lhs.enclosed, (found.rhs * factor).enclosed
            scale = abs(lhs).max(abs(rhs)).max(arb(1))
            return bool(abs(lhs - rhs) <= scale * arb(2) ** -AGREED)


def trouble(result: CaseResult, sign: int | None, agree: bool) -> str | None:
    """What is wrong with a decision, if anything is."""
    decision = result.decision
    if result.guarantee == "unproved":
        return "nothing is proved"
    if decision in _OPEN:
        return None
    if sign is None:
        # HOLDS includes equality, of which balls may know.
        if not agree:
            return f"{decision.name}, and the reference is too wide to tell"
        # In closed form exponentials of any numbers are letters, which no ball is.
        wrong = decision is Decision.VIOLATED and result.guarantee != "exact"
        return f"{decision.name}, but equal to {AGREED} bits" if wrong else None
    allowed = {Decision.HOLDS: (0, 1), Decision.EQUAL: (0,), Decision.VIOLATED: (-1,)}[decision]
    return None if sign in allowed else f"{decision.name}, but the sign is {sign}"


def outside(result: CaseResult, sides: Sides, bits: int) -> str | None:
    """Whether a side lies outside of what the product encloses."""
    with ctx.workprec(bits):
        pairs = (
            ("left", result.lhs, result.lhs_radius, sides.lhs),
            ("right", result.rhs, result.rhs_radius, sides.rhs),
        )
        for name, value, radius, true in pairs:
            if not (np.isfinite(value) and np.isfinite(radius)):
                continue
            ball = true.enclosed
            if ball.is_finite() and abs(ball - arb(value)) > arb(radius):
                return f"{name} side {value!r} ± {radius!r} excludes {ball.str(25)}"
    return None


def compare(claim: Claim, batch: Batch, formula: Callable[..., Inequality] | None = None) -> Count:
    """Every case of a batch, asked all questions.

    `formula` stands for the claim's own: a planted fault is to be found.
    """
    count, sides = Count(), REFERENCES[claim.id]
    truths = [_truth(claim, batch.case(i), sides, count) for i in range(batch.size)]
    count.instances[claim.id] += batch.size
    asked = claim if formula is None else _replaced(claim, formula)
    with np.errstate(all="ignore"):
        # The lifted batch keeps what several questions share.
        lifted = lift_batch(batch)
        for factor in FACTORS:
            for reverse in (False, True):
                question = _question(asked, factor, reverse)
                decided = decide_batch(question, batch, claim.weight, lifted)
                for index, truth in enumerate(truths):
                    if truth is not None:
                        where = (batch, factor, reverse)
                        _check(claim, truth, decided.result(index), where, count)
    return count


def _replaced(claim: Claim, formula: Callable[..., Inequality]) -> Callable[[Any], Inequality]:
    return lambda at: formula(at, **claim.constants)


def _question(claim: Callable[[Any], Any], factor: float, reverse: bool) -> Callable[[Any], Any]:
    def ask(at: Any) -> Any:
        inequality = claim(at)
        rhs = inequality.rhs if factor == 1 else inequality.rhs * factor
        return (rhs >= inequality.lhs) if reverse else (inequality.lhs >= rhs)

    return ask


def _truth(claim: Claim, instance: Any, sides: Callable[..., Sides], count: Count) -> Truth | None:
    """None where the claim's formula is not defined, as at w = 0, or at numbers that are none."""
    truth = Truth(claim, instance, sides)
    if not all(np.isfinite(a).all() for a in numbers_of(instance).values()):
        count.undefined += 1
        return None
    try:
        truth.at(0)
    except ZeroDivisionError:
        count.undefined += 1
        return None
    return truth


def _check(claim: Claim, truth: Truth, result: CaseResult, where: Any, count: Count) -> None:
    batch, factor, reverse = where
    sign = truth.sign(factor)
    if sign is None and truth.at(len(BITS) - 1) is None:
        count.beyond[claim.id] += 1
        return
    agree = sign is None and truth.agree(factor)
    if sign is None and result.guarantee == "exact" and result.decision is not Decision.EQUAL:
        sign = truth.far_sign(factor)
    signed = -sign if reverse and sign is not None else sign
    count.decisions[claim.id, result.decision.name] += 1
    count.unclear += sign is None
    found = trouble(result, signed, agree)
    if found is None and factor == 1 and not reverse:
        found = _outside(truth, result, count)
    if found is not None:
        question = f"rhs times {factor!r}{', reversed' * reverse}"
        count.disagreements.append(
            f"{claim.id} ({question}), {batch.stratum}: {found} [{result.guarantee}]; "
            f"{truth.given.fields}"
        )


def _outside(truth: Truth, result: CaseResult, count: Count) -> str | None:
    for rung in reversed(range(len(truth.known))):
        sides = truth.known[rung]
        if sides is not None:
            count.enclosures += 2
            return outside(result, sides, BITS[rung])
    return None


# -- what is drawn --------------------------------------------------------------------------------


def batches(claim: Claim, size: int, turn: int) -> Iterator[Batch]:
    """One batch of every stratum of a claim, and a distorted copy of each."""
    for name, strategy in claim.domain.strata.items():
        seed = zlib.crc32(f"{claim.id}, {name}, {turn}".encode())
        rng = np.random.default_rng(seed)
        structure = draw_last(strategy, seed)
        if structure is None:
            continue
        batch = structure.batch(rng, size)
        if not batch.size:
            continue
        yield batch
        if not claim.domain.found:
            yield distorted(batch, rng)


def distorted(batch: Batch, rng: np.random.Generator) -> Batch:
    """The batch with its real fields changed: scaled, rounded, or moved by one unit in the last
    place. Labels and other fields with a domain of their own stay as they are.
    """
    kinds = dims_of(type(batch.instances))
    real = [n for n, dims in kinds.items() if dims.domain == "real"]
    chosen = [n for n in real if isinstance(getattr(batch.instances, n), np.ndarray)]
    if not chosen:
        return batch
    changes = {n: _DISTORTIONS[rng.integers(len(_DISTORTIONS))] for n in chosen}
    moved = {n: change(getattr(batch.instances, n), rng) for n, change in changes.items()}
    return Batch(with_fields(batch.instances, **moved), batch.size, f"{batch.stratum}, distorted")


def _rescaled(a: Any, rng: np.random.Generator) -> Any:
    return a * 10.0 ** rng.uniform(-3, 3, a.shape[-1])


def _far(a: Any, rng: np.random.Generator) -> Any:
    """By up to 1e±60."""
    return a * 10.0 ** (rng.choice([-1, 1], a.shape[-1]) * rng.uniform(0, 60, a.shape[-1]))


def _rounded(a: Any, rng: np.random.Generator) -> Any:
    return np.rint(2 * np.clip(a, -1e6, 1e6)) / 2


def _neighbouring(a: Any, rng: np.random.Generator) -> Any:
    return np.where(rng.random(a.shape) < 0.5, np.nextafter(a, rng.choice([-9e9, 9e9])), a)


def _same(a: Any, rng: np.random.Generator) -> Any:
    return a


_DISTORTIONS = (_rescaled, _far, _rounded, _neighbouring, _same, _same)
