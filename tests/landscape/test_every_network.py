"""Feature maps in the point strata: every kind is drawn, with random and with trained θ."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from checker.instances.draws import draw_last
from checker.landscape.networks.base import NETWORKS, make_network
from checker.search.campaign import tasks_of
from strategies.networks import FREE, KINDS, TRAINED, features, target, trained
from strategies.residual_unit.points import points, points_at_w_zero

# Rounds over all strata that a campaign of the default size takes.
ROUNDS = 4


@pytest.fixture(scope="module")
def drawn() -> Counter[str]:
    """How often a seeded campaign on each of the two domains draws each kind."""
    kinds: Counter[str] = Counter()
    for domain in (points(), points_at_w_zero()):
        for task in tasks_of(domain, (0,), range(ROUNDS)):
            number = int(np.random.default_rng(task.seed).integers(2**32))
            structure = draw_last(domain.strata[task.stratum], number)
            if structure.stratum.loss is None:  # where equality is attained features are made
                kinds[structure.network] += 1
    return kinds


def test_a_campaign_draws_every_kind(drawn: Counter[str]) -> None:
    assert drawn.keys() <= set(KINDS)
    names = Counter({FREE: drawn[FREE]})
    for kind, count in drawn.items():
        names[kind.removesuffix(TRAINED)] += count
    assert names.keys() == {FREE, *NETWORKS}


def test_free_and_trained_features_have_their_share(drawn: Counter[str]) -> None:
    assert drawn[FREE] > 0.05 * drawn.total()
    assert sum(n for kind, n in drawn.items() if kind.endswith(TRAINED)) > 0.3 * drawn.total()


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_finite_even_for_huge_inputs(kind: str) -> None:
    for size in (1e200, 1e-200, 0.0):
        X = np.full((2, 3, 4), size)
        Z = features(kind, X, 2, np.random.default_rng(0))
        assert Z.shape == (2, 2, 4)
        assert np.isfinite(Z).all()


@pytest.mark.parametrize("kind", NETWORKS)
def test_training_moves_features_to_their_target(kind: str) -> None:
    network, rng = make_network(kind, 3, 2), np.random.default_rng(7)
    X = rng.standard_normal((24, 3))
    for _ in range(6):
        theta, goal = network.initial(rng), target(X, 2, rng)
        before, after = (
            ((network.features(t, X) - goal) ** 2).sum()
            for t in (theta, trained(network, theta, X, goal))
        )
        assert after < before


def test_targets_are_linear_a_sine_or_noise() -> None:
    X, rng = np.random.default_rng(1).standard_normal((24, 3)), np.random.default_rng(2)
    goals = [target(X, 2, rng) for _ in range(30)]
    residuals = [np.linalg.lstsq(X, goal)[1].max() for goal in goals]
    linear = [r < 1e-20 for r in residuals]
    bounded = [np.abs(goal).max() <= 1.0 for goal in goals]
    assert 3 <= sum(linear) <= 20
    assert 3 <= sum(bounded) <= 20
    assert 3 <= 30 - sum(linear) - sum(bounded) <= 20
    assert not any(a and b for a, b in zip(linear, bounded, strict=True))


def test_trained_features_differ_from_random_ones() -> None:
    X = np.random.default_rng(1).standard_normal((4, 3, 5))
    for name in NETWORKS:
        random, fitted = (
            features(k, X, 2, np.random.default_rng(0)) for k in (name, name + TRAINED)
        )
        assert not np.array_equal(random, fitted)
