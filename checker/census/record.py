"""Census points and problems as JSON, floats losslessly in hexadecimal."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from checker.census.enclosed import Enclosed
from checker.census.point import CensusPoint, Kind, Level
from checker.census.whole import Whole
from checker.landscape.minima.critical import Problem
from checker.landscape.minima.strong_convexity import Minimum

SCHEMA = 2

_WHOLE = tuple(field.name for field in fields(Whole))


def header_of(problem: Problem, seed: int) -> dict[str, Any]:
    """What a census is of; equal for equal problems."""
    sample = problem.sample
    weights = np.ones(0) if sample.weights is None else sample.weights
    digest = hashlib.sha256()
    for array in (sample.X, sample.y, weights):
        digest.update(np.ascontiguousarray(array).tobytes())
    return {
        "schema": SCHEMA,
        "seed": seed,
        "data": {
            "name": sample.name, "n": sample.n, "d": sample.d, "sha256": digest.hexdigest()
        },
        "loss": problem.loss.name,
        "network": problem.network.describe(),
        "parameters": sample.d * (1 + problem.network.m) + problem.network.size,
        "skip": problem.skip,
        "ridge": problem.ridge,
    }  # fmt: skip


def point_to_json(point: CensusPoint) -> dict[str, Any]:
    """A point, losslessly."""
    return {
        "method": point.method,
        "start": point.start,
        "kind": point.kind.name,
        "level": point.level.name,
        "value": _bounds(point.value),
        "gradient": _bounds(point.gradient),
        "curvature": _bounds(point.curvature),
        "whole": {name: _bounds(getattr(point.whole, name)) for name in _WHOLE},
        "minimum": None if point.minimum is None else asdict(point.minimum),
        "parameters": [float(x).hex() for x in point.parameters],
        "predictions": [float(x).hex() for x in point.predictions],
        "size_theta": _number(point.size_theta),
    }


def point_from_json(saved: dict[str, Any]) -> CensusPoint:
    """The point that was saved."""
    minimum = saved["minimum"]
    return CensusPoint(
        method=saved["method"],
        start=saved["start"],
        kind=Kind[saved["kind"]],
        level=Level[saved["level"]],
        value=_enclosed(saved["value"]),
        gradient=_enclosed(saved["gradient"]),
        curvature=_enclosed(saved["curvature"]),
        whole=Whole(**{name: _enclosed(saved["whole"][name]) for name in _WHOLE}),
        minimum=None if minimum is None else Minimum(**minimum),
        parameters=np.array([float.fromhex(x) for x in saved["parameters"]]),
        predictions=np.array([float.fromhex(x) for x in saved["predictions"]]),
        size_theta=saved["size_theta"],
    )


def _bounds(number: Enclosed) -> dict[str, Any]:
    return {"low": _number(number.low), "high": _number(number.high), "guarantee": "enclosed"}


def _enclosed(saved: dict[str, Any]) -> Enclosed:
    low, high = saved["low"], saved["high"]
    return Enclosed(-math.inf if low is None else low, math.inf if high is None else high)


def _number(x: float) -> float | None:
    """JSON has no infinities."""
    return float(x) if math.isfinite(x) else None
