"""Installed claims: the entry points of packages, and what the command line selects of them."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import EntryPoint, distributions, entry_points
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

from checker.claims.claim import Claim
from checker.claims.files import claims_in, duplicate, said
from checker.errors import Caught, InputError
from checker.process import tell

GROUP = "checker.claims"
DISTRIBUTION = "landscape-checker"

# Top-level packages of this distribution whose names anybody might use for something else.
GENERIC_PACKAGES = ("properties", "strategies")


def load_claims() -> dict[str, Claim]:
    """Every installed claim by id: theorems first, false neighbours last.

    An entry point of another distribution that cannot be loaded is left out, with a warning on
    standard error.

    Raises
    ------
    InputError
        When this package is not installed, another folder shadows its packages, or its claims
        cannot be loaded.
    """
    modules = loaded_modules()
    claims = _collected(modules)
    for point in (p for p in _entry_points() if not _is_own(p)):
        try:
            theirs = _modules(_load(point))
            claims = _collected([*modules, *theirs])
            modules += theirs
        except InputError as error:
            _warn(point, error)
    return dict(sorted(claims.items(), key=lambda item: item[1].must_be_refuted))


def _collected(modules: Sequence[ModuleType]) -> dict[str, Claim]:
    """The claims of modules by id, in the order of the modules that define them."""
    own = [(c, m) for m in modules for c in claims_in(m) if c.formula.__module__ == m.__name__]
    others = [(c, m) for m in modules for c in claims_in(m)]
    homes: dict[str, tuple[Claim, ModuleType]] = {}
    for found, module in own + others:
        known, home = homes.setdefault(found.id, (found, module))
        if known is not found:
            raise duplicate(found.id, home, module)
    return {i: c for i, (c, _) in homes.items()}


def installed_modules() -> set[str]:
    """Last parts of the names of modules that offer claims, without loading any."""
    points = entry_points(group=GROUP)
    return {name.rpartition(".")[2] for p in points for name in (p.name, p.value)}


def loaded_modules() -> list[ModuleType]:
    """The modules of the claims of this package; raises InputError as `load_claims`."""
    own = (point for point in _entry_points() if _is_own(point))
    return [module for point in own for module in _modules(_load(point))]


def select(ids: Sequence[str]) -> list[Claim]:
    """The installed claims with these ids, or whose ids start with `prefix.`; all for no ids.

    Raises
    ------
    InputError
        For an id that matches nothing, with the closest ids; and as `load_claims`.
    """
    claims = load_claims()
    if not ids:
        return list(claims.values())
    chosen: dict[str, Claim] = {}
    for wanted in ids:
        matches = [wanted] if wanted in claims else _with_prefix(wanted, claims)
        if not matches:
            raise unknown_claim(wanted, claims)
        chosen.update((match, claims[match]) for match in matches)
    return list(chosen.values())


def unknown_claim(wanted: str, known: Iterable[str]) -> InputError:
    """The error for an id that no claim has, with the closest ids."""
    ids = sorted(known)
    names = {name.lower(): name for name in [*ids, *(i.partition(".")[0] for i in ids)]}
    # Half of an id is often right, as in "theorem1"; that is too far for difflib.
    parts = [i for i in ids if i.rpartition(".")[2] == wanted]
    close = [names[m] for m in difflib.get_close_matches(wanted.lower(), names, n=3, cutoff=0.5)]
    suggestions = list(dict.fromkeys(parts + close))
    return InputError(
        f"there is no claim {wanted!r}",
        hint=f"Did you mean {' or '.join(suggestions)}?" if suggestions else "See `checker list`",
    )


# -- entry points -----------------------------------------------------------------------------


def _entry_points() -> list[EntryPoint]:
    """The entry points, those of this package first."""
    points = sorted(entry_points(group=GROUP), key=lambda p: not _is_own(p))
    if not any(_is_own(point) for point in points):
        raise InputError(
            f"{DISTRIBUTION} is not installed",
            why="Claims are found through the entry points of installed packages",
            hint="Run `pip install .` in the folder of the project",
        )
    return points


def _is_own(point: EntryPoint) -> bool:
    return point.dist is not None and _normalised(point.dist.name) == DISTRIBUTION


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _load(point: EntryPoint) -> ModuleType:
    if _is_own(point):
        for package in GENERIC_PACKAGES:
            _require_own_package(package)
    module = None
    with Caught() as caught:
        module = point.load()
    if caught.error is not None:
        raise _broken(point, said(caught.error)) from caught.error
    if not isinstance(module, ModuleType):
        raise _broken(point, f"it names a {type(module).__name__}, not a module")
    return module


def _modules(module: ModuleType) -> list[ModuleType]:
    """The module itself, or every module of a package: the one named `theorems` first."""
    below = walk_packages(getattr(module, "__path__", ()), f"{module.__name__}.")
    names = sorted((m.name for m in below), key=lambda name: (not name.endswith(".theorems"), name))
    return [module, *(importlib.import_module(name) for name in names)]


def _broken(point: EntryPoint, reason: str) -> InputError:
    for package, other in _overwritten() if _is_own(point) else ():
        return InputError(
            f"{other} has overwritten the package {package!r} of {DISTRIBUTION}: {reason}",
            why="Both distributions install a package of this name",
            hint=f"pip uninstall {other}, then pip install --force-reinstall --no-deps "
            f"{DISTRIBUTION}; or keep them in two environments",
        )
    distribution = point.dist.name if point.dist else "unknown"
    return InputError(
        f"cannot load the claims of the distribution {distribution}: {reason}",
        why=f"Its entry point is {point.name} = {point.value}",
        hint="Reinstall that package, or uninstall it",
    )


def _overwritten() -> Iterator[tuple[str, str]]:
    """Our packages that another distribution installs as well, and its name."""
    for other in distributions():
        if _normalised(other.name) != DISTRIBUTION:
            files = {str(file) for file in other.files or ()}
            owned = (p for p in GENERIC_PACKAGES if f"{p}/__init__.py" in files)
            yield from ((package, other.name) for package in owned)


def _warn(point: EntryPoint, error: InputError) -> None:
    """Say once per process that the claims of another distribution are left out."""
    if (point.name, point.value) not in _WARNED:
        _WARNED.add((point.name, point.value))
        source = f"{point.name} = {point.value}"
        place = "" if source in str(error) else f" ({source})"
        tell(f"checker: warning: claims are left out{place}: {error}")


_WARNED: set[tuple[str, str]] = set()


def _require_own_package(package: str) -> None:
    """Raise InputError if `package` would be imported from anywhere but next to `checker`."""
    ours = Path(__file__).resolve().parents[2]
    # find_spec does not run the package, which may be anything.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise InputError(
            f"the package {package!r} of {DISTRIBUTION} is missing in {ours}",
            hint=f"Reinstall {DISTRIBUTION}",
        )
    found = Path(spec.origin).resolve()
    shadow = found.parent if found.name == "__init__.py" else found
    if shadow.parent != ours:
        raise InputError(
            f"{shadow} shadows the package {package!r} of {DISTRIBUTION}, which is in {ours}",
            why="Python finds it first on sys.path",
            hint="Rename it, or run the checker from another folder",
        )


def _with_prefix(prefix: str, ids: Iterable[str]) -> list[str]:
    return [i for i in ids if i.startswith(prefix.rstrip(".") + ".")]
