"""What a tolerance gets wrong, both ways, and what the ladder of proofs says of the same cases.

    python ci/bench/tolerances.py [--cases 400] [--seed 0] [--write docs/tolerances.md]

The true claims hold by their proofs. Whether a case of a false neighbour holds is computed here a
second time, from its raw numbers in balls of 8,192 bits, by formulas that share nothing with those
of the product.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import checker.threads  # isort: skip  # before NumPy

import numpy as np
from tolerance_cases import (
    AT_W,
    AT_ZERO,
    EVERYWHERE,
    STEEP,
    T1_SCALED,
    T2_SCALED,
    TINY_COMPARATOR,
    batches,
)
from tolerance_page import Answers, Row, page
from tolerance_truth import (
    ALARM,
    KINDS,
    OPEN,
    PASS,
    Truth,
    lemma_truth,
    settle,
    steep_truth,
    theorem1_truth,
    without_V_truth,
)

from checker.arithmetic.decide import Decision, decide_batch
from checker.arithmetic.functions import lambda_min
from checker.arithmetic.plain import Plain
from checker.claims.claim import Claim
from checker.instances.fields import Batch, map_arrays
from checker.landscape.losses.catalogue import LOSSES
from properties.shamir2018 import theorems as shamir2018
from properties.shamir2018.neighbours.curvature import theorem2_without_V
from properties.shamir2018.neighbours.gradient import lemma_without_inverse_norm
from strategies.losses import ALL
from strategies.residual_unit.strata.one_output import NONZERO_W, W_ZERO
from strategies.residual_unit.strata.stratum import Stratum

assert checker.threads

ABSOLUTE, RELATIVE = 1e-12, 1e-9


# -- the tests that are compared --------------------------------------------------------------


class Guarded(Plain):
    """Plain float64 in which one overflow does not abort the eigenvalues of its batch."""

    __slots__ = ()

    @staticmethod
    def _eigenvalues(stacked: Any) -> Any:
        finite = np.isfinite(stacked).all(axis=(1, 2))
        safe = np.where(finite[:, None, None], stacked, 0.0)
        return np.where(finite[:, None], np.linalg.eigvalsh(safe), np.nan)


def sides(claim: Claim, batch: Batch, dense: bool = False) -> tuple[Any, Any]:
    """Both sides in plain float64; `dense` takes λ_min from the whole Hessian by eigvalsh."""
    with np.errstate(all="ignore"):
        at = map_arrays(batch.instances, Guarded)
        if dense:
            vars(at)["lambda_min_at_w_zero"] = lambda_min(at.hessian)
        inequality = claim(at)
        both = inequality.lhs.value, inequality.rhs.value
        return tuple(np.broadcast_to(side, (batch.size,)) for side in both)  # type: ignore[return-value]


def _answers(passed: Any) -> Answers:
    return np.where(passed, PASS, ALARM).astype(np.int8)


def ladder(claim: Claim, batch: Batch) -> Answers:
    """What this project says of each case."""
    result = decide_batch(claim, batch, claim.weight)
    known = {Decision.HOLDS: PASS, Decision.EQUAL: PASS, Decision.VIOLATED: ALARM}
    decisions = (result.result(i).decision for i in range(batch.size))
    return np.array([known.get(d, OPEN) for d in decisions], dtype=np.int8)


def answers(claim: Claim, batch: Batch, dense: bool) -> dict[str, Answers]:
    """What each test says of each case of a batch."""
    lhs, rhs = sides(claim, batch)
    found = {}
    with np.errstate(all="ignore"):
        allowed = rhs - (ABSOLUTE + RELATIVE * np.abs(rhs))
        found["tolerance"] = _answers(lhs >= allowed)
        found["not less"] = _answers(~(lhs < allowed))
        found["strict"] = _answers(lhs >= rhs)
        if dense:
            left, right = sides(claim, batch, dense=True)
            found["eigvalsh"] = _answers(left >= right - (ABSOLUTE + RELATIVE * np.abs(right)))
    return {**found, "ladder": ladder(claim, batch)}


# -- counting ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A claim over families, and the truth of a case; None: always true, by its proof."""

    name: str
    claim: Claim
    families: tuple[Stratum, ...]
    at_zero: bool = False
    truth: Callable[[Truth], int] | None = None
    dense: bool = False


def _neighbour(constant: Fraction, name: str) -> Question:
    claim = shamir2018.gradient_bound.with_constants(a=constant, b=constant, c=constant / 2)
    families, truth = (NONZERO_W[-1], *T1_SCALED), partial(theorem1_truth, constant)
    return Question(f"Theorem 1, 2 → {name}", claim, families, truth=truth)


LEMMA_1 = Question("Lemma 1", shamir2018.gradient_direction, AT_W)
THEOREM_1 = Question("Theorem 1", shamir2018.gradient_bound, AT_W)
THEOREM_2 = Question("Theorem 2", shamir2018.curvature_bound, AT_ZERO, at_zero=True, dense=True)
TRUE = (LEMMA_1, THEOREM_1, THEOREM_2)
FALSE = (
    Question(
        "Lemma 1 without 1/‖w‖²",
        lemma_without_inverse_norm,
        (AT_W[0], *EVERYWHERE[:3]),
        truth=lemma_truth,
    ),
    _neighbour(Fraction(19, 10), "1.9"),
    _neighbour(2 - Fraction(1, 10**8), "2 - 1e-8"),
    _neighbour(2 - Fraction(1, 10**10), "2 - 1e-10"),
    Question(
        "Theorem 2 without its V term",
        theorem2_without_V,
        (W_ZERO[0], *EVERYWHERE[:3], TINY_COMPARATOR, W_ZERO[-1], *T2_SCALED),
        at_zero=True,
        truth=without_V_truth,
    ),
    Question(
        "Theorem 2 with 0.9 √(...)",
        shamir2018.curvature_bound.with_constants(c1=Fraction(81, 100), c2=Fraction(81, 100)),
        (STEEP,),
        at_zero=True,
        truth=steep_truth,
        dense=True,
    ),
)


def measured(question: Question, cases: int, seed: int) -> Iterator[Row]:
    """One row per family."""
    pool = ALL if question.truth is None else [LOSSES[kind] for kind in KINDS]
    for family in question.families:
        row = Row(question.name, family.name)
        for batch in batches(family, question.at_zero, cases, seed, pool):
            truth = np.full(batch.size, PASS, dtype=np.int8)
            if question.truth is not None:
                points = (batch.case(i) for i in range(batch.size))
                truth = np.array([settle(question.truth, p) for p in points], dtype=np.int8)
            row.count(truth, answers(question.claim, batch, question.dense))
        yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=400, help="per claim and family")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, help="the file to write; standard output without it")
    options = parser.parse_args()
    true, false = (
        [row for question in group for row in measured(question, options.cases, options.seed)]
        for group in (TRUE, FALSE)
    )
    text = page(true, false, options.cases, options.seed)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
