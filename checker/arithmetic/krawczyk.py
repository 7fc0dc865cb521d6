"""Krawczyk's test: a box that is proved to hold exactly one zero of a system of equations.

For a box X with midpoint x and any matrix Y, K(X) = x - Y f(x) + (I - Y J(X)) (X - x), where J(X)
encloses the Jacobian on X. If K(X) lies in the interior of X, then X holds exactly one zero of f,
and it lies in K(X). R. Krawczyk, Computing 4 (1969); R. E. Moore, SIAM J. Numer. Anal. 14 (1977).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.ball import Ball
from checker.instances.fields import FloatArray

System = Callable[[Any], Any]


def enclosed_zero(system: System, jacobian: System, near: FloatArray, radius: float) -> Ball | None:
    """A box around the only zero of `system` within `radius` of `near` in each coordinate.

    Parameters
    ----------
    system, jacobian
        f and J on vectors of balls, (k,) -> (k,) and (k,) -> (k, k). Wide balls are boxes.
    near
        An approximate zero, (k,).
    radius
        Half the width of the box.

    Returns
    -------
    The enclosure K(X), (k,), or None where the test proves nothing.
    """
    middle = Ball.constant(near)
    box = _widened(middle, radius)
    slopes = jacobian(middle).floats()[0]
    if not np.isfinite(slopes).all() or np.linalg.matrix_rank(slopes) < len(near):
        return None
    Y = Ball.constant(np.linalg.inv(slopes))
    rest = Ball.constant(np.eye(len(near))) - Y @ jacobian(box)
    image = middle - Y @ system(middle) + rest @ (box - middle)
    inside = all(b.contains_interior(k) for b, k in zip(box.entries, image.entries, strict=True))
    return image if inside else None


def _widened(middle: Ball, radius: float) -> Ball:
    entries = np.empty(middle.shape, dtype=object)
    for index, entry in np.ndenumerate(middle.entries):
        entries[index] = entry + arb(0, radius)
    return Ball(entries)
