"""What a mutation is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """`old` becomes `new` in `file`; `equivalent` says why no test can tell, if none can."""

    name: str
    file: str
    old: str
    new: str
    equivalent: str = ""


@dataclass(frozen=True)
class Area:
    """Mutations that the same tests have to catch, fast tests first."""

    name: str
    tests: tuple[str, ...]
    mutations: tuple[Mutation, ...]
