"""The pytest plugin, in projects of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from checker.report.suite import Suite
from checker.testing import PROFILES

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]

CLAIMS = """
from dataclasses import dataclass

from hypothesis import strategies as st

from checker.claims.claim import claim


@dataclass(frozen=True, eq=False)
class Pair:
    a: float
    b: float


numbers = st.integers(-64, 64).map(lambda n: n / 8)
pairs = st.builds(Pair, a=numbers, b=numbers)


@claim(given=pairs, id="paper.means", kind="tight")
def means(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b


@claim(given=pairs, id="paper.too_much")
def too_much(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b + 1


@claim(given=pairs, id="paper.fake", kind="must-be-refuted", of="paper.means")
def fake(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b + 1


@claim(given=pairs, id="paper.survivor", kind="must-be-refuted", of="paper.means")
def survivor(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run pytest on test functions; the plugin is loaded by name, installed or not."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(variable, raising=False)
    pytester.makepyfile(claims=CLAIMS)

    def run(tests: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_claims=tests)
        return pytester.runpytest_subprocess("-p", "landscape_checker.pytest_plugin", *arguments)

    return run


STANDS = """
from claims import means

def test_means(check_claim):
    evidence = check_claim(means, cases=60)
    assert evidence.tally.cases >= 60
"""


def test_a_claim_that_stands_passes_and_is_listed(project: Any) -> None:
    result = project(STANDS)
    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines(
        [
            r"=+ claims =+",
            r"claim +cases +tightest slack +verdict",
            r"paper\.means +\d+ +0 \(equality proved\) +STANDS",
        ]
    )


def test_a_refuted_claim_fails_with_its_counterexample(project: Any) -> None:
    result = project("""
from claims import too_much

def test_too_much(check_claim):
    check_claim(too_much, cases=60)
""")
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [
            r"E +REFUTED: a=.* b=.*",
            r"E +paper\.too_much: REFUTED\. A counterexample was found.*",
            r"test_claims\.py:4: REFUTED",
            r"paper\.too_much .* REFUTED \(not as expected\)",
            r"paper\.too_much: REFUTED\. A counterexample was found.*",
            r"  lhs = a\*\*2 \+ .*|  lhs = a² \+ .*",
            r"severity: lhs - rhs = .*",
            r"replay: `checker verify claims\.py --seed 0 --out DIR` writes files that replay it",
        ]
    )
    result.stdout.re_match_lines([r"FAILED test_claims\.py::test_too_much - REFUTED: a=.* b=.*"])
    # The test is to blame, not the plugin, and nothing of ours is shown.
    result.stdout.no_re_match_line(r".*(pytest_plugin\.py|testing\.py|Checker\(|Claim\().*")


# A control that survives has used up the whole effort of a real search.
SHORT_HUNTS = "import checker.search.attack\nchecker.search.attack.AUDIT_EVALUATIONS = 500"


def test_controls_have_to_be_refuted(project: Any, pytester: pytest.Pytester) -> None:
    pytester.makeconftest(SHORT_HUNTS)
    result = project("""
from claims import fake, survivor

def test_fake(check_claim):
    check_claim(fake, cases=60)

def test_survivor(check_claim):
    check_claim(survivor, cases=60)
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.re_match_lines(
        [
            r"E +SURVIVED: false neighbour paper\.survivor was not refuted: STANDS.*",
            r"paper\.fake +\d+ +-.* REFUTED \(as it must be\)",
            r"paper\.survivor .* STANDS \(not as expected\)",
        ]
    )


WORKERS = ["-p", "xdist", "-n", "2"]
# Every process of its own takes seconds to start: one test with workers by day.
LATER = pytest.param(WORKERS, marks=pytest.mark.nightly)
ALONE_LATER = pytest.param([], marks=pytest.mark.nightly)

FALSE_TWICE = """
import pytest
from claims import too_much

@pytest.mark.parametrize("seed", [1, 2])
def test_too_much(check_claim, seed):
    check_claim(too_much, cases=60, seed=seed)
"""


@pytest.mark.parametrize("workers", [[], LATER])
def test_a_claim_that_falls_often_is_explained_once(project: Any, workers: list[str]) -> None:
    result = project(FALSE_TWICE, *workers)
    result.assert_outcomes(failed=2)
    assert result.stdout.str().count("severity: lhs - rhs") == 1


def test_several_claims_share_their_cases(project: Any) -> None:
    result = project("""
from claims import means, too_much

def test_both(check_claim):
    check_claim(means, too_much, cases=60)
""")
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [
            r"E +REFUTED: a=.*",
            r"paper\.means .* STANDS",
            r"paper\.too_much .* REFUTED \(not as expected\)",
        ]
    )
    result.stdout.no_re_match_line(r"E .*paper\.means.*")


THREE_LINES = """
from checker.testing import claim_tests
import claims

test_claims = claim_tests(claims, cases=60)
"""


def test_three_lines_put_claims_into_a_suite(project: Any, pytester: pytest.Pytester) -> None:
    pytester.makeconftest(SHORT_HUNTS)
    result = project(THREE_LINES, "-v")
    # The theorem that stands and the neighbour that falls.
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.re_match_lines([r".*test_claims\[paper\.means\] PASSED.*"])


def test_nothing_to_test_is_said(project: Any) -> None:
    result = project("""
from checker.testing import claim_tests
import os

test_claims = claim_tests(os)
""")
    result.stdout.re_match_lines([r"E +ValueError: no claims in os: give claims, or modules.*"])


def test_junit_carries_verdict_and_slack(project: Any, pytester: pytest.Pytester) -> None:
    # The default schema has no properties of tests, of which pytest's own fixture warns.
    tests = (
        STANDS
        + """
from claims import fake

def test_fake(check_claim):
    check_claim(fake, cases=60)
"""
    )
    result = project(tests, "--junitxml", "run.xml", "-p", "xdist", "-n", "1", "-W", "error")
    result.assert_outcomes(passed=2)
    found = ElementTree.parse(pytester.path / "run.xml").iter("property")
    properties = {p.get("name"): p.get("value") for p in found}
    assert properties["paper.means.verdict"] == "STANDS"
    assert float(str(properties["paper.means.tightest_relative_slack"])) == 0
    assert int(str(properties["paper.means.cases"])) >= 60
    assert properties["paper.fake.verdict"] == "REFUTED"
    assert float(str(properties["paper.fake.tightest_relative_slack"])) < 0


PROFILE = """
from hypothesis import settings
from claims import means

def test_means(check_claim):
    before = {before}
    assert settings().max_examples == before
    evidence = check_claim(means, cases={cases})
    assert {low} <= evidence.tally.cases < {low} + 200
"""


@pytest.mark.parametrize(
    ("arguments", "before", "cases", "low"),
    [
        pytest.param(
            *([], "settings.get_profile('default').max_examples", 400, 400),
            marks=pytest.mark.nightly,
        ),
        (["--checker-profile", "dev"], 20, 400, 200),
        pytest.param(
            *(["--checker-profile", "nightly", "-p", "xdist", "-n", "1"], 2000, 20, 500),
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_profiles_scale_the_work(
    project: Any, arguments: list[str], before: object, cases: int, low: int
) -> None:
    result = project(PROFILE.format(before=before, cases=cases, low=low), *arguments)
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("profile", "cases", "budget"),
    [("dev", 10_000, 1000), ("dev", 500, 200), ("dev", 50, 50), ("ci", 7, 7), ("nightly", 8, 200)],
)
def test_budgets_of_profiles(profile: str, cases: int, budget: int) -> None:
    assert PROFILES[profile].budget(cases) == budget


def test_profiles_of_the_host_project_are_left_alone(project: Any) -> None:
    result = project("""
from hypothesis import settings

def test_mine():
    settings.register_profile("ci", max_examples=7)
    settings.load_profile("ci")
    assert settings().max_examples == 7
    for name in ("dev", "nightly", "checker-dev"):
        try:
            settings.get_profile(name)
        except Exception:
            continue
        raise AssertionError(name)
""")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("workers", [[], LATER])
def test_a_report_of_the_whole_run(
    project: Any, pytester: pytest.Pytester, workers: list[str]
) -> None:
    result = project(TWO_SEEDS, "--checker-report", "out", *workers)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["report: out/report.html"])
    assert "paper.means" in (pytester.path / "out" / "report.html").read_text()
    saved = json.loads((pytester.path / "out" / "evidence.json").read_text())
    assert [c["id"] for c in saved["claims"]] == ["paper.fake", "paper.means"]
    assert "report" not in saved["claims"][0]


TWO_SEEDS = """
import pytest
from claims import fake, means

@pytest.mark.parametrize("seed", [1, 2])
def test_means(check_claim, seed):
    check_claim(means, cases=60, seed=seed)

def test_fake(check_claim):
    check_claim(fake, cases=60, seed=1)
"""


@pytest.mark.parametrize("workers", [ALONE_LATER, WORKERS])
def test_rows_of_a_claim_are_merged(
    project: Any, pytester: pytest.Pytester, workers: list[str]
) -> None:
    result = project(TWO_SEEDS, "--checker-json", "run.json", *workers)
    result.assert_outcomes(passed=3)
    run = json.loads((pytester.path / "run.json").read_text())
    assert [c["id"] for c in run["claims"]] == ["paper.fake", "paper.means"]
    assert run["claims"][1]["cases"] >= 120
    assert (run["schema"], run["seed"]) == (1, None)
    output = result.stdout.str()
    assert output.count("paper.means") == 1
    assert output.count("paper.fake") == 1


def test_one_seed_is_kept(project: Any, pytester: pytest.Pytester) -> None:
    project(TWO_SEEDS, "--checker-json", "run.json", "-k", "fake")
    run = json.loads((pytester.path / "run.json").read_text())
    assert run["seed"] == 1
    assert "seed" not in run["claims"][0]


def test_a_worker_that_crashes_takes_only_its_last_test(
    project: Any, pytester: pytest.Pytester
) -> None:
    result = project(
        STANDS
        + """
import os

def test_crash(check_claim):
    check_claim(means, cases=60, seed=1)
    os._exit(1)
""",
        *("-p", "xdist", "-n", "1", "--checker-json", "run.json"),
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.re_match_lines(
        [r"paper\.means .* STANDS", "gw0 crashed: what its last test found is missing"]
    )
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    run = json.loads((pytester.path / "run.json").read_text())
    assert run["interrupted"] is True
    assert [c["id"] for c in run["claims"]] == ["paper.means"]


SAME_TWICE = """
from claims import means

def test_one(check_claim):
    check_claim(means, cases=120)

def test_two(check_claim):
    check_claim(means, cases=120)

def test_a_part(check_claim):
    check_claim(means, cases=60)
"""


@pytest.mark.nightly
def test_equal_cases_count_once(project: Any, pytester: pytest.Pytester) -> None:
    def cases(*arguments: str) -> int:
        project(SAME_TWICE, "--checker-json", "run.json", *arguments)
        (found,) = json.loads((pytester.path / "run.json").read_text())["claims"]
        return int(found["cases"])

    once = cases("-k", "test_one")
    assert once >= 120
    assert cases() == once
    assert cases("-p", "xdist", "--dist", "each", "--tx", "2*popen") == once


def test_rows_of_equal_cases_count_once() -> None:
    def row(cases: int, seed: int) -> dict[str, Any]:
        shown = {"counterexample": None, "tightest": None, "of": None, "expected": True}
        return {"id": "c", "seed": seed, "verdict": "STANDS", "cases": cases, **shown}

    (found,) = Suite([{**row(n, 0), "report": None} for n in (120, 120, 60)]).claims
    assert found["cases"] == 120


def test_the_graver_verdict_on_equal_cases_is_kept() -> None:
    def row(verdict: str, cases: int) -> dict[str, Any]:
        shown = {"counterexample": None, "tightest": None, "of": None, "expected": True}
        return {"id": "c", "seed": 1, "verdict": verdict, "cases": cases, "report": None, **shown}

    for rows in ((row("STANDS", 9), row("REFUTED", 3)), (row("REFUTED", 3), row("STANDS", 9))):
        assert [r["verdict"] for r in Suite(rows).claims] == ["REFUTED"]


def test_an_unwritable_file_is_found_before_the_run(project: Any) -> None:
    result = project(STANDS, "--checker-json", "missing/run.json")
    result.stderr.fnmatch_lines(["*--checker-json: cannot write missing/run.json*"])
    result = project(STANDS, "--checker-report", "test_claims.py")
    result.stderr.fnmatch_lines(["*--checker-report: cannot write test_claims.py*"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_a_claim_that_is_no_inequality_says_so(project: Any) -> None:
    result = project("""
from checker.claims.claim import claim
from claims import pairs

@claim(given=pairs, id="paper.plain")
def plain(at):
    return True

def test_plain(check_claim):
    check_claim(plain, cases=50)
""")
    result.stdout.re_match_lines(
        [r"E .*claim paper\.plain: the formula returns True, a truth value"]
    )


def test_workers_that_use_it_have_one_blas_thread(project: Any) -> None:
    tests = """
import os
from checker.testing import claim_tests

def test_threads():
    assert os.environ.get("OMP_NUM_THREADS") == {expected!r}
"""
    alone, worker = tests.format(expected=None), tests.format(expected="1")
    project(alone).assert_outcomes(passed=1)
    project(worker, "-p", "xdist", "-n", "1").assert_outcomes(passed=1)


def test_projects_that_do_not_use_it_are_left_alone(project: Any) -> None:
    result = project(
        """
import os, sys

def test_nothing():
    assert not {"numpy", "rich", "checker", "flint"} & set(sys.modules)
    assert not {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"} & set(os.environ)
""",
        "-p",
        "xdist",
        "-n",
        "1",
    )
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*claims =*")


def test_an_interrupt_ends_the_session(project: Any, pytester: pytest.Pytester) -> None:
    result = project(
        """
import checker.search.jobs
from claims import means

def test_means(check_claim, monkeypatch):
    from checker.search import campaign

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(checker.search.jobs, "run_task", interrupted)
    check_claim(means, cases=60)

def test_after():
    pass
""",
        "--checker-json",
        "run.json",
    )
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert json.loads((pytester.path / "run.json").read_text())["interrupted"] is True


GENERATED = """
from checker.testing import claim_tests
from claims import means, too_much

test_them = claim_tests(means, too_much, cases=60)
"""


def test_a_generated_test_stands_where_it_was_written(
    project: Any, pytester: pytest.Pytester
) -> None:
    result = project(GENERATED, "--collect-only", "-q")
    (item, _), _ = pytester.inline_genitems()
    assert item.location[:2] == ("test_claims.py", 3)
    result = project(GENERATED, "-W", "error")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.re_match_lines(
        [
            r"> +test_them = claim_tests\(means, too_much, cases=60\)",
            r"E +REFUTED: a=.* b=.*",
            r"test_claims\.py:4: REFUTED",
        ]
    )
    result.stdout.no_re_match_line(r".*testing\.py.*")


COUNTED = """
from claims import means, too_much
import pytest

def test_too_much(check_claim):
    with pytest.raises(AssertionError) as caught:
        check_claim(too_much, cases=2000)
    print(f"said: {caught.value}")
"""


@pytest.mark.nightly
def test_what_was_refuted_is_tried_first_the_next_time(
    project: Any, pytester: pytest.Pytester
) -> None:
    stored = "*said:*a case that an earlier test had found*"
    first = project(COUNTED, "-s")
    first.stdout.re_match_lines([r"paper\.too_much +[1-9]\d+ .*REFUTED.*"])
    again = project(COUNTED, "-s")
    again.stdout.re_match_lines([r"paper\.too_much +1 .*REFUTED.*"])
    mended = CLAIMS.replace("2 * at.a * at.b + 1\n\n\n@claim(given=pairs, id=\"paper.fake", (
        "2 * at.a * at.b - 1\n\n\n@claim(given=pairs, id=\"paper.fake"
    ))  # fmt: skip
    assert mended != CLAIMS
    pytester.makepyfile(claims=mended)
    fine = project(COUNTED.replace("with pytest.raises(AssertionError) as caught", "if True")
                   .replace("    print", "    caught = 0  # print"))  # fmt: skip
    fine.assert_outcomes(passed=1)
    # What does not refute the claim any more is forgotten.
    pytester.makepyfile(claims=CLAIMS)
    project(COUNTED, "-s").stdout.no_fnmatch_line(stored)


BRIDGE = """
import pytest
from claims import pairs, means, too_much
from hypothesis import given, settings
from checker import InputError, claim, numbers
from checker.testing import assert_claim

@settings(deadline=None)
@given(pairs)
def test_means(p):
    assert_claim(means, p)

@settings(database=None, deadline=None)
@given(pairs)
def test_too_much(p):
    assert_claim(too_much, p)

@claim(assuming=[lambda x: x >= 1])
def grows(x: numbers()):
    return x * x >= x

@settings(deadline=None)
@given(pairs)
def test_grows(p):
    assert_claim(grows, x=p.a)

def test_outside():
    with pytest.raises(InputError, match="says nothing of x=-1: it lies outside"):
        assert_claim(grows, x=-1)
"""


def test_an_instance_is_decided_in_a_test_by_hypothesis(project: Any) -> None:
    result = project(BRIDGE)
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.re_match_lines(
        [
            r"E +REFUTED: a=.* b=.*",
            r"E +paper\.too_much: violated",
            r"E +(Falsifying example|Failing test case): test_too_much\(",
            r"test_claims\.py:\d+: REFUTED",
        ]
    )


@pytest.mark.nightly
def test_the_configuration_sets_budget_and_profile(project: Any, pytester: pytest.Pytester) -> None:
    test = STANDS.replace("cases=60", "").replace(">= 60", "< 300")
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\nchecker_cases = '200'\n")
    project(test).assert_outcomes(passed=1)
    pytester.makepyprojecttoml(
        "[tool.pytest.ini_options]\nchecker_cases = '100'\nchecker_profile = 'nightly'\n"
    )
    project(test.replace("< 300", ">= 2500")).assert_outcomes(passed=1)
    project(test, "--checker-profile", "dev").assert_outcomes(passed=1)
    for line, said in (
        ("checker_cases = 'many'", "*checker_cases is 'many', not a whole number*"),
        ("checker_profile = 'slow'", "*checker_profile is 'slow', not one of dev, ci, nightly*"),
    ):
        pytester.makepyprojecttoml(f"[tool.pytest.ini_options]\n{line}\n")
        result = project(test)
        assert result.ret == 4
        result.stderr.fnmatch_lines([said])


def test_github_is_told_the_place_in_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may have been started in a folder of it."""
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    row = {
        "id": "a.b",
        "seed": 0,
        "verdict": "REFUTED",
        "cases": 1,
        "report": ["fell"],
        "place": ["claims.py", 3],
    }
    assert [*Suite([row]).annotations()] == ["::error file=inner/claims.py,line=3::fell"]


@pytest.mark.nightly
def test_github_shows_what_fell(
    project: Any, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = pytester.path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    result = project(GENERATED)
    line = CLAIMS.splitlines().index('@claim(given=pairs, id="paper.too_much")')
    result.stdout.re_match_lines(
        [rf"::error file=claims\.py,line={line}::paper\.too_much: REFUTED\..*%0A.*"]
    )
    assert len([x for x in result.outlines if x.startswith("::error")]) == 1
    text = summary.read_text()
    assert text.startswith("### claims\n\n| claim | cases |")
    assert r"| paper.too\_much |" in text
    monkeypatch.setenv("GITHUB_ACTIONS", "")
    assert "::error" not in project(GENERATED).stdout.str()
    assert summary.read_text() == text
