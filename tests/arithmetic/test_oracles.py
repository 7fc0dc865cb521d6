"""Independent computations are asked wherever a violation would be believed, and they are heard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import pytest
from flint import arb
from hypothesis import strategies as st

import checker.landscape.losses.catalogue as losses
from checker.arithmetic.ball import Ball
from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import minimum, positive_part
from checker.certification.certify import certify
from checker.claims.claim import Domain, claim
from checker.claims.verdict import Verdict, Witness
from checker.commands.replaying import _replay_status
from checker.errors import InputError
from checker.instances.fields import Batch, Dims, FloatArray
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES, SmoothedHinge, Squared
from checker.landscape.losses.coupled import Radial, Separable, SoftmaxCrossEntropy
from checker.landscape.losses.further import FURTHER
from checker.landscape.oracle_loss import check_derivatives, check_vector_derivatives
from checker.landscape.residual_unit.one_output import Point
from checker.report.evidence import witness_to_json
from checker.report.replay import replay
from checker.search.campaign import SINGLE, Task, run_task
from checker.search.guided.hunt import Budget, hunt
from checker.search.reduction.reduce import reduced
from checker.search.verify import Plan, verify
from properties.shamir2018.theorems import gradient_bound, gradient_direction, sharp_gradient_bound

ONE = np.ones(1)


def _point(width: float, w: float = -1.0, up: float = np.inf) -> Point:
    """One sample x = y = 1, margin 1 - w; w* is the next float after w."""
    at, near = np.array([w]), np.array([np.nextafter(w, up)])
    nothing = np.zeros((1, 1))
    return Point(np.ones((1, 1)), ONE, nothing, at, nothing, near, SmoothedHinge(width=width))


def _rounded_ramp(s: Any, width: float) -> tuple[Any, Any, Any]:
    """As `ramp`, with constants that Python rounds: 6 * 0.7 and 2 * 0.7 not alike."""
    a = positive_part(s)
    b, c = positive_part(a - width), minimum(a, width)
    return c * (a**2 + a * b + b**2) / (6 * width), c * (a + b) / (2 * width), c / width


@pytest.fixture
def _fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "ramp", _rounded_ramp)


LEMMA = (gradient_direction, gradient_bound, sharp_gradient_bound)


@pytest.mark.parametrize("width", [0.1, 0.3, 0.7])
@pytest.mark.parametrize("theorem", LEMMA, ids=lambda c: c.id)
def test_theorems_hold_for_hinges_of_any_width(width: float, theorem: Any) -> None:
    for margin in (0.5 * width, 2.0, 10.0, 100.0):
        for up in (np.inf, -np.inf):
            found = decide_case(theorem, _point(width, 1 - margin, up), theorem.weight)
            assert found.decision in (Decision.HOLDS, Decision.EQUAL)


@pytest.mark.usefixtures("_fault")
def test_a_violation_that_an_oracle_contradicts_refutes_nothing() -> None:
    found = decide_case(gradient_direction, _point(0.7), gradient_direction.weight)
    assert found.decision is Decision.ORACLE_BROKEN
    assert not found.refutes
    assert found.guarantee == "unproved"
    assert "directional derivative of F: [" in found.unproved


@pytest.mark.usefixtures("_fault")
def test_replay_asks_the_oracle() -> None:
    alone = replace(gradient_direction, oracles=())
    point = _point(0.7)
    violated = decide_case(alone, point, alone.weight)
    assert violated.refutes
    saved = witness_to_json(Witness(point, violated, "s", "o"), alone.id)
    again = replay(gradient_direction, "case", saved)
    assert again.witness.result.decision is Decision.ORACLE_BROKEN
    assert not again.agrees
    assert not again.refutes
    assert _replay_status([again]) == 3
    bare = replay(gradient_direction, "case", {"instance": saved["instance"]})
    assert not bare.agrees


# -- searches ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number:
    x: Annotated[FloatArray, Dims()]


@dataclass(frozen=True)
class Numbers:
    """A structure: normal numbers, some of which are none."""

    share: float

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        x = rng.standard_normal(size)
        x[rng.random(size) < self.share] = rng.choice([np.inf, -np.inf, np.nan])
        return Batch(Number(x), size, "normal")


def disagrees(instance: Number, rng: np.random.Generator) -> list[Any]:
    assert isinstance(rng, np.random.Generator)
    return [("x", arb(float(instance.x)), arb(float(instance.x)) + 1)]


singles = st.builds(Number, st.floats(-9, 9).map(np.array))
batches = Domain(singles, {"normal": st.builds(Numbers, st.just(0.0))})


@pytest.mark.parametrize("given", [singles, batches])
@pytest.mark.parametrize("true", [True, False])
def test_oracles_are_asked_for_every_kind_of_domain(given: Any, true: bool) -> None:
    @claim(given=given, id="user.checked", oracles=(disagrees,))
    def checked(at: Any) -> Any:
        return at.x**2 + 1 >= (1 if true else 2)

    (evidence,) = verify(Plan((checked,), cases=200))
    assert evidence.verdict is Verdict.ORACLE_BROKEN
    assert "x: " in evidence.reason
    assert evidence.counterexample is None
    assert (evidence.tally.oracle_checks > 0) or not true


def test_the_guided_search_hears_a_contradiction() -> None:
    @claim(given=singles, id="user.climbed", oracles=(disagrees,))
    def climbed(at: Any) -> Any:
        return at.x >= 0

    found = hunt(climbed, (0,), Budget(500))
    assert found.found is None
    assert "x: " in found.contradictions[0]


def test_a_reduction_that_leaves_what_oracles_confirm_is_not_taken() -> None:
    def at_integers(instance: Number, _rng: Any) -> list[Any]:
        wrong = float(instance.x) == np.rint(instance.x)
        return [("x", arb(0), arb(int(wrong)))]

    @claim(given=singles, id="user.reduced", oracles=(at_integers,))
    def negative(at: Any) -> Any:
        return at.x >= 0

    instance = Number(np.array(-1.7))
    witness = Witness(instance, decide_case(negative, instance), "s", "o")
    assert witness.result.refutes
    assert reduced(negative, witness).instance is instance
    plain = replace(negative, oracles=())
    assert float(reduced(plain, witness).instance.x) == -1


# -- what is no instance -----------------------------------------------------------------------


def _half_of_a_float(at: Any) -> Any:
    return at.x**2 + 1 >= 1


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_cases_that_are_not_finite_are_counted_apart(share: float) -> None:
    domain = Domain(singles, {"normal": st.builds(Numbers, st.just(share))})
    own = claim(given=domain, id="user.infinite")(_half_of_a_float)
    tally = run_task([own], domain, Task("normal", 0, (0,)))[own.id]
    assert tally.not_finite > 0
    assert tally.excluded == 0
    assert (tally.cases == 0) is (share == 1.0)
    assert set(tally.decisions) <= {"HOLDS", "EQUAL"}


def test_drawn_infinities_are_outside_every_claim() -> None:
    floats = st.floats(min_value=1) | st.just(np.inf)
    reciprocal = st.builds(Number, floats.map(np.array))

    @claim(given=reciprocal, id="user.reciprocal")
    def positive(at: Any) -> Any:
        return 1 / at.x >= 5e-324

    tally = run_task([positive], positive.domain, Task(SINGLE, 0, (0,)))[positive.id]
    assert tally.not_finite > 0
    assert set(tally.decisions) == {"HOLDS"}
    (evidence,) = verify(Plan((positive,), cases=300))
    assert evidence.verdict is Verdict.STANDS


def test_a_claim_on_nothing_but_infinities_is_vacuous() -> None:
    infinite = st.builds(Number, st.sampled_from([np.inf, np.nan]).map(np.array))
    own = claim(given=infinite, id="user.nothing")(_half_of_a_float)
    (evidence,) = verify(Plan((own,), cases=100))
    assert evidence.verdict is Verdict.VACUOUS
    assert "cases drawn have infinite or NaN entries" in evidence.reason


# -- certificates ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _WrongSlope(Squared):
    kind = "wrong_slope"

    def slope(self, p: Any, y: Any) -> Any:
        return (p - y) * (1 + 2.0**-50)


@dataclass(frozen=True)
class _WrongCurvature(Squared):
    kind = "wrong_curvature"

    def curvature(self, p: Any, y: Any) -> Any:
        return super().curvature(p, y) + 2.0**-50


@dataclass(frozen=True)
class _WrongTrace(Radial):
    kind = "wrong_trace"

    def trace(self, P: Any, Y: Any) -> Any:
        return super().trace(P, Y) * (1 + 2.0**-50)


NUMBERS = {"X": np.eye(2), "Z": np.eye(2), "V": np.zeros((2, 2))}


@pytest.mark.parametrize(
    ("loss", "what"), [(_WrongSlope(), "slope at p"), (_WrongCurvature(), "curvature at p")]
)
def test_certificates_refuse_derivatives_of_another_function(loss: Loss, what: str) -> None:
    message = f"the loss {loss.name} states a derivative that is not that of its value. {what}"
    with pytest.raises(InputError, match=message):
        certify(**NUMBERS, y=np.ones(2), w=np.ones(2), loss=loss)
    for K in (loss, Separable(loss)):
        with pytest.raises(InputError, match="states a derivative that is not that of its value"):
            certify(**NUMBERS, y=np.ones((2, 2)), W=np.eye(2), loss=K)


def test_certificates_refuse_a_wrong_trace() -> None:
    with pytest.raises(InputError, match="trace of the Hessian"):
        certify(**NUMBERS, y=np.ones((2, 2)), W=np.eye(2), loss=_WrongTrace())


@pytest.mark.usefixtures("_fault")
def test_certificates_refuse_the_rounded_hinge() -> None:
    check_derivatives.cache_clear()
    with pytest.raises(InputError, match="states a derivative that is not that of its value"):
        certify(**NUMBERS, y=np.ones(2), w=np.ones(2), loss=SmoothedHinge(width=0.7))
    check_derivatives.cache_clear()


@pytest.mark.parametrize("loss", [*LOSSES.values(), *FURTHER], ids=lambda loss: loss.name)
def test_the_catalogue_passes(loss: Loss) -> None:
    check_derivatives(loss)
    check_vector_derivatives(Separable(loss))


@pytest.mark.parametrize("loss", [Radial(), SoftmaxCrossEntropy()])
def test_coupled_losses_pass(loss: Any) -> None:
    check_vector_derivatives(loss)


def test_balls_that_are_not_finite_compare_nothing() -> None:
    nothing = Ball.constant(np.nan).item

    def undefined(_instance: Any, _rng: Any) -> list[Any]:
        return [("x", nothing, arb(0)), ("y", arb(1), arb("nan"))]

    @claim(given=singles, id="user.open", oracles=(undefined,))
    def negative(at: Any) -> Any:
        return at.x >= 0

    assert decide_case(negative, Number(np.array(-1.0))).refutes
