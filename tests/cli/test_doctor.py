"""`checker doctor` names what is wrong with an installation."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.checks import environment
from checker.commands import doctoring


def test_a_good_installation(run_checker: Any) -> None:
    outcome = run_checker("doctor")
    assert outcome.status == 0
    assert f"numpy              {np.__version__} (needed: >= " in outcome.out
    assert "BROKEN" not in outcome.out
    assert outcome.err == ""


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("0.8.0", "BROKEN: python-flint >= 0.9, < 0.10 is needed, found: 0.8.0. pip install"),
        ("0.10", "found: 0.10."),
        ("1.0", "found: 1.0."),
        (None, "found: missing."),
    ],
)
def test_a_wrong_version(
    found: str | None, message: str, run_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def installed(name: str) -> str:
        if name != "python-flint":
            return version(name)
        if found is None:
            raise PackageNotFoundError(name)
        return found

    monkeypatch.setattr(doctoring, "version", installed)
    outcome = run_checker("doctor")
    assert message in outcome.out
    assert outcome.status == 2


@pytest.mark.parametrize("found", ["0.9", "0.9.0", "0.9.12", "0.9.0rc1"])
def test_a_version_that_fits(found: str, run_checker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    known = version
    monkeypatch.setattr(
        doctoring, "version", lambda name: found if name == "python-flint" else known(name)
    )
    assert run_checker("doctor").status == 0


def test_a_processor_that_flushes(run_checker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_PRODUCTS", np.zeros(2))
    outcome = run_checker("doctor")
    assert "float64            broken" in outcome.out
    assert "subnormal numbers are flushed to zero" in outcome.out
    assert outcome.status == 2
