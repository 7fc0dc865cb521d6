"""Instances on their way into an arithmetic: the one door, where parameters become what they mean.

A formula sees every field as numbers of its arithmetic. Where a field's domain has parameters (see
`checker.instances.domains`), it sees the object that they stand for, computed here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from checker.arithmetic.functions import outer, sq
from checker.instances.fields import FloatArray, dims_of, numbers_of, with_fields

Inst = TypeVar("Inst")
Constant = Callable[[FloatArray], Any]


def lifted(instance: Inst, constant: Constant) -> Inst:
    """The instance with every field as the numbers of an arithmetic that `constant` makes."""
    dims = dims_of(type(instance))
    values = {}
    for name, numbers in numbers_of(instance).items():
        meant = VALUES.get(_domain(dims.get(name)))
        values[name] = constant(numbers) if meant is None else meant(numbers, constant)
    return with_fields(instance, **values)


def _domain(dims: Any) -> str:
    domain = "real" if dims is None else dims.domain
    return str(getattr(domain, "name", domain))


def shares(counts: FloatArray, constant: Constant) -> Any:
    """q / Σq, (k,): a point of the probability simplex."""
    q = constant(counts)
    return q / _sum([q[i] for i in range(counts.shape[0])])


def gram(factor: FloatArray, constant: Constant) -> Any:
    """B Bᵀ, (k, k): positive semidefinite."""
    B = constant(factor)
    return B @ B.T


def reflections(columns: FloatArray, constant: Constant) -> Any:
    """H_1 ... H_k, (k, k): orthogonal. H_j = I - 2 a_j a_jᵀ / (a_jᵀ a_j), and I where a_j = 0.

    Every orthogonal matrix of order k is such a product (Cartan and Dieudonné).
    """
    order, A = columns.shape[0], constant(columns)
    eye = np.eye(order).reshape(order, order, *(1 for _ in columns.shape[2:]))
    product = constant(eye + 0.0 * columns)
    for j in range(order):
        a = A[:, j]
        product = product - outer(product @ a, a) * (2 / _length(a, columns[:, j], constant))
    return product


def unit_vector(direction: FloatArray, constant: Constant) -> Any:
    """e - 2 v v_1 / (vᵀv), (k,), and e where v = 0, with the first unit vector e: of length 1.

    Every unit vector is of this form, with rational entries for rational v.
    """
    v, first = constant(direction), np.zeros_like(direction)
    first[0] = 1.0
    return constant(first) - v * (2 * v[0] / _length(v, direction, constant))


def _length(v: Any, numbers: FloatArray, constant: Constant) -> Any:
    """vᵀv, and 1 where v = 0."""
    none = (numbers == 0).all(axis=0)
    return sq(v) + constant(np.where(none, 1.0, 0.0))


def _sum(terms: list[Any]) -> Any:
    first, *further = terms
    return sum(further, first)


# What a formula sees of a field with parameters, by the name of its domain.
VALUES: dict[str, Callable[[FloatArray, Constant], Any]] = {
    "simplex": shares,
    "positive semidefinite": gram,
    "orthogonal": reflections,
    "unit vector": unit_vector,
}
