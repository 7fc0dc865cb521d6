"""The strata of points with K outputs: K <= d, since W has to have full row rank.

Most are those of one output. A new one comes last: the seeds of the others stay.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from strategies.residual_unit.strata.changes import (
    biases,
    dependent,
    equal_comparator,
    equality_of_several_outputs,
    isometry,
    nearly_dependent,
    opposite_comparator,
    orthogonal_comparator,
    scaled,
    unchanged,
)
from strategies.residual_unit.strata.data import DATA_NONZERO_W
from strategies.residual_unit.strata.one_output import GENERAL, NONZERO_W
from strategies.residual_unit.strata.stratum import Shape, Stratum, everywhere, largest
from strategies.residual_unit.strata.wider import LABELS_MET


def _at_least(K: int) -> Callable[[Shape], Shape]:
    return lambda s: s._replace(d=max(s.d, K), K=max(s.K, K))


def shared(*names: str) -> tuple[Stratum, ...]:
    """Strata of one output that several have as well."""
    known = {s.name: s for s in (*GENERAL, *NONZERO_W)}
    return tuple(known[name] for name in names)


VECTOR_STRATA = (
    *shared("gaussian", "mixed scales"),
    Stratum(
        "K = 1",
        "one output: Theorem 1 itself",
        unchanged,
        everywhere(lambda at: len(at.W) == 1),
        lambda s: s._replace(K=1),
    ),
    Stratum(
        "K = d",
        "as many outputs as inputs, at least two",
        unchanged,
        everywhere(lambda at: at.W.shape[0] == at.W.shape[1] > 1),
        lambda s: s._replace(d=max(s.d, 2), K=max(s.d, 2)),
    ),
    Stratum(
        "n = 1",
        "a single sample, at least two outputs",
        unchanged,
        everywhere(lambda at: len(at.X) == 1 < len(at.W)),
        lambda s: _at_least(2)(s)._replace(n=1),
    ),
    *shared("V = 0", "zero features", "lattice", "saturated"),
    Stratum(
        "orthonormal rows",
        "W with equal singular values, at least two",
        isometry,
        lambda at: (np.count_nonzero(at.W, axis=1) == 1).all(axis=0),
        _at_least(2),
    ),
    Stratum(
        "nearly rank-deficient",
        "σ_min(W) is 1e-12 to 1e-3 of ||W||",
        nearly_dependent,
        lambda at: largest(at.W[-1] - at.W[0]) < 0.1 * largest(at.W[0]) + 0.1,
        _at_least(2),
    ),
    Stratum(
        "W = W*",
        "the comparator is the output layer",
        equal_comparator,
        lambda at: (at.W == at.W_star).all(axis=(0, 1)),
    ),
    Stratum(
        "W = -W*",
        "the comparator is its opposite",
        opposite_comparator,
        lambda at: (at.W == -at.W_star).all(axis=(0, 1)),
    ),
    Stratum(
        "W tiny",
        "||W|| between 1e-150 and 1e-8",
        scaled("W", -150, -8),
        lambda at: largest(at.W) < 1e-6,
    ),
    Stratum(
        "W huge",
        "||W|| between 1e8 and 1e120",
        scaled("W", 8, 120),
        lambda at: largest(at.W) > 1e3,
    ),
    *shared("gap exactly 0"),
    Stratum(
        "biases",
        "a constant input and a constant feature",
        biases,
        lambda at: (at.X[:, -1] == 1).all(axis=0) & (at.Z[:, -1] == 1).all(axis=0),
        lambda s: s._replace(d=max(s.d, 2)),
    ),
    Stratum(
        "equality",
        "the equality case, in integers",
        equality_of_several_outputs,
        lambda at: (at.W == -at.W_star).all(axis=(0, 1)),
        lambda s: s._replace(n=s.K, m=max(s.m, s.K)),
        loss="affine",
    ),
    *shared("d = 1", "m = 1", "m > d", "duplicated data", "equal labels"),
    Stratum(
        "W orthogonal to W*",
        "disjoint supports",
        orthogonal_comparator,
        lambda at: ~(at.W[:, None] * at.W_star).any(axis=(0, 1, 2)),
        lambda s: s._replace(d=max(s.d, s.K + 1)),
    ),
    *DATA_NONZERO_W,
)

RANK_DEFICIENT = (
    Stratum(
        "rank one",
        "at least two outputs, all rows of W proportional",
        dependent,
        everywhere(lambda at: len(at.W) > 1),
        _at_least(2),
    ),
)

MORE_OUTPUTS = Stratum(
    "K > d",
    "more outputs than inputs",
    unchanged,
    everywhere(lambda at: at.W.shape[0] > at.W.shape[1]),
    lambda s: s._replace(K=s.d + 1),
)

VECTOR_KINKS = (LABELS_MET,)
