"""Instances to compare with independent computations, and the claims of a paper's module."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from checker.arithmetic.ball import Ball
from checker.arithmetic.exact import Exact
from checker.arithmetic.lifting import lifted
from checker.claims.claim import Claim, Domain
from checker.instances.draws import draw_last
from checker.instances.fields import FloatArray


def drawn(domain: Domain, seed: int, stratum: str = "gaussian", **sizes: int) -> Any:
    """An instance whose dimensions have the given sizes, its parameters made what they mean."""
    for number in range(seed, seed + 500):
        structure = draw_last(domain.strata[stratum], number)
        known = structure.structure.sizes
        if all(known[name] == size for name, size in sizes.items()):
            batch = structure.batch(np.random.default_rng(seed), 1)
            return lifted(batch.case(0), Ball.constant)
    raise AssertionError(f"no instance of sizes {sizes}")


def floats(number: Any) -> FloatArray:
    """The nearest floats of balls."""
    (values,) = number.floats()
    return np.asarray(values, dtype=float)


def exact(instance: Any) -> Any:
    """An instance in exact numbers."""
    return lifted(instance, Exact.constant)


def claims_of(module: ModuleType) -> dict[str, Claim]:
    """The claims that a module defines, its false neighbours included, by id."""
    found = (c for c in vars(module).values() if isinstance(c, Claim))
    return {c.id: c for c in found if c.formula.__module__ != "" and c.id.startswith(_key(module))}


def _key(module: ModuleType) -> str:
    return module.__name__.split(".")[1] + "."


def gradient(f: Any, x: FloatArray, step: float = 1e-6) -> FloatArray:
    """Central differences."""
    found = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[index] = step
        found[index] = (f(x + e) - f(x - e)) / (2 * step)
    return found


def hessian(f: Any, x: FloatArray, step: float = 1e-4) -> FloatArray:
    """Second central differences of a function of a vector."""
    units = np.eye(len(x)) * step
    return np.array(
        [
            [
                (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * step**2)
                for b in units
            ]
            for a in units
        ]
    )
