"""What Python and NumPy would do with numbers that are known by enclosures, and must not.

A comparison has no truth value before it is decided, and Python's chained comparisons, `and`, `or`,
`not`, `if` and `assert` ask for one: all but a part of the claim would be lost. NumPy's functions
would take the numbers for objects, and lose the error bounds or the batch.
"""

from __future__ import annotations

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

# NumPy's name -> what a formula uses. Functions without a module of their own are those of
# `checker.arithmetic.functions`.
_INSTEAD = {
    **dict.fromkeys(("dot", "vdot", "inner"), "dot(u, v) or u @ v"),
    **dict.fromkeys(("einsum", "tensordot"), "products by @ and *, and total(x)"),
    "outer": "outer(u, v)",
    "sum": "total(x), row_sums(matrix) or the builtin sum(x)",
    "mean": "total(x) / n",
    "norm": "norm(v), or spectral_norm(matrix)",
    **dict.fromkeys(("abs", "absolute", "fabs"), "abs(x)"),
    **dict.fromkeys(("maximum", "fmax", "max", "amax"), "maximum(x, y)"),
    **dict.fromkeys(("minimum", "fmin", "min", "amin"), "minimum(x, y)"),
    **dict.fromkeys(("where", "heaviside", "sign", "select"), "maximum, minimum, positive_part"),
    "clip": "minimum(maximum(x, low), high)",
    **dict.fromkeys(("sqrt", "exp", "log", "tanh"), ""),
    "log1p": "log(1 + x)",
    "expm1": "exp(x) - 1",
    "logaddexp": "softplus(y - x) + x",
    "expit": "sigmoid(x)",
    "cosh": "(exp(x) + exp(-x)) / 2, or log_cosh(x)",
    "sinh": "(exp(x) - exp(-x)) / 2",
    **dict.fromkeys(("power", "float_power", "square"), "x**k for an integer k"),
    "negative": "-x",
    **dict.fromkeys(("transpose", "swapaxes"), "matrix.T"),
    **dict.fromkeys(("concatenate", "vstack", "stack"), "vstack(x, y), with x[None] for new axes"),
    **dict.fromkeys(("hstack", "column_stack"), "hstack(x, y) for matrices"),
    **dict.fromkeys(("zeros_like", "ones_like", "full_like"), "filled(x, value)"),
    **dict.fromkeys(("eigvalsh", "eigvals", "eigh", "eig"), "lambda_min(m), lambda_max(m)"),
    **dict.fromkeys(("svd", "svdvals", "cond"), "spectral_norm(matrix)"),
    **dict.fromkeys(("solve", "inv"), "solve_positive_definite of checker.arithmetic.solve"),
    **dict.fromkeys(("array_equal", "allclose", "isclose", "equal"), "equality(x, y)"),
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


class RefusedByNumPy(Refused):
    """The same for arrays: NumPy's operators come back to ours, its functions are refused."""

    def __float__(self) -> NoReturn:
        raise FormulaError(
            "the formula turns a number into a float",
            why="float() and the functions of math would lose its error bound",
            hint="use the functions of checker.arithmetic.functions",
        )

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise FormulaError(
            "the formula makes a NumPy array of its numbers",
            why="the array would lose their error bounds",
            hint="join arrays by vstack and hstack of checker.arithmetic.functions, "
            "with x[None] for new axes",
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc not in _OPERATORS or method != "__call__" or options or len(inputs) != 2:
            raise _numpy(ufunc.__name__)
        left, right = inputs
        own, reflected = _OPERATORS[ufunc]
        if isinstance(left, RefusedByNumPy):
            return getattr(left, own)(right)
        return getattr(right, reflected)(left)

    def __array_function__(self, function: Any, _types: Any, inputs: Any, options: Any) -> Any:
        if function in (np.shape, np.ndim) and len(inputs) == 1 and not options:
            shape = inputs[0].shape
            return shape if function is np.shape else len(shape)
        raise _numpy(function.__name__)


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
        why="an inequality is no number",
        hint="for a >= b >= c return a tuple: a >= b, b >= c",
    )


def _numpy(name: str) -> FormulaError:
    instead = _INSTEAD.get(name)
    if instead is None:
        hint = "use + - * / @, integer powers and the functions of checker.arithmetic.functions"
    else:
        hint = f"use {instead or f'{name}(x)'}; see checker.arithmetic.functions"
    return FormulaError(
        f"the formula calls {name} of NumPy on its own numbers",
        why="NumPy knows nothing of error bounds and batches",
        hint=hint,
    )
