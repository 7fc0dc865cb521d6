"""Deep residual networks: blocks, widths, depths and scales (Yun, Sra and Jadbabaie 2019)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, unchecked
from checker.landscape.data import SHIPPED
from checker.landscape.deep_residual.network import (
    ACTIVATIONS,
    CONTRACTING,
    RATIONAL,
    CoveredResidual,
    DeepResidual,
)
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.sample import Sample, require_equal_weights
from strategies.corners import cornered
from strategies.losses import ALL, NONCONVEX

CASES = 8000
DATA_CASES = 32

# Of random networks; half of them have up to two blocks, since a case costs L passes and more.
DEPTHS = (1, 1, 2, 2, 2, 3, 4, 5, 6)

# A polynomial of degree 2 or 3 per block has degree 2^L or 3^L: its numbers overflow.
_DEEPEST = {"square": 4, "cubic": 3}

# Over a sample of thirty inputs cubes would leave most cases to balls.
_MODERATE = tuple(name for name in ACTIVATIONS if name != "cubic")

# Corners of networks of any activation.
OVERFLOWING = dict.fromkeys(
    ("X huge", "U huge", "V huge", "w huge", "v huge", "mixed scales"),
    "beyond the range of floats after some blocks: a case would take seconds of balls",
)

Fields = dict[str, Any]
Draw = Callable[["NetworkShape", np.random.Generator, int], Fields]


@dataclass(frozen=True, eq=False)
class NetworkShape:
    """Sizes of a deep residual network, its loss and activation, and how it is filled."""

    n: int
    d: int
    m: int
    L: int
    loss: Loss
    activation: str
    kind: type[DeepResidual]
    stratum: str
    fill: Draw
    sample: Sample | None = None

    max_batch = 256

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random networks."""
        fields = self.fill(self, rng, size)
        made = unchecked(self.kind, **fields, loss=self.loss, activation=self.activation)
        return Batch(made, size, self.stratum, self.description)

    def gaussian(self, rng: np.random.Generator, size: int) -> Fields:
        """Gaussian parameters, blocks scaled by 10^-2 to 1; the sample, or gaussian data."""
        d, m, L = self.d, self.m, self.L
        shapes = {"U": (L, m, d), "V": (L, d, m), "w": (d,), "u": (d,)}
        fields: Fields = {k: rng.standard_normal((*s, size)) for k, s in shapes.items()}
        for name in ("U", "V"):
            fields[name] *= 10.0 ** rng.uniform(-2, 0, size)
        return {**fields, **self._data(rng, size)}

    def _data(self, rng: np.random.Generator, size: int) -> Fields:
        if self.sample is not None:
            return {"X": self.sample.X[..., None], "y": self.sample.y[..., None]}
        X = rng.standard_normal((self.n, self.d, size))
        return {"X": X, "y": self.loss.labels.draw(rng, (self.n, size))}

    @property
    def description(self) -> str:
        """One line for the evidence."""
        sizes = f"n={self.n} d={self.d} m={self.m} L={self.L}"
        sizes = sizes if self.sample is None else f"{self.sample.name}, {sizes}"
        return f"{sizes}, {self.loss.name}, {self.activation}"


def network_shapes(
    kind: type[DeepResidual],
    stratum: str,
    fill: Draw,
    losses: tuple[Loss, ...] = ALL,
    depths: tuple[int, ...] = DEPTHS,
    activations: tuple[str, ...] = tuple(ACTIVATIONS),
    largest: tuple[int, int, int] = (4, 3, 2),
) -> st.SearchStrategy[Any]:
    """Shapes with n, d and m up to the largest, and blocks as many as the activation allows."""

    def of(activation: str) -> st.SearchStrategy[Any]:
        allowed = [L for L in depths if L <= _DEEPEST.get(activation, L)]
        return st.builds(
            NetworkShape,
            n=st.integers(1, largest[0]),
            d=st.integers(1, largest[1]),
            m=st.integers(1, largest[2]),
            L=st.sampled_from(allowed),
            loss=st.sampled_from(losses),
            activation=st.just(activation),
            kind=st.just(kind),
            stratum=st.just(stratum),
            fill=st.just(fill),
        )

    return st.sampled_from(activations).flatmap(of)


def over_sample(
    kind: type[DeepResidual],
    sample: Sample,
    fill: Draw,
    losses: tuple[Loss, ...] = ALL,
    depths: tuple[int, ...] = (1, 2, 3),
    activations: tuple[str, ...] = _MODERATE,
) -> Domain:
    """Networks over a given sample; of the losses those that accept its labels."""
    require_equal_weights(sample, "deep residual networks")
    shape = st.builds(
        NetworkShape,
        n=st.just(sample.n),
        d=st.just(sample.d),
        m=st.integers(1, 2),
        L=st.sampled_from(depths),
        loss=st.sampled_from([x for x in losses if np.all(x.labels.accepts(sample.y))]),
        activation=st.sampled_from(activations),
        kind=st.just(kind),
        stratum=st.just(sample.name),
        fill=st.just(fill),
        sample=st.just(sample),
    )
    return Domain(st.nothing(), {sample.name: shape}, cases=DATA_CASES)


# -- the main theorem -----------------------------------------------------------------------------


def covered_fields(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    fields = shape.gaussian(rng, size)
    fields["v"] = rng.standard_normal((shape.d, size)) * 10.0 ** rng.uniform(-1, 1, size)
    fields["C"] = rng.standard_normal((shape.L, shape.m, size)) * rng.integers(0, 2, size)
    return fields


def lattice_fields(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    """Integers, v = e_1."""
    fields = covered_fields(shape, rng, size)
    for name in ("X", "U", "V", "w", "u", "v", "C"):
        fields[name] = rng.integers(-1, 2, fields[name].shape).astype(float)
    fields["v"][0] = 1.0
    fields["v"][1:] = 0.0
    return fields


def _covered_strata(losses: tuple[Loss, ...]) -> dict[str, st.SearchStrategy[Any]]:
    def of(name: str, fill: Draw, pool: tuple[Loss, ...] = losses, **further: Any) -> Any:
        return network_shapes(CoveredResidual, name, fill, pool, **further)

    # Where numbers are equal, softplus of them would climb to the precision cap.
    decidable: dict[str, Any] = {"activations": (*RATIONAL, "tanh")}
    return {
        "gaussian": of("gaussian", covered_fields),
        "one block": of("one block", covered_fields, depths=(1,)),
        "lattice": of("lattice", lattice_fields, **decidable),
        "linear loss": of("linear loss", lattice_fields, (LOSSES["affine"],), **decidable),
    }


@cache
@cornered(CoveredResidual, same={"L = 1": "one block"}, without=OVERFLOWING)
def covered_networks() -> Domain:
    """Networks whose later blocks do not see a direction v."""
    without = {"convex_loss": lambda: Domain(st.nothing(), _covered_strata((*NONCONVEX, *ALL[:2])))}
    return Domain(
        st.nothing(),
        _covered_strata(ALL),
        on_data=covered_on,
        shipped=SHIPPED,
        cases=CASES,
        without=without,
    )


def covered_on(sample: Sample) -> Domain:
    """Covered networks over a sample."""
    return over_sample(CoveredResidual, sample, covered_over)


def covered_over(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    """The fields over the sample of a shape; half of the comparators are near the least squares."""
    fields, sample = covered_fields(shape, rng, size), shape.sample
    assert sample is not None
    best = np.linalg.lstsq(sample.X, sample.y, rcond=None)[0]
    near = best[:, None] * rng.uniform(0.25, 1.5, size)
    return {**fields, "u": np.where(rng.random(size) < 0.5, near, fields["u"])}


def _uncovered(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    """Critical points of a linear loss where U_2 v != 0: labels orthogonal to the derivatives of f.

    d = m = 1, two blocks with σ(t) = t²: up to factors f has the derivatives h_2, φ_2 and
    (1 + 2 V_2 U_2² h_1) φ_1, which do not span φ_1; so a comparator c_1 φ_1 may be better.
    """
    fields = covered_fields(shape, rng, size)
    x, (U1, U2), (V1, V2) = fields["X"][:, 0], fields["U"][:, 0, 0], fields["V"][:, 0, 0]
    phi_1 = (U1 * x) ** 2
    h_1 = x + V1 * phi_1
    phi_2 = (U2 * h_1) ** 2
    slopes = np.stack([h_1 + V2 * phi_2, (1 + 2 * V2 * U2**2 * h_1) * phi_1, phi_2])
    null = np.linalg.svd(np.moveaxis(slopes, -1, 0))[2][:, -1]
    fields["y"] = np.ascontiguousarray(null.T)
    fields["C"] = -np.sign((null.T * phi_1).sum(axis=0)) * np.ones((2, 1, size))
    return {**fields, "u": np.zeros((1, size))}


@cache
def uncovered_networks() -> Domain:
    """Networks of two blocks on critical points where the second block sees the direction."""
    structure = st.builds(
        NetworkShape,
        n=st.just(4),
        d=st.just(1),
        m=st.just(1),
        L=st.just(2),
        loss=st.just(LOSSES["affine"]),
        activation=st.just("square"),
        kind=st.just(CoveredResidual),
        stratum=st.just("critical"),
        fill=st.just(_uncovered),
    )
    return Domain(st.nothing(), {"critical": structure}, cases=CASES)


# -- near the identity ----------------------------------------------------------------------------

_LIPSCHITZ = tuple(loss for loss in ALL if loss.lipschitz is not None)


def _near_identity(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    """ρ_l of about 10^-3 to 1 divided by the depth."""
    fields = shape.gaussian(rng, size)
    scale = np.sqrt(10.0 ** rng.uniform(-3, 0.5, size) / shape.L)
    for name in ("U", "V"):
        lengths = np.sqrt((fields[name] ** 2).sum(axis=(1, 2), keepdims=True))
        fields[name] = fields[name] / lengths * scale
    fields["w"] = np.where(rng.random(size) < 0.5, fields["u"], fields["w"])
    return fields


def _near_strata(losses: tuple[Loss, ...]) -> dict[str, st.SearchStrategy[Any]]:
    def of(name: str, depths: tuple[int, ...]) -> Any:
        return network_shapes(DeepResidual, name, _near_identity, losses, depths, CONTRACTING)

    return {"shallow": of("shallow", (1, 2, 3)), "deep": of("deep", (10, 50))}


@cache
@cornered(DeepResidual)
def near_identities() -> Domain:
    """Networks of contracting activations and any depth up to 50."""
    convexless = tuple(x for x in NONCONVEX if x.lipschitz is not None) or NONCONVEX
    without = {
        "lipschitz_loss": lambda: Domain(st.nothing(), _near_strata(ALL[:1])),
        "convex_loss": lambda: Domain(st.nothing(), _near_strata(convexless)),
    }
    return Domain(
        st.nothing(),
        _near_strata(_LIPSCHITZ),
        on_data=_near_on,
        shipped=SHIPPED,
        cases=CASES,
        without=without,
    )


def _near_on(sample: Sample) -> Domain:
    return over_sample(
        DeepResidual,
        sample,
        _near_identity,
        _LIPSCHITZ,
        depths=(1, 10, 50),
        activations=CONTRACTING,
    )
