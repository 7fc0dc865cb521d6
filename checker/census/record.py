"""A census as records, which are its JSON: floats losslessly in hexadecimal."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import Any

import numpy as np

from checker.census.enclosed import Enclosed
from checker.census.point import CensusPoint
from checker.census.whole import Whole
from checker.landscape.minima.critical import Problem
from checker.landscape.minima.strong_convexity import Minimum
from checker.report.evidence import number
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


class Header(File, frozen=True, kw_only=True):
    """What a census is of; equal for equal problems."""

    seed: int
    data: Data
    loss: str
    network: Any
    parameters: int
    skip: Any
    ridge: Any


class CensusFile(Header, frozen=True, kw_only=True):
    """census.json: what `checker census` found."""

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
    """The fields of a `Header`."""
    sample = problem.sample
    weights = np.ones(0) if sample.weights is None else sample.weights
    digest = hashlib.sha256()
    for array in (sample.X, sample.y, weights):
        digest.update(np.ascontiguousarray(array).tobytes())
    return {
        "schema": SCHEMA,
        "seed": seed,
        "data": Data(name=sample.name, n=sample.n, d=sample.d, sha256=digest.hexdigest()),
        "loss": problem.loss.name,
        "network": problem.network.describe(),
        "parameters": sample.d * (1 + problem.network.m) + problem.network.size,
        "skip": problem.skip,
        "ridge": problem.ridge,
    }


def point_record(point: CensusPoint, found: int) -> PointRecord:
    """A point, losslessly, and how often it was found."""
    return PointRecord(
        method=point.method,
        start=point.start,
        kind=point.kind.name,
        level=point.level.name,
        value=bounds(point.value),
        gradient=bounds(point.gradient),
        curvature=bounds(point.curvature),
        whole={name: bounds(getattr(point.whole, name)) for name in _WHOLE},
        minimum=None if point.minimum is None else _minimum(point.minimum),
        parameters=[float(x).hex() for x in point.parameters],
        predictions=[float(x).hex() for x in point.predictions],
        size_theta=number(point.size_theta),
        found=found,
    )


def _minimum(minimum: Minimum) -> MinimumRecord:
    numbers = {x: number(getattr(minimum, x)) for x in ("low", "high", "radius", "modulus")}
    return MinimumRecord(**numbers, is_global=minimum.is_global)


def bounds(enclosed: Enclosed) -> Bounds:
    """A number between two proved ones."""
    return Bounds(low=number(enclosed.low), high=number(enclosed.high), guarantee="enclosed")
