"""Certificates, censuses and proofs of minima against the reference."""

from __future__ import annotations

import numpy as np
import pytest
from flint import ctx

from checker.census.point import examined
from checker.census.search import linear_level
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.minima.critical import Problem, Search
from checker.landscape.networks.mlp import MLP
from checker.landscape.sample import Sample
from soundness import censuses, certificates, premises
from soundness.catalogue import catalogue
from soundness.papers.certificate import Examined

NETWORKS = 4


def test_certificates() -> None:
    """Every number within its radius, bounds above the gap, verdict and sentence true."""
    found = Examined()
    for seed in range(NETWORKS):
        found.add(certificates.checked(certificates.networks(_rng(seed), seed % 3 == 2)))
    assert not found.wrong, found.wrong[0]
    assert found.sentences == NETWORKS
    assert found.enclosures > 15 * NETWORKS
    assert found.bounds > 4 * NETWORKS


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng([9, seed])


def test_a_quotient_beyond_floats_is_no_crash() -> None:
    """β/μ is about 1e155 in the inverse iteration, and its square no float."""
    arguments = {
        "X": np.array([[735.467961304999, -913.9241522397475],
                       [858.2201513839782, 582.9554596995431],
                       [166.8878318324105, -920.4453062560084],
                       [2164.162305651601, -845.9288812326153]]),
        "Z": np.array([[-7.013025252448325e-151], [7.221982443569927e-151],
                       [1.0294657962229159e-150], [-2.8756863443307367e-151]]),
        "V": np.array([[0.0008023132214800327], [-0.0011902881903627864]]),
        "w": np.array([-0.0014296875862987674, -0.0014222029904411438]),
        "y": np.array([1.0, 0.0, 1.0, 7.0]),
        "loss": LOSSES["poisson"],
        "weights": np.array([0.18468501857588882, 0.27128759830443416,
                             0.9696935127047575, 0.2107992391109077]),
    }  # fmt: skip
    assert not certificates.checked(arguments).wrong


def test_a_census() -> None:
    """Values, gradients, curvatures, kinds and levels."""
    seen = censuses.checked(censuses.problems(np.random.default_rng([7, 2])), 2, 2)
    assert not seen.wrong, seen.wrong[0]
    assert seen.minima > 0
    assert seen.points >= 2
    assert seen.enclosures > 5 * seen.points


def test_the_distance_of_a_minimum_counts_the_rounding_of_V() -> None:
    """V = q w/||w||² + 10⁶ N with Nᵀw = 0: the floats have Vᵀw = q up to 1e-11 only, while the
    minimum in (w, q) is known to 1e-15.
    """
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((6, 2)), rng.standard_normal(6)
    problem = Problem(Sample(X, y), LOSSES["squared"], MLP(2, 1, "tanh", (censuses.WIDTH,)))
    theta = problem.network.initial(rng)
    Z = problem.network.features(theta, X)
    *w, q = np.linalg.lstsq(np.hstack([X, Z]), y, rcond=None)[0]
    across = q * np.array(w) / np.dot(w, w) + 1e6 * np.array([-w[1], w[0]])
    linear, v = linear_level(problem), np.concatenate([w, across, theta])
    point = examined(problem, linear, v, Search.CONVERGED, "given", 0)
    assert point is not None
    assert point.minimum is not None
    with ctx.workprec(censuses.BITS):
        seen = censuses.examined_again(problem, linear, point)
    assert not seen.wrong, seen.wrong[0]


@pytest.mark.nightly
@pytest.mark.parametrize("name", premises.CLAIMS)
def test_proved_minima_are_minima(name: str) -> None:
    proofs = premises.checked(catalogue()[name], 2, 0)
    assert not proofs.wrong, proofs.wrong[0]
    assert proofs.confirmed > 0
