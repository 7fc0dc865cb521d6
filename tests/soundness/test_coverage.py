"""No claim is without a reference unknown, and the references share no code with the product."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from soundness.catalogue import catalogue
from soundness.papers import REFERENCES, WITHOUT
from soundness.papers.registry import CLOSED_FORM, EXISTENCE

HERE = Path(__file__).resolve().parent

# What decides: papers/ and the arithmetic under it.
ARITHMETIC = ("algebra", "losses", "losses_outside", "numbers", "plain", "reals")
DECIDING = sorted([*(HERE / "papers").glob("*.py"), *(HERE / f"{name}.py" for name in ARITHMETIC)])
LIBRARIES = {"flint", "numpy"}


def test_every_claim_has_a_reference_or_a_reason() -> None:
    claims = set(catalogue())
    assert claims - set(REFERENCES) - set(WITHOUT) == set(), "write a reference in soundness/papers"
    assert set(REFERENCES) <= claims
    assert set(WITHOUT) <= claims
    assert not set(REFERENCES) & set(WITHOUT)


def test_only_what_has_no_sides_to_compare_is_without() -> None:
    """Statements on probabilities, and such as are compared elsewhere."""
    for name, reason in WITHOUT.items():
        if reason in (EXISTENCE, CLOSED_FORM):
            continue
        premises = {a.name for a in catalogue()[name].assuming}
        assert premises & {"as_simulated", "as_drawn"}, name
        assert reason


@pytest.mark.parametrize("path", DECIDING, ids=lambda p: p.stem)
def test_references_import_nothing_of_the_product(path: Path) -> None:
    """Python's own modules, FLINT, NumPy for reading arrays, and each other."""
    own = {"soundness.papers"} | {f"soundness.{name}" for name in ARITHMETIC}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            root = name.split(".")[0]
            if root == "soundness":
                assert name in own or name.startswith("soundness.papers."), name
            else:
                assert root in sys.stdlib_module_names | LIBRARIES, name
        assert not (isinstance(node, ast.Name) and node.id == "__import__")


def test_modules_are_short() -> None:
    for path in (HERE / "papers").glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path.name
