"""Shamir (2018), Figure 1: stationary points of F(w, v) = c (w(1 + v) - 1)², each one decided.

(a) F itself, with its valley w(1 + v) = 1; (b) F + (λ/2)(w² + v²); (c) F on the disc of radius r.
A stationary point is proved by Krawczyk's test in balls, its kind by the signs of the Hessian's
eigenvalues; on the circle by the multiplier and the curvature along the tangent.

Completeness in (b), for λ > 0. With g = 2c (w(1 + v) - 1) the gradient vanishes where
g(1 + v) + λw = 0 and g w + λv = 0. Then g != 0 and w² = v(1 + v): v >= 0 or v <= -1. By the signs
of g, v >= 0 means w > 0, and v <= -1 means w < 0. Let s = v or s = -(1 + v), q = √(s/(1 + s)) in
(0, 1), so that s = q²/(1 - q²) and |w| = q/(1 - q²). Either kind solves one equation in q:

    w < 0:  λ/(2c) = q - s²,          (v, w) = (-1/(1 - q²), -q/(1 - q²)),
    w > 0:  λ/(2c) = (1 - |w|(1 + s)) / q,   (v, w) = (s, |w|).

q - s² grows, then falls: it has its greatest value 0.3904... where s(1 + s) = 4^(-2/3). So there
are two stationary points with w < 0, a minimum and a saddle, if λ/(2c) is below it, none above.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_poly

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.existence.krawczyk import enclosed_zero, polished
from checker.arithmetic.functions import dot, lambda_max, lambda_min, sq
from checker.instances.fields import FloatArray, unchecked
from checker.landscape.residual_unit.ridge import Ridge

BITS = 256
BOX = 2.0**-30


class Kind(Enum):
    """What was proved of a stationary point."""

    MINIMUM = "local minimum"
    SADDLE = "saddle"
    UNKNOWN = "not decided"


@dataclass(frozen=True)
class StationaryPoint:
    """A stationary point: the box that holds it, its value and its kind.

    Attributes
    ----------
    w, v, value
        Enclosures (balls).
    kind
        What was proved.
    multiplier
        On the circle: the multiplier μ of ∇F + μ (w, v) = 0, a ball; None in the interior.
    """

    w: Any
    v: Any
    value: Any
    kind: Kind
    multiplier: Any = None

    @property
    def middle(self) -> tuple[float, float]:
        """Floats near (w, v)."""
        return float(self.w.mid()), float(self.v.mid())


@dataclass(frozen=True)
class Surface:
    """c (w(1 + v) - 1)² + (λ/2)(w² + v²): the product's objective at x = f = y = 1, scaled."""

    c: float
    regularisation: float = 0.0

    def _at(self, z: Any) -> Ridge:
        numbers = (1, self.c, self.regularisation)
        eps, c, lam = (Ball.constant(number) for number in numbers)
        return unchecked(Ridge, eps=eps, c=c, lam=lam, w=z[0], v=z[1])

    def value(self, z: Any) -> Any:
        """F, a scalar."""
        return self._at(z).value

    def gradient(self, z: Any) -> Any:
        """∇F, (2,)."""
        return _pair(*self._at(z).gradient)

    def hessian(self, z: Any) -> Any:
        """∇²F, (2, 2)."""
        return self._at(z).hessian


def stationary_point(surface: Surface, near: FloatArray) -> StationaryPoint | None:
    """The stationary point near a guess, if its existence can be proved."""
    with working_precision(BITS):
        start = polished(surface.gradient, surface.hessian, near)
        box = enclosed_zero(surface.gradient, surface.hessian, start, BOX)
        if box is None:
            return None
        hessian = surface.hessian(box)
        least, greatest = lambda_min(hessian).item, lambda_max(hessian).item
        kind = Kind.MINIMUM if least > 0 else Kind.SADDLE if least < 0 < greatest else Kind.UNKNOWN
        return StationaryPoint(box[0].item, box[1].item, surface.value(box).item, kind)


def constrained_minimum(
    surface: Surface, radius: float, near: FloatArray
) -> StationaryPoint | None:
    """The strict local minimum of F on ||(w, v)|| <= radius near a guess (w, v, μ), if proved.

    It solves ∇F + μ z = 0, ||z||² = r², which Krawczyk's test proves in (w, v, μ). For a strict
    local minimum μ > 0 and positive curvature of F + μ||z||²/2 along the tangent are sufficient.
    """

    def system(x: Any) -> Any:
        z = _pair(x[0], x[1])
        pull = surface.gradient(z) + x[2] * z
        return _stack(pull[0], pull[1], (sq(z) - radius**2) / 2)

    def jacobian(x: Any) -> Any:
        z = _pair(x[0], x[1])
        H = surface.hessian(z) + x[2] * Ball.constant(np.eye(2))
        rows = (_stack(H[0][0], H[0][1], z[0]), _stack(H[1][0], H[1][1], z[1]))
        return Ball(np.stack([*(r.entries for r in rows), _stack(z[0], z[1], 0 * z[0]).entries]))

    with working_precision(BITS):
        box = enclosed_zero(system, jacobian, polished(system, jacobian, near), BOX)
        if box is None:
            return None
        z, mu = _pair(box[0], box[1]), box[2].item
        tangent = _pair(-z[1], z[0])
        bent = dot(tangent, surface.hessian(z) @ tangent).item + mu * sq(tangent).item
        kind = Kind.MINIMUM if mu > 0 and bent > 0 else Kind.UNKNOWN
        return StationaryPoint(z[0].item, z[1].item, surface.value(z).item, kind, mu)


def _pair(first: Any, second: Any) -> Any:
    return _stack(first, second)


def _stack(*scalars: Any) -> Any:
    return Ball(np.array([x.item for x in scalars], dtype=object))


# -- completeness -------------------------------------------------------------------------------

_Q = fmpq_poly([0, 1])
_U = 1 - _Q * _Q  # 1 - q²


def stationary_points(surface: Surface) -> list[StationaryPoint]:
    """All stationary points of c (w(1 + v) - 1)² + (λ/2)(w² + v²) for λ > 0, by decreasing w.

    The roots q in (0, 1) of two rational polynomials are isolated by FLINT; each gives a guess that
    Krawczyk's test has to confirm.
    """
    ratio = Fraction(surface.regularisation) / (2 * Fraction(surface.c))
    guesses = [(1, q) for q in _roots(_right_branch(ratio))]
    guesses += [(-1, q) for q in _roots(_left_branch(ratio))]
    found = [stationary_point(surface, _place(side, q)) for side, q in guesses]
    proved = [x for x in found if x is not None]
    return sorted(proved, key=lambda x: -x.middle[0])


def _left_branch(ratio: Fraction) -> Any:
    """(q - s² - ratio)(1 - q²)², s = q²/(1 - q²)."""
    return _Q * _U**2 - _Q**4 - _rational(ratio) * _U**2


def _right_branch(ratio: Fraction) -> Any:
    """(1 - q/(1 - q²)² - ratio q)(1 - q²)²."""
    return _U**2 - _Q - _rational(ratio) * _Q * _U**2


def _rational(x: Fraction) -> Any:
    return fmpq(x.numerator, x.denominator)


def _roots(polynomial: Any) -> list[Any]:
    """The real roots in (0, 1), isolated."""
    return [q for q in _real_roots(polynomial) if q > 0 and q < 1]


def _real_roots(polynomial: Any) -> list[Any]:
    """FLINT encloses the real roots of a rational polynomial by balls that are real exactly."""
    with working_precision(BITS):
        found: Any = polynomial.complex_roots()
        return [root.real for root, _ in found if root.imag == 0]


def _place(side: int, q: Any) -> FloatArray:
    """(w, v) of a root: for w > 0, v = s; for w < 0, v = -(1 + s)."""
    u = 1 - q * q
    w, v = side * q / u, q * q / u if side > 0 else -1 / u
    return np.array([float(w.mid()), float(v.mid())])


def threshold(eps: Any = 1) -> Any:
    """max (ε q - s²), an enclosure: λ below 2c times it leaves a local minimum with w < 0."""
    with working_precision(BITS):
        slope = arb(eps)
        square = (slope / 4).root(3) ** 2
        s = ((1 + 4 * square).sqrt() - 1) / 2
        return slope * (s / (1 + s)).sqrt() - s * s


def valley_radius(eps: Fraction = Fraction(1)) -> tuple[Any, Any, Any]:
    """(r, w, v): the point nearest to 0 of the valley w(1 + ε v) = 1 with w < 0.

    w² + (1/w - 1)²/ε² is stationary where ε² w⁴ - 1 + w = 0; (c) has a bad minimum for the radii
    between 1/ε and r.
    """
    slope = _rational(eps)
    (w,) = (x for x in _real_roots(fmpq_poly([-1, 1, 0, 0, slope**2])) if x < 0)
    with working_precision(BITS):
        v = (1 / w - 1) / slope
        return (w * w + v * v).sqrt(), w, v


FIGURE_1B, FIGURE_1C = Surface(1.0, 0.5), Surface(1.0)
DISC, ON_DISC = 2.0, np.array([-1.0756, -1.6861, 0.334])
