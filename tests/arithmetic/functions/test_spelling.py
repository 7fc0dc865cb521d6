"""Formulas pasted from a notebook: NumPy's spelling has NumPy's meaning in every arithmetic."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.ball import working_precision
from checker.arithmetic.closed.arrays import NoClosedForm
from checker.arithmetic.functions import cos, e, exp, pi, sin, sqrt, stack
from tests.arithmetic.every_arithmetic import ARITHMETICS

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

A = np.array([[2.0, 1.0], [1.0, 3.0]])
B = np.array([[1.0, -1.5, 2.0], [4.0, 0.5, -0.25]])
U = np.array([0.5, -2.0])
P = np.array([0.25, 0.75])

# As a notebook has them; u, A, B, p are arrays of NumPy in one evaluation and ours in the other.
SPELLINGS = """
np.linalg.norm(u)
np.linalg.norm(A)
np.linalg.norm(u, 1)
np.linalg.norm(u, ord=3)
np.linalg.norm(u, np.inf)
np.linalg.norm(u, -np.inf)
np.linalg.norm(B, 1)
np.linalg.norm(B, np.inf)
np.linalg.norm(B, "fro")
np.abs(u)
np.fabs(u)
np.negative(u)
np.square(u)
np.reciprocal(u)
np.sqrt(p)
np.exp(u)
np.exp2(u)
np.log(p)
np.log2(p)
np.log10(p)
np.log1p(p)
np.expm1(u)
np.sin(u)
np.cos(u)
np.tan(u)
np.sinh(u)
np.cosh(u)
np.tanh(u)
np.arctan(u)
np.cbrt(u)
np.hypot(u, 2.0)
np.logaddexp(u, p)
np.power(p, 0.5)
np.power(u, 3)
np.float_power(p, -1.5)
np.sign(u)
np.maximum(u, 0)
np.maximum(0, u)
np.minimum(1.0, u)
np.fmax(u, p)
np.maximum.reduce(u)
np.add.reduce(u)
np.add(u, p)
np.subtract(1, u)
np.multiply(u, u)
np.divide(u, p)
np.matmul(A, u)
np.sum(u)
np.sum(B, axis=0)
np.sum(B, axis=1)
np.sum(B, axis=-1)
np.mean(B)
np.mean(B, axis=0)
np.var(u)
np.var(B, axis=1)
np.std(B, axis=0)
np.prod(u)
np.max(B)
np.max(B, axis=1)
np.amin(u)
np.min(B, axis=0)
np.cumsum(u)
np.sort(u)
np.clip(u, -1, 1)
np.dot(u, p)
np.dot(A, u)
np.dot(A, B)
np.dot(2.0, u)
np.inner(u, p)
np.vdot(B, B)
np.outer(u, p)
np.kron(A, B)
np.einsum("ij,j->i", A, u)
np.einsum("ij,ij->", B, B)
np.trace(A)
np.diag(A)
np.diag(u)
np.diagonal(A)
np.transpose(B)
np.reshape(B, (3, 2))
np.ravel(B)
np.concatenate([u, p])
np.concatenate([A, B], axis=1)
np.stack([u, p])
np.stack([u, p], axis=1)
np.stack((u, p), axis=-1)
np.vstack([u, A])
np.hstack([u, p])
np.hstack([A, B])
np.zeros_like(u)
np.ones_like(B)
np.full_like(u, 2.5)
np.shape(B)
np.ndim(B)
np.size(B)
np.linalg.det(A)
np.linalg.inv(A)
np.linalg.solve(A, u)
np.linalg.matrix_power(A, 3)
len(u)
u.sum()
u.mean()
B.sum(axis=0)
B.mean(axis=1)
u.max()
u.std()
B.var(axis=0)
u.prod()
B.min(axis=0)
u.dot(p)
A.trace()
u.cumsum()
u.clip(0, 1)
B.reshape(3, 2)
B.reshape(-1)
B.ravel()
B.T
B.transpose()
u.ndim
B.size
B[:, 0]
B[0]
B[..., -1]
u[::-1]
u[None, :]
u[:, np.newaxis]
A @ B
u @ A @ u
u**2
u**0
u**-2
p**0.5
p**1.5
2**u
sum(x * x for x in u)
np.float64(2) * u
np.eye(2) @ u
np.array([1.0, 2.0]) - u
A / A.sum()
""".strip().splitlines()
# With branches or eigenvalues, which series know nothing of.
BRANCHES = """
np.linalg.eigvalsh(A)
np.linalg.svd(B, compute_uv=False)
np.linalg.norm(A, 2)
np.linalg.norm(B, "nuc")
np.where(u > 0, u, -u)
np.where(u >= 0, 1, 0)
np.where(B < 0, B, 2 * B)
""".strip().splitlines()


def _value(spelling: str, **arrays: Any) -> Any:
    return eval(spelling, {"np": np, **arrays})


def _lifted(name: str) -> dict[str, Any]:
    arrays = {"u": U, "A": A, "B": B, "p": P}
    return {key: ARITHMETICS[name].lifted([array]) for key, array in arrays.items()}


@pytest.mark.parametrize("spelling", [*SPELLINGS, *BRANCHES])
def test_numpy_means_here_what_it_means_there(spelling: str) -> None:
    for name in ARITHMETICS:
        if name != "Terms" and not (name == "Taylor" and spelling in BRANCHES[:4]):
            # Closed forms are for what they reach: another function ends the attempt.
            with suppress(NoClosedForm):
                _assert_alike(name, spelling)


def _assert_alike(name: str, spelling: str) -> None:
    expected = _value(spelling, u=U, A=A, B=B, p=P)
    found = _value(spelling, **_lifted(name))
    if isinstance(found, int | tuple):
        assert found == expected
        return
    assert found.shape == np.shape(expected)
    (value,) = found.floats()
    if name == "Exact":
        # What is no rational number nor the root of one is unknown there.
        value = np.where(np.isnan(value), expected, value)
    assert np.allclose(value, expected, rtol=1e-9, atol=1e-12)


def test_constants_are_exact_where_numpy_has_floats() -> None:
    """np.pi is a float, and taken as that number; `pi` is π."""
    u = ARITHMETICS["Ball"].lifted([U])
    with working_precision(128):
        _assert_constants(u)


def _assert_constants(u: Any) -> None:
    assert (np.pi * u[0] - pi * u[0]).item > -1e-15
    assert not (np.pi * u[0] - pi * u[0]).item.contains(0)
    assert abs((sin(pi * u[0]) - 1).item) < 1e-12
    assert (cos(0 * u[0]) - 1).item == 0
    assert abs((exp(u[0] * 0 + 1) - e).item) < 1e-12
    assert abs((sqrt(2) ** 2 * u[0] - 1).item) < 1e-12


def test_numbers_make_vectors_and_matrices() -> None:
    u = ARITHMETICS["Exact"].lifted([U])
    rotation = stack([[u[0], -u[1]], [u[1], u[0]]])
    assert rotation.shape == (2, 2)
    assert [str(x) for x in rotation.entries.flat] == ["1/2", "2", "-2", "1/2"]
