"""README's mine.py with one line wrong: a verdict that was reached, or one sentence; never more."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from checker.explain.script_text import VIOLATED

MINE = """\
import os, sys
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.functions import norm
from checker.instances.fields import Dims
from checker.claims.claim import Assumption, Domain, claim


@dataclass(frozen=True)
class Pair:
    u: Annotated[np.ndarray, Dims("k")]
    v: Annotated[np.ndarray, Dims("k")]


vectors = st.lists(st.integers(-9, 9), min_size=3, max_size=3).map(lambda x: np.array(x, float))


@claim(given=st.builds(Pair, vectors, vectors))
def reversed_triangle(at):
    return norm(at.u + at.v) >= norm(at.u) + norm(at.v)
"""

_GIVEN = "given=st.builds(Pair, vectors, vectors)"
_BODY = "return norm(at.u + at.v) >= norm(at.u) + norm(at.v)"
_HEAD = "def reversed_triangle(at):"
_MAP = "lambda x: np.array(x, float)"
_CLASS = "@dataclass(frozen=True)\n"
_FIELD = 'u: Annotated[np.ndarray, Dims("k")]'

# What stands in for a line -> wrong versions of it.
WRONG: dict[str, tuple[str, ...]] = {
    # The strategy.
    _GIVEN: (
        *("", "given=None", "given=5", "given='vectors'", "given=Pair", "given=[vectors]"),
        *("given=st.integers()", "given=st.text()", "given=st.none()", "given=vectors"),
        "given=st.fixed_dictionaries({'u': vectors, 'v': vectors})",
        "given=st.tuples(vectors, vectors)",
        "given=st.just(Pair)",
        "given=st.nothing()",
        "given=st.sampled_from([])",
        "given=st.integers(5, 3)",
        "given=st.builds(Pair)",
        "given=st.builds(Pair, vectors)",
        "given=st.builds(Pair, 1, 2)",
        "given=st.builds(Pair, vectors, vectors.map(lambda v: v[:2]))",
        "given=st.builds(Pair, vectors, vectors).filter(lambda p: False)",
        "given=st.builds(Pair, vectors, vectors).map(lambda p: sys.exit(0))",
        "given=st.builds(Pair, vectors, vectors).map(lambda p: 1 / 0)",
        "given=Domain(None)",
        "given=Domain(st.builds(Pair, vectors, vectors), {'a': 5})",
        "given=Domain(st.builds(Pair, vectors, vectors), {5: vectors})",
        "given=Domain(st.builds(Pair, vectors, vectors), {'a': vectors})",
        "given=Domain(st.builds(Pair, vectors, vectors), 'strata')",
        # Further attributes.
        *(
            f"{_GIVEN}, {further}"
            for further in (
                *("id=5", "id='a\\ud800'", "id='a\\nb'", "id=''", "id='x' * 400", "id=['a']"),
                *("id='shamir2018.lemma1'", "title=7", "title='\\udfff'", "title=None"),
                *("statement=7", "statement='\\ud800'", "statement=None", "why=3", "why='\\ud800'"),
                *("source='Shamir'", "wording='mine'", "wording=5", "wording='printed'"),
                *("kind='true'", "kind=None", "kind=['bound']", "of=5", "unknown=1"),
                *("kind='must-be-refuted'", "kind='must-be-refuted', of=''"),
                "kind='must-be-refuted', of='nobody.nothing'",
                "id='a.b', kind='must-be-refuted', of='a.b'",
                *("assuming='nonzero'", "assuming=['nonzero']", "assuming=[None]", "assuming=5"),
                "assuming=[lambda at: True]",
                "assuming=[Assumption('a', 'a', None)]",
                "assuming=[Assumption('a', 'a', lambda: True)]",
                "assuming=[Assumption('a', 'a', lambda at: 'yes')]",
                "assuming=[Assumption('a', 'a', lambda at: None)]",
                "assuming=[Assumption('a', 'a', lambda at: sys.exit(0))]",
                "assuming=[Assumption('a', 'a', lambda at: at.w)]",
                "assuming=[Assumption('a', 'a', lambda at: [True, False])]",
                *("constants={'c': 2}", "constants={5: 2}", "constants=[2]", "constants='c'"),
                *("constants={'at': 2}", "constants={'': 1}"),
                *("weight=5", "weight=lambda: 1", "weight=lambda at, i: 'heavy'"),
                *("weight=lambda at, i: None", "weight=lambda at, i: at.u", "weight=None"),
                *("nearly_equal=True", "nearly_equal=lambda: True", "census=1", "oracles=5"),
                *("oracles=(5,)", "oracles=lambda at, rng: []", "equality_strata='drawn'"),
                *("equality_strata=5", "equality_strata=[5]", "census=lambda at: 5"),
            )
        ),
    ),
    # The signature.
    _HEAD: (
        *("def reversed_triangle():", "def reversed_triangle(at, c):"),
        *("def reversed_triangle(*, at):", "async def reversed_triangle(at):"),
        *("class reversed_triangle:", "def reversed_triangle(at, *more, c):"),
    ),
    # The formula.
    _BODY: (
        *("pass", "return", "return None", "return True", "return 5", "return 'yes'", "return at"),
        *("return {}", "return [norm(at.u) >= 0]", "return (norm(at.u) >= 0,)", "return at.u"),
        *("norm(at.u) >= norm(at.v)", "return at.u >= at.v", "return at.u >= 0", "yield at"),
        *("return norm(at.u) > norm(at.v)", "return norm(at.u) == norm(at.v)"),
        *("return norm(at.u) >= norm(at.v) >= 0", "return norm(at.u) >= 0 and norm(at.v) >= 0"),
        "return norm(at.u) if norm(at.u) >= 0 else norm(at.v)",
        *("return at.w >= 0", "return at.u[5] >= 0", "return at.u[None] >= 0", "return 1 / 0"),
        *("return norm(at.u) >= 'x'", "return norm(at.u) >= None", "return norm(at.u) >= 1j"),
        *("return norm(at.u) >= float('nan')", "return norm(at.u) >= float('inf')"),
        *("return norm(at.u) >= np.array([1.0, 2.0])", "return norm(at.u) >= np.zeros(0)"),
        *("return np.linalg.norm(at.u) >= 0", "return np.dot(at.u, at.v) >= 0"),
        *("return float(norm(at.u)) >= 0", "return int(norm(at.u)) >= 0", "return norm(5) >= 0"),
        *("return norm(norm(at.u)) >= 0", "return at.u @ at.M >= 0", "return at.u ** 0.5 >= 0"),
        *("return reversed_triangle(at)", "return (lambda f: f(f))(lambda f: f(f))"),
        *("at.u = 0", "del at.u", "raise SystemExit", "sys.exit(0)", "sys.exit(1)", "os._exit(0)"),
        *("raise BaseException", "raise GeneratorExit", "raise StopIteration", "raise MemoryError"),
        *("raise KeyboardInterrupt", "__import__('pytest').skip('x')", "raise OSError(28, 'full')"),
        *("raise RuntimeError('can\\'t start new thread')", "raise BrokenPipeError", "raise 5"),
        *("return at.u[0] >= at.u[1]", "return at.u[2] >= at.v[2]", "assert False", "assert at.u"),
        "raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})",
        "raise type('Odd', (BaseException,), {'__init__': lambda self: None})()",
        "raise ValueError('a\\nb\\ud800' * 1000)",
    ),
    # The numbers.
    _MAP: (
        *("lambda x: x", "lambda x: np.array(x)", "lambda x: np.array(x, complex)", "None", "5"),
        *("lambda x: np.array(x, object)", "lambda x: np.array(x, str)", "lambda x: None"),
        *("lambda x: np.array(x, bool)", "lambda x: np.array(x, np.longdouble) / 3"),
        *("lambda x: np.array([x], float)", "lambda x: np.array(x[0], float)", "lambda: 0"),
        *("lambda x: np.array(x[:0], float)", "lambda x: np.array(x, float) / 0"),
        *("lambda x: np.array(x, float) * np.nan", "lambda x: np.ma.array(x, float)"),
        *("lambda x: np.array([10**30] * 3)", "lambda x: np.array([10**400] * 3, object)"),
        *("lambda x: np.array(['1', '2'])", "lambda x: np.matrix(x, float)", "lambda x: 1 / 0"),
        *("lambda x: np.array(x, 'datetime64[s]')", "lambda x: np.array(x, np.float16)"),
    ),
    # The class.
    _CLASS: (
        *("", "@dataclass\n", "@dataclass(slots=True)\n", "@dataclass(kw_only=True)\n"),
        *("@dataclass(init=False)\n", "@dataclass(order=True)\n", "@dataclass(unknown=1)\n"),
    ),
    _FIELD: (
        *("u: np.ndarray", "u: float", "u: int = 3", "u: 'Missing'", "u = 5", ""),
        *("u: Annotated[np.ndarray, Dims()]", 'u: Annotated[np.ndarray, Dims("k", "k")]'),
        *(
            "u: Annotated[np.ndarray, Dims(3)]",
            "u: Annotated[np.ndarray, Dims(2)]",
            'u: Annotated[np.ndarray, Dims("k", domain=5)]',
        ),
        *('u: Annotated[np.ndarray, Dims("k", domain="label")]', "u: Annotated[np.ndarray, 5]"),
        f"{_FIELD}\n    __post_init__ = lambda self: 1 / 0",
        f"{_FIELD}\n    is_valid = lambda self: 1 / 0",
        f"{_FIELD}\n    is_valid = lambda self: None",
        f"{_FIELD}\n    simpler = lambda self: 5",
        f"{_FIELD}\n    simpler = lambda self: [None]",
        f"{_FIELD}\n    check_change = lambda self: sys.exit(0)",
        f"{_FIELD}\n    __getattribute__ = lambda self, name: sys.exit(0)",
    ),
}

# Names of fields that something else bears, too.
NAMES = (
    *("instance", "cls", "self", "is_valid", "_", "__", "simpler", "check_change", "kept", "at"),
    *("numbers", "values", "batch", "size", "lhs", "rhs", "D", "sqrt", "print", "dataclass"),
)


def variants() -> Iterator[str]:
    """Every wrong file: a line replaced, left out, doubled or indented; a field renamed."""
    for line, replacements in WRONG.items():
        yield from (MINE.replace(line, wrong) for wrong in replacements)
    lines = MINE.splitlines()
    for number in (i for i, text in enumerate(lines) if text):
        for changed in ([], [lines[number]] * 2, [f"  {lines[number]}"], [lines[number][:-1]]):
            yield "\n".join([*lines[:number], *changed, *lines[number + 1 :], ""])
    for name in NAMES:
        yield MINE.replace("u: A", f"{name}: A").replace("at.u", f"at.{name}")


VARIANTS = tuple(dict.fromkeys(variants()))
# A few seconds' worth of them.
SAMPLE = VARIANTS[::9]


@pytest.mark.parametrize(
    "files", [pytest.param(VARIANTS, id="all", marks=pytest.mark.nightly), SAMPLE]
)
def test_a_wrong_file_ends_in_a_verdict_or_a_sentence(
    write: Any, run_checker: Any, files: Sequence[str]
) -> None:
    escapes = []
    for number, text in enumerate(files):
        path = write(text, name=f"wrong{number}.py", header="")
        wrong = _escaped(run_checker("verify", path, "--cases", "16", "--jobs", "1"))
        escapes += [f"{wrong}:\n{text}"] if wrong else []
    assert not escapes, f"{len(escapes)} of {len(files)} escaped\n" + "\n\n".join(escapes)


def _escaped(outcome: Any) -> str:
    """What is wrong with how the command ended; empty if nothing is."""
    said = outcome.out + outcome.err
    verdicts = re.findall(r"^wrong\d+\.\w+ +([A-Z_]+) ", outcome.out, re.MULTILINE)
    if "Traceback" in said or "internal error" in said:
        return f"an internal error: {outcome.err[-2000:]}"
    if outcome.status == 2 and not verdicts:
        sentence = r"checker: .+\n(  why: .+\n)?(  try: .+\n)?"
        return "" if re.fullmatch(sentence, outcome.err) else f"no sentence: {outcome.err}"
    wanted = {0: {"STANDS"}, 1: {"REFUTED"}, 2: {"ERROR"}, 3: {"VACUOUS", "UNDECIDED"}}
    interrupted = outcome.status == 3 and "interrupted" in said
    return "" if interrupted or wanted[outcome.status] & {*verdicts} else f"status, {said}"


def test_scripts_bear_with_names_of_fields(write: Any, run_checker: Any, tmp_path: Path) -> None:
    """With `_` a script did not run."""
    for number, name in enumerate(("_", "__", "self", "instance", "is_valid")):
        text = MINE.replace("u: A", f"{name}: A").replace("at.u", f"at.{name}")
        path = write(text, name=f"named{number}.py", header="")
        folder = tmp_path / f"out{number}"
        outcome = run_checker("verify", path, "--cases", "16", "--jobs", "1", "--out", folder)
        assert outcome.status == 1
        (script,) = folder.glob("*.counterexample.py")
        ended = subprocess.run([sys.executable, script], capture_output=True, check=False)
        assert (ended.returncode, ended.stderr) == (VIOLATED, b"")
