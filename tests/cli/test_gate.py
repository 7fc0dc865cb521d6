"""The regression gate: what it compares, what makes it fall, and what it refuses to judge."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import checker.arithmetic.bounded
import checker.arithmetic.functions.roots
import checker.gate.changes
import checker.gate.measure
import checker.gate.rungs
import checker.gate.throughput
from checker.claims.claim import Claim
from checker.claims.files import FILES_PACKAGE, load_file
from checker.claims.registry import load_claims
from checker.claims.verdict import Evidence
from checker.cli import main
from checker.gate.changes import Reason, changes_between
from checker.gate.corpus import check, read_corpus
from checker.gate.rungs import Probe, probe
from checker.gate.state import (
    AuditState,
    ClaimState,
    GateBudget,
    State,
    read_baseline,
    write_baseline,
)
from checker.search.verify import verify

ROOT = Path(__file__).resolve().parents[2]

# Cauchy-Schwarz over two strata, tight, with an oracle and two false neighbours.
HEADER = """
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.ball import Ball
from checker.arithmetic.functions import dot, norm
from checker.instances.fields import Batch, Dims, FloatArray
from checker.claims.claim import Assumption, Domain, claim


@dataclass(frozen=True, eq=False)
class Pair:
    u: Annotated[FloatArray, Dims("k")]
    v: Annotated[FloatArray, Dims("k")]


@dataclass(frozen=True)
class Structure:
    name: str
    k: int

    def batch(self, rng, size):
        u, v = rng.integers(1, 9, (2, self.k, size)) * 1.0
        return Batch(Pair(u, u if self.name == "parallel" else v), size, self.name)


def some(name):
    return st.builds(Structure, st.just(name), st.integers(1, 3))


def two_ways(at, rng):
    return [("u.v", Ball.constant(at.u @ at.v).item, Ball.constant(at.v @ at.u).item)]


nonzero = Assumption("nonzero", "u != 0", lambda at: np.any(at.u != 0, axis=0))
pair = st.builds(Pair, st.just(np.ones(2)), st.just(np.ones(2)))
pairs = Domain(pair, {name: some(name) for name in ("any", "parallel")})
C = Fraction(1)
"""

CLAIM = """

@claim(given=pairs, kind="tight", assuming=[nonzero], oracles=(two_ways,))
def cauchy(at):
    return norm(at.u) * norm(at.v) * C >= dot(at.u, at.v)
"""

MUTANT = """

@claim(
    given=pairs, kind="must-be-refuted", of="mine.cauchy", why="u = v", assuming=[nonzero]
)
def half(at):
    return norm(at.u) * norm(at.v) / 2 >= dot(at.u, at.v)
"""

OTHER = """

@claim(given=pairs)
def other(at):
    return norm(at.u) * norm(at.v) + 1 >= dot(at.u, at.v)
"""

CASE = "mine.half.counterexample.json"
BASELINE = Path("ci", "baseline.json")
BUDGET = ("--cases", "300", "--evaluations", "500", "--seed", "3")


@dataclass(frozen=True)
class Project:
    """A claim file with its baseline and corpus, and a run of the gate on them."""

    file: Path
    baseline: Path
    call: Callable[..., Any]

    @property
    def case(self) -> Path:
        return self.baseline.parent / "corpus" / CASE

    def edit(self, old: str, new: str) -> None:
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))
        _forget()

    def edit_json(self, path: Path, change: Callable[[dict[str, Any]], object]) -> None:
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    def gate(self, *options: object) -> Any:
        return self.call(
            "gate", self.file, "--baseline", self.baseline, *_one_job(options), *options
        )

    def reasons(self, *options: object) -> set[str]:
        """Why the gate falls; checks that it does, and that the table says so."""
        outcome = self.gate("--json", self.file.with_name("gate.json"), *options)
        result = json.loads(self.file.with_name("gate.json").read_text())
        failing = {c["reason"] for c in result["changes"] if c["fails"]}
        assert outcome.status == int(bool(failing)) == int(not result["passed"])
        assert outcome.out.count("FAILED") == sum(c["fails"] for c in result["changes"])
        assert ("gate: FELL" in outcome.out) == bool(failing)
        return failing


def _one_job(options: tuple[object, ...]) -> tuple[str, ...]:
    return () if "--jobs" in options else ("--jobs", "1")


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same small measurements in every test."""
    _measure_little(monkeypatch)


def _measure_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few cases, and a throughput that no other process changes; its own test measures it."""
    ratios = {"plain": 0.5, "numpy": 0.1}
    monkeypatch.setattr(checker.gate.measure, "throughput", lambda *_: dict(ratios))
    monkeypatch.setattr(checker.gate.rungs, "RUNG_CASES", 4)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a claim file, its corpus and its baseline."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "mine.py").write_text(HEADER + CLAIM + MUTANT + OTHER)
    (folder / "ci").mkdir()
    arguments = [folder / "mine.py", "--jobs", "1"]
    _main("verify", *arguments, "--cases", "50", "--out", folder / "out")
    (folder / "out" / CASE).rename(_corpus(folder) / CASE)
    with pytest.MonkeyPatch.context() as monkeypatch:
        _measure_little(monkeypatch)
        assert _main("gate", *arguments, "--baseline", folder / BASELINE, "--update", *BUDGET) == 0
    return folder


def _main(*arguments: object) -> int:
    return main([str(a) for a in arguments])


def _corpus(folder: Path) -> Path:
    (folder / "ci" / "corpus").mkdir()
    return folder / "ci" / "corpus"


@pytest.fixture
def project(template: Path, tmp_path: Path, run_checker: Any) -> Iterator[Project]:
    """A copy of the template."""
    _forget()
    folder = Path(shutil.copytree(template, tmp_path / "project"))
    yield Project(folder / "mine.py", folder / BASELINE, run_checker)
    _forget()


def _forget() -> None:
    """Forget the modules of claim files, so that they are read again."""
    for module in [m for m in sys.modules if m.startswith(FILES_PACKAGE)]:
        del sys.modules[module]


# -- a run that agrees ------------------------------------------------------------------------


def test_an_unchanged_project_passes(project: Project) -> None:
    outcome = project.gate("--markdown", project.file.with_name("gate.md"))
    assert (outcome.status, outcome.err) == (0, "")
    assert "gate: passed" in outcome.out
    assert "compared: 1 case of the corpus, 2 claims, 4 strata, 1 of 1 neighbour refuted" in (
        outcome.out
    )
    assert project.file.with_name("gate.md").read_text().startswith("### gate: passed")


def test_the_baseline_holds_what_was_found(project: Project) -> None:
    state = read_baseline(project.baseline)
    assert state.claims["mine.cauchy"] == ClaimState(
        "STANDS", True, False, True, True, ("any", "parallel")
    )
    assert state.audit["mine.cauchy"].neighbours == {"mine.half": "refuted"}
    assert state.audit["mine.cauchy"].assumptions == {"nonzero": "not refuted"}
    assert state.corpus == {"mine.half.counterexample.json": "VIOLATED"}
    assert set(state.throughput["mine.cauchy"]) == {"plain", "numpy"}
    assert (state.seed, state.budget.cases, state.budget.open_evaluations) == (3, 300, 500)


def test_a_second_update_changes_nothing(project: Project) -> None:
    before = project.baseline.read_text()
    assert project.gate("--update").status == 0
    assert project.baseline.read_text() == before


@pytest.mark.parametrize(("recorded", "kept"), [(0.4, 0.4), (0.35, 0.5), (0.7, 0.7), (0.8, 0.5)])
def test_an_update_keeps_a_ratio_that_hardly_moved(
    project: Project, recorded: float, kept: float
) -> None:
    project.edit_json(
        project.baseline, lambda b: b["throughput"]["mine.cauchy"].update(plain=recorded)
    )
    assert project.gate("--update").status == 0
    assert read_baseline(project.baseline).throughput["mine.cauchy"]["plain"] == kept


# -- what makes it fall -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        ("C = Fraction(1)", "C = Fraction(101, 100)", {"EQUALITY"}),
        ("C = Fraction(1)", "C = Fraction(100, 101)", {"VERDICT", "AUDIT"}),
        ('in ("any", "parallel")', 'in ("any",)', {"STRATUM"}),
        (MUTANT, MUTANT.replace("/ 2", "* 2"), {"SURVIVED", "CORPUS_DECISION", "CORPUS_SIDES"}),
        (OTHER, "", {"VANISHED"}),
        ("def other", "def renamed", {"VANISHED"}),
        (", oracles=(two_ways,)", "", {"ORACLE"}),
        ("assuming=[nonzero], ", "", {"VANISHED"}),
        ("at.v) / 2", "at.v) / 3", {"CORPUS_SIDES"}),
        ("norm(at.u) * norm(at.v) + 1", "0 * norm(at.u) + 1", {"VERDICT"}),
    ],
)
def test_a_change_of_the_claims_is_caught(
    project: Project, old: str, new: str, reasons: set[str]
) -> None:
    project.edit(old, new)
    assert project.reasons() == reasons


def _number(case: dict[str, Any]) -> None:
    case["instance"]["fields"]["u"]["hex"][0] = (3.0).hex()


def _outside(case: dict[str, Any]) -> None:
    fields = case["instance"]["fields"]
    fields["u"]["hex"] = [(0.0).hex()] * len(fields["u"]["hex"])


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        (_number, {"CORPUS_SIDES"}),
        (_outside, {"CORPUS_DECISION", "CORPUS_SIDES", "CORPUS_ASSUMPTION"}),
        (lambda c: c.update(decision="HOLDS"), {"CORPUS_DECISION"}),
        (lambda c: c.update(rhs=c["rhs"] + 1e-9), {"CORPUS_SIDES"}),
    ],
)
def test_an_altered_case_is_caught(
    project: Project, change: Callable[[dict[str, Any]], None], reasons: set[str]
) -> None:
    project.edit_json(project.case, change)
    assert project.reasons() == reasons


def test_a_case_that_was_taken_away_is_caught(project: Project) -> None:
    text = project.case.read_text()
    project.case.with_name("copy.json").write_text(text)
    project.case.unlink()
    assert project.reasons() == {"VANISHED"}


def test_a_loss_of_speed_is_caught(project: Project) -> None:
    project.edit_json(project.baseline, lambda b: b["throughput"]["mine.cauchy"].update(plain=1e6))
    assert project.reasons() == {"THROUGHPUT"}


def test_a_loop_over_cases_shows_in_both_ratios(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker.gate.throughput, "THROUGHPUT_ROUNDS", 1)
    (claim,) = (c for c in load_file(project.file) if c.id == "mine.cauchy")
    fast = checker.gate.throughput.throughput(claim, 1)
    decide = checker.gate.throughput.decide_batch

    def slowly(formula: Any, batch: Any, weight: Any) -> None:
        for index in range(batch.size):
            decide(formula, batch.part(slice(index, index + 1)), weight)

    monkeypatch.setattr(checker.gate.throughput, "decide_batch", slowly)
    slow = checker.gate.throughput.throughput(claim, 1)
    assert set(fast) == set(slow) == {"plain", "numpy"}
    assert all(slow[name] < 0.2 * fast[name] for name in fast)


def test_bounds_that_are_too_small_are_caught(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (checker.arithmetic.bounded, checker.arithmetic.functions.roots):
        monkeypatch.setattr(module, "UNIT_ROUNDOFF", 2.0**-60)
    # The hunt without an assumption ends at the contradiction, perhaps before it gets outside.
    assert {"BOUND", "CONTRADICTION"} <= project.reasons() <= {"AUDIT", "BOUND", "CONTRADICTION"}


def test_oracles_that_disagree_are_caught(project: Project) -> None:
    project.edit("at.v @ at.u)", "at.v @ at.u + 1)")
    assert project.reasons() == {"VERDICT", "DISAGREEMENT"}


def test_nan_that_passes_is_caught(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (claim,) = (c for c in load_file(project.file) if c.id == "mine.cauchy")
    assert probe(claim, 1) == Probe(1.0, [], [])
    screen = checker.gate.rungs.screen_batch

    def unknown(*arguments: Any) -> Any:
        result = screen(*arguments)
        nothing = np.full_like(result.lhs, np.nan)
        return replace(result, held=np.ones_like(result.held), lhs_radius=nothing)

    monkeypatch.setattr(checker.gate.rungs, "screen_batch", unknown)
    found = probe(claim, 1)
    assert found.known == 0
    assert "any: float64 proves a case of which it knows nothing" in found.bounds


_CLAIM = ClaimState("STANDS", True, True, True, True, ("a",))


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        ({"claims": {"c": _CLAIM}}, {}, Reason.VANISHED),
        ({}, {"claims": {"c": _CLAIM}}, Reason.NEW),
        (
            {"claims": {"c": _CLAIM}},
            {"claims": {"c": replace(_CLAIM, verdict="UNDECIDED")}},
            Reason.VERDICT,
        ),
        (
            {"claims": {"c": replace(_CLAIM, verdict="VACUOUS")}},
            {"claims": {"c": _CLAIM}},
            Reason.VERDICT,
        ),
        (
            {"claims": {"c": _CLAIM}},
            {"claims": {"c": replace(_CLAIM, found_by_search=False)}},
            Reason.EQUALITY,
        ),
        ({"claims": {"c": _CLAIM}}, {"claims": {"c": replace(_CLAIM, bounds=False)}}, Reason.BOUND),
        ({"claims": {"c": _CLAIM}}, {"claims": {"c": replace(_CLAIM, strata=())}}, Reason.STRATUM),
        (
            {"audit": {"c": AuditState({"m": "refuted"})}},
            {"audit": {"c": AuditState({"m": "survived"})}},
            Reason.SURVIVED,
        ),
        (
            {"audit": {"c": AuditState({"m": "survived"})}},
            {"audit": {"c": AuditState({"m": "refuted"})}},
            Reason.BETTER,
        ),
        (
            {"audit": {"c": AuditState({"m": "not refuted"})}},
            {"audit": {"c": AuditState({"m": "refuted"})}},
            Reason.AUDIT,
        ),
        (
            {"audit": {"c": AuditState({}, {"a": "needed"})}},
            {"audit": {"c": AuditState({}, {"a": "not refuted"})}},
            Reason.AUDIT,
        ),
        (
            {"audit": {"c": AuditState({"m": "survived"})}},
            {"audit": {"c": AuditState({"m": "survived"})}},
            Reason.KNOWN,
        ),
        (
            {"throughput": {"c": {"plain": 1.0}}},
            {"throughput": {"c": {"plain": 0.39}}},
            Reason.THROUGHPUT,
        ),
        (
            {"throughput": {"c": {"plain": 1.0}}},
            {"throughput": {"c": {"plain": float("nan")}}},
            Reason.THROUGHPUT,
        ),
        ({"throughput": {"c": {"plain": 1.0}}}, {"throughput": {"c": {}}}, Reason.VANISHED),
        ({"corpus": {"f": "EQUAL"}}, {"corpus": {"f": "HOLDS"}}, Reason.CORPUS_DECISION),
    ],
)
def test_every_difference_has_its_reason(before: Any, now: Any, reason: Reason) -> None:
    (change,) = changes_between(State(**before), State(**now))
    assert change.reason is reason


def test_a_state_does_not_differ_from_itself() -> None:
    state = State(
        claims={"c": _CLAIM},
        audit={"c": AuditState({"m": "refuted", "n": "not refuted"}, {"a": "needed"})},
        corpus={"f": "EQUAL"},
        throughput={"c": {"plain": 1.0}},
    )
    assert changes_between(state, state) == []


# -- bad input --------------------------------------------------------------------------------


def _claims(value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda b: b["claims"]["mine.cauchy"].update(value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: b.update(kind="evidence"), "is not a baseline of the gate"),
        (lambda b: b.update(schema=2), "has schema 2"),
        (lambda b: b.update(claims={}), "it has no claims, so every run would pass"),
        (lambda b: b.update(claims=[]), "is corrupt"),
        (lambda b: b.pop("budget"), "is corrupt: KeyError: 'budget'"),
        (lambda b: b["budget"].update(cases=0), "is not a whole number of at least 1"),
        (lambda b: b.update(seed=True), "True is not a whole number"),
        (lambda b: b.update(extra=1), "unknown entries extra"),
        (_claims({"verdict": "FINE"}), "is corrupt: KeyError: 'FINE'"),
        (_claims({"equality": 1}), "1 is neither true nor false"),
        (_claims({"strata": [1]}), "1 is not text"),
        (lambda b: b["throughput"]["mine.cauchy"].update(plain=-1), "-1 is not a ratio"),
        (lambda b: b["audit"].update({"mine.cauchy": {}}), "is corrupt: KeyError"),
    ],
)
def test_a_baseline_that_cannot_be_compared(
    project: Project, assert_rejected: Any, change: Any, message: str
) -> None:
    project.edit_json(project.baseline, change)
    assert_rejected(project.gate(), message)
    assert_rejected(project.gate("--update"), message)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"kind": NaN}', "\x00"])
def test_a_file_that_is_no_baseline(project: Project, assert_rejected: Any, text: str) -> None:
    project.baseline.write_text(text)
    assert_rejected(project.gate(), "baseline.json is no")


def test_a_baseline_in_former_words_is_read(project: Project) -> None:
    """What is refuted now was killed in earlier versions."""
    text = project.baseline.read_text()
    assert '"refuted"' in text
    now = read_baseline(project.baseline)
    project.baseline.write_text(text.replace('"refuted"', '"killed"'))
    assert read_baseline(project.baseline) == now


def test_a_baseline_that_is_missing(project: Project, assert_rejected: Any) -> None:
    project.baseline.unlink()
    assert_rejected(project.gate(), "there is no file")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(claim="mine.gone"), "there is no claim 'mine.gone'"),
        (lambda c: c.pop("claim"), "it names no claim"),
        (lambda c: c.pop("instance"), "it holds no instance"),
        (lambda c: c.update(decision="TIGHT"), "its decision is 'TIGHT'"),
        (lambda c: c.pop("lhs"), "is not a decided case: lhs: KeyError"),
        (lambda c: c.update(exact={"rhs": {"ratio": "1", "radicand": "-1"}}), "is not positive"),
        (lambda c: c["instance"]["fields"].pop("u"), "the fields do not fit the class Pair"),
        (lambda c: c["instance"].update({"class": "os:PathLike"}), "is not a dataclass"),
        (lambda c: c.update(claim="shamir2018.lemma1"), "cannot be computed on the saved instance"),
    ],
)
def test_a_case_that_cannot_be_decided(
    project: Project, assert_rejected: Any, change: Any, message: str
) -> None:
    project.edit_json(project.case, change)
    outcome = project.gate()
    assert_rejected(outcome, message)
    assert "mine.half.counterexample.json" in outcome.err


def test_an_empty_corpus(project: Project, assert_rejected: Any) -> None:
    project.case.unlink()
    assert_rejected(project.gate(), "there is no corpus in")
    assert_rejected(project.gate("--corpus", project.file), "there is no corpus in")


def test_a_case_that_is_no_json(project: Project, assert_rejected: Any) -> None:
    project.case.write_text("{")
    assert_rejected(project.gate(), "is not valid JSON")


def test_budgets_belong_to_an_update(project: Project, assert_rejected: Any) -> None:
    assert_rejected(project.gate("--cases", "5"), "belong to --update")


def test_an_update_of_a_part(project: Project, assert_rejected: Any) -> None:
    """What is not named stays as it is, and keeps its seed and budgets."""
    small = GateBudget(cases=60, evaluations=100)
    before = replace(read_baseline(ROOT / "ci" / "baseline.json"), budget=small)
    write_baseline(project.baseline, before)
    outcome = project.gate("--update")
    after = read_baseline(project.baseline)
    assert outcome.status == 0
    assert set(after.claims) == {*before.claims, "mine.cauchy", "mine.other"}
    assert {name: after.claims[name] for name in before.claims} == before.claims
    assert after.corpus.keys() == {project.case.name}
    outcome = project.gate("--update", "--cases", "50")
    assert_rejected(outcome, "are those of a whole baseline")
    assert read_baseline(project.baseline) == after


def test_an_interrupted_update_goes_on(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it had done, if nothing has changed since; the baseline is the same."""
    second = project.file.with_name("yours.py")
    second.write_text(HEADER + OTHER)
    names = "gate", project.file, second, "--jobs", "1"
    update = *names, "--baseline", project.baseline, "--update"
    assert project.call(*update).status == 0
    expected = read_baseline(project.baseline)
    seen: list[str] = []
    assert {"mine.other", "yours.other"} <= expected.claims.keys()
    stops = ["yours.other"]

    def interrupted(plan: Any, *rest: Any, **named: Any) -> Any:
        seen.extend(c.id for c in plan.claims)
        if stops and stops[0] in seen:
            raise KeyboardInterrupt
        return verify(plan, *rest, **named)

    monkeypatch.setattr(checker.gate.measure, "verify", interrupted)
    outcome = project.call(*update)
    assert (outcome.status, read_baseline(project.baseline)) == (3, expected)
    assert "--update again goes on" in " ".join(outcome.out.split())
    kept = project.baseline.with_name("baseline.json.partial")
    saved = kept.read_text()

    seen.clear()
    stops.clear()
    outcome = project.call(*update)
    assert (outcome.status, set(seen)) == (0, {"yours.other"})
    assert "was interrupted: 2 of 3 claims done" in outcome.err
    found = read_baseline(project.baseline)
    assert (found.claims, found.audit) == (expected.claims, expected.audit)
    assert not kept.exists()

    # What a program gave that has changed since is not used.
    kept.write_text(saved)
    project.edit("+ 1 >=", "+ 2 >=")
    assert "goes on where" not in project.call(*update).err


def test_claims_that_are_not_in_the_baseline(project: Project, assert_rejected: Any) -> None:
    outcome = project.call("gate", "shamir2018.lemma1", "--baseline", project.baseline)
    assert_rejected(outcome, "none of shamir2018.lemma1 is in the baseline")
    outcome = project.call("gate", "shamir2018.lemma1.no_V_block", "--baseline", project.baseline)
    assert_rejected(outcome, "there is no claim but neighbours among")


def test_a_baseline_that_cannot_be_written(project: Project, assert_rejected: Any) -> None:
    for place in (project.file.parent, project.file / "baseline.json"):
        outcome = project.call("gate", project.file, "--baseline", place, "--update")
        assert_rejected(outcome, "cannot write")


def test_an_update_over_a_changed_case(project: Project) -> None:
    before = project.baseline.read_text()
    project.edit_json(project.case, _number)
    outcome = project.gate("--update")
    assert outcome.status == 2
    assert "the baseline was not written" in outcome.err
    assert "a side of a case of the corpus is another number" in outcome.out.replace("\n", " ")
    assert project.baseline.read_text() == before


def test_an_update_shows_the_difference(project: Project) -> None:
    project.edit(OTHER, "")
    outcome = project.gate("--update")
    assert (outcome.status, "mine.other" in outcome.out) == (0, True)
    assert "mine.other" not in read_baseline(project.baseline).claims
    assert project.reasons() == set()


def test_a_killed_worker(project: Project, assert_rejected: Any) -> None:
    project.edit(
        "def other(at):",
        "def other(at):\n    import os\n"
        f"    os.getpid() == {os.getpid()} or os.kill(os.getpid(), 9)",
    )
    assert_rejected(project.gate("--jobs", "2"), "a worker process was killed")


@pytest.mark.parametrize(
    ("step", "claims", "audits"), [("verify", 0, 0), ("audit", 2, 0), ("throughput", 2, 1)]
)
def test_an_interrupted_run_is_compared_as_far_as_it_came(
    step: str, claims: int, audits: int, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open, or fallen by what fell until then; what was not reached has not vanished."""

    def interrupted(*_arguments: Any, **_options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(checker.gate.measure, step, interrupted)
    saved, baseline = project.file.with_name("gate.json"), project.baseline.read_text()
    outcome = project.gate("--json", saved)
    result = json.loads(saved.read_text())
    assert (outcome.status, result["passed"], result["interrupted"]) == (3, False, True)
    assert [c for c in result["changes"] if c["fails"]] == []
    found = result["state"]
    counts = len(found["claims"]), len(found["audit"]), len(found["corpus"])
    assert counts == (claims, audits, 1)
    assert "gate: nothing fell so far (interrupted: the rest was not compared)" in outcome.out

    # A baseline is written as a whole or not at all.
    outcome = project.gate("--update")
    assert (outcome.status, project.baseline.read_text()) == (3, baseline)
    assert "is as it was" in outcome.out

    project.edit_json(project.case, _number)
    outcome = project.gate()
    assert outcome.status == 1
    assert "gate: FELL" in outcome.out
    assert "interrupted: the rest was not compared" in outcome.out


def test_of_an_interrupted_search_only_what_is_done_counts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any, **named: Any) -> list[Evidence]:
        found = verify(*arguments, **named)
        return [replace(e, interrupted=e.claim.id.endswith("other")) for e in found]

    monkeypatch.setattr(checker.gate.measure, "verify", interrupted)
    saved = project.file.with_name("gate.json")
    assert project.gate("--json", saved).status == 3
    assert list(json.loads(saved.read_text())["state"]["claims"]) == ["mine.cauchy"]


def test_the_committed_corpus_is_decided_as_on_file() -> None:
    cases = read_corpus(ROOT / "ci" / "corpus", load_claims())
    faults = [change for case in cases for change in check(case)[1]]
    assert faults == []
    decisions = [case.saved["decision"] for case in cases]
    assert {d: decisions.count(d) >= 9 for d in set(decisions)} == {
        "VIOLATED": True,
        "EQUAL": True,
        "HOLDS": True,
    }


def test_the_committed_baseline_has_nothing_to_hide() -> None:
    state = read_baseline(ROOT / "ci" / "baseline.json")
    installed: dict[str, Claim] = load_claims()
    assert {"shamir2018.lemma1", "shamir2018.theorem1"} <= set(state.claims) <= set(installed)
    neighbours = {name: how for a in state.audit.values() for name, how in a.neighbours.items()}
    assert len(neighbours) >= 120
    false = [c.id for c in installed.values() if c.must_be_refuted and c.id in neighbours]
    assert sum(neighbours[name] != "refuted" for name in false) <= len(false) // 100
    assert {c.verdict for c in state.claims.values()} == {"STANDS"}
    assert {p.name for p in (ROOT / "ci" / "corpus").glob("*.json")} == set(state.corpus)
