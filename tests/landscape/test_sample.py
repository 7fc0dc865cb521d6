"""The sample refuses what no claim can be checked on, and keeps what it accepts."""

from __future__ import annotations

import dataclasses
import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from checker.claims.registry import load_claims
from checker.errors import InputError
from checker.instances.draws import draw_last
from checker.instances.fields import numbers_of
from checker.landscape.sample import Sample, require_equal_weights, standardise

X = [[1.0, 2.0], [3.0, 4.0], [5.0, 9.0]]
Y = [1.0, -1.0, 0.5]


def test_counts_points_and_coordinates() -> None:
    sample = Sample(X, Y)
    assert (sample.n, sample.d) == (3, 2)


@pytest.mark.parametrize("field", ["X", "y", "weights"])
def test_arrays_are_contiguous_float64(field: str) -> None:
    sample = Sample(np.asfortranarray(X, dtype=np.float32), [1, 2, 3], [1, 0, 0])
    array = getattr(sample, field)
    assert array.dtype == np.float64
    assert array.flags.c_contiguous


@pytest.mark.parametrize("field", ["X", "y", "weights"])
def test_arrays_cannot_be_written(field: str) -> None:
    sample = Sample(X, Y, [0.5, 0.25, 0.25])
    with pytest.raises(ValueError, match="read-only"):
        getattr(sample, field)[0] = 0.0


def test_does_not_share_memory_with_the_caller() -> None:
    points = np.array(X)
    sample = Sample(points, Y)
    points[0, 0] = 99.0
    assert sample.X[0, 0] == 1.0


def test_leaves_the_callers_array_writable() -> None:
    points = np.array(X)
    Sample(points, Y)
    assert points.flags.writeable


def test_fields_cannot_be_replaced() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Sample(X, Y).name = "other"  # type: ignore[misc]


def test_equality_is_identity() -> None:
    assert Sample(X, Y) != Sample(X, Y)


@pytest.mark.parametrize(
    ("points", "labels", "weights", "message"),
    [
        ([1.0, 2.0], Y, None, r"X has shape \(2,\).*X.reshape\(-1, 1\)"),
        (X, [Y], None, r"y has shape \(1, 3\).*y.ravel"),
        (X, Y, [[1.0, 0.0, 0.0]], r"weights has shape \(1, 3\)"),
        (np.empty((0, 2)), [], None, r"X has shape \(0, 2\).*at least one point"),
        (np.empty((3, 0)), Y, None, r"X has shape \(3, 0\).*one coordinate"),
        (X, [1.0, 2.0], None, "y has 2 entries, X has 3 rows"),
        (X, Y, [0.5, 0.5], "weights has 2 entries, X has 3 rows"),
        ([[1.0, 2.0], [3.0]], Y, None, "X is not an array"),
        ([["1", "2"]], [1.0], None, "X holds values of type <U1"),
        ([[1j]], [1.0], None, "X holds values of type complex128"),
        (X, None, None, "y holds values of type object"),
    ],
)
def test_refuses_a_wrong_shape_or_type(
    points: object, labels: object, weights: object, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Sample(points, labels, weights)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_says_where_a_point_is_not_finite(bad: float) -> None:
    points = np.array(X)
    points[2, 1] = bad
    with pytest.raises(InputError, match=rf"X has {bad} at row 2, column 1 \(1 of 6"):
        Sample(points, Y)


def test_says_where_a_label_is_not_finite() -> None:
    with pytest.raises(InputError, match=r"y has nan at row 1 \(2 of 3"):
        Sample(X, [0.0, math.nan, math.inf])


def test_says_where_a_weight_is_not_finite() -> None:
    with pytest.raises(InputError, match="weights has inf at row 0"):
        Sample(X, Y, [math.inf, 0.5, 0.5])


def test_refuses_a_negative_weight() -> None:
    with pytest.raises(InputError, match=r"weights has -0.5 at row 1.*between 0 and 1"):
        Sample(X, Y, [1.0, -0.5, 0.5])


def test_refuses_weights_whose_sum_would_overflow() -> None:
    with pytest.raises(InputError, match=r"weights has 1e\+308 at row 0"):
        Sample(X, Y, [1e308, 1e308, 0.0])


def test_refuses_weights_that_do_not_sum_to_one() -> None:
    with pytest.raises(InputError, match=r"weights sum to 0.75.*math.fsum"):
        Sample(X, Y, [0.25, 0.25, 0.25])


def test_accepts_the_largest_rounding_error() -> None:
    weights = [0.5, 0.25, 0.25 - 3 * 2.0**-53]
    assert math.fsum(Sample(X, Y, weights).weights) == 1 - 3 * 2.0**-53


def test_refuses_one_step_more_than_the_largest_rounding_error() -> None:
    with pytest.raises(InputError, match="weights sum to"):
        Sample(X, Y, [0.5, 0.25, 0.25 - 4 * 2.0**-53])


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=50))
def test_accepts_normalised_weights(raw: list[float]) -> None:
    weights = np.array(raw) / math.fsum(raw)
    Sample(np.ones((len(raw), 1)), np.ones(len(raw)), weights)


def test_with_bias_appends_a_coordinate_one() -> None:
    assert Sample(X, Y).with_bias().X.tolist() == [[*point, 1.0] for point in X]


@pytest.mark.parametrize("method", ["with_bias", "standardised"])
def test_changing_the_points_keeps_the_rest(method: str) -> None:
    changed = getattr(Sample(X, Y, [0.5, 0.25, 0.25], name="three"), method)()
    assert (changed.y.tolist(), changed.weights.tolist(), changed.name) == (
        Y,
        [0.5, 0.25, 0.25],
        "three",
    )


def test_standardised_columns_have_mean_zero_and_deviation_one() -> None:
    columns = Sample([[1.0, 7.0], [3.0, 7.0]], [0.0, 0.0]).standardised().X
    assert columns[:, 0].tolist() == [-1.0, 1.0]


def test_standardised_only_centres_a_constant_column() -> None:
    # Three times 0.1 has a rounded mean other than 0.1.
    columns = Sample([[0.1, 1.0], [0.1, 2.0], [0.1, 3.0]], Y).standardised().X
    assert columns[:, 0].tolist() == [0.0, 0.0, 0.0]


def test_a_weight_counts_like_a_repeated_value() -> None:
    repeated = standardise(np.array([1.0, 1.0, 1.0, 5.0]))
    weighted = standardise(np.array([1.0, 5.0]), np.array([0.75, 0.25]))
    np.testing.assert_allclose(weighted, repeated[2:], rtol=1e-15)


def test_a_value_without_weight_does_not_make_a_constant_vary() -> None:
    values = standardise(np.array([2.0, 2.0, 5.0]), np.array([0.5, 0.5, 0.0]))
    assert values.tolist() == [0.0, 0.0, 3.0]


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_standardise_works_at_every_scale(scale: float) -> None:
    values = standardise(scale * np.array([1.0, 3.0, 1.0, 3.0]))
    np.testing.assert_allclose(values, [-1.0, 1.0, -1.0, 1.0], rtol=1e-15)


def test_standardise_resolves_a_spread_of_one_ulp() -> None:
    assert standardise(np.array([1.0, np.nextafter(1.0, 2.0)])).tolist() == [-1.0, 1.0]


@given(hnp.arrays(np.float64, st.integers(2, 20), elements=st.floats(-1e6, 1e6)))
def test_standardise_gives_mean_zero(values: np.ndarray) -> None:
    assert abs(standardise(values).mean()) < 1e-12


def test_standardised_refuses_a_far_point_without_weight() -> None:
    sample = Sample([[1e-300], [2e-300], [1e300]], Y, [0.5, 0.5, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match="3 of 3 values are not finite"):
            sample.standardised()


def test_integers_that_float64_cannot_hold_are_refused() -> None:
    """NumPy compares int64 with float64 in float64, where every rounding is invisible."""
    for number in (2**53 + 1, -(2**53) - 1, 2**63 - 1):
        with pytest.raises(InputError, match="integers that float64 cannot represent"):
            numbers_of(_Integers(np.array([1, number])))
    assert numbers_of(_Integers(np.array([2**53, -(2**60)])))["x"].tolist() == [2.0**53, -(2.0**60)]


@dataclasses.dataclass(frozen=True)
class _Integers:
    x: np.ndarray


def test_weights_are_kept_or_refused_by_every_domain_over_data() -> None:
    """Never dropped: the verdict would be about another distribution."""
    points = np.array([[1.0, 2.0], [3.0, -4.0], [-5.0, 9.0], [0.5, 0.25]])
    weights = np.array([1.0, 0.0, 0.0, 0.0])
    sample = Sample(points, np.array([1.0, -1.0, 1.0, -1.0]), weights)
    known = [c for c in load_claims().values() if c.domain.on_data and c.kind in ("tight", "bound")]
    refused = set()
    for domain, claim in {id(c.domain): (c.domain, c.id) for c in known}.values():
        assert domain.on_data is not None
        try:
            over = domain.on_data(sample)
        except InputError:
            refused.add(claim)
            continue
        structure: Any = draw_last(next(iter(over.strata.values())), 1)
        batches = (structure.batch(np.random.default_rng(seed), 1) for seed in range(20))
        drawn = next(b for b in batches if b.size)
        assert np.array_equal(drawn.case(0).weights, weights), claim
    assert "yun2019.near_identity" in refused
    assert not any(claim.startswith("shamir2018") for claim in refused)


def test_equal_weights_are_no_weights() -> None:
    sample = Sample(X, Y, np.full(3, 1 / 3))
    require_equal_weights(sample, "networks")
    with pytest.raises(InputError, match="networks have no weights"):
        require_equal_weights(Sample(X, Y, [0.5, 0.25, 0.25]), "networks")
