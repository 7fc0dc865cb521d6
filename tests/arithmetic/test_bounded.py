"""Float64 batches with error bounds: every enclosure contains the exact result, and is narrow.

Exact results are rationals where the operation is rational, and Arb at 2400 bits otherwise: more
than the 2100 bits between the largest and the least float.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq, fmpq_mat, fmpq_poly
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic import functions
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import MAX_ROUNDINGS, UNIT_ROUNDOFF
from checker.arithmetic.functions import exp, log, maximum, minimum, sqrt, tanh

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
some = partial(settings, deadline=None)
seeds = st.integers(0, 2**32 - 1)
B = 6


def _spread(low: float, high: float) -> Callable[[Any, tuple[int, ...]], Any]:
    """Random signs times 10**U(low, high)."""
    return lambda rng, shape: rng.choice([-1.0, 1.0], shape) * 10.0 ** rng.uniform(low, high, shape)


KINDS: dict[str, Callable[[Any, tuple[int, ...]], Any]] = {
    "ordinary": lambda rng, shape: rng.standard_normal(shape),
    "cancelling": lambda rng, shape: rng.integers(-3, 4, shape) * 0.1,
    "huge": _spread(150, 308),
    "tiny": _spread(-305, -150),
    "subnormal": lambda rng, shape: rng.integers(-(2**12), 2**12, shape) * 2.0**-1074,
    "mixed": _spread(-307, 307),
    "edge": lambda rng, shape: rng.choice([0.0, 2.0**-1022, -(2.0**-1074), 2.0**1023, 1.0], shape),
    "arguments": lambda rng, shape: rng.uniform(-800.0, 800.0, shape),
}
kinds = st.sampled_from(sorted(KINDS))


def _exact(x: float) -> Any:
    return fmpq(*float(x).as_integer_ratio())


def _rationals(values: Any) -> Any:
    return np.vectorize(_exact, otypes=[object])(values)


def _operand(rng: Any, shape: tuple[int, ...], kind: str, exact: bool, size: int = B) -> Any:
    """A Bounded array and numbers that it may stand for: anywhere in it, ends included."""
    full = (*shape, size)
    value = KINDS[kind](rng, full)
    if exact:
        return Bounded(value), _rationals(value)
    error = np.where(
        rng.random(full) < 0.7,
        np.abs(value) * 10.0 ** rng.uniform(-18, 0.5, full),
        np.abs(KINDS[kind](rng, full)) * rng.choice([0.0, 1e-15, 1.0], full),
    )
    error = np.where(np.isfinite(error), error, 1.0)
    where = rng.choice([-1.0, -0.5, 0.0, 0.75, 1.0], full)
    return Bounded(value, error), _rationals(value) + _rationals(where) * _rationals(error)


def _assert_encloses(found: Bounded, truth: Any) -> None:
    """`truth` (None where undefined) lies within the proved bounds; NaN bounds say nothing.

    The error bound is tested too, since the bounds' outward rounding would hide a small mistake.
    """
    known = (found.value, found._bound, found.lower, found.upper)
    known = np.broadcast_arrays(truth, *known)[1:]
    for index, number in np.ndenumerate(truth):
        if number is None:
            continue
        value, error, low, high = (float(x[index]) for x in known)
        assert low != math.inf, index
        assert high != -math.inf, index
        if low > -math.inf:
            assert not _as(number, low) > number, (index, low, number)
        if high < math.inf:
            assert not _as(number, high) < number, (index, high, number)
        if math.isfinite(value) and math.isfinite(error):
            gap = abs(number - _as(number, value))
            assert not gap > _as(number, error), (index, value, error, number)


def _as(number: Any, bound: float) -> Any:
    return arb(bound) if isinstance(number, arb) else _exact(bound)


def _elementwise(function: Callable[..., Any], *arrays: Any) -> Any:
    return np.vectorize(function, otypes=[object])(*arrays)


# -- field operations --------------------------------------------------------------------------

FIELD: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "add": (lambda a, b: a + b, lambda x, y: x + y),
    "subtract": (lambda a, b: a - b, lambda x, y: x - y),
    "multiply": (lambda a, b: a * b, lambda x, y: x * y),
    "divide": (lambda a, b: a / b, lambda x, y: x / y if y else None),
    "maximum": (maximum, max),
    "minimum": (minimum, min),
    "absolute": (lambda a, _b: abs(a), lambda x, _y: abs(x)),
    "negative": (lambda a, _b: -a, lambda x, _y: -x),
    "square": (lambda a, _b: a**2, lambda x, _y: x**2),
    "fifth power": (lambda a, _b: a**5, lambda x, _y: x**5),
    "int constant": (lambda a, _b: 3 - a * (2**80 + 1), lambda x, _y: 3 - x * (2**80 + 1)),
    "third": (lambda a, _b: a + Fraction(1, 3), lambda x, _y: x + fmpq(1, 3)),
    "tiny fraction": (
        lambda a, _b: a * Fraction(1, 3 * 2**1070),
        lambda x, _y: x * fmpq(1, 3 * 2**1070),
    ),
}


@pytest.mark.parametrize("operation", FIELD)
@some(max_examples=40)
@given(seeds, kinds, kinds, st.booleans(), st.booleans(), st.sampled_from([1, B]))
def test_field_operations(
    operation: str, seed: int, left: str, right: str, a_exact: bool, b_exact: bool, size: int
) -> None:
    rng = np.random.default_rng(seed)
    a, x = _operand(rng, (4,), left, a_exact)
    b, y = _operand(rng, (4,), right, b_exact, size)
    bounded, rational = FIELD[operation]
    _assert_encloses(bounded(a, b), _elementwise(rational, *np.broadcast_arrays(x, y)))


@some(max_examples=40)
@given(seeds, kinds, st.booleans())
def test_exactly_cancelling_sums(seed: int, kind: str, exact: bool) -> None:
    rng = np.random.default_rng(seed)
    a, x = _operand(rng, (3,), kind, exact)
    b, y = _operand(rng, (3,), "ordinary", True)
    _assert_encloses((a + b) - a, y)
    _assert_encloses((a + b) - b, x)


PROGRAM = ("add", "subtract", "multiply", "divide", "maximum", "absolute")


@some(max_examples=150)
@given(seeds, st.lists(kinds, min_size=3, max_size=3))
def test_programs(seed: int, drawn: list[str]) -> None:
    """Error bounds also hold for what comes out of other operations."""
    rng = np.random.default_rng(seed)
    pool = [_operand(rng, (), kind, rng.random() < 0.7) for kind in drawn]
    for _ in range(7):
        (a, x), (b, y) = (pool[-1 - min(rng.integers(0, 4), len(pool) - 1)] for _ in range(2))
        bounded, rational = FIELD[PROGRAM[rng.integers(len(PROGRAM))]]

        def step(p: Any, q: Any, rational: Any = rational) -> Any:
            return None if p is None or q is None else rational(p, q)

        pool.append((bounded(a, b), _elementwise(step, x, y)))
        _assert_encloses(*pool[-1])


def test_underflow_of_an_inherited_error_before_a_quotient() -> None:
    # The product of quotient (1e-10) and divisor error (4e-317) underflows, the quotient of the
    # two by the divisor (1e-310) is not small.
    divisor = (Bounded(np.array([1e-300])) + 1e-310) - 1e-300
    assert divisor.error is not None
    ends = [_exact(divisor.value[0]) + s * _exact(divisor.error[0]) for s in (-1, 1)]
    quotient = Bounded(np.array([1e-320])) / divisor
    for end in ends:
        _assert_encloses(quotient, np.array([_exact(1e-320) / end]))


# -- structure ---------------------------------------------------------------------------------

RANKS = [((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((1, 1), (1,))]


@pytest.mark.parametrize("sizes", [(1, 1), (1, B), (B, 1), (B, B)])
@pytest.mark.parametrize("shapes", RANKS)
@some(max_examples=20)
@given(seeds, kinds, kinds, st.booleans(), st.booleans())
def test_contract(
    shapes: Any, sizes: Any, seed: int, left: str, right: str, a_exact: bool, b_exact: bool
) -> None:
    rng = np.random.default_rng(seed)
    a, x = _operand(rng, shapes[0], left, a_exact, sizes[0])
    b, y = _operand(rng, shapes[1], right, b_exact, sizes[1])
    size = max(sizes)
    x, y = (np.broadcast_to(z, (*z.shape[:-1], size)) for z in (x, y))
    truth = [np.asarray(x[..., i] @ y[..., i], dtype=object) for i in range(size)]
    found = a @ b
    assert found.shape == truth[0].shape
    _assert_encloses(found, np.stack(truth, axis=-1))


def test_underflow_of_weights_in_an_inner_product() -> None:
    # gamma_2 * 1e-308 underflows; times 1e300 it is the rounding error 1e-24 of this product.
    a, b = np.array([[1.1e300], [1.3e300]]), np.array([[1e-308 / 3], [1e-308 / 7]])
    truth = (_rationals(a) * _rationals(b)).sum(axis=0)
    _assert_encloses(Bounded(a) @ Bounded(b), truth)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 40), (40, 1), (40, 40)])
def test_overflow_that_fused_operations_hide(sizes: tuple[int, int]) -> None:
    # Two terms sum to inf, and inf - 9e310 is inf where the last product is never rounded.
    a = np.full((3, sizes[0]), 2.0**1023)
    b = np.random.default_rng(0).uniform(-800.0, 800.0, (3, 20, sizes[1]))
    size = max(sizes)
    truth = np.broadcast_to((_rationals(b) * fmpq(2) ** 1023).sum(axis=0), (20, size))
    product = Bounded(a) @ Bounded(b)
    _assert_encloses(product, truth)
    _assert_encloses(tanh(product), np.where(truth > 0, fmpq(1), fmpq(-1)))


@pytest.mark.parametrize("shape", [(), (1,), (5,), (3, 4)])
@some(max_examples=30)
@given(seeds, kinds, st.booleans())
def test_total(shape: tuple[int, ...], seed: int, kind: str, exact: bool) -> None:
    a, x = _operand(np.random.default_rng(seed), shape, kind, exact)
    _assert_encloses(a.total(), x.reshape(-1, B).sum(axis=0))


@some(max_examples=30)
@given(seeds, kinds, st.booleans(), st.booleans(), st.sampled_from([1, B]))
def test_outer(seed: int, kind: str, a_exact: bool, b_exact: bool, size: int) -> None:
    rng = np.random.default_rng(seed)
    a, x = _operand(rng, (3,), kind, a_exact)
    b, y = _operand(rng, (2,), kind, b_exact, size)
    _assert_encloses(a.outer(b), x[:, None] * y[None, :])


@pytest.mark.parametrize("axis", [0, 1])
@some(max_examples=20)
@given(seeds, kinds, st.booleans(), st.booleans())
def test_concatenate(axis: int, seed: int, kind: str, a_exact: bool, b_exact: bool) -> None:
    rng = np.random.default_rng(seed)
    a, x = _operand(rng, (2, 2), kind, a_exact)
    b, y = _operand(rng, (2, 2), kind, b_exact, 1)
    joined = Bounded.concatenate([a, b], axis)
    _assert_encloses(joined, np.concatenate([x, np.broadcast_to(y, x.shape)], axis))
    assert (joined.error is None) == (a_exact and b_exact)


@some(max_examples=30)
@given(seeds, kinds)
def test_transpose_and_index(seed: int, kind: str) -> None:
    a, x = _operand(np.random.default_rng(seed), (2, 3), kind, False)
    _assert_encloses(a.T, np.swapaxes(x, 0, 1))
    _assert_encloses(a[1][2], x[1, 2])


@some(max_examples=30)
@given(seeds, kinds, st.booleans())
def test_narrower_is_one_of_the_two_and_the_better(seed: int, kind: str, exact: bool) -> None:
    a, x = _operand(np.random.default_rng(seed), (), kind, exact)
    wide = Bounded(a.value, 2.0 * a._error_or_zero + 1.0)
    for found in (a.narrower(wide), wide.narrower(a)):
        _assert_encloses(found, x)
        assert np.array_equal(found._error_or_zero, a._error_or_zero)


@pytest.mark.parametrize("nothing", [math.nan, math.inf])
def test_narrower_skips_what_is_unknown(nothing: float) -> None:
    known = Bounded(np.array([2.0]), np.array([0.5]))
    unknown = Bounded(np.array([nothing]), np.array([nothing]))
    for found in (known.narrower(unknown), unknown.narrower(known)):
        assert (found.value, found.error) == (2.0, 0.5)


# -- functions ---------------------------------------------------------------------------------


def _sigmoid(x: arb) -> arb:
    return (1 + (x / 2).tanh()) / 2


def _softplus(x: arb) -> arb:
    return x.exp().log1p() if x < 0 else x + (-x).exp().log1p()


def _log_cosh(x: arb) -> arb:
    return abs(x) + (-2 * abs(x)).exp().log1p() - arb(2).log()


FUNCTIONS: dict[str, Callable[[arb], arb]] = {
    "sqrt": lambda x: x.sqrt(),
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "log_cosh": _log_cosh,
}


def _image(name: str, x: Any) -> Any:
    """f(x), or None outside the domain of f and beyond the exponents of Arb."""
    if (x < 0 and name in ("sqrt", "log")) or (x == 0 and name == "log"):
        return None
    image = FUNCTIONS[name](arb(x))
    return image if image.is_finite() else None


@pytest.mark.parametrize("name", FUNCTIONS)
@some(max_examples=60)
@given(seeds, kinds, st.booleans())
def test_functions(name: str, seed: int, kind: str, exact: bool) -> None:
    a, x = _operand(np.random.default_rng(seed), (2,), kind, exact)
    with ctx.workprec(2400):
        _assert_encloses(getattr(functions, name)(a), _elementwise(partial(_image, name), x))


@pytest.mark.parametrize("name", ["exp", "sigmoid", "softplus", "log_cosh", "tanh"])
def test_functions_where_results_underflow_or_saturate(name: str) -> None:
    value = np.array([-745.2, -745.0, -740.0, -708.5, 0.999, 1.0, 1.001, 20.0, 709.7, 1e-160, 0.0])
    error = np.full_like(value, 2.0**-10)
    truth = _rationals(value) + fmpq(1, 2**10)
    with ctx.workprec(2400):
        _assert_encloses(
            getattr(functions, name)(Bounded(value, error)),
            _elementwise(partial(_image, name), truth),
        )


def test_exp_beyond_arb_proves_no_upper_bound() -> None:
    assert not np.isfinite(exp(Bounded(np.array([1e300]))).upper).any()


def test_sqrt_of_an_interval_below_zero_proves_nothing() -> None:
    root = sqrt(Bounded(np.array([-1.0]), np.array([0.5])))
    assert np.isnan(root.lower).all()
    assert np.isnan(root.upper).all()


# -- eigenvalues -------------------------------------------------------------------------------


def _roots_above(polynomial: Any, point: Any) -> int:
    """Roots > point of a real-rooted polynomial: sign changes of p(point + x), by Descartes."""
    signs = [c > 0 for c in polynomial(fmpq_poly([point, 1])).coeffs() if c != 0]
    return sum(a != b for a, b in pairwise(signs))


def _assert_k_th_root(found: tuple[float, float], polynomial: Any, k: int) -> None:
    """The k-th greatest root (k = 1, 2, ...) lies in the interval `found`."""
    low, high = found
    assert low != math.inf
    assert high != -math.inf
    if math.isfinite(high):
        assert _roots_above(polynomial, _exact(high)) < k
    if math.isfinite(low):
        # Roots >= low are those of p not below it: p(low - x) counts the roots below.
        signs = [c > 0 for c in polynomial(fmpq_poly([_exact(low), -1])).coeffs() if c != 0]
        below = sum(a != b for a, b in pairwise(signs))
        assert polynomial.degree() - below >= k


def _matrix(rng: Any, shape: tuple[int, int], kind: str) -> Any:
    if kind == "repeated":
        return np.eye(*shape) * 3.0 + np.zeros(shape)
    if kind == "rank one":
        return np.outer(rng.integers(-3, 4, shape[0]), rng.integers(-3, 4, shape[1])) * 0.1
    return KINDS[kind](rng, shape)


matrix_kinds = st.sampled_from(["repeated", "rank one", *sorted(KINDS)])


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@some(max_examples=40)
@given(seeds, matrix_kinds, st.booleans())
def test_extreme_eigenvalues(k: int, seed: int, kind: str, exact: bool) -> None:
    rng = np.random.default_rng(seed)
    drawn = _matrix(rng, (k, k), kind)
    value = np.tril(drawn) + np.tril(drawn, -1).T
    error = None if exact else np.abs(value) * 10.0 ** rng.uniform(-17, -1)
    shift = fmpq(0) if exact else fmpq(int(rng.integers(-4, 5)), 4)
    truth = _rationals(value) + (0 if exact else shift * _rationals(error))
    polynomial = fmpq_mat(truth.tolist()).charpoly()
    batched = Bounded(value[..., None], None if error is None else error[..., None])
    least, greatest = batched.extreme_eigenvalues()
    _assert_k_th_root((least.lower.item(), least.upper.item()), polynomial, k)
    _assert_k_th_root((greatest.lower.item(), greatest.upper.item()), polynomial, 1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 1), (2, 2), (2, 3), (4, 3)])
@some(max_examples=40)
@given(seeds, matrix_kinds, st.booleans())
def test_spectral_norm(shape: tuple[int, int], seed: int, kind: str, exact: bool) -> None:
    rng = np.random.default_rng(seed)
    value = _matrix(rng, shape, kind)
    error = None if exact else np.abs(value) * 10.0 ** rng.uniform(-17, -1)
    shift = 0 if exact else rng.choice([-1, 0, 1], shape) * _rationals(error)
    truth = _rationals(value) + shift
    polynomial = fmpq_mat((truth @ truth.T).tolist()).charpoly()
    found = Bounded(value[..., None], None if error is None else error[..., None]).spectral_norm()
    low, high = found.lower.item(), found.upper.item()
    assert not high < 0
    if math.isfinite(high):
        assert _roots_above(polynomial, _exact(high) ** 2) == 0
    if low > 0:
        assert low != math.inf
        below = polynomial(fmpq_poly([_exact(low) ** 2, 1]))
        assert below[0] == 0 or _roots_above(polynomial, _exact(low) ** 2) > 0


def test_one_bad_matrix_does_not_spoil_its_batch() -> None:
    bad = [np.full((2, 2), x) for x in (np.nan, np.inf)]
    value = np.stack([bad[0], np.diag([1.0, 2.0]), bad[1]], axis=-1)
    least, greatest = Bounded(value).extreme_eigenvalues()
    assert not np.isfinite(least.lower[[0, 2]]).any()
    assert least.lower[1] <= 1 <= least.upper[1]
    assert greatest.lower[1] <= 2 <= greatest.upper[1]
    assert np.isfinite(Bounded(value).spectral_norm().upper[1])


# -- bounds are useful -------------------------------------------------------------------------
# Relative widths on exact gaussian operands, in unit roundoffs u. An error bound of c u gives the
# width 2 c u; at either end, one rounding adds u and nextafter 2 u; the 7th u pays for inflation
# and second-order terms.


def _width(found: Bounded) -> Any:
    return (found.upper - found.lower) / UNIT_ROUNDOFF


NARROW = {
    "add": 1,
    "subtract": 1,
    "multiply": 1,
    "divide": 1,
    "maximum": 0,
    "absolute": 0,
    "square": 1,
    "fifth power": 4,  # x², x⁴, x⁵: errors 1, 1 + 2 + ..., as products of exponents: 1 + 2 + 1
}


@pytest.mark.parametrize("operation", NARROW)
def test_field_enclosures_are_narrow(operation: str) -> None:
    a, b = (Bounded(np.random.default_rng(i).standard_normal(500)) for i in (1, 2))
    found = FIELD[operation][0](a, b)
    assert (_width(found) <= (2 * NARROW[operation] + 7) * np.abs(found.value)).all()


# ELEMENTARY_ERROR is 8 u.
NARROW_FUNCTIONS = {
    "sqrt": 1,
    "exp": 8,
    "log": 8,
    "tanh": 8,
    "sigmoid": 2 * 8 + 4,
    "softplus": 2 * 8 + 2,
    "log_cosh": 16 * 8,
}


@pytest.mark.parametrize("name", NARROW_FUNCTIONS)
def test_function_enclosures_are_narrow(name: str) -> None:
    x = np.abs(np.random.default_rng(3).standard_normal(500))
    found = getattr(functions, name)(Bounded(x))
    assert (_width(found) <= (2 * NARROW_FUNCTIONS[name] + 7) * np.abs(found.value)).all()


@pytest.mark.parametrize("shapes", RANKS)
def test_contractions_are_narrow(shapes: Any) -> None:
    rng = np.random.default_rng(4)
    a, b = (Bounded(rng.standard_normal((*shape, 100))) for shape in shapes)
    size = (abs(a) @ abs(b)).value
    assert (_width(a @ b) <= (2 * shapes[1][0] + 7) * size).all()


def test_totals_are_narrow() -> None:
    a = Bounded(np.random.default_rng(5).standard_normal((3, 4, 100)))
    assert (_width(a.total()) <= (2 * 12 + 7) * abs(a).total().value).all()


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_eigenvalue_enclosures_are_narrow(k: int) -> None:
    drawn = np.random.default_rng(6).standard_normal((k, k, 100))
    a = Bounded(drawn + np.swapaxes(drawn, 0, 1))
    size = np.sqrt((a.value**2).sum(axis=(0, 1)))
    # QᵀAQ, QᵀQ: every entry within (2 k + 4) u |Q|ᵀ|A||Q| <= (2 k + 4) u k ||A||, k entries to a
    # Gershgorin radius; LAPACK's own backward error is of the same form with a small constant,
    # here allowed 8; twice for the two sides.
    allowed = 2 * 8 * k * k * (2 * k + 4) + 7
    for found in a.extreme_eigenvalues():
        assert (_width(found) <= allowed * size).all()
    # The square root of the greatest eigenvalue of A² halves relative errors; Frobenius' norm
    # exceeds the spectral one by at most sqrt(k).
    assert (_width(a.spectral_norm()) <= allowed * k * size).all()


def test_inherited_errors_pass_through_undiluted() -> None:
    a = Bounded(np.array([2.0]), np.array([2.0**-20]))
    # |d(x²)| = 2|x| e + e², and e / (2 sqrt(x)) for the root; both at most doubled here.
    assert (a**2).error <= 2 * (4 * 2.0**-20)
    assert sqrt(a).error <= 2 * 2.0**-20 / 2**1.5 * 2
    assert exp(a).error <= 2 * 2.0**-20 * math.exp(2.0)
    assert log(a).error <= 2 * 2.0**-20 / 2


# -- nothing is proved of what is not a number --------------------------------------------------

UNARY = ["sqrt", "exp", "log", "tanh", "sigmoid", "softplus", "log_cosh", "__abs__", "__neg__"]


def _function(name: str) -> Any:
    return getattr(Bounded, name, None) or getattr(functions, name)


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_nan(name: str) -> None:
    for x in (Bounded(np.array([np.nan])), Bounded(np.array([np.nan]), np.array([1.0]))):
        found = _function(name)(x)
        assert not (found.lower >= 0).any()
        assert not (found.upper <= 0).any()


ONE_ARGUMENT = set(list(FIELD)[6:])


@pytest.mark.parametrize("operation", FIELD)
def test_operations_on_nan(operation: str) -> None:
    nan, one = Bounded(np.array([np.nan])), Bounded(np.array([1.0]))
    for pair in [(nan, one)] if operation in ONE_ARGUMENT else [(nan, one), (one, nan)]:
        found = FIELD[operation][0](*pair)
        assert not (found.lower >= 0).any()
        assert not (found.upper <= 0).any()


# Numbers beyond the range of floats: 1e400 and -1e400, which every bound must allow for.
@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("sign", [1, -1])
def test_functions_of_overflowed_numbers(name: str, sign: int) -> None:
    overflowed = Bounded(np.array([sign * 1e200])) * 1e200
    truth = sign * _exact(1e200) ** 2
    images = {"__abs__": abs, "__neg__": lambda x: -x}
    image = images[name](truth) if name in images else _image(name, truth)
    with ctx.workprec(2400):
        _assert_encloses(_function(name)(overflowed), np.array([image], dtype=object))


def test_matrices_with_nan_prove_nothing() -> None:
    a = Bounded(np.full((2, 2, 1), np.nan))
    for found in (a @ a, a.total(), a.spectral_norm(), *a.extreme_eigenvalues(), a[0].outer(a[0])):
        assert not (found.lower >= 0).any()
        assert not (found.upper <= 0).any()


def test_overflowing_inner_product_proves_nothing() -> None:
    a = Bounded(np.array([[1e200], [1e200]]))
    b = Bounded(np.array([[1e200], [-1e200]]))
    product = a @ b
    assert not (product.lower >= 0).any()
    assert not (product.upper <= 0).any()


# -- constants and counting --------------------------------------------------------------------


@given(st.integers() | st.fractions() | st.integers().map(lambda n: Fraction(n, 3**50)))
def test_constants_enclose_rationals(number: int | Fraction) -> None:
    found = Bounded.constant(number)
    exact = Fraction(number)
    _assert_encloses(found, np.array([fmpq(exact.numerator, exact.denominator)]))


def test_constants_beyond_53_bits_know_their_error() -> None:
    for number in (2**53 + 1, np.int64(2**53 + 1)):
        found = Bounded.constant(number)
        assert found.lower[0] <= 2**53 < 2**53 + 1 <= found.upper[0] - 1
    assert Bounded.constant(2**53).error is None


def test_formulas_beyond_the_error_analysis_are_refused() -> None:
    found = Bounded(np.zeros(1), np.zeros(1), MAX_ROUNDINGS) + 1
    assert found.lower[0] == -np.inf
    assert found.upper[0] == np.inf


def test_operations_leave_their_operands_alone() -> None:
    rng = np.random.default_rng(7)
    a, b = (Bounded(rng.random((2, 2, 3)), rng.random((2, 2, 3)) * 1e-9) for _ in range(2))
    kept = [x.copy() for y in (a, b) for x in (y.value, y.error)]
    for step in (a + b, a * b, a / b, a @ b, sqrt(a), exp(a), a.total(), a.spectral_norm()):
        assert step.error is not None
    for before, after in zip(kept, (a.value, a.error, b.value, b.error), strict=True):
        assert np.array_equal(before, after)
