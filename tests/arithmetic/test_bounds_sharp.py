"""Inputs that come near the error bounds, for terms that random inputs seldom need."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from checker.arithmetic import ball
from checker.arithmetic import bounded as batch
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.checks.environment import require_ieee_arithmetic, require_sound_balls
from checker.arithmetic.decide import Decision, decide_batch
from checker.arithmetic.functions import log, total
from checker.errors import InputError
from checker.instances.fields import Batch, FloatArray

TINY = 5e-324


def test_log_next_to_one_with_a_subnormal_error() -> None:
    """x = 1 - 5e-324: |log x| is a little above 5e-324, which rounding the bound would lose."""
    found = log(Bounded(np.array([1.0]), np.array([TINY])))
    with ctx.workprec(2400):
        truth = (1 - arb(TINY)).log()
        assert arb(float(found.value[0])) - arb(float(found.error[0])) <= truth
        assert arb(float(found.lower[0])) <= truth


def skewed(defect: float) -> FloatArray:
    """Nearly orthogonal columns: what an eigensolver of poor accuracy might return."""
    return np.array([[1.0 + defect, defect], [0.0, 1.0 + defect]])[:, :, None]


@pytest.mark.parametrize("defect", [1e-3, -1e-3, 1e-2, -1e-2])
def test_eigenvalues_from_a_basis_that_is_not_orthonormal(
    defect: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The spectrum of QᵀAQ is not that of A; the defect of Q has to pay for the difference."""
    monkeypatch.setattr(batch, "approximate_eigenvectors", lambda _: skewed(defect))
    least, greatest = Bounded(np.diag([2.0, 3.0])[:, :, None]).extreme_eigenvalues()
    assert least.lower[0] <= 2.0 <= least.upper[0]
    assert greatest.lower[0] <= 3.0 <= greatest.upper[0]


def test_the_spectrum_of_a_scaled_basis_alone_would_be_wrong() -> None:
    """The test above can fail: without the defect, the enclosure misses both eigenvalues."""
    Q = skewed(1e-2)[:, :, 0]
    assert np.linalg.eigvalsh(Q.T @ np.diag([2.0, 3.0]) @ Q)[0] > 2.03


@pytest.mark.parametrize("high", [1.0 + 2**-52, 2.0, 1e300, 3 * TINY])
def test_midpoint_and_radius_contain_both_ends(high: float) -> None:
    """Midpoint and radius are rounded: their slop has to cover that."""
    for low in (1.0, -1.0, 1 / 3, TINY, -high):
        ends = np.array([min(low, high)]), np.array([max(low, high)])
        middle, radius = batch._between(*ends)
        with ctx.workprec(2400):
            for end in ends:
                distance = abs(arb(float(end[0])) - arb(float(middle[0])))
                # Each end carries one rounding of its own.
                unit = abs(arb(float(end[0]))) * arb(2) ** -53
                assert distance + unit <= arb(float(radius[0]))


def test_a_matrix_on_which_lapack_gives_up_does_not_abort_its_batch() -> None:
    """Found by chance: entries over hundreds of powers of ten, `Eigenvalues did not converge`."""
    rng, found = np.random.default_rng(0), 0
    for _ in range(4000):
        drawn = rng.standard_normal((4, 4)) * 10.0 ** rng.uniform(-300, 150, (4, 4))
        matrix = np.tril(drawn) + np.tril(drawn, -1).T
        try:
            np.linalg.eigh(matrix)
        except np.linalg.LinAlgError:
            found += 1
            both = np.stack([np.diag([1.0, 2.0, 3.0, 4.0]), matrix], axis=-1)
            least, greatest = Bounded(both).extreme_eigenvalues()
            assert least.lower[0] <= 1.0 <= least.upper[0]
            assert greatest.lower[0] <= 4.0 <= greatest.upper[0]
    if not found:
        pytest.skip("LAPACK converged on all 4,000 matrices; find new ones that it gives up on")


def test_a_cluster_that_has_to_be_shifted_apart_is_still_enclosed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the solver gives up, a shift helps it; its norm has to be added to the radii."""
    # The self-test of balls must not see the solver that gives up.
    require_sound_balls()
    solver, calls = ball.acb_mat, []

    def giving_up_once(matrix: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("cluster")
        return solver(matrix)

    monkeypatch.setattr(ball, "acb_mat", giving_up_once)
    with working_precision(128):
        least, greatest = Ball.constant(np.diag([0.5, 0.5, 0.75])).extreme_eigenvalues()
        assert least.item.contains(0.5)
        assert greatest.item.contains(0.75)
        assert least.item < 0.6
    assert len(calls) == 2


LARGE = 2**53 + 1


@pytest.mark.parametrize(
    "value",
    [
        np.array([LARGE] * 3),
        np.array([Fraction(5, 61)] * 3, dtype=object),
        [LARGE, 1, LARGE],
        np.array([1, 2, LARGE], dtype=np.uint64),
        LARGE,
        Fraction(5, 61),
    ],
)
def test_constants_that_floats_cannot_hold_carry_their_rounding(value: object) -> None:
    constant = Bounded.constant(value)
    for x, exact in zip(constant.value.flat, np.asarray(value, dtype=object).flat, strict=True):
        apart = abs(Fraction(float(x)) - Fraction(int(exact) if exact == int(exact) else exact))
        assert constant.error is not None
        assert apart <= Fraction(float(constant.error.max()))


def test_constants_that_floats_hold_are_exact() -> None:
    for value in (3, Fraction(3, 8), np.array([1, 2]), np.array([0.1]), np.float32(0.1), [0.5, 2]):
        assert Bounded.constant(value).error is None


def test_an_integer_array_in_a_formula_is_not_rounded_away() -> None:
    """Found by review: the slack is -1, and the float rung said HOLDS."""
    batch_of_one = Batch(Numbers(np.array([2.0**53, 2.0**53, 2.0**53 + 2])[:, None]), 1, "")
    result = decide_batch(lambda at: total(at.x - np.array([LARGE] * 3)) >= 0, batch_of_one)
    assert result.result(0).decision is Decision.VIOLATED


@dataclass(frozen=True, eq=False)
class Numbers:
    x: FloatArray


# -- the floating-point mode ------------------------------------------------------------------

# glibc's fenv.h on x86-64.
UPWARD, DOWNWARD, TOWARD_ZERO, NEAREST = 0x800, 0x400, 0xC00, 0


@pytest.mark.parametrize("mode", [UPWARD, DOWNWARD, TOWARD_ZERO])
def test_another_rounding_mode_is_refused(mode: int) -> None:
    library = ctypes.CDLL(None)
    try:
        assert library.fesetround(mode) == 0
        with pytest.raises(InputError, match="not rounded to nearest"):
            require_ieee_arithmetic()
    finally:
        library.fesetround(NEAREST)
    require_ieee_arithmetic()


@pytest.mark.parametrize("bit", [6, 15], ids=["denormals are zero", "flush to zero"])
def test_flushing_subnormals_is_refused(bit: int) -> None:
    library = ctypes.CDLL(None)
    # fenv_t: 28 bytes of x87 state, then MXCSR.
    before, changed = (ctypes.create_string_buffer(32) for _ in range(2))
    library.fegetenv(before)
    library.fegetenv(changed)
    mxcsr = int.from_bytes(changed.raw[28:32], "little") | 1 << bit
    changed.raw = changed.raw[:28] + mxcsr.to_bytes(4, "little")
    try:
        library.fesetenv(changed)
        with pytest.raises(InputError, match="flushed to zero"):
            require_ieee_arithmetic()
    finally:
        library.fesetenv(before)
    require_ieee_arithmetic()


def test_total_of_three_needs_all_of_gamma() -> None:
    """1 + a + a with a just below half a unit of 1: both are lost, 2/3 of the bound."""
    a = 2.0**-53 * (1 - 2.0**-20)
    found = Bounded(np.array([[1.0], [a], [a]])).total()
    error = 1 + 2 * Fraction(a) - Fraction(float(found.value[0]))
    assert found.value[0] == 1.0
    assert error > Fraction(5, 8) * Fraction(float(found.radius[0]))
    assert error <= Fraction(float(found.radius[0]))
