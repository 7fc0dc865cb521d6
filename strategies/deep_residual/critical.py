"""Critical points in (w, V) of deep residual networks: found by optimisers, and constructed.

Here v = e_1, so that U_l v = 0 says that the first column of U_l is 0. At w orthogonal to v the
first rows of all V_l do not matter for the predictions; they are chosen so that ∂R/∂w vanishes
along v, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import scipy
from hypothesis import strategies as st

from checker.arithmetic.plain import Plain
from checker.census.reduced import minimised_over
from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, map_arrays, unchecked
from checker.landscape.budgets import CONVERGED_GRADIENT, OPTIMISER_STEPS
from checker.landscape.data import SHIPPED
from checker.landscape.deep_residual.curvature import CurvedResidual
from checker.landscape.deep_residual.network import ACTIVATIONS, CoveredResidual, DeepResidual
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1
from checker.landscape.minima.critical import Problem
from checker.landscape.networks.base import make_network
from checker.landscape.sample import Sample, require_equal_weights
from strategies.deep_residual.curvature import with_alpha
from strategies.deep_residual.networks import Fields, NetworkShape, covered_fields
from strategies.minima.found_points import TRAINABLE

# One case costs a minimisation.
CASES, MINIMA = 80, 64
DATA_CASES = 3

# Draws of integers until one fits.
_TRIALS = 60

# Losses whose minimum is attained whatever the data: other searches run to infinity.
_ATTAINED = tuple(LOSSES[name] for name in ("squared", "log_cosh", "pseudo_huber"))

Finder = Callable[[NetworkShape, np.random.Generator], Fields | None]


def _start(shape: NetworkShape, rng: np.random.Generator) -> Fields:
    """One gaussian network whose later blocks and output weights do not see v = e_1."""
    fields = shape.gaussian(rng, 1)
    fields["U"] = fields["U"] / np.sqrt(shape.d)
    fields["U"][1:, :, 0] = 0.0
    fields["w"] = _linear(shape, fields)
    fields["w"][0] = 0.0
    fields["v"] = np.eye(shape.d)[0][:, None]
    return {**fields, "C": np.zeros((shape.L, shape.m, 1))}


def _linear(shape: NetworkShape, fields: Fields) -> FloatArray:
    """Over a sample the least-squares predictor, from where searches converge; else as it is."""
    if shape.sample is None:
        return np.asarray(fields["w"])
    best = np.linalg.lstsq(shape.sample.X, shape.sample.y, rcond=None)[0]
    return np.asarray(best[:, None])


def _network(shape: NetworkShape, fields: Fields) -> Any:
    named = {name: fields[name] for name in ("X", "y", "U", "V", "w", "u")}
    made = unchecked(DeepResidual, **named, loss=shape.loss, activation=shape.activation)
    return map_arrays(made, Plain).network


def _gradients(network: Any) -> tuple[FloatArray, FloatArray]:
    V = np.stack([g.value for g in network.gradients_V])
    return network.gradient_w.value, V


def _pulls(network: Any) -> FloatArray:
    """E[l' φ_l] of all blocks, (L, m, 1)."""
    return np.stack([(network.slopes @ x).value for x in network.features]) / len(
        network.at.X.value
    )


# -- found ----------------------------------------------------------------------------------------


def _minimised(shape: NetworkShape, fields: Fields, free: Any) -> Fields:
    """BFGS in (w, V) from the given ones; entries of w that are not free stay as they are."""
    split = shape.d

    def at(z: FloatArray) -> Fields:
        w = np.where(free, z[:split], fields["w"][:, 0])
        return {**fields, "w": w[:, None], "V": z[split:].reshape(fields["V"].shape)}

    def value_and_slope(z: FloatArray) -> tuple[float, FloatArray]:
        network = _network(shape, at(z))
        value = float(network.risk.value[0])
        in_w, in_V = _gradients(network)
        slope = np.concatenate([in_w[:, 0] * free, in_V.ravel()])
        return (value, slope) if np.isfinite(value) else (np.inf, np.zeros_like(slope))

    start = np.concatenate([fields["w"][:, 0], fields["V"].ravel()])
    steps = OPTIMISER_STEPS * (1 if shape.sample is None else 4)
    options = {"maxiter": steps, "gtol": CONVERGED_GRADIENT}
    found = scipy.optimize.minimize(
        value_and_slope, start, jac=True, method="BFGS", options=options
    )
    return at(found.x)


def _minimiser(shape: NetworkShape, rng: np.random.Generator) -> Fields | None:
    """A minimum over all (w, V)."""
    fields = _start(shape, rng)
    fields["w"][0] = 1.0
    return _if_critical(shape, _minimised(shape, fields, np.ones(shape.d)))


def _across(shape: NetworkShape, rng: np.random.Generator) -> Fields | None:
    """A minimum over w orthogonal to v and V, made critical in all (w, V)."""
    fields = _minimised(shape, _start(shape, rng), 1.0 - np.eye(shape.d)[0])
    return _if_critical(shape, _levelled(shape, fields))


def _saddle(shape: NetworkShape, rng: np.random.Generator) -> Fields | None:
    """w = 0 and V_L with E[l' h_L] = 0: critical whatever the other blocks are."""
    fields = _start(shape, rng)
    fields["w"] = np.zeros((shape.d, 1))
    network = _network(shape, fields)
    in_w, b = network.gradient_w.value, _pulls(network)[-1]
    fields["V"][-1] -= np.einsum("db,mb->dmb", in_w, b / (b**2).sum())
    return _if_critical(shape, fields)


def _levelled(shape: NetworkShape, fields: Fields) -> Fields:
    """Other first rows of all V_l: E[l' h_L] is then 0 along v, unless all E[l' φ_l] are 0."""
    network = _network(shape, fields)
    b = _pulls(network)
    V, size = fields["V"].copy(), (b**2).sum()
    V[:, 0] -= network.gradient_w.value[0] * b / size if size > 0 else 0.0
    return {**fields, "V": V}


def _if_critical(shape: NetworkShape, fields: Fields) -> Fields | None:
    """The fields with a nearly best comparator, if the gradient is as small as floats get it."""
    in_w, in_V = _gradients(_network(shape, fields))
    size = np.sqrt((in_w**2).sum() + (in_V**2).sum())
    length = np.sqrt((fields["w"] ** 2).sum() + (fields["V"] ** 2).sum())
    if not size <= CONVERGED_GRADIENT**0.5 * (1 + length):
        return None
    return _compared(shape, fields)


def _compared(shape: NetworkShape, fields: Fields) -> Fields:
    """The fields with u and C of a nearly best predictor linear in [x, φ_1, ..., φ_L]."""
    features = [phi.value[..., 0] for phi in _network(shape, fields).features]
    inputs = np.concatenate([fields["X"][..., 0], *features], axis=1)
    if not np.isfinite(inputs).all():
        return fields
    network = make_network("linear", inputs.shape[1], 1)
    problem = Problem(Sample(inputs, fields["y"][..., 0]), shape.loss, network)
    best = minimised_over(problem, inputs)
    C = best[shape.d :].reshape(shape.L, shape.m, 1)
    return {**fields, "u": best[: shape.d, None], "C": C}


# -- constructed, in integers ---------------------------------------------------------------------


def _integers(shape: NetworkShape, rng: np.random.Generator) -> Fields:
    fields = _start(shape, rng)
    for name in ("X", "y", "U", "V", "w", "u", "C"):
        largest = 1 if name in ("U", "V") else 2
        drawn = rng.integers(-largest, largest + 1, fields[name].shape)
        fields[name] = drawn.astype(float)
    fields["U"][1:, :, 0] = 0.0
    fields["w"][0] = 0.0
    return fields


def _exact_saddle(shape: NetworkShape, rng: np.random.Generator) -> Fields | None:
    """w = 0 and E[l' h_L] = 0 exactly: n E[l' φ_L] starts with a power of two, which divides."""
    for _ in range(_TRIALS):
        fields = _integers(shape, rng)
        fields["w"] = np.zeros((shape.d, 1))
        network = _network(shape, fields)
        in_w, b = shape.n * network.gradient_w.value, shape.n * _pulls(network)[-1, 0]
        if abs(b[0]) in (1, 2, 4, 8, 16):
            fields["V"][-1, :, 0] -= in_w / b
            return _compared(shape, fields)
    return None


def _exact_minimum(shape: NetworkShape, rng: np.random.Generator) -> Fields | None:
    """Every sample twice, with opposite residuals, or with none: E[l' ψ(x)] = 0 for every ψ."""
    fields = _integers(shape, rng)
    p = _network(shape, fields).prediction.value
    residual = rng.integers(-3, 4, p.shape) * rng.integers(0, 2)
    fields["X"] = np.concatenate([fields["X"], fields["X"]])
    fields["y"] = np.concatenate([p + residual, p - residual])
    return fields


@dataclass(frozen=True, eq=False)
class DeepProblem:
    """Critical points of one kind, one at a time."""

    shape: NetworkShape
    find: Finder
    max_batch: int = 6

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Up to `size` points; searches without a result are counted in the notes."""
        with np.errstate(all="ignore"):
            tried = [self.find(self.shape, rng) for _ in range(size)]
            found = [fields for fields in tried if fields is not None]
        missed = Counter({f"{self.shape.stratum}: no critical point": len(tried) - len(found)})
        if not found:
            return Batch(None, 0, self.shape.stratum, self.shape.description, +missed)
        fields = {name: np.concatenate([x[name] for x in found], axis=-1) for name in found[0]}
        if self.shape.kind is CurvedResidual:
            fields = with_alpha(self.shape, fields, np.zeros(len(found)))
        named = {"loss": self.shape.loss, "activation": self.shape.activation}
        made = unchecked(self.shape.kind, **fields, **named)
        return Batch(made, len(found), self.shape.stratum, self.shape.description, +missed)


def _problems(
    name: str,
    find: Finder,
    kind: type[DeepResidual] = CurvedResidual,
    exact: bool = False,
    losses: Sequence[Loss] = (),
) -> st.SearchStrategy[Any]:
    # Few features, in two blocks or more, leave a pull E[l' φ_l]: nothing is fitted exactly.
    few = find is _across
    shape = st.builds(
        NetworkShape,
        n=st.integers(3, 8),
        d=st.integers(2, 3),
        m=st.integers(1, 1 if few else 2),
        L=st.integers(2 if few else 1, 3),
        loss=st.just(LOSSES["squared"])
        if exact
        else st.sampled_from(losses or (TRAINABLE if find is _saddle else _ATTAINED)),
        activation=st.just("square") if exact else st.sampled_from(list(ACTIVATIONS)),
        kind=st.just(kind),
        stratum=st.just(name),
        fill=st.just(covered_fields),
    )
    return st.builds(DeepProblem, shape, st.just(find))


@cache
def saddles_and_minima() -> Domain:
    """Critical points at w orthogonal to v."""
    exact = {
        "exact saddle at w = 0": _problems("exact saddle at w = 0", _exact_saddle, exact=True),
        "exact minimum": _problems("exact minimum", _exact_minimum, exact=True),
    }
    found = {
        "found, w orthogonal to v": _problems("found, w orthogonal to v", _across),
        "explicit saddle at w = 0": _problems("explicit saddle at w = 0", _saddle),
    }
    on_data = partial(_over, kind=CurvedResidual, finders=(_across, _saddle))
    return Domain(
        st.nothing(), {**found, **exact}, on_data=on_data, shipped=SHIPPED, cases=CASES, found=True
    )


@cache
def minimisers() -> Domain:
    """Minima over all (w, V), w not orthogonal to v."""
    strata = {"found minimiser": _problems("found minimiser", _minimiser, CoveredResidual)}
    on_data = partial(_over, kind=CoveredResidual, finders=(_minimiser,))
    without = {"convex_loss": minimisers_without_convexity}
    return Domain(
        st.nothing(),
        strata,
        on_data=on_data,
        shipped=SHIPPED,
        cases=MINIMA,
        found=True,
        without=without,
    )


@cache
def minimisers_without_convexity() -> Domain:
    """Found minima of bounded losses, which leave labels far away alone."""
    bounded = [OUTSIDE_ASSUMPTION_1[kind] for kind in ("geman_mcclure", "one_minus_gaussian")]
    name = "found minimiser"
    problems = _problems(name, _minimiser, CoveredResidual, losses=bounded)
    return Domain(st.nothing(), {name: problems}, cases=2 * CASES, found=True)


def _over(sample: Sample, kind: type[DeepResidual], finders: tuple[Finder, ...]) -> Domain:
    """The same over a sample."""
    require_equal_weights(sample, "deep residual networks")
    shape = st.builds(
        NetworkShape,
        n=st.just(sample.n),
        d=st.just(sample.d),
        m=st.integers(1, 2),
        L=st.integers(1, 2),
        loss=st.sampled_from(_ATTAINED),
        activation=st.just("tanh"),
        kind=st.just(kind),
        stratum=st.just(sample.name),
        fill=st.just(covered_fields),
        sample=st.just(sample),
    )
    problems = st.builds(DeepProblem, shape, st.sampled_from(finders), st.just(2))
    return Domain(st.nothing(), {sample.name: problems}, cases=DATA_CASES, found=True)
