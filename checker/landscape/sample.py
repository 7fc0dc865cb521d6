"""The sample: finitely many points with labels, and how much each of them counts.

A claim is checked on the distribution that puts ``weights[i]`` on ``(X[i], y[i])``; without
weights that is the empirical distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from checker.errors import InputError
from checker.instances.rounding import at_least

FloatArray = npt.NDArray[np.float64]

_HALF_ULP = 2.0**-53  # the largest rounding error of a float64 that is at most 1


@dataclass(frozen=True, eq=False)
class Sample:
    """n labelled points in R^d, validated, copied to float64 and read-only.

    Parameters
    ----------
    X
        Points, shape (n, d), n >= 1 and d >= 1, finite. Carries no unit.
    y
        Labels, shape (n,), finite. Carries no unit.
    weights
        Probabilities of the points, shape (n,), non-negative, or None for 1/n each. Each of the
        n weights may be rounded by half an ulp of a number that is at most 1, so the exact sum
        (``math.fsum``) may differ from 1 by at most n * 2**-53, and by no more.
    name
        What reports call the sample.

    Raises
    ------
    InputError
        When an array has the wrong shape, holds something other than finite real numbers, or
        the weights are no probabilities. Rows and columns are counted from 0.

    Notes
    -----
    Two samples are equal only when they are the same object; compare their arrays instead.
    """

    X: FloatArray
    y: FloatArray
    weights: FloatArray | None = None
    name: str = "sample"

    def __post_init__(self) -> None:
        self._freeze("X", _finite_array(self.X, "X", ndim=2, shape_hint="(n, d)"))
        _require_points(self.X)
        self._freeze("y", _finite_array(self.y, "y", ndim=1, shape_hint="(n,)"))
        _require_length(self.y, "y", self.n)
        if self.weights is not None:
            self._freeze("weights", _finite_array(self.weights, "weights", 1, "(n,)"))
            _require_length(self.weights, "weights", self.n)
            _require_probabilities(self.weights)

    def _freeze(self, field: str, array: FloatArray) -> None:
        array.setflags(write=False)
        object.__setattr__(self, field, array)

    @property
    def n(self) -> int:
        """Number of points."""
        return int(self.X.shape[0])

    @property
    def d(self) -> int:
        """Dimension of a point."""
        return int(self.X.shape[1])

    def with_bias(self) -> Sample:
        """The same sample with a coordinate 1 appended to every point: X has shape (n, d + 1).

        This is how Remark 1 of Shamir (2018) puts a bias into a network without one.
        """
        return replace(self, X=np.hstack([self.X, np.ones((self.n, 1))]))

    def standardised(self) -> Sample:
        """The same sample with every column of X through `standardise`; y is left as it is.

        Raises
        ------
        InputError
            When a standardised value is not finite, which takes points or weights that are
            hundreds of orders of magnitude apart.
        """
        columns = [standardise(column, self.weights) for column in self.X.T]
        return replace(self, X=np.column_stack(columns))


def standardise(values: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Centre values and divide them by their standard deviation; centre a constant only.

    Parameters
    ----------
    values
        Shape (n,), n >= 1, finite.
    weights
        Probabilities, shape (n,), under which mean and standard deviation (the population one,
        with divisor n when uniform) are taken, or None for 1/n each.

    Returns
    -------
    FloatArray
        Shape (n,), mean 0 and standard deviation 1 up to rounding. Exactly 0 wherever a
        constant has weight.
    """
    support = values if weights is None else values[weights > 0]
    # The rounded mean of a constant need not equal it, and dividing by that error gives noise.
    if support.min() == support.max():
        return np.asarray(values - support[0])
    # A power of two changes no digit, and keeps the squares from over- and underflowing.
    _, exponent = np.frexp(np.abs(support).max())
    # The sample that receives a value that is not finite names its place; a warning would not.
    with np.errstate(all="ignore"):
        near = _centre(np.ldexp(values, -exponent), weights)
        # The first mean is rounded relative to the values, which may dwarf their spread.
        centred = _centre(near, weights)
        return np.asarray(centred / np.sqrt(np.average(centred**2, weights=weights)))


def _centre(values: FloatArray, weights: FloatArray | None) -> FloatArray:
    return np.asarray(values - np.average(values, weights=weights))


def _finite_array(value: object, name: str, ndim: int, shape_hint: str) -> FloatArray:
    """An own C-contiguous float64 copy of value, with ndim axes and finite entries."""
    array = np.array(_real_array(value, name), dtype=np.float64, order="C", copy=True)
    if array.ndim != ndim:
        raise InputError(
            f"{name} has shape {array.shape}",
            why=f"A sample needs {name} of shape {shape_hint}",
            hint=_shape_advice(name, array.ndim),
        )
    _require_finite(array, name)
    return array


def _real_array(value: object, name: str) -> npt.NDArray[np.generic]:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InputError(
            f"{name} is not an array: {error}", hint="Check that every row has the same length"
        ) from error
    # Text and complex numbers would convert, but silently to something the caller did not write.
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"{name} holds values of type {array.dtype}",
            why="A sample needs real numbers",
            hint="Convert them to float64 first",
        )
    return array


def _shape_advice(name: str, ndim: int) -> str:
    if name == "X" and ndim == 1:
        return "Pass X.reshape(-1, 1) if a point has one coordinate, X[None, :] if X is one point"
    return f"Pass {name}.ravel() if it is a single column" if ndim == 2 else ""


def _require_finite(array: FloatArray, name: str) -> None:
    bad = np.argwhere(~np.isfinite(array))
    if len(bad) == 0:
        return
    places = zip(("row", "column"), bad[0].tolist(), strict=False)
    raise InputError(
        f"{name} has {array[tuple(bad[0])]} at {', '.join(f'{axis} {i}' for axis, i in places)}"
        f" ({len(bad)} of {array.size} values are not finite)",
        why="No claim can be checked on a value that is not a finite number",
        hint="Remove these points or fill in the values; rows and columns count from 0",
    )


def _require_points(X: FloatArray) -> None:
    if X.size == 0:
        raise InputError(
            f"X has shape {X.shape}", why="A sample needs at least one point and one coordinate"
        )


def _require_length(array: FloatArray, name: str, n: int) -> None:
    if len(array) != n:
        raise InputError(
            f"{name} has {len(array)} entries, X has {n} rows",
            why=f"Every point needs exactly one entry of {name}",
        )


def require_equal_weights(sample: Sample, objects: str) -> None:
    """Raise InputError for a sample whose points count differently, where `objects` do not.

    Searching the same points with equal weights would speak of another distribution.
    """
    if sample.weights is not None and np.ptp(sample.weights):
        raise InputError(
            f"{objects} have no weights, and the points of {sample.name or 'the sample'} have",
            why="The verdict would be about another distribution",
            hint="Leave the weights out, or verify a claim about points of the landscape, such as "
            "shamir2018.theorem1",
        )


def _require_probabilities(weights: FloatArray) -> None:
    allowed = len(weights) * _HALF_ULP
    # Checked before the sum, which a huge weight would overflow.
    for row in (int(weights.argmin()), int(weights.argmax())):
        if not 0 <= weights[row] <= 1 + allowed:
            raise InputError(
                f"weights has {float(weights[row])!r} at row {row}",
                why="A weight is a probability, so it lies between 0 and 1",
            )
    total = math.fsum(weights)
    if abs(total - 1) > allowed:
        raise InputError(
            f"weights sum to {total!r}",
            why=f"They must sum to 1, up to the {at_least(allowed, 3)} that rounding them can cost",
            hint="Divide them by math.fsum(weights)",
        )
