"""Slope and curvature are the derivatives of the very numbers that a loss computes.

For any parameters: a constant such as 6 * width that Python rounds before a formula sees it makes
the slope that of another function, by some 2^-53, and a true theorem falls. At 4,096 bits, with
parameters of 53, nothing of that size hides.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.errors import InputError
from checker.landscape.losses.base import Labels, Loss
from checker.landscape.losses.catalogue import LOSSES, PseudoHuber, SmoothedHinge, SmoothedQuantile
from checker.landscape.losses.coupled import Radial, Separable, SoftmaxCrossEntropy, VectorLoss
from checker.landscape.losses.further import (
    FURTHER,
    Linex,
    NegativeBinomial,
    SmoothedExpectile,
)
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1, Huber
from checker.landscape.losses.softplus import Coefficients, SoftplusSum
from strategies.losses import EVERY

BITS = 4096
# Overlap says something where both are known to so many bits.
KNOWN = arb((1, -1024))

finite = {"allow_nan": False, "allow_infinity": False}
positive = st.floats(0, exclude_min=True, **finite)
non_negative = st.floats(0, **finite)
# Predictions and labels of all sizes; exponentials of larger ones fill the memory.
numbers = st.floats(-1e6, 1e6) | st.floats(-2, 2) | st.sampled_from([0.0, 1.0, 0.5, -1.0])

LABELS = {
    Labels.REAL: numbers,
    Labels.SIGN: st.sampled_from([-1.0, 1.0]),
    Labels.UNIT: st.floats(0, 1),
    Labels.NON_NEGATIVE: st.floats(0, 1e6),
    Labels.POSITIVE: st.floats(0, 1e6, exclude_min=True),
}

PARAMETERS: dict[type[Loss], st.SearchStrategy[Loss]] = {
    PseudoHuber: st.builds(PseudoHuber, positive),
    SmoothedHinge: st.builds(SmoothedHinge, positive | st.floats(0.01, 4)),
    SmoothedQuantile: st.builds(SmoothedQuantile, st.floats(0, 1), st.floats(1e-6, 1e6)),
    SmoothedExpectile: st.builds(
        SmoothedExpectile, non_negative, non_negative, positive | st.floats(0.01, 4)
    ),
    Linex: st.builds(Linex, st.floats(-1e3, 1e3)),
    NegativeBinomial: st.builds(NegativeBinomial, positive),
    Huber: st.builds(Huber, positive),
}

_CATALOGUE = {type(x): x for x in (*EVERY, *OUTSIDE_ASSUMPTION_1.values())}


def test_every_loss_with_parameters_has_a_strategy_here() -> None:
    assert {kind for kind in _CATALOGUE if fields(kind)} == set(PARAMETERS)
    assert {type(x) for x in (*LOSSES.values(), *FURTHER)} <= set(_CATALOGUE)


def agree(closed: Any, taken: Any) -> None:
    """Two enclosures of one number, both narrow."""
    assume(closed.is_finite() and taken.is_finite())
    assert closed.overlaps(taken), (closed.str(25), taken.str(25))
    for x in (closed, taken):
        assert x.rad() <= KNOWN * (1 + abs(x))


def check_derivatives(loss: Loss, p: float, y: Any, label: Any) -> None:
    with working_precision(BITS):
        series = loss.value(Taylor.line(np.array([p]), np.ones(1)), label(Taylor, y))
        at = Ball.constant(np.array([p])), label(Ball, y)
        for power, part in enumerate((loss.value, loss.slope, loss.curvature)):
            taken = series.coefficient(power)[0].item * math.factorial(power)
            agree(part(*at)[0].item, taken)


def one_label(arithmetic: Any, y: float) -> Any:
    return arithmetic.constant(np.array([y]))


@pytest.mark.parametrize("kind", _CATALOGUE, ids=lambda kind: kind.__name__)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_slope_and_curvature_for_all_parameters(kind: type[Loss], data: Any) -> None:
    loss = data.draw(PARAMETERS.get(kind, st.just(_CATALOGUE[kind])))
    y = data.draw(LABELS[loss.labels])
    # Also where a parameter has its effect: within a width or so of the label.
    size = min(getattr(loss, "width", getattr(loss, "delta", 1.0)), 1e6)
    near = st.floats(-1, 2).map(lambda t: (1 - t * size) * (y or 1.0)) | st.floats(-1, 2).map(
        lambda t: y + t * size
    )
    check_derivatives(loss, data.draw(numbers | near), y, one_label)


coefficients = st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=5)


@settings(deadline=None, max_examples=60)
@given(numbers, coefficients)
def test_sums_of_softplus_functions(p: float, drawn: list[float]) -> None:
    def label(arithmetic: Any, values: list[float]) -> Coefficients:
        linear, root, *terms = values
        own = (arithmetic.constant(np.array([x])) for x in (linear, root))
        return Coefficients(*own, *(arithmetic.constant(np.array([[x]])) for x in terms))

    check_derivatives(SoftplusSum(), p, drawn, label)


@pytest.mark.parametrize(
    "loss", [Radial(), SoftmaxCrossEntropy(), Separable(SmoothedHinge(width=0.7))],
    ids=lambda loss: loss.name,
)  # fmt: skip
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_gradient_and_trace_of_several_outputs(loss: VectorLoss, data: Any) -> None:
    p, y = (
        np.array([[data.draw(x) for _ in range(3)]])
        for x in (st.floats(-50, 50), LABELS[loss.labels])
    )
    with working_precision(BITS):
        P, Y = Ball.constant(p), Ball.constant(y)
        slope, curvatures = loss.slope(P, Y), []
        for k, direction in enumerate(np.eye(3)):
            series = loss.value(Taylor.line(p, direction[None]), Taylor.constant(y))
            agree(slope[0, k].item, series.coefficient(1)[0].item)
            curvatures.append(2 * series.coefficient(2)[0].item)
        agree(loss.trace(P, Y)[0].item, sum(curvatures[1:], curvatures[0]))


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, field.name) for kind in PARAMETERS for field in fields(kind)],
    ids=lambda x: x if isinstance(x, str) else x.kind,
)
def test_parameters_outside_their_domain_are_refused(kind: type[Loss], name: str) -> None:
    for value in (math.nan, math.inf, -math.inf, *(() if name == "alpha" else (-1.0,))):
        with pytest.raises(InputError, match=f"{kind.kind} has {name} = {value!r}, not"):
            kind(**{name: value})
