"""Names of classes in JSON: what a saved instance calls its class, wherever its module lives.

A class of the catalogue is called by its own name, `Point`; one of a claim file by the file's stem
and its name, `mine:Pair`; any other by its module and name. Files outlive folders: modules may
move, names are promises. A class that is renamed gets an entry in `FORMER`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

from checker.errors import InputError

# Where the classes live that are known by their names alone.
CATALOGUE = ("checker.landscape", "properties")

# Claim files become modules of this made-up package, so that they cannot collide with real modules;
# a claim's default id still starts with the stem of its file.
FILES_PACKAGE = "checker_files"

# Former name -> the name of today.
FORMER: dict[str, str] = {}


def name_of(cls: type) -> str:
    """The name that JSON has for a class.

    Raises
    ------
    InputError
        When two classes of the catalogue have this name.
    """
    module, name = cls.__module__, cls.__qualname__
    if module.startswith(f"{FILES_PACKAGE}."):
        return f"{module.removeprefix(f'{FILES_PACKAGE}.')}:{name}"
    if not _is_in_catalogue(module):
        return f"{module}:{name}"
    if len(found := list(_classes_named(name))) > 1:
        raise InputError(
            f"{name} names {' and '.join(f'{c.__module__}:{name}' for c in found)}",
            why="A saved instance calls its class by its name alone",
            hint="Rename one of them",
        )
    return name


def class_named(name: str) -> type | None:
    """The class that JSON calls so, or called so; None when it is not loaded.

    Nothing is imported. Files written before classes had names say where the module was:
    `checker.landscape.objective:Point` is `Point`, wherever it is now.
    """
    module, _, qualified = FORMER.get(name, name).rpartition(":")
    if not module or _is_in_catalogue(module):
        return next(_classes_named(FORMER.get(qualified, qualified)), None)
    for candidate in (f"{FILES_PACKAGE}.{module}", module):
        if candidate in sys.modules:
            return _within(sys.modules[candidate], qualified)
    return None


def _is_in_catalogue(module: str) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in CATALOGUE)


def _classes_named(qualified: str) -> Iterator[type]:
    """Loaded classes of the catalogue with this name, each once: where it was defined."""
    for name, module in sorted(sys.modules.items()):
        found = _within(module, qualified) if _is_in_catalogue(name) else None
        if found is not None and found.__module__ == name:
            yield found


def _within(module: ModuleType, qualified: str) -> type | None:
    found: object = module
    for part in qualified.split("."):
        # vars, not getattr: a module may import something when asked for an unknown attribute.
        found = vars(found).get(part) if hasattr(found, "__dict__") else None
    return found if isinstance(found, type) else None
