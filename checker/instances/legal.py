"""Whether an instance is one of its class: shapes, domains, its own test, and its constructor."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from checker.errors import InputError
from checker.instances.domains import NumberDomain, domains_of
from checker.instances.fields import is_valid, numbers_of, require_instance


def fault(instance: Any) -> str:
    """What is wrong with an instance, in a sentence; empty for a legal one."""
    try:
        require_instance(instance)
    except InputError as error:
        return error.what
    domains = domains_of(type(instance))
    for name, values in numbers_of(instance).items():
        if not np.isfinite(values).all():
            return f"{name} has entries that are infinite or NaN"
        domain = domains.get(name)
        if domain is not None and not np.all(domain.holds(values[..., None])):
            return f"{name}: {domain.says}"
    if not is_valid(instance):
        return f"{type(instance).__name__}.is_valid() says no"
    return _refused(instance)


def movable(cls: type) -> dict[str, NumberDomain]:
    """The fields that a search may move, and the domains in which they stay.

    Nothing is known of fields without `Dims`: they stay as they were drawn. A class with a test of
    its own may tie its fields together; of these only the reals move.
    """
    own = "is_valid" in vars(cls) or hasattr(cls, "is_valid")
    return {
        name: domain
        for name, domain in domains_of(cls).items()
        if domain is not None and not (own and domain.name != "real")
    }


def is_legal(instance: Any) -> bool:
    """Whether an instance is one of its class."""
    return not fault(instance)


def _refused(instance: Any) -> str:
    """What the constructor says against these fields, or that it changes them."""
    given = {f.name: getattr(instance, f.name) for f in dataclasses.fields(instance) if f.init}
    try:
        made = type(instance)(**given)
    except Exception as error:
        return f"{type(instance).__name__} refuses it: {error}"
    kept, now = numbers_of(instance), numbers_of(made)
    same = kept.keys() == now.keys() and all(np.array_equal(kept[n], now[n]) for n in kept)
    return "" if same else f"{type(instance).__name__} changes its numbers"
