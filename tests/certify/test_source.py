"""Where the data come from, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import checker
from certify.instances import arrays, network
from checker.errors import InputError
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1

POINT = network(0, (40, 3, 2))
WHOLE = arrays(POINT)
DATA = ("X", "Z", "y")


def _rejected(message: str, **changes: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        checker.certify(**(WHOLE | changes))
    assert message in str(caught.value)
    return caught.value


def _blocks(rows: int) -> list[Any]:
    return [tuple(WHOLE[name][i : i + rows] for name in DATA) for i in range(0, 40, rows)]


@pytest.mark.parametrize("as_function", [False, True])
def test_blocks_give_the_certificate_of_the_whole(as_function: bool) -> None:
    whole = checker.certify(**WHOLE)
    blocks = _blocks(7)
    parts = {name: WHOLE[name] for name in ("w", "V", "loss")}
    found = checker.certify((lambda: iter(blocks)) if as_function else blocks, **parts)
    assert (found.n, found.verdict) == (whole.n, whole.verdict)
    for name in ("F", "gradient", "least_eigenvalue", "F_at_zero"):
        one, other = getattr(whole, name), getattr(found, name)
        assert abs(one.value - other.value) <= one.radius + other.radius


def test_weights_of_blocks() -> None:
    weights = np.full(40, 1 / 40)
    blocks = [(*block, weights[:8]) for block in _blocks(8)]
    parts = {name: WHOLE[name] for name in ("w", "V", "loss")}
    whole, found = checker.certify(**WHOLE), checker.certify(blocks, **parts)
    assert abs(found.F.value - whole.F.value) <= found.F.radius + whole.F.radius + 2.0**-50


def test_weights_of_some_blocks_only() -> None:
    parts = {name: WHOLE[name] for name in ("w", "V", "loss")}
    first, *others = _blocks(8)
    with pytest.raises(InputError, match="some blocks have weights"):
        checker.certify([(*first, np.ones(8)), *others], **parts)


def test_memory_mapped_files_and_narrow_types(tmp_path: Path) -> None:
    changed = {}
    for name in DATA:
        np.save(tmp_path / f"{name}.npy", WHOLE[name].astype(np.float32))
        changed[name] = np.load(tmp_path / f"{name}.npy", mmap_mode="r")
    wide = {name: a.astype(np.float64) for name, a in changed.items()}
    assert checker.certify(**(WHOLE | changed)).F == checker.certify(**(WHOLE | wide)).F


def test_arrays_of_other_libraries_come_through_dlpack() -> None:
    class Foreign:
        """An array that is none of NumPy's, but speaks DLPack."""

        def __init__(self, values: Any) -> None:
            self._values = values

        def __dlpack__(self, **options: Any) -> Any:
            return self._values.__dlpack__(**options)

        def __dlpack_device__(self) -> Any:
            return self._values.__dlpack_device__()

    foreign = {name: Foreign(WHOLE[name]) for name in (*DATA, "w", "V")}
    assert checker.certify(**(WHOLE | foreign)).F == checker.certify(**WHOLE).F


def test_transposed_arrays() -> None:
    assert "V.T" in _rejected("V has shape (2, 3)", V=POINT.V.T).hint
    _rejected("X has shape (3, 40)", X=POINT.X.T)
    assert "transposed" in _rejected("Z has shape (2, 40)", Z=POINT.Z.T).hint
    parts = {name: WHOLE[name] for name in ("w", "V", "loss")}
    with pytest.raises(InputError, match=r"pass X\.T"):
        checker.certify([(POINT.X[:7].T, POINT.Z[:3], POINT.y[:3])], **parts)
    _rejected("y has shape (40, 1)", y=POINT.y[:, None])
    _rejected("w has shape (3, 1)", w=POINT.w[:, None])


def test_a_last_layer_that_is_not_V() -> None:
    error = _rejected("V has shape (5, 2)", V=np.ones((5, 2)))
    assert "last linear layer of the residual unit" in error.hint
    _rejected("Z has shape (40, 2) in a block", V=np.ones((3, 4)))


def test_labels_0_and_1() -> None:
    error = _rejected("label 0.0 in row", y=(POINT.y + 1) / 2)
    assert "cross_entropy" in error.hint


def test_activations_that_are_not_finite() -> None:
    for value in (np.nan, np.inf):
        Z = POINT.Z.copy()
        Z[17, 1] = value
        error = _rejected("Z[17, 1] is", Z=Z)
        assert "activations" in error.hint


def test_no_data() -> None:
    _rejected("the sample is empty", X=np.empty((0, 3)), Z=np.empty((0, 2)), y=np.empty(0))
    parts = {name: WHOLE[name] for name in ("w", "V", "loss")}
    with pytest.raises(InputError, match="the sample is empty"):
        checker.certify([], **parts)
    _rejected("all weights are 0", weights=np.zeros(40))
    _rejected("weights[3] is negative", weights=np.where(np.arange(40) == 3, -1.0, 1.0))


def test_iterators_that_end_or_change() -> None:
    parts = {name: WHOLE[name] for name in ("w", "V", "loss")}
    with pytest.raises(InputError, match="can be read once only"):
        checker.certify(iter(_blocks(10)), **parts)
    rng = np.random.default_rng(0)

    def augmented() -> Any:
        return [(X + rng.standard_normal(X.shape), Z, y) for X, Z, y in _blocks(10)]

    with pytest.raises(InputError, match="the data changed between two passes"):
        checker.certify(augmented, **parts)


@pytest.mark.parametrize(
    "changed", ["last columns", "signs", "labels", "weights", "pairs", "one bit"]
)
def test_no_change_of_the_data_goes_unnoticed(changed: str) -> None:
    """In any column, and also where every column has the same numbers in another order."""
    parts = {name: WHOLE[name] for name in ("w", "V", "loss")}
    calls = [0]

    def blocks() -> Any:
        calls[0] += 1
        X, Z, y, weights = POINT.X.copy(), POINT.Z.copy(), POINT.y.copy(), np.ones(40)
        later = calls[0] > 1
        if changed == "last columns":
            X[:, 1:], Z[:, 1:] = X[:, 1:] + later, Z[:, 1:] + later
        elif changed == "signs":
            X[:, :2] *= -1.0 if later else 1.0
        elif changed == "labels":
            y[[0, int(np.flatnonzero(y != y[0])[0])]] *= -1.0 if later else 1.0
        elif changed == "weights":
            weights[: 3 + later] = 2.0
        elif changed == "pairs":
            X = np.roll(X, int(later), axis=0)
        else:
            Z[7, 1] = np.nextafter(Z[7, 1], np.inf) if later else Z[7, 1]
        return [(X, Z, y, weights)]

    with pytest.raises(InputError, match="the data changed between two passes"):
        checker.certify(blocks, **parts)


def test_shuffled_blocks_are_the_same_data() -> None:
    rng = np.random.default_rng(0)
    parts = {name: WHOLE[name] for name in ("w", "V", "loss")}

    def shuffled() -> Any:
        order = rng.permutation(40)
        return [tuple(WHOLE[name][order[i : i + 10]] for name in DATA) for i in range(0, 40, 10)]

    found, whole = checker.certify(shuffled, **parts), checker.certify(**WHOLE)
    assert abs(found.F.value - whole.F.value) <= found.F.radius + whole.F.radius


def test_losses_outside_assumption_1() -> None:
    for loss in OUTSIDE_ASSUMPTION_1.values():
        _rejected("is not", loss=loss)
    _rejected("unknown loss 'square'", loss="square")
    _rejected("no loss is given", loss=None)


def test_masked_numbers_are_not_known() -> None:
    _rejected("X is a masked array", X=np.ma.masked_less(POINT.X, 0.0))
    _rejected("w is a masked array", w=np.ma.masked_less(POINT.w, 0.0))


def test_types_that_are_no_real_numbers() -> None:
    _rejected("X is a single number", X=np.array(3.0))
    _rejected("X holds", X=POINT.X.astype(complex))
    _rejected("X holds int64", X=np.full((40, 3), 2**53 + 1))
    _rejected("w or V is missing", w=None)
    _rejected("a block has 2 parts", X=[(POINT.X, POINT.Z)], Z=None, y=None)
