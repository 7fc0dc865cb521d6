"""A fault in a formula of the product is found: one claim of each family, a quantity doubled."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import pytest

from checker.census import point as census_point
from checker.certification import bounds
from checker.certification.bounds import Bound
from checker.instances.fields import Batch
from checker.landscape.deep_linear.network import Chain, DeepLinear
from checker.landscape.deep_residual.curvature import CurvedResidual
from checker.landscape.deep_residual.motivating import Spread
from checker.landscape.deep_residual.network import CoveredResidual, DeepResidual, Pass
from checker.landscape.deep_residual.signs import SignedNetworks
from checker.landscape.minima.near_points import Certified
from checker.landscape.residual_unit.comparators import (
    DescentPoint,
    FlatPoint,
    ResidualPoint,
    SquaredPoint,
)
from checker.landscape.residual_unit.dormant import DormantUnit
from checker.landscape.residual_unit.example1 import Example1
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.predictions import Predictions
from checker.landscape.residual_unit.region import RegionPoint
from checker.landscape.residual_unit.regularised import Regularised
from checker.landscape.residual_unit.ridge import OnCurve, Stationary
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.residual_unit.unit import UnitPoint
from checker.landscape.sgd.online import ShortPath
from checker.landscape.sgd.recorded_path import RecordedPath
from soundness import censuses, certificates, premises
from soundness.catalogue import catalogue
from soundness.claims import batches, compare

# (claim, class, what of it is doubled)
FAULTS: list[tuple[str, type, str]] = [
    ("shamir2018.lemma1", Point, "b"),
    ("shamir2018.theorem2", Point, "lambda_min_at_w_zero"),
    ("shamir2018.remark1_theorem1", UnitPoint, "gap"),
    ("shamir2018.theorem3", RegionPoint, "mu1"),
    ("shamir2018.lemma1_subgradient", Predictions, "slope"),
    ("shamir2018.section2_lower_point", DormantUnit, "spread"),
    ("shamir2018.theorem4_regret", ShortPath, "gradients"),
    ("shamir2018.figure1_b", Stationary, "curvature"),
    ("shamir2018.figure1_c", OnCurve, "own_lam"),
    ("shamir2018.regularisers_value", Regularised, "at_linear"),
    ("shamir2018.remark3_third", Example1, "third_derivative"),
    ("shamir2018.appendix_b_theorem1", VectorPoint, "sigma_min_squared"),
    ("kawaguchi2019.lemma", ResidualPoint, "D"),
    ("kawaguchi2019.rank_deficient", FlatPoint, "mean_square_gradient"),
    ("kawaguchi2019.improvement", DescentPoint, "decrease"),
    ("kawaguchi2019.squared", SquaredPoint, "best_value"),
    ("yun2019.theorem_across", CoveredResidual, "mean_square_gradient"),
    ("yun2019.theorem_along", Pass, "gradients_V"),
    ("yun2019.theorem_curvature", CurvedResidual, "curvature"),
    ("yun2019.theorem_eigenvalue", CoveredResidual, "curvature_in_w"),
    ("yun2019.near_identity", DeepResidual, "distortion"),
    ("yun2019.rademacher", SignedNetworks, "lower_bound"),
    ("yun2019.example1_range", Spread, "residual_risk"),
    ("zou2020.dominance", DeepLinear, "sigma"),
    ("zou2020.gradient", Chain, "gradients"),
    ("zou2020.smoothness", DeepLinear, "smoothness"),
]

SLOW: list[tuple[str, type, str]] = [
    ("shamir2018.corollary1", Certified, "uncertainty"),
    ("shamir2018.theorem4_run", RecordedPath, "gradients"),
]


def _twice(x: Any) -> Any:
    return [2 * y for y in x] if isinstance(x, list) else 2 * x


def plant(patch: pytest.MonkeyPatch, cls: type, name: str) -> None:
    """Double a cached property or what a method returns."""
    own = cls.__dict__[name]
    if isinstance(own, cached_property):
        doubled: Any = cached_property(lambda self: _twice(own.func(self)))
        doubled.__set_name__(cls, name)
    else:

        def doubled(self: Any, *given: Any, **named: Any) -> Any:
            return _twice(own(self, *given, **named))

    patch.setattr(cls, name, doubled)


def _some(name: str, count: int) -> Iterator[Batch]:
    """Batches of different strata, as they were drawn."""
    return islice(
        (b for b in batches(catalogue()[name], 1, 2) if "distorted" not in b.stratum), count
    )


def _is_found(name: str, drawn: list[Batch]) -> bool:
    return any(compare(catalogue()[name], batch).disagreements for batch in drawn)


@pytest.mark.parametrize(
    ("name", "cls", "quantity"), FAULTS, ids=lambda x: getattr(x, "__name__", x)
)
def test_a_factor_of_2_is_found(
    name: str, cls: type, quantity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = list(_some(name, 2))
    plant(monkeypatch, cls, quantity)
    assert _is_found(name, drawn)


@pytest.mark.nightly
@pytest.mark.parametrize(("name", "cls", "quantity"), SLOW, ids=lambda x: getattr(x, "__name__", x))
def test_a_factor_of_2_is_found_at_found_points(
    name: str, cls: type, quantity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = list(_some(name, 6))
    plant(monkeypatch, cls, quantity)
    assert _is_found(name, drawn)


def test_a_wrong_bound_of_a_certificate_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = bounds.all_bounds

    def halved(facts: Any, u: Any) -> list[Bound]:
        return [b if b.value is None else Bound(b.theorem, b.value * 0.5) for b in right(facts, u)]

    arguments = certificates.networks(np.random.default_rng(3), False)
    assert not [x for x in certificates.checked(arguments).wrong if "comparator" in x]
    monkeypatch.setattr(bounds, "all_bounds", halved)
    assert [x for x in certificates.checked(arguments).wrong if "comparator" in x]


def test_a_wrong_derivative_in_a_census_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = censuses.problems(np.random.default_rng([7, 2]))
    right = census_point._derivatives

    def doubled(point: Any, ridge: float) -> Any:
        gradient, curvature = right(point, ridge)
        return gradient, type(curvature)(2 * curvature.low, 2 * curvature.high)

    monkeypatch.setattr(census_point, "_derivatives", doubled)
    assert any("curvature" in x for x in censuses.checked(problem, 2, 1).wrong)


@pytest.mark.nightly
def test_a_modulus_that_is_too_large_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever believes in strong convexity without proof is contradicted."""
    monkeypatch.setattr("checker.landscape.minima.proof.is_strongly_convex", lambda *_: True)
    wrong = 0
    for batch in _some("shamir2018.corollary1", 3):
        for index in range(batch.size):
            point = batch.case(index)
            large = type(point)(**{**vars_of(point), "modulus": 2.0**40 * float(point.modulus)})
            wrong += len(premises.confirmed(large).wrong)
    assert wrong > 0


def vars_of(point: Any) -> dict[str, Any]:
    """The fields of an instance."""
    return {name: getattr(point, name) for name in point.__dataclass_fields__}
