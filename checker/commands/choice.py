"""The claims that a command line names."""

from __future__ import annotations

from checker.claims.claim import Claim
from checker.claims.registry import load_file, select
from checker.commands.options import Options
from checker.errors import InputError
from checker.stopping import Broken, watched


def chosen(options: Options) -> list[Claim]:
    """Named claims and those of the files, or all installed ones.

    Raises
    ------
    InputError
        For an unknown id, a file without claims, and two claims with one id.
    """
    chosen: dict[str, Claim] = {}
    for file in options.files:
        for found in _loaded(file):
            _add(chosen, found)
    if options.ids or not options.files:
        for found in select(options.ids):
            _add(chosen, found)
    return list(chosen.values())


def _loaded(file: str) -> list[Claim]:
    """The claims of a file, unless it never comes to its end."""
    try:
        with watched(file):
            return load_file(file)
    except Broken as broken:
        raise broken.lost.error() from broken


def _add(chosen: dict[str, Claim], found: Claim) -> None:
    if chosen.setdefault(found.id, found) is not found:
        raise InputError(
            f"two claims have the id {found.id}",
            why="An id has to mean one claim in a run",
            hint="Give the claim in your file another id with @claim(id=...)",
        )
