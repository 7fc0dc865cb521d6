"""Numbers hundreds of orders of magnitude apart: nothing false is proved."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from flint import arb

import checker
from certify.instances import arrays, balls, network
from checker.arithmetic.ball import working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import lambda_min
from checker.certification.certificate import Enclosed, Verdict
from checker.certification.matrices.normed import Normed
from checker.certification.one.curvature import Curvature
from checker.landscape.losses.catalogue import LOSSES

SCALES = (0, 0, 3, -3, -30, 30, -300, 200, -530, -1040)
BITS = 3000


def _inside(enclosed: Enclosed, ball: Any) -> bool:
    return not (ball > arb(enclosed.upper) or ball < arb(enclosed.lower))


@pytest.mark.parametrize("loss", ["quartic", "squared", "affine", "logistic"])
@pytest.mark.parametrize("scale", [1e-320, 1e-170, 1e-150, 1e-120, 1e60])
def test_inverse_iterations_that_underflow(loss: str, scale: float) -> None:
    """They may end in 0, which is no direction: its quotient was 0/0."""
    for X in ([[1.0, 0.0]], [[0.0, 0.0]]):
        found = checker.certify(X, [[scale]], [1.0], [1.0, 0.0], [[0.0], [0.0]], loss)
        assert found.verdict in (Verdict.NO_WORSE, Verdict.NOT_A_MINIMUM)
        assert found.least_eigenvalue.lower <= 0 <= found.F.upper


def test_the_length_of_a_direction_does_not_matter() -> None:
    """Nor does it if squares of its entries underflow or overflow."""
    matrix = Normed(np.array([[1.0, 2.0], [2.0, -3.0]]), 0.0)
    hessian = Curvature(matrix, Bounded(np.ones((1, 1))), np.array([2.0]))
    x = np.array([0.5, -0.25])
    for scale in (2.0**-1000, 2.0**-600, 2.0**600, 2.0**1000):
        assert hessian.rayleigh(x * scale) == hessian.rayleigh(x)
    for none in (0 * x, np.inf * x, np.nan * x):
        assert hessian.rayleigh(none) == np.inf


@pytest.mark.parametrize("seed", range(8))
def test_nothing_false_is_proved(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(1, 7)), *(int(k) for k in rng.integers(1, 4, 2)))
    loss = str(rng.choice(sorted(LOSSES)))
    point = network(seed, shape, loss, weighted=bool(seed % 2), w_zero=seed % 4 == 0)
    scaled = {k: getattr(point, k) * 2.0 ** int(rng.choice(SCALES)) for k in ("X", "Z", "w", "V")}
    point = dataclasses.replace(point, **scaled)
    found = checker.certify(**arrays(point))
    with working_precision(BITS):
        at = balls(point, found.w_star)
        gap = at.gap.item
        assert _inside(found.F, at.F.item)
        assert _inside(found.gradient, at.grad_norm.item)
        assert _inside(found.best.gap, gap)
        assert _inside(found.least_eigenvalue, lambda_min(at.hessian).item)
        for bound in found.best.bounds.values():
            assert not (isinstance(bound, Enclosed) and gap > arb(bound.upper))
        assert found.verdict is not Verdict.NO_WORSE or not gap > 0
        assert found.verdict is not Verdict.NOT_A_MINIMUM or not gap <= 0
        if found.escape is not None:
            moved = dataclasses.replace(point, w=found.escape.w, V=found.escape.V)
            assert balls(moved).F.item < at.F.item
