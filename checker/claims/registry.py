"""Where claims come from: installed packages (entry points) and files named on the command line."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import re
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from pkgutil import walk_packages
from traceback import extract_tb
from types import ModuleType

from checker.claims.claim import Claim
from checker.errors import FormulaError, InputError
from checker.instances.names import FILES_PACKAGE

GROUP = "checker.claims"
DISTRIBUTION = "landscape-checker"

# Top-level packages of this distribution whose names anybody might use for something else.
GENERIC_PACKAGES = ("properties", "strategies")


def load_claims() -> dict[str, Claim]:
    """Every installed claim by id: theorems first, false neighbours last.

    Raises
    ------
    InputError
        When this package is not installed, another folder shadows its packages, an entry point
        cannot be loaded, or two claims have the same id.
    """
    modules = installed_modules()
    own = [(c, m) for m in modules for c in _claims_in(m) if c.formula.__module__ == m.__name__]
    others = [(c, m) for m in modules for c in _claims_in(m)]
    homes: dict[str, tuple[Claim, ModuleType]] = {}
    for found, module in own + others:
        known, home = homes.setdefault(found.id, (found, module))
        if known is not found:
            raise _duplicate(found.id, home, module)
    return {i: c for i, (c, _) in sorted(homes.items(), key=lambda h: h[1][0].must_be_refuted)}


def installed_modules() -> list[ModuleType]:
    """The modules of the installed claims; raises InputError as `load_claims`."""
    return [module for point in _entry_points() for module in _modules(_load(point))]


def module_of(path: str | Path) -> ModuleType | None:
    """The module of a file that `load_file` has run."""
    return _loaded(Path(path).absolute())


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


def load_file(path: str | Path) -> list[Claim]:
    """The claims in a Python file, in the order of their definition.

    The file is run once per process; its module stays in `sys.modules`, where instances that were
    saved to JSON find their classes.

    Raises
    ------
    InputError
        When the file is missing, is not Python, does not run or holds no claim.
    """
    file = Path(path).absolute()
    module = _loaded(file) or _run(file, str(path))
    claims = _claims_in(module)
    if not claims:
        raise InputError(
            f"there are no claims in {path}",
            hint="Decorate a function with @checker.claims.claim.claim(given=...)",
        )
    _require_distinct(claims, module)
    return claims


def fault_in_files(error: BaseException, files: Iterable[str | Path]) -> InputError | None:
    """The error as a message about the user's file, if it was raised below a line of one.

    Also looks into the traceback that a worker process sent as text.
    """
    text = str(error.__cause__ or "")
    for file in files:
        line = _line_in(error, Path(file).absolute())
        remote = re.findall(rf'File "{re.escape(str(Path(file).absolute()))}", line (\d+)', text)
        if line is None and remote:
            line = int(remote[-1])
        if line is not None and isinstance(error, FormulaError):
            return InputError(f"{file}, line {line}: {error.what}", why=error.why, hint=error.hint)
        if line is not None:
            return InputError(
                f"{file}, line {line}: {type(error).__name__}: {error}",
                why=" ".join(getattr(error, "__notes__", ()))
                or "A claim has to be computable on every instance of its domain",
            )
    return None


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
    try:
        module = point.load()
    except Exception as error:
        raise _broken(point, f"{type(error).__name__}: {error}") from error
    if not isinstance(module, ModuleType):
        raise _broken(point, f"it names a {type(module).__name__}, not a module")
    return module


def _modules(module: ModuleType) -> list[ModuleType]:
    """The module itself, or every module of a package: the one named `theorems` first."""
    below = walk_packages(getattr(module, "__path__", ()), f"{module.__name__}.")
    names = sorted((m.name for m in below), key=lambda name: (not name.endswith(".theorems"), name))
    return [module, *(importlib.import_module(name) for name in names)]


def _broken(point: EntryPoint, reason: str) -> InputError:
    distribution = point.dist.name if point.dist else "unknown"
    return InputError(
        f"cannot load the claims of the distribution {distribution}: {reason}",
        why=f"Its entry point is {point.name} = {point.value}",
        hint="Reinstall that package, or uninstall it",
    )


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


def _duplicate(identifier: str, first: ModuleType, second: ModuleType) -> InputError:
    where = f"by {first.__name__} and by {second.__name__}"
    if first is second:
        where = f"twice by {first.__name__}"
    return InputError(
        f"the claim {identifier} is defined {where}",
        why="An id has to mean one claim",
        hint="Give one of them another id",
    )


def _claims_in(module: ModuleType) -> list[Claim]:
    distinct = {id(value): value for value in vars(module).values() if isinstance(value, Claim)}
    return list(distinct.values())


def _require_distinct(claims: Sequence[Claim], module: ModuleType) -> None:
    seen: set[str] = set()
    for found in claims:
        if found.id in seen:
            raise _duplicate(found.id, module, module)
        seen.add(found.id)


def _with_prefix(prefix: str, ids: Iterable[str]) -> list[str]:
    return [i for i in ids if i.startswith(prefix.rstrip(".") + ".")]


# -- files ------------------------------------------------------------------------------------


def _loaded(file: Path) -> ModuleType | None:
    loaded = [m for name, m in list(sys.modules.items()) if name.startswith(f"{FILES_PACKAGE}.")]
    return next((m for m in loaded if m.__file__ == str(file)), None)


def _run(file: Path, shown: str) -> ModuleType:
    source = _source(file, shown)
    name = _module_name(file)
    module = ModuleType(name)
    module.__file__ = str(file)
    # dataclasses, get_type_hints and pickle look classes up by the name of their module.
    sys.modules[name] = module
    try:
        # Not exec_module: it leaves a __pycache__ folder next to the user's file.
        exec(SourceFileLoader(name, str(file)).source_to_code(source, str(file)), vars(module))
    except SyntaxError as error:
        del sys.modules[name]
        raise _syntax_error(error, file, shown) from error
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _import_error(error, file, shown) from error
    return module


def _source(file: Path, shown: str) -> bytes:
    if not file.exists():
        raise InputError(f"there is no file {shown}", hint="Check the path")
    if file.suffix != ".py":
        raise InputError(f"{shown} is not a Python file", why="Claims are written in Python")
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {shown}: {error.strerror}") from error


def _module_name(file: Path) -> str:
    package = sys.modules.setdefault(FILES_PACKAGE, ModuleType(FILES_PACKAGE))
    package.__path__ = []
    stem = re.sub(r"\W", "_", file.stem)
    taken = [name for name in sys.modules if re.fullmatch(rf"{FILES_PACKAGE}\.{stem}(_\d+)?", name)]
    return f"{FILES_PACKAGE}.{stem}" + (f"_{len(taken) + 1}" if taken else "")


def _syntax_error(error: SyntaxError, file: Path, shown: str) -> InputError:
    if error.filename != str(file):
        return _import_error(error, file, shown)
    text = (error.text or "").strip()
    return InputError(
        f"{shown}, line {error.lineno}: {error.msg}" + (f": {text}" if text else ""),
        why="The file is not valid Python",
    )


def _import_error(error: BaseException, file: Path, shown: str) -> InputError:
    line = _line_in(error, file)
    place = shown if line is None else f"{shown}, line {line}"
    if isinstance(error, InputError):
        return InputError(f"{place}: {error.what}", why=error.why, hint=error.hint)
    return InputError(
        f"{place}: {type(error).__name__}: {error}",
        why="The file has to run before its claims can be checked",
    )


def _line_in(error: BaseException, file: Path) -> int | None:
    lines = [
        frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(file)
    ]
    return lines[-1] if lines else None
