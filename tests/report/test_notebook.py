"""What notebooks show: short texts, HTML in which nothing acts, a table where pandas is."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from checker import InputError, certify, claim, norm, vectors
from checker.use import verify

HOSTILE = "<script>alert(1)</script>"


@claim(id="mine.reversed", title=HOSTILE, statement=r"\|u+v\| \ge \|u\| + \|v\|")
def reversed_triangle(u: vectors("k"), v: vectors("k")) -> Any:
    return norm(u + v) >= norm(u) + norm(v)


@pytest.fixture(scope="module")
def evidence() -> Any:
    return verify(reversed_triangle, cases=300)


class Closed(HTMLParser):
    """Fails where elements do not close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.names.add(tag)
        # The only one without an end here.
        if tag != "wbr":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_evidence_shows_its_counterexample(evidence: Any) -> None:
    html = evidence._repr_html_()
    assert "script" not in Closed(html).names
    for shown in ("mine.reversed: REFUTED", "Counterexample: relative slack -1.0e+00", "|u + v|"):
        assert shown in html
    assert "<math" in html
    assert len(repr(evidence)) < 80


def test_a_claim_shows_its_statement() -> None:
    html = reversed_triangle._repr_html_()
    assert "script" not in Closed(html).names
    assert "&lt;script&gt;" in html
    assert "<math" in html
    assert repr(reversed_triangle) == "<claim mine.reversed>"


def test_a_certificate_shows_its_verdict() -> None:
    rng = np.random.default_rng(0)
    X, Z = rng.standard_normal((9, 2)), rng.standard_normal((9, 2))
    found = certify(X, Z, X[:, 0], np.ones(2), np.zeros((2, 2)), loss="squared")
    html = found._repr_html_()
    assert "A trained network" in html
    assert found.verdict.name in html
    assert repr(found).startswith(f"<certificate {found.verdict.name}: ")
    assert len(repr(found)) < 300
    Closed(html)


def test_a_table_needs_pandas(evidence: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = ModuleType("pandas")
    fake.DataFrame = lambda rows: ("frame", rows)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", fake)
    row = evidence.to_dict()
    assert evidence.to_frame() == ("frame", [row])
    assert (row["claim"], row["verdict"], row["relative_slack"]) == ("mine.reversed", "REFUTED", -1)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match="a frame needs pandas"):
        evidence.to_frame()
