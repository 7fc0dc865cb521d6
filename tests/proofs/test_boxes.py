"""Proofs on boxes: what is PROVED was accepted by a program that shares nothing with the search."""

from __future__ import annotations

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb

from checker import claim
from checker.arithmetic.ball import working_precision
from checker.arithmetic.functions import dot, exp, log, maximum, softplus, sqrt
from checker.claims.claim import Claim
from checker.cli import main
from checker.errors import InputError
from checker.proofs.boxes import recheck
from checker.proofs.boxes.proving import OnBox, checked, on_boxes
from checker.proofs.boxes.sets import NotBounded
from checker.proofs.prove import NOT_PROVED, PROVED
from checker.sets import integers, interval, numbers, positive


@claim
def means(x: interval(0.125, 64)):
    return x + 1 / x >= 2


@claim
def tangent_of_exp(x: interval(-1, 1)):
    return exp(x) >= 1 + x


@claim
def second_order(x: interval(0, 5)):
    return exp(x) >= 1 + x + x**2 / 2


@claim
def two_bends(s: interval(0, 10)):
    return 0.390419 + s * s >= sqrt(s / (1 + s))


@claim
def kink(x: interval(-3, 3)):
    return softplus(x) > maximum(x, 0)


@claim(assuming=[lambda x, y: x * y >= 1])
def on_a_part(x: interval(0, 5), y: interval(0, 5)):
    return x + y >= 1.75


@claim
def several(x: interval(-1, 1), y: interval(-1, 1)):
    return x * x + y * y + x * y >= 0, 3 >= abs(x) + abs(y) + x * y


@claim
def vector(u: interval(-1, 1, "k"), v: interval(-1, 1, "k")):
    return dot(u, u) + dot(v, v) + 1 >= 2 * dot(u, v)


TRUE = (means, tangent_of_exp, second_order, two_bends, kink, on_a_part, several)


def only(of: Claim, seconds: float = 20.0, **sizes: int) -> OnBox:
    (found,) = on_boxes(of, seconds, sizes)
    return found


@pytest.mark.parametrize("of", TRUE, ids=lambda c: c.id.rpartition(".")[2])
def test_proved(of: Claim) -> None:
    found = only(of)
    assert found.reason == ""
    assert found.certificate is not None
    assert recheck.fault_in(found.certificate) is None


def test_dimensions_have_sizes() -> None:
    found = only(vector, k=1)
    assert found.reason == ""
    assert found.on == "u_1 in [-1.0, 1.0], v_1 in [-1.0, 1.0] (k = 1)"
    with pytest.raises(InputError, match="no dimension d"):
        only(vector, d=1)


# -- what must not be proved -----------------------------------------------------------------------


@claim
def means_false(x: interval(0.125, 64)):
    return x + 1 / x >= 2 + 1e-12


@claim
def tangent_false(x: interval(-1, 1)):
    return exp(x) >= 1 + (1 + 1e-9) * x


@claim
def kink_false(x: interval(-3, 3)):
    return softplus(x) > maximum(x, 0) + 0.0486


@claim
def strict_at_equality(x: interval(-1, 1)):
    return x * x > 0


@claim
def undefined(x: interval(-1, 1)):
    return exp(1 / x) >= 0


@claim
def undefined_root(x: interval(-1, 1)):
    return sqrt(x) >= 0


@claim(assuming=[lambda x, y: x * y >= 1])
def premise_false(x: interval(0, 5), y: interval(0, 5)):
    return x + y >= 2.0625


FALSE = (means_false, tangent_false, kink_false, strict_at_equality, undefined, undefined_root)


@pytest.mark.parametrize("of", [*FALSE, premise_false], ids=lambda c: c.id.rpartition(".")[2])
def test_not_proved(of: Claim) -> None:
    assert only(of, 1.0).reason != ""


def test_what_stands_in_the_way_is_said() -> None:
    @claim
    def squares(x: interval(0, 1), y: interval(0, 1)):
        return x**4 + y**4 >= 2 * x * x * y * y

    assert "the claim is false at x = 1" in only(means_false, 2.0).reason
    left = only(squares, 0.5).reason
    assert " left, the closest at x = " in left
    assert "both sides are equal" in left


@claim
def open_set(x: positive()):
    return x + 1 / x >= 2


@claim
def whole_line(x: numbers()):
    return x * x >= 0


@claim
def half_line(x: interval(0, np.inf)):
    return x >= 0


@claim
def counted(n: integers(low=1, high=3)):
    return n * n >= n


@claim
def equation(x: interval(0, 1)):
    return x == x


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (open_set, "no compact interval"),
        (whole_line, "no compact interval"),
        (half_line, "not compact"),
        (counted, "no compact interval"),
        (equation, "equation"),
    ],
)
def test_refused(of: Claim, why: str) -> None:
    with pytest.raises(NotBounded, match=why):
        only(of, 5.0)


# -- certificates ----------------------------------------------------------------------------------


def _less(certificate: dict[str, Any]) -> None:
    """2 becomes 2 + 1e-9."""
    k = certificate["steps"].index(["const", "2"])
    certificate["steps"][k][1] = "2000000001/1000000000"


def _wider(certificate: dict[str, Any]) -> None:
    certificate["box"][0][0] = "-0x1p-10"


def _shorter(certificate: dict[str, Any]) -> None:
    certificate["relations"][0]["tree"].pop()


def _longer(certificate: dict[str, Any]) -> None:
    certificate["relations"][0]["tree"].append("v")


def _strict(certificate: dict[str, Any]) -> None:
    certificate["relations"][0]["strict"] = True


def _undivided(certificate: dict[str, Any]) -> None:
    certificate["relations"][0]["tree"] = ["v"]


def _outside(certificate: dict[str, Any]) -> None:
    certificate["relations"][0]["tree"] = ["o"]


def _nothing(certificate: dict[str, Any]) -> None:
    certificate["relations"] = []


def _open(certificate: dict[str, Any]) -> None:
    certificate["relations"][0]["tree"] = [None]


def _other_letter(certificate: dict[str, Any]) -> None:
    certificate["relations"][0]["tree"][-1] = "x"


FAULTS = (_less, _wider, _shorter, _longer, _strict, _undivided, _outside, _nothing, _open)


@pytest.fixture(scope="module")
def certificate() -> dict[str, Any]:
    found = only(means).certificate
    assert found is not None
    return found


@pytest.mark.parametrize("plant", [*FAULTS, _other_letter])
def test_a_fault_in_a_certificate_is_found(
    plant: Callable[[dict[str, Any]], None], certificate: dict[str, Any]
) -> None:
    broken = copy.deepcopy(certificate)
    plant(broken)
    assert recheck.fault_in(broken) is not None


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("print('proved'); raise SystemExit(1)", "refused: proved"),
        ("raise SystemExit(0)", "refused: it said nothing"),
        ("import os; os.kill(os.getpid(), 9)", "killed by signal 9"),
        ("raise MemoryError", "refused: MemoryError"),
        ("import time; time.sleep(30)", "not checked within"),
    ],
)
def test_only_an_accepted_certificate_proves(
    program: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "other.py"
    file.write_text(program)
    monkeypatch.setattr(recheck, "__file__", str(file))
    assert reason in checked({}, 0.3)


def test_the_program_stands_alone() -> None:
    tree = ast.parse(Path(str(recheck.__file__)).read_text(encoding="utf-8"))
    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    } | {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    known = {m.partition(".")[0] for m in imported}
    assert known - set(sys.stdlib_module_names) == {"flint"}


# -- the intervals that are trusted ----------------------------------------------------------------

# Function, first and second derivative.
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "sqrt": (
        lambda x: x.sqrt(),
        lambda x: 1 / (2 * x.sqrt()),
        lambda x: -1 / (4 * x * x.sqrt()),
    ),
    "exp": (lambda x: x.exp(),) * 3,
    "log": (lambda x: x.log(), lambda x: 1 / x, lambda x: -1 / x**2),
    "tanh": (
        lambda x: x.tanh(),
        lambda x: 1 / x.cosh() ** 2,
        lambda x: -2 * x.tanh() / x.cosh() ** 2,
    ),
    "sigmoid": (
        lambda x: 1 / (1 + (-x).exp()),
        lambda x: 1 / (2 + x.exp() + (-x).exp()),
        lambda x: -(x / 2).tanh() / (2 + x.exp() + (-x).exp()),
    ),
    "softplus": (
        lambda x: (1 + x.exp()).log(),
        lambda x: 1 / (1 + (-x).exp()),
        lambda x: 1 / (2 + x.exp() + (-x).exp()),
    ),
    "log_cosh": (lambda x: x.cosh().log(), lambda x: x.tanh(), lambda x: 1 / x.cosh() ** 2),
    "abs": (lambda x: abs(x), lambda x: x / abs(x), lambda x: 0 * x),
    "neg": (lambda x: -x, lambda x: arb(-1), lambda x: 0 * x),
}


def _boxes(rng: np.random.Generator, positive_only: bool) -> list[tuple[float, float]]:
    ends = rng.choice([1e-3, 0.3, 2.0, 20.0], (60, 2)) * rng.standard_normal((60, 2))
    ends = np.abs(ends) if positive_only else ends
    # Without a width only rounding outwards is in the way of being wrong.
    ends[::2, 1] = ends[::2, 0]
    return [(float(min(pair)), float(max(pair))) for pair in ends]


@pytest.mark.parametrize("op", FUNCTIONS)
def test_enclosures_of_functions_and_derivatives(op: str) -> None:
    rng = np.random.default_rng(1)
    for low, high in _boxes(rng, op in ("sqrt", "log")):
        enclosed = recheck.RULES[op]((low, high))
        for share in (0.0, 1.0, float(rng.random())):
            x = min(max(low + share * (high - low), low), high)
            with working_precision(200):
                for function, pair in zip(FUNCTIONS[op], enclosed, strict=True):
                    value = function(arb(x))
                    assert not value < pair[0]
                    assert not value > pair[1]


def test_enclosures_of_products_and_quotients() -> None:
    rng = np.random.default_rng(2)
    steps = [["var", 0], ["var", 1], ["mul", 0, 1], ["div", 0, 1], ["mul", 0, 0], ["pow", 0, 3]]
    for first, second in zip(_boxes(rng, False), _boxes(rng, True), strict=True):
        found = recheck.jets(steps, [first, second], 2)
        ends = zip(rng.random(2), (first, second), strict=True)
        x, y = (arb(min(max(a + float(s) * (b - a), a), b)) for s, (a, b) in ends)
        with working_precision(200):
            by_x = {2: y, 3: 1 / y, 4: 2 * x, 5: 3 * x**2}
            exact = {2: x * y, 3: x / y, 4: x * x, 5: x**3}
            pairs = [(v, found[place][0]) for place, v in exact.items()]
            pairs += [(v, found[place][1][0]) for place, v in by_x.items()]
            pairs += [(x, found[2][1][1]), (-x / y**2, found[3][1][1])]
            pairs += [(arb(1), found[2][2][0, 1]), (-1 / y**2, found[3][2][0, 1])]
            pairs += [(2 * x / y**3, found[3][2][1, 1]), (6 * x, found[5][2][0, 0])]
            pairs += [(arb(2), found[4][2][0, 0])]
            assert all(not v < low and not v > high for v, (low, high) in pairs)


# -- parts that say what is not so -----------------------------------------------------------------

X, HALF = ["var", 0], ["const", "1/2"]
FALSE_PARTS: dict[str, tuple[list[Any], tuple[float, float], Any]] = {
    "undefined at 0": ([X, ["const", "1"], ["div", 1, 0], ["exp", 2]], (-1, 1), "v"),
    "negative": ([X], (-1, 1), "v"),
    "mean value": ([X, ["const", "1"], ["pow", 0, 2], ["neg", 2], ["add", 1, 3]], (-2, 2), "m"),
    "rises to the face": ([X], (-1, 1), ["f", ">"]),
    "falls from the face": ([X, ["neg", 0]], (-1, 1), ["f", "<"]),
    "a face below 0": ([X], (-1, 1), ["f", "<"]),
    "concave": ([X, HALF, ["pow", 0, 2], ["neg", 2], ["add", 1, 3]], (-2, 2), ["c", " ", ["0"]]),
    "a tangent below 0": (
        [X, ["const", "-1"], ["pow", 0, 2], ["add", 1, 2]],
        (-2, 2),
        ["c", " ", ["0"]],
    ),
    "a point outside": (
        [X, ["const", "-1"], ["pow", 0, 2], ["add", 1, 2]],
        (-1, 1),
        ["c", " ", ["3"]],
    ),
    "a kink": (
        [X, ["neg", 0], ["max", 0, 1], ["neg", 2], HALF, ["add", 3, 4]],
        (-0.4, 1),
        ["c", " ", ["-3/10"]],
    ),
    "too few marks": ([X], (-1, 1), ["f", ""]),
}


@pytest.mark.parametrize("name", FALSE_PARTS)
def test_a_false_part_is_refused(name: str) -> None:
    steps, box, part = FALSE_PARTS[name]
    relation = {"slack": len(steps) - 1, "strict": False, "premises": [[0, False]], "tree": [part]}
    side = [float(end).hex() for end in box]
    assert recheck.fault_in({"steps": steps, "box": [side], "relations": [relation]}) is not None


@pytest.mark.parametrize(("strict", "top", "outside"), [(True, 0, True), (False, 0, False)])
def test_a_premise_that_fails(strict: bool, top: float, outside: bool) -> None:
    relation = {"slack": 0, "strict": False, "premises": [[0, strict]], "tree": ["o"]}
    side = [(-1.0).hex(), float(top).hex()]
    fault = recheck.fault_in({"steps": [X], "box": [side], "relations": [relation]})
    assert (fault is None) == outside


# -- the command -----------------------------------------------------------------------------------


def test_the_command_needs_no_coq(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "on_boxes_of_mine.py", tmp_path / "out"
    file.write_text(
        "from checker import claim, interval\n\n\n@claim\n"
        "def means(x: interval(0.125, 64)):\n    return x + 1 / x >= 2\n\n\n@claim\n"
        "def more(x: interval(0.125, 64)):\n    return x + 1 / x >= 2.5\n"
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["prove", f"{file}::means", "--out", str(out), "--json", "-"]) == 0
    shown = capsys.readouterr()
    assert "PROVED on x in [0.125, 64.0]" in shown.err
    (proof,) = json.loads(shown.out)["proofs"]
    assert proof["verdict"] == PROVED
    (saved,) = out.glob("*.box-1.json")
    for line, status in ((saved, 0), (out / "prove.json", 2)):
        run = subprocess.run([sys.executable, str(out / "recheck.py"), str(line)], check=False)
        assert run.returncode == status
    (out / "recheck.py").write_text("print('mine')\n")
    assert main(["prove", f"{file}::means", "--out", str(out)]) == 2
    assert "would be replaced" in capsys.readouterr().err
    assert (out / "recheck.py").read_text() == "print('mine')\n"
    assert main(["prove", f"{file}::more", "--seconds", "5"]) == 3
    assert f"{NOT_PROVED}: the claim is false at x = " in capsys.readouterr().out
    assert main(["prove", f"{file}::means", "--size", "k=2"]) == 2
    assert "has no dimension k" in capsys.readouterr().err


def test_log_is_bounded_where_it_is_defined() -> None:
    @claim
    def below_its_tangent(x: interval(0.25, 4)):
        return x - 1 >= log(x)

    assert only(below_its_tangent).reason == ""
