"""The report of a refuted claim: every number exact, every step shown, nothing lost."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import strategies as st

from checker import claim as written
from checker import vectors
from checker.arithmetic.decide import decide_case
from checker.arithmetic.functions import norm, total
from checker.arithmetic.recorded import Node
from checker.claims.claim import Claim, claim
from checker.claims.verdict import Evidence, ReductionStep, Tally, Verdict, Witness
from checker.explain.counterexample import (
    Explanation,
    explain,
    explanation_of,
    markdown,
    report_lines,
)
from checker.explain.expression import Mathematics, plain_text
from checker.explain.steps import steps
from checker.instances.fields import Dims, FloatArray
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.residual_unit.one_output import Point
from checker.report.evidence_files import save
from checker.report.terminal.console import make_console
from checker.report.terminal.run import print_run
from properties.shamir2018.neighbours import constants as mutants_constants


@dataclass(frozen=True, eq=False)
class Pair:
    u: Annotated[FloatArray, Dims("k")]
    v: Annotated[FloatArray, Dims("k")]


@claim(given=st.just(Pair(np.ones(1), np.ones(1))), statement=r"\|u+v\| \ge \|u\| + \|v\|")
def reversed_triangle(at: Any) -> Any:
    length = norm(at.u + at.v)
    return length >= norm(at.u) + norm(at.v)


def evidence(of: Claim, instance: Any) -> Evidence:
    path = (ReductionStep("found", 48, -0.5), ReductionStep("rows dropped", 6, -0.1))
    result = decide_case(of, instance, of.weight)
    witness = Witness(instance, result, "drawn", "by hand", path)
    return Evidence(of, Verdict.REFUTED, "violated", Tally(cases=7), 0.1, counterexample=witness)


FLAT = Point(
    X=np.array([[1.0]]),
    y=np.array([1.0]),
    Z=np.array([[0.0]]),
    w=np.array([1.0]),
    V=np.array([[0.0]]),
    w_star=np.array([-1.0]),
    loss=loss_named("affine"),
)


def test_the_steps_of_theorem_1_are_those_of_the_paper() -> None:
    shown = [str(step) for step in steps(mutants_constants.theorem1_smaller_constant, FLAT)]
    for expected in (
        "a = y·X = 1",
        "b = y·Z = 0",
        "grad[0] = a + V·b = 1",
        "prediction = X·w + Z·(V·w) = 1",
        "linear_prediction = X·w_star = -1",
        "gap = y·prediction - y·linear_prediction = 2",
        "bound = √(1.9·w² + w_star²·(2 + |V|² / w²)) = √390/10 ≈ 1.9748417658131499",
        "lhs = grad_norm = 1",
        "rhs = gap / bound = 2·√390/39 ≈ 1.0127393670836666",
    ):
        assert expected in shown


def test_steps_stand_in_the_order_in_which_they_follow() -> None:
    names = [step.name for step in steps(mutants_constants.theorem1_smaller_constant, FLAT)]
    assert names.index("a") < names.index("grad[0]") < names.index("lhs")
    assert names.index("bound") < names.index("rhs")


@dataclass(frozen=True, eq=False)
class Numbers:
    a: float
    b: float
    c: float


@claim(given=st.builds(Numbers, *[st.floats(0, 9)] * 3), statement="a + 10 b + 100 c <= 0")
def no_sum(at: Any) -> Any:
    return 0 >= at.a + 10 * at.b + 100 * at.c


def test_numbers_that_are_no_arrays_keep_their_names() -> None:
    """These are made into arrays each time that one looks: nothing is told apart by its array."""
    for numbers in itertools.permutations((1.0, 2.0, 3.0)):
        at = Numbers(*numbers)
        shown = [str(step) for step in steps(no_sum, at)]
        assert f"rhs = a + 10·b + 100·c = {at.a + 10 * at.b + 100 * at.c:.0f}" in shown
        assert f"10·b = {10 * at.b:.0f}" in shown


def test_an_irrational_number_is_enclosed() -> None:
    pair = Pair(np.array([1.0, 2.0]), np.array([0.1, 0.0]))
    text = next(str(s) for s in steps(reversed_triangle, pair) if s.name == "length")
    middle, radius = map(float, re.findall(r"= (\S+) ± (\S+)$", text)[0])
    assert abs(middle - np.hypot(1.1, 2.0)) < 1e-12
    assert 0 < radius < 1e-15


def test_a_side_that_has_a_name_is_not_written_twice() -> None:
    shown = [str(s) for s in steps(reversed_triangle, Pair(np.array([1.0]), np.array([-1.0])))]
    assert shown[0] == "length = |u + v| = 0"
    assert "lhs = length = 0" in shown


def test_the_text_names_statement_source_severity_and_replay() -> None:
    lines = report_lines(
        evidence(mutants_constants.theorem1_smaller_constant, FLAT), "checker replay x.json"
    )
    text = "\n".join(lines)
    assert "changed: constant 1.9" in text
    assert "lhs - rhs = -0.0127393670836666" in text
    assert "reduced: 48 numbers → 6 (rows dropped)" in text
    assert "found in: drawn / by hand, after 7 cases" in text
    assert lines[-1] == "replay: checker replay x.json"


@pytest.mark.parametrize("size", [1, 3, 30])
def test_markdown_loses_no_digit(size: int) -> None:
    rng = np.random.default_rng(size)
    pair = Pair(rng.normal(size=size), rng.normal(size=size) * 1e-300)
    text = markdown(evidence(reversed_triangle, pair), "checker replay x.json")
    for name in ("u", "v"):
        row = re.findall(rf"^\| `{name}` \| .* \| `\[(.*)\]` \|$", text, re.MULTILINE)[0]
        numbers = [float.fromhex(x) if "0x" in x else float(x) for x in row.split(", ")]
        assert numbers == getattr(pair, name).tolist()


def test_markdown_contains_the_script() -> None:
    item = evidence(reversed_triangle, Pair(np.array([1.0]), np.array([-1.0])))
    known = explain(item.claim, Pair(np.array([1.0]), np.array([-1.0])))
    assert known.script is not None
    assert known.script in markdown(item, "checker replay x.json")


def test_a_counterexample_is_explained_once_for_all_its_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []

    def counting(claim: Claim, instance: Any) -> Explanation:
        counted.append(claim.id)
        return explain(claim, instance)

    monkeypatch.setattr("checker.explain.counterexample.explain", counting)
    item = evidence(reversed_triangle, Pair(np.array([1.0]), np.array([-1.0])))
    print_run(make_console(io.StringIO()), [item], lambda _: "replay")
    save([item], 0, None, str(tmp_path))
    assert report_lines(item, "r")
    # Evidence, case, report, script and theorem.
    assert len(list(tmp_path.iterdir())) == 5
    assert counted == [reversed_triangle.id]
    # Another evidence of the same claim has its own.
    assert explanation_of(replace(item)).steps
    assert len(counted) == 2


def test_bars_do_not_end_the_cell_of_a_table() -> None:
    text = markdown(evidence(reversed_triangle, Pair(np.array([1.0]), np.array([-1.0]))), "r")
    rows = [line for line in text.splitlines() if line.startswith("| `length`")]
    assert len(rows) == 1
    assert len(re.split(r"(?<!\\)\|", rows[0])) == 5


@claim(given=st.just(Pair(np.ones(1), np.ones(1))), id="test.looks_at_the_type")
def only_for_arrays_of_its_own(at: Any) -> Any:
    if type(at.u).__name__ == "Recorded":
        raise TypeError("what is this?")
    return total(at.u) >= total(at.v)


def test_a_formula_that_cannot_be_recorded_keeps_its_report_and_says_why() -> None:
    item = evidence(only_for_arrays_of_its_own, Pair(np.array([1.0]), np.array([2.0])))
    text = "\n".join(report_lines(item, "r"))
    assert "not shown step by step: TypeError: what is this?" in text
    assert "lhs       = 1 (exactly)" in text
    document = markdown(item, "r")
    assert "TypeError: what is this?" in document
    assert "lhs - rhs" not in document


def test_large_instances_are_not_shown_step_by_step() -> None:
    known = explain(reversed_triangle, Pair(np.ones(300), np.ones(300)))
    assert known.steps == ()
    assert known.problem == ""
    assert known.script is None


def test_mathematics_has_a_plain_form() -> None:
    shown = [str(step) for step in steps(mutants_constants.theorem1_smaller_constant, FLAT)]
    for line in shown:
        plain_text(line).encode("ascii")
    bound = plain_text(next(s for s in shown if s.startswith("bound")))
    assert bound.startswith("bound = sqrt(1.9*w**2 + w_star**2*(2 + |V|**2 / w**2)) = sqrt(390)/10")


@pytest.mark.parametrize(("op", "beginning"), [("add", "x + x + "), ("mul", "x"), ("neg", "-")])
def test_long_expressions_with_shared_parts_are_written(op: str, beginning: str) -> None:
    """As a tree the first has 2^2000 leaves; the depth is beyond that of Python's stack."""
    node = Node("leaf", shape=())
    printer = Mathematics({node: "x"})
    for _ in range(2000):
        node = Node(op, (node,) if op == "neg" else (node, node))
    text = printer.text(node)
    assert text.startswith(beginning)
    assert text.endswith("…")
    assert len(text) == printer.width


def test_an_equation_is_shown_as_it_is_written() -> None:
    """Not as x >= y + 2 |x - y|, the inequality that stands in for it."""

    @written
    def parallelogram(u: vectors("k"), v: vectors("k")):  # type: ignore
        return norm(u + v) ** 2 + norm(u - v) ** 2 == 2 * norm(u) ** 2 + norm(v) ** 2

    at = parallelogram.formula.instances(np.array([0.0]), np.array([1.0]))
    found = explain(parallelogram, at)
    assert str(found.steps[-1]) == "rhs = 2·|u|² + |v|² = 1"
    assert found.slack == "1 where the claim says 0"
