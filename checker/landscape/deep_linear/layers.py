"""Products of square layers W_L ... W_1 and what the chain rule makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate
from typing import Any

import numpy as np

from checker.arithmetic.functions import filled, outer, sq


def product(layers: Sequence[Any]) -> Any:
    """W_L ... W_1."""
    return reduce(lambda inner, layer: layer @ inner, layers)


def before(layers: Sequence[Any]) -> list[Any]:
    """W_{l-1} ... W_1 for l = 1, ..., L; of square layers, I for l = 1."""
    eye = type(layers[0]).constant(np.eye(layers[0].shape[1]))
    return list(accumulate(layers[:-1], lambda inner, layer: layer @ inner, initial=eye))


def behind(layers: Sequence[Any]) -> list[Any]:
    """W_L ... W_{l+1} for l = 1, ..., L; I for l = L."""
    eye = type(layers[-1]).constant(np.eye(layers[-1].shape[0]))
    rest = layers[:0:-1]
    return list(accumulate(rest, lambda outer, layer: outer @ layer, initial=eye))[::-1]


def gradients(layers: Sequence[Any], slope: Any) -> list[Any]:
    """∂/∂W_l of a function of W_L ... W_1 whose gradient in the product is `slope`."""
    pairs = zip(behind(layers), before(layers), strict=True)
    return [outer.T @ (slope @ inner.T) for outer, inner in pairs]


def stepped(layers: Sequence[Any], slopes: Sequence[Any], step: Any) -> list[Any]:
    """W_l - step times gradient."""
    return [layer - step * slope for layer, slope in zip(layers, slopes, strict=True)]


def summed(terms: Sequence[Any]) -> Any:
    """The sum of at least one term."""
    return reduce(lambda x, y: x + y, terms)


def power(base: Any, exponent: int) -> Any:
    """base^exponent, 1 for the exponent 0."""
    return base**exponent if exponent else filled(base, 1.0)


def columns_times(matrix: Any, numbers: Any) -> Any:
    """matrix diag(numbers)."""
    ones = type(matrix).constant(np.ones(matrix.shape[0]))
    return matrix * outer(ones, numbers)


def agree(*pairs: tuple[Any, Any]) -> Any:
    """x = y for every pair of vectors or matrices, as Σ |y|² >= Σ |y|² + Σ |x - y|²."""
    size = summed([sq(y) for _, y in pairs])
    return size >= size + summed([sq(x - y) for x, y in pairs])
