"""The documentation site: every page is on it, and every claim has its place."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from checker.claims.registry import load_claims

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def build() -> Any:
    spec = importlib.util.spec_from_file_location("build_site", ROOT / "ci" / "site" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_is_on_the_site(build: Any) -> None:
    pages = {name for names in build.PAGES.values() for name in names}
    assert pages == {page.stem for page in (ROOT / "docs").glob("*.md")} | {"index"}


def test_every_claim_has_its_statement_and_no_link_leaves_the_site(
    build: Any, tmp_path: Path
) -> None:
    build.write_pages(tmp_path / "docs")
    for claim in load_claims().values():
        page = (tmp_path / "docs" / "claims" / f"{claim.id.partition('.')[0]}.md").read_text()
        assert (f"\n## {claim.id}\n" in page) == (claim.of is None)
    pages = list((tmp_path / "docs").rglob("*.md"))
    assert not [page.name for page in pages if "](../" in page.read_text(encoding="utf-8")]
    functions = (tmp_path / "docs" / "reference" / "checker.arithmetic.functions.md").read_text()
    assert "functions.arctan\n\nInverse tangent.\n\n```pycon\n>>> print(4 * arctan(1))" in functions
    assert "functions.amax\n\n```pycon\n>>> print(amax([1, 7, 2]))\n7" in functions
    assert "- claims/shamir2018.md" in build.configuration(tmp_path / "docs")
