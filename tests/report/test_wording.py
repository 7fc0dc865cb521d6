"""Whose words a claim is in: stated where it has a source, shown wherever a claim is introduced."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import pytest
from hypothesis import strategies as st

from checker.claims.claim import WORDINGS, Claim, Paper, claim
from checker.claims.registry import load_claims
from checker.errors import InputError
from checker.explain.counterexample import markdown, report_lines
from checker.report.about import about
from checker.report.evidence import listing
from checker.report.html.page import render
from checker.report.html.view import View
from checker.report.run import Run
from checker.report.terminal.console import make_console
from checker.report.terminal.description import print_claims
from checker.search.verify import Plan, verify

PAPER = Paper("some2018", "A. Author", "On things", "2018")


@dataclass(frozen=True)
class Box:
    x: float


def made(wording: str = "", *, sourced: bool = True) -> Claim:
    source = {"source": PAPER.theorem(1)} if sourced else {"id": "mine.own"}
    numbers = st.integers(-3, 3)
    own: Any = claim(given=numbers, kind="bound", wording=wording, **source)
    made: Claim = own(lambda at: 0 * at >= at)
    return made


def test_a_claim_with_a_source_has_to_say_whose_words_it_is_in() -> None:
    with pytest.raises(InputError, match="has a source and does not say whose words it is in"):
        made()


def test_unknown_words_are_refused() -> None:
    with pytest.raises(InputError, match=r"unknown wording 'quoted'.*wordings: printed, recon"):
        made("quoted")


@pytest.mark.parametrize("wording", ["printed", "reconstructed"])
def test_words_of_others_need_a_source(wording: str) -> None:
    with pytest.raises(InputError, match=f"{wording}, but where"):
        made(wording, sourced=False)


def test_a_claim_of_ones_own_is_ours() -> None:
    assert made(sourced=False).wording == "ours"
    assert replace(made("printed"), id="x.y").wording == "printed"


@pytest.mark.parametrize("wording", WORDINGS)
def test_lists_say_it(wording: str) -> None:
    stream = StringIO()
    print_claims(make_console(stream), [made(wording)])
    said = " ".join(stream.getvalue().split())
    assert f"(A. Author, Theorem 1; {wording})" in said
    assert f"{wording} = {WORDINGS[wording]}" in said
    (entry,) = listing([made(wording)])
    assert entry["wording"] == about(made(wording))["wording"] == wording


def test_the_list_does_not_say_it_of_ones_own_claims() -> None:
    stream = StringIO()
    print_claims(make_console(stream), [made(sourced=False)])
    assert "ours" not in stream.getvalue()


def test_reports_of_a_counterexample_say_it() -> None:

    @claim(source=PAPER.theorem(2), wording="reconstructed", given=st.builds(Box, st.floats(-3, 3)))
    def never_positive(at: Any) -> Any:
        return 0 * at.x >= at.x

    (evidence,) = verify(Plan((never_positive,), cases=50))
    expected = f"reconstructed ({WORDINGS['reconstructed']})"
    assert f"wording: {expected}" in report_lines(evidence, "")
    assert f"**Wording.** {expected}" in markdown(evidence, "")


def test_the_page_says_it(page: str, run: Run) -> None:
    assert f"printed ({WORDINGS['printed']})" in html.unescape(page)
    assert page.count("<dt>wording</dt>") == 1
    entry = run.claims[0]
    ours = {**entry, "about": {**entry["about"], "wording": "ours", "whose": "<b>"}}
    assert "ours (&lt;b&gt;)" in render(View(replace(run, claims=[ours])))


def test_the_catalogue_prints_what_stands_in_shamir_2018_only() -> None:
    """Of the other papers only abstracts, reviews and summaries were at hand."""
    printed = [i for i, c in load_claims().items() if c.wording == "printed"]
    assert printed
    assert all(i.startswith("shamir2018.") for i in printed)
    reconstructed = {i for i, c in load_claims().items() if c.wording == "reconstructed"}
    assert "yun2019.example1_residual" in reconstructed
    assert "yun2019.example2_hidden" not in reconstructed


def test_what_explains_a_false_neighbour_needs_no_page_beside_it() -> None:
    """Some began with a letter that only a docstring explained."""
    shown = [known.why for known in load_claims().values() if known.why]
    assert len(shown) > 300
    assert [text for text in shown if re.match(r"E(:| with)", text)] == []
