"""Instances of claims: dataclasses of arrays, alone or in batches, and their way into arithmetics.

An instance is any dataclass. Its NumPy fields hold float64 numbers, which *are* the instance:
they are exact by definition, so no rounding happens on the way in. Everything else (a loss, a
name) is carried along. A batch is an instance of the same class whose arrays have one more axis,
the last, of length B or 1 (shared by the whole batch).
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from checker.errors import InputError

FloatArray = NDArray[np.float64]
Inst = TypeVar("Inst")


@dataclass(frozen=True)
class Dims:
    """Shape and domain of an array field: `X: Annotated[FloatArray, Dims("n", "d")]`.

    Fields that share a dimension name shrink together; an axis `T+1` is one longer than `T`, an
    axis 3 always has three entries. The domain is a name or an interval of
    `checker.instances.domains`: nothing outside it is ever tried.

    >>> from checker import Dims
    >>> Dims("T+1", "d", 3).shape({"T": 3, "d": 2})
    (4, 2, 3)

    Raises
    ------
    InputError
        For an axis that is neither.
    """

    names: tuple[str, ...]
    domain: Any

    def __init__(self, *names: str | int, domain: Any = "real") -> None:
        for name in names:
            _require_axis(name)
        object.__setattr__(self, "names", tuple(map(str, names)))
        object.__setattr__(self, "domain", domain)

    @functools.cached_property
    def axes(self) -> tuple[tuple[str, int], ...]:
        """Of each axis its dimension, and how much longer than that it is.

        An axis of a fixed size has the dimension "", whose size is 0.
        """
        split = (("", "", x) if x.isdigit() else x.partition("+") for x in self.names)
        return tuple((name, int(longer or 0)) for name, _, longer in split)

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape of the field where the dimensions have these sizes."""
        return tuple((sizes[name] if name else 0) + longer for name, longer in self.axes)


# A name, how much longer than it, or a size.
_AXIS = re.compile(r"[^\W\d]\w*(\+\d+)?|[1-9]\d*")


def _require_axis(name: Any) -> None:
    fits = isinstance(name, str | int) and not isinstance(name, bool)
    if not fits or not _AXIS.fullmatch(str(name)):
        raise InputError(
            f"{name!r} is not a dimension",
            why="An axis has a name, which axes of one size share, or a size of at least 1",
            hint='vectors("k"), vectors(3), matrices("n", 2), vectors("T+1") for one entry more',
        )


def dims_of(cls: type) -> Mapping[str, Dims]:
    """Field name -> `Dims` of the annotated array fields of an instance's class."""
    if cls not in _DIMS:
        _DIMS[cls] = MappingProxyType(_read_dims(cls))
    return _DIMS[cls]


def dimensions_of(cls: type) -> list[str]:
    """The named dimensions of an instance's class, in alphabetical order."""
    return sorted({name for dims in dims_of(cls).values() for name, _ in dims.axes if name})


# Reading type hints costs a millisecond; the search asks thousands of times.
_DIMS: dict[type, Mapping[str, Dims]] = {}


def _read_dims(cls: type) -> dict[str, Dims]:
    hints = get_type_hints(cls, include_extras=True)
    found = {name: _dims_in(hint) for name, hint in hints.items()}
    return {name: dims for name, dims in found.items() if dims is not None}


def _dims_in(hint: Any) -> Dims | None:
    candidates = (*getattr(hint, "__metadata__", ()), *(_dims_in(h) for h in get_args(hint)))
    return next((c for c in candidates if isinstance(c, Dims)), None)


def numbers_of(instance: Any) -> dict[str, FloatArray]:
    """Field name -> numbers, for the fields that hold a NumPy array or a float.

    Raises
    ------
    InputError
        For numbers that float64 cannot represent, and for arrays that hold no real numbers.
    """
    values = {f.name: getattr(instance, f.name) for f in dataclasses.fields(instance)}
    return {
        name: _as_floats(name, value)
        for name, value in values.items()
        if isinstance(value, np.ndarray | float)
    }


def _as_floats(name: str, value: Any) -> FloatArray:
    given = np.asarray(value)
    if given.dtype == np.float64:
        return given
    if given.dtype.kind not in "iuf":
        raise InputError(f"field {name} holds {given.dtype}, not real numbers")
    floats = given.astype(np.float64)
    if not same_numbers(floats, given):
        kind = "integers" if given.dtype.kind in "iu" else f"{given.dtype} numbers"
        raise InputError(
            f"field {name} holds {kind} that float64 cannot represent",
            why="An instance is its float64 numbers, exactly",
            hint="Round them where they are drawn: np.asarray(x, dtype=float)",
        )
    return floats


def sizes_of(instance: Any, batch_axes: int = 0) -> dict[str, int]:
    """Size of every named dimension of an instance; of a batch's with `batch_axes` 1."""
    dims, numbers = dims_of(type(instance)), numbers_of(instance)
    return {
        name: size - longer
        for field, values in numbers.items()
        if field in dims
        for (name, longer), size in zip(
            dims[field].axes, values.shape[: values.ndim - batch_axes], strict=True
        )
        if name
    }


def digest_of(instance: Any) -> bytes:
    """128 bits that tell the numbers of an instance from others."""
    found = hashlib.blake2b(digest_size=16)
    for name, numbers in sorted(numbers_of(instance).items()):
        found.update(f"{name}{numbers.shape}".encode())
        found.update(np.ascontiguousarray(numbers).tobytes())
    return found.digest()


def is_finite(instance: Any) -> bool:
    """Whether no entry is infinite or NaN: what is none of the real numbers is no instance."""
    return all(bool(np.isfinite(a).all()) for a in numbers_of(instance).values())


def require_instance(value: Any) -> None:
    """Raise InputError unless this is a dataclass of arrays whose shapes fit together."""
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise InputError(
            f"it draws {type(value).__name__}, not an instance of a dataclass",
            hint="Use st.builds(YourDataclass, ...), with a field for each array or number",
        )
    cls, numbers = type(value).__name__, numbers_of(value)
    if not numbers:
        raise InputError(
            f"no field of {cls} holds an array or a float",
            why="These are the numbers of an instance; anything else is carried along",
            hint="Draw floats, or np.array(x, dtype=float)",
        )
    empty = [name for name, array in numbers.items() if not array.size]
    if empty:
        raise InputError(
            f"field {empty[0]} of {cls} is an array of shape {numbers[empty[0]].shape}, empty",
            hint="Draw at least one number: min_size=1",
        )
    _require_shapes(cls, dims_of(type(value)), numbers)


def _require_shapes(cls: str, dims: Mapping[str, Dims], numbers: dict[str, FloatArray]) -> None:
    known: dict[str, tuple[str, int]] = {}
    for name, array in ((f, a) for f, a in numbers.items() if f in dims):
        names = dims[name].names
        if len(names) != array.ndim:
            raise InputError(
                f"field {name} of {cls} has shape {array.shape} and is declared as "
                f"Dims({', '.join(map(repr, names))})",
                hint="Name each axis of the array in Dims",
            )
        for (dim, longer), size in zip(dims[name].axes, array.shape, strict=True):
            first, other = known.setdefault(dim, (name, size - longer))
            if not dim and size != longer:
                raise InputError(
                    f"field {name} of {cls} has shape {array.shape} and is declared as "
                    f"Dims({', '.join(names)})",
                    hint="Draw arrays of that size, or give the axis a name",
                )
            if dim and size != other + longer:
                raise InputError(
                    f"fields {first} and {name} of {cls} share the dimension {dim!r}, and have "
                    f"{other} and {size - longer} of it",
                    hint="Draw them with one length, or name the dimensions apart",
                )


def same_numbers(floats: FloatArray, given: NDArray[Any]) -> bool:
    """Whether rounding to float64 changed nothing.

    Integers are compared as Python's: NumPy would round them, too, and find no difference.
    """
    if given.dtype.kind == "f":
        return np.array_equal(floats, given, equal_nan=True)
    large = np.abs(floats) >= 2.0**53
    return all(int(x) == int(k) for x, k in zip(floats[large], given[large], strict=True))


def unchecked(cls: type[Inst], /, **values: Any) -> Inst:
    """An instance made without its constructor, for arrays that are not plain float64 vectors."""
    made = object.__new__(cls)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def map_arrays(instance: Inst, change: Callable[[FloatArray], Any]) -> Inst:
    """The same instance with every array of numbers replaced by `change(array)`."""
    return with_numbers(instance, **{n: change(a) for n, a in numbers_of(instance).items()})


def with_fields(instance: Inst, /, **changes: Any) -> Inst:
    """The same instance with some fields replaced, unchecked.

    A class whose numbers belong together may refuse: its method `check_change` raises then.
    """
    if changes and (check := method_of(instance, "check_change")) is not None:
        check()
    fields = {f.name: getattr(instance, f.name) for f in dataclasses.fields(instance)}  # type: ignore[arg-type]
    return unchecked(type(instance), **{**fields, **changes})


def method_of(instance: Any, name: str) -> Callable[[], Any] | None:
    """A method that the instance's class may have; a field of that name is none."""
    if not callable(getattr(type(instance), name, None)):
        return None
    method: Callable[[], Any] = getattr(instance, name)
    return method if callable(method) else None


def is_valid(instance: Any) -> bool:
    """What the class itself says of its numbers; true if it says nothing."""
    check = method_of(instance, "is_valid")
    return check is None or bool(check())


def simpler_versions(instance: Any) -> tuple[Any, ...]:
    """What the class itself calls simpler in fields that are no numbers, such as its loss."""
    method = method_of(instance, "simpler")
    return () if method is None else tuple(method())


def is_whole(instance: Any, field: str) -> bool:
    """Whether a field holds integers by the type of its array."""
    return np.asarray(getattr(instance, field)).dtype.kind in "iu"


def with_numbers(instance: Inst, /, **numbers: Any) -> Inst:
    """The same instance with other numbers, unchecked.

    Arrays of integers stay such; what is no array, such as the numbers of an arithmetic, is kept.
    """
    kept = {
        name: a.astype(np.int64) if _are_floats(a) and is_whole(instance, name) else a
        for name, a in numbers.items()
    }
    return with_fields(instance, **kept)


def _are_floats(a: Any) -> bool:
    return isinstance(a, np.ndarray) and a.dtype.kind == "f"


def fields_of(cls: type, instance: Any) -> dict[str, Any]:
    """The fields that a class has, of an instance that has them and maybe more."""
    return {f.name: getattr(instance, f.name) for f in dataclasses.fields(cls)}


def others_kept(instance: Any, dim: str, indices: Sequence[int]) -> dict[str, Any]:
    """What becomes of the fields that hold no numbers when only some indices of a dimension stay.

    A field follows if it has a method `kept(dim, indices)`, as a loss for each sample has.
    """
    others = {f.name: getattr(instance, f.name) for f in dataclasses.fields(instance)}
    following = {name: x for name, x in others.items() if hasattr(x, "kept")}
    return {name: x.kept(dim, indices) for name, x in following.items()}


@dataclass(frozen=True, eq=False)
class Batch:
    """`size` instances of one structure.

    Attributes
    ----------
    instances
        An instance whose arrays have a last axis of length `size` or 1.
    size
        Number of cases.
    stratum
        Name of the stratum that the cases were drawn for.
    origin
        How the batch was drawn, for the reader of the evidence.
    notes
        Counts of attempts that gave no case, by reason.
    """

    instances: Any
    size: int
    stratum: str
    origin: str = ""
    notes: Counter[str] = field(default_factory=Counter)

    def case(self, index: int) -> Any:
        """Case `index` as an instance of its own."""
        return map_arrays(
            self.instances,
            lambda a: np.array(a[..., index if a.shape[-1] > 1 else 0], order="C"),
        )

    def part(self, indices: Any) -> Batch:
        """The batch of the chosen cases (a slice or an integer array)."""
        count = len(np.arange(self.size)[indices])
        chosen = map_arrays(
            self.instances, lambda a: a[..., indices] if a.shape[-1] == self.size > 1 else a
        )
        return dataclasses.replace(self, instances=chosen, size=count)


def finite_cases(batch: Batch) -> NDArray[np.bool_]:
    """Which cases have no infinite or NaN entry."""
    finite = np.ones(batch.size, dtype=bool)
    for numbers in numbers_of(batch.instances).values():
        finite &= np.isfinite(numbers).all(axis=tuple(range(numbers.ndim - 1)))
    return finite


def single(instance: Any, stratum: str, origin: str = "") -> Batch:
    """One instance as a batch of size 1."""
    return Batch(map_arrays(instance, lambda a: a[..., None]), 1, stratum, origin)
