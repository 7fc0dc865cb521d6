"""Claims as people write them: a function of named arguments, whose annotations are their sets.

    @claim
    def pinsker(p: simplex("k"), q: simplex("k"), c=Fraction(1, 2)):
        return kl(p, q) >= c * norm(p - q, 1) ** 2

Arguments with a set are the fields of an instance, those with a default alone are constants.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import make_dataclass
from functools import cached_property, update_wrapper
from typing import Annotated, Any

from hypothesis.strategies import SearchStrategy

from checker.errors import InputError
from checker.instances.fields import Dims, FloatArray


class Written:
    """A function of named arguments as a formula of instances.

    Attributes
    ----------
    function
        As the user wrote it.
    sets
        Argument -> what it may be.
    others
        Argument -> strategy, for what is not numbers.
    constants
        Argument -> value.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        sets: Mapping[str, Dims],
        others: Mapping[str, SearchStrategy[Any]],
        constants: Mapping[str, Any],
    ) -> None:
        self.function, self.sets, self.others, self.constants = function, sets, others, constants
        update_wrapper(self, function)
        # It is called with an instance, whatever the function is called with.
        del self.__wrapped__  # type: ignore[attr-defined]
        # Faults are told by the line of the function.
        self.__code__ = function.__code__

    @cached_property
    def instances(self) -> type:
        """The dataclass of its arguments; it lives in the module of the function."""
        name = f"{self.function.__name__}_arguments"
        module = self.function.__module__
        fields = [
            *((x, Annotated[FloatArray, dims]) for x, dims in self.sets.items()),
            *((x, Any) for x in self.others),
        ]
        made = make_dataclass(name, fields, frozen=True, eq=False)
        # From Python 3.12 on it is else the module that calls make_dataclass.
        made.__module__, made.__qualname__ = module, name
        # Saved instances find their class by its name in its module.
        self.function.__globals__[name] = made
        return made

    def __call__(self, at: Any, **constants: Any) -> Any:
        """The function at an instance."""
        values = {x: getattr(at, x) for x in (*self.sets, *self.others)}
        return self.function(**values, **constants)


def written(function: Callable[..., Any]) -> Written:
    """The arguments of a function, by what is written beside them.

    Raises
    ------
    InputError
        For an argument of which nothing is said, and for annotations that cannot be read.
    """
    annotations = _annotations(function)
    sets: dict[str, Dims] = {}
    others: dict[str, SearchStrategy[Any]] = {}
    constants: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        meant = annotations.get(name)
        if isinstance(meant, Dims):
            sets[name] = meant
        elif isinstance(meant, SearchStrategy):
            others[name] = meant
        elif parameter.default is not inspect.Parameter.empty:
            constants[name] = parameter.default
        else:
            raise _nothing_said(function, name, meant)
    if not sets:
        raise InputError(
            f"{function.__name__} speaks of nothing that could vary",
            why="None of its arguments is annotated with a set",
            hint='def my_claim(u: vectors("k"), v: vectors("k")): ..., or @claim(given=...)',
        )
    return Written(function, sets, others, constants)


def by_name(test: Callable[..., Any], fields: Sequence[str]) -> Callable[[Any], Any]:
    """A premise written with the names of arguments, or of one instance `at`, as one of `at`."""
    names = list(inspect.signature(test).parameters)
    if not names or not set(names) <= set(fields):
        return test
    return lambda at: test(**{name: getattr(at, name) for name in names})


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return inspect.get_annotations(function, eval_str=True)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"the annotations of {function.__name__} cannot be read: "
            f"{type(error).__name__}: {error}",
            hint="Sets are imported from checker: from checker import claim, vectors",
        ) from error


def _nothing_said(function: Callable[..., Any], name: str, meant: Any) -> InputError:
    place = f"{function.__name__}({name})"
    why = "A claim needs to know the set that each argument is taken from"
    if meant is not None:
        why = f"{meant!r} is not a set of this package"
    return InputError(
        f"nothing says what {place} may be",
        why=why,
        hint=f'{name}: vectors("k"), numbers(), matrices("n", "d"), ...; '
        f"or {name}=VALUE for a constant; or @claim(given=...) for a function of one instance",
    )
