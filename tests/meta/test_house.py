"""The house: rooms on floors, arrows downward, no circles; the engine knows no landscape."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Each room may use those below it. What speaks to the user may use everything.
FLOORS = (
    ("checker.errors", "checker.threads", "checker._former", "checker.waiting"),
    ("checker.stopping", "checker.process"),
    ("checker.instances",),
    ("checker.arithmetic",),
    ("checker.claims", "checker.sets"),
    ("checker.search", "checker.explain", "checker.landscape"),
    ("checker.report",),
    ("checker.stored",),
    ("checker.certification", "checker.census", "checker.gate", "checker.use"),
    ("checker.testing",),
    ("checker.proofs",),
    ("strategies",),
    ("properties",),
)
ABOVE = ("checker", "checker.commands", "checker.cli", "checker.__main__")
ENGINE = (
    "checker.arithmetic.decide",
    "checker.claims.claim",
    "checker.claims.registry",
    "checker.search.verify",
    "checker.search.audit",
    "checker.search.sharpening.sharpen",
    "checker.explain.counterexample",
    "checker.report.terminal.run",
    "checker.report.html.writing",
)


def _room(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "checker" else parts[0]


def _arrows() -> dict[tuple[str, str], list[str]]:
    """(room, room that it imports) -> where. What is for type checkers alone counts, too."""
    found = defaultdict(list)
    for package in ("checker", "strategies", "properties"):
        for path in (ROOT / package).rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            module = module.removesuffix(".__init__")
            for line, target in _imported(ast.parse(path.read_text(encoding="utf-8"))):
                if _room(target) != _room(module) and _room(target) != "checker":
                    found[_room(module), _room(target)].append(f"{module}:{line} imports {target}")
    return found


def _imported(tree: ast.Module) -> list[tuple[int, str]]:
    own = ("checker", "strategies", "properties")
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in own:
            found += [(node.lineno, f"{node.module}.{name.name}") for name in node.names]
        elif isinstance(node, ast.Import):
            found += [(node.lineno, x.name) for x in node.names if x.name.split(".")[0] in own]
    return found


def test_no_arrow_points_upward_or_aside() -> None:
    floor = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
    wrong = {}
    for (start, end), where in _arrows().items():
        assert start in floor or start in ABOVE, f"{start} is on no floor"
        if start in floor and (end in ABOVE or floor[end] >= floor[start]):
            wrong[start, end] = where
    assert wrong == {}


def test_the_engine_imports_no_landscape() -> None:
    code = (
        f"import importlib, sys; [importlib.import_module(m) for m in {ENGINE!r}]; "
        "print([m for m in sys.modules if m.startswith(('checker.landscape', "
        "'checker.certification', 'checker.census', 'strategies', 'properties'))])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["checker", "strategies", "properties"])
def test_folders_stay_small(package: str) -> None:
    # Rooms that are being divided; a number here may only fall.
    known = {"checker/commands": 18}
    for folder in [ROOT / package, *(p for p in (ROOT / package).rglob("*") if p.is_dir())]:
        count = len(list(folder.glob("*.py")))
        name = folder.relative_to(ROOT).as_posix()
        assert count <= known.get(name, 16), f"{name} has {count} files"
