"""Census points and problems as JSON, floats losslessly in hexadecimal."""

from __future__ import annotations

import hashlib
import math
from dataclasses import fields
from typing import Any

import numpy as np

from checker.census.enclosed import Enclosed
from checker.census.point import CensusPoint
from checker.census.whole import Whole
from checker.landscape.minima.critical import Problem
from checker.landscape.minima.strong_convexity import Minimum

SCHEMA = 3

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
        "minimum": None if point.minimum is None else _minimum(point.minimum),
        "parameters": [float(x).hex() for x in point.parameters],
        "predictions": [float(x).hex() for x in point.predictions],
        "size_theta": _number(point.size_theta),
    }


def _minimum(minimum: Minimum) -> dict[str, Any]:
    numbers = {x: _number(getattr(minimum, x)) for x in ("low", "high", "radius", "modulus")}
    return {**numbers, "is_global": minimum.is_global}


def _bounds(number: Enclosed) -> dict[str, Any]:
    return {"low": _number(number.low), "high": _number(number.high), "guarantee": "enclosed"}


def _number(x: float) -> float | None:
    """JSON has no infinities."""
    return float(x) if math.isfinite(x) else None
