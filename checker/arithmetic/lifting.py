"""Instances on their way into an arithmetic: the one door, where parameters become what they mean.

A formula sees every field as numbers of its arithmetic. Where a field's domain has parameters (see
`checker.instances.domains`), it sees the object that they stand for, computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from checker.arithmetic.above.complex import Complex
from checker.arithmetic.functions import outer, sq
from checker.instances.domains import parameters_of
from checker.instances.fields import FloatArray, numbers_of, with_fields

Inst = TypeVar("Inst")
Constant = Callable[[FloatArray], Any]


def lifted(
    instance: Inst, constant: Constant, given: Mapping[str, Any] = MappingProxyType({})
) -> Inst:
    """The instance with every field as the numbers of an arithmetic that `constant` makes; numbers
    in `given`, by the name of their field, are made already."""
    meant = parameters_of(type(instance))
    values = {}
    for name, numbers in numbers_of(instance).items():
        value = given[name] if name in given else constant(numbers)
        values[name] = (
            VALUES[meant[name].name](value, numbers, constant) if name in meant else value
        )
    return with_fields(instance, **values)


def shares(q: Any, counts: FloatArray, constant: Constant) -> Any:
    """q / Σq, (k,): a point of the probability simplex."""
    return q / _sum([q[i] for i in range(counts.shape[0])])


def gram(B: Any, factor: FloatArray, constant: Constant) -> Any:
    """B Bᵀ, (k, k): positive semidefinite."""
    return B @ B.T


def reflections(A: Any, columns: FloatArray, constant: Constant) -> Any:
    """H_1 ... H_k, (k, k): orthogonal. H_j = I - 2 a_j a_jᵀ / (a_jᵀ a_j), and I where a_j = 0.

    Every orthogonal matrix of order k is such a product (Cartan and Dieudonné).
    """
    order = columns.shape[0]
    eye = np.eye(order).reshape(order, order, *(1 for _ in columns.shape[2:]))
    product = constant(eye + 0.0 * columns)
    for j in range(order):
        a = A[:, j]
        product = product - outer(product @ a, a) * (2 / _length(a, columns[:, j], constant))
    return product


def complex_numbers(parts: Any, numbers: FloatArray, constant: Constant) -> Any:
    """x + iy, of the shape of x and y: the last axis of the parts is (x, y)."""
    return Complex(parts[..., 0], parts[..., 1])


def unit_vector(v: Any, direction: FloatArray, constant: Constant) -> Any:
    """e - 2 v v_1 / (vᵀv), (k,), and e where v = 0, with the first unit vector e: of length 1.

    Every unit vector is of this form, with rational entries for rational v.
    """
    first = np.zeros_like(direction)
    first[0] = 1.0
    return constant(first) - v * (2 * v[0] / _length(v, direction, constant))


def _length(v: Any, numbers: FloatArray, constant: Constant) -> Any:
    """vᵀv, and 1 where v = 0."""
    none = (numbers == 0).all(axis=0)
    return sq(v) + constant(np.where(none, 1.0, 0.0))


def _sum(terms: list[Any]) -> Any:
    first, *further = terms
    return sum(further, first)


# What a formula sees of a field with parameters, by the name of its domain: a function of the
# parameters in an arithmetic, of the same as floats, and of what makes numbers of that arithmetic.
VALUES: dict[str, Callable[[Any, FloatArray, Constant], Any]] = {
    "simplex": shares,
    "positive semidefinite": gram,
    "orthogonal": reflections,
    "unit vector": unit_vector,
    "complex": complex_numbers,
    "hermitian": complex_numbers,
}
