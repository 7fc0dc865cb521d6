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

# Steps of Newton's method in floats, and contractions of an enclosure that is proved already.
_STEPS, _CONTRACTIONS = 16, 1

# Relative lengths of the last step, and of one after which the slopes are hardly new.
_LAST, _SHORT = 2.0**-44, 2.0**-10
_SMALLEST = np.finfo(float).tiny


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
    return contracted(system, jacobian, middle, widened(middle, radius))


def contracted(system: System, jacobian: System, middle: Ball, box: Ball) -> Ball | None:
    """K(X) around a point of the box, if it proves that the box holds exactly one zero."""
    image = mapped(system(middle), jacobian(box), middle, box)
    return image if image is not None and is_inside(image, box) else None


def mapped(at_middle: Ball, slopes: Ball, middle: Ball, box: Ball) -> Ball | None:
    """K(X) from f(x) and J(X), with Y near the inverse of the middle of J(X); None without one."""
    floats = slopes.floats()[0]
    if not np.isfinite(floats).all() or np.linalg.matrix_rank(floats) < len(floats):
        return None
    Y = Ball.constant(np.linalg.inv(floats))
    rest = Ball.constant(np.eye(len(floats))) - Y @ slopes
    return middle - Y @ at_middle + rest @ (box - middle)


def is_inside(image: Ball, box: Ball) -> bool:
    """Whether the image lies in the interior of the box."""
    pairs = zip(box.entries, image.entries, strict=True)
    return all(x.contains_interior(k) for x, k in pairs)


def sharpened(system: System, jacobian: System, box: Ball) -> Ball:
    """A narrower enclosure of the only zero in a box."""
    for _ in range(_CONTRACTIONS):
        image = contracted(system, jacobian, middle_of(box), box)
        if image is None:
            break
        box = image
    return box


def polished(system: System, jacobian: System, near: FloatArray) -> FloatArray:
    """A few Newton steps in floats; nothing rests on them. After a short step the slopes serve
    again."""
    z, slopes = np.array(near, dtype=float), None
    for _ in range(_STEPS):
        at = Ball.constant(z)
        slopes = jacobian(at).floats()[0] if slopes is None else slopes
        try:
            step = np.linalg.solve(slopes, system(at).floats()[0])
        except np.linalg.LinAlgError:
            return z
        if not np.isfinite(step).all():
            return z
        z, size = z - step, np.abs(step).max() / max(np.abs(z).max(), _SMALLEST)
        if size <= _LAST:
            return z
        slopes = slopes if size <= _SHORT else None
    return z


def widened(middle: Ball, radius: Any) -> Ball:
    """The box of all points within a radius, a float or a ball, of some, in each coordinate."""
    around = arb(0, radius) if isinstance(radius, float) else arb(0, 1) * radius
    return middle._each(lambda x: x + around)


def middle_of(box: Ball) -> Ball:
    """The midpoint, which is a point exactly."""
    return box._each(lambda x: x.mid())
