"""Complex numbers mean what NumPy's do, in every arithmetic, and are compared by == alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import checker
from checker import (
    claim,
    complex_matrices,
    complex_numbers,
    complex_vectors,
    decide,
    det,
    dot,
    einsum,
    exp,
    grad,
    hermitian,
    inverse,
    kron,
    mean,
    norm,
    outer,
    singular_values,
    solve,
    sq,
    stack,
    trace,
    var,
    vectors,
    verify,
)
from checker.arithmetic.above.complex import Complex
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.decide import Decision
from checker.arithmetic.exact import Exact
from checker.arithmetic.plain import Plain
from checker.claims.verdict import Verdict
from checker.errors import FormulaError
from checker.instances.domains import DOMAINS
from checker.instances.text import exact_value, fields_of

RNG = np.random.default_rng(5)
Z, W = (RNG.standard_normal((3, 3)) + 1j * RNG.standard_normal((3, 3)) for _ in range(2))
U, V = Z[0], W[0]
H = Z + Z.conj().T

# A formula, and the same by NumPy.
FORMULAS: dict[str, tuple[Callable[..., Any], Any]] = {
    "sum": (lambda z, w: z + w, Z + W),
    "difference": (lambda z, w: 1 - z - w + 2j, 1 - Z - W + 2j),
    "product": (lambda z, w: z * w * 1j, Z * W * 1j),
    "quotient": (lambda z, w: (2 + 1j) / z + z / w + z / 2, (2 + 1j) / Z + Z / W + Z / 2),
    "power": (lambda z, w: z**3 + w**-2 + z**0, Z**3 + W**-2.0 + 1),
    "matrix product": (lambda z, w: z @ w, Z @ W),
    "times NumPy's": (lambda z, w: W @ z + Z, W @ Z + Z),
    "modulus": (lambda z, w: abs(z * w), abs(Z * W)),
    "parts": (lambda z, w: z.real - w.imag, Z.real - W.imag),
    "conjugate transpose": (lambda z, w: z.H @ w.conj(), Z.conj().T @ W.conj()),
    "inner product": (lambda z, w: dot(z[0], w[0]), np.vdot(U, V)),
    "outer": (lambda z, w: outer(z[0], w[0]), np.outer(U, V)),
    "norm": (lambda z, w: norm(z[0]) + norm(z[0], 1), np.linalg.norm(U) + np.linalg.norm(U, 1)),
    "squared norm": (lambda z, w: sq(z), np.sum(abs(Z) ** 2)),
    "matrix norms": (
        lambda z, w: norm(z, 2) + norm(z, "fro") + norm(z, "nuc"),
        sum(np.linalg.norm(Z, order) for order in (2, "fro", "nuc")),
    ),
    "exp": (lambda z, w: exp(z), np.exp(Z)),
    "sums": (lambda z, w: np.sum(z, axis=0) + mean(w), np.sum(Z, axis=0) + np.mean(W)),
    "variance": (lambda z, w: var(z[0]), np.var(U)),
    "trace": (lambda z, w: trace(z), np.trace(Z)),
    "determinant": (lambda z, w: det(z), np.linalg.det(Z)),
    "inverse": (lambda z, w: inverse(z), np.linalg.inv(Z)),
    "solve": (lambda z, w: solve(z, w[0]), np.linalg.solve(Z, V)),
    "einsum": (lambda z, w: einsum("ij,jk->ik", z, w), Z @ W),
    "kron": (lambda z, w: kron(z, w), np.kron(Z, W)),
    "stack": (lambda z, w: stack([z[0, 0], 1j, 2]), np.array([Z[0, 0], 1j, 2])),
    "singular values": (lambda z, w: singular_values(z), np.linalg.svd(Z)[1][::-1]),
    "eigenvalues": (lambda z, w: np.linalg.eigvalsh(z + z.H), np.linalg.eigvalsh(H)),
    "reshape": (lambda z, w: z.reshape(9)[2:4].T, Z.reshape(9)[2:4]),
    "from real": (lambda z, w: z.real + 1j * z.imag, Z),
    "NumPy": (lambda z, w: np.abs(np.conj(z)) + np.real(w), abs(Z) + W.real),
}
KINDS = {
    "ball": lambda x: Ball.constant(x),
    "bounded": lambda x: Bounded.constant(x),
    "plain": lambda x: Plain.constant(x),
}


def _complex(kind: Callable[[Any], Any], numbers: Any) -> Complex:
    return Complex(kind(numbers.real), kind(numbers.imag))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_mean_what_numpy_means(name: str, kind: Callable[[Any], Any]) -> None:
    formula, expected = FORMULAS[name]
    with working_precision(128):
        found = formula(_complex(kind, Z), _complex(kind, W))
        parts = [found.real, found.imag]
        values = [p.floats()[0] for p in parts]
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(values[0] + 1j * values[1], expected, rtol=1e-9, atol=1e-9)


def test_gaussian_rationals_are_exact() -> None:
    z = Complex(Exact.constant(3), Exact.constant(4))
    assert (abs(z).item.ratio, (z * z.conj()).imag.item.ratio) == (5, 0)
    assert ((1 / z).real.item.ratio, (1 / z).imag.item.ratio) == (
        Exact.constant(3).item.ratio / 25,
        Exact.constant(-4).item.ratio / 25,
    )


def test_the_modulus_of_an_exponential_is_exact() -> None:
    assert abs(exp(1j * Exact.constant(7))).item.ratio == 1


def test_the_gradient_of_a_modulus() -> None:
    with working_precision(128):
        u, v = Ball.constant([3.0]), Ball.constant([4.0])
        slopes = grad(lambda x: abs(x[0] + 1j * v[0]), u)
    assert slopes.floats()[0] == pytest.approx([0.6])


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (lambda z: z >= 0, "orders complex numbers"),
        (lambda z: checker.maximum(z, 1) >= 0, "orders complex numbers"),
        (lambda z: checker.sqrt(z), "sqrt is not known for complex numbers"),
        (lambda z: checker.sort(stack([z, z])), "sort is not known for complex numbers"),
        (lambda z: checker.lambda_max(stack([[z, z], [z, z]])), "Hermitian"),
        (lambda z: grad(lambda x: abs(x), z), "complex"),
        (lambda z: checker.program(np.abs, z), "not known for complex numbers"),
    ],
)
def test_what_complex_numbers_do_not_have(formula: Any, said: str) -> None:
    z = Complex(Ball.constant(1.0), Ball.constant(2.0))
    with working_precision(128), pytest.raises(FormulaError, match=said):
        formula(z)


# -- as fields ------------------------------------------------------------------------------------


@claim
def cauchy(u: complex_vectors("k"), v: complex_vectors("k")):
    return norm(u) * norm(v) >= abs(dot(u, v))


@claim
def product_of_conjugates(z: complex_numbers(), w: complex_numbers()):
    return (z * w).conj() == z.conj() * w.conj()


@claim
def conjugate_of_one(z: complex_numbers(), w: complex_numbers()):
    return (z * w).conj() == z.conj() * w


@claim
def never_negative(z: complex_numbers()):
    return (z * z).real >= 0


@claim
def weyl(A: hermitian("k"), B: hermitian("k")):
    return checker.lambda_max(A) + checker.lambda_max(B) >= checker.lambda_max(A + B)


@claim
def largest_is_diagonal(A: hermitian("k")):
    return checker.amax(checker.diag(A).real) >= checker.lambda_max(A)


@claim
def frobenius_is_larger(A: complex_matrices("n", "d")):
    return norm(A, "fro") >= norm(A, 2)


@claim
def pythagoras(x: vectors("k"), y: vectors("k")):
    return sq(x + 1j * y) == sq(x) + sq(y)


@pytest.mark.parametrize(
    "true", [cauchy, product_of_conjugates, weyl, frobenius_is_larger, pythagoras]
)
def test_true_statements_stand(true: Any) -> None:
    assert verify(true, cases=300).verdict is Verdict.STANDS


@pytest.mark.parametrize("false", [conjugate_of_one, never_negative, largest_is_diagonal])
def test_false_statements_fall(false: Any) -> None:
    assert verify(false, cases=2000).verdict is Verdict.REFUTED


def test_an_instance_is_given_and_shown_as_complex_numbers() -> None:
    result = decide(cauchy, u=np.array([1 + 2j, 0]), v=np.array([1j, 2]))
    assert result.decision is Decision.HOLDS
    assert decide(never_negative, z=1j).decision is Decision.VIOLATED
    assert decide(never_negative, z=[0, 1]).decision is Decision.VIOLATED
    shown = never_negative.formula.instances(z=np.array([0.5, -1.0]))
    assert fields_of(shown) == [("z", "0.5 - i")]
    assert exact_value(np.array([0.5, -1.0])) == "[0.5, -1]"


def test_hermitian_matrices_are_drawn_as_such() -> None:
    drawn = DOMAINS["hermitian"].drawn(np.random.default_rng(1), (3, 3, 2, 5))
    numbers = drawn[:, :, 0] + 1j * drawn[:, :, 1]
    np.testing.assert_array_equal(numbers, numbers.conj().swapaxes(0, 1))
    assert DOMAINS["hermitian"].holds(drawn).all()
    assert not DOMAINS["hermitian"].holds(drawn + 1.0).any()
