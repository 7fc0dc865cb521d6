"""Every deterministic claim of the catalogue against its reference; ci/soundness.py asks more."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from checker.search.draws import draw_last
from flint import arb, ctx

from checker.claims.claim import Claim
from checker.instances.fields import Batch
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import PseudoHuber, SmoothedHinge, SmoothedQuantile
from checker.landscape.losses.further import Linex, NegativeBinomial, SmoothedExpectile
from soundness.catalogue import catalogue
from soundness.claims import Count, batches, compare, distorted
from soundness.papers import REFERENCES
from soundness.papers.constants import derivative_bounds
from soundness.papers.sample import SampleLoss
from soundness.plain import LossSpec
from soundness.reals import number
from strategies.residual_unit.predictions import PredictionStructure

# Claims whose instances are ends of searches take seconds to draw.
QUICK = sorted(i for i in REFERENCES if not catalogue()[i].domain.found)


def one_stratum(claim: Claim, turn: int = 0) -> Iterator[Batch]:
    """A case of one stratum, and its distorted copy."""
    # Deep products take long.
    names = [n for n in claim.domain.strata if "deep" not in n]
    seed = zlib.crc32(f"{claim.id}, {turn}".encode())
    structure = draw_last(claim.domain.strata[names[seed % len(names)]], seed)
    assert structure is not None
    rng = np.random.default_rng(seed)
    batch = structure.batch(rng, 1)
    yield batch
    yield distorted(batch, rng)


@pytest.mark.parametrize("name", QUICK)
def test_a_case_of_every_claim(name: str) -> None:
    count = Count()
    for batch in one_stratum(catalogue()[name]):
        count.add(compare(catalogue()[name], batch))
    assert not count.disagreements, count.disagreements[0]
    assert count.cases > 0
    assert count.enclosures > 0


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_every_stratum_of_every_claim(name: str) -> None:
    count = Count()
    for batch in batches(catalogue()[name], 2, turn=1):
        count.add(compare(catalogue()[name], batch))
    assert not count.disagreements, count.disagreements[0]
    assert count.total("VIOLATED") > 0
    assert count.total("HOLDS") > 0
    assert sum(count.beyond.values()) <= 0.1 * count.cases


def test_equality_and_its_neighbours_occur() -> None:
    """Scaled right sides are violated just beyond equality, and reversed ones just before it."""
    claim, count = catalogue()["yun2019.example1_residual"], Count()
    for batch in islice(batches(claim, 2, turn=0), 1):
        count.add(compare(claim, batch))
    assert count.total("EQUAL") == 2 * 2
    assert count.total("VIOLATED") == count.total("HOLDS") == 2 * 4


_PARAMETERS = {
    "pseudo_huber": {"delta": 0.125},
    "smoothed_hinge": {"width": 0.5},
    "smoothed_quantile": {"tau": 0.75, "beta": 4.0},
}
_BOUNDED = (
    "squared", "quartic", "affine", "logistic", "cross_entropy", "log_cosh", "smoothed_hinge",
    "exponential", "poisson", "gamma", "pseudo_huber", "smoothed_quantile",
)  # fmt: skip


@pytest.mark.parametrize("kind", _BOUNDED)
def test_bounds_on_derivatives_hold(kind: str) -> None:
    """l', l'' and the slope of l'' on a grid of |p| <= R stay within the bounds."""
    spec = LossSpec(kind, _PARAMETERS.get(kind, {}))
    with ctx.workprec(256):
        loss, R, h = SampleLoss(spec, number(1)), number(3), number(2.0**-60)
        first, second, third = (x.enclosed for x in derivative_bounds(spec, R, number(1)))
        room = arb(2) ** -200
        for k in range(-96, 96):
            p = number(k / 32 + 2.0**-20)
            bend = (loss.curvature(p + h) - loss.curvature(p)) / h
            assert not abs(loss.slope(p)).enclosed > first + room
            assert not loss.curvature(p).enclosed > second + room
            assert not abs(bend).enclosed > third + room


# Parameters that are no short binary fractions: 6 times a width, or 1 - τ, is then no float.
LONG = (
    SmoothedHinge(width=0.7),
    SmoothedHinge(width=0.1),
    PseudoHuber(delta=0.3),
    SmoothedQuantile(tau=0.3, beta=3.7),
    SmoothedExpectile(low=0.125, high=0.7, width=0.3),
    Linex(alpha=0.3),
    NegativeBinomial(k=1.1),
)


@pytest.mark.parametrize("loss", LONG, ids=lambda loss: loss.name)
@pytest.mark.parametrize("stratum", ["close", "integers"])
def test_losses_with_parameters_that_are_no_short_fractions(loss: Loss, stratum: str) -> None:
    """The slope is the derivative of the value, to the last bit of the parameters."""
    batch = PredictionStructure(stratum, loss).batch(np.random.default_rng(4), 2)
    count = compare(catalogue()["shamir2018.lemma1_subgradient"], batch)
    assert not count.disagreements, count.disagreements[0]
