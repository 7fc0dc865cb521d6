"""Constants at which a single point changes from violated to held, found by the reference.

Random points are far from equality, where a wrong quantity seldom changes a verdict. With its
constants moved next to the threshold, the same formula depends on every quantity in it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from checker.arithmetic.decide import Decision, decide_batch
from checker.arithmetic.functions import norm, spectral_norm, sqrt
from checker.arithmetic.inequality import Inequality
from properties.shamir2018 import theorems as shamir2018
from soundness.compare import case
from soundness.instances import Source
from soundness.reference import Reference

# The bracket around a threshold ends this much narrower than the power of 16 that it began as.
HALVINGS = 20
POWERS = 60

Scale = Fraction


def _theorem1(at: Any, scale: Scale) -> Inequality:
    inequality: Inequality = shamir2018.gradient_bound.formula(at, 2 * scale, 2 * scale, scale)
    return inequality


def _curvature_alone(at: Any, scale: Scale) -> Inequality:
    """Not a theorem. ||w*|| ||V|| √(scale |λ_min| ||∂²F/∂w²||) >= F - F_lin(w*)."""
    curved = sqrt(scale * (abs(at.lambda_min_at_w_zero) * spectral_norm(at.hess_ww)))
    inequality: Inequality = norm(at.w_star) * spectral_norm(at.V) * curved >= at.gap
    return inequality


def _signs(reference: Reference, at_w_zero: bool) -> Callable[[Scale], int | None]:
    if at_w_zero:
        return lambda scale: reference.sign("curvature_alone", c=scale)
    return lambda scale: reference.sign("theorem1", a=2 * scale, b=2 * scale, c=scale)


def threshold(sign: Callable[[Scale], int | None]) -> tuple[Scale, Scale] | None:
    """Scales (violated, held) next to each other, or None where there is no threshold."""
    low, high, sixteen = Scale(1), Scale(1), Scale(16)
    for _ in range(POWERS):
        if sign(high) == 1:
            break
        low, high = high, high * sixteen
    for _ in range(POWERS):
        if sign(low) == -1:
            break
        low, high = low / sixteen, low
    if sign(low) != -1 or sign(high) != 1:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if sign(middle) == -1 else (low, middle)
    return low, high


def near_threshold(source: Source, rng: np.random.Generator, points: int) -> tuple[int, list[str]]:
    """How many points had a threshold, and which verdicts beside it were wrong."""
    batch, found, wrong = source.draw(rng, points), 0, []
    formula = _curvature_alone if source.at_w_zero else _theorem1
    for index in range(batch.size):
        reference = Reference(case(batch, index))
        bracket = None
        if reference.gap_sign() == 1:
            bracket = threshold(_signs(reference, source.at_w_zero))
        if bracket is None:
            continue
        found += 1
        for scale, right in zip(bracket, (Decision.VIOLATED, Decision.HOLDS), strict=True):
            one = batch.part(np.array([index]))
            decision = decide_batch(partial(formula, scale=scale), one).result(0).decision
            if decision is not right:
                wrong.append(f"{source.label}, {source.loss.name}, case {index}, scale {scale}")
    return found, wrong
