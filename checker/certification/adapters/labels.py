"""Labels of a batch as the rows that a certificate takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.certification.source import one_hot
from checker.instances.fields import FloatArray

# The class that stands for "no label" in PyTorch's losses.
IGNORED = -100


def as_labels(labels: Any, rows: int, outputs: int) -> tuple[Any, FloatArray]:
    """Which rows count, and their labels: (n,), or (n, K) for K > 1 outputs.

    Integers are classes, if there are several outputs and one label for each row: they become
    one-hot rows, and rows of the class -100 are left out.

    Raises
    ------
    InputError
        For another number of labels, and classes that there are not.
    """
    array = np.asarray(labels)
    everything = np.arange(rows)
    if outputs == 1:
        return everything, array.astype(np.float64).reshape(-1)
    if array.size != rows or array.dtype.kind not in "iu":
        wide = array.astype(np.float64)
        return everything, wide.reshape(-1, outputs) if wide.size == rows * outputs else wide
    classes = array.reshape(-1)
    kept = everything[classes != IGNORED]
    return kept, one_hot(classes[kept].astype(np.float64), outputs)
