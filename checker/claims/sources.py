"""What a verdict depends on beside the plan: versions of packages, and texts of programs."""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from checker.claims.claim import Claim
from checker.instances.names import FILES_PACKAGE

# What every claim is checked by, and what those of users may import.
_OURS = ("checker", "properties", "strategies")

_PACKAGES = ("numpy", "python-flint", "hypothesis", "landscape-checker")


def versions() -> dict[str, str]:
    """Versions of everything that a verdict depends on."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def sources_of(claims: Sequence[Claim], files: Sequence[str]) -> dict[str, str]:
    """Digests of the packages that the claims come from, and of files, with what lies beside them
    and was imported by them."""
    roots = {str(c.formula.__module__).partition(".")[0] for c in claims} - {FILES_PACKAGE}
    packages = {root: list(_texts_of(root)) for root in sorted({*_OURS, *roots})}
    found = {root: _digest(texts) for root, texts in packages.items() if texts}
    named = [Path(name) for name in files]
    beside = {path.name: _digest([path]) for path in _helpers(named)}
    return found | beside | {str(path): _digest([path]) for path in named}


def _texts_of(root: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(root) if root not in sys.builtin_module_names else None
    if spec is None:
        return
    for folder in spec.submodule_search_locations or ():
        yield from sorted(Path(folder).rglob("*.py"))
    if not spec.submodule_search_locations and spec.origin:
        yield Path(spec.origin)


def _helpers(files: Sequence[Path]) -> list[Path]:
    """Modules beside the files that these have imported; another file with claims is none."""
    folders = {path.absolute().parent for path in files}
    imported = [m for name, m in [*sys.modules.items()] if not name.startswith(FILES_PACKAGE)]
    loaded = (getattr(module, "__file__", None) for module in imported)
    beside = {Path(name) for name in loaded if name and Path(name).parent in folders}
    return sorted(beside - {path.absolute() for path in files})


def _digest(paths: Iterable[Path]) -> str:
    """SHA-256 of texts; a file that cannot be read counts as an empty one."""
    total = hashlib.sha256()
    for path in paths:
        try:
            text = path.read_bytes()
        except OSError:
            text = b""
        total.update(hashlib.sha256(text).digest())
    return total.hexdigest()[:16]
