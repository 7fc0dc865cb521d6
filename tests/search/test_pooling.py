"""All experiments of a claim as one test: its level, its power, its sample, what falls."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.stats import binom

from checker.arithmetic.binomial import (
    NOTICED,
    STEP,
    Trials,
    critical_failures,
    noticed_factor,
    power,
)
from checker.arithmetic.decide import decide_case
from checker.claims.claim import Domain
from checker.claims.pooled import Drawn, proved_failures, sample_of
from checker.claims.verdict import Verdict
from checker.errors import InputError
from checker.report.pooled import pooled_line, pooled_to_json
from checker.search.experiments import experiments_again
from checker.search.pooling import proved_again
from checker.search.verify import Plan, verify
from search.coins import BITS, EXPERIMENTS, ODDS, RUNS, CoinStructure, planted

ONE = Fraction(1)


# -- the test itself -------------------------------------------------------------------------------


@pytest.mark.parametrize(("runs", "odds", "bits"), [(768, 8, 30), (512, 16, 30), (300, 4, 20)])
def test_level_and_power_are_those_of_the_binomial_law(runs: int, odds: int, bits: int) -> None:
    groups = ((runs, odds),)
    k = critical_failures(groups, bits)
    assert power(groups, k, ONE) <= Fraction(1, 2**bits) < power(groups, k - 1, ONE)
    assert binom.sf(k, runs, 1 / odds) <= 2.0**-bits < binom.sf(k - 1, runs, 1 / odds)
    for factor in (1, 1.5, 2, 3):
        expected = binom.sf(k, runs, factor / odds)
        assert float(power(groups, k, Fraction(factor))) == pytest.approx(expected, rel=1e-9)


def test_level_of_runs_with_different_odds() -> None:
    """Against the convolution of SciPy's laws."""
    groups = ((100, 4), (150, 8), (50, 16))
    k = critical_failures(groups, 20)
    laws = [binom.pmf(np.arange(n + 1), n, 1 / odds) for n, odds in groups]
    law = np.convolve(np.convolve(laws[0], laws[1]), laws[2])
    assert law[k + 1 :].sum() <= 2.0**-20 < law[k:].sum()
    assert float(power(groups, k, ONE)) == pytest.approx(law[k + 1 :].sum(), rel=1e-6)


def test_level_at_the_jump_is_exact() -> None:
    """P(Bin(3, 1/2) > 2) = 1/8 is not more than 2^-3."""
    assert [critical_failures(((3, 2),), bits) for bits in (3, 4)] == [2, 3]


@pytest.mark.parametrize("groups", [((768, 8),), ((512, 16),), ((100, 4), (150, 8))])
def test_noticed_rate_is_the_least_one(groups: Any) -> None:
    k = critical_failures(groups, BITS)
    factor = noticed_factor(groups, k)
    assert factor is not None
    assert power(groups, k, factor) >= NOTICED > power(groups, k, factor - STEP)
    if len(groups) == 1:
        ((runs, odds),) = groups
        assert binom.sf(k, runs, float(factor) / odds) >= 0.99


def test_too_few_runs_notice_nothing() -> None:
    groups = ((3, 8),)
    assert critical_failures(groups, BITS) == 3
    assert noticed_factor(groups, 3) is None


def test_power_that_the_shipped_claims_have() -> None:
    """A failure rate that single experiments miss, as docs/rigor.md has it."""
    assert power(((768, 8),), critical_failures(((768, 8),), BITS), Fraction(2)) > 0.99
    assert power(((512, 16),), critical_failures(((512, 16),), BITS), Fraction(3)) > 0.99
    alone = power(((16, 8),), critical_failures(((16, 8),), BITS), Fraction(3))
    assert 0.01 < 1 - (1 - float(alone)) ** 32 < 0.02


# -- the sample is fixed by the plan ---------------------------------------------------------------


def drawn(round_: int, index: int, place: int = 0, failures: int = 0) -> Drawn:
    return Drawn("s", (0, 7, round_, index), place, Trials(RUNS, ODDS, BITS), failures, 0)


def test_sample_is_what_was_planned() -> None:
    tasks = [drawn(r, i, p, 1) for r in range(4) for i in range(2) for p in range(2)]
    whole = sample_of(tasks, 2, 5)
    # Whole tasks: 6 experiments; what was drawn beyond the plan does not count.
    assert (whole.complete, len(whole.experiments), whole.failures) == (True, 6, 6)
    assert sample_of(tasks[:6], 2, 5).complete
    # All strata are visited, however small the budget.
    assert len(sample_of(tasks, 2, 1).experiments) == 4
    assert not sample_of(tasks[:2], 2, 1).complete
    assert not sample_of(tasks[:4], 2, 5).complete
    assert not sample_of([], 2, 5).complete


def test_unfinished_sample_rejects_nothing() -> None:
    tasks = [drawn(r, 0, 0, RUNS) for r in range(40)]
    assert sample_of(tasks, 1, 40).rejects
    assert not sample_of(tasks, 1, 41).rejects
    # Float64 alone refutes nothing.
    assert not sample_of(tasks, 1, 40).refutes


# -- coins -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_claim_with_too_many_failures_falls(factor: int, seed: int) -> None:
    """No single experiment does; without the pooled test the claim would stand."""
    (evidence,) = verify(Plan((planted(factor / ODDS),), seed=seed))
    pooled = evidence.tally.pooled
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.tally.worst is None
    assert evidence.counterexample is None
    assert pooled is not None
    assert pooled.refutes
    assert pooled.runs == RUNS * EXPERIMENTS
    assert f"{pooled.failures:,} fail" in evidence.reason
    assert pooled.failures == sum(e.failures for e in pooled.experiments) > pooled.critical == 155
    assert pooled.proved > pooled.critical


@pytest.mark.parametrize("rate", [0.5 / ODDS, 1 / ODDS])
def test_claim_with_as_many_failures_as_allowed_stands(rate: float) -> None:
    (evidence,) = verify(Plan((planted(rate),), seed=4))
    assert evidence.verdict is Verdict.STANDS
    assert evidence.tally.pooled is not None
    assert evidence.tally.pooled.complete


def test_failures_are_counted_run_by_run() -> None:
    """Against the outcomes themselves, drawn again."""
    claim = planted(2 / ODDS)
    (evidence,) = verify(Plan((claim,), seed=1))
    assert evidence.tally.pooled is not None
    total = 0
    for item in evidence.tally.pooled.experiments:
        (instance,) = experiments_again(claim.domain, [item])
        assert item.failures == instance.outcomes.sum()
        total += item.failures
    assert total == evidence.tally.pooled.failures


def test_experiments_outside_the_assumptions_count_without_failures() -> None:
    """Else the outcomes could choose the sample."""
    claim = planted(0.2, share_small=0.25)
    (evidence,) = verify(Plan((claim,), seed=0))
    pooled = evidence.tally.pooled
    assert evidence.tally.excluded
    assert pooled is not None
    assert len(pooled.experiments) == EXPERIMENTS < evidence.tally.cases + evidence.tally.excluded
    for item in pooled.experiments:
        (instance,) = experiments_again(claim.domain, [item])
        assert item.failures == (0 if instance.small else instance.outcomes.sum())

    # Proved again, from whole tasks, those outside have no failures either.
    assert pooled.failures < pooled.critical
    assert proved_again(claim, claim.domain, pooled).proved == pooled.failures


def test_budget_and_processes_do_not_change_the_sample() -> None:
    claim = planted(2 / ODDS)
    one, two = (verify(Plan((claim,), seed=3, jobs=jobs))[0].tally.pooled for jobs in (1, 2))
    assert one is not None
    assert two is not None
    assert one.experiments == two.experiments


def test_run_without_time_has_no_pooled_test() -> None:
    (evidence,) = verify(Plan((planted(3 / ODDS),), seconds=0.0, seed=0))
    pooled = evidence.tally.pooled
    assert pooled is not None
    assert not pooled.complete
    assert not pooled.refutes
    assert evidence.verdict is not Verdict.REFUTED
    assert "the run ended after 4 experiments" in pooled_line(pooled_to_json(pooled) or {})


def test_structures_of_many_experiments_end_with_the_probe() -> None:
    (evidence,) = verify(Plan((planted(2 / ODDS, max_batch=1000),), seed=0))
    assert evidence.tally.cases == EXPERIMENTS


def test_trials_need_structures() -> None:
    with pytest.raises(InputError, match="no strata"):
        replace(planted(0.1), domain=Domain(st.just(1)))


def test_proved_failures_are_a_lower_bound() -> None:
    claim = planted(1.0)
    case = CoinStructure(1.0).batch(np.random.default_rng(0), 1).case(0)
    result = decide_case(claim, case, claim.weight)
    assert proved_failures(result) == RUNS
    known = {"rhs": 3.2, "rhs_radius": 0.0}
    assert proved_failures(replace(result, **known)) == 3
    assert proved_failures(replace(result, rhs=3.25)) == 3
    assert proved_failures(replace(result, rhs=3.0, rhs_radius=0.76)) == 2
    assert proved_failures(replace(result, rhs_radius=np.inf)) == 0
    assert proved_failures(replace(result, unproved="a step")) == 0
