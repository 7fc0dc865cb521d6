"""What a run says in short, and what `checker show` says of a claim before any run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.decide import CaseResult, Decision
from checker.claims.claim import Claim
from checker.claims.verdict import Evidence, StratumCount, Tally, Verdict, Witness
from checker.proofs.fresh import Known, lines
from checker.report.terminal.brief import MOST_ROWS, meaning, sentence
from checker.report.terminal.console import make_console
from checker.report.terminal.progress import _Clock, progress_bar
from checker.report.terminal.run import print_run
from checker.search.plan import Progress
from properties.shamir2018.theorems import gradient_bound

TRUE_CLAIM = """
@claim(given=pairs, statement="a^2 + b^2 >= 2ab", kind="tight")
def means(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b
"""
FALSE_CLAIM = """
@claim(given=pairs, statement="a^2 + b^2 >= 2ab + 1")
def too_much(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b + 1
"""
BUDGET = ("--cases", "200", "--jobs", "1")


def named(name: str, **changes: Any) -> Claim:
    return replace(gradient_bound, id=name, source=None, wording="ours", **changes)


def found(
    verdict: Verdict, name: str = "paper.theorem", slack: float = 0.5, **changes: Any
) -> Evidence:
    result = CaseResult(Decision.HOLDS, "exact", 1.0, 0.5, slack, nontrivial=True)
    closest = Witness(np.ones(1), result, "drawn", "")
    tally = Tally(
        cases=1000, strata={"s": StratumCount(3, 3)}, rungs=Counter(ball=3), tightest=closest
    )
    return Evidence(named(name, **changes), verdict, "", tally, 0.5)


def control(name: str, verdict: Verdict = Verdict.REFUTED) -> Evidence:
    return found(verdict, name, kind="must-be-refuted", of="paper.theorem", why="it is")


def test_one_claim_is_named() -> None:
    assert sentence([found(Verdict.STANDS)], 0) == "result: paper.theorem stands; exit status 0"
    text = sentence([found(Verdict.REFUTED)], 1)
    assert text == "result: paper.theorem is refuted; exit status 1"


def test_several_are_counted_the_gravest_first() -> None:
    some = [found(v) for v in (Verdict.STANDS, Verdict.STANDS, Verdict.REFUTED, Verdict.VACUOUS)]
    counts = "1 claim is refuted, 1 claim is vacuous, 2 claims stand"
    assert sentence(some, 1) == f"result: {counts}; exit status 1"


def test_every_verdict_has_its_word() -> None:
    for verdict in Verdict:
        assert sentence([found(verdict)], 3).startswith("result: paper.theorem ")
        assert sentence([found(verdict)] * 2, 3).startswith("result: 2 claims ")


def test_controls_are_told_apart() -> None:
    some = [found(Verdict.STANDS), control("paper.a"), control("paper.b", Verdict.STANDS)]
    assert "only 1 of 2 false neighbours were refuted" in sentence(some, 3)
    assert "all 2 false neighbours were refuted" in sentence([*some[:2], control("paper.c")], 0)
    assert "THE FALSE NEIGHBOUR WAS NOT REFUTED" in sentence([some[0], some[2]], 3)


def test_an_interruption_comes_first() -> None:
    some = [replace(found(Verdict.STANDS), interrupted=True)]
    assert sentence(some, 3).startswith("result: interrupted (the verdicts rest on")


def test_what_is_said_of_many_claims_that_stand_is_a_line_for_each_kind() -> None:
    many = [
        replace(
            found(Verdict.STANDS, f"one.t{i}"), reason="equality, proved exactly in 1,000 cases"
        )
        for i in range(MOST_ROWS + 1)
    ]
    for item in many:
        item.tally.decisions["EQUAL"] = item.tally.cases
    odd = replace(found(Verdict.STANDS, "one.odd"), reason="undefined at x=0: a division by 0")
    text = printed(*many, odd)
    assert text.count("proved exactly") == 1
    assert f"proved exactly in every case: {len(many)} claims" in text
    assert "one.odd: undefined at x=0: a division by 0" in text
    assert "one.t3" not in text


def test_what_standing_means_does_not_promise_more_than_was_done() -> None:
    stands, fell, survived = (
        found(Verdict.STANDS),
        control("paper.a"),
        control("paper.b", Verdict.STANDS),
    )
    assert "refutes all false neighbours" in meaning([stands, fell])
    assert "neighbours" not in meaning([stands]) + meaning([stands, fell, survived])
    assert not meaning([found(Verdict.REFUTED), fell])


def printed(*items: Evidence, proved: Sequence[str] = ()) -> str:
    stream = StringIO()
    print_run(make_console(stream), items, str, verbose=False, proved=proved)
    return stream.getvalue()


def test_many_claims_are_a_row_for_each_paper() -> None:
    many = [found(Verdict.STANDS, f"one.t{i}", 0.5 / (i + 1)) for i in range(MOST_ROWS)]
    text = printed(*many, found(Verdict.REFUTED, "two.t"), control("one.x"), found(Verdict.VACUOUS))
    rows = [line.split() for line in text.splitlines()]
    closest = f"{0.5 / MOST_ROWS:.1e}"
    last = ["0", "0", f"{MOST_ROWS},000", closest, "1", "of", "1", "-", "6.5"]
    assert ["one", f"{MOST_ROWS}", "of", f"{MOST_ROWS}", *last] in rows
    assert ["two", "0", "of", "1", "1", "0", "1,000", "-", "-", "-", "0.5"] in rows
    assert ["paper", "0", "of", "1", "0", "1", "1,000", "-", "-", "-", "0.5"] in rows
    assert f"one.t{MOST_ROWS - 1} {closest}, one.t{MOST_ROWS - 2}" in text
    assert "one.t3" not in text
    # What is refuted or open is told in full.
    assert "two.t: REFUTED" in text
    assert "paper.theorem: VACUOUS" in text


def test_a_paper_says_how_many_of_its_claims_are_proved() -> None:
    many = [found(Verdict.STANDS, f"one.t{i}") for i in range(MOST_ROWS + 1)]
    rows = [line.split() for line in printed(*many, proved=["one.t0", "one.t1", "x"]).splitlines()]
    (row,) = (row for row in rows if row[:1] == ["one"])
    assert row[-2] == "2"
    known = [Known(e.claim.id, "PROVED (Coq 8)", "") for e in many]
    assert lines(known, counts=True) == [f"PROVED (Coq 8): {len(many)} claims"]


def test_few_claims_are_rows_without_their_coverage() -> None:
    text = printed(found(Verdict.STANDS), control("paper.x"))
    assert "paper.theorem" in text
    assert "Coverage" not in text
    assert "paper.x" not in text


def test_the_sentence_is_last_and_alone_if_asked(write: Any, run_checker: Any) -> None:
    path = write(FALSE_CLAIM, TRUE_CLAIM)
    outcome = run_checker("verify", path, *BUDGET)
    last = "result: 1 claim is refuted, 1 claim stands; exit status 1"
    assert outcome.out.splitlines()[-1] == last
    quiet = run_checker("verify", path, *BUDGET, "--quiet")
    assert (quiet.out.strip(), quiet.status) == (last, 1)


@pytest.mark.parametrize(("parts", "lines"), [(5, 0), (6, 6)])
def test_a_long_run_says_in_a_log_how_far_it_is(
    parts: int, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_bar() as show:
        for part in range(1, parts + 1):
            for done in (0, 10):
                show(Progress(done, 10, ("a", "b"), part, parts, refuted=part // 6))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == lines
    assert not lines or said[-1].split(" s  ")[1] == "1 refuted so far  [6/6] a +1"


def test_the_whole_run_is_what_is_counted() -> None:
    shares = [
        Progress(done, 10, ("a",), part, 4).share for part in (1, 2, 4) for done in (0, 5, 10)
    ]
    assert shares == [0, 0.125, 0.25, 0.25, 0.375, 0.5, 0.75, 0.875, 1]
    # More cases may be decided than were planned, and of some none are.
    assert Progress(99, 10, ("a",)).share == 1
    assert Progress(0, 0, ()).share == 0


@pytest.mark.parametrize(
    ("seconds", "share", "left"),
    [
        (10.0, 0.5, "about 10 s left  "),
        (60.0, 0.1, "about 9 min left  "),
        (3600.0, 0.25, "about 3.0 h left  "),
        (1.0, 0.5, ""),
        (10.0, 0.01, ""),
        (10.0, 1.0, ""),
    ],
)
def test_what_is_left_is_guessed_once_there_is_something_to_guess_from(
    seconds: float, share: float, left: str
) -> None:
    times = iter([5.0, 5.0 + seconds])
    assert _Clock(lambda: next(times)).left(share) == left


def test_on_a_terminal_there_is_one_bar_over_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar() as show:
        show(Progress(0, 10, ("paper.first",), 1, 4))
        show(Progress(5, 10, ("paper.third", "paper.fourth"), 3, 4, refuted=2))
    said = capsys.readouterr().err
    # 2.5 of 4 parts.
    assert "62%" in said
    assert "2 refuted so far  [3/4] paper.third +1" in said


def test_a_claim_is_shown_with_what_belongs_to_it(run_checker: Any) -> None:
    outcome = run_checker("show", "shamir2018.theorem1")
    assert outcome.status == 0
    for text in (
        "shamir2018.theorem1: a small gradient is nearly as good as linear",
        "constants = a = 2, b = 2, c = 1",
        "Theorem1.theorem1 (run `checker prove shamir2018.theorem1`)",
        "nonzero_w ",
        "return at.grad_norm >= at.gap / bound",
        "shamir2018.theorem1.no_V_term ",
        "properties/shamir2018/theorems.py:",
    ):
        assert text in outcome.out


def test_claims_of_a_file_are_shown(write: Any, run_checker: Any) -> None:
    outcome = run_checker("show", write(TRUE_CLAIM))
    assert "mine.means: means" in outcome.out
    assert "    return at.a**2 + at.b**2 >= 2 * at.a * at.b" in outcome.out


def test_too_many_claims_are_a_list(run_checker: Any, assert_rejected: Any) -> None:
    assert_rejected(run_checker("show", "shamir2018"), "too many to show")
