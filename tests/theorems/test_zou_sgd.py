"""SGD over many steps, with high probability: Zou, Long and Gu (2020)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.plain import Plain
from checker.claims.claim import Claim
from checker.claims.verdict import Verdict
from checker.instances.draws import draw_many
from checker.instances.fields import map_arrays, with_fields
from checker.landscape.deep_linear.sgd import LinearSgd, failed, nearest
from checker.landscape.sgd.experiment import checksum
from checker.search.audit import without
from checker.search.experiments import experiments_again
from checker.search.pooling import tasks_of_pool
from checker.search.verify import Plan, verify
from properties.zou2020 import neighbours_sgd as mutants_zou_sgd
from properties.zou2020 import sgd as zou2020_sgd

SGD, PATH = zou2020_sgd.stochastic_descent, zou2020_sgd.stochastic_path
POOLED = mutants_zou_sgd.sgd_by_its_mean
NEIGHBOURS = [
    c
    for c in vars(mutants_zou_sgd).values()
    if isinstance(c, Claim) and c.of == SGD.id and c is not POOLED
]


def drawn_case(claim: Claim, stratum: str | None = None) -> Any:
    """An experiment of a claim's domain, with full steps."""
    strata = claim.domain.strata
    structure = draw_many(strata[stratum or next(iter(strata))], 1, 1)[0]
    batch = structure.batch(np.random.default_rng(3), 8)
    # The one that starts farthest from the labels: there the layers move most.
    return max((batch.case(i) for i in range(batch.size)), key=lambda c: float(abs(c.Phi).max()))


@pytest.mark.parametrize("claim", [SGD, PATH], ids=lambda c: c.id)
def test_theorem_stands(claim: Claim, in_brief: Callable[[Claim], Claim]) -> None:
    (evidence,) = verify(Plan((in_brief(claim),), cases=32, seed=1))
    assert evidence.verdict is Verdict.STANDS, evidence.reason


@pytest.mark.parametrize("claim", NEIGHBOURS, ids=lambda c: c.id)
def test_experiments_refute_the_neighbour_only(claim: Claim) -> None:
    case = drawn_case(claim, list(claim.domain.strata)[-1])
    assert all(bool(np.all(a.holds(case))) for a in claim.assuming)
    assert decide_case(claim, case).decision is Decision.VIOLATED
    assert decide_case(SGD, case).decision is Decision.HOLDS


def test_a_failure_rate_of_three_delta_is_seen_in_all_experiments_together() -> None:
    """A run fails if it misses the informative sample: (5/6)^9 = 19 % do, δ is 1/16."""
    (evidence,) = verify(Plan((POOLED,), seed=1))
    pooled = evidence.tally.pooled
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.tally.worst is None
    assert pooled is not None
    assert pooled.refutes
    misses = 0
    for task in tasks_of_pool(pooled):
        for item, case in zip(task, experiments_again(POOLED.domain, task), strict=True):
            assert item.failures == int((case.drawn[:, :, 0].sum(axis=0) == 0).sum())
            misses += item.failures
    assert misses == pooled.failures


@pytest.mark.parametrize("name", ["realisable", "condition", "step_in_range"])
def test_every_assumption_is_needed(name: str) -> None:
    (dropped,) = (a for a in SGD.assuming if a.name == name)
    claim = without(SGD, dropped)
    structure = draw_many(next(iter(claim.domain.strata.values())), 1, 1)[0]
    batch = structure.batch(np.random.default_rng(0), 8)
    cases = [batch.case(i) for i in range(batch.size)]
    assert not any(np.all(dropped.holds(case)) for case in cases)
    assert all(np.all(a.holds(case)) for a in claim.assuming for case in cases)
    assert Decision.VIOLATED in [decide_case(claim, case).decision for case in cases]


# -- the algorithm itself -----------------------------------------------------------------------


def simulated(case: LinearSgd, run: int, step: float) -> list[float]:
    """Losses of one run, written down from the definition, in floats."""
    Y = case.X @ case.Phi.T + case.noise
    W, eye, losses = case.W.copy(), np.eye(len(case.A)), []
    for t in range(case.T):
        i = int(case.drawn[t, run].argmax())
        gradients = []
        for layer in range(case.L):
            before, behind = case.A, case.B
            for j in range(layer):
                before = (eye + W[j]) @ before
            for j in range(case.L - 1, layer, -1):
                behind = behind @ (eye + W[j])
            output = behind @ (eye + W[layer]) @ before @ case.X[i]
            gradients.append(np.outer(behind.T @ (output - Y[i]), before @ case.X[i]))
        W = W - step * len(case.X) * np.array(gradients)
        Phi = case.A
        for layer in range(case.L):
            Phi = (eye + W[layer]) @ Phi
        losses.append(float((((case.B @ Phi - case.Phi) @ case.X.T) ** 2).sum() / 2))
    return losses


def test_runs_are_those_of_the_algorithm() -> None:
    """With steps so long that the loss grows, its last value is the largest."""
    case = drawn_case(SGD, "full steps, one input")
    at: Any = map_arrays(case, lambda a: Plain(a[..., None]))
    step = 128 * at.step
    noisy = with_fields(case, noise=0 * case.noise + 2.0**-6)
    for other in (case, noisy):
        of: Any = map_arrays(other, lambda a: Plain(a[..., None]))
        found = of.worst(0, 0, step, 2.0**200)
        losses = simulated(other, 0, float(step.value[0]))
        expected = max(losses) / (2 * case.odds * float(at.e0.value[0]))
        # Two computations in floats: rounding grows with the loss, by far less than 2^20 in all.
        assert abs(float(found.value[0]) / expected - 1) < 2.0**-30
        assert 1 < expected < 2.0**200


def test_outcomes_above_one_are_failures() -> None:
    outcomes = [Plain(np.array([x])) for x in (0.25, 1.5, 3.0, 0.5)]
    assert failed(outcomes).value == 2
    assert nearest(outcomes).value == 1
    assert nearest(outcomes[::3]).value == 0.5


# -- an experiment is as it was drawn -------------------------------------------------------------


def signed(case: LinearSgd, **changes: Any) -> LinearSgd:
    """The case with other numbers, and a checksum that fits them."""
    changed = with_fields(case, **changes)
    return with_fields(changed, digest=np.array(changed.written()))


def test_a_chosen_or_impossible_experiment_is_none() -> None:
    case = drawn_case(SGD)
    assert zou2020_sgd.as_drawn.holds(case)
    assert case.digest == checksum(
        [case.X, case.Phi, case.A, case.B, case.W, case.noise, case.drawn, case.share]
    )
    assert not zou2020_sgd.as_drawn.holds(with_fields(case, Phi=2 * case.Phi))
    assert not zou2020_sgd.as_drawn.holds(with_fields(case, drawn=case.drawn[:, 1:]))
    assert not zou2020_sgd.as_drawn.holds(signed(case, drawn=2 * case.drawn))
    assert not zou2020_sgd.as_drawn.holds(signed(case, drawn=0 * case.drawn))


def test_starts_and_steps_outside_of_the_theorem_do_not_count() -> None:
    case = drawn_case(SGD)
    assert all(bool(np.all(a.holds(case))) for a in SGD.assuming)
    for changes, name in (
        ({"W": case.W + 1}, "starts_at_zero"),
        ({"share": case.share * 0 + 1.5}, "step_in_range"),
        ({"noise": case.noise + 1}, "realisable"),
        ({"Phi": 64 * case.Phi + 64}, "condition"),
    ):
        changed = signed(case, **changes)
        broken = {a.name for a in SGD.assuming if not np.all(a.holds(changed))}
        assert name in broken
