"""Deep residual networks: blocks, widths, depths and scales (Yun, Sra and Jadbabaie 2019)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.instances import Batch, unchecked
from checker.claim import Domain
from checker.landscape.deep_residual import CoveredResidual, DeepResidual
from checker.landscape.loss import Loss
from checker.landscape.losses import LOSSES
from checker.landscape.motivating import AffineReadout, OneNeuron, Spread
from checker.landscape.sample import Sample
from checker.landscape.signs import SignedNetworks
from strategies.losses import ALL, NONCONVEX

CASES = 8000

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

    max_batch = 256

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random networks."""
        fields = self.fill(self, rng, size)
        made = unchecked(self.kind, **fields, loss=self.loss, activation=self.activation)
        return Batch(made, size, self.stratum, self.description)

    def gaussian(self, rng: np.random.Generator, size: int) -> Fields:
        """Gaussian data and parameters; blocks scaled by 10^-2 to 1."""
        n, d, m, L = self.n, self.d, self.m, self.L
        shapes = {"X": (n, d), "U": (L, m, d), "V": (L, d, m), "w": (d,), "u": (d,)}
        fields: Fields = {k: rng.standard_normal((*s, size)) for k, s in shapes.items()}
        for name in ("U", "V"):
            fields[name] *= 10.0 ** rng.uniform(-2, 0, size)
        return {**fields, "y": self.loss.labels.draw(rng, (n, size))}

    @property
    def description(self) -> str:
        """One line for the evidence."""
        sizes = f"n={self.n} d={self.d} m={self.m} L={self.L}"
        return f"{sizes}, {self.loss.name}, {self.activation}"


def _shapes(
    kind: type[DeepResidual],
    stratum: str,
    fill: Draw,
    losses: tuple[Loss, ...] = ALL,
    depths: tuple[int, ...] = (1, 2, 3),
    activations: tuple[str, ...] = ("square", "tanh"),
) -> st.SearchStrategy[Any]:
    return st.builds(
        NetworkShape,
        n=st.integers(1, 4),
        d=st.integers(1, 3),
        m=st.integers(1, 2),
        L=st.sampled_from(depths),
        loss=st.sampled_from(losses),
        activation=st.sampled_from(activations),
        kind=st.just(kind),
        stratum=st.just(stratum),
        fill=st.just(fill),
    )


# -- the main theorem -----------------------------------------------------------------------------


def _covered(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    fields = shape.gaussian(rng, size)
    fields["v"] = rng.standard_normal((shape.d, size)) * 10.0 ** rng.uniform(-1, 1, size)
    fields["C"] = rng.standard_normal((shape.L, shape.m, size)) * rng.integers(0, 2, size)
    return fields


def _lattice(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    """Integers, v = e_1."""
    fields = _covered(shape, rng, size)
    for name in ("X", "U", "V", "w", "u", "v", "C"):
        fields[name] = rng.integers(-1, 2, fields[name].shape).astype(float)
    fields["v"][0] = 1.0
    fields["v"][1:] = 0.0
    return fields


def _covered_strata(losses: tuple[Loss, ...]) -> dict[str, st.SearchStrategy[Any]]:
    return {
        "gaussian": _shapes(CoveredResidual, "gaussian", _covered, losses),
        "one block": _shapes(CoveredResidual, "one block", _covered, losses, (1,)),
        "lattice": _shapes(CoveredResidual, "lattice", _lattice, losses),
        "linear loss": _shapes(CoveredResidual, "linear loss", _lattice, (LOSSES["affine"],)),
    }


@cache
def covered_networks() -> Domain:
    """Networks whose later blocks do not see a direction v."""
    without = {"convex_loss": lambda: Domain(st.nothing(), _covered_strata((*NONCONVEX, *ALL[:2])))}
    return Domain(st.nothing(), _covered_strata(ALL), cases=CASES, without=without)


def _uncovered(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    """Critical points of a linear loss where U_2 v != 0: labels orthogonal to the derivatives of f.

    d = m = 1, two blocks with σ(t) = t²: up to factors f has the derivatives h_2, φ_2 and
    (1 + 2 V_2 U_2² h_1) φ_1, which do not span φ_1; so a comparator c_1 φ_1 may be better.
    """
    fields = _covered(shape, rng, size)
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
        return _shapes(DeepResidual, name, _near_identity, losses, depths, ("tanh",))

    return {"shallow": of("shallow", (1, 2, 3)), "deep": of("deep", (10, 50))}


@cache
def near_identities() -> Domain:
    """Networks of 1-Lipschitz activations with σ(0) = 0 and any depth up to 50."""
    convexless = tuple(x for x in NONCONVEX if x.lipschitz is not None) or NONCONVEX
    without = {
        "lipschitz_loss": lambda: Domain(st.nothing(), _near_strata(ALL[:1])),
        "convex_loss": lambda: Domain(st.nothing(), _near_strata(convexless)),
    }
    return Domain(
        st.nothing(), _near_strata(_LIPSCHITZ), on_data=_near_on, cases=CASES, without=without
    )


def _near_on(sample: Sample) -> Domain:
    def fill(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
        fields = _near_identity(shape, rng, size)
        return {**fields, "X": sample.X[..., None], "y": sample.y[..., None]}

    losses = [x for x in _LIPSCHITZ if np.all(x.labels.accepts(sample.y))]
    shape = st.builds(
        NetworkShape,
        n=st.just(sample.n),
        d=st.just(sample.d),
        m=st.integers(1, 2),
        L=st.sampled_from((1, 10)),
        loss=st.sampled_from(losses),
        activation=st.just("tanh"),
        kind=st.just(DeepResidual),
        stratum=st.just(sample.name),
        fill=st.just(fill),
    )
    return Domain(st.nothing(), {sample.name: shape}, cases=32)


# -- the motivating examples ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Numbers:
    """Instances whose fields are numbers, drawn by a function of (rng, size)."""

    kind: type
    stratum: str
    fill: Callable[[np.random.Generator, int], Fields]

    max_batch = 512

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` instances."""
        made: Any = unchecked(self.kind, **self.fill(rng, size))
        return Batch(made, size, self.stratum, self.stratum)


def _one(kind: type, stratum: str, fill: Any) -> dict[str, st.SearchStrategy[Any]]:
    return {stratum: st.just(Numbers(kind, stratum, fill))}


def _neurons(rng: np.random.Generator, size: int) -> Fields:
    """Any neuron; output weights by least squares for half of them."""
    rho = 10.0 ** rng.uniform(-2, 0.04, size)
    w1, knot = rng.choice([-1.0, 1.0], size), rng.uniform(-3, 8, size)
    scale = 10.0 ** rng.uniform(-1, 1, size)
    return {"rho": rho, "w1": w1 * scale, "b1": -w1 * scale * knot, **_fitted(rho, w1, knot, scale)}


def _fitted(rho: Any, w1: Any, knot: Any, scale: Any) -> Fields:
    x = np.arange(6.0)[:, None]
    y = x + rho * np.array([-1, -1, 1, -1, 1, 1])[:, None]
    hidden = np.maximum(w1 * scale * (x - knot), 0)
    centred = hidden - hidden.mean(axis=0)
    size = (centred**2).sum(axis=0)
    w2 = np.where(size > 0, (centred * y).sum(axis=0) / np.where(size > 0, size, 1), 1.0)
    return {"w2": w2, "b2": y.mean(axis=0) - w2 * hidden.mean(axis=0)}


def _affine(rng: np.random.Generator, size: int) -> Fields:
    """Neurons that are active everywhere and fit the best line (1 + 2ρ/5) x - ρ, exactly."""
    rho = 5 * 2.0 ** rng.integers(-8, -2, size)
    one = np.ones(size)
    slope = 1 + 2 * (rho / 5)
    return {"rho": rho, "w1": one, "b1": one, "w2": slope, "b2": -rho - slope}


@cache
def neurons() -> Domain:
    """Networks of one hidden neuron on the first data set."""
    strata = {**_one(OneNeuron, "any neuron", _neurons), **_one(OneNeuron, "best line", _affine)}
    return Domain(st.nothing(), strata, cases=CASES, told=frozenset({"best line"}))


@cache
def spreads() -> Domain:
    """Values of ρ that are short in binary."""

    def fill(rng: np.random.Generator, size: int) -> Fields:
        return {"rho": rng.integers(1, 72, size) / 64.0}

    return Domain(st.nothing(), _one(Spread, "rho", fill), cases=200)


@cache
def readouts() -> Domain:
    """Affine functions, among them the best ones on both representations."""

    def fill(rng: np.random.Generator, size: int) -> Fields:
        return {"w": rng.standard_normal(size), "c": rng.standard_normal(size)}

    return Domain(st.nothing(), _one(AffineReadout, "any", fill), cases=CASES)


# -- Rademacher averages --------------------------------------------------------------------------


def _signed(rng: np.random.Generator, size: int, n: int, L: int) -> Fields:
    """Orthogonal inputs of length 1; neurons along Σ ε_i x_i over samples of one sign, or any."""
    X = np.eye(n)[..., None] * np.ones(size)
    patterns = np.array(np.meshgrid(*[[-1.0, 1.0]] * n, indexing="ij")).reshape(n, -1)
    majority = np.where(patterns.sum(axis=0) >= 0, 1.0, -1.0)
    a = np.maximum(patterns * majority, 0.0) + 2.0**-20
    aligned = np.repeat(a.T[:, None, :, None], L, 1) * np.ones(size)
    noise = rng.standard_normal((2, *aligned.shape)) * rng.choice([0.0, 0.3, 3.0], size)
    M = rng.uniform(0, 1.5, (L, size))
    return {"X": X, "M": M, "a": aligned + noise[0], "b": aligned + noise[1]}


@cache
def signed_networks() -> Domain:
    """Networks for all sign patterns of 2 or 3 orthonormal inputs."""

    def structure(n: int, L: int) -> Numbers:
        return Numbers(SignedNetworks, "orthonormal", lambda rng, size: _signed(rng, size, n, L))

    drawn = st.builds(structure, st.integers(2, 3), st.integers(1, 3))
    return Domain(st.nothing(), {"orthonormal": drawn}, cases=1000)
