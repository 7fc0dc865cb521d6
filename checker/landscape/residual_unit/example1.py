"""Example 1 of Shamir (2018): F(w, v) = (w(1 + ε v) - 1)²/2, one sample x = y = 1, f_θ(x) = ε x.

Points are given by s = ε w and u = ε v, so that the box |w|, |v| <= 2/ε of Remark 3 is
|s|, |u| <= 2 and the saddle (0, -1/ε) is (s, u) = (0, -1) for every ε.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import hstack, vstack
from checker.instances.fields import Dims, FloatArray, unchecked
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.residual_unit.one_output import Point


@dataclass(frozen=True, eq=False)
class Example1:
    """A point (w, v) = (s, u)/ε.

    Attributes
    ----------
    eps, s, u
        ε > 0, ε w and ε v; scalars.
    h1, h2
        A direction in (w, v); scalars.
    """

    eps: Annotated[FloatArray, Dims(domain="positive")]
    s: Annotated[FloatArray, Dims()]
    u: Annotated[FloatArray, Dims()]
    h1: Annotated[FloatArray, Dims()]
    h2: Annotated[FloatArray, Dims()]

    def is_valid(self) -> bool:
        """Whether ε is positive."""
        return bool(np.all(self.eps > 0))

    @cached_property
    def point(self) -> Point:
        """The point in the product's own objective, with w* = 1."""
        return scalar_point(self.eps, self.s / self.eps, self.u / self.eps)

    @cached_property
    def printed_gradient(self) -> tuple[Any, Any]:
        """((w - 1 + ε w v)(1 + ε v), ε (w - 1 + ε w v) w), as the paper has it."""
        w, v, eps = self.s / self.eps, self.u / self.eps, self.eps
        error = w - 1 + eps * w * v
        return error * (1 + eps * v), eps * error * w

    @cached_property
    def printed_hessian(self) -> tuple[Any, Any, Any]:
        """(1 + ε v)², ε (2 w + 2 ε w v - 1), ε² w²: the entries ww, wv and vv."""
        w, v, eps = self.s / self.eps, self.u / self.eps, self.eps
        return (1 + eps * v) ** 2, eps * (2 * w + 2 * eps * w * v - 1), (eps * w) ** 2

    @cached_property
    def third_derivative(self) -> Any:
        """D³F[h, h, h] = 6 ε h_1 h_2 ((1 + u) h_1 + s h_2)."""
        inner = (1 + self.u) * self.h1 + self.s * self.h2
        return 6 * self.eps * self.h1 * self.h2 * inner


def symmetric(first: Any, mixed: Any, second: Any) -> Any:
    """The 2 x 2 matrix with these entries, of scalars."""
    one = type(first).constant(np.ones((1, 1)))
    return vstack(hstack(first * one, mixed * one), hstack(mixed * one, second * one))


def scalar_point(eps: Any, w: Any, v: Any) -> Point:
    """(w, v) in the product's objective: x = y = w* = 1, f_θ(x) = ε, l = (p - y)²/2."""
    one = type(eps).constant(np.ones((1, 1)))
    fields = {"X": one, "y": one[0], "w": w * one[0], "w_star": one[0]}
    fields |= {"Z": eps * one, "V": v * one}
    return unchecked(Point, **fields, loss=LOSSES["squared"], weights=None)
