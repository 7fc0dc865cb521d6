"""Structures of any class of instances, from its annotations alone: where claims tend to fail.

Every class has the same kinds of corners: each dimension 1, each field 0, tiny, huge, fields of
the same shape equal, opposite and orthogonal, a field equal along a dimension, numbers of mixed
scales, short dyadics, small whole numbers in every size. Each stays in the domains of the fields.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from checker.errors import InputError
from checker.instances.domains import DOMAINS, NumberDomain, domains_of
from checker.instances.fields import Batch, Dims, FloatArray, dimensions_of, dims_of, unchecked
from checker.instances.legal import is_legal

Numbers = dict[str, FloatArray]
Change = Callable[[Numbers, np.random.Generator], None]

# Largest size of a dimension in most strata, in the one of small whole numbers, and in those for
# large sizes, which are costly for functions of matrices.
MANY, MOST, LARGE = 4, 8, 16


@dataclass(frozen=True)
class Corner:
    """A kind of instances: what becomes of random numbers, and the sizes that it needs.

    Attributes
    ----------
    name
        Of the stratum.
    change
        Moves the numbers, in place; they are then taken back into their domains.
    sizes
        Dimension -> its least and its largest size, where they matter.
    fields
        What is moved; empty for all fields.
    adds
        Fields that may be absent, and have to be there.
    """

    name: str
    change: Change
    sizes: Mapping[str, tuple[int, int]]
    fields: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Structure:
    """Everything about a batch but its numbers: sizes, the corner, and the other fields."""

    cls: type
    sizes: Mapping[str, int]
    corner: Corner
    others: Mapping[str, Any]

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` cases; fewer where the class refuses some."""
        domains, numbers = _domains(self.cls), dict[str, FloatArray]()
        for name, dims in dims_of(self.cls).items():
            numbers[name] = domains[name].drawn(rng, (*dims.shape(self.sizes), size))
        with np.errstate(all="ignore"):
            self.corner.change(numbers, rng)
            numbers = {name: domains[name].into(a) for name, a in numbers.items()}
        made: Any = unchecked(self.cls, **numbers, **self.others)
        drawn = ", ".join(f"{name} = {n}" for name, n in self.sizes.items())
        return legal(Batch(made, size, self.corner.name, drawn))


def legal(batch: Batch) -> Batch:
    """The cases that the class accepts; it is asked only where it may refuse some."""
    cls = type(batch.instances)
    if not hasattr(cls, "is_valid") and not hasattr(cls, "__post_init__"):
        return batch
    kept = [i for i in range(batch.size) if is_legal(batch.case(i))]
    return batch if len(kept) == batch.size else batch.part(np.array(kept, dtype=int))


def strata_of(
    cls: type, others: Mapping[str, SearchStrategy[Any]] | None = None
) -> dict[str, SearchStrategy[Structure]]:
    """Name of each stratum -> its structures, for a class whose arrays are all annotated.

    Parameters
    ----------
    cls
        A dataclass; every field is an array or number with `Dims`, or in `others`.
    others
        Strategies for the fields that hold no numbers.

    Raises
    ------
    InputError
        For a field that is neither, and for a domain that only the class can judge.
    """
    others = dict(others or {})
    _require_declared(cls, others)
    return {c.name: _structures(cls, c, others) for c in corners_of(cls)}


def large_strata_of(
    cls: type, others: Mapping[str, SearchStrategy[Any]]
) -> dict[str, SearchStrategy[Structure]]:
    """The same for sizes beyond those of the corners, where the class has dimensions."""
    return {c.name: _structures(cls, c, others) for c in _large(cls)}


def _structures(
    cls: type, corner: Corner, others: Mapping[str, SearchStrategy[Any]]
) -> SearchStrategy[Structure]:
    sizes = {x: st.integers(*corner.sizes.get(x, (1, MANY))) for x in dimensions_of(cls)}
    drawn = st.tuples(st.fixed_dictionaries(sizes), st.fixed_dictionaries(dict(others)))
    return drawn.map(lambda both: Structure(cls, both[0], corner, both[1]))


def _require_declared(cls: type, others: Mapping[str, Any]) -> None:
    known = {*dims_of(cls), *others}
    missing = [f.name for f in dataclasses.fields(cls) if f.name not in known]
    if missing:
        raise InputError(
            f"nothing says what {cls.__name__}.{missing[0]} may be",
            why="A domain that is derived from a class needs to know every field",
            hint=f'Annotate it: {missing[0]}: Annotated[NDArray[np.float64], Dims("k")]',
        )


def _domains(cls: type) -> dict[str, NumberDomain]:
    found = domains_of(cls)
    opaque = [name for name, domain in found.items() if domain is None]
    if opaque:
        raise InputError(
            f"the domain {dims_of(cls)[opaque[0]].domain!r} of {cls.__name__}.{opaque[0]} "
            "says nothing of what it holds",
            hint="Use a domain of checker.instances.domains",
        )
    return _known(cls)


def _known(cls: type) -> dict[str, NumberDomain]:
    """The domains of a class but for those that only the class can judge."""
    return {name: domain for name, domain in domains_of(cls).items() if domain is not None}


# -- corners ----------------------------------------------------------------------------------


@functools.cache
def corners_of(cls: type) -> tuple[Corner, ...]:
    """Every corner that can be derived for a class: those that its domains do not rule out."""
    free = dict.fromkeys(dimensions_of(cls), (1, MOST))
    always = [
        Corner("gaussian", _unchanged, {}),
        Corner("mixed scales", _mixed, {}),
        Corner("short dyadics", partial(_on_grid, 3, 2), {}),
        Corner("small whole numbers", partial(_on_grid, 2, 1), free),
        *(Corner(f"{x} = 1", _unchanged, {x: (1, 1)}) for x in free),
    ]
    return (*always, *(c for c in _special(cls) if _is_possible(cls, c)))


def _large(cls: type) -> Iterator[Corner]:
    """Sizes beyond those of the corners: a constant may hold for few dimensions only.

    Short numbers, and no orthogonal matrices, which are products of as many reflections: exact
    arithmetic on many long numbers takes seconds a case.
    """
    products = (dims for dims in dims_of(cls).values() if dims.domain == "orthogonal")
    costly = {name for dims in products for name, _ in dims.axes}
    for x in (x for x in dimensions_of(cls) if x not in costly):
        yield Corner(f"{x} > {MOST}", partial(_on_grid, 3, 2), {x: (MOST + 1, LARGE)})


def _special(cls: type) -> Iterator[Corner]:
    fields, domains = dims_of(cls), _known(cls)
    for name, dims in fields.items():
        kind = domains[name].name if name in domains else dims.domain
        yield from _touching(_OF_DOMAIN.get(kind, _of_numbers)(name, dims), name)
    for a, b in combinations(domains, 2):
        if fields[a].names == fields[b].names and domains[a].plain and domains[b].plain:
            yield from _touching(_pairs(a, b, fields[a]), a, b)
        elif fields[a] == fields[b]:
            yield Corner(f"{a} = {b}", partial(_copied, a, b, 1.0), {}, (a, b))


def _touching(corners: Iterable[Corner], *fields: str) -> Iterator[Corner]:
    return (replace(corner, fields=fields) for corner in corners)


def _of_numbers(name: str, dims: Dims) -> Iterator[Corner]:
    yield Corner(f"{name} = 0", partial(_scaled, name, 0.0, 0.0), {})
    yield Corner(f"{name} tiny", partial(_rescaled, name, -150.0, -8.0), {})
    yield Corner(f"{name} huge", partial(_rescaled, name, 8.0, 100.0), {})
    for axis, (x, _) in enumerate(dims.axes):
        if dims.names.count(dims.names[axis]) == 1:
            along = f"{name} equal along {dims.names[axis]}"
            yield Corner(along, partial(_repeated, name, axis), {x: (2, MANY)})


def _of_symmetric(name: str, dims: Dims) -> Iterator[Corner]:
    yield from _of_numbers(name, dims)
    longer = {dims.axes[0][0]: (2, MANY)}
    yield Corner(f"{name} diagonal", partial(_masked, name, np.eye), longer)


def _of_simplex(name: str, dims: Dims) -> Iterator[Corner]:
    longer = {dims.axes[0][0]: (2, MANY)}
    yield Corner(f"{name} uniform", partial(_repeated, name, 0), longer)
    yield Corner(f"{name} a vertex", partial(_masked, name, _first), longer)


def _of_semidefinite(name: str, dims: Dims) -> Iterator[Corner]:
    yield Corner(f"{name} = 0", partial(_scaled, name, 0.0, 0.0), {})
    longer = {dims.axes[0][0]: (2, MANY)}
    yield Corner(f"{name} of rank 1", partial(_masked, name, _first_column), longer)


def _of_orthogonal(name: str, dims: Dims) -> Iterator[Corner]:
    yield Corner(f"{name} = I", partial(_scaled, name, 0.0, 0.0), {})


def _of_unit_vector(name: str, dims: Dims) -> Iterator[Corner]:
    yield Corner(f"{name} = e_1", partial(_scaled, name, 0.0, 0.0), {})


def _of_labels(name: str, dims: Dims) -> Iterator[Corner]:
    """Only the loss knows what a label may be, but it may be that of another sample."""
    return (c for c in _of_numbers(name, dims) if "equal along" in c.name)


def _of_weights(name: str, dims: Dims) -> Iterator[Corner]:
    if dims.names:
        longer = {dims.axes[0][0]: (2, MANY)}
        yield Corner(f"{name} a vertex", partial(_vertex, name), longer, adds=(name,))


def _of_records(name: str, dims: Dims) -> Iterator[Corner]:
    """What belongs to other numbers is not moved without them."""
    return iter(())


# What a domain's corners are, where its fields are not plain numbers in any place.
_OF_DOMAIN: dict[Any, Callable[[str, Dims], Iterator[Corner]]] = {
    "label": _of_labels,
    "weight": _of_weights,
    "recorded": _of_records,
    "given": _of_records,
    "symmetric": _of_symmetric,
    "simplex": _of_simplex,
    "positive semidefinite": _of_semidefinite,
    "orthogonal": _of_orthogonal,
    "unit vector": _of_unit_vector,
}


def _is_possible(cls: type, corner: Corner) -> bool:
    """Whether the corner lies within the domains: a name must not promise what they undo."""
    rng, domains = np.random.default_rng(0), _known(cls)
    sizes = dict.fromkeys(dimensions_of(cls), 2)
    shapes = {name: (*dims.shape(sizes), 16) for name, dims in dims_of(cls).items()}
    numbers = {n: domains.get(n, DOMAINS["real"]).drawn(rng, x) for n, x in shapes.items()}
    corner.change(numbers, rng)
    return all(bool(np.all(domain.holds(numbers[name]))) for name, domain in domains.items())


def _pairs(a: str, b: str, dims: Dims) -> Iterator[Corner]:
    yield Corner(f"{a} = {b}", partial(_copied, a, b, 1.0), {})
    yield Corner(f"{a} = -{b}", partial(_copied, a, b, -1.0), {})
    yield Corner(f"{a} a multiple of {b}", partial(_multiple, a, b), {})
    if len(dims.names) == 1:
        longer = {dims.axes[0][0]: (2, MANY)}
        yield Corner(f"{a} orthogonal to {b}", partial(_orthogonal, a, b), longer)


def _unchanged(numbers: Numbers, rng: np.random.Generator) -> None:
    pass


def _mixed(numbers: Numbers, rng: np.random.Generator) -> None:
    for a in numbers.values():
        a *= 10.0 ** rng.uniform(-3, 3, a.shape[-1])


def _on_grid(reach: int, parts: int, numbers: Numbers, rng: np.random.Generator) -> None:
    for name, a in numbers.items():
        numbers[name] = rng.integers(-reach * parts, reach * parts + 1, a.shape) / parts


def _scaled(name: str, low: float, high: float, numbers: Numbers, rng: np.random.Generator) -> None:
    numbers[name] = numbers[name] * rng.uniform(low, high, numbers[name].shape[-1])


def _rescaled(
    name: str, low: float, high: float, numbers: Numbers, rng: np.random.Generator
) -> None:
    numbers[name] = numbers[name] * 10.0 ** rng.uniform(low, high, numbers[name].shape[-1])


def _copied(a: str, b: str, sign: float, numbers: Numbers, rng: np.random.Generator) -> None:
    numbers[a] = sign * numbers[b]


def _multiple(a: str, b: str, numbers: Numbers, rng: np.random.Generator) -> None:
    factors = rng.choice([-2.0, -0.5, 0.5, 2.0, 3.0], numbers[b].shape[-1])
    numbers[a] = factors * numbers[b]


def _orthogonal(a: str, b: str, numbers: Numbers, rng: np.random.Generator) -> None:
    """Two small integers, (p, q) and (-q, p), elsewhere 0: orthogonal without a rounding."""
    size = numbers[a].shape[-1]
    p, q = rng.integers(-3, 4, (2, size))
    for name, pair in ((a, (p, q)), (b, (-q, p))):
        numbers[name] = np.zeros_like(numbers[name])
        numbers[name][0], numbers[name][1] = pair


def _repeated(name: str, axis: int, numbers: Numbers, rng: np.random.Generator) -> None:
    a = numbers[name]
    numbers[name] = np.repeat(np.take(a, [0], axis), a.shape[axis], axis)


def _masked(
    name: str, mask: Callable[[int], FloatArray], numbers: Numbers, rng: np.random.Generator
) -> None:
    kept = mask(len(numbers[name])) == 1
    numbers[name] = np.where(kept[..., None], numbers[name], 0.0)


def _vertex(name: str, numbers: Numbers, rng: np.random.Generator) -> None:
    numbers[name][...] = 0.0
    numbers[name][0] = 1.0


def _first(size: int) -> FloatArray:
    first: FloatArray = np.eye(size)[0]
    return first


def _first_column(size: int) -> FloatArray:
    return np.tile(_first(size), (size, 1))
