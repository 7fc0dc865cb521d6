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
from checker.report.records import File, Number, Record

SCHEMA = 3


class Bounds(Record, frozen=True, kw_only=True):
    """A number between two proved ones."""

    low: Number
    high: Number
    guarantee: str


class MinimumRecord(Record, frozen=True, kw_only=True):
    """What is proved of a local minimum."""

    low: Number
    high: Number
    radius: Number
    modulus: Number
    is_global: bool


class PointRecord(Record, frozen=True, kw_only=True):
    """A point that was found; its numbers in hexadecimal."""

    method: str
    start: int
    kind: str
    level: str
    value: Bounds
    gradient: Bounds
    curvature: Bounds
    whole: dict[str, Bounds]
    minimum: MinimumRecord | None
    parameters: list[str]
    predictions: list[str]
    size_theta: Number
    found: int


class Data(Record, frozen=True, kw_only=True):
    """The data set, and the checksum of its numbers."""

    name: str
    n: int
    d: int
    sha256: str


class CensusFile(File, frozen=True, kw_only=True):
    """census.json: what `checker census` found."""

    seed: int
    data: Data
    loss: str
    network: Any
    parameters: int
    skip: Any
    ridge: Any
    versions: dict[str, str]
    interrupted: bool
    fault: str | None
    starts: int
    seconds: Number
    linear_level: Bounds
    counts: dict[str, int]
    points: list[PointRecord]


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
