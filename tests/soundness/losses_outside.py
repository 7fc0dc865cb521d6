"""Convex losses outside Assumption 1, and losses of one point only; as `losses.py`, from their
definitions.
"""

from __future__ import annotations

from typing import Any

from soundness.losses import FORMULAS, Formulas


class Absolute(Formulas):
    """|p - y|, slope 0 at the kink."""

    def value(self, p: Any, y: Any) -> Any:
        return (p - y) * self.numbers.sign(p - y)

    def slope(self, p: Any, y: Any) -> Any:
        return self.constant(self.numbers.sign(p - y))

    def curvature(self, p: Any, y: Any) -> Any:
        return self.constant(0)


class Hinge(Formulas):
    """max(0, 1 - y p), slope 0 at the kink."""

    def value(self, p: Any, y: Any) -> Any:
        s = 1 - y * p
        return s if self.numbers.sign(s) > 0 else 0 * s

    def slope(self, p: Any, y: Any) -> Any:
        return -y if self.numbers.sign(1 - y * p) > 0 else 0 * y

    def curvature(self, p: Any, y: Any) -> Any:
        return self.constant(0)


class Huber(Formulas):
    """r²/2 up to |r| = δ, the tangent at ±δ beyond."""

    def _outer(self, p: Any, y: Any) -> int:
        r, sign = p - y, self.numbers.sign
        return 1 if sign(r - self.delta) > 0 else -1 if sign(r + self.delta) < 0 else 0

    def value(self, p: Any, y: Any) -> Any:
        r, side = p - y, self._outer(p, y)
        edge = self.delta * side
        return edge * edge / 2 + edge * (r - edge) if side else r * r / 2

    def slope(self, p: Any, y: Any) -> Any:
        side = self._outer(p, y)
        return self.delta * side if side else p - y

    def curvature(self, p: Any, y: Any) -> Any:
        size = (p - y) * self.numbers.sign(p - y)
        return self.constant(int(self.numbers.sign(self.delta - size) > 0))


class SquaredHinge(Formulas):
    """max(0, 1 - y p)²/2."""

    def _rest(self, p: Any, y: Any) -> Any:
        s = 1 - y * p
        return s if self.numbers.sign(s) > 0 else 0 * s

    def value(self, p: Any, y: Any) -> Any:
        return self._rest(p, y) ** 2 / 2

    def slope(self, p: Any, y: Any) -> Any:
        return -y * self._rest(p, y)

    def curvature(self, p: Any, y: Any) -> Any:
        return self.constant(int(self.numbers.sign(1 - y * p) > 0))


ALL_FORMULAS: dict[str, type[Formulas]] = {
    **FORMULAS,
    "absolute": Absolute,
    "hinge": Hinge,
    "huber": Huber,
    "squared_hinge": SquaredHinge,
}
