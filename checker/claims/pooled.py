"""All runs of all experiments of a claim as one test, beside the test that each experiment is.

The sample is fixed by the plan, whatever the outcomes: the experiments of the first tasks until all
strata were visited and as many experiments drawn as were planned. One that is outside the
assumptions stays in it, as one without failures. A campaign that ends earlier, because of a
deadline or of a claim that fell, has no pooled test; so nobody can stop when it suits.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from checker.arithmetic.binomial import Groups, Trials, critical_failures, groups_of, noticed_factor
from checker.arithmetic.decide import CaseResult
from checker.instances.fields import numbers_of


@dataclass(frozen=True)
class Drawn:
    """An experiment of a campaign, by what it is drawn from again.

    Attributes
    ----------
    stratum, seed, index
        Task of the campaign, and the experiment's place in its batch.
    trials
        Its runs.
    failures
        How many of them are proved to fail.
    checksum
        CRC-32 of its numbers.
    """

    stratum: str
    seed: tuple[int, ...]
    index: int
    trials: Trials
    failures: int
    checksum: int


@dataclass(frozen=True)
class Pooled:
    """The pooled test of a claim.

    Attributes
    ----------
    experiments
        The sample, in the order of its tasks.
    complete
        Whether it is the one that was planned; else nothing was tested.
    proved
        Failures that balls or exact numbers prove: none until float64 has counted too many, and
        then no more of them than it takes to refute.
    """

    experiments: tuple[Drawn, ...]
    complete: bool
    proved: int = 0

    @cached_property
    def groups(self) -> Groups:
        """The runs by their odds."""
        return groups_of(e.trials for e in self.experiments)

    @property
    def runs(self) -> int:
        """Runs of all experiments."""
        return sum(e.trials.runs for e in self.experiments)

    @property
    def failures(self) -> int:
        """Runs that are proved to fail, by float64 with bounds where nothing better was asked."""
        return sum(e.failures for e in self.experiments)

    @property
    def level_bits(self) -> int:
        """The level of the test is 2^-level_bits."""
        return max((e.trials.level_bits for e in self.experiments), default=0)

    @property
    def critical(self) -> int:
        """More failures reject the claim."""
        return critical_failures(self.groups, self.level_bits)

    @property
    def noticed(self) -> Fraction | None:
        """The multiple of δ that would have been noticed, see `noticed_factor`."""
        return noticed_factor(self.groups, self.critical) if self.complete else None

    @property
    def rejects(self) -> bool:
        """Whether float64 counts too many failures, which does not refute yet."""
        return self.complete and self.failures > self.critical

    @property
    def refutes(self) -> bool:
        """Whether balls or exact numbers prove too many failures."""
        return self.complete and self.proved > self.critical


def sample_of(drawn: Sequence[Drawn], strata: int, planned: int) -> Pooled:
    """The planned sample among the experiments drawn, or what there is of it."""
    kept: list[Drawn] = []
    for experiment in drawn:
        *_, round_, index = experiment.seed
        visited = round_ * strata + index
        new = not kept or kept[-1].seed != experiment.seed
        if new and visited >= strata and len(kept) >= planned:
            return Pooled(tuple(kept), True)
        kept.append(experiment)
    last = kept[-1].seed if kept else (0, -1)
    complete = last[-2] * strata + last[-1] + 1 >= strata and len(kept) >= planned
    return Pooled(tuple(kept), complete and bool(kept))


def proved_failures(case: CaseResult) -> int:
    """A lower bound on the failures f of an experiment whose right-hand side is in [f, f + 1/4]."""
    if case.unproved or not (math.isfinite(case.rhs) and math.isfinite(case.rhs_radius)):
        return 0
    least = Fraction(case.rhs) - Fraction(case.rhs_radius) - Fraction(1, 4)
    return max(0, math.ceil(least))


def checksum_of(instance: Any) -> int:
    """CRC-32 of all numbers of an instance."""
    total = 0
    for _, numbers in sorted(numbers_of(instance).items()):
        total = zlib.crc32(np.ascontiguousarray(numbers).tobytes(), total)
    return total
