"""docs/howto.md runs, and says the truth about a loss that is wrong; docs/gallery.md is current."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import checker
from checker.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "howto.md").read_text(encoding="utf-8")


def _run(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "howto"}
    exec(compile(block, "howto.md", "exec", dont_inherit=True), names)
    return names


def test_blocks_run(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        _run(block)
    assert capsys.readouterr().out.split("\n")[:2] == ["NOT_A_MINIMUM", "(5, 2)"]


def test_a_wrong_curvature_is_refused() -> None:
    names = _run(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0])

    class Wrong(names["LogCosh"]):  # type: ignore[misc]
        kind = "wrong"

        def curvature(self, p: Any, y: Any) -> Any:
            return 1 - names["tanh"](p - y)

    X, y = np.ones((4, 1)), np.zeros(4)
    with pytest.raises(InputError, match="wrong"):
        checker.certify(X, X, y, w=np.ones(1), V=np.ones((1, 1)), loss=Wrong())


def test_the_gallery_is_made_by_its_script() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "ci" / "gallery_page.py"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    kept = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert run.stdout == kept, "python ci/gallery_page.py > docs/gallery.md"
    assert kept.count("\n### ") > 30
