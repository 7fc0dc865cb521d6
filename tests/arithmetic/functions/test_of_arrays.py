"""Functions of vectors and matrices: right in every arithmetic, by fractions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import (
    amax,
    amin,
    clip,
    cumsum,
    det,
    diag,
    eigenvalues,
    einsum,
    entropy,
    exp,
    inverse,
    kl,
    kron,
    log,
    logdet,
    logsumexp,
    matrix_power,
    mean,
    norm,
    nuclear_norm,
    power,
    prod,
    sign,
    singular_values,
    softmax,
    solve,
    sort,
    spectra,
    sqrt,
    stack,
    std,
    total,
    trace,
    var,
    where,
)
from checker.arithmetic.plain import Plain, Traced
from checker.arithmetic.recorded import Recorded
from checker.errors import FormulaError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

F = Fraction


def _det(A: Any) -> Any:
    """Leibniz."""
    n = len(A)
    found = F(0)
    for p in permutations(range(n)):
        odd = sum(p[i] > p[j] for i in range(n) for j in range(i + 1, n)) % 2
        term = F(-1) if odd else F(1)
        for i in range(n):
            term *= A[i, p[i]]
        found += term
    return found


def _inverse(A: Any) -> Any:
    """Gauss and Jordan, with exchanges."""
    n = len(A)
    rows = [[*A[i], *(F(int(i == j)) for j in range(n))] for i in range(n)]
    for j in range(n):
        pivot = next(i for i in range(j, n) if rows[i][j])
        rows[j], rows[pivot] = rows[pivot], rows[j]
        rows[j] = [x / rows[j][j] for x in rows[j]]
        for i in range(n):
            if i != j:
                rows[i] = [x - rows[i][j] * y for x, y in zip(rows[i], rows[j], strict=True)]
    return np.array([row[n:] for row in rows], dtype=object)


def _median_like(u: Any) -> Any:
    return np.array(sorted(u), dtype=object)


# Name -> (formula of a vector u and a regular matrix A, the same of fractions).
RATIONAL: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "trace": (lambda u, A: trace(A), lambda u, A: sum(A[i, i] for i in range(len(A)))),
    "diag of a matrix": (lambda u, A: diag(A), lambda u, A: np.diag(A)),
    "diag of a vector": (lambda u, A: diag(u), lambda u, A: np.diag(u)),
    "det": (lambda u, A: det(A), lambda u, A: _det(A)),
    "inverse": (lambda u, A: inverse(A), lambda u, A: _inverse(A)),
    "solve": (lambda u, A: solve(A, u), lambda u, A: _inverse(A) @ u),
    "power of a matrix": (lambda u, A: matrix_power(A, 5), lambda u, A: A @ A @ A @ A @ A),
    "negative power": (lambda u, A: matrix_power(A, -2), lambda u, A: _inverse(A) @ _inverse(A)),
    "sum": (lambda u, A: A.sum(), lambda u, A: A.sum()),
    "sum of columns": (lambda u, A: A.sum(axis=0), lambda u, A: A.sum(axis=0)),
    "sum of rows": (lambda u, A: A.sum(axis=-1), lambda u, A: A.sum(axis=1)),
    "mean": (lambda u, A: mean(u), lambda u, A: u.sum() / F(len(u))),
    "mean of rows": (lambda u, A: A.mean(axis=1), lambda u, A: A.sum(axis=1) / F(len(A))),
    "var": (lambda u, A: var(u), lambda u, A: ((u - u.sum() / F(len(u))) ** 2).sum() / F(len(u))),
    "prod": (lambda u, A: prod(u), lambda u, A: u.prod()),
    "amax": (lambda u, A: amax(u), lambda u, A: max(u)),
    "amin of a matrix": (lambda u, A: amin(A), lambda u, A: A.min()),
    "amax of columns": (lambda u, A: A.max(axis=0), lambda u, A: A.max(axis=0)),
    "sort": (lambda u, A: sort(u), lambda u, A: _median_like(u)),
    "cumsum": (lambda u, A: cumsum(u), lambda u, A: np.cumsum(u)),
    "sign": (lambda u, A: sign(u), lambda u, A: np.sign(u)),
    "where": (lambda u, A: where(u >= 0, u, 2 * u), lambda u, A: np.where(u >= 0, u, 2 * u)),
    "where, strictly": (lambda u, A: where(u > 0, 3, u), lambda u, A: np.where(u > 0, 3, u)),
    "where, other way": (lambda u, A: where(0 > u, 1, u), lambda u, A: np.where(0 > u, 1, u)),
    "where, equal": (lambda u, A: where(u == u[0], 1, 0), lambda u, A: np.where(u == u[0], 1, 0)),
    "clip": (lambda u, A: clip(u, -1, F(1, 3)), lambda u, A: np.clip(u, F(-1), F(1, 3))),
    "kron": (lambda u, A: kron(A, A), lambda u, A: np.kron(A, A)),
    "einsum, product": (
        lambda u, A: einsum("ij,jk->ik", A, A),
        lambda u, A: A @ A,
    ),
    "einsum, form": (lambda u, A: einsum("i,ij,j", u, A, u), lambda u, A: u @ A @ u),
    "einsum, diagonal": (lambda u, A: einsum("ii->i", A), lambda u, A: np.diag(A)),
    "einsum, trace": (lambda u, A: einsum("ii", A), lambda u, A: np.trace(A)),
    "einsum, transposed": (lambda u, A: einsum("ij->ji", A), lambda u, A: A.T),
    "einsum, outer": (lambda u, A: einsum("i,j->ij", u, u), lambda u, A: np.outer(u, u)),
    "einsum, columns": (lambda u, A: einsum("ij->j", A), lambda u, A: A.sum(axis=0)),
    "stack": (
        lambda u, A: stack([[u[0], 1], [2, u[1]]]),
        lambda u, A: np.array([[u[0], 1], [2, u[1]]], dtype=object),
    ),
    "stack of columns": (
        lambda u, A: stack([u, 2 * u], axis=1),
        lambda u, A: np.stack([u, 2 * u], 1),
    ),
    "reshape": (lambda u, A: A.reshape(-1)[1:], lambda u, A: A.reshape(-1)[1:]),
    "p-norm, 1": (lambda u, A: norm(u, 1), lambda u, A: abs(u).sum()),
    "p-norm, inf": (lambda u, A: norm(u, np.inf), lambda u, A: abs(u).max()),
    "operator norm, 1": (lambda u, A: norm(A, 1), lambda u, A: abs(A).sum(axis=0).max()),
    "operator norm, inf": (lambda u, A: norm(A, np.inf), lambda u, A: abs(A).sum(axis=1).max()),
    "power 0": (lambda u, A: u**0, lambda u, A: u**0),
    "power -2": (lambda u, A: (u**2 + 1) ** -2, lambda u, A: 1 / (u**2 + 1) ** 2),
    "number to a power": (lambda u, A: u[0] ** 7 * 2, lambda u, A: 2 * u[0] ** 7),
}
# Ties, zeros, signs, one entry; each with a matrix that elimination without exchanges fails on.
VECTORS = [[2.0, -0.5, 2.0], [0.0, 0.0, 0.0], [-3.0, 1.5, 0.0], [0.25, -0.25, 7.0]]
MATRICES = [
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -2.0]],
    [[1.0, 2.0, 3.0], [2.0, 4.0, 1.0], [0.5, 0.0, 1.0]],
    [[-1.0, 0.0, 0.0], [0.0, 2.0**-20, 0.0], [0.0, 0.0, 2.0**20]],
    [[3.0, 1.0, -1.0], [1.0, 3.0, 0.25], [-1.0, 0.25, 5.0]],
]
U, M = np.array(VECTORS), np.array(MATRICES)


def _fractions(a: Any) -> Any:
    return np.vectorize(F, otypes=[object])(a)


def _flat(x: Any) -> list[Fraction]:
    return [F(v) for v in np.asarray(x, dtype=object).ravel()]


def _truths(name: str) -> list[list[Fraction]]:
    return [
        _flat(RATIONAL[name][1](_fractions(u), _fractions(A))) for u, A in zip(U, M, strict=True)
    ]


def _holds(ball: Any, exact: Fraction) -> bool:
    with ctx.workprec(2400):
        return bool(ball.overlaps(arb(fmpq(exact.numerator, exact.denominator))))


every_rational = pytest.mark.parametrize("name", RATIONAL)


@every_rational
def test_float_bounds_hold_the_value_and_little_else(name: str) -> None:
    found = RATIONAL[name][0](Bounded(np.moveaxis(U, 0, -1)), Bounded(np.moveaxis(M, 0, -1)))
    size = found.value.shape[-1]
    low, high, radius = (
        np.broadcast_to(x.reshape(-1, size), (max(found.size, 1), len(U)))
        for x in (found.lower, found.upper, found.radius)
    )
    for case, truth in enumerate(_truths(name)):
        for i, exact in enumerate(truth):
            assert F(float(low[i, case])) <= exact <= F(float(high[i, case])), (case, i)
            if name != "where, equal":
                # The second power of a matrix whose entries differ by 2^40 costs most.
                assert radius[i, case] <= 1e-7 * (1 + max(abs(x) for x in truth)), (case, i)


@every_rational
def test_uncertain_arguments_stay_enclosed(name: str) -> None:
    """Any exact numbers inside the bounds; where an order is open, whatever may come out."""
    rng = np.random.default_rng(7)
    errors = 2.0**-12 * np.ones_like(U), 2.0**-30 * np.ones_like(M)
    found = RATIONAL[name][0](
        Bounded(np.moveaxis(U, 0, -1), np.moveaxis(errors[0], 0, -1)),
        Bounded(np.moveaxis(M, 0, -1), np.moveaxis(errors[1], 0, -1)),
    )
    if name.startswith("where, equal"):
        # Equal only to itself: the bounds forget that.
        return
    for _ in range(3):
        shifts = [rng.choice([-1.0, 0.5, 1.0], e.shape) for e in errors]
        for case in range(len(U)):
            u, A = (
                _fractions(a[case]) + _fractions(s[case]) * _fractions(e[case])
                for a, s, e in zip((U, M), shifts, errors, strict=True)
            )
            truth = _flat(RATIONAL[name][1](u, A))
            size = found.value.shape[-1]
            low, high = (x.reshape(-1, size)[:, case % size] for x in (found.lower, found.upper))
            for i, exact in enumerate(truth):
                for bound, side in ((low[i], -1), (high[i], 1)):
                    if np.isfinite(bound):
                        assert side * (F(float(bound)) - exact) >= 0, (case, i, bound, exact)


@every_rational
def test_exact_numbers_are_the_numbers(name: str) -> None:
    for u, A, truth in zip(U, M, _truths(name), strict=True):
        found = RATIONAL[name][0](Exact.constant(u), Exact.constant(A))
        for entry, exact in zip(found.entries.flat, truth, strict=True):
            assert entry.radicand == 1
            assert F(int(entry.ratio.p), int(entry.ratio.q)) == exact


@every_rational
def test_balls_hold_the_value_and_little_else(name: str) -> None:
    with working_precision(128):
        for u, A, truth in zip(U, M, _truths(name), strict=True):
            found = RATIONAL[name][0](Ball.constant(u), Ball.constant(A))
            for entry, exact in zip(found.entries.flat, truth, strict=True):
                assert _holds(entry, exact)
                assert entry.rad() < arb(2) ** -80


@every_rational
@pytest.mark.parametrize("kind", [Plain, Traced])
def test_plain_floats_are_near(name: str, kind: Any) -> None:
    found = RATIONAL[name][0](kind(np.moveaxis(U, 0, -1)), kind(np.moveaxis(M, 0, -1)))
    for values, truth in zip(found.floats() * 4, _truths(name), strict=False):
        assert np.allclose(values.ravel(), [float(x) for x in truth], 1e-9, 1e-9)


# Their branches tie somewhere in these cases, and a series has no value there.
TIES = ("amax", "amin", "sort", "sign", "where", "clip", "norm")


@every_rational
def test_series_and_recordings_have_the_same_values(name: str) -> None:
    for u, A, truth in zip(U, M, _truths(name), strict=True):
        recorded = RATIONAL[name][0](Recorded.leaf(u), Recorded.leaf(A))
        for entry, exact in zip(recorded.exact.entries.flat, truth, strict=True):
            assert F(int(entry.ratio.p), int(entry.ratio.q)) == exact
        if not any(tie in name for tie in TIES):
            series = RATIONAL[name][0](Taylor.line(u, 0 * u), Taylor.line(A, 0 * A))
            for entry, exact in zip(series.coefficient(0).entries.flat, truth, strict=True):
                assert _holds(entry, exact)


# -- with roots and logarithms: identities between two formulas ------------------------------------

IDENTITIES: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "entropy of equal shares": lambda p, q: (entropy(0 * p + F(1, 3)), log(3)),
    "kl by logarithms": lambda p, q: (kl(p, q), total(p * (log(p) - log(q)))),
    "kl to itself": lambda p, q: (kl(p, p), 0),
    "logsumexp": lambda p, q: (exp(logsumexp(p)), total(exp(p))),
    "softmax": lambda p, q: (softmax(p) * total(exp(p)), exp(p)),
    "softmax adds up to 1": lambda p, q: (total(softmax(p)), 1),
    "logdet": lambda p, q: (exp(logdet(diag(p))), prod(p)),
    "square root": lambda p, q: (p**0.5 * p**0.5, p),
    "power": lambda p, q: (power(p, F(1, 3)) ** 3, p),
    "power of powers": lambda p, q: ((p**1.5) ** F(2, 3), p),
    "number to a power": lambda p, q: (2**p * 2**-p, 1),
    "std": lambda p, q: (std(p) ** 2, var(p)),
    "p-norm": lambda p, q: (norm(p, 3) ** 3, total(p**3)),
    "nuclear norm of a diagonal": lambda p, q: (nuclear_norm(diag(p)), total(p)),
    "eigenvalues of a diagonal": lambda p, q: (eigenvalues(diag(p)), sort(p)),
    "trace by eigenvalues": lambda p, q: (
        total(eigenvalues(p[:, None] * q[None, :] + q[:, None] * p[None, :])),
        2 * total(p * q),
    ),
    "singular values of rank 1": lambda p, q: (
        singular_values(p[:, None] * q[None, :])[-1],
        norm(p) * norm(q),
    ),
}
SHARES = np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]])


@pytest.mark.parametrize("name", IDENTITIES)
def test_identities(name: str) -> None:
    p, q = SHARES
    with np.errstate(all="ignore"):
        left, right = IDENTITIES[name](Bounded(p[:, None]), Bounded(q[:, None]))
        apart = left - right
        assert ((apart.lower <= 0) & (apart.upper >= 0)).all()
        assert (apart.radius <= 1e-6).all()
    with working_precision(128):
        left, right = IDENTITIES[name](Ball.constant(p), Ball.constant(q))
        for entry in (left - right).entries.flat:
            assert entry.contains(0)
            assert entry.rad() < arb(2) ** -50
    left, right = IDENTITIES[name](Exact.constant(p), Exact.constant(q))
    assert all(not x.known or x.ratio == 0 for x in (left - right).entries.flat)
    left, right = IDENTITIES[name](Plain(p[:, None]), Plain(q[:, None]))
    assert np.allclose((left - right).value, 0, atol=1e-7)


# -- spectra ---------------------------------------------------------------------------------------

# Orthogonal matrices of fractions, by reflections, turn these into matrices that hide them.
SPECTRA = [[-1, 0, 0, 2], [3, 3, 3, 3], [-5, 1, 1, 4], [0, 0, 0, 0], [-2, -1, 1, 2]]


def _reflection() -> Any:
    v = _fractions([1, -2, 3, 1])
    return np.array(
        [[F(int(i == j)) - 2 * v[i] * v[j] / F(15) for j in range(4)] for i in range(4)]
    )


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_eigenvalues_that_are_known(spectrum: list[int]) -> None:
    H = _reflection()
    A = H @ np.diag(_fractions(spectrum)) @ H
    assert (A == A.T).all()
    exact = eigenvalues(Exact.constant(A)).entries
    assert [(x.ratio, x.radicand) for x in exact] == [(x, 1) for x in spectrum]
    with working_precision(256):
        balls = eigenvalues(Ball.constant(A)).entries
    bounded = eigenvalues(Bounded.constant(A))
    for i, value in enumerate(spectrum):
        assert balls[i].contains(value)
        assert balls[i].rad() < arb(2) ** -60
        assert bounded.lower[i] <= value <= bounded.upper[i]
        assert bounded.radius[i] < 1e-12
    sizes = sorted(abs(x) for x in spectrum)
    singular = singular_values(Bounded.constant(A))
    assert ((singular.lower <= sizes) & (sizes <= singular.upper[:, 0])).any() or all(
        singular.lower[i] <= s <= singular.upper[i] for i, s in enumerate(sizes)
    )
    assert (singular.radius < 1e-12).all()
    assert float(nuclear_norm(Bounded.constant(A)).value[0]) == pytest.approx(sum(sizes))
    roots = [x.ratio for x in singular_values(Exact.constant(A)).entries]
    assert roots == sizes


def test_irrational_eigenvalues_are_ordered_among_rational_ones() -> None:
    A = np.array([[0, 2, 0], [1, 0, 0], [0, 0, 1]]) + np.array([[0, 0, 0], [1, 0, 0], [0, 0, 0]])
    found = [str(x) for x in eigenvalues(Exact.constant(A)).entries]
    assert found == ["-2", "1", "2"]
    golden = eigenvalues(Exact.constant([[1, 1, 0], [1, 0, 0], [0, 0, 1]])).entries
    assert [x.known for x in golden] == [False, True, False]
    rooted = eigenvalues(Exact.constant([[1, 1], [1, -1]])).entries
    assert [str(x) for x in rooted] == ["-1·√(2)", "1·√(2)"]


@pytest.mark.parametrize("lift", [Exact.constant, Ball.constant])
def test_eigenvalues_of_asymmetric_matrices_are_refused(lift: Any) -> None:
    with pytest.raises(FormulaError, match=r"symmetric matrix.*\[0, 1\] and \[1, 0\] differ"):
        eigenvalues(lift(np.array([[1.0, 2.0], [0.0, 3.0]])))


def test_floats_leave_eigenvalues_of_asymmetric_matrices_to_them() -> None:
    found = eigenvalues(Bounded.constant(np.array([[1.0, 2.0], [0.0, 3.0]])))
    assert not np.isfinite(found.lower).any()


def test_singular_matrices_have_no_inverse() -> None:
    A = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert not np.isfinite(inverse(Bounded(A[..., None])).upper).any()
    with working_precision(128):
        assert not inverse(Ball.constant(A)).is_finite
    assert not any(x.known for x in inverse(Exact.constant(A)).entries.flat)


def test_determinants_of_large_orders() -> None:
    rng = np.random.default_rng(3)
    A = rng.integers(-4, 5, (8, 8)).astype(float)
    expected = float(det(Exact.constant(A)).item)
    found = det(Bounded(A[..., None]))
    assert found.lower[0] <= expected <= found.upper[0]
    assert expected == pytest.approx(np.linalg.det(A))


def test_p_norms_need_an_order() -> None:
    for order in (0.5, "nuc", -2):
        with pytest.raises(FormulaError, match="norm knows no order"):
            norm(Ball.constant([1.0, 2.0]), order)
    with pytest.raises(FormulaError, match="norm knows no order"):
        norm(Ball.constant(np.eye(2)), 3)


def test_roots_of_numbers_alone() -> None:
    assert (sqrt(2) * Exact.constant(1)).item.radicand == 2


@pytest.mark.parametrize(
    ("place", "least", "greatest"), [(0, 0.25, 1.0), (1, 0.5, 2.25), (2, 1.0, 2.5)]
)
def test_orders_of_uncertain_numbers(place: int, least: float, greatest: float) -> None:
    """The k-th of 1, 1.5 ± 1 and 1.25 ± 1 may be anything between the k-th ends."""
    value, error = np.array([[1.0], [1.5], [1.25]]), np.array([[0.0], [1.0], [1.0]])
    found = sort(Bounded(value, error))[place]
    assert found.lower[0] <= least
    assert found.upper[0] >= greatest
    with working_precision(128):
        entries = np.array([arb(1), arb(1.5, 1), arb(1.25, 1)], dtype=object)
        ball = sort(Ball(entries)).entries[place]
        assert ball.lower() <= least
        assert ball.upper() >= greatest
    for extreme in (amin, amax):
        if place == {amin: 0, amax: 2}[extreme]:
            assert extreme(Bounded(value, error)).lower[0] <= least
            assert extreme(Bounded(value, error)).upper[0] >= greatest


@pytest.mark.parametrize("basis", ["identity", "short", "skew"])
def test_poor_eigenvectors_widen_and_do_not_falsify(
    basis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = {
        "identity": np.eye(3),
        "short": 0.75 * np.eye(3),
        "skew": np.array([[1.0, 0.25, 0.0], [0.0, 1.0, 0.125], [0.0, 0.0, 1.0]]),
    }[basis]
    monkeypatch.setattr(spectra, "approximate_eigenvectors", lambda a: poor[..., None])
    # 0, 1 and 3; 2 and 8 beside 8.
    for matrix, truth in (
        ([[1, -1, 0], [-1, 2, -1], [0, -1, 1]], [0, 1, 3]),
        ([[6, 2, 2], [2, 6, -2], [2, -2, 6]], [2, 8, 8]),
    ):
        found = eigenvalues(Bounded(np.array(matrix, dtype=float)[..., None]))
        for i, value in enumerate(truth):
            assert not found.lower[i, 0] > value
            assert not found.upper[i, 0] < value
