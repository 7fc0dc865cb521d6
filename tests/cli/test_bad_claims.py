"""Claims that say nothing or cannot be computed: the verdict, the reason, the instance to blame."""

from __future__ import annotations

import re
from typing import Any

import pytest

BUDGET = ("--cases", "200", "--jobs", "1")

NEVER_FINITE = """
@claim(given=pairs)
def divided_by_zero(at):
    return at.a / (0 * at.b) >= at.b
"""

CONSTANT = """
@claim(given=pairs)
def constant(at):
    return 0 * at.a + 1 >= 0 * at.b + 0.5
"""

NEVER_MET = """
impossible = Assumption("impossible", "a > 100", lambda at: at.a > 100)


@claim(given=pairs, assuming=[impossible])
def empty(at):
    return at.a >= at.b
"""

TRIVIAL = """
@claim(given=pairs, weight=lambda at, inequality: inequality.rhs)
def negative_bound(at):
    return at.a**2 >= -(at.b**2) - 1
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (NEVER_FINITE, r"undefined at a=0 b=0: a division by 0, and at \d+ others"),
        (CONSTANT, r"whatever the numbers of the instance, the claim asserts 1\.0 >= 0\.5"),
        (NEVER_MET, r"the assumptions were never met: all \d+ cases drawn are outside them"),
        (TRIVIAL, r"the bound could fail in 0 of \d+ cases only"),
    ],
)
def test_a_claim_that_says_nothing_is_vacuous(
    write: Any, run_checker: Any, text: str, reason: str
) -> None:
    outcome = run_checker("verify", write(text), *BUDGET)
    assert re.search(r"^mine\.\w+ +VACUOUS ", outcome.out, re.MULTILINE)
    assert re.search(reason, re.sub(r"\s+", " ", outcome.out))
    assert (outcome.status, outcome.err) == (3, "")


RAISES = """
@claim(given=pairs)
def fussy(at):
    from checker.arithmetic.ball import Ball

    if isinstance(at.a, Ball):
        raise RuntimeError("cannot do this")
    return at.a**2 >= at.b
"""

BATCHES = """
from typing import Annotated

import numpy as np

from checker.arithmetic.functions import norm
from checker.instances.fields import Batch, Dims, FloatArray
from checker.claims.claim import Domain


@dataclass(frozen=True, eq=False)
class Vector:
    u: Annotated[FloatArray, Dims("k")]


@dataclass(frozen=True)
class Structure:
    k: int

    def batch(self, rng, size):
        return Batch(Vector(rng.integers(-9, 9, (self.k, size)) / 4), size, "vectors")


strata = {"vectors": st.builds(Structure, st.integers(3, 5))}
given = Domain(st.builds(Vector, st.just(np.ones(3))), strata)


@claim(given=given)
def short_vectors_only(at):
    if at.u.shape[0] > 2:
        raise ValueError("this formula knows two entries")
    return norm(at.u) >= at.u[0]
"""


def test_a_formula_that_raises_names_its_line(
    write: Any, run_checker: Any, assert_rejected: Any
) -> None:
    file = write(RAISES)
    line = 1 + file.read_text()[: file.read_text().index("raise RuntimeError")].count("\n")
    outcome = run_checker("verify", file, *BUDGET)
    assert_rejected(outcome, f"mine.py, line {line}: RuntimeError: cannot do this")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_instance_that_raises_is_reduced(
    write: Any, run_checker: Any, assert_rejected: Any, jobs: str
) -> None:
    outcome = run_checker("verify", write(BATCHES), "--cases", "200", "--jobs", jobs)
    assert_rejected(outcome, "ValueError: this formula knows two entries")
    assert "The smallest instance found that makes it raise: u=[0.0, 0.0, 0.0]" in outcome.err


# Over points with shipped data as further parts of the search.
OVER_DATA = """
from checker.claims.claim import claim
from strategies.residual_unit.points import points


@claim(given=points())
def wrong(at):
    return -at.grad_norm - 1 >= at.grad_norm
"""


def test_a_claim_that_falls_at_once_ends_the_search(write: Any, run_checker: Any) -> None:
    outcome = run_checker("verify", write(OVER_DATA, header=""), "--cases", "100", "--jobs", "1")
    assert re.search(r"^mine\.wrong +REFUTED ", outcome.out, re.MULTILINE)
    assert (outcome.status, outcome.err) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody",), "there is no claim 'nobody'"),
        (("shamir2018.theorem", "--cases", "9"), "there is no claim 'shamir2018.theorem'"),
        (("missing.py",), "there is no file missing.py"),
        (("--cases", "-1"), "'-1' is not a whole number of at least 1"),
        (("--cases", "1e3"), "'1e3' is not a whole number of at least 1"),
        (("--seconds", "0"), "'0' is not a finite number greater than 0"),
        (("--seed", "x"), "'x' is not a whole number of at least 0"),
        (("--jobs", "0"), "'0' is not a whole number of at least 1"),
        (("--case", "9"), "unrecognized arguments: --case"),
    ],
)
def test_unknown_ids_and_bad_options(
    run_checker: Any, assert_rejected: Any, arguments: tuple[str, ...], message: str
) -> None:
    assert_rejected(run_checker("verify", *arguments), message)


ONE_OF_TWO = """
@claim(given=st.just(3.5))
def no_instance(at):
    return at >= 0


@claim(given=pairs)
def sound(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b
"""


def test_instances_of_one_claim_leave_the_others_alone(write: Any, run_checker: Any) -> None:
    outcome = run_checker("verify", write(ONE_OF_TWO), *BUDGET)
    assert re.search(r"^mine\.sound +STANDS ", outcome.out, re.MULTILINE)
    assert re.search(r"^mine\.no_instance +ERROR ", outcome.out, re.MULTILINE)
    assert "it draws float, not an instance of a dataclass" in re.sub(r"\s+", " ", outcome.out)
    assert outcome.status == 2


FLOAT_PREMISE = """
@claim(given=pairs, assuming=[Assumption("ball", "a <= 3", lambda at: at.a.total() <= 3)])
def inside(at):
    return 3 >= at.a
"""


def test_a_premise_of_another_kind_names_the_right_spelling(write: Any, run_checker: Any) -> None:
    outcome = run_checker("verify", write(FLOAT_PREMISE), *BUDGET)
    said = re.sub(r"\s+", " ", outcome.out + outcome.err)
    assert "the assumption ball raises AttributeError" in said
    assert "assuming=[lambda at: norm(at.x) <= 1]" in said
    assert outcome.status == 2
