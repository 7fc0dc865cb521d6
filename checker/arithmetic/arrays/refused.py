"""What Python and NumPy would do with numbers that are known by enclosures, and must not.

A comparison has no truth value before it is decided, and Python's chained comparisons, `and`, `or`,
`not`, `if` and `assert` ask for one: all but a part of the claim would be lost. NumPy's functions
would take the numbers for objects, and lose the error bounds or the batch.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from checker.errors import FormulaError

# Operators that NumPy asks for when its array or number stands on either side of one of ours.
_OPERATORS = {
    np.add: ("__add__", "__radd__"),
    np.subtract: ("__sub__", "__rsub__"),
    np.multiply: ("__mul__", "__rmul__"),
    np.true_divide: ("__truediv__", "__rtruediv__"),
    np.matmul: ("__matmul__", "__rmatmul__"),
    np.greater_equal: ("__ge__", "__le__"),
    np.less_equal: ("__le__", "__ge__"),
    np.greater: ("__gt__", "__lt__"),
    np.less: ("__lt__", "__gt__"),
    np.equal: ("__eq__", "__eq__"),
    np.not_equal: ("__ne__", "__ne__"),
}

# NumPy's functions that formulas may use -> what they are here; see `functions.spelling`.
SPELLED: dict[Any, Callable[..., Any]] = {}

# NumPy's name -> what a formula uses instead.
_INSTEAD = {
    "tensordot": 'einsum("ij,jk->ik", A, B)',
    **dict.fromkeys(("heaviside", "select", "piecewise"), "where(x >= 0, a, b)"),
    "expit": "sigmoid(x)",
    **dict.fromkeys(("eigvals", "eigh", "eig"), "eigenvalues(A) of a symmetric matrix"),
    **dict.fromkeys(("svd", "svdvals"), "singular_values(A)"),
    "cond": "singular_values(A)[-1] / singular_values(A)[0]",
    "slogdet": "logdet(A)",
    **dict.fromkeys(("pinv", "lstsq"), "solve(A.T @ A, A.T @ b)"),
    **dict.fromkeys(("array_equal", "allclose", "isclose"), "x == y, which is decided exactly"),
    **dict.fromkeys(("average",), "mean(x), or dot(weights, x) / total(weights)"),
    **dict.fromkeys(("argmax", "argmin", "argsort"), "amax(x), amin(x) or sort(x)"),
    **dict.fromkeys(("floor", "ceil", "rint", "mod", "remainder"), "an integer field"),
    **dict.fromkeys(("swapaxes", "moveaxis"), "x.T or einsum"),
    "column_stack": "stack([u, v], 1)",
    **dict.fromkeys(("any", "all"), "a tuple of comparisons, all of which have to hold"),
}


class Refused:
    """Mixin for what has no truth value, and for numbers that only formulas may compute with."""

    __hash__ = None  # type: ignore[assignment]  # `==` between enclosures has no truth value

    def __bool__(self) -> NoReturn:
        raise _no_truth("uses a number or an inequality as a truth value")

    def __and__(self, other: object) -> NoReturn:
        raise _no_truth("joins inequalities by & or |")

    __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __and__

    def __invert__(self) -> NoReturn:
        raise _no_truth("turns an inequality round by ~")

    def __eq__(self, other: object) -> NoReturn:
        raise _no_truth("compares by ==")

    def __ne__(self, other: object) -> NoReturn:
        raise _no_truth("compares by !=")

    def __lt__(self, other: Any) -> Any:
        raise _ordering()

    def __gt__(self, other: Any) -> Any:
        raise _ordering()

    def __le__(self, other: Any) -> Any:
        raise _ordering()

    def __ge__(self, other: Any) -> Any:
        raise _ordering()

    def __array_function__(self, function: Any, _types: Any, inputs: Any, options: Any) -> Any:
        return spelled(function, inputs, options)


class RefusedByNumPy(Refused):
    """The same for arrays: NumPy's operators come back to ours, its functions are refused."""

    def __float__(self) -> NoReturn:
        raise FormulaError(
            "the formula turns a number into a float",
            why="float() and the functions of math would lose its error bound",
            hint="use the functions of checker",
        )

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise FormulaError(
            "the formula makes a NumPy array of its numbers",
            why="the array would lose their error bounds",
            hint="make vectors and matrices of them by stack([a, b]) and stack([[a, b], [c, d]])",
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        reduction = {np.maximum: np.max, np.minimum: np.min, np.add: np.sum}.get(ufunc)
        if method == "reduce" and reduction is not None and not options:
            return spelled(reduction, inputs, options)
        if method != "__call__" or options:
            raise _numpy(ufunc.__name__)
        if ufunc not in _OPERATORS:
            return spelled(ufunc, inputs, options)
        left, right = inputs
        own, reflected = _OPERATORS[ufunc]
        if isinstance(left, RefusedByNumPy):
            result = getattr(left, own)(right)
            if result is not NotImplemented:
                return result
        return getattr(right, reflected)(left)


def spelled(function: Any, inputs: Any, options: Any) -> Any:
    """What a function of NumPy means for the numbers of a formula."""
    own = SPELLED.get(function)
    if own is None:
        raise _numpy(function.__name__)
    try:
        inspect.signature(own).bind(*inputs, **options)
    except TypeError:
        raise _options(function.__name__, own) from None
    return own(*inputs, **options)


def _no_truth(what: str) -> FormulaError:
    return FormulaError(
        f"the formula {what}",
        why="What is known by enclosures is not true or false before it is decided; chained "
        "comparisons, and, or, not, if, assert, all and any would lose a part of the claim",
        hint="for a >= b >= c, and for `and`, return a tuple: a >= b, b >= c; for `if p: return c` "
        "return implies(p, c); for x >= 0 or y >= 0 return maximum(x, y) >= 0; for branches use "
        "maximum, abs(x) or positive_part(x)",
    )


def _ordering() -> FormulaError:
    return FormulaError(
        "the formula compares an inequality with something",
        why="an inequality is not a number",
        hint="for a >= b >= c return a tuple: a >= b, b >= c",
    )


def _numpy(name: str) -> FormulaError:
    instead = _INSTEAD.get(name, "+ - * / @, powers and the functions of checker")
    return FormulaError(
        f"the formula calls {name} of NumPy on its own numbers",
        why="NumPy knows nothing of error bounds and batches",
        hint=f"use {instead}; docs/functions.md lists what there is",
    )


def _options(name: str, own: Any) -> FormulaError:
    known = ", ".join(inspect.signature(own).parameters)
    return FormulaError(
        f"the formula calls {name} of NumPy with arguments that it does not take here",
        why="NumPy knows nothing of error bounds and batches, and what stands in for it takes less",
        hint=f"call {name}({known}); docs/functions.md lists what there is",
    )
