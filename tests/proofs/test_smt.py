"""Polynomial claims by z3: it proves, and what it has against a claim is decided by the ladder."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checker import claim
from checker.arithmetic.functions import dot, exp, norm, spectral_norm, sq, sqrt
from checker.claims.claim import Assumption, Claim
from checker.cli import main
from checker.proofs import enclosures, smt
from checker.proofs.boxes.program import problems_of
from checker.proofs.enclosures import by_enclosures
from checker.proofs.prove import NO_PROOF, NOT_PROVED, PROVED
from checker.proofs.smt import Answer, roundings
from checker.sets import integers, interval, nonnegative, numbers, positive, vectors
from properties.shamir2018.theorems import (
    convex_loss,
    gradient_direction,
    loss_everywhere,
    nonzero_w,
)
from strategies.residual_unit.points import points, points_without


@claim
def means(x: positive()):
    return x + 1 / x >= 2


@claim
def cauchy_schwarz(u: vectors("k"), v: vectors("k")):
    return norm(u) * norm(v) >= dot(u, v)


@claim
def binomial(x: numbers(), y: numbers()):
    return (x + y) ** 2 == x * x + 2 * x * y + y * y


@claim(assuming=[lambda x, y: x * y >= 1])
def under_a_premise(x: nonnegative(), y: nonnegative()):
    return x + y >= 2


@claim
def lemma1(x: numbers(), f: numbers(), y: numbers(), w: positive(), V: numbers(), s: numbers()):
    """Lemma 1 of Shamir (2018) for n = d = m = 1 and the squared loss, w > 0."""
    p, t = w * (x + V * f), s * x
    g = 2 * (p - y)
    return (w - s) * g * (x + V * f) + s * V * g * f >= (p - y) ** 2 - (t - y) ** 2


@pytest.mark.parametrize("of", [means, cauchy_schwarz, binomial, under_a_premise, lemma1])
def test_proved(of: Claim) -> None:
    result = by_enclosures(of, 60.0)
    assert (result.verdict, result.reason) == (PROVED, "")
    assert result.by.startswith("z3 ")
    assert "trusted" in result.by


@claim
def means_false(x: positive()):
    return x + 1 / x >= 2 + 2**-20


@claim
def cauchy_schwarz_false(u: vectors("k"), v: vectors("k")):
    return norm(u) * norm(v) * (1 - 2**-30) >= dot(u, v)


@claim
def binomial_false(x: numbers(), y: numbers()):
    return (x + y) ** 2 == x * x + 2 * x * y + (1 + 2**-40) * y * y


@claim(assuming=[lambda x, y: x * y >= 1])
def under_a_premise_false(x: nonnegative(), y: nonnegative()):
    return x + y >= 2 + 2**-20


@claim
def lemma1_false(
    x: numbers(), f: numbers(), y: numbers(), w: positive(), V: numbers(), s: numbers()
):
    p, t = w * (x + V * f), s * x
    g = 2 * (p - y)
    return (w - s) * g * (x + V * f) + s * V * g * f >= ((p - y) ** 2 - (t - y) ** 2) * (1 + 2**-30)


FALSE = (
    means_false,
    cauchy_schwarz_false,
    binomial_false,
    under_a_premise_false,
    lemma1_false,
)


@pytest.mark.parametrize("of", FALSE)
def test_false_variants_fall(of: Claim) -> None:
    result = by_enclosures(of, 60.0)
    assert result.verdict == NOT_PROVED
    assert "the claim is false at " in result.reason


@claim
def undefined(x: numbers()):
    return x * x / x >= x


def test_undefined_formulas_are_not_proved() -> None:
    result = by_enclosures(undefined, 20.0)
    assert result.verdict == NOT_PROVED
    assert "not defined everywhere" in result.reason


@claim
def no_polynomial(x: numbers()):
    return exp(x) >= 1 + x


@claim
def counted(n: integers(low=1, high=3)):
    return n * n >= n


@pytest.mark.parametrize(("of", "why"), [(no_polynomial, "no exp"), (counted, "no interval")])
def test_refused(of: Claim, why: str) -> None:
    result = by_enclosures(of, 20.0)
    assert result.verdict == NO_PROOF
    assert why in result.reason


def test_a_model_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim is true, so the ladder says so whatever z3 may have said."""
    found = Answer(reason="z3 has a model", model=(Fraction(1, 3),))
    monkeypatch.setattr(enclosures, "asked", lambda *_: found)
    result = by_enclosures(means, 20.0)
    assert result.verdict == NOT_PROVED
    assert "none of the floats tried near it violates the claim" in result.reason


def test_roundings_stay_in_the_sets() -> None:
    problem = problems_of(means, {}, compact=False)[0]
    points = list(roundings([Fraction(1, 100)], problem))
    assert points
    assert all(x > 0 and Fraction(float(x)) == x for (x,) in points)


def test_without_z3_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosures, "solver", lambda: None)
    result = by_enclosures(means, 20.0)
    assert result.verdict == NO_PROOF
    assert smt.MISSING in result.reason


def test_giving_up_is_said() -> None:
    result = by_enclosures(lemma1, 1e-9)
    assert result.verdict == NOT_PROVED
    assert "no time left" in result.reason


def test_what_z3_found_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "polynomial_of_mine.py", tmp_path / "out"
    file.write_text(
        "from checker import claim, interval\n\n\n@claim\n"
        "def product(x: interval(0, 1), y: interval(0, 1)):\n"
        "    return x * y * (x - y) ** 2 >= 0.06 * x\n"
    )
    assert main(["prove", f"{file}::product", "--seconds", "8", "--out", str(out)]) == 3
    saved: dict[str, Any] = json.loads((out / "polynomial_of_mine.product.case.json").read_text())
    assert saved["claim"] == "polynomial_of_mine.product"
    replayed = str(out / "polynomial_of_mine.product.case.json")
    assert main(["replay", replayed, str(file)]) == 1
    assert "VIOLATED" in capsys.readouterr().out


def test_sets_are_said() -> None:
    @claim
    def mixed(x: positive(), y: interval(-1, float("inf")), z: numbers()):
        return x + y + z * z >= -1

    result = by_enclosures(mixed, 20.0)
    assert result.on == "x in (0.0, inf), y in [-1.0, inf), z in (-inf, inf)"
    assert result.verdict == PROVED


# -- points with any convex loss ------------------------------------------------------------------


def _bound(c: float, given: Any, *assuming: Any) -> Claim:
    """Theorem 1 with another constant in place of 2."""

    @claim(id=f"mine.bound_{c}", given=given, assuming=[nonzero_w, *assuming])
    def bound(at: Any) -> Any:
        size = sqrt(c * sq(at.w) + sq(at.w_star) * (2 + sq(at.V) / sq(at.w)))
        return at.grad_norm >= at.gap / size

    return bound


def test_a_claim_about_all_convex_losses_is_proved() -> None:
    result = by_enclosures(_bound(2, points(), convex_loss), 60.0)
    assert (result.verdict, result.reason) == (PROVED, "")
    assert result.on.startswith("points, any convex losses, weights 1/n (d = 1, m = 1, n = 1); ")
    assert "any weights" in result.on


def test_its_false_neighbour_falls_and_replays(tmp_path: Path) -> None:
    false = _bound(2 - 2**-20, points(), convex_loss)
    result = by_enclosures(false, 60.0, folder=str(tmp_path))
    assert result.verdict == NOT_PROVED
    assert "the claim is false at X_1_1 = " in result.reason
    saved = json.loads((tmp_path / "mine.bound_1.9999990463256836.case.json").read_text())
    assert saved["instance"]["class"] == "SeenPoint"


def test_losses_that_need_not_be_convex_have_no_such_form() -> None:
    """Their second derivative may have any sign, which the four numbers of a loss do not say."""
    result = by_enclosures(_bound(2, points_without("convex_loss")), 60.0)
    assert result.verdict == NO_PROOF


def test_larger_sizes_are_asked_for() -> None:
    result = by_enclosures(gradient_direction, 60.0, [("m", 2)])
    assert result.verdict == PROVED
    assert "m = 2" in result.on


@claim(given=points(), assuming=[nonzero_w, loss_everywhere])
def elsewhere(at: Any) -> Any:
    return at.F >= at.F


@claim(given=points(), assuming=[nonzero_w])
def of_a_matrix(at: Any) -> Any:
    return spectral_norm(at.V) >= 0 * sq(at.w)


@claim(
    given=points(),
    assuming=[nonzero_w, Assumption("alike", "w = w^*", lambda at: np.all(at.w == at.w_star))],
)
def where_nothing_is(at: Any) -> Any:
    return sq(at.w) >= 0


def test_what_points_of_numbers_cannot_say() -> None:
    refused = by_enclosures(elsewhere, 20.0)
    assert refused.verdict == NO_PROOF
    assert "assumes loss_everywhere, which points, any convex losses" in refused.reason
    assert "assumes alike, which" in by_enclosures(where_nothing_is, 20.0).reason
    large = by_enclosures(of_a_matrix, 20.0, [("d", 3), ("m", 3)])
    assert "the norm of a 3 x 3 matrix has no formula" in large.reason
    assert by_enclosures(of_a_matrix, 20.0, [("d", 2), ("m", 3)]).verdict == PROVED


@claim(
    given=points(),
    assuming=[
        nonzero_w,
        Assumption("w_positive", "w > 0", lambda at: np.all(at.w > 0, axis=0)),
    ],
)
def under_an_untold_premise(at: Any) -> Any:
    return at.w[0] >= 0


def test_a_premise_that_z3_is_not_told_is_named() -> None:
    result = by_enclosures(under_an_untold_premise, 20.0)
    assert result.verdict == NOT_PROVED
    assert result.reason.endswith("; z3 was not told w_positive")
