"""Claims in a file of the user's: running it, checking it, and telling whose an exception is."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any

from checker.claims.claim import Claim
from checker.errors import Caught, FormulaError, InputError
from checker.instances.draws import draw_many
from checker.instances.fields import require_instance
from checker.instances.names import FILES_PACKAGE
from checker.stopping import glimpse

# Packages of this distribution: what fails in them is not the user's.
_OURS = ("checker", "properties", "strategies")


def load_file(path: str | Path, shown: str | None = None) -> list[Claim]:
    """The claims in a Python file, in the order of their definition; messages call it as `shown`.

    The file is run once per process; its module stays in `sys.modules`, where instances that were
    saved to JSON find their classes.

    Raises
    ------
    InputError
        When the file is missing, is not Python, does not run or holds no claim.
    """
    file = _absolute(path)
    _SHOWN[str(file)] = shown or str(path)
    module = _loaded(file) or _run(file, str(path))
    claims = claims_in(module)
    if not claims:
        raise InputError(
            f"there are no claims in {path}",
            hint="Decorate a function with @claim: from checker import claim",
        )
    _require_distinct(claims, module)
    _require_some_instances(claims)
    return claims


# Absolute path of each file that was loaded -> how the user named it.
_SHOWN: dict[str, str] = {}


def shown_as(path: str | Path) -> str:
    """What messages call a file that was loaded."""
    return _SHOWN.get(str(_absolute(path)), str(path))


def _absolute(path: str | Path) -> Path:
    try:
        return Path(path).absolute()
    except OSError as error:
        raise InputError(
            f"cannot find {path}: the folder that it is named from does not exist any more",
            hint="Change to another folder",
        ) from error


def module_of(path: str | Path) -> ModuleType | None:
    """The module of a file that `load_file` has run."""
    return _loaded(_absolute(path))


def files_of(claim: Claim) -> list[str]:
    """The files whose faults are the user's: those loaded, and that of a claim not ours."""
    code = getattr(claim.formula, "__code__", None)
    package = str(claim.formula.__module__).partition(".")[0]
    own = [] if code is None or package in _OURS else [code.co_filename]
    return list(dict.fromkeys([*_SHOWN, *own]))


def placed(error: InputError, claim: Claim) -> InputError:
    """The error with the user's file and the line in it: where it was raised, or the claim is."""
    code = getattr(claim.formula, "__code__", None)
    for file, shown in _SHOWN.items():
        line = _line_in(error, Path(file))
        if line is None and code is not None and code.co_filename == file:
            line = int(code.co_firstlineno)
        if line is not None and not error.what.startswith(f"{shown}, line "):
            return InputError(f"{shown}, line {line}: {error.what}", why=error.why, hint=error.hint)
    return error


def said(error: BaseException) -> str:
    """Type and message of an exception in one line, whatever its class does."""
    text = ""
    with Caught():
        text = " ".join(str(error).split())
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


_LONGEST = 400


# How the notes begin that the search adds to an exception; Hypothesis adds others.
NOTES = ("The smallest instance found that makes it raise: ", "It is raised on batches only, ")


def fault_in_files(error: BaseException, files: Iterable[str | Path]) -> InputError | None:
    """The error as a message about the user's file, if it was raised below a line of one.

    Also looks into the traceback that a worker process sent as text.
    """
    text = ""
    with Caught():
        text = str(error.__cause__ or "")
    for file in files:
        path = _absolute(file)
        line = _line_in(error, path)
        remote = re.findall(rf'File "{re.escape(str(path))}", line (\d+)', text)
        if line is None and remote:
            line = int(remote[-1])
        if line is not None and isinstance(error, FormulaError):
            place = f"{_SHOWN.get(str(path), file)}, line {line}"
            return InputError(f"{place}: {error.what}", why=error.why, hint=error.hint)
        if line is not None:
            return InputError(
                f"{_SHOWN.get(str(path), file)}, line {line}: {said(error)}",
                why=" ".join(n for n in getattr(error, "__notes__", ()) if n.startswith(NOTES))
                or "A claim has to be computable on every instance of its domain",
            )
    return None


def duplicate(identifier: str, first: ModuleType, second: ModuleType) -> InputError:
    """The error for an id that two claims have."""
    where = f"by {first.__name__} and by {second.__name__}"
    if first is second:
        where = f"twice by {first.__name__}"
    return InputError(
        f"the claim {identifier} is defined {where}",
        why="An id has to mean one claim",
        hint="Give one of them another id",
    )


def claims_in(module: ModuleType) -> list[Claim]:
    """The claims that a module defines or imports, in their order."""
    distinct = {id(value): value for value in vars(module).values() if isinstance(value, Claim)}
    return list(distinct.values())


# -- running a file ---------------------------------------------------------------------------


def _require_distinct(claims: Sequence[Claim], module: ModuleType) -> None:
    seen: set[str] = set()
    for found in claims:
        if found.id in seen:
            raise duplicate(found.id, module, module)
        seen.add(found.id)


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
    _find_helpers(file.parent)
    with Caught() as caught:
        # Not exec_module: it leaves a __pycache__ folder next to the user's file.
        exec(SourceFileLoader(name, str(file)).source_to_code(source, str(file)), vars(module))
    if caught.error is None:
        return module
    del sys.modules[name]
    make = _syntax_error if isinstance(caught.error, SyntaxError) else _import_error
    raise make(caught.error, file, shown) from caught.error


def _find_helpers(folder: Path) -> None:
    """Let a file import what lies beside it, now and when its formulas run.

    Last on Python's path: a file of the user called `random.py` shall not replace Python's.
    """
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _require_some_instances(claims: Sequence[Claim]) -> None:
    """Say what is wrong with instances before a search begins, if that is so of every claim.

    A fault of one claim is left to the search, which goes on with the others.
    """
    faults = []
    for found in claims:
        try:
            _require_instances(found)
        except InputError as error:
            faults.append(error)
        else:
            return
    raise faults[0]


def _require_instances(claim: Claim) -> None:
    """Draw one instance of a claim, and raise InputError for what is wrong with it.

    A strategy without an end is left to the search, which tells it of this claim alone.
    """
    with glimpse(claim.id), Caught() as caught:
        for instance in draw_many(claim.domain.instances, 1, 0):
            require_instance(instance)
    error = caught.error
    if error is not None and not isinstance(error, InputError):
        error = fault_in_files(error, files_of(claim)) or InputError(f"{claim.id}: {said(error)}")
    if error is not None:
        raise placed(error, claim) from caught.error


def _source(file: Path, shown: str) -> bytes:
    if not file.exists():
        raise InputError(f"there is no file {shown}", hint="Check the path")
    if file.suffix != ".py":
        raise InputError(f"{shown} is not a Python file", why="Claims are written in Python")
    if not (file.is_file() or file.is_dir()):
        raise InputError(
            f"{shown} is not a file that can be read to its end",
            why="It is a pipe or a device",
            hint="Save the claims in a regular file",
        )
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


def _syntax_error(error: Any, file: Path, shown: str) -> InputError:
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
        f"{place}: {said(error)}",
        why="The file has to run before its claims can be checked",
    )


def _line_in(error: BaseException, file: Path) -> int | None:
    trace = error.__traceback__
    lines = [number for frame, number in walk_tb(trace) if frame.f_code.co_filename == str(file)]
    return lines[-1] if lines else None
