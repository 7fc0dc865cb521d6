"""A loss against itself: its stated slope and curvature, and the Taylor series of its value.

Certificates rest on the stated derivatives. A loss whose slope is that of another function would
make them speak of that function, and be false of this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.checks.agreement import disagreement
from checker.arithmetic.constants import ORACLE_PRECISION
from checker.arithmetic.functions import row_sums
from checker.errors import InputError
from checker.landscape.losses.base import SPREAD, Loss
from checker.landscape.losses.coupled import VectorLoss

# Samples and outputs on which a loss of several outputs is compared.
_SAMPLES, _OUTPUTS = 16, 3


@lru_cache(maxsize=256)
def check_derivatives(loss: Loss) -> None:
    """Raise InputError if a stated derivative is proved to be none of the value, where it exists.

    Passing proves nothing: predictions and labels of many sizes are compared.
    """
    with working_precision(ORACLE_PRECISION):
        for part in loss.parts:
            for y in (y for y in SPREAD if part.labels.accepts(np.array(y))):
                _require_none(part.name, _faults(part, np.array(SPREAD), np.full(len(SPREAD), y)))


def check_vector_derivatives(loss: VectorLoss) -> None:
    """The same for a loss of several outputs, at random predictions and labels."""
    rng = np.random.default_rng(0)
    P = rng.standard_normal((_SAMPLES, _OUTPUTS)) * 4.0 ** rng.integers(-2, 3, (_SAMPLES, 1))
    Y = loss.draw(rng, P.shape)
    with working_precision(ORACLE_PRECISION):
        _require_none(loss.name, _vector_faults(loss, P, Y))


def _faults(loss: Loss, p: Any, y: Any) -> Iterator[str]:
    series = loss.value(Taylor.line(p, np.ones(len(p))), Taylor.constant(y))
    at = Ball.constant(p), Ball.constant(y)
    slope, curvature = (_spread(part(*at), p) for part in (loss.slope, loss.curvature))
    first, second = series.coefficient(1), 2 * series.coefficient(2)
    for i, (number, label) in enumerate(zip(p.tolist(), y.tolist(), strict=True)):
        place = f"at p = {number!r}, y = {label!r}"
        yield from disagreement(f"slope {place}", slope[i].item, first[i].item)
        yield from disagreement(f"curvature {place}", curvature[i].item, second[i].item)


def _spread(part: Any, p: Any) -> Any:
    """A derivative for each sample; a loss may state one number for all."""
    return part + np.zeros(len(p))


def _vector_faults(loss: VectorLoss, P: Any, Y: Any) -> Iterator[str]:
    at = Ball.constant(P), Ball.constant(Y)
    curvature: Any = 0
    slope = loss.slope(*at)
    for k, axis in enumerate(np.eye(_OUTPUTS)):
        series = loss.value(Taylor.line(P, np.tile(axis, (len(P), 1))), Taylor.constant(Y))
        curvature = curvature + 2 * series.coefficient(2)
        for i, row in enumerate(series.coefficient(1)):
            place = f"at p = {P[i].tolist()}, y = {Y[i].tolist()}"
            yield from disagreement(f"derivative in output {k} {place}", slope[i, k].item, row.item)
    for own, taken in zip(loss.trace(*at), curvature, strict=True):
        yield from disagreement("trace of the Hessian", own.item, taken.item)
    yield from _product_faults(loss, P, Y)


def _product_faults(loss: VectorLoss, P: Any, Y: Any) -> Iterator[str]:
    """The Hessian along random directions, as product and as the second derivative of the value."""
    Q = np.random.default_rng(1).standard_normal(P.shape)
    product = loss.product(*(Ball.constant(x) for x in (P, Y, Q)))
    if product is None:
        return
    series = loss.value(Taylor.line(P, Q), Taylor.constant(Y))
    own, taken = row_sums(product * Ball.constant(Q)), 2 * series.coefficient(2)
    for one, other in zip(own, taken, strict=True):
        yield from disagreement("Hessian along a direction", one.item, other.item)


def _require_none(name: str, faults: Iterator[str]) -> None:
    fault = next(faults, "")
    if fault:
        raise InputError(
            f"the loss {name} states a derivative that is not that of its value",
            why=f"{fault}, stated against taken from the value",
            hint="Mend the loss. Parameters that Python computes with beforehand are rounded: "
            "compute with Fraction, or inside the formula",
        )
