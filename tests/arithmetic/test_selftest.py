"""The self-test of ball and exact arithmetic: each check fails where its operation is broken, and
then nothing is decided.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat

from checker import certify
from checker.arithmetic import ball, exact
from checker.arithmetic.above import taylor
from checker.arithmetic.arrays import objects
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.checks import environment, selftest
from checker.arithmetic.checks.environment import require_sound_balls
from checker.cli import main
from checker.errors import InputError
from checker.search.pool import in_order


class OldNegation(arb):  # type: ignore[misc]
    """Balls of python-flint 0.7 and 0.8."""

    def neg(self, exact: bool = False) -> Any:
        return self if exact else -self


class Hasty(arb):  # type: ignore[misc]
    """Balls whose comparisons look at the middle only."""

    def __gt__(self, other: Any) -> bool:
        return bool(self.mid() > arb(other).mid())


class Singular(arb_mat):  # type: ignore[misc]
    """Matrices that are their own inverses."""

    def inv(self) -> Any:
        return self


def diagonal(matrix: Any) -> list[Any]:
    return [matrix[i, i] for i in range(len(matrix))]


def swapped(self: Any, other: Any) -> Any:
    return self._wrap(other.entries / self.entries)


# Check -> where the fault is planted, and what.
FAULTS: dict[str, tuple[Any, str, Any]] = {
    "conversion": (Ball, "convert", lambda x: arb(float(np.float32(float(x))))),
    "negation": (ball, "arb", OldNegation),
    "absolute values": (ball, "_absolute", lambda x: x),
    "sums": (objects.ObjectArray, "total", lambda self: self[0]),
    "products": (objects.ObjectArray, "_multiply", lambda self, other: self._add(other)),
    "quotients": (objects.ObjectArray, "_divide", swapped),
    "comparisons": (selftest, "arb", Hasty),
    "maxima": (ball, "_larger", lambda x, y: x),
    "roots": (selftest, "sqrt", lambda x: x),
    "exponentials": (selftest, "exp", lambda x: 1 + x),
    "activations": (selftest, "softplus", lambda x: x),
    "eigenvalues": (ball, "_eigenvalues", diagonal),
    "matrices": (selftest, "arb_mat", Singular),
    "Taylor series": (taylor.Taylor, "coefficient", lambda self, power: Ball.constant(power)),
    "boxes": (selftest, "slack_bits", lambda _: 1000),
    "exact numbers": (exact.Surd, "__neg__", lambda self: self),
}

Plant = Callable[..., None]


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Break something in a process that has not yet tested its arithmetic."""

    def broken(name: str) -> None:
        monkeypatch.setattr(*FAULTS[name])
        monkeypatch.setattr(environment, "_tested_in", 0)

    yield broken
    monkeypatch.undo()
    require_sound_balls()


def test_the_installed_arithmetic_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_tested_in", 0)
    require_sound_balls()
    assert environment._tested_in == os.getpid()


def test_every_check_has_a_fault() -> None:
    assert list(FAULTS) == list(selftest.CHECKS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_operation_is_named(name: str, plant: Plant) -> None:
    plant(name)
    with pytest.raises(InputError, match=rf"python-flint [\d.]+; .*{name}.*pip install") as caught:
        require_sound_balls()
    assert caught.value.what.count(name) == 1
    # Asked again, the answer is the same.
    with pytest.raises(InputError), working_precision(64):
        pass


def test_what_raises_is_broken(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant("negation")
    monkeypatch.setattr(ball, "arb", arb)
    monkeypatch.delattr(taylor.Taylor, "coefficient")
    with pytest.raises(InputError, match="wrong answers in: Taylor series"):
        require_sound_balls()


CSV = "x1,x2,y\n" + "".join(f"{i},{i * i % 7},{i % 3}\n" for i in range(8))
CORPUS = Path(__file__).parents[2] / "ci" / "corpus"
COMMANDS = {
    "verify": ("verify", "shamir2018.lemma1", "--cases", "100", "--jobs", "1"),
    "two workers": ("verify", "shamir2018.lemma1", "--cases", "100", "--jobs", "2"),
    "audit": ("audit", "shamir2018.lemma1", "--jobs", "1"),
    "sharpen": ("sharpen", "shamir2018.theorem1", "--jobs", "1"),
    "census": ("census", "data.csv", "--target", "y", "--loss", "squared", "--starts", "1"),
    "certify": ("certify", "network.npz", "--loss", "squared"),
    "replay": ("replay", str(min(CORPUS.glob("*.json")))),
    "doctor": ("doctor",),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_decides_with_broken_balls(
    command: str,
    plant: Plant,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "data.csv").write_text(CSV)
    np.savez(tmp_path / "network.npz", **network())
    monkeypatch.chdir(tmp_path)
    plant("negation")
    assert main(COMMANDS[command]) == 2
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert said.count("ball arithmetic is broken") == 1
    assert "Traceback" not in said
    assert "REFUTED" not in said
    assert "STANDS" not in said


def network() -> dict[str, Any]:
    X = np.arange(6.0).reshape(3, 2)
    return {"X": X, "Z": X[:, :1], "y": X[:, 1], "w": np.ones(2), "V": np.zeros((2, 1))}


def test_certify_in_python_refuses(plant: Plant) -> None:
    plant("negation")
    with pytest.raises(InputError, match="ball arithmetic is broken"):
        certify(**network(), loss="squared")


def test_every_worker_tests_its_own() -> None:
    require_sound_balls()

    def work(_task: int) -> tuple[bool, bool]:
        before = environment._tested_in == os.getpid()
        with working_precision(64):
            return before, environment._tested_in == os.getpid()

    # One task: nobody has worked before.
    assert list(in_order(work, [0], 2)) == [(0, (False, True))]


def test_the_doctor_is_content(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "python-flint" in capsys.readouterr().out
