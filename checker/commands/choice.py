"""The claims that a command line names, and whether they go together."""

from __future__ import annotations

import difflib
from contextlib import suppress

from checker.claims.claim import Claim
from checker.claims.files import load_file, placed
from checker.claims.registry import installed_modules, load_claims, select
from checker.commands.options import Options
from checker.errors import InputError
from checker.stopping import Broken, watched


def chosen(options: Options) -> list[Claim]:
    """Named claims and those of the files, or all installed ones.

    Raises
    ------
    InputError
        For an unknown id, a file without claims, two claims with one id, be one of them installed,
        and a neighbour of no claim.
    """
    chosen: dict[str, Claim] = {}
    for _, claims in of_files(options):
        for found in claims:
            _add(chosen, found)
    _require_apart_from_installed(chosen, {c.id for c in beside(options)})
    if options.ids or not options.files:
        for found in select(options.ids):
            _add(chosen, found)
    return list(chosen.values())


def of_files(options: Options) -> list[tuple[str, list[Claim]]]:
    """Each file that was named, with its claims, or those that were named in it.

    Raises
    ------
    InputError
        For a name that no claim of its file has.
    """
    return [(file, _picked(options, file)) for file in options.files]


def beside(options: Options) -> list[Claim]:
    """All claims of the files that were named, whichever of them are meant."""
    return [c for file in options.files for c in load_file(file)]


def _picked(options: Options, file: str) -> list[Claim]:
    claims = _loaded(file)
    wanted = [name for other, name in options.picked if other == file]
    for name in wanted:
        if not any(name in _names(c) for c in claims):
            close = difflib.get_close_matches(name, [x for c in claims for x in _names(c)], 1)
            ids = ", ".join(c.id.rpartition(".")[2] for c in claims)
            raise InputError(
                f"there is no claim {name!r} in {file}",
                hint=f"Did you mean {file}::{close[0]}?" if close else f"It has {ids}",
            )
    return [c for c in claims if not wanted or set(wanted) & set(_names(c))]


def _names(claim: Claim) -> tuple[str, ...]:
    """What a claim of a file may be called."""
    return claim.id.rpartition(".")[2], claim.id, str(getattr(claim.formula, "__name__", ""))


def _loaded(file: str) -> list[Claim]:
    """The claims of a file, unless it never comes to its end."""
    try:
        with watched(file):
            return load_file(file)
    except Broken as broken:
        raise broken.lost.error() from broken


def _require_apart_from_installed(own: dict[str, Claim], known: set[str]) -> None:
    """Raise InputError for an id of an installed claim, and for a neighbour of no claim: neither of
    an installed one, nor of one with a known id."""
    # Loading every installed claim takes seconds; most files have nothing to do with them.
    modules = installed_modules()
    alike = any(not _is_default(c) or c.id.partition(".")[0] in modules for c in own.values())
    unknown = any(c.of is not None and c.of not in known for c in own.values())
    if not alike and not unknown:
        return
    installed: dict[str, Claim] = {}
    # Where the installed claims cannot be loaded, there is nothing to be mistaken for.
    with suppress(InputError):
        installed = load_claims()
    for claim in own.values():
        # A file may import an installed claim.
        if installed.get(claim.id, claim) is not claim:
            error = InputError(
                f"the id {claim.id} is that of an installed claim",
                why="An id has to mean one claim",
                hint="Give the claim in your file another id with @claim(id=...)",
            )
            raise placed(error, claim)
        if claim.of is not None and claim.of not in known.union(installed):
            error = InputError(
                f"claim {claim.id} is a neighbour of {claim.of}, which does not exist",
                why="A neighbour is hunted for with the claim that it is a neighbour of",
                hint="Name one of this file, or one of `checker list`",
            )
            raise placed(error, claim)


def _is_default(claim: Claim) -> bool:
    """Whether the id is that of the file and the function, so that it names nothing else."""
    return claim.id.partition(".")[0] == str(claim.formula.__module__).rpartition(".")[2]


def _add(chosen: dict[str, Claim], found: Claim) -> None:
    if chosen.setdefault(found.id, found) is not found:
        raise InputError(
            f"two claims have the id {found.id}",
            why="An id has to mean one claim in a run",
            hint="Give the claim in your file another id with @claim(id=...)",
        )
