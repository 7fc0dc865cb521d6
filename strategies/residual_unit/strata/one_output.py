"""The strata of points with one output; several outputs share those of them that make sense."""

from __future__ import annotations

import numpy as np

from strategies.residual_unit.strata.changes import (
    duplicate,
    equal_comparator,
    equal_labels,
    lattice,
    mixed_scales,
    no_gap,
    opposite_comparator,
    orthogonal_comparator,
    saturate,
    scaled,
    theorem1_equality,
    theorem2_equality,
    unchanged,
    zero,
)
from strategies.residual_unit.strata.stratum import Stratum, all_zero, everywhere, largest

GENERAL = (
    Stratum(
        "gaussian",
        "independent standard normal numbers",
        unchanged,
        lambda at: np.isfinite(at.W).all(axis=(0, 1)),
    ),
    Stratum(
        "mixed scales",
        "every array scaled by its own power of ten in [1e-3, 1e3]",
        mixed_scales,
        lambda at: largest(at.X) > 0,
    ),
    Stratum(
        "n = 1",
        "a single sample",
        unchanged,
        everywhere(lambda at: at.X.shape[0] == 1),
        lambda s: s._replace(n=1),
    ),
    Stratum(
        "d = 1",
        "scalar inputs",
        unchanged,
        everywhere(lambda at: at.X.shape[1] == 1),
        lambda s: s._replace(d=1, K=1),
    ),
    Stratum(
        "m = 1",
        "a single feature",
        unchanged,
        everywhere(lambda at: at.Z.shape[1] == 1),
        lambda s: s._replace(m=1),
    ),
    Stratum(
        "m > d",
        "more features than inputs",
        unchanged,
        everywhere(lambda at: at.Z.shape[1] > at.X.shape[1]),
        lambda s: s._replace(m=max(s.m, s.d + 2)),
    ),
    Stratum("V = 0", "no residual part", zero("V"), all_zero("V")),
    Stratum("zero features", "f_θ = 0 at the sample", zero("Z"), all_zero("Z")),
    Stratum(
        "duplicated data",
        "proportional integer inputs, repeated features: rank one",
        duplicate,
        lambda at: (at.Z == at.Z[:1]).all(axis=(0, 1)),
        lambda s: s._replace(n=max(s.n, 3)),
    ),
    Stratum(
        "equal labels",
        "all labels equal",
        equal_labels,
        lambda at: (at.Y == at.Y[:1]).all(axis=(0, 1)),
        lambda s: s._replace(n=max(s.n, 2)),
    ),
    Stratum(
        "saturated",
        "predictions of several hundred",
        saturate,
        lambda at: largest(at.W_star) > 0,
    ),
    Stratum(
        "lattice",
        "multiples of 1/2 up to 3",
        lattice,
        lambda at: (2 * at.X == np.rint(2 * at.X)).all(axis=(0, 1)),
    ),
)

NONZERO_W = (
    *GENERAL,
    Stratum(
        "w = w*",
        "the comparator is the output layer",
        equal_comparator,
        lambda at: (at.W == at.W_star).all(axis=(0, 1)),
    ),
    Stratum(
        "w = -w*",
        "the comparator is its opposite",
        opposite_comparator,
        lambda at: (at.W == -at.W_star).all(axis=(0, 1)),
    ),
    Stratum(
        "w orthogonal to w*",
        "disjoint supports",
        orthogonal_comparator,
        lambda at: ~(at.W * at.W_star).any(axis=(0, 1)),
        lambda s: s._replace(d=max(s.d, s.K + 1)),
    ),
    Stratum(
        "w tiny",
        "||w|| between 1e-200 and 1e-8",
        scaled("W", -200, -8),
        lambda at: largest(at.W) < 1e-6,
    ),
    Stratum(
        "w huge",
        "||w|| between 1e8 and 1e150",
        scaled("W", 8, 150),
        lambda at: largest(at.W) > 1e3,
    ),
    Stratum(
        "gap exactly 0",
        "w* = w and V = 0, so F = F_lin(w*)",
        no_gap,
        lambda at: (at.W == at.W_star).all(axis=(0, 1)) & all_zero("V")(at),
    ),
    Stratum(
        "equality",
        "the equality case of Theorem 1, in integers",
        theorem1_equality,
        lambda at: (at.W == -at.W_star).all(axis=(0, 1)),
        lambda s: s._replace(n=1),
        loss="affine",
    ),
)

W_ZERO = (
    *GENERAL,
    Stratum("w* = 0", "gap exactly 0", zero("W_star"), all_zero("W_star")),
    Stratum(
        "w* tiny",
        "||w*|| between 1e-200 and 1e-8",
        scaled("W_star", -200, -8),
        lambda at: largest(at.W_star) < 1e-6,
    ),
    Stratum(
        "w* huge",
        "||w*|| between 1e8 and 1e150",
        scaled("W_star", 8, 150),
        lambda at: largest(at.W_star) > 1e3,
    ),
    Stratum(
        "equality",
        "the equality case of Theorem 2, in integers",
        theorem2_equality,
        lambda at: largest(at.V) > 0,
        lambda s: s._replace(n=1),
        loss="affine",
    ),
)
