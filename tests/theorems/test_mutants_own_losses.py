"""False neighbours fall on losses that are nothing but numbers, and true claims do not."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.decide import Decision, decide_case
from checker.claims.claim import Claim, Domain
from checker.explain.script import script
from checker.explain.script_text import VIOLATED
from checker.explain.steps import steps
from checker.instances.codec import decode_instance, encode_instance
from checker.instances.draws import draw_many
from checker.instances.fields import numbers_of
from checker.landscape.losses.per_sample import PerSample
from checker.landscape.losses.seen import SeenPoint
from checker.landscape.losses.softplus import SoftplusPoint
from checker.landscape.residual_unit.one_output import Point
from checker.search.guided.hunt import Budget, Hunt, hunt
from checker.search.verify import Plan, verify
from properties.shamir2018 import theorems as shamir2018
from properties.shamir2018.neighbours import assumptions, constants, curvature, gradient, network
from strategies.own_losses import AS_SEEN, BELOW_TANGENT, RANDOM_CONVEX

CLASSES: dict[str, type[Point]] = {
    AS_SEEN.name: SeenPoint,
    RANDOM_CONVEX.name: SoftplusPoint,
    "a loss for each sample": Point,
}
FALLING = (
    gradient.lemma_without_V_block,
    constants.lemma1_millionth,
    constants.theorem1_a_millionth,
    gradient.theorem1_V_largest_entry,
    constants.sharp_theorem1_millionth,
    curvature.theorem2_without_product,
    constants.theorem2_c2_millionth,
    curvature.eigenvalue_below_minus_b,
)
STANDING = (
    shamir2018.gradient_direction,
    shamir2018.gradient_bound,
    shamir2018.sharp_gradient_bound,
    shamir2018.curvature_bound,
    shamir2018.sharp_curvature_bound,
)


def _only(claim: Claim, stratum: str) -> Domain:
    return dataclasses.replace(claim.domain, strata={stratum: claim.domain.strata[stratum]})


def _hunt(claim: Claim, stratum: str, evaluations: int = 30_000, reduce: bool = False) -> Hunt:
    return hunt(claim, (0,), Budget(evaluations), domain=_only(claim, stratum), reduce=reduce)


@pytest.mark.parametrize("stratum", CLASSES)
@pytest.mark.parametrize(
    "mutant",
    [
        *FALLING[:3],
        *(pytest.param(c, marks=pytest.mark.nightly) for c in FALLING[3:]),
    ],
    ids=lambda c: c.id,
)
def test_a_false_neighbour_falls_on_such_losses_alone(mutant: Claim, stratum: str) -> None:
    found = _hunt(mutant, stratum).found
    assert found is not None
    at = found.instance
    assert type(at) is CLASSES[stratum]
    assert decide_case(mutant, at, mutant.weight).decision is Decision.VIOLATED
    again = decode_instance(encode_instance(at))
    assert decide_case(mutant, again, mutant.weight).decision is Decision.VIOLATED


# The others by night: ten searches of this length take minutes.
BY_DAY = ((shamir2018.gradient_direction, AS_SEEN), (shamir2018.gradient_bound, RANDOM_CONVEX))


@pytest.mark.parametrize(
    ("claim", "stratum"),
    [
        pytest.param(
            *(claim, stratum.name),
            id=f"{claim.id}-{stratum.name}",
            marks=[] if (claim, stratum) in BY_DAY else pytest.mark.nightly,
        )
        for claim in STANDING
        for stratum in (AS_SEEN, RANDOM_CONVEX)
    ],
)
def test_guided_search_reaches_equality_and_nothing_below(claim: Claim, stratum: str) -> None:
    result = _hunt(claim, stratum, 20_000)
    assert result.found is None
    assert not result.contradictions
    assert result.tightest is not None
    assert result.tightest.result.relative_slack < 1e-6


@pytest.mark.parametrize(
    "mutant",
    [assumptions.lemma_without_convexity, assumptions.theorem1_without_convexity,
     assumptions.theorem2_without_convexity],
    ids=lambda c: c.id,
)  # fmt: skip
def test_without_convexity_a_claim_falls_on_losses_below_the_tangent(mutant: Claim) -> None:
    found = _hunt(mutant, BELOW_TANGENT.name).found
    assert found is not None
    assert type(found.instance) is SeenPoint
    assert not found.instance.loss.convex
    assert found.instance.root_rise.any()
    # Four numbers of the same sizes above the tangent do not violate it.
    assert _hunt(mutant, AS_SEEN.name, 5_000).found is None


def test_claims_about_other_points_leave_losses_as_seen_aside() -> None:
    claim = network.theorem1_without_skip
    plan = Plan((dataclasses.replace(claim, domain=_only(claim, AS_SEEN.name)),), cases=200)
    (evidence,) = verify(plan)
    assert evidence.tally.cases == 0
    assert evidence.tally.excluded > 0
    assert _hunt(claim, AS_SEEN.name).evaluations == 0
    assert _hunt(claim, RANDOM_CONVEX.name).found is not None


def test_a_counterexample_reduces_to_an_affine_loss_where_that_does() -> None:
    small = _hunt(gradient.lemma_without_V_block, AS_SEEN.name, reduce=True).violation
    assert small is not None
    assert type(small.instance) is Point
    assert small.instance.loss.kind == "affine"
    assert {a.size for a in vars(small.instance).values() if isinstance(a, np.ndarray)} == {1}


def test_a_mutant_that_needs_curvature_reduces_to_four_short_numbers() -> None:
    mutant = curvature.theorem2_without_product
    small = _hunt(mutant, AS_SEEN.name, reduce=True).violation
    assert small is not None
    at = small.instance
    assert type(at) is SeenPoint
    assert at.root_curvature.any()
    for a in (x for x in vars(at).values() if isinstance(x, np.ndarray)):
        assert np.array_equal(a * 2**11, np.rint(a * 2**11))


@pytest.mark.parametrize("stratum", CLASSES)
def test_steps_and_scripts_show_the_violation(stratum: str) -> None:
    """On what was found, not on its reduction, which has a loss of the catalogue."""
    mutant, at = gradient.lemma_without_V_block, _small_find(stratum)
    shown = [str(step) for step in steps(mutant, at)]
    assert any(line.startswith("lhs") for line in shown)
    text = script(mutant, at)
    assert text is not None
    done = subprocess.run([sys.executable, "-I", "-c", text], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (VIOLATED, b"")


def _small_find(stratum: str) -> Any:
    """A violation in few numbers, of the class that is asked for: longer ones have no script."""
    mutant = gradient.lemma_without_V_block
    for drawn in draw_many(mutant.domain.strata[stratum], 400, 0):
        batch = drawn.batch(np.random.default_rng(0), 64)
        if sum(a.size for a in numbers_of(batch.case(0)).values()) > 13:
            continue
        for case in (batch.case(i) for i in range(64)):
            mixed = isinstance(case.loss, PerSample) or type(case) is not Point
            if mixed and decide_case(mutant, case).decision is Decision.VIOLATED:
                return case
    raise AssertionError("no small violation")
