"""The command line: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import checker.search.attack
import checker.search.verify
from checker.arithmetic.decide import CaseResult, Decision
from checker.claims.verdict import Evidence, StratumCount, Tally, Verdict
from checker.search.verify import Plan, groups_of
from strategies.catalogue import PAPERS

ROOT = Path(checker.__file__).resolve().parent.parent

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

CONTROL = """
@claim(given=pairs, kind="must-be-refuted", of="mine.means", why="a = b = 0")
def control(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b + 1
"""

# A control that is true: the search cannot refute it.
SURVIVOR = """
@claim(given=pairs, kind="must-be-refuted", of="mine.means", why="it is not")
def survivor(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b
"""

BUDGET = ("--cases", "200", "--jobs", "1")


@pytest.fixture(autouse=True)
def little_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    """A control that survives has used up the whole effort of a real search."""
    monkeypatch.setattr(checker.search.attack, "AUDIT_EVALUATIONS", 2000)


# -- exit status ------------------------------------------------------------------------------


def test_a_claim_that_stands(write: Any, run_checker: Any) -> None:
    outcome = run_checker("verify", write(TRUE_CLAIM), *BUDGET)
    assert re.search(r"^mine\.means +STANDS ", outcome.out, re.MULTILINE)
    assert (outcome.status, outcome.err) == (0, "")


def test_a_claim_that_is_refuted(write: Any, run_checker: Any) -> None:
    outcome = run_checker("verify", write(FALSE_CLAIM, TRUE_CLAIM), *BUDGET)
    assert re.search(r"^mine\.too_much +REFUTED ", outcome.out, re.MULTILINE)
    assert re.search(r"^mine\.means +STANDS ", outcome.out, re.MULTILINE)
    assert outcome.status == 1


def test_a_control_that_is_refuted(write: Any, run_checker: Any) -> None:
    outcome = run_checker("verify", write(TRUE_CLAIM, CONTROL), *BUDGET, "-v")
    assert "refuted after" in outcome.out
    last = "result: mine.means stands; its false neighbour was refuted; exit status 0"
    assert outcome.out.splitlines()[-1] == last
    assert outcome.status == 0


@pytest.fixture
def short_hunts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A control that survives uses up the whole effort of a real search."""
    monkeypatch.setattr(checker.search.attack, "AUDIT_EVALUATIONS", 500)


@pytest.mark.usefixtures("short_hunts")
def test_a_control_that_survives(write: Any, run_checker: Any) -> None:
    outcome = run_checker("verify", write(TRUE_CLAIM, SURVIVOR), *BUDGET)
    message = "false neighbour mine.survivor survived: do not trust STANDS for mine.means"
    assert message in outcome.out
    assert outcome.status == 3


@pytest.mark.usefixtures("short_hunts")
def test_a_refutation_outweighs_an_open_question(write: Any, run_checker: Any) -> None:
    assert run_checker("verify", write(TRUE_CLAIM, SURVIVOR, FALSE_CLAIM), *BUDGET).status == 1


@pytest.fixture
def verdict(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let `verify` return a given verdict on every claim."""

    def fix(verdict: Verdict, *, interrupted: bool = False) -> None:
        def verify(plan: Plan, *_: Any) -> list[Evidence]:
            tally = Tally(cases=3, strata={"s": StratumCount(3, 3)}, rungs=Counter(ball=3))
            return [
                Evidence(c, verdict, "for this reason", tally, 0.1, interrupted=interrupted)
                for c in plan.claims
            ]

        monkeypatch.setattr(checker.search.verify, "verify", verify)

    return fix


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (Verdict.STANDS, 0),
        (Verdict.REFUTED, 1),
        (Verdict.UNDECIDED, 3),
        (Verdict.VACUOUS, 3),
        (Verdict.ORACLE_BROKEN, 3),
    ],
)
def test_every_verdict_has_its_status(
    write: Any, run_checker: Any, verdict: Any, found: Verdict, status: int
) -> None:
    verdict(found)
    assert run_checker("verify", write(TRUE_CLAIM)).status == status


@pytest.mark.parametrize(
    ("found", "status"), [(Verdict.STANDS, 3), (Verdict.REFUTED, 1), (Verdict.VACUOUS, 3)]
)
def test_an_interrupted_run_is_reported_and_open(
    write: Any, run_checker: Any, verdict: Any, found: Verdict, status: int
) -> None:
    verdict(found, interrupted=True)
    outcome = run_checker("verify", write(TRUE_CLAIM))
    assert re.search(rf"^mine\.means +{found.name} ", outcome.out, re.MULTILINE)
    assert "interrupted" in outcome.out
    assert outcome.status == status


# -- what verify writes -----------------------------------------------------------------------


def test_json_on_standard_output_stands_alone(write: Any, run_checker: Any) -> None:
    outcome = run_checker("verify", write(TRUE_CLAIM), *BUDGET, "--json", "-", "--seed", "5")
    run = json.loads(outcome.out)
    assert (run["schema"], run["seed"]) == (1, 5)
    assert [c["id"] for c in run["claims"]] == ["mine.means"]
    assert "STANDS" in outcome.err


def test_json_in_a_file(write: Any, run_checker: Any, tmp_path: Path) -> None:
    outcome = run_checker("verify", write(TRUE_CLAIM), *BUDGET, "--json", tmp_path / "run.json")
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["claims"][0]["verdict"] == "STANDS"
    assert "STANDS" in outcome.out


def test_a_folder_gets_evidence_and_counterexamples(
    write: Any, run_checker: Any, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "folder"
    outcome = run_checker("verify", write(TRUE_CLAIM, FALSE_CLAIM), *BUDGET, "--out", out)
    saved = out / "mine.too_much.counterexample.json"
    names = [saved.with_suffix(s).name for s in (".json", ".md", ".py")]
    names = ["evidence.json", *names, "mine__too_much.v", "report.html", "verify.jsonl"]
    assert sorted(p.name for p in out.iterdir()) == names
    assert f"report: {out / 'report.html'}\n" in outcome.out
    assert json.loads(saved.read_text())["decision"] == "VIOLATED"
    assert f"replay: checker replay {saved} {tmp_path / 'mine.py'}" in outcome.out


def test_the_counterexample_can_be_replayed(write: Any, run_checker: Any, tmp_path: Path) -> None:
    path, out = write(TRUE_CLAIM, CONTROL), tmp_path / "out"
    run_checker("verify", path, *BUDGET, "--out", out)
    outcome = run_checker("replay", out / "mine.control.counterexample.json", path)
    assert "mine.control, case: VIOLATED, agrees with the file" in outcome.out
    assert outcome.status == 0


def test_the_same_seed_gives_the_same_evidence(write: Any, run_checker: Any) -> None:
    path, runs = write(TRUE_CLAIM), []
    for jobs in ("1", "2"):
        outcome = run_checker("verify", path, "--cases", "200", "--jobs", jobs, "--json", "-")
        runs.append(json.loads(outcome.out))
        runs[-1]["claims"][0].pop("seconds")
        runs[-1].pop("provenance")
    assert runs[0] == runs[1]


def test_the_plan_is_what_was_asked_for(
    write: Any, run_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[Plan] = []

    def verify(plan: Plan, *_: Any) -> list[Evidence]:
        plans.append(plan)
        return []

    monkeypatch.setattr(checker.search.verify, "verify", verify)
    path = write(TRUE_CLAIM)
    run_checker("verify", path, "--cases=7", "--seconds=1.5", "--seed=4", "--jobs=3")
    run_checker("verify", path)
    given, default = plans
    assert (given.cases, given.seconds, given.seed, given.jobs) == (7, 1.5, 4, 3)
    assert (default.cases, default.seconds, default.seed) == (None, None, 0)
    assert default.jobs == len(os.sched_getaffinity(0))


# -- bad input to verify ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cases", "0"], "argument --cases: '0' is not a whole number of at least 1"),
        (["--cases", "1.5"], "argument --cases: '1.5' is not a whole number of at least 1"),
        (["--seconds", "0"], "argument --seconds: '0' is not a finite number greater than 0"),
        (["--seconds", "nan"], "argument --seconds: 'nan' is not a finite number"),
        (["--seconds", "soon"], "argument --seconds: 'soon' is not a finite number"),
        (["--seed", "-1"], "argument --seed: '-1' is not a whole number of at least 0"),
        (["--jobs", "0"], "argument --jobs: '0' is not a whole number of at least 1"),
        (["--case", "5"], "unrecognized arguments: --case"),
        (["--data", "x.csv"], "--data is given without --target"),
        (["--target", "y"], "--target is given without --data"),
    ],
)
def test_bad_options(
    run_checker: Any, assert_rejected: Any, arguments: list[str], message: str
) -> None:
    assert_rejected(run_checker("verify", *arguments), message)


def test_no_command(run_checker: Any, assert_rejected: Any) -> None:
    assert_rejected(run_checker(), "arguments are required: COMMAND")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("def f(:\n", "mine.py, line 1: "),
        ("1 / 0\n", "mine.py, line 1: ZeroDivisionError: division by zero"),
        ("x = 1\n", "there are no claims in "),
    ],
)
def test_bad_files(
    write: Any, run_checker: Any, assert_rejected: Any, content: str, message: str
) -> None:
    assert_rejected(run_checker("verify", write(content, header="")), message)


def test_a_missing_file(run_checker: Any, assert_rejected: Any) -> None:
    assert_rejected(run_checker("verify", "nowhere.py"), "checker: there is no file nowhere.py\n")


def test_a_file_that_is_not_python(run_checker: Any, assert_rejected: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    assert_rejected(run_checker("verify", tmp_path / "notes.txt"), "is not a Python file")


def test_an_unknown_claim(write: Any, run_checker: Any, assert_rejected: Any, install: Any) -> None:
    header = write().read_text()
    install("landscape-checker", {"p": "paper"}, paper=header + TRUE_CLAIM)
    outcome = run_checker("verify", "paper.meens")
    assert_rejected(
        outcome, "checker: there is no claim 'paper.meens'\n  try: Did you mean paper.means"
    )


def test_a_file_with_an_id_that_is_installed(
    write: Any, run_checker: Any, assert_rejected: Any, install: Any
) -> None:
    path = write(TRUE_CLAIM)
    install("landscape-checker", {"m": "mine"}, mine=path.read_text())
    assert_rejected(
        run_checker("verify", path, "mine"), "the id mine.means is that of an installed claim"
    )


def test_a_file_may_import_an_installed_claim(write: Any, run_checker: Any, install: Any) -> None:
    install("landscape-checker", {"p": "paper"}, paper=write(TRUE_CLAIM).read_text())
    path = write("from paper import means\n", name="mine2.py", header="")
    assert run_checker("verify", path, "--cases", "300", "--jobs", "1").status == 0


def test_a_neighbour_of_nothing(
    write: Any, run_checker: Any, assert_rejected: Any, install: Any
) -> None:
    install("landscape-checker", {"p": "paper"}, paper=write(TRUE_CLAIM).read_text())
    fake = '@claim(given=pairs, kind="must-be-refuted", of="OF")\ndef fake(at):\n    return at.a\n'
    wrong = write(fake.replace("OF", "paper.modes"), name="wrong.py")
    assert_rejected(run_checker("verify", wrong), "wrong.fake is a neighbour of paper.modes, which")
    right = write(fake.replace("OF", "paper.means"), name="right.py")
    assert_rejected(run_checker("verify", right), "claim right.fake: the formula returns a number")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_claim_that_returns_a_bool(
    write: Any, run_checker: Any, assert_rejected: Any, jobs: str
) -> None:
    path = write("@claim(given=pairs)\ndef plain(at):\n    return True\n")
    outcome = run_checker("verify", path, "--cases", "50", "--jobs", jobs)
    assert_rejected(outcome, "claim mine.plain: the formula returns True, a truth value")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_formula_that_fails(
    write: Any, run_checker: Any, assert_rejected: Any, jobs: str
) -> None:
    path = write("@claim(given=pairs)\ndef wrong(at):\n    return at.c >= 0\n")
    line = path.read_text().splitlines().index("    return at.c >= 0") + 1
    outcome = run_checker("verify", path, "--cases", "50", "--jobs", jobs)
    assert_rejected(
        outcome, f"mine.py, line {line}: AttributeError: 'Pair' object has no attribute"
    )


def test_an_internal_error_is_no_verdict(
    write: Any, run_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(checker.search.verify, "verify", fail)
    outcome = run_checker("verify", write(TRUE_CLAIM))
    assert "RuntimeError: ours" in outcome.err
    assert "internal error, no verdict" in outcome.err
    assert outcome.status == 3


@pytest.mark.parametrize("option", ["--json", "--out"])
def test_unwritable_output_is_found_before_the_run(
    write: Any, run_checker: Any, assert_rejected: Any, tmp_path: Path, option: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(checker.search.verify, "verify", lambda *_: pytest.fail("the run began"))
    (tmp_path / "file").write_text("")
    outcome = run_checker("verify", write(TRUE_CLAIM), option, tmp_path / "file" / "x")
    assert_rejected(outcome, f"checker: cannot write {tmp_path / 'file' / 'x'}: ")
    assert "why: The results would be lost" in outcome.err


def test_a_folder_is_no_json_file(
    write: Any, run_checker: Any, assert_rejected: Any, tmp_path: Path
) -> None:
    assert_rejected(run_checker("verify", write(TRUE_CLAIM), "--json", tmp_path), "it is a folder")


def test_the_check_leaves_no_file_behind(
    write: Any, run_checker: Any, verdict: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        checker.search.verify, "verify", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    path = write(TRUE_CLAIM)
    outcome = run_checker("verify", path, "--json", tmp_path / "run.json")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.py"]
    assert "interrupted before there was a result" in outcome.err
    assert outcome.status == 3


# -- data -------------------------------------------------------------------------------------

ON_DATA = """
from checker.claims.claim import Domain


def at_most(bound):
    return st.builds(Pair, a=st.just(float(bound)), b=numbers)


over_samples = Domain(pairs, on_data=lambda sample: Domain(at_most(sample.y.max())))


@claim(given=over_samples, statement="a^2 + b^2 >= 2ab")
def over_data(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text("height,label\n1,2\n3,4\n")
    return path


def test_data_reach_the_claim(write: Any, run_checker: Any, table: Path) -> None:
    outcome = run_checker(
        "verify", write(ON_DATA), "--data", table, "--target", "label", "--json", "-",
        "--cases", "3000", "--jobs", "1",
    )  # fmt: skip
    tightest = json.loads(outcome.out)["claims"][0]["tightest"]
    assert float.fromhex(tightest["instance"]["fields"]["a"]["float"]) == 4.0


def test_a_missing_column(write: Any, run_checker: Any, assert_rejected: Any, table: Path) -> None:
    outcome = run_checker("verify", write(ON_DATA), "--data", table, "--target", "labels")
    assert_rejected(outcome, "points.csv has no column 'labels'")


def test_a_missing_table(write: Any, run_checker: Any, assert_rejected: Any) -> None:
    outcome = run_checker("verify", write(ON_DATA), "--data", "no.csv", "--target", "y")
    assert_rejected(outcome, "there is no file no.csv")


def test_a_named_claim_that_takes_no_data(
    write: Any, run_checker: Any, assert_rejected: Any, table: Path
) -> None:
    outcome = run_checker("verify", write(TRUE_CLAIM), "--data", table, "--target", "label")
    assert_rejected(outcome, "no data can be given to mine.means")


def test_without_names_claims_that_take_no_data_are_skipped(
    write: Any, run_checker: Any, table: Path, install: Any
) -> None:
    module = write(ON_DATA, TRUE_CLAIM).read_text()
    install("landscape-checker", {"p": "paper"}, paper=module)
    outcome = run_checker("verify", "--data", table, "--target", "label", "--json", "-", *BUDGET)
    assert [c["id"] for c in json.loads(outcome.out)["claims"]] == ["paper.over_data"]


def test_a_papers_name_leaves_out_claims_that_take_no_data(
    write: Any, run_checker: Any, table: Path, install: Any
) -> None:
    module = write(ON_DATA, TRUE_CLAIM).read_text()
    install("landscape-checker", {"p": "paper"}, paper=module)
    arguments = ("--data", table, "--target", "label", "--json", "-", *BUDGET)
    outcome = run_checker("verify", "paper", *arguments)
    assert [c["id"] for c in json.loads(outcome.out)["claims"]] == ["paper.over_data"]


def test_no_claim_takes_data(
    write: Any, run_checker: Any, assert_rejected: Any, table: Path, install: Any
) -> None:
    install("landscape-checker", {"p": "paper"}, paper=write(TRUE_CLAIM).read_text())
    outcome = run_checker("verify", "--data", table, "--target", "label")
    assert_rejected(outcome, "no installed claim can be given data")


# -- list -------------------------------------------------------------------------------------


def test_the_list_names_every_claim(write: Any, run_checker: Any, install: Any) -> None:
    module = write(TRUE_CLAIM, CONTROL).read_text().replace("mine.", "paper.")
    install("landscape-checker", {"p": "paper"}, paper=module)
    outcome = run_checker("list")
    assert re.search(r"^paper\.means +means *\n  tight", outcome.out, re.MULTILINE)
    assert "1 false neighbour of these: --false" in outcome.out
    assert "paper.control" not in outcome.out
    outcome = run_checker("list", "paper.means", "--false")
    assert "paper.control" in outcome.out
    assert "paper.means\n" not in outcome.out
    assert "must-be-refuted = a false neighbour" in outcome.out
    assert outcome.status == 0


def test_the_list_as_json(write: Any, run_checker: Any, install: Any) -> None:
    install("landscape-checker", {"p": "paper"}, paper=write(TRUE_CLAIM).read_text())
    (entry,) = json.loads(run_checker("list", "--json").out)
    assert (entry["id"], entry["statement"], entry["kind"]) == (
        "paper.means", "a^2 + b^2 >= 2ab", "tight"
    )  # fmt: skip


def test_the_version(run_checker: Any, install: Any) -> None:
    install("landscape-checker", {})
    outcome = run_checker("--version")
    assert (outcome.out, outcome.status) == ("checker 1.0\n", 0)


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["verify"],
        ["audit"],
        ["merge"],
        ["sharpen"],
        ["replay"],
        ["list"],
        ["show"],
        ["prove"],
        ["report"],
        ["certify"],
        ["census"],
        ["gate"],
    ],
)
def test_help_has_examples_and_fits(
    run_checker: Any, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    outcome = run_checker(*command, "--help")
    assert re.search(r"^examples?:\n  checker ", outcome.out, re.MULTILINE)
    assert max(len(line) for line in outcome.out.splitlines()) <= 80
    assert outcome.status == 0


# -- replay -----------------------------------------------------------------------------------


def number(x: float) -> dict[str, str]:
    return {"float": x.hex()}


def pair(a: float, b: float) -> dict[str, Any]:
    return {"class": "checker_files.mine:Pair", "fields": {"a": number(a), "b": number(b)}}


@pytest.fixture
def saved(tmp_path: Path) -> Any:
    def save(content: Any) -> Path:
        path = tmp_path / "case.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return save


def test_a_whole_run_is_replayed(write: Any, run_checker: Any, tmp_path: Path) -> None:
    path, run = write(TRUE_CLAIM, CONTROL), tmp_path / "run.json"
    run_checker("verify", path, *BUDGET, "--json", run)
    outcome = run_checker("replay", run, path)
    assert "mine.means, tightest: EQUAL, agrees with the file" in outcome.out
    assert "mine.control, counterexample: VIOLATED, agrees with the file" in outcome.out
    assert outcome.status == 0


def test_replay_shows_both_sides(write: Any, run_checker: Any, saved: Any) -> None:
    case = {"claim": "mine.means", "instance": pair(3.0, 1.0)}
    outcome = run_checker("replay", saved(case), write(TRUE_CLAIM))
    lines = [line.strip() for line in outcome.out.splitlines()]
    assert "mine.means, case: HOLDS, nothing recorded to compare with" in lines
    assert {
        "a         = 3",
        "b         = 1",
        "lhs       = 10 (exactly)",
        "rhs       = 6 (exactly)",
    } <= set(lines)
    assert "guarantee = ball(128 bits)" in lines
    assert outcome.status == 0


def test_replaying_a_refutation_has_status_1(write: Any, run_checker: Any, saved: Any) -> None:
    case = {"claim": "mine.too_much", "instance": pair(0.0, 0.0), "decision": "VIOLATED"}
    outcome = run_checker("replay", saved(case), write(FALSE_CLAIM))
    assert "VIOLATED, agrees with the file" in outcome.out
    assert outcome.status == 1


def test_a_disagreement_is_open(write: Any, run_checker: Any, saved: Any) -> None:
    case = {"claim": "mine.means", "instance": pair(3.0, 1.0), "decision": "VIOLATED"}
    outcome = run_checker("replay", saved(case), write(TRUE_CLAIM))
    assert "mine.means, case: HOLDS, DISAGREES: on file VIOLATED" in outcome.out
    assert outcome.status == 3


def test_a_case_outside_the_assumptions_does_not_count(
    write: Any, run_checker: Any, saved: Any
) -> None:
    guarded = """
nonzero = Assumption("nonzero_a", "a != 0", lambda at: at.a != 0)


@claim(given=pairs, assuming=[nonzero])
def guarded(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b + 1
"""
    case = {"claim": "mine.guarded", "instance": pair(0.0, 0.0), "decision": "VIOLATED"}
    outcome = run_checker("replay", saved(case), write(guarded))
    assert "does not count: outside the assumptions nonzero_a" in outcome.out
    assert outcome.status == 3


def test_an_undecided_case_without_a_record_is_open(
    write: Any, run_checker: Any, saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tight = CaseResult(Decision.TIGHT, "ball(8192 bits)", 1.0, 1.0, 0.0, True, 8000)
    monkeypatch.setattr("checker.report.replay.decide_case", lambda *_: tight)
    case = {"claim": "mine.means", "instance": pair(0.0, 0.0)}
    outcome = run_checker("replay", saved(case), write(TRUE_CLAIM))
    assert "closeness = |lhs - rhs| <= 2^-8000" in outcome.out
    assert outcome.status == 3


def test_a_bare_instance_needs_a_claim(
    write: Any, run_checker: Any, saved: Any, assert_rejected: Any
) -> None:
    file, path = saved(pair(3.0, 1.0)), write(TRUE_CLAIM)
    assert_rejected(run_checker("replay", file, path), "names no claim\n  try: Pass --claim ID")
    outcome = run_checker("replay", file, path, "--claim", "mine.means")
    assert "mine.means, instance: HOLDS" in outcome.out


def test_the_claim_on_file_can_be_replaced(write: Any, run_checker: Any, saved: Any) -> None:
    case = {"claim": "mine.means", "instance": pair(0.0, 0.0)}
    path = write(TRUE_CLAIM, FALSE_CLAIM)
    outcome = run_checker("replay", saved(case), path, "--claim", "mine.too_much")
    assert "mine.too_much, case: VIOLATED" in outcome.out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "case.json is not valid JSON: "),
        ("\xff", "this is not a saved case: it holds no JSON object"),
        ('{"claim": "mine.means", "instance": NaN}', "NaN is not a number"),
        ("[" * 100_000, "is not valid JSON"),
        ([1, 2], "this is not a saved case: it holds no JSON object"),
        ({}, "it has neither 'claims' nor 'instance' nor 'class'"),
        ({"schema": 2, "claims": []}, "the file has schema 2\n  why: This version reads schema 1"),
        ({"schema": 1, "claims": 5}, "'claims' is not a list"),
        ({"schema": 1, "claims": [{}]}, "a claim in it has no id"),
        ({"schema": 1, "claims": []}, "holds no case with an instance"),
        ({"instance": pair(1.0, 1.0)}, "the saved case names no claim"),
        ({"claim": "mine.means", "instance": 5}, "must be an object with the keys"),
        (
            {"claim": "mine.means", "instance": {"class": "mine:Nothing", "fields": {}}},
            "the class mine:Nothing is not loaded\n  why: Reading an instance imports nothing",
        ),
        (
            {"claim": "mine.means", "instance": {"class": "os:_Environ", "fields": {}}},
            "the class os:_Environ is not a dataclass",
        ),
        (
            {"claim": "mine.means", "instance": {**pair(1.0, 1.0), "fields": {"a": 1}}},
            "missing 'b'",
        ),
        (
            {
                "claim": "mine.means",
                "instance": {
                    "class": "checker.claims.claim:Source",
                    "fields": {"paper": None, "label": "x", "key": "y"},
                },
            },
            "mine.means cannot be computed on the saved instance: AttributeError",
        ),
    ],
)
def test_bad_files_to_replay(
    write: Any, run_checker: Any, saved: Any, assert_rejected: Any, content: Any, message: str
) -> None:
    file = saved(content)
    if content == "\xff":
        file.write_bytes(b"5")
    assert_rejected(run_checker("replay", file, write(TRUE_CLAIM)), message)


def test_a_file_to_replay_that_is_not_utf8(
    run_checker: Any, assert_rejected: Any, tmp_path: Path
) -> None:
    (tmp_path / "case.json").write_bytes(b"\xff\xfe")
    assert_rejected(run_checker("replay", tmp_path / "case.json"), "is not valid JSON")


def test_replay_of_a_missing_file(run_checker: Any, assert_rejected: Any) -> None:
    assert_rejected(run_checker("replay", "gone.json"), "there is no file gone.json")


def test_replay_of_a_folder(run_checker: Any, assert_rejected: Any, tmp_path: Path) -> None:
    assert_rejected(run_checker("replay", tmp_path), "cannot read ")


def test_replay_for_an_unknown_claim(
    write: Any, run_checker: Any, saved: Any, assert_rejected: Any, install: Any
) -> None:
    install("landscape-checker", {"p": "paper"}, paper=write(TRUE_CLAIM).read_text())
    file = saved({"claim": "mine.maens", "instance": pair(1.0, 1.0)})
    outcome = run_checker("replay", file, write(TRUE_CLAIM))
    assert_rejected(outcome, "there is no claim 'mine.maens'\n  try: Did you mean mine.means")


# -- as a process -----------------------------------------------------------------------------


def environment(site: Path | None = None) -> dict[str, str]:
    path = [str(p) for p in (site, ROOT) if p is not None]
    hidden = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**kept, "PYTHONPATH": os.pathsep.join(path)}


def test_one_blas_thread_before_numpy_is_loaded() -> None:
    code = (
        "import os, sys, checker.cli; print('numpy' in sys.modules,"
        " os.environ['OPENBLAS_NUM_THREADS'], os.environ['OMP_NUM_THREADS'])"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=True, cwd="/"
    )
    assert result.stdout == "False 1 1\n"


def test_the_users_number_of_blas_threads_stays() -> None:
    code = "import os, checker.cli; print(os.environ['OMP_NUM_THREADS'])"
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment(), "OMP_NUM_THREADS": "3"},
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    assert result.stdout == "3\n"


def test_a_closed_pipe_loses_nothing(write: Any, tmp_path: Path) -> None:
    path, out = write(TRUE_CLAIM), tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "checker", "verify", path, "--cases", "100", "--out", out],
        env=environment(),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait(timeout=60)
    assert (out / "evidence.json").exists()


def test_a_run_over_everything_is_brief(monkeypatch: pytest.MonkeyPatch, run_checker: Any) -> None:
    """Every theorem, a control for each domain, a share of costly budgets; a named run has all."""
    plans: list[Plan] = []

    def verify(plan: Plan, *_: Any) -> list[Evidence]:
        plans.append(plan)
        return []

    monkeypatch.setattr(checker.search.verify, "verify", verify)
    run_checker("verify")
    run_checker("verify", "shamir2018", "yun2019", "zou2020", "kawaguchi2019", *PAPERS)
    brief, whole = plans
    assert (brief.brief, whole.brief) == (True, False)
    theorems, controls = (
        [[c for c in p.claims if c.must_be_refuted == wanted] for p in plans]
        for wanted in (False, True)
    )
    assert {c.id for c in theorems[0]} == {c.id for c in theorems[1]}
    assert {c.id for c in controls[0]} < {c.id for c in controls[1]}
    domains = {c.id: id(c.domain) for c in theorems[0]}
    tested = [domains[str(c.of)] for c in controls[0]]
    assert len(tested) == len(set(tested))
    assert set(tested) == {domains[str(c.of)] for c in controls[1]}
    few, many = (sum(part.cases for g in groups_of(p) for part in g.parts) for p in plans)
    assert few < many
    assert all(
        part.cases >= min(60, c.domain.cases or 60)
        for g in groups_of(brief)
        for c in g.claims
        for part in g.parts[:1]
        if not c.must_be_refuted
    )


def test_false_neighbours_are_left_out_over_given_data(
    monkeypatch: pytest.MonkeyPatch, run_checker: Any, tmp_path: Path
) -> None:
    """They need not be false there, and the search for a violation would never end."""
    plans: list[Plan] = []
    monkeypatch.setattr(checker.search.verify, "verify", lambda plan, *_: plans.append(plan) or [])
    data = tmp_path / "points.csv"
    data.write_text("x,z,label\n1,0.5,1\n-1,0.25,-0.5\n0.5,-2,0.75\n")
    given = ("--data", data, "--target", "label")
    run_checker("verify", "zou2020", *given)
    run_checker("verify", "zou2020.rate", "zou2020.rate.norm_of_X", *given)
    assert {c.id for c in plans[0].claims} >= {"zou2020.rate", "zou2020.trajectory"}
    assert not any(c.must_be_refuted for c in plans[0].claims)
    assert "zou2020.rate.norm_of_X" in {c.id for c in plans[1].claims}
