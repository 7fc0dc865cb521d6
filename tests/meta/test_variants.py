"""Every claim can fail: a false neighbour of its own formula over its own domain, and its page."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from checker.claims.claim import Claim, Domain
from checker.claims.neighbours import changed, dropped, mutant, scaled, times, variants
from checker.claims.registry import load_claims
from checker.search.audit import Item, audit
from checker.search.guided.hunt import Budget
from properties.shamir2018 import theorems as shamir2018
from properties.shamir2018.biases import lemma1
from properties.shamir2018.example1 import hessian_is_bounded
from strategies.residual_unit.points import points_at_w_zero

ROOT = Path(__file__).resolve().parents[2]
KNOWN = load_claims()
CLAIMS = {name: c for name, c in KNOWN.items() if c.of is None}


@pytest.fixture(scope="module")
def script() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("table", ROOT / "ci" / "variants_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_claim_has_a_false_variant_of_its_own_formula_over_its_own_domain() -> None:
    assert not [name for name, c in CLAIMS.items() if not variants(c, KNOWN.values())]


def test_the_page_lists_every_claim_with_a_variant_that_was_refuted(script: Any) -> None:
    lines = (ROOT / "docs" / "variants.md").read_text().splitlines()
    rows = {line.split("`")[1]: line for line in lines if line.startswith("| `")}
    assert rows.keys() == CLAIMS.keys()
    for name, line in rows.items():
        variant = script.shown(CLAIMS[name], KNOWN.values())
        if variant is None:
            assert "**none**" in line
        else:
            assert line.startswith(script.row(CLAIMS[name], variant, None).partition("not run")[0])
            assert " REFUTED " in line


# -- what counts as a variant -----------------------------------------------------------------


def _false(of: Claim, **further: Any) -> Callable[[Any], Claim]:
    return mutant(of, "false", "for the test", **further)


LEMMA, BOUND = shamir2018.gradient_direction, shamir2018.gradient_bound
ALTERED = {
    "scaled": scaled(LEMMA, "1e-6", ""),
    "times": times(LEMMA, Fraction(1, 2), "half", ""),
    "constant": changed(BOUND, "no_a", "", a=0),
    "assumption": dropped(LEMMA, "convex_loss", "no_convexity", ""),
    "assumption, same domain": dropped(hessian_is_bounded, "in_box", "anywhere", ""),
}
OTHERS = {
    "other formula": _false(LEMMA)(lambda at: LEMMA(at)),
    "other domain": _false(LEMMA, given=points_at_w_zero())(LEMMA.formula),
    "wider without dropping": _false(LEMMA, given=LEMMA.domain.dropping("convex_loss"))(
        LEMMA.formula
    ),
    "another claim's": replace(ALTERED["scaled"], of=lemma1.id),
    "unknown truth": replace(ALTERED["scaled"], kind="neighbour"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_one_number_or_assumption_makes_a_variant(name: str) -> None:
    variant = ALTERED[name]
    assert variants(KNOWN[str(variant.of)], [variant]) == [variant]


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_else_does(name: str) -> None:
    variant = OTHERS[name]
    assert variants(KNOWN[str(variant.of)], [variant]) == []


def test_a_domain_for_a_dropped_assumption_is_one_object() -> None:
    wider = Domain(LEMMA.domain.instances)
    domain = Domain(LEMMA.domain.instances, without={"a": lambda: replace(wider)})
    assert domain.dropping("a") is domain.dropping("a") is not wider
    assert domain.dropping("b") is domain


# -- the page ---------------------------------------------------------------------------------


def test_a_row_is_made_of_a_hunt(script: Any) -> None:
    claim = KNOWN["shamir2018.example1_curvature"]
    run = script.hunted([claim], list(KNOWN.values()))
    line = script.row(claim, script.shown(claim, KNOWN.values()), run["claims"][claim.id])
    assert "| `.c_lower_by_1e-6` | constant c: 0.999999 for 1 | the claim's | REFUTED |" in line


def test_the_words_for_a_change_are_those_of_the_variant(script: Any) -> None:
    said = {name: script.change(KNOWN[str(v.of)], v) for name, v in ALTERED.items()}
    assert said["scaled"] == "left-hand side times 0.999999"
    assert said["constant"] == "constant a: 0 for 2"
    assert said["assumption"] == "without convex_loss"


def test_a_variant_that_stands_is_not_called_refuted(script: Any) -> None:
    true = times(LEMMA, Fraction(1), "the_claim_itself", "it is not")
    (result,) = audit([Item(true, LEMMA.id)], 0, Budget(2000), 1)
    line = script.row(LEMMA, true, script._outcome(result))
    assert "**not refuted**" in line
    assert " REFUTED " not in line
