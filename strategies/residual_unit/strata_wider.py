"""Strata for claims with an assumption dropped: kinks that are met exactly, and w = 0.

A random prediction never meets a kink of the loss, so these strata place it there, in short
dyadics: every product and sum below is exact in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.instances.fields import FloatArray
from strategies.residual_unit.strata import Fields, Stratum


def _halves(fields: Fields, rng: np.random.Generator) -> None:
    for name in ("X", "Z", "w", "V", "w_star"):
        fields[name] = rng.integers(-4, 5, fields[name].shape) / 2.0


def _predictions(fields: Fields) -> FloatArray:
    """wᵀ(x + V z) per sample and case, (n, B); exact for multiples of 1/2 of this size."""
    direct = np.einsum("ndb,db->nb", fields["X"], fields["w"])
    residual = np.einsum("nmb,dmb,db->nb", fields["Z"], fields["V"], fields["w"])
    return np.asarray(direct + residual)


def _labels_on_predictions(fields: Fields, rng: np.random.Generator) -> None:
    """About half of the labels equal their prediction: the kink of |p - y|."""
    _halves(fields, rng)
    fields["w"][0, ~fields["w"].any(axis=0)] = 1.0
    p = _predictions(fields)
    y = rng.integers(-8, 9, p.shape) / 2.0
    fields["y"] = np.where(rng.random(p.shape) < 0.5, p, y)


def _predictions_on_labels(fields: Fields, rng: np.random.Generator) -> None:
    """About half of the predictions equal their label ±1: the kink of max(0, 1 - y p)."""
    _halves(fields, rng)
    fields["w"][0] = rng.choice([-1.0, 1.0], fields["w"].shape[1])
    moved = (fields["y"] - _predictions(fields)) * fields["w"][0]
    fields["X"][:, 0] += np.where(rng.random(moved.shape) < 0.5, moved, 0.0)


def _zero_labels(fields: Fields, rng: np.random.Generator) -> None:
    """Labels -1, 0 and 1: at w = 0, label 0 is the kink of |p - y|."""
    _halves(fields, rng)
    fields["y"] = rng.integers(-1, 2, fields["y"].shape).astype(float)


def _no_output(fields: Fields, rng: np.random.Generator) -> None:
    fields["w"][...] = 0.0


def _in_halves(at: Any) -> Any:
    return (2 * at.Z == np.rint(2 * at.Z)).all(axis=(0, 1))


KINKS_NONZERO_W = (
    Stratum(
        "labels met",
        "about half of the labels are predicted exactly, the kink of |p - y|",
        _labels_on_predictions,
        _in_halves,
        loss="absolute",
    ),
    Stratum(
        "margins met",
        "about half of the margins y p are exactly 1, the kink of the hinge",
        _predictions_on_labels,
        _in_halves,
        loss="hinge",
    ),
)

KINKS_W_ZERO = (
    Stratum(
        "labels met",
        "labels -1, 0 and 1; the prediction 0 meets the kink of |p - y|",
        _zero_labels,
        _in_halves,
        loss="absolute",
    ),
)

WRONG_SLOPE = (
    Stratum(
        "margins met, wrong slope",
        "as 'margins met', with a slope at the kink that is no subgradient",
        _predictions_on_labels,
        _in_halves,
        loss="hinge_wrong_slope",
    ),
)

W_EXACTLY_ZERO = (
    Stratum("w = 0", "the output layer vanishes", _no_output, lambda at: ~at.w.any(axis=0)),
)
