"""Batched L-BFGS: every column of an array minimises its own function, all at once.

Nocedal and Wright, Numerical Optimization (2006), algorithm 7.4; the line search tries a few step
lengths together and takes the best. Deterministic, and never worse than where it started.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from checker.instances.fields import FloatArray

# Values of a (count, k * size) array of points; and gradients, (count, size).
Values = Callable[[FloatArray], FloatArray]
Gradients = Callable[[FloatArray], FloatArray]

MEMORY = 10
# Tried together: the full quasi-Newton step, shorter ones, and a longer one.
LENGTHS = (1.0, 0.5, 0.1, 0.01, 1e-4, 2.0)


def descend(
    values: Values,
    gradients: Gradients,
    start: FloatArray,
    iterations: int,
    over: Callable[[], bool] = lambda: False,
) -> tuple[FloatArray, FloatArray]:
    """Points (count, size) and their values (size,) after at most `iterations` steps.

    Stops early when `over` says so, or when no column gets any better.
    """
    x, best = start, values(start)
    if over():
        return x, best
    gradient = gradients(x)
    steps: list[FloatArray] = []
    changes: list[FloatArray] = []
    stuck = np.zeros(best.shape, dtype=int)
    for _ in range(iterations):
        direction = _direction(gradient, steps, changes, x)
        # Where the model has failed, plain steepest descent starts it anew.
        direction = np.where(stuck > 0, _steepest(gradient, x), direction)
        moved, found = _line_search(values, x, direction, best)
        better = found < best
        stuck = np.where(better, 0, stuck + 1)
        if (stuck > 1).all() or over():
            break
        new = np.where(better, moved, x)
        new_gradient = gradients(new)
        steps, changes = [*steps, new - x][-MEMORY:], [*changes, new_gradient - gradient][-MEMORY:]
        x, gradient, best = new, new_gradient, np.where(better, found, best)
    return x, best


def _direction(
    gradient: FloatArray, steps: list[FloatArray], changes: list[FloatArray], x: FloatArray
) -> FloatArray:
    """-H gradient by the two-loop recursion; pairs without positive curvature are skipped."""
    if not steps:
        return _steepest(gradient, x)
    q, weights = gradient, []
    inner = [(s * y).sum(axis=0) for s, y in zip(steps, changes, strict=True)]
    usable = [np.isfinite(c) & (c > 0) for c in inner]
    for s, y, c, ok in reversed(list(zip(steps, changes, inner, usable, strict=True))):
        a = np.where(ok, (s * q).sum(axis=0) / np.where(ok, c, 1.0), 0.0)
        weights.append(a)
        q = q - a * y
    r = q * _scaling(steps[-1], changes[-1], inner[-1], usable[-1], gradient, x)
    for s, y, c, ok, a in zip(steps, changes, inner, usable, reversed(weights), strict=True):
        b = np.where(ok, (y * r).sum(axis=0) / np.where(ok, c, 1.0), 0.0)
        r = r + np.where(ok, a - b, 0.0) * s
    downhill = (r * gradient).sum(axis=0) > 0
    return np.where(downhill, -r, _steepest(gradient, x))


def _scaling(
    step: FloatArray,
    change: FloatArray,
    inner: FloatArray,
    usable: FloatArray,
    gradient: FloatArray,
    x: FloatArray,
) -> FloatArray:
    size = (change**2).sum(axis=0)
    usable = usable & (size > 0)
    length = _length(gradient)
    fallback = _first_step(x) / np.where(length > 0, length, 1.0)
    return np.where(usable, inner / np.where(usable, size, 1.0), fallback)


def _steepest(gradient: FloatArray, x: FloatArray) -> FloatArray:
    length = _length(gradient)
    return -gradient * (_first_step(x) / np.where(length > 0, length, 1.0))


def _first_step(x: FloatArray) -> FloatArray:
    """How far to go while nothing is known: a tenth of the length of x, or of 1 at the origin."""
    length = _length(x)
    return 0.1 * np.where(length > 0, length, 1.0)


def _length(x: FloatArray) -> FloatArray:
    length: FloatArray = np.sqrt((x**2).sum(axis=0))
    return length


def _line_search(
    values: Values, x: FloatArray, direction: FloatArray, best: FloatArray
) -> tuple[FloatArray, FloatArray]:
    tried = np.concatenate([x + t * direction for t in LENGTHS], axis=1)
    found = values(tried).reshape(len(LENGTHS), -1)
    found = np.where(np.isnan(found), np.inf, found)
    winner = found.argmin(axis=0)
    columns = np.arange(x.shape[1])
    return tried[:, winner * x.shape[1] + columns], found[winner, columns]
