"""Corners of the families of the catalogue: derived from their classes, and why some are not.

    @cache
    @cornered(Point, same={"w = w_star": "w = w*"}, fixed={"w": "Theorem 2 speaks of w = 0"})
    def points_at_w_zero() -> Domain: ...

A corner is not visited where a stratum of the family has its name, or is the same by another name
(`same`); where it moves what the family holds fixed (`fixed`); and where no case of it meets the
premises, or it costs too much (`without`). Each of these is said, in `Domain.left_out`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import ParamSpec

from checker.claims.claim import Domain
from checker.errors import InputError
from checker.instances.cornered import cornered_strata
from checker.instances.corners import corners_of
from checker.instances.fields import dims_of

P = ParamSpec("P")


def cornered(
    cls: type,
    *,
    same: Mapping[str, str] | None = None,
    fixed: Mapping[str, str] | None = None,
    without: Mapping[str, str] | None = None,
) -> Callable[[Callable[P, Domain]], Callable[P, Domain]]:
    """A function that makes a domain of instances of a class makes one with its corners, too.

    Parameters
    ----------
    cls
        The class of the instances.
    same
        Corner -> the stratum that it is, where the domain has it.
    fixed
        Field -> why it is not moved.
    without
        Corner -> why it is not visited.
    """

    def decorate(made: Callable[P, Domain]) -> Callable[P, Domain]:
        @wraps(made)
        def domain(*args: P.args, **kwargs: P.kwargs) -> Domain:
            return with_corners(made(*args, **kwargs), cls, same or {}, fixed or {}, without or {})

        return domain

    return decorate


def with_corners(
    domain: Domain,
    cls: type,
    same: Mapping[str, str],
    fixed: Mapping[str, str],
    without: Mapping[str, str],
) -> Domain:
    """The domain with the corners of its class after its own strata."""
    left_out = _left_out(domain, cls, same, fixed, without)
    base = next(s for name, s in domain.strata.items() if name not in domain.told)
    return replace(domain, corners=cornered_strata(cls, base, left_out, fixed), left_out=left_out)


def _left_out(
    domain: Domain,
    cls: type,
    same: Mapping[str, str],
    fixed: Mapping[str, str],
    without: Mapping[str, str],
) -> dict[str, str]:
    """Corner -> why it is not visited.

    Raises
    ------
    InputError
        For a corner or a field that the class has not.
    """
    corners, fields = {c.name: c for c in corners_of(cls)}, dims_of(cls)
    for name in fixed:
        if name not in fields:
            raise InputError(f"{cls.__name__} has no field {name!r}", hint=", ".join(fields))
    for name in (*same, *without):
        if name not in corners:
            raise InputError(f"{cls.__name__} has no corner {name!r}", hint=", ".join(corners))
    still = {
        name: f"{field} stays: {fixed[field]}"
        for name, corner in corners.items()
        for field in corner.fields
        if field in fixed
    }
    own = {name: "a stratum of the family" for name in corners if name in domain.strata}
    known = {n: f"the stratum {s!r}" for n, s in same.items() if s in domain.strata}
    return {**still, **without, **known, **own}
