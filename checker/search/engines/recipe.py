"""What it takes to make claims again in another process: where they are, and what they rest on.

Claims are functions, which do not travel. The other side refuses other versions and other sources,
so that the evidence is the same.
"""

from __future__ import annotations

import pickle
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any

import checker.threads  # noqa: F401  (before everything that imports NumPy)
from checker.claims.claim import Claim
from checker.claims.files import claims_in, load_file, shown_as
from checker.claims.registry import load_claims
from checker.claims.sources import sources_of, versions
from checker.errors import InputError
from checker.instances.names import FILES_PACKAGE

# What is made of the claims: the place of the jobs.
Make = Callable[[tuple[Claim, ...]], Any]


def by_ids(claims: Sequence[Claim]) -> dict[str, Claim]:
    """Claims as a place."""
    return {claim.id: claim for claim in claims}


@dataclass(frozen=True, eq=False)
class Recipe:
    """How a place is made again.

    Attributes
    ----------
    claims
        Id of each claim, of a single conclusion or not, and where it is: a file, a module, or an
        empty string for what is installed.
    files
        Path of each file -> what messages call it.
    make
        What makes the place of the claims.
    """

    claims: tuple[tuple[str, str], ...]
    files: dict[str, str]
    make: Make
    sources: dict[str, str]

    @classmethod
    def of(cls, claims: Sequence[Claim], make: Make) -> Recipe:
        """The recipe of a place.

        Raises
        ------
        InputError
            For a claim that another process cannot find.
        """
        homes = tuple((c.id, _home(c)) for c in claims)
        files = {home: shown_as(home) for _, home in homes if home.endswith(".py")}
        return cls(homes, files, make, sources_of(claims, tuple(files)))

    def place(self) -> Any:
        """Make it.

        Raises
        ------
        InputError
            When sources here are others than there.
        """
        for path, shown in self.files.items():
            load_file(path, shown)
        claims = tuple(_found(name, home) for name, home in self.claims)
        _require_same("source of", self.sources, sources_of(claims, tuple(self.files)))
        return self.make(claims)


@dataclass(frozen=True, eq=False)
class Sent:
    """A recipe as it travels.

    Attributes
    ----------
    key
        A name of its own: the place is made once for each.
    versions
        Of what made it; looked at before the recipe is read, which another version may not know.
    """

    key: str
    versions: dict[str, str]
    saved: bytes

    @classmethod
    def of(cls, recipe: Recipe) -> Sent:
        """Pack a recipe; raises InputError for what another process could not be told."""
        try:
            saved = pickle.dumps(recipe)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise InputError(
                f"another process cannot be told what to do: {error}",
                why="Only what stands in a module by its own name can be found there",
                hint="Move it to a module of its own, or run it without an engine",
            ) from error
        return cls(secrets.token_hex(8), versions(), saved)

    def place(self) -> Any:
        """Make the place; raises InputError when versions or sources here are others than there."""
        _require_same("version of", self.versions, versions())
        recipe: Recipe = pickle.loads(self.saved)
        return recipe.place()


def _require_same(what: str, there: Mapping[str, str], here: Mapping[str, str]) -> None:
    for name in {**there, **here}:
        if there.get(name) != here.get(name):
            raise InputError(
                f"the {what} {name} is {here.get(name)} on the engine, {there.get(name)} here",
                why="The same seed would give other cases",
                hint="Install the same on both sides",
            )


def _home(claim: Claim) -> str:
    module = sys.modules.get(str(claim.formula.__module__))
    known = {c.id: c for c in claims_in(module)} if module is not None else {}
    if _is(claim, known.get(_stem(claim.id, claim.conclusion is not None))):
        assert module is not None
        in_file = module.__name__.startswith(f"{FILES_PACKAGE}.")
        if in_file or module.__name__ != "__main__":
            return str(module.__file__) if in_file else module.__name__
    elif _is(claim, load_claims().get(_stem(claim.id, claim.conclusion is not None))):
        return ""
    raise InputError(
        f"the claim {claim.id} cannot be found by another process",
        why="It is not a claim of an installed package, nor of a file with claims",
        hint="Move it to a file and load it from there, or run without an engine",
    )


def _stem(name: str, single: bool) -> str:
    return name.rpartition(" [")[0] if single else name


def _is(claim: Claim, known: Claim | None) -> bool:
    """Whether this is a known claim, or one of its conclusions."""
    names = [f.name for f in fields(claim) if f.name not in ("id", "conclusion")]
    return known is not None and all(getattr(claim, n) is getattr(known, n) for n in names)


def _found(name: str, home: str) -> Claim:
    stem, _, conclusion = name.rpartition(" [")
    for wanted in filter(None, (name, stem)):
        if home.endswith(".py"):
            known = {c.id: c for c in load_file(home, shown_as(home))}
        else:
            known = {c.id: c for c in claims_in(import_module(home))} if home else load_claims()
        if wanted in known:
            found = known[wanted]
            return found if wanted == name else found.single(int(conclusion.rstrip("]")) - 1)
    raise InputError(f"the engine has no claim {name}", hint="Install the same on both sides")
