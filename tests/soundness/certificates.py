"""Certificates of random networks, as plain numbers for the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import ctx

from checker.certification.certificate import Comparison, Enclosed
from checker.certification.certify import certify
from checker.errors import InputError
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.coupled import vector_loss_named
from soundness.papers.certificate import Compared, Examined, Known, Stated, examined
from soundness.plain import Given, loss_spec

BITS = 512

_LOSSES = tuple(LOSSES)
_VECTOR = ("softmax", "radial", "squared", "logistic", "pseudo_huber", "affine")
_EXPONENTS = (0, 0, 0, -3, 3, -8, 8, -150)


def networks(rng: np.random.Generator, outputs: bool) -> dict[str, Any]:
    """The arguments of `certify` for a small network: gaussian, scaled, lattice, at w = 0, equal
    to a linear predictor, weighted.
    """
    n, d, m = (int(k) for k in rng.integers(1, (7, 4, 4)))
    K = int(rng.integers(1, 4))
    kind = str(rng.choice(_VECTOR if outputs else _LOSSES))
    loss = vector_loss_named(kind) if outputs else LOSSES[kind]
    shapes = {"X": (n, d), "Z": (n, m), "V": (d, m)}
    shapes |= {"W": (K, d)} if outputs else {"w": (d,)}
    fields: dict[str, Any] = {k: rng.standard_normal(s) for k, s in shapes.items()}
    mode = rng.integers(5)
    if mode == 1:
        fields = {k: a * 10.0 ** float(rng.choice(_EXPONENTS)) for k, a in fields.items()}
    if mode == 2:
        fields = {k: np.rint(2 * a) for k, a in fields.items()}
    if mode == 3:
        fields["W" if outputs else "w"] *= 0.0
    if mode == 4:
        fields["V"] *= 0.0
    y = loss.draw(rng, (n, K)) if outputs else loss.labels.draw(rng, (n,))
    weights = rng.random(n) if rng.random() < 0.3 else None
    return {**fields, "y": y, "loss": loss, "weights": weights}


def checked(arguments: dict[str, Any]) -> Examined:
    """One certificate against the reference."""
    given, outputs = Given(_plain(arguments)), "W" in arguments
    try:
        certificate = certify(**arguments)
    except InputError as error:
        return Examined(wrong=[f"certify refuses: {error}"])
    numbers = {k: _known(x) for k, x in vars(certificate).items() if isinstance(x, Enclosed)}
    compared = [_compared(c) for c in _comparisons(certificate)]
    escape = certificate.escape
    moved = None
    if escape is not None:
        w = getattr(escape, "W", None) if outputs else escape.w
        w = escape.w if w is None else w
        moved = w.tolist(), escape.V.tolist(), _known(escape.F_before), _known(escape.F_after)
    verdict, sentence = certificate.verdict.name, certificate.sentence
    stated = Stated(verdict, sentence, numbers, compared, moved)
    with ctx.workprec(BITS):
        found = examined(given, stated)
    found.wrong = [f"{line}; {given.fields}" for line in found.wrong]
    return found


def _plain(arguments: dict[str, Any]) -> dict[str, Any]:
    arrays = {k: a.tolist() for k, a in arguments.items() if isinstance(a, np.ndarray)}
    if "W" in arrays:
        arrays["Y"] = arrays.pop("y")
    return {**arrays, "loss": loss_spec(arguments["loss"])}


def _comparisons(certificate: Any) -> list[Comparison]:
    return [certificate.best, certificate.minimised, *certificate.others]


def _known(x: Enclosed) -> Known:
    return float(x.value), float(x.radius)


def _compared(c: Comparison) -> Compared:
    names = ("F_lin", "gap", "gradient", "duality_gap")
    bounds = {name: _known(b) for name, b in c.bounds.items() if isinstance(b, Enclosed)}
    known = {name: _known(getattr(c, name)) for name in names}
    return Compared(c.u.tolist(), float(c.ball), known, bounds)
