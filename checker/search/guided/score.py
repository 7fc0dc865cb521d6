"""How near to a violation candidates are: the relative slack, with and without its error bound.

The guided search climbs on slack *plus* error bound. On bare floats it would climb into rounding
noise and report violations of true claims by the hundred (an upper bound below 0 is a proof).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import autograd
import numpy as np
from numpy.typing import NDArray

from checker.arithmetic.decide import lift_batch, premises_of, size_of, weighed
from checker.arithmetic.lifting import lifted
from checker.arithmetic.plain import Traced
from checker.claims.claim import Assumption, Claim, Domain
from checker.errors import FormulaError, InputError
from checker.instances.fields import Batch, FloatArray, finite_cases, with_fields
from checker.search.guided.population import Population


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of a population, (size,) each.

    Attributes
    ----------
    upper
        Proved upper bound of slack / max(|lhs|, |rhs|) up to roundings of the division; below 0
        the claim is violated. inf where nothing is known or the assumptions do not hold.
    slack
        lhs - rhs as float64 has it; inf where it is no number or the assumptions do not hold.
    nontrivial
        Whether the bound says something.
    valued
        Whether the assumptions hold and the slack is known to be a number, be it 0 of 0.
    unknown
        Whether float64 knows no relative slack of a case that meets the assumptions.
    """

    upper: FloatArray
    slack: FloatArray
    nontrivial: NDArray[np.bool_]
    valued: NDArray[np.bool_]
    unknown: NDArray[np.bool_]


def scored(claim: Claim, population: Population) -> Scores:
    """Scores by float64 with error bounds."""
    batch = population.batch
    with np.errstate(all="ignore"):
        at = lift_batch(batch)
        inequality = claim(at)
        slack = inequality.slack
        upper = np.broadcast_to(slack.upper / size_of(inequality), (batch.size,))
        met, _ = premises_of(inequality, batch.size)
        admitted, known = admits(claim.assuming, batch) & met, np.isfinite(upper)
        weight = np.broadcast_to(weighed(claim.weight, at, inequality).lower, (batch.size,))
        valued = admitted & np.isfinite(np.broadcast_to(slack.upper, (batch.size,)))
        score = np.where(known & admitted, upper, np.inf)
        absolute = np.where(valued, np.broadcast_to(slack.value, (batch.size,)), np.inf)
        return Scores(score, absolute, weight > 0, valued, admitted & ~known)


# Factor and shift of small changes, up and down: a norm may be at its upper bound.
_NUDGES = ((1.0625, 0.0625), (0.9375, -0.0625))


def with_frozen_fields(claim: Claim, population: Population, domain: Domain) -> Population:
    """The population with those fields frozen whose every change breaks an assumption.

    All of them where a change may leave the domain.
    """
    if not domain.moves:
        return replace(population, frozen=frozenset(population.numbers))
    frozen = []
    for name in population.free if claim.assuming else ():
        moved = (population.numbers[name] * by + to for by, to in _NUDGES)
        changed = (population.with_numbers({**population.numbers, name: m}) for m in moved)
        if not any(admits(claim.assuming, c.batch).any() for c in changed):
            frozen.append(name)
    return replace(population, frozen=population.frozen.union(frozen))


def admits(assumptions: Iterable[Assumption], batch: Batch) -> NDArray[np.bool_]:
    """Which cases consist of numbers and meet all of the assumptions; a later one is asked of those
    left by the earlier.

    An assumption that has to be proved is costly, most of all where it makes no sense.
    """
    mask = finite_cases(batch)
    for assumption in assumptions:
        left = np.flatnonzero(mask)
        if not left.size:
            break
        part = batch if left.size == batch.size else batch.part(left)
        met = np.asarray(_asked(assumption, part))
        if met.dtype != bool or met.shape not in ((), (1,), (left.size,)):
            raise InputError(
                f"the assumption {assumption.name} gives {met.dtype} of shape {met.shape} for "
                f"{left.size} cases",
                why="It has to say of each case whether it is met",
                hint="Arrays of an instance may have one more axis, the last: reduce the others; "
                f"or write it like a claim, {_LIKE_A_CLAIM}",
            )
        mask[left] = np.broadcast_to(met, (left.size,))
    return mask


_LIKE_A_CLAIM = "as in assuming=[lambda at: norm(at.x) <= 1], which is decided"


def _asked(assumption: Assumption, batch: Batch) -> Any:
    """What the test of an assumption says of a batch."""
    try:
        return assumption.holds(batch.instances)
    except (AttributeError, TypeError, ValueError) as error:
        if isinstance(error, InputError | FormulaError) or assumption.decided:
            raise
        raise InputError(
            f"the assumption {assumption.name} raises {type(error).__name__}: {error}",
            why="It gets an instance whose arrays are NumPy's, with one axis more for a batch",
            hint=f"Use NumPy alone, with axis=0; or write it like a claim, {_LIKE_A_CLAIM}",
        ) from error


def slack_gradient(claim: Claim, population: Population) -> FloatArray:
    """Gradient of the relative slack in the free numbers, (count, size); 0 where undefined."""

    def summed(flat: Any) -> Any:
        moved, start = {}, 0
        for name in population.free:
            core = population.numbers[name].shape[:-1]
            count = int(np.prod(core))
            part = autograd.numpy.reshape(flat[start : start + count], (*core, population.size))
            moved[name], start = Traced(part), start + count
        batch = with_fields(population.prototype, **population.numbers)
        # What is moved is differentiated, also where a formula sees a function of it.
        at = lifted(batch, Traced, moved)
        return autograd.numpy.sum(_relative(claim, at, autograd.numpy))

    with np.errstate(all="ignore"):
        try:
            gradient: FloatArray = autograd.grad(summed)(population.flat())
        except np.linalg.LinAlgError:
            # LAPACK gives up on some matrices of extreme scales: no descent from there.
            return np.zeros_like(population.flat())
    return np.where(np.isfinite(gradient), gradient, 0.0)


def _relative(claim: Claim, at: Any, xp: Any) -> Any:
    inequality = claim(at)
    lhs, rhs = inequality.lhs.value, inequality.rhs.value
    if inequality.scale is not None:
        return (lhs - rhs) / inequality.scale.value
    return (lhs - rhs) / xp.maximum(xp.abs(lhs), xp.abs(rhs))
