"""`checker census` from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.census.record import CensusFile
from checker.report.records import read_as

DATA = "x,z,label\n1,0.5,1\n-1,0.25,-0.5\n0.5,-2,0.75\n2,1,0\n-0.5,1.5,2\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text(DATA)
    return path


def test_a_census_of_a_file(run_checker: Any, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("census", data, "--target", "label", "--network", "fourier", "--features", 1)
    result = run_checker(*arguments, "--starts", 4, "--jobs", 1, "--out", out)
    assert result.status == 0
    assert "best linear predictor" in result.out
    assert "a negative eigenvalue of the Hessian proved" in result.out
    assert "as Corollary 1 says" in result.out
    saved = json.loads((out / "census.json").read_text())
    assert read_as(saved, CensusFile, "census.json").starts == 4
    assert saved["parameters"] == 2 + 2 + 3
    assert {p["kind"] for p in saved["points"]} >= {"SADDLE", "MINIMUM"}
    for point in saved["points"]:
        assert point["whole"]["gradient_theta"]["guarantee"] == "enclosed"
        assert len(point["parameters"]) == saved["parameters"]


def test_bad_minima_end_with_status_1(run_checker: Any, data: Path) -> None:
    """The label is x - z, and without the skip connection a constant is all that can be fitted."""
    data.write_text("x,z,label\n1,0.5,0.5\n-1,0.25,-1.25\n0.5,-2,2.5\n2,1,1\n")
    arguments = ("census", data, "--target", "label", "--network", "constant", "--features", 1)
    result = run_checker(*arguments, "--no-skip", "--starts", 4, "--jobs", 1, "--json", "-")
    assert result.status == 1
    assert "Corollary 1 of Shamir (2018) does not apply here (no skip connection)" in result.err
    assert json.loads(result.out)["counts"]["MINIMUM"] >= 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.csv"], "there is no data set and no file 'missing.csv'"),
        (["diabetes", "--target", "y"], "--target belongs to a CSV file"),
        (["diabetes", "--loss", "logistic"], "logistic"),
        (["diabetes", "--loss", "affine"], "unbounded below"),
        (["diabetes", "--loss", "geman_mcclure"], "is not convex"),
        (["diabetes", "--loss", "absolute"], "is not twice differentiable"),
        (["diabetes", "--loss", "nothing"], "nothing"),
        (["diabetes", "--network", "perceptron"], "Unknown kind of network: 'perceptron'"),
        (["diabetes", "--pictures"], "--pictures needs a folder"),
    ],
)
def test_bad_input(run_checker: Any, assert_rejected: Any, arguments: Any, message: str) -> None:
    assert_rejected(run_checker("census", *arguments), message)


def test_a_file_needs_its_target(run_checker: Any, assert_rejected: Any, data: Path) -> None:
    assert_rejected(run_checker("census", data), "which column of")


@pytest.mark.parametrize("ridge", ["-1", "nan", "much"])
def test_a_ridge_is_not_negative(run_checker: Any, ridge: str) -> None:
    result = run_checker("census", "diabetes", f"--ridge={ridge}")
    assert result.status == 2
    assert "greater than 0" in result.err
