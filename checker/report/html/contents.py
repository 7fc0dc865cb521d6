"""Finding one's way on a long report: contents at the side, a filter above the table of claims."""

from __future__ import annotations

from collections import Counter
from typing import Any

from checker.claims.text import shown_verdict
from checker.claims.verdict import Verdict
from checker.report.html.markup import NONE, Markup, breakable, tag
from checker.report.html.view import View


def contents(view: View) -> Markup:
    """Links to the parts of the page and to each paper; nothing on a page that needs none."""
    if not view.is_long:
        return NONE
    papers = [_paper(view, paper, claims) for paper, claims in view.papers.items()]
    ends = [
        _link("controls", "False neighbours", len(view.controls)) if view.controls else NONE,
        _link("notation", "Notation and words"),
        _link("provenance", "How it was made"),
    ]
    links = [_link("", "All claims", len(view.theorems)), *papers, *ends]
    return tag("nav", tag("ul", *(tag("li", x) for x in links if x)), aria_label="Contents")


def _paper(view: View, paper: str, claims: list[dict[str, Any]]) -> Markup:
    wrong = sum(not entry["expected"] for entry in claims)
    return _link(view.paper_anchors[paper], breakable(paper), len(claims), wrong)


def _link(anchor: str, name: Any, count: int | None = None, wrong: int = 0) -> Markup:
    marked = tag("small", f" {count:,}") if count is not None else None
    bad = tag("small", f", {wrong} not as expected", class_="bad") if wrong else None
    return tag("a", name, marked, bad, href=f"#{anchor}")


def toolbar(view: View) -> Markup:
    """Search and filter, which need the page's script: hidden until it runs."""
    if not view.is_long:
        return NONE
    return tag(
        "form",
        tag("label", "Find ", tag("input", type="search", name="find", placeholder=_EXAMPLE)),
        tag("label", "Verdict ", _verdicts(view)),
        tag("button", "Unfold all", type="button", name="unfold"),
        tag("output", "", name="shown", aria_live="polite"),
        class_="tools",
        role="search",
        hidden=True,
    )


_EXAMPLE = "id or words of the title"


def _verdicts(view: View) -> Markup:
    counts = Counter(entry["verdict"] for entry in view.theorems)
    every = tag("option", f"every one ({len(view.theorems):,})", value="")
    found = (v.name for v in Verdict if counts[v.name])
    options = (
        tag("option", f"{shown_verdict(name)} ({counts[name]:,})", value=shown_verdict(name))
        for name in found
    )
    return tag("select", every, *options, name="verdict")
