"""Domains of numbers: what a field may hold, said once, and everything else derived from it.

A domain is a retraction of the arrays of real numbers onto those that belong to it: a map that
leaves these alone. Drawing is `into(gaussian)`, a move of the search `into(moved)`, a step of the
reducer `into(simpler)`, a check `into(a) == a`; nothing else has to be said of a domain, and what
it holds it holds exactly.

Where floats cannot hold the objects themselves (1/3 + 2/3 = 1, rotations), the field holds
parameters that may be any numbers, and a formula sees what `checker.arithmetic.lifting` computes of
them in its own arithmetic: of a simplex the shares q_i / Σq, of an orthogonal matrix the product of
the reflections in its columns. These are exact by construction, whatever the parameters.

Arrays have the axes of the field first and the axis of the cases last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.errors import InputError
from checker.instances.fields import FloatArray, dims_of

# What complex numbers are given by: (x, y) along the last axis stands for x + iy.
PARTS = "parts"


@dataclass(frozen=True)
class NumberDomain:
    """What a field may hold.

    Attributes
    ----------
    name
        As written in `Dims(domain=name)`.
    says
        For an error: "entries have to be positive".
    into
        Any finite arrays (core..., size) -> arrays of the domain; the identity on these.
    axes
        Number of core axes that it needs, or None for any; two have to be equally long.
    spread
        Scale of the normal numbers that candidates are drawn from.
    given_by
        What the numbers are, where they are not the object but parameters of it.
    ends
        Of an interval: least and greatest number, either may be infinite.
    """

    name: str
    says: str
    into: Callable[[FloatArray], FloatArray]
    axes: int | None = None
    spread: float = 1.0
    given_by: str = ""
    ends: tuple[float, float] | None = None

    @property
    def plain(self) -> bool:
        """Whether the numbers are the object, not parameters of it."""
        return not self.given_by

    @property
    def complex(self) -> bool:
        """Whether the numbers are the real and imaginary parts of complex ones."""
        return self.given_by == PARTS

    def holds(self, values: FloatArray) -> Any:
        """Which cases lie in the domain, (size,)."""
        same = np.isfinite(values)
        with np.errstate(all="ignore"):
            same &= self.into(np.where(same, values, 0.0)) == values
        axes = tuple(range(same.ndim - 1))
        return same.all(axis=axes) if axes else same

    def drawn(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """Random arrays of this shape, the last axis for the cases."""
        return self.into(self.spread * rng.standard_normal(shape))


def number_domain(domain: str | NumberDomain) -> NumberDomain | None:
    """The domain of this name; None for one that only its class can judge ("label", "weight").

    Raises
    ------
    InputError
        For a name that means nothing.
    """
    if isinstance(domain, NumberDomain):
        return domain
    if domain in OPAQUE:
        return None
    if domain not in DOMAINS:
        raise InputError(
            f"there is no domain {domain!r}",
            hint=f"Domains are {', '.join([*DOMAINS, *OPAQUE])}, and `interval(low, high)`",
        )
    return DOMAINS[domain]


def interval(low: float, high: float) -> NumberDomain:
    """The closed interval [low, high], for each entry; numbers beyond are reflected into it.

    Either end may be infinite.

    >>> interval(0, 1).into(np.array([-0.25, 0.5, 1.25]))
    array([0.25, 0.5 , 0.75])
    """
    low, high = _end(low), _end(high)
    if not low < high:
        raise InputError(f"[{low}, {high}] is not an interval", hint="low < high")
    finite = [abs(end) for end in (low, high) if np.isfinite(end)]
    return NumberDomain(
        f"[{low:g}, {high:g}]",
        f"entries have to lie in [{low!r}, {high!r}]",
        lambda a: _reflected(a, low, high),
        spread=max(finite, default=1.0) or 1.0,
        ends=(low, high),
    )


def whole(low: int | None, high: int | None) -> NumberDomain:
    """The integers from `low` to `high`, where these are given."""
    if low is None and high is None:
        return DOMAINS["integer"]
    within = interval(
        -np.inf if low is None else low, np.inf if high is None else np.nextafter(high, np.inf)
    )
    ends = f"{'' if low is None else low}..{'' if high is None else high}"
    bounds = (-np.inf if low is None else low, np.inf if high is None else high)
    return NumberDomain(
        f"integers {ends}",
        f"entries have to be integers in {ends}",
        lambda a: np.clip(np.rint(within.into(a)), *bounds),
        spread=within.spread,
        ends=bounds,
    )


def _end(number: float) -> float:
    """A bound as a float that it is."""
    try:
        end = float(number)
    except (TypeError, ValueError) as error:
        raise InputError(f"{number!r} is not the end of an interval") from error
    if np.isnan(end) or end != number:
        raise InputError(
            f"{number!r} is not a float", why="Instances are floats; so is where they end"
        )
    return end


def _reflected(a: FloatArray, low: float, high: float) -> FloatArray:
    inside = (a >= low) & (a <= high)
    if np.isinf(low) and np.isinf(high):
        return a
    if np.isinf(high):
        return np.where(inside, a, np.maximum(low + np.abs(a - low), low))
    if np.isinf(low):
        return np.where(inside, a, np.minimum(high - np.abs(a - high), high))
    width = high - low
    turned = np.abs((a - low) % (2 * width) - width)
    return np.where(inside, a, np.clip(high - turned, low, high))


# -- retractions ------------------------------------------------------------------------------


def _same(a: FloatArray) -> FloatArray:
    return a


def _positive(a: FloatArray) -> FloatArray:
    return np.where(a == 0, 1.0, np.abs(a))


def _nonnegative(a: FloatArray) -> FloatArray:
    return np.abs(a)


def _sign(a: FloatArray) -> FloatArray:
    return np.where(a < 0, -1.0, 1.0)


def _boolean(a: FloatArray) -> FloatArray:
    return np.where(a > 0.5, 1.0, 0.0)


def _symmetric(a: FloatArray) -> FloatArray:
    """The upper triangle, mirrored."""
    return np.where(_upper(a), a, a.swapaxes(0, 1))


def _hermitian(a: FloatArray) -> FloatArray:
    """The upper triangle, mirrored and conjugated; (k, k, 2) real and imaginary parts."""
    x, y = a[:, :, 0], a[:, :, 1]
    diagonal = np.eye(a.shape[0], dtype=bool)[..., None]
    y = np.where(diagonal, 0.0, np.where(_upper(y), y, -y.swapaxes(0, 1)))
    return np.stack([_symmetric(x), y], axis=2)


def _upper(a: FloatArray) -> Any:
    return np.triu(np.ones(a.shape[:2], dtype=bool))[..., None]


def _sorted(a: FloatArray) -> FloatArray:
    return np.sort(a, axis=-2)


def _shares(a: FloatArray) -> FloatArray:
    """Non-negative numbers, not all of them 0."""
    counts = np.abs(a)
    none = counts.sum(axis=-2, keepdims=True) == 0
    return np.where(none, 1.0, counts)


DOMAINS = {
    d.name: d
    for d in (
        NumberDomain("real", "entries have to be finite", _same),
        NumberDomain("positive", "entries have to be positive", _positive),
        NumberDomain("nonnegative", "entries must not be negative", _nonnegative),
        NumberDomain("integer", "entries have to be integers", np.rint, spread=4.0),
        NumberDomain("sign", "entries have to be 1 or -1", _sign),
        NumberDomain("boolean", "entries have to be 0 or 1", _boolean),
        NumberDomain(
            "unit interval",
            "entries have to lie in [0, 1]",
            lambda a: _reflected(a, 0.0, 1.0),
            ends=(0.0, 1.0),
        ),
        NumberDomain("sorted", "entries have to ascend", _sorted),
        NumberDomain("symmetric", "the matrix has to be symmetric", _symmetric, axes=2),
        NumberDomain(
            "simplex",
            "counts must not be negative, nor all 0",
            _shares,
            axes=1,
            given_by="counts",
        ),
        NumberDomain(
            "positive semidefinite", "its factor has to be finite", _same, axes=2, given_by="factor"
        ),
        NumberDomain(
            "orthogonal", "its columns have to be finite", _same, axes=2, given_by="columns"
        ),
        NumberDomain("complex", "parts have to be finite", _same, given_by=PARTS),
        NumberDomain(
            "hermitian", "the matrix has to be Hermitian", _hermitian, axes=3, given_by=PARTS
        ),
        NumberDomain(
            "unit vector", "its direction has to be finite", _same, axes=1, given_by="direction"
        ),
    )
}


def domains_of(cls: type) -> dict[str, NumberDomain | None]:
    """Field -> its domain, for the annotated fields; None for one that only its class can judge.

    Raises
    ------
    InputError
        For a domain that means nothing, and complex numbers without an axis for their parts.
    """
    found = {name: number_domain(dims.domain) for name, dims in dims_of(cls).items()}
    for name, domain in found.items():
        if domain is not None and domain.complex and dims_of(cls)[name].names[-1:] != ("2",):
            raise InputError(
                f"the last axis of {cls.__name__}.{name} has to be 2",
                why="It holds the real and the imaginary part of each number",
                hint='Dims("k", 2, domain="complex")',
            )
    return found


def parameters_of(cls: type) -> dict[str, NumberDomain]:
    """The fields whose numbers are parameters of what they mean."""
    known = domains_of(cls).items()
    return {name: domain for name, domain in known if domain and not domain.plain}


# Known to their classes alone: the search exchanges such fields between candidates as they are.
OPAQUE = ("label", "weight", "recorded", "given")
