"""Indices, iteration and shapes mean the same in every arithmetic: NumPy's rules for the axes of
the object, whatever the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checker.arithmetic.above.derivatives import Dual
from checker.arithmetic.arrays.array import Array
from checker.arithmetic.functions import hstack, maximum, minimum, outer, total, vstack
from checker.errors import FormulaError
from tests.arithmetic.every_arithmetic import ARITHMETICS, subclasses

SIZE = 3  # also the length of some axes, so that taking the batch for an axis raises nothing
SHAPES = [(), (1,), (2,), (3,), (1, 3), (3, 1), (2, 3), (3, 3), (2, 1, 3)]
shapes = st.sampled_from(SHAPES)


def test_no_arithmetic_is_forgotten() -> None:
    # Test files may define their own; the symbols of proofs are no numbers. What waits for an
    # arithmetic, carries derivatives, is complex or depends on a variable of integration is made of
    # the arrays of these, and has its own tests.
    ours = (x for x in subclasses(Array) if x.__module__.startswith("checker."))
    own = {x for x in ours if not x.__module__.startswith("checker.proofs.")}
    own = {x for x in own if x.level == 0} - {Dual}
    assert own == {arithmetic.kind for arithmetic in ARITHMETICS.values()}


def cases(shape: tuple[int, ...], start: float = 1) -> list[Any]:
    """Arrays whose entries, small numbers, all differ."""
    count = int(np.prod(shape))
    numbers = np.arange(SIZE * count, dtype=float).reshape(SIZE, *shape)
    return [np.asarray(x) for x in start + numbers]


def outcome(compute: Callable[[], Any]) -> Any:
    """The result, or the error that it ends in."""
    try:
        return compute()
    except (IndexError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def assert_alike(compute: Callable[..., Any], *operands: tuple[list[Any], bool]) -> None:
    """Every arithmetic gives what NumPy gives, case by case, or the error of all others.

    The operands are cases each, and whether the batch shares the first of them.
    """
    wanted = [
        outcome(lambda i=i: compute(*(own[0 if shared else i] for own, shared in operands)))
        for i in range(SIZE)
    ]
    errors = set()
    for name, arithmetic in ARITHMETICS.items():
        lifted = [arithmetic.lifted(own[:1] if shared else own) for own, shared in operands]
        found = outcome(lambda lifted=lifted: compute(*lifted))
        if isinstance(found, str):
            errors.add(found)
            assert isinstance(wanted[0], str), (name, found)
            continue
        assert not isinstance(wanted[0], str), (name, wanted[0])
        read = arithmetic.read(found)
        for case, value in zip(read, wanted, strict=False):
            assert found.shape == value.shape == case.shape, name
            assert np.array_equal(case, value), name
        # A batch stays one, unless all of it is shared.
        batch = SIZE if arithmetic.batched and not all(s for _, s in operands) else 1
        assert len(read) == batch, name
    assert len(errors) <= 1, errors


# -- indices -----------------------------------------------------------------------------------

positions = st.integers(-4, 3)
parts = st.one_of(
    positions,
    positions.map(np.int64),
    st.slices(3),
    st.builds(slice, *[st.none() | positions] * 2, st.none() | st.sampled_from([-2, -1, 1, 2])),
    st.just(...),
    st.none(),
    st.lists(positions, max_size=3),
    st.lists(positions, max_size=3).map(lambda x: np.array(x, dtype=int)),
    st.lists(st.lists(positions, min_size=2, max_size=2), min_size=1, max_size=2),
    st.lists(st.booleans(), min_size=1, max_size=3),
    st.lists(st.booleans(), min_size=1, max_size=3).map(np.array),
    st.sampled_from([1.0, "a", np.array(1), np.array([0.5]), np.ones((2, 3), dtype=bool)]),
)
indices = parts | st.lists(parts, max_size=4).map(tuple)


@settings(deadline=None, max_examples=300)
@example((1,), (..., 0))
@example((3,), (..., 0))
@example((3, 3), (..., 0))
@example((3,), 3)
@example((2, 3), (0, 0, 0))
@example((), 0)
@example((2, 1, 3), (slice(None), [0, 0], ..., [0, 1]))
@given(shapes, indices)
def test_every_index(shape: tuple[int, ...], index: Any) -> None:
    assert_alike(lambda x: np.asarray(x[index]) if isinstance(x, np.ndarray) else x[index],
                 (cases(shape), False))  # fmt: skip


@pytest.mark.parametrize("shape", [(3,), (2, 3)])
@pytest.mark.parametrize("first", [0, slice(0, 1), [0]])
def test_an_entry_has_no_entries_of_another_case(shape: tuple[int, ...], first: Any) -> None:
    for index in (first, 0, 0, 0):
        assert_alike(lambda x, i=index: np.asarray(x)[i] if isinstance(x, np.ndarray) else x[i],
                     (cases(shape), False))  # fmt: skip
    deep = (0,) * len(shape)
    for arithmetic in ARITHMETICS.values():
        entry = arithmetic.lifted(cases(shape))[deep]
        with pytest.raises(IndexError, match="too many indices for array: array is 0-dimensional"):
            entry[0]


@pytest.mark.parametrize("name", ARITHMETICS)
@pytest.mark.parametrize("truth", [True, False, np.True_, np.array(True)])
def test_truth_values_are_no_indices(name: str, truth: Any) -> None:
    x = ARITHMETICS[name].lifted(cases((2, 3)))
    for index in (truth, (0, truth), (truth, ...)):
        with pytest.raises(FormulaError, match="an index is the truth value"):
            x[index]


@pytest.mark.parametrize("name", ARITHMETICS)
def test_numbers_of_the_formula_are_no_indices(name: str) -> None:
    x = ARITHMETICS[name].lifted(cases((3,)))
    for index in (x[0], x, (x,), x[0] >= 0):
        with pytest.raises(FormulaError, match="an index is a number or an inequality"):
            x[index]


# -- iteration ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 3), (2, 1, 3)])
def test_length_iteration_and_unpacking(shape: tuple[int, ...]) -> None:
    for name, arithmetic in ARITHMETICS.items():
        x = arithmetic.lifted(cases(shape))
        rows = list(x)
        assert len(x) == len(rows) == shape[0], name
        for i, row in enumerate(rows):
            assert row.shape == shape[1:]
            wanted = [case[i] for case in cases(shape)]
            assert all(map(np.array_equal, arithmetic.read(row), wanted)), name
        first, *_ = x
        assert first.shape == shape[1:]


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 3)])
def test_the_builtin_sum(shape: tuple[int, ...]) -> None:
    summed = {k: v for k, v in ARITHMETICS.items() if k != "Terms"}  # which has expressions only
    for name, arithmetic in summed.items():
        found = arithmetic.read(sum(arithmetic.lifted(cases(shape))))
        assert all(map(np.array_equal, found, (case.sum(axis=0) for case in cases(shape)))), name


@pytest.mark.parametrize("name", ARITHMETICS)
def test_a_scalar_has_no_length_and_no_entries(name: str) -> None:
    scalar = ARITHMETICS[name].lifted(cases((2,)))[0]
    for use in (len, list, sum):
        with pytest.raises(TypeError, match="a scalar has no"):
            use(scalar)


# -- shapes ------------------------------------------------------------------------------------

OPERATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "+": (lambda x, y: x + y, np.add),
    "-": (lambda x, y: x - y, np.subtract),
    "*": (lambda x, y: x * y, np.multiply),
    "maximum": (maximum, np.maximum),
    "minimum": (minimum, np.minimum),
}


@pytest.fixture
def _computing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms are expressions: their values are those of Recorded's balls."""
    monkeypatch.delitem(ARITHMETICS, "Terms")


@pytest.mark.usefixtures("_computing")
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("shared", [False, True])
def test_broadcasting(operation: str, shared: bool) -> None:
    own, numpys = OPERATIONS[operation]

    def compute(x: Any, y: Any) -> Any:
        return np.asarray(numpys(x, y)) if isinstance(x, np.ndarray) else own(x, y)

    for left in SHAPES:
        for right in SHAPES:
            # No ties: there a Taylor series of a maximum is unknown.
            assert_alike(compute, (cases(left), False), (cases(right, 5.5), shared))


@pytest.mark.parametrize("name", [n for n in ARITHMETICS if n != "Terms"])
def test_division_broadcasts(name: str) -> None:
    arithmetic = ARITHMETICS[name]
    x, y = arithmetic.lifted(cases((2, 3), 64)), arithmetic.lifted([np.array([1.0, 2.0, 4.0])])
    found = arithmetic.read(x / y)
    wanted = [case / np.array([1.0, 2.0, 4.0]) for case in cases((2, 3), 64)]
    assert all(map(np.array_equal, found, wanted))
    with pytest.raises(ValueError, match="shape mismatch"):
        x / arithmetic.lifted([np.ones(2)])


@pytest.mark.usefixtures("_computing")
@pytest.mark.parametrize("shared", [False, True])
def test_products_of_matrices(shared: bool) -> None:
    def compute(x: Any, y: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return x @ y
        if max(x.ndim, y.ndim) > 2:
            raise ValueError("matrices only")
        return np.asarray(x @ y)

    for left in SHAPES:
        for right in SHAPES:
            assert_alike(compute, (cases(left), False), (cases(right), shared))


def test_joining_and_transposing() -> None:
    def joined(by: Any) -> Any:
        def compute(x: Any, y: Any) -> Any:
            if not isinstance(x, np.ndarray):
                return by(x, y)
            # NumPy joins numbers, too, as vectors; there `stack` does.
            if not (x.ndim and y.ndim) and by is not vstack:
                raise ValueError("no numbers")
            return getattr(np, by.__name__)([x, y])

        return compute

    def transposed(x: Any) -> Any:
        if len(x.shape) > 2 and isinstance(x, np.ndarray):
            raise ValueError("matrices only")
        return x.T

    for left in SHAPES:
        assert_alike(transposed, (cases(left), False))
        for right in SHAPES:
            for compute in (joined(vstack), joined(hstack)):
                assert_alike(compute, (cases(left), False), (cases(right), False))


@pytest.mark.usefixtures("_computing")
def test_outer_products_and_totals() -> None:
    def product(x: Any, y: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return outer(x, y)
        if not x.ndim == y.ndim == 1:
            raise ValueError("vectors only")
        return np.outer(x, y)

    for left in SHAPES:
        for right in SHAPES:
            assert_alike(product, (cases(left), False), (cases(right), False))
        assert_alike(
            lambda x: np.asarray(x.sum()) if isinstance(x, np.ndarray) else total(x),
            (cases(left), False),
        )
