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
from checker.arithmetic.functions import lambda_min
from checker.certification.certificate import Enclosed, Verdict
from checker.landscape.losses.catalogue import LOSSES

SCALES = (0, 0, 3, -3, -30, 30, -300, 200, -530, -1040)
BITS = 3000


def _inside(enclosed: Enclosed, ball: Any) -> bool:
    return not (ball > arb(enclosed.upper) or ball < arb(enclosed.lower))


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
