"""Premises that are inequalities: a case meets them where the ladder proves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from checker.arithmetic.decide import Decision, decide_batch, decide_case
from checker.arithmetic.inequality import Inequality
from checker.arithmetic.instances import Batch, dims_of, numbers_of

_PROVED = (Decision.HOLDS, Decision.EQUAL)


def proved(inequality: Callable[[Any], Inequality]) -> Callable[[Any], Any]:
    """The test of an assumption that asserts an inequality, for one instance or a batch.

    The class of the instance has to annotate one array at least with `Dims` that names all of its
    axes, or none for a scalar: one axis more tells a batch.
    """

    def holds(at: Any) -> Any:
        size = _batch_size(at)
        if size is None:
            return decide_case(inequality, at).decision in _PROVED
        with np.errstate(all="ignore"):
            result = decide_batch(inequality, Batch(at, size, ""))
        proofs = np.array(result.held)
        for index, case in result.escalated.items():
            proofs[index] = case.decision in _PROVED
        return proofs

    return holds


def _batch_size(at: Any) -> int | None:
    """Number of cases, or None for a single instance."""
    dims, numbers = dims_of(type(at)), numbers_of(at)
    if min(a.ndim - len(dims[name].names) for name, a in numbers.items() if name in dims) == 0:
        return None
    return max(int(a.shape[-1]) for a in numbers.values())
