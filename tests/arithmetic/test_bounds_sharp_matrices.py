"""Bounds of inner products, sums and eigenvalues, on numbers that use them up."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from checker.arithmetic import ball
from checker.arithmetic import bounded as batch
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.instances.fields import FloatArray

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
HALF_ULP = 2.0**-53


def assert_within(found: Bounded, truth: Fraction) -> None:
    for value, radius in zip(found.value.flat, found.radius.flat, strict=True):
        assert abs(truth - Fraction(float(value))) <= Fraction(float(radius))
    assert (found.lower <= truth).all()
    assert (found.upper >= truth).all()


def column(*entries: float) -> FloatArray:
    return np.array(entries)[:, None]


# -- inner products and sums -------------------------------------------------------------------

# A shared factor takes the way through BLAS.
PAIRS = [(1, 1), (3, 3), (1, 3), (3, 1)]


def product(a: Bounded, b: Bounded, sizes: tuple[int, int], *, matrix: bool) -> Bounded:
    """a @ b with the given numbers of cases, a as a row of a matrix if asked for."""
    left, right = (
        x._map(lambda v, s=size: np.repeat(v, s, axis=-1))
        for x, size in zip((a, b), sizes, strict=True)
    )
    return left._map(lambda v: v[None])._contract(right)[0] if matrix else left._contract(right)


@pytest.mark.parametrize("matrix", [False, True])
@pytest.mark.parametrize("sizes", PAIRS)
@pytest.mark.parametrize("length", [2, 40])
def test_ties_that_all_round_down(length: int, sizes: tuple[int, int], matrix: bool) -> None:
    """1 + 2^-53 + 2^-53 + ... is 1 from left to right, (length - 1) half ulps too little."""
    ones, small = np.ones((length, 1)), np.full((length, 1), HALF_ULP)
    small[0] = 1.0
    truth = 1 + (length - 1) * Fraction(HALF_ULP)
    assert_within(product(Bounded(ones), Bounded(small), sizes, matrix=matrix), truth)
    assert_within(product(Bounded(small), Bounded(ones), sizes, matrix=matrix), truth)
    assert_within(Bounded(small).total(), truth)


ENDS = [
    (Bounded(column(2.0), column(0.5)), Bounded(column(3.0), column(0.25)), Fraction(65, 8)),
    (Bounded(column(2.0), column(0.5)), Bounded(column(3.0)), Fraction(15, 2)),
    (Bounded(column(2.0)), Bounded(column(3.0), column(0.25)), Fraction(13, 2)),
    (Bounded(column(0.0), column(0.5)), Bounded(column(0.0), column(0.25)), Fraction(1, 8)),
    # Underflow: of the product, of the inherited error, of the weight.
    (Bounded(column(2.0**-1074)), Bounded(column(0.5)), Fraction(2) ** -1075),
    (Bounded(column(0.0), column(2.0**-1074)), Bounded(column(0.5)), Fraction(2) ** -1075),
    (
        Bounded(column(1e300, 1e300)),
        Bounded(column(2.0**-1070, 2.0**-1074 * 11)),
        Fraction(1e300) * 27 / 2**1074,
    ),
]


@pytest.mark.parametrize("matrix", [False, True])
@pytest.mark.parametrize("sizes", PAIRS)
@pytest.mark.parametrize("case", range(len(ENDS)))
def test_inner_products_of_ends(case: int, sizes: tuple[int, int], matrix: bool) -> None:
    a, b, truth = ENDS[case]
    assert_within(product(a, b, sizes, matrix=matrix), truth)


def test_rounding_of_a_product_with_a_subnormal_factor() -> None:
    """The weight gamma |b| underflows to 0, and |a| makes up for the size of b."""
    a, b = 1e300 * (1 + 2.0**-30), 2.0**-1060 * (1 + 2.0**-13)
    found = Bounded(column(a, a)) @ Bounded(column(b, -b / 3))
    assert_within(found, Fraction(a) * (Fraction(b) + Fraction(-b / 3)))


def test_totals_of_ends() -> None:
    a = Bounded(column(1.0, 2.0, -1.0), column(0.5, 0.25, 1.0))
    assert_within(a.total(), Fraction(15, 4))


# -- eigenvalues: with the identity for eigenvectors, Gershgorin's bounds are used up ------------


@pytest.fixture
def identity_basis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        batch, "approximate_eigenvectors", lambda a: np.eye(len(a))[:, :, None] + 0 * a
    )


def symmetric(diagonal: float, beside: float) -> FloatArray:
    return np.array([[diagonal, beside], [beside, diagonal]])[:, :, None]


@pytest.mark.usefixtures("identity_basis")
@pytest.mark.parametrize(
    ("value", "error", "least", "greatest"),
    [
        (symmetric(0.0, 1.0), symmetric(0.0, 0.0), (-1, 1), (-1, 1)),
        (symmetric(1.0, 0.0), symmetric(0.25, 0.0), (0.75, 1.25), (0.75, 1.25)),
        (symmetric(0.0, 1.0), symmetric(0.0, 0.5), (-1.5, 1.5), (-1.5, 1.5)),
        (symmetric(1.0, 1.0), symmetric(0.25, 0.5), (-0.75, 0.75), (1.25, 2.75)),
        (np.diag([1.0, 2.0])[:, :, None], symmetric(0.25, 0.0), (0.75, 1.25), (1.75, 2.25)),
    ],
)
def test_discs_that_are_used_up(
    value: FloatArray,
    error: FloatArray,
    least: tuple[float, float],
    greatest: tuple[float, float],
) -> None:
    """Matrices at the ends of the entries have eigenvalues at the ends of the enclosure."""
    found = Bounded(value, error).extreme_eigenvalues()
    for enclosure, ends in zip(found, (least[0], greatest[1]), strict=True):
        assert enclosure.lower[0] <= ends <= enclosure.upper[0]
    assert found[0].upper[0] >= np.linalg.eigvalsh((value + error)[:, :, 0])[0]
    assert found[1].lower[0] <= np.linalg.eigvalsh((value - error)[:, :, 0])[1]


@pytest.mark.usefixtures("identity_basis")
@pytest.mark.parametrize("shift", [-0.25, 0.25])
def test_the_diagonal_bounds_one_side(shift: float) -> None:
    """Diagonal matrices: their entries are the eigenvalues, wherever the bounds allow them."""
    found = Bounded(np.diag([1.0, 2.0])[:, :, None], symmetric(0.25, 0.0)).extreme_eigenvalues()
    for enclosure, entry in zip(found, (1.0, 2.0), strict=True):
        assert enclosure.lower[0] <= entry + shift <= enclosure.upper[0]


@pytest.mark.parametrize("sign", [1, -1])
def test_row_sums_that_round_down(sign: int) -> None:
    """A block of 65 rows whose eigenvalue is exactly 0, beside an entry that is nearly 0.

    Adding up 64 equal numbers loses 2^-43, which only the inflation of the radius pays for: next to
    0 nothing else is left of the numbers' size.
    """
    entry, n = 1.0 + 2.0**-48 - 2.0**-52, 65
    matrix = np.zeros((n + 1, n + 1, 1))
    matrix[:n, :n, 0] = entry * (1.0 - np.eye(n)) - 64 * entry * np.eye(n)
    matrix[n, n, 0] = -(2.0**-42)
    assert Fraction(64 * entry) == 64 * Fraction(entry)
    found = Bounded(np.eye(n + 1)[:, :, None])._eigenvalues(Bounded(sign * matrix))
    extreme = found[1] if sign > 0 else found[0]
    assert extreme.lower[0] <= 0 <= extreme.upper[0]


@pytest.mark.parametrize("defect", [0.25, 2.0**-20])
def test_a_basis_of_the_wrong_length(defect: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the diagonal of QᵀQ - I is not 0."""
    basis = (1.0 + defect) * np.eye(2)[:, :, None]
    monkeypatch.setattr(batch, "approximate_eigenvectors", lambda _: basis)
    for sign in (1, -1):
        found = Bounded(sign * np.diag([2.0, 3.0])[:, :, None]).extreme_eigenvalues()
        for enclosure, truth in zip(found, sorted((2.0 * sign, 3.0 * sign)), strict=True):
            assert enclosure.lower[0] <= truth <= enclosure.upper[0]


def test_a_basis_with_errors_of_its_own() -> None:
    """Q may be 1.001 I, and M = diag(2, 3) then belongs to diag(2, 3) / 1.001²."""
    Q = Bounded(np.eye(2)[:, :, None], 0.001 * np.eye(2)[:, :, None])
    found = Q._eigenvalues(Bounded(np.diag([2.0, 3.0])[:, :, None]))
    for enclosure, entry in zip(found, (2.0, 3.0), strict=True):
        assert enclosure.lower[0] <= entry / 1.001**2
        assert enclosure.upper[0] >= entry / 0.999**2


def test_midpoints_of_ends_that_nearly_agree() -> None:
    """The midpoint of neighbours is one of them."""
    low, high = np.array([1.0]), np.array([1.0 + 2.0**-52])
    middle, radius = batch._between(low, high)
    # Either end carries a rounding of half an ulp.
    assert Fraction(middle[0]) + Fraction(radius[0]) >= Fraction(high[0]) * (1 + Fraction(HALF_ULP))
    assert Fraction(middle[0]) - Fraction(radius[0]) <= Fraction(low[0]) * (1 - Fraction(HALF_ULP))


# -- balls -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 3, 8, 12])
def test_the_whole_norm_of_the_shift_is_needed(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All eigenvalues of I / 2 + E are off 1/2 by one of E, ||E|| among them."""
    solver, calls = ball.acb_mat, []

    def giving_up_once(matrix: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("cluster")
        return solver(matrix)

    monkeypatch.setattr(ball, "acb_mat", giving_up_once)
    # Off the diagonal there are only zeros, so no row vanishes and none is left out.
    with working_precision(128):
        least, greatest = Ball.constant(np.eye(size) / 2).extreme_eigenvalues()
        assert least.item.contains(0.5)
        assert greatest.item.contains(0.5)
    assert len(calls) == 2


def test_a_solver_that_always_gives_up_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def giving_up(matrix: object) -> object:
        raise ValueError("cluster")

    monkeypatch.setattr(ball, "acb_mat", giving_up)
    found = Ball.constant(np.eye(2)).extreme_eigenvalues()
    assert not any(x.is_finite for x in found)
