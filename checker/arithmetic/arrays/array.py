"""What every arithmetic provides: arrays of numbers with `+ - * /`, `@` and a few functions.

A claim is written once against this interface (through `checker.arithmetic.functions`). The
arithmetics are float64 batches with proved error bounds (`batch.Bounded`), balls (`ball.Ball`),
exact numbers (`exact.Exact`), autograd (`traced.Traced`) and Taylor series (`taylor.Taylor`).

Shapes follow the mathematics: a scalar has shape (), a vector (k,), a matrix (r, c). Batches
carry one more axis, the last, which no formula sees.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import wraps
from typing import Any, Self, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic import known
from checker.arithmetic.arrays.indexing import Index, core_index
from checker.arithmetic.arrays.refused import RefusedByNumPy
from checker.arithmetic.function import Function, Operand, named
from checker.arithmetic.inequality import Inequality, at_least, at_most, equality
from checker.errors import FormulaError

Constant: TypeAlias = int | float | Fraction

# Longer sums are compared as they are.
_MOST_TERMS = 16

# Powers beyond it are no products.
_GREATEST_PRODUCT = 1024

# Operations whose result is not proved if an operand is not.
_SPREADING = {
    *("_permuted", "_reshaped", "_take", "_add", "_multiply", "_divide", "_contract"),
    *("__neg__", "__abs__", "total", "maximum", "_applied", "_concatenated", "settled"),
    "known_as",
    *("spectral_norm", "extreme_eigenvalues", "narrower", "outer", "zero_where_equal"),
}


def _spreading(member: Any) -> Any:
    """The operation, with the mark of unproved operands carried over to its result."""
    if isinstance(member, classmethod):
        return classmethod(_spreading(member.__func__))

    @wraps(member)
    def operation(self: Any, *operands: Any, **options: Any) -> Any:
        result = member(self, *operands, **options)
        reason = self.unproved or _reason_in(operands)
        return _marked(result, reason) if reason else result

    return operation


def _reason_in(operands: Iterable[Any]) -> str:
    for operand in operands:
        # Functions of one operand are the most frequent, and come as a tuple of it.
        several = operand if type(operand) in (tuple, list) else (operand,)
        for x in several:
            if isinstance(x, Operand) and x.unproved:
                return x.unproved
    return ""


def _marked(result: Any, reason: str) -> Any:
    if isinstance(result, tuple):
        return tuple(_marked(x, reason) for x in result)
    result.unproved = reason
    # Its terms are not marked.
    result._summands = None
    return result


Op = TypeVar("Op", bound=Callable[..., Any])

# The arithmetic of complex numbers over others; it registers itself.
_COMPLEX: list[Any] = []


def of_complex_numbers(kind: Any) -> Any:
    """Class decorator: the arithmetic of complex numbers."""
    _COMPLEX.append(kind)
    return kind


def is_complex(value: Any) -> bool:
    """Whether this is a complex number or array of Python or NumPy."""
    return isinstance(value, complex) or getattr(value, "dtype", np.dtype(bool)).kind == "c"


def _operator(member: Op) -> Op:
    """The operation, left to the other operand where that is of a higher arithmetic, and to complex
    numbers where that is one."""

    @wraps(member)
    def operation(self: Any, other: Any) -> Any:
        if isinstance(other, Operand):
            return NotImplemented if other.level > self.level else member(self, other)
        if is_complex(other) and not isinstance(self, _COMPLEX[0]):
            return getattr(_COMPLEX[0](self), member.__name__)(other)
        return member(self, other)

    return cast(Op, operation)


class Array(RefusedByNumPy, Operand, ABC):
    """A scalar, vector or matrix in one arithmetic. Immutable."""

    # What a sum or difference of numbers was made of; None for other numbers.
    _summands: tuple[tuple[Any, ...], tuple[Any, ...]] | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in _SPREADING & set(vars(cls)):
            setattr(cls, name, _spreading(vars(cls)[name]))

    def marked(self, reason: str) -> Self:
        """The same numbers, not proved for a reason."""
        result: Self = _marked(self + 0, reason)
        return result

    # -- what each arithmetic implements --------------------------------------------------------

    @classmethod
    @abstractmethod
    def constant(cls, value: Any) -> Self:
        """A known number or array of them (without batch axis), see `known`."""

    @abstractmethod
    def floats(self) -> list[NDArray[np.float64]]:
        """The nearest float64 arrays, one per case, without any bound on what they leave out."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of the mathematical object: (), (k,) or (r, c)."""

    @abstractmethod
    def _permuted(self, axes: tuple[int, ...]) -> Self:
        """The axes of the object in another order."""

    @abstractmethod
    def _reshaped(self, shape: tuple[int, ...]) -> Self:
        """The entries, row by row, in another shape."""

    @abstractmethod
    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        """The function of operands, all of which are in this arithmetic."""

    @abstractmethod
    def _take(self, index: Index) -> Self:
        """The entries at an index of the core axes, which is known to fit."""

    @abstractmethod
    def _add(self, other: Self) -> Self: ...

    @abstractmethod
    def _multiply(self, other: Self) -> Self: ...

    @abstractmethod
    def _divide(self, other: Self) -> Self: ...

    @abstractmethod
    def _contract(self, other: Self) -> Self: ...

    @abstractmethod
    def __neg__(self) -> Self: ...

    @abstractmethod
    def __abs__(self) -> Self: ...

    @abstractmethod
    def total(self) -> Self:
        """Sum of all entries."""

    @abstractmethod
    def maximum(self, other: Self) -> Self:
        """Larger of the two, entry by entry."""

    @abstractmethod
    def spectral_norm(self) -> Self:
        """Largest singular value of a matrix."""

    @abstractmethod
    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        """Least and greatest eigenvalue of a symmetric matrix."""

    @abstractmethod
    def narrower(self, other: Self) -> Self:
        """Of two enclosures of one number, the narrower one that exists."""

    @classmethod
    @abstractmethod
    def stacked(cls, cases: Sequence[NDArray[np.float64]]) -> Self:
        """The opposite of `floats`: one float64 array per case."""

    @classmethod
    @abstractmethod
    def _concatenated(cls, parts: Sequence[Self], axis: int) -> Self: ...

    @abstractmethod
    def outer(self, other: Self) -> Self:
        """u vᵀ of two vectors."""

    def known_floats(self) -> list[NDArray[np.float64]] | None:
        """The same arrays where they are the numbers themselves; None where that is not known."""
        return None

    def known_as(self, op: str, operands: Sequence[Any], value: Any) -> Self:
        """The same numbers, which a report shows as an operation of that name."""
        return self

    def settled(self) -> Self:
        """The same number; where bounds count roundings of their own, the count starts again."""
        return self

    def zero_where_equal(self, x: Self, y: Self) -> Self:
        """self, which is known to vanish wherever x = y exactly; may use that knowledge."""
        return self

    # -- structure ------------------------------------------------------------------------------

    @property
    def T(self) -> Self:
        """Transpose of a matrix; a vector is its own."""
        if len(self.shape) > 2:
            raise ValueError(f"an array of shape {self.shape} has no transpose")
        return self._permuted((1, 0)) if len(self.shape) == 2 else self

    def __getitem__(self, index: Any) -> Self:
        """Entries by NumPy's rules for the axes of the object, see `indexing`."""
        return self._take(core_index(index, self.shape))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a scalar has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        if not self.shape:
            raise TypeError("a scalar has no entries to iterate over")
        return (self[i] for i in range(self.shape[0]))

    @classmethod
    def concatenate(cls, parts: Sequence[Self], axis: int) -> Self:
        """Arrays one behind the other along an axis that each of them has."""
        shapes = [part.shape for part in parts]
        rest = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
        if any(axis >= len(shape) for shape in shapes) or len(rest) != 1:
            raise ValueError(f"arrays of shapes {shapes} cannot be joined along axis {axis}")
        return cls._concatenated(parts, axis)

    # -- as NumPy says it -----------------------------------------------------------------------

    @property
    def ndim(self) -> int:
        """Number of axes of the object."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)

    @property
    def real(self) -> Self:
        """The real part."""
        return self

    @property
    def imag(self) -> Self:
        """The imaginary part."""
        return self.lift(np.zeros(self.shape))

    def conj(self) -> Self:
        """The complex conjugate."""
        return self

    @property
    def H(self) -> Self:
        """The conjugate transpose."""
        return self.conj().T

    def dot(self, other: Any) -> Any:
        """Product of two vectors or matrices."""
        return self @ other

    def reshape(self, *shape: Any) -> Self:
        """The entries, row by row, in another shape; -1 stands for what is left over."""
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        return self._reshaped(np.broadcast_to(np.int8(0), self.shape).reshape(wanted).shape)

    def ravel(self) -> Self:
        """All entries as one vector."""
        return self.reshape(-1)

    flatten = ravel

    def transpose(self) -> Self:
        """The axes in the opposite order."""
        return self._permuted(tuple(reversed(range(self.ndim))))

    # -- operators ------------------------------------------------------------------------------

    def lift(self, value: Any) -> Self:
        if type(value) is type(self) and value.level == self.level:
            return value
        if isinstance(value, Operand):
            return self._lifted(value)
        if isinstance(value, list | tuple) and _holds_operands(value):
            parts = [self.lift(x) for x in value]
            return self.concatenate([part[None] for part in parts], 0)
        known.require_finite(value)
        return type(self).constant(value)

    def _lifted(self, value: Any) -> Self:
        """An operand of another arithmetic; of a lower level unless formulas are mixed up."""
        if value.level < 0:
            made: Self = value.within(self)
            return made
        raise FormulaError(
            f"the formula computes with a {type(value).__name__} and a {type(self).__name__} array",
            why="they are numbers of two evaluations",
            hint="use the arguments of the formula only, not arrays kept from another call",
        )

    def _coerce(self, other: Any) -> Self:
        """The other operand, of a shape that fits."""
        operand = self.lift(other)
        if operand.shape and self.shape and operand.shape != self.shape:
            np.broadcast_shapes(self.shape, operand.shape)
        return operand

    def _product(self, other: Self) -> Self:
        left, right = self.shape, other.shape
        if not (0 < len(left) < 3 and 0 < len(right) < 3) or left[-1] != right[0]:
            raise ValueError(f"shapes {left} and {right} do not fit a product @")
        if len(left) == 1 and (x := _of_x_log_x(self, other)) is not None:
            product: Self = named("xlogx")(x).total()
            return product
        return self._contract(other)

    @_operator
    def __add__(self, other: Any) -> Self:
        operand = self._coerce(other)
        return self._add(operand)._made_of(self, operand)

    @_operator
    def __radd__(self, other: Any) -> Self:
        operand = self._coerce(other)
        return operand._add(self)._made_of(operand, self)

    @_operator
    def __sub__(self, other: Any) -> Self:
        operand = self._coerce(other)
        return self._add(-operand)._made_of(self, operand, minus=True)

    @_operator
    def __rsub__(self, other: Any) -> Self:
        operand = self._coerce(other)
        return operand._add(-self)._made_of(operand, self, minus=True)

    @property
    def summands(self) -> tuple[tuple[Self, ...], tuple[Self, ...]]:
        """What a number was added up from, and what was subtracted."""
        return self._summands or ((self,), ())

    def _made_of(self, first: Self, second: Self, *, minus: bool = False) -> Self:
        """The same number; a sum or difference of numbers remembers a few terms."""
        if not self.shape:
            (plus, less), (also, fewer) = first.summands, second.summands
            added = (also, fewer) if not minus else (fewer, also)
            if len(plus) + len(less) + len(also) + len(fewer) <= _MOST_TERMS:
                self._summands = ((*plus, *added[0]), (*less, *added[1]))
        return self

    @_operator
    def __mul__(self, other: Any) -> Self:
        operand = self._coerce(other)
        if (x := _of_x_log_x(self, operand)) is not None:
            product: Self = named("xlogx")(x)
            return product
        return self._multiply(operand)

    @_operator
    def __rmul__(self, other: Any) -> Self:
        return self._coerce(other)._multiply(self)

    @_operator
    def __truediv__(self, other: Any) -> Self:
        return self._divide(self._coerce(other))

    @_operator
    def __rtruediv__(self, other: Any) -> Self:
        return self._coerce(other)._divide(self)

    @_operator
    def __matmul__(self, other: Any) -> Self:
        return self._product(self.lift(other))

    @_operator
    def __rmatmul__(self, other: Any) -> Self:
        return self.lift(other)._product(self)

    def __pow__(self, exponent: Any) -> Self:
        """Powers; those with a whole exponent are products, so x**0 is 1 wherever x is, and those
        with half a whole one are powers of the root."""
        whole = _whole(exponent)
        if whole is None and _whole(exponent, 2) is not None:
            root: Self = named("sqrt")(self)
            return root ** (_whole(exponent, 2) or 0)
        if whole is None or abs(whole) > _GREATEST_PRODUCT:
            if isinstance(exponent, Operand) and exponent.level > self.level:
                return NotImplemented
            made: Self = named("power")(self, exponent)
            return made
        if whole < 0:
            return 1 / self**-whole
        if whole == 0:
            return self.lift(np.ones(self.shape))
        half = self if whole == 1 else self ** (whole // 2)
        if whole == 1:
            return self
        square = half._multiply(half)
        return square._multiply(self) if whole % 2 else square

    def __rpow__(self, base: Any) -> Self:
        made: Self = named("power")(base, self)
        return made

    @_operator
    def __ge__(self, other: Any) -> Inequality:
        return at_least(self, self._coerce(other), _is_zero(other))

    @_operator
    def __le__(self, other: Any) -> Inequality:
        return at_most(self, self._coerce(other), _is_zero(other))

    @_operator
    def __gt__(self, other: Any) -> Inequality:
        return at_least(self, self._coerce(other), _is_zero(other), strict=True)

    @_operator
    def __lt__(self, other: Any) -> Inequality:
        return at_most(self, self._coerce(other), _is_zero(other), strict=True)

    @_operator
    def __eq__(self, other: Any) -> Inequality:  # type: ignore[override]
        return equality(self, self._coerce(other))

    __hash__ = None  # type: ignore[assignment]


def _whole(exponent: Any, times: int = 1) -> int | None:
    """The exponent, or a multiple of it, as an integer, if it is one."""
    if isinstance(exponent, Operand) or np.ndim(exponent):
        return None
    exact = times * known.rational(exponent)
    return int(exact) if exact.denominator == 1 else None


def _of_x_log_x(x: Any, y: Any) -> Any:
    """Of a product of some x with its logarithm x: what is written so means 0 at x = 0."""
    return x if y.logarithm_of is x else y if x.logarithm_of is y else None


def _holds_operands(values: Any) -> bool:
    return any(
        _holds_operands(x) if isinstance(x, list | tuple) else isinstance(x, Operand)
        for x in values
    )


def _is_zero(other: Any) -> bool:
    """Whether this is the number 0 as it is written."""
    return isinstance(other, int | float | Fraction) and other == 0
