"""Recht and Ré (2012): the counterexample for n = 5 in fractions, by all 120 products."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import permutations

import numpy as np

from catalogue.drawn import exact
from checker.arithmetic.decide import Decision, decide_case
from properties.recht2012.theorems import (
    Five,
    TurnedFive,
    five_conjecture,
    five_norm,
    five_witness,
    mean_product,
    tilted,
)

# Factors of the five matrices with 10 and 26 in the place of 11 and 24: whole numbers.
LINES = [[[4, 0, 0], [3 * s, 0, 0], [0, 3, 1]] for s in (1, -1)]
LINES += [[[4, 0, 0], [0, 3, 1], [3 * s, 0, 0]] for s in (1, -1)]
PLANE = [[0, 0, 0], [5, 1, 0], [1, -5, 0]]


def test_the_witness_in_whole_numbers() -> None:
    """Σ A_i = 64 I, and the sum of the products is diagonal with a negative first entry."""
    five = [m.astype(int).astype(object) for m in tilted(4, 3, 11, 24)]
    assert np.array_equal(sum(five), 64 * np.eye(3))
    products = sum(reduce(np.dot, order) for order in permutations(five))
    assert np.array_equal(products, np.diag(np.diag(products)))
    assert all(np.linalg.eigvalsh(m.astype(float)).min() > -1e-12 for m in five)
    quotient = Fraction(int(products[0, 0]), 120) / Fraction(64, 5) ** 5
    assert quotient < -1
    assert abs(float(quotient) + 1.0373443365097046) < 1e-15


def test_subsets_give_the_mean_over_all_orders() -> None:
    at = exact(Five(*(np.array(f, dtype=float) for f in (*LINES, PLANE))))
    five = [*at.four, at.E]
    slow = reduce(lambda x, y: x + y, (reduce(lambda x, y: x @ y, o) for o in permutations(five)))
    assert all(x.order(y) == 0 for x, y in zip(
        (slow / 120).entries.flat, mean_product(five).entries.flat, strict=True
    ))  # fmt: skip


def test_the_conjecture_falls_at_whole_numbers() -> None:
    case = Five(*(np.array(f, dtype=float) for f in (*LINES, PLANE)))
    assert decide_case(five_conjecture, case).decision is Decision.VIOLATED
    assert decide_case(five_norm, case).decision is Decision.HOLDS
    turned = TurnedFive(Q=np.zeros((3, 3)), t=np.array(1.0))
    result = decide_case(five_witness, turned)
    assert (result.decision, result.guarantee) == (Decision.HOLDS, "ball(128 bits)")
