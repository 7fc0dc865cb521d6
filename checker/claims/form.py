"""All instances of a domain at once: written in numbers of which nothing is asked but their sets.

A proof is about every instance, a search draws some. What a strategy draws, nobody can prove
anything of; a form says it in numbers. Functions among the fields enter by their values at the
places where a formula asks for them, and by what these have to satisfy: then a proof holds for all
such functions, known or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.instances.fields import Dims, FloatArray, dims_of, unchecked


def _same(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return values


@dataclass(frozen=True, eq=False)
class Form:
    """A class of instances, and the free numbers that they are made of.

    Attributes
    ----------
    cls
        The class of the instances.
    numbers
        Name -> dimensions and domain, "real", "positive", "nonnegative" or an interval.
    fields
        Numbers by name, in any arithmetic -> the fields of an instance.
    words
        What the instances are, "points with any convex loss"; empty where their numbers say it.
    sizes
        The sizes of all dimensions for which something is proved unless it is said otherwise.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from typing import Annotated
    >>> import numpy as np
    >>> @dataclass(frozen=True, eq=False)
    ... class Pair:
    ...     u: Annotated[np.ndarray, Dims("k")]
    ...     v: Annotated[np.ndarray, Dims("k")]
    >>> double = Form(Pair, {"u": Dims("k")}, lambda given: {"u": given["u"], "v": 2 * given["u"]})
    >>> double.instance({"k": 2}, [1.0, 3.0]).v
    array([2., 6.])
    """

    cls: type
    numbers: Mapping[str, Dims]
    fields: Callable[[Mapping[str, Any]], Mapping[str, Any]] = _same
    words: str = ""
    sizes: tuple[int, ...] = (1, 2)

    @classmethod
    def of(cls, instances: type) -> Form:
        """Of a class whose fields are the numbers."""
        return cls(instances, dims_of(instances))

    @property
    def dimensions(self) -> list[str]:
        """The named dimensions, in alphabetical order."""
        return sorted({name for dims in self.numbers.values() for name, _ in dims.axes if name})

    def symbolic(self, values: Mapping[str, Any]) -> Any:
        """The instance of these arrays, whose numbers are not known."""
        return unchecked(self.cls, **self.fields(values))

    def instance(self, sizes: Mapping[str, int], numbers: list[float]) -> Any:
        """The instance of these numbers, in the order of the names.

        Raises
        ------
        InputError
            When there is none, as its class says.
        """
        rest, arrays = iter(numbers), dict[str, FloatArray]()
        for name, dims in self.numbers.items():
            shape = dims.shape(sizes)
            entries = [next(rest) for _ in range(int(np.prod(shape)))]
            arrays[name] = np.array(entries, dtype=float).reshape(shape)
        return self.cls(**self.fields(arrays))
