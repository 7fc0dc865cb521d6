"""Write the corpus of the gate: cases whose decision must never change.

    python ci/make_corpus.py [DIR]          # default: ci/corpus

Three kinds: a reduced counterexample of false neighbours, equality cases that are proved EQUAL, and
true cases that are hard to decide (w about 1e-160, subnormal numbers, 1e150, saturated losses,
equality missed in the last bit). Every case is decided while it is written, and has to come out as
it says here. The files are committed; this script is how they were made, not a step of the gate.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import checker.threads  # isort: skip  # before NumPy

import numpy as np

from checker.arithmetic.decide import Decision, decide_case
from checker.claims.claim import Claim
from checker.claims.registry import load_claims
from checker.claims.verdict import Witness
from checker.gate.corpus import case_to_json
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.residual_unit.one_output import Point
from checker.search.guided.hunt import Budget, hunt

assert checker.threads

SEED, BUDGET = 1, Budget(400_000)

# False neighbours whose counterexamples are kept: every term, constant and assumption once.
FALSE = [
    "lemma1.no_inverse_norm",
    "lemma1.inverse_norm_not_squared",
    "lemma1.no_V_block",
    "lemma1.V_block_subtracted",
    "lemma1.w_and_w_star_exchanged_in_V_block",
    "lemma1.gradient_at_w_star",
    "lemma1.no_convexity",
    "lemma1.wrong_subgradient",
    "lemma1.lower_by_1e-6",
    "theorem1.no_V_term",
    "theorem1.no_w_term",
    "theorem1.no_w_star_term",
    "theorem1.V_largest_entry",
    "theorem1.V_least_singular_value",
    "theorem1.gradient_in_w_only",
    "theorem1.no_skip_connection",
    "theorem1.comparator_on_one_sample",
    "theorem1.limit_at_w_zero",
    "theorem1.a_lower_by_1e-6",
    "theorem1.b_lower_by_1e-6",
    "theorem1.c_lower_by_1e-6",
    "theorem1_sharp.no_V_term",
    "theorem1_sharp.orthogonal_difference",
    "theorem1_sharp.lower_by_1e-6",
    "theorem2_eigenvalue.below_minus_millionth_of_b",
    "theorem2_eigenvalue.at_any_w",
    "theorem2.no_squared_eigenvalue",
    "theorem2.no_curvature_product",
    "theorem2.no_gradient_term",
    "theorem2.V_least_singular_value",
    "theorem2.no_convexity",
    "theorem2.c1_lower_by_half_percent",
    "theorem2.c2_lower_by_1e-6",
    "theorem2_sharp.gradient_towards_w_star",
    "corollary1.loss_with_kink",
    "corollary1.every_critical_point",
    "theorem3.first_order_only",
    "theorem3.exponent_half",
    "theorem3_at_t.theorem1_only",
    "appendix_b_lemma1.transpose_for_inverse",
    "appendix_b_theorem1.sigma_max",
    "appendix_b_theorem1.c_lower_by_1e-6",
    "appendix_b_theorem1_sharp.spectral_norms",
]

THEOREMS = ("lemma1", "theorem1", "theorem1_sharp")
AT_ZERO = ("theorem2_eigenvalue", "theorem2", "theorem2_sharp")


def point(loss: str, X: Any, y: Any, Z: Any, w: Any, V: Any, w_star: Any) -> Point:
    arrays = (np.array(a, dtype=np.float64) for a in (X, y, Z, w, V, w_star))
    fields = dict(zip(("X", "y", "Z", "w", "V", "w_star"), arrays, strict=True))
    return Point(loss=loss_named(loss), **fields)


# w* = -w, V = w qᵀ, x = (2 + |q|²) w, f = -q and the loss y p: equality in Theorem 1.
EQUAL_1 = point("affine", [[6, -12]], [1], [[-2]], [1, -2], [[2], [-4]], [-1, 2])
# V = w* qᵀ, f = Vᵀ w*, x = -s w* - V f and the loss y p: equality in Theorem 2, here with s = 1.
EQUAL_2 = point("affine", [[-21, -42]], [1], [[10]], [0, 0], [[2], [4]], [1, 2])
# w = w*, V = 0: G = 0 and no gap, so both sides are 0 although the loss is transcendental.
NO_GAP = point("logistic", [[1, 2], [3, 4]], [1, -1], [[1], [2]], [1, -1], [[0], [0]], [1, -1])

EQUAL = {
    "equality": [(name, EQUAL_1) for name in THEOREMS]
    + [(name, EQUAL_2) for name in ("theorem2", "theorem2_sharp")],
    "no-gap": [(name, NO_GAP) for name in ("lemma1", "theorem1_sharp")],
    "comparator-zero": [
        (name, replace(EQUAL_2, w_star=np.zeros(2))) for name in ("theorem2", "theorem2_sharp")
    ],
}

_GENERIC = point(
    "logistic",
    [[0.1, -0.7], [1.3, 0.2], [-0.9, 1.1]],
    [1, -1, 1],
    [[0.3], [-0.6], [0.8]],
    [0.7, -0.3],
    [[0.2], [0.9]],
    [-0.4, 1.7],
)


def _scaled(name: str, factor: float) -> Point:
    """The generic point with one array scaled."""
    return replace(_GENERIC, **{name: getattr(_GENERIC, name) * factor})


# Corners in which float64 knows little or nothing, and a tolerance the wrong thing.
HARD = {
    "w-1e-160": _scaled("w", 1e-160),
    "w-subnormal": _scaled("w", 2.0**-1070),
    "comparator-1e150": _scaled("w_star", 1e150),
    "comparator-subnormal": _scaled("w_star", 2.0**-1070),
    "saturated": replace(_GENERIC, w=_GENERIC.w * 1e3, w_star=_GENERIC.w_star * -1e3),
    "data-1e-12": replace(_GENERIC, X=_GENERIC.X * 1e-12, Z=_GENERIC.Z * 1e-12),
    "V-1e150": _scaled("V", 1e150),
    "comparator-one-ulp-away": replace(_GENERIC, w_star=np.nextafter(_GENERIC.w, 9.0)),
}


def _differs_at_zero(name: str, label: str) -> bool:
    """Whether the corner is one at w = 0, too; the first part of Theorem 2 has no comparator."""
    blind = ("w-", "comparator") if name == "theorem2_eigenvalue" else ("w-",)
    return not label.startswith(blind) and label != "comparator-one-ulp-away"


def _near_equality() -> Iterator[tuple[str, Point]]:
    """The equality cases, with a strictly convex loss, and with w* turned by its last bit."""
    for loss in ("squared", "cross_entropy"):
        yield "theorem1", replace(EQUAL_1, loss=loss_named(loss))
    for name, at in (("theorem1", EQUAL_1), ("theorem2", EQUAL_2)):
        yield name, replace(at, w_star=at.w_star * [1 + 2.0**-52, 1])


def cases(known: dict[str, Claim]) -> Iterator[tuple[str, Claim, Any, Decision]]:
    """(name, claim, instance, decision that it must have)."""
    for name in FALSE:
        claim = known[f"shamir2018.{name}"]
        stem = (SEED, zlib.crc32(claim.id.encode()))
        found = hunt(claim, stem, BUDGET).violation
        if found is None:
            raise SystemExit(f"no counterexample of {claim.id}")
        yield name, claim, found.instance, Decision.VIOLATED
    for label, pairs in EQUAL.items():
        for name, at in pairs:
            yield f"{name}.{label}", known[f"shamir2018.{name}"], at, Decision.EQUAL
    for number, (name, at) in enumerate(_near_equality()):
        claim = known[f"shamir2018.{name}"]
        yield f"{name}.near-equality-{number + 1}", claim, at, Decision.HOLDS
    for label, at in HARD.items():
        for name in THEOREMS:
            yield f"{name}.{label}", known[f"shamir2018.{name}"], at, Decision.HOLDS
        for name in (x for x in AT_ZERO if _differs_at_zero(x, label)):
            moved = replace(at, w=np.zeros_like(at.w))
            yield f"{name}.{label}", known[f"shamir2018.{name}"], moved, Decision.HOLDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    folder = Path(__file__).parent / "corpus"
    parser.add_argument("folder", nargs="?", type=Path, default=folder, metavar="DIR")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, claim, instance, wanted in cases(load_claims()):
        result = decide_case(claim, instance, claim.weight)
        print(f"{name:45} {result.decision.name:9} {result.guarantee}")
        if result.decision is not wanted:
            raise SystemExit(f"{name} is {result.decision.name}, not {wanted.name}")
        saved = case_to_json(claim, Witness(instance, result, "corpus", "ci/make_corpus.py"))
        text = json.dumps(saved, indent=1, sort_keys=True, allow_nan=False) + "\n"
        (options.folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
