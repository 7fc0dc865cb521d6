"""A product Vᵀw with twice the digits: what every prediction of a block inherits from it.

The features are multiplied by Vᵀw, so that an error of γ_d |V|ᵀ|w| in it would be summed over all
features and dominate every other error. Dot2 of Ogita, Rump and Oishi (Accurate sum and dot
product, SIAM J. Sci. Comput. 26, 2005, Proposition 5.5): products and sums with their rounding
errors (TwoProduct after Dekker and Veltkamp, TwoSum after Knuth), the errors added up apart, give

    |result - Vᵀw| <= u |result| + γ_d² |V|ᵀ|w| + 5 d 2^-1074.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.arithmetic.bounded import Bounded, gamma
from checker.arithmetic.constants import UNDERFLOW, UNIT_ROUNDOFF
from checker.instances.fields import FloatArray

_SPLITTER = 2.0**27 + 1


def transposed_product(V: FloatArray, w: FloatArray) -> Bounded:
    """Vᵀw of floats, (m,), with an error near half a unit in the last place; or of w (d, K)."""
    shape = (V.shape[1], *w.shape[1:])
    sums, errors = np.zeros(shape), np.zeros(shape)
    for row, factor in zip(V.reshape(*V.shape, *(1 for _ in w.shape[1:])), w, strict=True):
        product, lost = _two_product(row, factor)
        sums, dropped = _two_sum(sums, product)
        errors = errors + (lost + dropped)
    value = sums + errors
    second_order = gamma(len(w)) ** 2 * (np.abs(V).T @ np.abs(w))
    error = UNIT_ROUNDOFF * np.abs(value) + second_order + 5 * len(w) * UNDERFLOW
    # Splitting overflows near the end of the range; then nothing is known.
    known = np.isfinite(value) & np.isfinite(error)
    return Bounded(value[..., None], np.where(known, error, np.inf)[..., None], len(w) + 8)


def _two_sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """fl(a + b) and its error."""
    total = a + b
    taken = total - a
    return total, (a - (total - taken)) + (b - taken)


def _two_product(a: FloatArray, b: Any) -> tuple[FloatArray, FloatArray]:
    """fl(ab) and its error."""
    product = a * b
    (high, low), (top, rest) = _split(a), _split(b)
    return product, low * rest - (((product - high * top) - low * top) - high * rest)


def _split(a: FloatArray | float) -> tuple[FloatArray, FloatArray]:
    """Two halves of 26 bits whose sum is a."""
    scaled = np.multiply(_SPLITTER, a)
    high = scaled - (scaled - a)
    return high, np.asarray(a - high)
