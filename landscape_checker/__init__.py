"""The doors to the package `checker`, under a name that nobody else uses.

Command and pytest plugin are entered here, since `checker` may be another package in the folder
where they run.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

HOME = Path(__file__).resolve().parent.parent
_NAME = "checker"


def import_ours() -> None:
    """Import our `checker`, whatever comes before it on `sys.path`."""
    sys.path.insert(0, str(HOME))
    try:
        importlib.import_module(_NAME)
    finally:
        sys.path.remove(str(HOME))


def ours(module: str) -> ModuleType:
    """A module of our `checker`, where that is the one that Python finds.

    Raises
    ------
    ImportError
        Where Python finds another package `checker`: who runs may need that one.
    """
    found = _found()
    if found != HOME / _NAME:
        raise ImportError(
            f"{found or 'another package'} is found instead of the package {_NAME!r} of "
            f"landscape-checker, which is in {HOME}. Both cannot be imported in one process: "
            "rename that folder, or keep claims in a project without it"
        )
    return importlib.import_module(f"{_NAME}.{module}")


def _found() -> Path | None:
    """The folder of the package that `import checker` finds, without running it."""
    try:
        spec = importlib.util.find_spec(_NAME)
    except ValueError:  # It is loaded, but says nothing of itself.
        return None
    if spec is None or spec.origin is None:
        folders = list(spec.submodule_search_locations or []) if spec else []
        return Path(folders[0]) if folders else None
    origin = Path(spec.origin).resolve()
    return origin.parent if origin.name == "__init__.py" else origin
