"""Complex numbers over any arithmetic: a pair of its arrays, the real and the imaginary part.

A formula gets them from a field of complex numbers, or writes them as `u + 1j * v`. What makes a
real number of them (`abs`, `.real`, `.imag`, `norm`, `eigenvalues`) is again an array of the
arithmetic below, with whatever it proves. Complex numbers have no order: only `==` compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic.above.made_of import MadeOf
from checker.arithmetic.arrays.array import is_complex, of_complex_numbers
from checker.arithmetic.function import Function, Operand, highest, named
from checker.errors import FormulaError


@of_complex_numbers
class Complex(MadeOf):
    """x + iy for two arrays of one shape; None for y = 0."""

    # Above numbers and all their derivatives: it is made of these.
    level = 1000

    def __init__(self, real: Any, imag: Any = None, size: Any = None) -> None:
        # |z|, where that is known better than by x and y.
        self._real, self._imag, self._size = real, imag, size
        self.unproved = real.unproved or (imag.unproved if imag is not None else "")

    @property
    def real(self) -> Any:
        """x."""
        return self._real

    @property
    def imag(self) -> Any:
        """y."""
        zero = self._imag is None
        return self._real.lift(np.zeros(self.shape)) if zero else self._imag

    def conj(self) -> Self:
        return type(self)(self._real, None if self._imag is None else -self._imag)

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self._real.shape
        return shape

    # -- on the way in --------------------------------------------------------------------------

    def lift(self, value: Any) -> Self:
        if isinstance(value, Complex):
            return value  # type: ignore[return-value]
        if isinstance(value, Operand):
            above = value.level > self._real.level
            return type(self)(value if above else self._real.lift(value))
        if isinstance(value, list | tuple):
            return super().lift(value)
        if not is_complex(value):
            return type(self)(self._real.lift(value))
        return type(self)(self._real.lift(np.real(value)), self._real.lift(np.imag(value)))

    @classmethod
    def constant(cls, value: Any) -> NoReturn:
        raise _unknown("a constant of its own")

    @classmethod
    def stacked(cls, cases: Sequence[NDArray[np.float64]]) -> NoReturn:
        raise _unknown("black_box")

    def floats(self) -> NoReturn:
        raise _unknown("black_box")

    def known_floats(self) -> NoReturn:
        raise _unknown("program")

    # -- structure ------------------------------------------------------------------------------

    def _each(self, change: Callable[[Any], Any]) -> Self:
        """A map that is linear over the real numbers."""
        return type(self)(change(self._real), None if self._imag is None else change(self._imag))

    def _both(self, other: Self, change: Callable[[Any, Any], Any]) -> Self:
        return type(self)(change(self._real, other._real), change(self.imag, other.imag))

    @classmethod
    def _concatenated(cls, parts: Sequence[Self], axis: int) -> Self:
        return cls(_joined([p.real for p in parts], axis), _joined([p.imag for p in parts], axis))

    def narrower(self, other: Self) -> Self:
        return self._both(other, lambda a, b: a.narrower(b))

    def zero_where_equal(self, x: Self, y: Self) -> NoReturn:
        raise _unknown("difference")

    # -- operations -----------------------------------------------------------------------------

    def _add(self, other: Self) -> Self:
        if self._imag is None or other._imag is None:
            imag = other._imag if self._imag is None else self._imag
            real = self._real + other._real
            spread = imag is not None and imag.shape != real.shape
            return type(self)(real, imag + imag.lift(np.zeros(real.shape)) if spread else imag)
        return self._both(other, lambda a, b: a + b)

    def _bilinear(self, other: Self, product: Callable[[Any, Any], Any]) -> Self:
        """(a + ib)(c + id) = ac - bd + i (ad + bc), whatever the product."""
        a, b, c, d = self._real, self._imag, other._real, other._imag
        if b is None or d is None:
            real = product(a, c)
            if b is None:
                return type(self)(real, None if d is None else product(a, d))
            return type(self)(real, product(b, c))
        return type(self)(product(a, c) - product(b, d), product(a, d) + product(b, c))

    def _multiply(self, other: Self) -> Self:
        return self._bilinear(other, lambda x, y: x * y)

    def _contract(self, other: Self) -> Self:
        return self._bilinear(other, lambda x, y: x @ y)

    def outer(self, other: Self) -> Self:
        return self._bilinear(other, lambda x, y: x.outer(y))

    def _divide(self, other: Self) -> Self:
        """z / w = z w̄ / |w|²."""
        if other._imag is None:
            return self._each(lambda a: a / other._real)
        size = other._real * other._real + other._imag * other._imag
        return self._multiply(other.conj())._each(lambda a: a / size)

    def __abs__(self) -> Any:
        """|z|, a real number."""
        if self._size is not None:
            return self._size
        if self._imag is None:
            return abs(self._real)
        return named("sqrt")(self._real * self._real + self._imag * self._imag)

    def parts(self) -> Any:
        """The vector (x, y) of all real and imaginary parts: it has the length of z."""
        return _joined([self.real.ravel(), self.imag.ravel()], 0)

    def _real_matrix(self) -> Any:
        """[[X, -Y], [Y, X]] for a matrix X + iY: the same linear map of twice as many numbers.

        It is symmetric where Z is Hermitian, its products and inverses are those of Z, and it has
        each eigenvalue and singular value of Z twice.
        """
        if self.ndim != 2:
            raise FormulaError(f"the formula asks for a matrix, not for shape {self.shape}")
        X, Y = self.real, self.imag
        return _joined([_joined([X, -Y], 1), _joined([Y, X], 1)], 0)

    def spectral_norm(self) -> Any:
        return self._real_matrix().spectral_norm()

    def extreme_eigenvalues(self) -> Any:
        return self.spectrum(lambda matrix: matrix.extreme_eigenvalues())

    def spectrum(self, compute: Callable[[Any], Any]) -> Any:
        """A function of the eigenvalues of a Hermitian matrix, by those of the real matrix."""
        try:
            return compute(self._real_matrix())
        except FormulaError as error:
            if "symmetric matrix" not in str(error):
                raise
            raise FormulaError(
                "eigenvalues need a Hermitian matrix, and this one is not",
                why="eigenvalues of other matrices need not be real",
                hint='use (A + A.H) / 2, singular_values(A), or an argument A: hermitian("n")',
            ) from None

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        if function.name in _OWN:
            return _OWN[function.name](*operands, **options)
        if function.name not in _BY_FORMULA or function.formula is None:
            raise _unknown(function.name)
        return function.formula(*operands, **options)

    # -- comparisons ----------------------------------------------------------------------------

    def __eq__(self, other: Any) -> Any:
        """Equal real and equal imaginary parts: two assertions on numbers, one on arrays."""
        theirs = self.lift(other)
        if not self.ndim and not theirs.ndim:
            return self.real == theirs.real, self.imag == theirs.imag
        zero = np.zeros(np.broadcast_shapes(self.shape, theirs.shape))
        return (self + zero).parts() == (theirs + zero).parts()

    __hash__ = None  # type: ignore[assignment]

    def maximum(self, other: Self) -> NoReturn:
        raise _no_order()

    def __ge__(self, other: Any) -> NoReturn:
        raise _no_order()

    __le__ = __gt__ = __lt__ = __ge__


def _joined(blocks: Sequence[Any], axis: int) -> Any:
    home = highest(blocks)
    return home.concatenate([home.lift(block) for block in blocks], axis)


# -- functions ------------------------------------------------------------------------------------


def _exp(z: Complex) -> Complex:
    """e^x (cos y + i sin y)."""
    size = named("exp")(z.real)
    return Complex(size * named("cos")(z.imag), size * named("sin")(z.imag), size)


def _variance(z: Complex, *, axis: int | None = None) -> Any:
    """Mean of |z - mean|²: the variances of the real and the imaginary part, added."""
    return named("var")(z.real, axis=axis) + named("var")(z.imag, axis=axis)


def _inverse(z: Complex) -> Complex:
    found, order = named("inverse")(z._real_matrix()), z.shape[0]
    return Complex(found[:order, :order], found[order:, :order])


_OWN: dict[str, Callable[..., Any]] = {
    "exp": _exp,
    "var": _variance,
    # Those of the real matrix are there twice, in ascending order.
    "eigenvalues": lambda z: z.spectrum(named("eigenvalues"))[::2],
    "singular_values": lambda z: named("singular_values")(z._real_matrix())[::2],
    "inverse": _inverse,
}

# Their formulas mean the same over the complex numbers, or are made of others that know them.
_BY_FORMULA = {
    *("sum", "mean", "std", "prod", "cumsum", "diag", "trace", "det", "solve", "kron"),
    "nuclear_norm",
}

# Linear over the real numbers, and so said of both parts.
_OWN["sum"] = lambda z, **options: z._each(lambda a: named("sum")(a, **options))


def _unknown(what: str) -> FormulaError:
    return FormulaError(
        f"{what} is not known for complex numbers",
        why="they have + - * / @, whole powers, exp, sums, products, det, inverse, norms, "
        "eigenvalues of Hermitian matrices and singular values",
        hint="take abs(z), z.real or z.imag first",
    )


def _no_order() -> FormulaError:
    return FormulaError(
        "the formula orders complex numbers",
        why="only == compares them",
        hint="compare abs(z), z.real or z.imag",
    )
