"""Where float bounds do not separate F from F_lin(w*): balls, for samples small enough.

The formulas are those of `Point` and `VectorPoint`; F - F_lin(w*) is exactly 0 where both predict
the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import BALL_PRECISIONS
from checker.arithmetic.functions import sq
from checker.certification.budgets import MAX_BALL_NUMBERS
from checker.certification.certificate import Enclosed, Findings, Verdict
from checker.certification.network import Network
from checker.certification.source import Source
from checker.instances.fields import FloatArray, map_arrays
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint

_OPEN = (Verdict.LEVEL, Verdict.UNDECIDED)


C = TypeVar("C", bound=Findings)


def settled(found: C, source: Source, net: Network) -> C:
    """The certificate with F, F_lin(w*) and their difference from balls, if it was open."""
    numbers = source.n * (source.d + source.m) * (source.outputs or 1)
    if found.verdict not in _OPEN or numbers > MAX_BALL_NUMBERS:
        return found
    point = _point(source, net, found.best.u)
    for bits in BALL_PRECISIONS:
        with working_precision(bits):
            at = map_arrays(point, Ball.constant)
            own, linear = (_decay(net, *parts) for parts in ((net.w, net.V), (found.best.u,)))
            terms = (at.F + own, at.F_lin + linear, at.gap + (own - linear))
            F, F_lin, gap = (enclosed(x.item, bits) for x in terms)
            verdict = found.judged(verdict_of_ball(terms[2].item))
        if verdict not in _OPEN:
            best = replace(found.best, F_lin=F_lin, gap=gap)
            return replace(found, verdict=verdict, F=F, best=best, passes=source.passes)
    return found


def _decay(net: Network, *parts: FloatArray) -> Ball:
    """r/2 times the sum of all squares; exactly 0 without weight decay."""
    zero = Ball.constant(np.zeros(()))
    if not net.ridge:
        return zero
    half = Ball.constant(np.array(net.ridge)) / 2
    total: Ball = sum((sq(Ball.constant(part)) for part in parts), zero)
    return total * half


def verdict_of_ball(gap: Any) -> Verdict:
    """As `verdict_of`, for numbers beyond the range of float64, too."""
    if gap > 0:
        return Verdict.NOT_A_MINIMUM
    return Verdict.NO_WORSE if gap <= 0 else Verdict.UNDECIDED


def _point(source: Source, net: Network, w_star: FloatArray) -> Any:
    """All rows at once."""
    blocks = list(source)
    X, Z, y, weights = (
        np.concatenate([getattr(block, name) for block in blocks])
        for name in ("X", "Z", "y", "weights")
    )
    kind: Any = Point if source.outputs is None else VectorPoint
    return kind(X, y, Z, net.w, net.V, w_star, source.loss, weights if source.weighted else None)


def enclosed(ball: Any, bits: int) -> Enclosed:
    """An Arb ball as value ± radius in floats, rounded outwards; inf where float64 ends."""
    if ball.is_zero():
        return Enclosed(0.0, 0.0, "exact")
    if not ball.is_finite():
        return Enclosed(float("nan"), float("inf"), "unproved")
    value = float(ball.mid())
    if not np.isfinite(value):
        return Enclosed(value, float("inf"), f"ball({bits} bits)")
    off = abs(ball - value).upper()
    radius = float(np.nextafter(float(off), np.inf))
    return Enclosed(value, radius, f"ball({bits} bits)")
