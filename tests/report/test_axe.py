"""Every page passes axe-core, light and dark, on a desk and on a phone; nothing is cut off there.

axe finds what keeps people from reading a page: too little contrast, tables without heads, controls
without names. What stands here has been seen to fail: grey text, an empty head of a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from checker.cli import main

CLAIM = """
from fractions import Fraction

from checker import claim, dot, sq, vectors


def same_side(u, v):
    return dot(u, v) >= 0


@claim(statement=r"u^T v \\le c (|u|^2 + |v|^2)", assuming=[same_side])
def young(u: vectors("k"), v: vectors("k"), c=Fraction(1, 2)):
    return dot(u, v) <= c * (sq(u) + sq(v))


@claim(kind="must-be-refuted", of="mine.young", why="u = v")
def third(u: vectors("k"), v: vectors("k")):
    return dot(u, v) <= (sq(u) + sq(v)) / 3


@claim(statement="u^T v = 0")
def orthogonal(u: vectors("k"), v: vectors("k")):
    return dot(u, v) == 0
"""

WINDOWS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]

COMMANDS = {
    "run": "verify mine.py --cases 60 --seconds 1 --out run",
    "audit": "audit mine.py::young --cases 200 --seconds 1 --out audit",
    "sharpen": "sharpen mine.py::young --cases 200 --seconds 1 --out sharpen",
    "census": "census points.csv --target label --starts 2 --out census",
    "certificate": "certify network.npz --out certificate",
}


@pytest.fixture(scope="module")
def chromium(browser: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield opened
        opened.close()


def violations(chromium: Browser, page: Path, scheme: Any, width: int) -> list[str]:
    """What axe says is wrong, and whether the page is wider than its window."""
    window = {"width": width, "height": 900}
    # The page's own policy allows no script but its own.
    context = chromium.new_context(color_scheme=scheme, viewport=window, bypass_csp=True)
    try:
        opened = context.new_page()
        opened.goto(page.as_uri())
        opened.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        found = Axe().run(opened).response
        assert len(found["passes"]) > 10
        wrong = [f"{v['id']}: {n['html'][:200]}" for v in found["violations"] for n in v["nodes"]]
        if opened.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"wider than {width}")
        return wrong
    finally:
        context.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_no_violation(
    name: str, chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nightly: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    _write_inputs()
    command = COMMANDS[name].split()
    assert main([*command, *(["--jobs", "1"] if name != "certificate" else [])]) in (0, 1, 3)
    assert main(["report", name]) == 0
    page = tmp_path / name / "report.html"
    # By day each scheme and each width once.
    for scheme, width in WINDOWS if nightly else (WINDOWS[0], WINDOWS[-1]):
        found = violations(chromium, page, scheme, width)
        assert not found, f"{scheme}, {width} px: {found}"


def _write_inputs() -> None:
    Path("mine.py").write_text(CLAIM)
    rng = np.random.default_rng(0)
    X, V, w = rng.standard_normal((12, 2)), rng.standard_normal((2, 2)), rng.standard_normal(2)
    y = np.sign(X @ w)
    rows = [f"{a},{b},{label:g}" for (a, b), label in zip(X, y, strict=True)]
    Path("points.csv").write_text("\n".join(["a,b,label", *rows]))
    np.savez("network.npz", X=X, Z=np.tanh(X), y=y, w=w, V=V, loss=np.array("logistic"))


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ('<p style="color: #bbb; background: #fff">grey</p>', "color-contrast"),
        ("<table><tr><th></th><td>1</td></tr></table>", "empty-table-header"),
        ("<input>", "label"),
        ('<p style="width: 2000px">wide</p>', "wider than 390"),
    ],
)
def test_a_fault_is_found(html: str, wrong: str, chromium: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    text = f"<main><h1>x</h1><p>more <b>words</b></p><ul><li>x</li></ul>{html}</main>"
    head = '<meta name="viewport" content="width=device-width"><title>x</title>'
    page.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body>{text}</body></html>')
    assert [w for w in violations(chromium, page, "light", 390) if w.startswith(wrong)]
