"""No decision of the product contradicts an independent reference, in any stratum or family."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.decide import Decision, decide_case
from checker.landscape.losses.base import Loss
from checker.landscape.losses.further import Linex
from checker.landscape.residual_unit.one_output import Point
from properties.shamir2018.theorems import gradient_direction
from soundness.compare import QUESTIONS, Tally, compare
from soundness.instances import FAMILIES, Source, from_families, from_strata
from soundness.reference import Reference
from soundness.thresholds import near_threshold
from strategies.losses import EVERY
from strategies.residual_unit.strata.one_output import NONZERO_W, W_ZERO

# Points per stratum and loss, and per family and loss, at least; each is asked eight questions.
# ci/soundness.py asks more.
POINTS = 2
FAMILY_POINTS = 1
# By day one point, at the losses of which no other is like, and fewer points of each family.
BY_DAY = {"squared", "logistic", "cross_entropy", "poisson", "quartic", "affine"}
LOSSES = [x if x.name in BY_DAY else pytest.param(x, marks=pytest.mark.nightly) for x in EVERY]
EACH, EACH_BY_DAY = 32, 6
# A quarter of a minute for one point.
SLOW = ("all tiny", "pseudo_huber")
# The other side of each by day.
BY_NIGHT = {("all tiny", True), ("all huge", True), ("subnormal", False)}
# Dense Hessians beyond this order take most of the time.
ORDER = 6

# With scales apart and with few samples; in half of the draws the samples carry weights.
THRESHOLD_STRATA = ("gaussian", "mixed scales", "lattice")
THRESHOLD_POINTS = 2

SIDES = pytest.mark.parametrize("at_w_zero", [False, True], ids=["w", "w=0"])


def _compared(sources: Sequence[Source], points: int) -> Tally:
    tally = Tally()
    for source in sources:
        seed = zlib.crc32(f"{source.label}, {source.loss.name}".encode())
        tally.add(compare(source, np.random.default_rng(seed), points, ORDER))
    assert not tally.disagreements, "\n".join(tally.disagreements)
    assert not tally.unconfirmed, "the reference is too weak\n" + "\n".join(tally.unconfirmed)
    return tally


@SIDES
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_every_stratum(loss: Loss, at_w_zero: bool, nightly: bool) -> None:
    points = POINTS if nightly else 1
    strata = [s for s in (W_ZERO if at_w_zero else NONZERO_W) if not s.loss or s.loss == loss.kind]
    tally = _compared(list(from_strata(at_w_zero, loss)), points)
    assert len(tally.pairs) == len(strata) >= 15
    assert set(tally.pairs.values()) == {points}
    for kind in ("HOLDS", "EQUAL", "VIOLATED", "float-bound", "ball"):
        assert tally.total(kind) > 0, kind
    assert tally.total("undecided") < 0.1 * tally.total("cases")
    _every_question_was_asked(tally, at_w_zero)


def _every_question_was_asked(tally: Tally, at_w_zero: bool) -> None:
    asked = {name for name, _ in tally.questions}
    assert asked == {q.name for q in QUESTIONS[at_w_zero]}


@pytest.mark.parametrize(
    "family",
    [pytest.param(f, marks=pytest.mark.nightly if f[:2] in BY_NIGHT else []) for f in FAMILIES],
    ids=lambda f: f[0] + ", w=0" * f[1],
)
def test_every_family(family: Any, nightly: bool) -> None:
    name, at_w_zero, losses, _ = family
    sources = [s for s in from_families() if (s.name, s.at_w_zero) == (name, at_w_zero)]
    assert len(sources) == len(losses)
    if not nightly:
        sources = [s for s in sources if (s.name, s.loss.kind) != SLOW]
    each = EACH if nightly else EACH_BY_DAY
    tally = _compared(sources, max(FAMILY_POINTS, each // len(losses)))
    assert len(tally.pairs) == len(sources)
    assert tally.total("cases") - tally.total("undecided") > 0
    if name.endswith(" equality"):
        assert tally.total("EQUAL") > 0
        assert tally.total("exact") > 0
    if name.endswith("ulp"):
        assert tally.total("HOLDS") > 0
        assert tally.total("VIOLATED") > 0


def test_extremes_are_extreme() -> None:
    """The least and greatest numbers tried reach the ends of the range of floats."""
    tally = Tally()
    for source in from_families():
        if source.name in ("all tiny", "all huge", "subnormal") and source.loss.kind == "squared":
            batch = source.draw(np.random.default_rng(1), 64)
            tally.record_sizes(source.name, batch)
    assert tally.least["subnormal"] == 5e-324
    assert tally.least["all tiny"] < 1e-290
    assert tally.greatest["all huge"] > 1e145


@SIDES
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_verdicts_beside_the_threshold(loss: Loss, at_w_zero: bool) -> None:
    """A scaled claim is violated just below its threshold at a point, and holds just above."""
    sources = [s for s in from_strata(at_w_zero, loss) if s.name in THRESHOLD_STRATA]
    found = 0
    for source in sources:
        seed = zlib.crc32(f"threshold, {source.label}, {loss.name}".encode())
        thresholds, wrong = near_threshold(source, np.random.default_rng(seed), THRESHOLD_POINTS)
        found += thresholds
        assert not wrong, "\n".join(wrong)
    # An affine loss has no curvature, and Theorem 2 says little for the others far uphill.
    assert found > 0 or (loss.kind in ("affine", "tweedie") and at_w_zero)


def test_sides_that_differ_by_a_tiny_exponential_are_told_apart() -> None:
    """lhs - rhs is 1.3e-10184, seen at 400,000 bits only; the product has a closed form."""
    given = {
        "X": -0.9818494341302212, "y": -0.03274719981864713, "Z": -0.9758060651605706,
        "w": -166860.69799034778, "V": -0.4298436927513281, "w_star": -544268.3741010607,
    }  # fmt: skip
    axes = {"X": 2, "y": 1, "Z": 2, "w": 1, "V": 2, "w_star": 1}
    point = Point(
        **{k: np.full((1,) * axes[k], x) for k, x in given.items()}, loss=Linex(alpha=-0.25)
    )
    reference = Reference(point)
    assert reference.sign("lemma1") is None
    assert reference.far_sign("lemma1") == 1
    assert decide_case(gradient_direction, point).decision is Decision.HOLDS
