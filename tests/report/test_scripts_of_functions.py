"""Counterexamples that use the functions of docs/functions.md: their scripts run on their own, and
their steps read like the formula.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from checker import (
    amax,
    claim,
    det,
    eigenvalues,
    erf,
    expm,
    grad,
    inverse,
    kl,
    matrices,
    norm,
    pi,
    sin,
    softmax,
    sort,
    sq,
    sqrt,
    sqrtm,
    symmetric,
    total,
    trace,
    vectors,
    where,
    xlogx,
)
from checker.explain.script import script
from checker.explain.script_text import VIOLATED
from checker.explain.steps import steps
from checker.use import made

# Name -> (formula that is violated, the arguments, a part of its steps).
VIOLATIONS: dict[str, tuple[Callable[..., Any], dict[str, Any], str]] = {
    "where": (
        lambda u: total(where(u > 0, u, 2 * u)) >= 0,
        {"u": [-1.0, 1.0]},
        "(u if u > 0, else",
    ),
    "sort": (lambda u: sort(u)[0] >= u[0], {"u": [2.0, 1.0]}, "sort(u)[0]"),
    "amax": (lambda u: 1 >= amax(u) ** 3, {"u": [2.0, 1.0]}, "max(u)³"),
    "softmax": (lambda u: 0.5 >= softmax(u)[0], {"u": [2.0, 1.0]}, "softmax(u)[0]"),
    "kl": (lambda u: 0.01 >= kl(u / total(u), softmax(u)), {"u": [3.0, 1.0]}, "kl("),
    "det": (lambda A: det(A) >= 0, {"A": [[1.0, 2.0], [3.0, 4.0]]}, "det(A)"),
    "inverse": (
        lambda A: trace(inverse(A)) >= 0,
        {"A": [[1.0, 2.0], [3.0, 4.0]]},
        "tr(inverse(A))",
    ),
    "eigenvalues": (
        lambda S: eigenvalues(S)[1] >= 3,
        {"S": [[1.0, 1.0], [1.0, 1.0]]},
        "eigenvalues(S)[1]",
    ),
    "three eigenvalues": (
        lambda S: eigenvalues(S)[1] >= 3,
        {"S": [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]},
        "eigenvalues(S)[1]",
    ),
    "expm": (lambda A: 1 >= trace(expm(A)), {"A": [[1.0, 2.0], [3.0, 4.0]]}, "tr(expm(A))"),
    "sqrtm": (lambda S: 1 >= trace(sqrtm(S)), {"S": [[2.0, 1.0], [1.0, 2.0]]}, "tr(sqrtm(S))"),
    "grad": (lambda u: 1 >= sq(grad(norm, u)) * 2, {"u": [3.0, 4.0]}, "∇norm(u)"),
    "grad of a branch": (
        lambda u: 1 >= total(grad(lambda x: total(abs(x)), u)),
        {"u": [3.0, 4.0]},
        "∇f(u)",
    ),
    "constants": (lambda u: sqrt(2) >= pi * u[0], {"u": [1.0]}, "π"),
    "waves": (lambda u: 0 >= sin(u[0]) + erf(u[0]) + xlogx(u[0]), {"u": [1.0]}, "sin(u)"),
    "powers": (lambda u: 1 >= u[0] ** 0.3 + u[0] ** -2, {"u": [2.0]}, "^"),
}
SETS = {"u": vectors("k"), "A": matrices("n", "n"), "S": symmetric("n")}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violations_replay_on_their_own(name: str) -> None:
    formula, arguments, part = VIOLATIONS[name]
    (argument,) = arguments
    formula.__annotations__ = {argument: SETS[argument]}
    formula.__name__ = "violated"
    stated = claim(formula)
    instance = made(stated, arguments)
    text = script(stated, instance)
    assert text is not None
    ended = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (VIOLATED, ""), text
    shown = "\n".join(str(step) for step in steps(stated, instance))
    assert part in shown
