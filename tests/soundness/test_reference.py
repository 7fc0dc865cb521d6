"""The reference itself: known verdicts, two kinds of numbers that agree, derivatives."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.residual_unit.one_output import Point
from soundness.compare import QUESTIONS, case
from soundness.instances import from_families, from_strata
from soundness.losses import FORMULAS
from soundness.numbers import Balls, Rationals, Undecided, least_eigenvalue_sign, root_sum_sign
from soundness.quantities import At, Exactly
from soundness.reference import CLAIMS, Reference
from strategies.losses import EVERY


def _scalar(loss: str, **numbers: float) -> Point:
    """A point with n = d = m = 1."""
    shapes = {"x": (1, 1), "y": (1,), "f": (1, 1), "w": (1,), "V": (1, 1), "w_star": (1,)}
    names = {"x": "X", "f": "Z"}
    arrays = {names.get(k, k): np.full(shapes[k], v) for k, v in numbers.items()}
    return Point(**arrays, loss=LOSSES[loss])


# Equality cases and refuted variants, with numbers worked out by hand.
KNOWN: list[tuple[str, dict[str, Any], int, Point]] = [
    ("theorem1", {}, 0, _scalar("affine", x=6, y=1, f=-2, w=1, V=2, w_star=-1)),
    ("theorem1", {"a": 1.5}, -1, _scalar("affine", x=6, y=1, f=-2, w=1, V=2, w_star=-1)),
    ("theorem1", {"a": 1, "b": 1}, -1, _scalar("affine", x=1, y=1, f=0, w=1, V=0, w_star=-1)),
    ("theorem1", {"c": 0}, -1, _scalar("squared", x=1, y=1, f=1, w=0.01, V=-1, w_star=1)),
    ("theorem1", {}, 1, _scalar("squared", x=1, y=1, f=1, w=0.01, V=-1, w_star=1)),
    ("theorem2", {}, 0, _scalar("affine", x=-2, y=1, f=1, w=0, V=1, w_star=1)),
    ("theorem2", {"c2": 0}, -1, _scalar("affine", x=-2, y=1, f=1, w=0, V=1, w_star=1)),
    ("theorem2_eigenvalue", {}, 1, _scalar("squared", x=1, y=1, f=1, w=0, V=-1, w_star=1)),
    ("theorem2_eigenvalue", {}, 0, _scalar("squared", x=1, y=0, f=1, w=0, V=-1, w_star=1)),
    ("theorem2_eigenvalue", {}, -1, _scalar("squared", x=1, y=2, f=1, w=1, V=0, w_star=1)),
    ("lemma1", {}, 1, _scalar("logistic", x=1, y=1, f=1, w=1, V=1, w_star=1)),
    ("lemma1", {}, 0, _scalar("logistic", x=1, y=1, f=0, w=1, V=1, w_star=1)),
]


@pytest.mark.parametrize(("claim", "constants", "sign", "point"), KNOWN)
def test_known_verdicts(claim: str, constants: Any, sign: int, point: Point) -> None:
    assert Reference(point).sign(claim, **constants) == sign


@pytest.mark.parametrize("kind", ["squared", "quartic", "affine", "smoothed_hinge"])
@pytest.mark.parametrize("at_w_zero", [False, True])
def test_balls_never_contradict_fractions(kind: str, at_w_zero: bool) -> None:
    compared, rng = 0, np.random.default_rng(5)
    for source in from_strata(at_w_zero, LOSSES[kind]):
        batch = source.draw(rng, 2)
        for index in range(batch.size):
            exactly = Exactly(case(batch, index))
            compared += sum(_agree(claim, exactly) for claim in _asked(exactly, at_w_zero))
    assert compared > 30


def _asked(exactly: Exactly, at_w_zero: bool) -> list[str]:
    small = len(exactly.w) * (1 + len(exactly.Z[0])) <= 12
    names = [q.reference for q in QUESTIONS[at_w_zero] if q.true]
    return [name for name in names if small or name != "theorem2_eigenvalue"]


def _agree(claim: str, exactly: Exactly) -> bool:
    """Whether both kinds of numbers gave a sign; then it has to be the same."""
    with ctx.workprec(256):
        try:
            enclosed = CLAIMS[claim](At(exactly, Balls(40)))
        except Undecided:
            return False
    exact = Reference.__new__(Reference)
    exact._exactly, exact._rungs = exactly, []
    assert enclosed == exact.sign(claim)
    return True


@pytest.mark.parametrize("loss", EVERY, ids=lambda loss: loss.name)
def test_slopes_and_curvatures_are_derivatives(loss: Loss) -> None:
    """A convex value lies above its tangents: (l(p + h) - l(p)) / h is in [l'(p), l'(p + h)]."""
    y = 1.0 if loss.labels.accepts(np.array(1.0)) else -1.0
    with ctx.workprec(4096):
        formulas = FORMULAS[loss.kind](Balls(0), dataclasses.asdict(loss))
        label, h = arb(y), arb((1, -1000))
        for p in (arb(x) for x in (-30.0, -1.75, -0.375, 0.875, 0.96875, 2.5, 40.0)):
            low, high = formulas.slope(p, label), formulas.slope(p + h, label)
            chord = (formulas.value(p + h, label) - formulas.value(p, label)) / h
            assert not chord < low
            assert not chord > high
            assert abs(chord - low) < arb((1, -800))
            assert abs((high - low) / h - formulas.curvature(p, label)) < arb((1, -800))


def test_balls_and_fractions_have_the_same_losses() -> None:
    for kind in ("squared", "quartic", "affine", "smoothed_hinge"):
        parameters = dataclasses.asdict(LOSSES[kind])
        balls, rationals = Balls(0), Rationals()
        for number in (Fraction(-7, 4), Fraction(1, 8), Fraction(5, 8), Fraction(3)):
            one = Fraction(1)
            exact = FORMULAS[kind](rationals, parameters)
            ball = FORMULAS[kind](balls, parameters)
            for name in ("value", "slope", "curvature"):
                expected = balls.number(getattr(exact, name)(number, one))
                found = getattr(ball, name)(balls.number(number), balls.number(one))
                assert expected.overlaps(found)


@pytest.mark.parametrize(
    ("rows", "sign"),
    [
        ([[2, 1], [1, 2]], 1),
        ([[1, 1], [1, 1]], 0),
        ([[1, 2], [2, 1]], -1),
        ([[0, 0], [0, 0]], 0),
        ([[0, 1], [1, 5]], -1),
        ([[4, 2, 0], [2, 1, 0], [0, 0, 3]], 0),
        ([[4, 2, 0], [2, 1, 1], [0, 1, 3]], -1),
    ],
)
def test_least_eigenvalue_sign(rows: list[list[int]], sign: int) -> None:
    matrix = [[Fraction(x) for x in row] for row in rows]
    assert least_eigenvalue_sign(matrix, Rationals()) == sign
    balls = Balls(0)
    assert least_eigenvalue_sign([[balls.number(x) for x in r] for r in matrix], balls) == sign


@pytest.mark.parametrize(
    ("u", "v", "d", "sign"),
    [(4, 9, 5, 0), (4, 9, 6, -1), (4, 9, 4, 1), (0, 0, 1, -1), (2, 2, 3, -1)],
)
def test_root_sum_sign(u: int, v: int, d: int, sign: int) -> None:
    assert root_sum_sign(Fraction(u), Fraction(v), Fraction(d), Rationals()) == sign


def test_every_family_has_points_in_the_domain_of_its_loss() -> None:
    for source in from_families():
        batch = source.draw(np.random.default_rng(3), 2)
        for index in range(batch.size):
            point = case(batch, index)
            assert point.is_valid()
            assert bool(point.w.any()) is not source.at_w_zero
            assert all(np.isfinite(a).all() for a in (point.X, point.Z, point.V, point.w_star))
