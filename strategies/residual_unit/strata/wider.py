"""Strata for claims with an assumption dropped: kinks that are met exactly, and w = 0.

A random prediction never meets a kink of the loss, so these strata place it there, in short
dyadics: every product and sum below is exact in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.instances.fields import FloatArray
from strategies.residual_unit.strata.changes import ARRAYS, Fields, zero
from strategies.residual_unit.strata.stratum import Stratum, all_zero


def _halves(fields: Fields, rng: np.random.Generator) -> None:
    for name in ARRAYS:
        fields[name] = rng.integers(-4, 5, fields[name].shape) / 2.0


def _predictions(fields: Fields) -> FloatArray:
    """W(x + V z) per sample and case, (n, K, B); exact for multiples of 1/2 of this size."""
    direct = np.einsum("ndb,kdb->nkb", fields["X"], fields["W"])
    residual = np.einsum("nmb,dmb,kdb->nkb", fields["Z"], fields["V"], fields["W"])
    return np.asarray(direct + residual)


def _labels_on_predictions(fields: Fields, rng: np.random.Generator) -> None:
    """About half of the labels equal their prediction: the kink of |p - y|."""
    _halves(fields, rng)
    fields["W"][0, 0, ~fields["W"].any(axis=(0, 1))] = 1.0
    p = _predictions(fields)
    Y = rng.integers(-8, 9, p.shape) / 2.0
    fields["Y"] = np.where(rng.random(p.shape) < 0.5, p, Y)


def _predictions_on_labels(fields: Fields, rng: np.random.Generator) -> None:
    """About half of the predictions equal their label ±1: the kink of max(0, 1 - y p).

    For one output: an input cannot be moved so that several predictions change as they should.
    """
    _halves(fields, rng)
    w = fields["W"][0]
    w[0] = rng.choice([-1.0, 1.0], w.shape[1])
    moved = (fields["Y"] - _predictions(fields))[:, 0] * w[0]
    fields["X"][:, 0] += np.where(rng.random(moved.shape) < 0.5, moved, 0.0)


def _zero_labels(fields: Fields, rng: np.random.Generator) -> None:
    """Labels -1, 0 and 1: at w = 0, label 0 is the kink of |p - y|."""
    _halves(fields, rng)
    fields["Y"] = rng.integers(-1, 2, fields["Y"].shape).astype(float)


def _in_halves(at: Any) -> Any:
    return (2 * at.Z == np.rint(2 * at.Z)).all(axis=(0, 1))


LABELS_MET = Stratum(
    "labels met",
    "about half of the labels are predicted exactly, the kink of |p - y|",
    _labels_on_predictions,
    _in_halves,
    loss="absolute",
)

KINKS_NONZERO_W = (
    LABELS_MET,
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

W_EXACTLY_ZERO = (Stratum("w = 0", "the output layer vanishes", zero("W"), all_zero("W")),)
