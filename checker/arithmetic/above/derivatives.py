"""Derivatives of a formula's own expressions: `grad(f, x)`, `hessian(f, x)`, in every arithmetic.

An expression is evaluated once on numbers that carry their derivatives in all directions (forward
mode), by the rules of calculus on whole arrays of the arithmetic at hand. So the gradient is
enclosed where numbers are enclosed, and exact where they are exact. Second derivatives are
derivatives of derivatives. Where |x|, max and `where` change branches, there is no derivative, and
the result is undefined there, unless both branches agree in value and slope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic.above.complex import Complex
from checker.arithmetic.above.made_of import MadeOf
from checker.arithmetic.function import Function, highest, named
from checker.errors import FormulaError


class Dual(MadeOf):
    """Numbers and their derivatives in some directions; None for a derivative that is 0.

    `of` tells one call of `grad` from another: their directions are not the same.
    """

    def __init__(self, value: Any, slopes: Sequence[Any], of: object) -> None:
        self.value, self.slopes, self.of = value, tuple(slopes), of
        self.level = value.level + 1
        self.unproved = value.unproved

    def lift(self, value: Any) -> Self:
        if isinstance(value, Dual) and value.level == self.level:
            if value.of is not self.of:
                raise _mixed()
            return value  # type: ignore[return-value]
        if isinstance(value, list | tuple):
            return super().lift(value)
        return self._with(self.value.lift(value), (None,) * len(self.slopes))

    def _with(self, value: Any, slopes: Sequence[Any]) -> Self:
        return type(self)(value, slopes, self.of)

    def _each(self, change: Callable[[Any], Any]) -> Self:
        """A linear map of the entries, such as taking some of them."""
        return self._with(change(self.value), [_on(change, s) for s in self.slopes])

    def _both(self, value: Any, other: Self, change: Callable[[Any, Any], Any]) -> Self:
        pairs = zip(self.slopes, other.slopes, strict=True)
        return self._with(value, [change(a, b) for a, b in pairs])

    @classmethod
    def constant(cls, value: Any) -> NoReturn:
        raise _no_derivative("a constant of its own")

    @classmethod
    def stacked(cls, cases: Sequence[NDArray[np.float64]]) -> NoReturn:
        raise _no_derivative("black_box")

    def known_floats(self) -> NoReturn:
        raise _no_derivative("program")

    def floats(self) -> list[NDArray[np.float64]]:
        found: list[NDArray[np.float64]] = self.value.floats()
        return found

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self.value.shape
        return shape

    # -- structure ------------------------------------------------------------------------------

    @classmethod
    def _concatenated(cls, parts: Sequence[Self], axis: int) -> Self:
        values = [p.value for p in parts]
        join = type(values[0]).concatenate
        slopes = []
        for direction in zip(*(p.slopes for p in parts), strict=True):
            known = any(s is not None for s in direction)
            full = [_zeros(v) if s is None else s for v, s in zip(values, direction, strict=True)]
            slopes.append(join(full, axis) if known else None)
        return cls(join(values, axis), slopes, parts[0].of)

    # -- operations -----------------------------------------------------------------------------

    def _add(self, other: Self) -> Self:
        value = self.value + other.value
        return self._both(
            value, other, lambda a, b: _on(lambda s: _spread(s, value.shape), _sum(a, b))
        )

    def _multiply(self, other: Self) -> Self:
        x, y = self.value, other.value
        return self._both(x * y, other, lambda a, b: _sum(_on(lambda s: s * y, a),
                                                          _on(lambda s: x * s, b)))  # fmt: skip

    def _divide(self, other: Self) -> Self:
        """d(x/y) = (dx - (x/y) dy) / y."""
        value, y = self.value / other.value, other.value

        def change(a: Any, b: Any) -> Any:
            top = _sum(a, _on(lambda s: -(value * s), b))
            return _on(lambda s: s / y, top)

        return self._both(value, other, change)

    def _contract(self, other: Self) -> Self:
        x, y = self.value, other.value
        return self._both(x @ y, other, lambda a, b: _sum(_on(lambda s: s @ y, a),
                                                          _on(lambda s: x @ s, b)))  # fmt: skip

    def outer(self, other: Self) -> Self:
        x, y = self.value, other.value
        return self._both(x.outer(y), other, lambda a, b: _sum(_on(lambda s: s.outer(y), a),
                                                               _on(x.outer, b)))  # fmt: skip

    def __abs__(self) -> Self:
        made: Self = _chosen(self, self, -self, self, abs(self.value))
        return made

    def maximum(self, other: Self) -> Self:
        value = self.value.maximum(other.value)
        made: Self = _chosen(self - other, self, other, self, value)
        return made

    def narrower(self, other: Self) -> Self:
        """Two formulas for one number have one derivative."""
        return self._with(self.value.narrower(other.value), self.slopes)

    def zero_where_equal(self, x: Self, y: Self) -> Self:
        return self._with(self.value.zero_where_equal(x.value, y.value), self.slopes)

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        if function.name == "select":
            c, positive, negative, zero = operands
            return _chosen(c, positive, negative, zero, function(*(x.value for x in operands)))
        if function.tangent is None:
            if function.formula is None:
                raise _no_derivative(function.name)
            return function.formula(*operands, **options)
        value = function(*(x.value for x in operands), **options)
        change = function.tangent(tuple(x.value for x in operands), value)
        directions = zip(*(x.slopes for x in operands), strict=True)
        slopes = [change(*ds) if any(d is not None for d in ds) else None for ds in directions]
        return self._with(value, slopes)

    def spectral_norm(self) -> NoReturn:
        raise _no_derivative("spectral_norm")

    def extreme_eigenvalues(self) -> NoReturn:
        raise _no_derivative("eigenvalues")


def _on(change: Callable[[Any], Any], slope: Any) -> Any:
    return None if slope is None else change(slope)


def _sum(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    return a + b


def _zeros(value: Any) -> Any:
    return value.lift(np.zeros(value.shape))


def _chosen(c: Dual, positive: Dual, negative: Dual, zero: Dual, value: Any) -> Any:
    """The branch that the sign of c takes, whose value is known already.

    In a direction in which c does not change, it is the derivative of that branch. In others, all
    branches have to agree at c = 0: where functions have one value and one slope at a point, so has
    whatever takes the values of one or another around it.
    """
    shape, nought = value.shape, value.lift(0.0)
    branches = [positive, negative] if zero is positive else [positive, negative, zero]
    sign, values = _spread(c.value, shape), [_spread(x.value, shape) for x in branches]
    undefined = _spread(nought / nought, shape)

    def change(moved: Any, slopes: Sequence[Any]) -> Any:
        constant = all(s is None for s in slopes)
        if constant and (moved is None or all(x.value is positive.value for x in branches)):
            return None
        full = [_spread(nought if s is None else s, shape) for s in slopes]
        at_zero = full[-1] if len(full) == 3 else full[0]
        for part in (values, full) if moved is not None else ():
            for other in part[1:]:
                at_zero = at_zero + undefined.zero_where_equal(part[0], other)
        return named("branch")(sign, full[0], full[1], at_zero)

    each = zip(*(x.slopes for x in branches), strict=True)
    return positive._with(value, [change(m, s) for m, s in zip(c.slopes, each, strict=True)])


def _spread(x: Any, shape: tuple[int, ...]) -> Any:
    return x if x.shape == shape else x + x.lift(np.zeros(shape))


def _mixed() -> FormulaError:
    return FormulaError(
        "the formula computes with numbers of two different derivatives",
        hint="take derivatives of one function after the other, each of its own argument",
    )


def _no_derivative(what: str) -> FormulaError:
    return FormulaError(
        f"grad and hessian know no derivative of {what}",
        why="they follow + - * / @, powers, sums, det, inverse and functions of one number",
        hint="write the derivative in the formula by hand",
    )


# -- what formulas call ----------------------------------------------------------------------------


def grad(f: Callable[[Any], Any], x: Any) -> Any:
    """The gradient of f at x, in the shape of x: of a function that makes one number of an array.

    A tuple of arrays has a tuple of gradients; f then takes as many arguments.
    """
    blocks = x if isinstance(x, tuple) else (x,)
    home = highest(blocks)
    points = [home.lift(block) for block in blocks]
    of = object()
    result = f(*_seeded(points, of))
    slopes = _slopes(result, sum(p.size for p in points), home, of)
    found, start = [], 0
    for point in points:
        found.append(_shaped(slopes[start : start + point.size], point))
        start += point.size
    shown = [g.known_as("grad", points, name_of(f)) for g in found]
    return tuple(shown) if isinstance(x, tuple) else shown[0]


def hessian(f: Callable[[Any], Any], x: Any) -> Any:
    """The matrix of second derivatives of f at a vector x, (k, k); for a number the second one."""
    point = highest((x,)).lift(x)
    if point.ndim > 1:
        raise FormulaError(
            f"hessian takes a vector or a number, not an array of shape {point.shape}",
            hint="reshape inside: hessian(lambda v: f(v.reshape(2, 3)), A.ravel())",
        )
    of = object()
    (inner,) = _seeded([point], of)
    slopes = grad(f, inner)
    rows = [slopes] if not point.ndim else list(slopes)
    second = [_slopes(row, point.size, point, of) for row in rows]
    found = second[0][0] if not point.ndim else point.lift(second)
    return found.known_as("hessian", [point], name_of(f))


def jacobian(F: Callable[[Any], Any], x: Any) -> Any:
    """The derivative of F at a vector x, (m, k), where F makes m numbers of k."""
    point = highest((x,)).lift(x)
    of = object()
    (seeded,) = _seeded([point], of)
    result = seeded.lift(F(seeded))
    columns = [result.value.lift(np.zeros(result.shape)) if s is None else s for s in result.slopes]
    return point.lift(columns).T


def name_of(f: Callable[..., Any]) -> str:
    """What a report calls a function."""
    name = getattr(f, "__name__", "")
    return name if name.isidentifier() else "f"


def _seeded(points: Sequence[Any], of: object) -> list[Dual]:
    """Each array with its derivatives in the directions of all entries of all of them."""
    size, start, found = sum(p.size for p in points), 0, []
    for point in points:
        if isinstance(point, Complex):
            raise _no_derivative("a function of complex numbers")
        slopes: list[Any] = [None] * size
        for i in range(point.size):
            unit = np.zeros(point.size)
            unit[i] = 1.0
            slopes[start + i] = point.lift(unit.reshape(point.shape))
        found.append(Dual(point, slopes, of))
        start += point.size
    return found


def _slopes(result: Any, size: int, home: Any, of: object) -> list[Any]:
    """The derivatives of a number, zeros written out."""
    if not isinstance(result, Dual) or result.of is not of:
        # It does not depend on the argument.
        return [home.lift(0.0)] * size
    if result.shape != ():
        raise FormulaError(
            f"grad takes a function with one number as its value, not shape {result.shape}",
            hint="take grad(lambda x: f(x)[i], x) for each entry, or total(f(x))",
        )
    return [result.value.lift(0.0) if s is None else s for s in result.slopes]


def _shaped(slopes: list[Any], point: Any) -> Any:
    if not point.ndim:
        return slopes[0]
    return point.lift(slopes)._reshaped(point.shape)
