"""Counterexamples as theorems of Coq: what is written is accepted, and says what was refuted."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checker import claim
from checker.arithmetic.functions import (
    exp,
    lambda_min,
    log_cosh,
    maximum,
    norm,
    sigmoid,
    softplus,
    sqrt,
    tanh,
)
from checker.arithmetic.inequality import implies
from checker.claims.claim import Claim
from checker.claims.registry import load_claims
from checker.cli import main
from checker.explain.refutation import Theorem, theorem
from checker.instances.codec import decode_instance
from checker.report.evidence_files import theorem_name
from checker.report.replay import read_json, saved_cases
from checker.sets import (
    ascending,
    booleans,
    integers,
    interval,
    numbers,
    positive,
    signs,
    simplex,
    symmetric,
    vectors,
)

CORPUS = Path(__file__).resolve().parents[2] / "ci/corpus"


def _has_interval() -> bool:
    program = shutil.which("coqc")
    if program is None:
        return False
    place = subprocess.run([program, "-where"], capture_output=True, text=True).stdout.strip()
    return (Path(place) / "user-contrib/Interval").is_dir()


needs_coq = pytest.mark.skipif(
    not _has_interval(), reason="not installed: apt-get install coq libcoq-interval"
)


def accepted(text: str, folder: Path, name: str = "case.v") -> bool:
    """Whether coqc takes a file, which names no assumption of its own."""
    assert "Admitted" not in text
    assert "Axiom" not in text
    (folder / name).write_text(text)
    run = subprocess.run(["coqc", "-q", name], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0 or "Error" in run.stderr, run.stderr
    return run.returncode == 0


def refutation(of: Claim, **fields: Any) -> Theorem:
    """The theorem for a case of a claim with named arguments."""
    arrays = {name: np.array(value, dtype=float) for name, value in fields.items()}
    return theorem(of, of.formula.instances(**arrays))  # type: ignore[attr-defined]


def text_of(of: Claim, **fields: Any) -> str:
    made = refutation(of, **fields)
    assert made.text is not None, made.problem
    return made.text


# -- the corpus ------------------------------------------------------------------------------------

# By fractions alone. Roots by night; functions are tested below.
SAMPLE = ("lemma1.lower_by_1e-6",)
# Without a theorem though the claim is violated: file -> why.
WITHOUT: dict[str, str] = {}


def _corpus() -> list[Any]:
    names = sorted(path.stem for path in CORPUS.glob("*.json"))
    return [n if n in SAMPLE else pytest.param(n, marks=pytest.mark.nightly) for n in names]


@needs_coq
@pytest.mark.parametrize("name", _corpus())
def test_the_corpus(name: str, tmp_path: Path) -> None:
    claims = load_claims()
    for of, _, saved in saved_cases(read_json(CORPUS / f"{name}.json")):
        made = theorem(claims[of], decode_instance(saved["instance"]))
        if saved["decision"] != "VIOLATED":
            assert made.text is None
        elif name in WITHOUT:
            assert made.problem == WITHOUT[name]
        else:
            assert made.text is not None, made.problem
            assert accepted(made.text, tmp_path)


def test_every_violated_case_of_the_corpus_has_its_theorem_or_its_reason() -> None:
    claims, violated, without = load_claims(), 0, {}
    for path in CORPUS.glob("*.json"):
        for of, _, saved in saved_cases(read_json(path)):
            if saved["decision"] == "VIOLATED":
                violated += 1
                made = theorem(claims[of], decode_instance(saved["instance"]))
                without |= {path.stem: made.problem} if made.text is None else {}
    assert violated > 40
    assert without == WITHOUT


# -- what is stated --------------------------------------------------------------------------------


@claim
def bounded(x: interval(0, 2)):
    return x <= 1.5


@claim(assuming=[lambda x, y: x * y >= 1])
def sums(x: positive(), y: positive()):
    return x + y >= 3


@claim
def strict(x: interval(0, 3)):
    return sqrt(x * x) > 0


@claim
def equation(p: simplex("k"), s: signs("k"), n: integers(low=1, high=9)):
    return p @ s == n


@claim
def conditional(a: ascending("k"), M: symmetric("m")):
    return implies(a[0] >= 0, M[0, 0] >= a[-1])


@claim
def functions(exp_: numbers(), forall: booleans()):
    said = tanh(exp_) + sigmoid(exp_) + softplus(-exp_) + log_cosh(exp_) + exp(exp_)
    return said >= 2 + forall + maximum(exp_, forall)


TWO = [[1.0, 2.0], [2.0, 0.0]]
CASES = (
    (bounded, {"x": 2}),
    (sums, {"x": 1, "y": 1}),
    (strict, {"x": 0}),
    (equation, {"p": [1, 3], "s": [1, -1], "n": 2}),
    (conditional, {"a": [0, 2], "M": TWO}),
    (functions, {"exp_": 0, "forall": 1}),
)


@needs_coq
def test_sets_premises_and_functions(tmp_path: Path) -> None:
    """All in one file: a library takes a second to load."""
    made = [text_of(of, **fields) for of, fields in CASES]
    modules = [f"Module M{k}.\n{text}End M{k}.\n" for k, text in enumerate(made)]
    assert accepted("".join(modules), tmp_path)


def test_a_statement_has_the_sets_and_the_premises() -> None:
    text = text_of(sums, x=1, y=1)
    stated = text.partition("Definition asserted")[2].partition("Theorem")[0]
    assert [line.strip() for line in stated.splitlines()][1:] == [
        "x > 0 ->",
        "y > 0 ->",
        "(* premise_1 *)",
        "(x * y) >= 1 ->",
        "(x + y) >= 3.",
        "",
    ]
    assert "From Interval" not in text


@needs_coq
@pytest.mark.parametrize(
    ("of", "case", "before", "after"),
    [
        (bounded, {"x": 2}, "specialize (H 2)", "specialize (H 1)"),
        (bounded, {"x": 2}, "(3 / 2) >=", "(5 / 2) >="),
        (sums, {"x": 1, "y": 1}, "(x * y) >= 1", "(x * y) >= 2"),
        (sums, {"x": 1, "y": 1}, "x > 0", "x < 0"),
    ],
)
def test_a_wrong_number_is_not_accepted(
    of: Claim, case: dict[str, float], before: str, after: str, tmp_path: Path
) -> None:
    text = text_of(of, **case)
    assert before in text
    assert not accepted(text.replace(before, after), tmp_path)


def test_a_comment_cannot_be_left(tmp_path: Path) -> None:
    named = replace(bounded, title='*) Axiom a : False. (* "', statement='(* "')
    lines = text_of(named, x=2).splitlines()
    said = [line for line in lines if "Axiom" in line or line.startswith("(* Statement")]
    assert len(said) == 2
    assert all(line.count("(*") == line.count("*)") == 1 and '"' not in line for line in said)


# -- what has no theorem ---------------------------------------------------------------------------


@claim
def eigenvalue(M: symmetric("m")):
    return lambda_min(M) >= 0


@claim
def long(u: vectors("k")):
    return 1 >= norm(u)


@claim
def roots_tie(x: interval(1, 3)):
    return sqrt(x) * sqrt(x + 1) > sqrt(x * (x + 1))


def test_a_reason_is_given() -> None:
    def problem(of: Claim, **fields: Any) -> str:
        made = refutation(of, **fields)
        assert made.text is None
        return made.problem

    assert "no closed form" in problem(eigenvalue, M=-np.eye(3))
    assert "more than 400 numbers" in problem(long, u=np.ones(401))
    assert "does not violate" in problem(bounded, x=1)
    assert "premise" in problem(sums, x=0.5, y=0.5)
    assert "roots" in problem(roots_tie, x=1)


# -- the files -------------------------------------------------------------------------------------

IDS = ("a.b", "a_b", "a__b", "a.b.c", "a._b", "a_.b", "1.b", "é.b", "a b", "*) x", "x" * 300)


def test_names_are_identifiers_and_tell_ids_apart() -> None:
    names = [theorem_name(x) for x in IDS]
    assert len(set(names)) == len(IDS)
    assert names[0] == "a__b.v"
    for name in names:
        assert name.removesuffix(".v").isidentifier()
        assert name.isascii()
        assert len(name) < 255


def test_verify_and_replay_write_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "refutable.py"
    mine.write_text(
        "from checker import claim, interval\n\n\n@claim\n"
        "def bounded(x: interval(0, 2)):\n    return x <= 1.5\n\n\n@claim\n"
        "def holds(x: interval(0, 2)):\n    return x <= 2.5\n"
    )
    out, again = tmp_path / "out", tmp_path / "again"
    out.mkdir()
    (out / "refutable__holds.v").write_text("of an earlier run")
    assert main(["verify", str(mine), "--cases", "500", "--jobs", "1", "--out", str(out)]) == 1
    text = (out / "refutable__bounded.v").read_text()
    saved = str(out / "refutable.bounded.counterexample.json")
    capsys.readouterr()
    assert main(["replay", saved, str(mine), "--out", str(again)]) == 1
    assert (again / "refutable__bounded.v").read_text() == text
    assert "theorem: " in capsys.readouterr().out
    assert not (out / "refutable__holds.v").exists()
