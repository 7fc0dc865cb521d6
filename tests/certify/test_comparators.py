"""Linear predictors of one's own, and scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy
from threadpoolctl import threadpool_info, threadpool_limits

import checker
from certify.instances import arrays, network
from checker.errors import InputError

POINT = network(0, (80, 3, 2))


def test_vectors() -> None:
    u = np.array([0.5, -0.25, 0.0])
    found = checker.certify(**arrays(POINT), against={"mine": u})
    (mine,) = found.others
    assert (mine.name, mine.u.tolist()) == ("mine", u.tolist())
    assert mine.F_lin.lower > found.best.F_lin.upper


def test_the_best_of_all_is_the_one_that_the_verdict_is_about() -> None:
    best = checker.certify(**arrays(POINT)).w_star
    point = network(0, (80, 3, 2), "affine")  # no least value: the solver stops early
    far = -1e30 * (point.y @ point.X)
    found = checker.certify(**arrays(point), against={"far": far, "near": best})
    assert found.best.name == "far"
    assert {c.name for c in found.others} == {"near", "best linear predictor found"}


@pytest.mark.parametrize("direction", range(4))
def test_duality_gap_bounds_what_a_ball_can_gain(direction: int) -> None:
    """F_lin(u) - F_lin(v) for some v with ||v|| <= 2 ||u||, the best one and random ones."""
    u = 0.25 * np.eye(3)[direction % 3] * (-1) ** direction
    rng = np.random.default_rng(direction)
    within = [checker.certify(**arrays(POINT)).w_star, *rng.standard_normal((8, 3))]
    ball = {f"v{i}": v / np.linalg.norm(v) * 0.4999 for i, v in enumerate(within)}
    found = checker.certify(**arrays(POINT), against={"mine": u, **ball})
    known = {c.name: c for c in (found.best, found.minimised, *found.others)}
    mine = known["mine"]
    assert mine.ball == 0.5
    gains = [mine.F_lin.lower - known[name].F_lin.upper for name in ball]
    assert 0 < max(gains) <= mine.duality_gap.upper


def test_a_start_saves_passes_and_not_proofs() -> None:
    cold = checker.certify(**arrays(POINT))
    warm = checker.certify(**arrays(POINT), start=cold.w_star)
    assert warm.passes < cold.passes
    assert warm.best.F_lin.lower <= cold.best.F_lin.upper
    with pytest.raises(InputError, match="the predictor start has"):
        checker.certify(**arrays(POINT), start=np.ones(2))


def test_predictors_that_do_not_fit() -> None:
    for u in (np.ones(2), np.full(3, np.nan)):
        with pytest.raises(InputError, match="the predictor mine has"):
            checker.certify(**arrays(POINT), against={"mine": u})


def test_linear_models_of_scikit_learn() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model", reason="needs the extra sklearn")
    model = linear_model.LogisticRegression(C=np.inf, tol=1e-10, fit_intercept=False)
    with pytest.raises(InputError, match="not fitted"):
        checker.certify(**arrays(POINT), against={"sklearn": model})
    model.fit(POINT.X, POINT.y)
    found = checker.certify(**arrays(POINT), against={"sklearn": model})
    names = {c.name: c for c in (found.best, *found.others)}
    ours, theirs = names["best linear predictor found"], names["sklearn"]
    assert abs(ours.F_lin.value - theirs.F_lin.value) <= theirs.duality_gap.upper + 1e-12
    model = linear_model.LogisticRegression().fit(POINT.X, POINT.y)
    with pytest.raises(InputError, match="has an intercept"):
        checker.certify(**arrays(POINT), against={"sklearn": model})


def test_the_search_has_one_blas_thread_whatever_the_caller_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    search = scipy.optimize.minimize

    def watched(*given: Any, **named: Any) -> Any:
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return search(*given, **named)

    monkeypatch.setattr(scipy.optimize, "minimize", watched)
    with threadpool_limits(2):
        checker.certify(**arrays(POINT))
        assert max(pool["num_threads"] for pool in threadpool_info()) == 2
    assert seen
    assert set(seen) == {1}
