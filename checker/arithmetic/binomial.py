"""Exact binomial tests: how many of many independent runs may fail, and what a test would notice.

Runs fail independently, those of a group (n, odds) with probability 1/odds at most. The number of
failures is then stochastically at most that of independent runs with exactly these probabilities,
whose law has the generating function Π (1 - p + p x)^n. Its coefficients are integers over one
denominator: nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import fmpz_poly

# Groups of runs: (how many, odds), each odds once.
Groups = tuple[tuple[int, int], ...]

# With this probability a failure rate is called noticed, and rates are told in these steps of δ.
NOTICED = Fraction(99, 100)
STEP = Fraction(1, 20)


@dataclass(frozen=True)
class Trials:
    """Independent runs of one experiment, for a claim about probabilities.

    Attributes
    ----------
    runs
        How many.
    odds
        The claim allows each to fail with probability 1/odds.
    level_bits
        The test is at the level 2^-level_bits.

    Examples
    --------
    >>> from checker import Trials
    >>> Trials(runs=64, odds=8, level_bits=60).odds
    8
    """

    runs: int
    odds: int
    level_bits: int


def rarely(failures: Any, trials: Trials) -> Any:
    """The assertion that the runs fail with a probability of at most 1/odds: no more of them failed
    than an exact binomial test at the level of the trials allows. `failures` is a number of the
    formula, such as `total(where(at.losses > 1, 1, 0))`.

    Examples
    --------
    >>> from checker import Trials, claim, decide, numbers, rarely
    >>> @claim
    ... def few(failures: numbers(), trials=Trials(runs=64, odds=8, level_bits=60)):
    ...     return rarely(failures, trials)
    >>> decide(few, failures=9).decision.name, decide(few, failures=60).decision.name
    ('HOLDS', 'VIOLATED')
    """
    return (
        critical_failures(groups_of([trials]), trials.level_bits) + 0.5 + 0 * failures >= failures
    )


def groups_of(trials: Iterable[Trials]) -> Groups:
    """The runs of several experiments by their odds."""
    counts: dict[int, int] = {}
    for item in trials:
        counts[item.odds] = counts.get(item.odds, 0) + item.runs
    return tuple((counts[odds], odds) for odds in sorted(counts))


@lru_cache(maxsize=64)
def critical_failures(groups: Groups, level_bits: int) -> int:
    """The least k with P(more than k failures) <= 2^-level_bits, at the rates 1/odds."""
    weights, whole = _law(groups, Fraction(1))
    tail = 0
    for k in range(len(weights) - 1, -1, -1):
        tail += weights[k]
        if tail << level_bits > whole:
            return k
    return 0


def power(groups: Groups, critical: int, factor: Fraction) -> Fraction:
    """P(more than `critical` failures) if every run fails at `factor` times its rate, 1 at most."""
    weights, whole = _law(groups, factor)
    return Fraction(int(sum(weights[critical + 1 :])), int(whole))


@lru_cache(maxsize=64)
def noticed_factor(groups: Groups, critical: int) -> Fraction | None:
    """The least multiple of `STEP` at which `power` is at least `NOTICED`.

    None if there is none: even if all runs failed, these would not be too many. The power grows
    with the factor.
    """
    low, high = 0, max((odds for _, odds in groups), default=0) * STEP.denominator
    if power(groups, critical, high * STEP) < NOTICED:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        enough = power(groups, critical, middle * STEP) >= NOTICED
        low, high = (low, middle) if enough else (middle, high)
    return high * STEP


def _law(groups: Groups, factor: Fraction) -> tuple[Sequence[Any], Any]:
    """Integers proportional to the probabilities of 0, 1, 2... failures, and their sum."""
    product, whole = fmpz_poly([1]), 1
    for runs, odds in groups:
        rate = min(factor / odds, Fraction(1))
        fails, all_of = rate.numerator, rate.denominator
        product *= fmpz_poly([all_of - fails, fails]) ** runs
        whole *= all_of**runs
    return [int(c) for c in product.coeffs()], whole
