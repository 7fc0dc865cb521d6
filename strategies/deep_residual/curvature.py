"""Deep residual networks whose gradients leave a gap, and directions of negative curvature."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.plain import Plain
from checker.claims.claim import Domain
from checker.instances.fields import map_arrays, unchecked
from checker.landscape.data import SHIPPED
from checker.landscape.deep_residual.curvature import CurvedResidual
from checker.landscape.deep_residual.network import RATIONAL, CoveredResidual
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.sample import Sample
from strategies.corners import cornered
from strategies.deep_residual.networks import (
    OVERFLOWING,
    Draw,
    Fields,
    NetworkShape,
    covered_fields,
    covered_over,
    lattice_fields,
    network_shapes,
    over_sample,
)
from strategies.losses import ALL, KINKED, NONCONVEX

# The spectrum of a dense Hessian costs milliseconds per case.
DENSE_CASES = 1500
CURVED_CASES = 5000


def _in_floats(shape: NetworkShape, fields: Fields) -> Any:
    kind = CurvedResidual if "alpha" in fields else CoveredResidual
    made = unchecked(kind, **fields, loss=shape.loss, activation=shape.activation)
    return map_arrays(made, Plain)


def aimed(shape: NetworkShape, fields: Fields, rng: np.random.Generator) -> Fields:
    """Comparators that the first-order terms do not reach: in half of the cases u = w, and in half
    c_l is V_lᵀu after a gradient step, V_lᵀu - t E[l' φ_l]; neither where it changes nothing.
    """
    with np.errstate(all="ignore"):
        at = _in_floats(shape, fields)
        w, network = at.w_across.value, at.passed(at.w_across)
        size = w.shape[-1]
        u = _chosen(w, fields["u"], (w != 0).any(axis=0), rng)
        pulls = [(network.slopes @ phi).value / shape.n for phi in network.features]
        steps = 10.0 ** rng.uniform(-2, 0.5, size) * np.stack(pulls)
        near = np.einsum("ldmb,db->lmb", fields["V"], u) - steps
    C = _chosen(near, fields["C"], steps.any(axis=(0, 1)), rng)
    return {**fields, "u": u, "C": C}


def _chosen(new: Any, old: Any, usable: Any, rng: np.random.Generator) -> Any:
    """The new numbers in half of the usable cases."""
    finite = np.isfinite(new).all(axis=tuple(range(new.ndim - 1)))
    return np.where(finite & usable & (rng.random(new.shape[-1]) < 0.5), new, old)


def with_alpha(shape: NetworkShape, fields: Fields, spread: Any) -> Fields:
    """The α that forces the most curvature, ||v||² gap / E[l'' (vᵀh_L)²], times 10^spread."""
    with np.errstate(all="ignore"):
        at = _in_floats(shape, {**fields, "alpha": np.ones(len(spread))})
        network = at.passed(at.w_across)
        square = (fields["v"] ** 2).sum(axis=0)
        best = square * at.first_order(network).value / at.curvature_in_w(network).value
        usable = (best > 0) & np.isfinite(best)
    return {**fields, "alpha": np.where(usable, best, 1.0) * 10.0**spread}


def _curved(base: Draw, shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    fields = aimed(shape, base(shape, rng, size), rng)
    return with_alpha(shape, fields, rng.uniform(-1, 0.3, size))


def _lattice(shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    """Integers, v = e_1, u = w for half of the cases, and α a power of two."""
    fields = lattice_fields(shape, rng, size)
    same = rng.random(size) < 0.5
    fields["u"] = np.where(same, fields["w"] * (1 - fields["v"]), fields["u"])
    return {**fields, "alpha": 2.0 ** rng.integers(-3, 3, size)}


# Equality is decided exactly, where tanh would climb to the precision cap.
_RATIONAL: dict[str, Any] = {"activations": RATIONAL}


def _strata(losses: tuple[Loss, ...]) -> dict[str, st.SearchStrategy[Any]]:
    gaussian = partial(_curved, covered_fields)

    def of(name: str, fill: Draw, pool: tuple[Loss, ...] = losses, **further: Any) -> Any:
        return network_shapes(CurvedResidual, name, fill, pool, **further)

    return {
        "gaussian": of("gaussian", gaussian),
        "one block": of("one block", gaussian, depths=(1,)),
        "lattice": of("lattice", _lattice, **_RATIONAL),
        "linear loss": of("linear loss", _lattice, (LOSSES["affine"],), **_RATIONAL),
    }


@cache
@cornered(CurvedResidual, same={"L = 1": "one block"}, without=OVERFLOWING)
def curved_networks() -> Domain:
    """Covered networks with a direction in (w, V)."""
    without = {
        "convex_loss": lambda: Domain(st.nothing(), _strata((*NONCONVEX, *ALL[:2]))),
        "twice_differentiable_loss": lambda: Domain(st.nothing(), _strata(KINKED)),
    }
    return Domain(
        st.nothing(),
        _strata(ALL),
        on_data=curved_on,
        shipped=SHIPPED,
        cases=CURVED_CASES,
        without=without,
    )


def _aimed(base: Draw, shape: NetworkShape, rng: np.random.Generator, size: int) -> Fields:
    return aimed(shape, base(shape, rng, size), rng)


# Corners that need two features.
_NARROW = dict.fromkeys(
    ("U equal along m", "V equal along m", "C equal along m"), "m = 1: the Hessian is dense"
)


def _dense_strata(losses: tuple[Loss, ...]) -> dict[str, st.SearchStrategy[Any]]:
    def of(name: str, base: Draw, depths: tuple[int, ...]) -> Any:
        fill = partial(_aimed, base)
        return network_shapes(CoveredResidual, name, fill, losses, depths, largest=(3, 2, 1))

    return {
        "gaussian": of("gaussian", covered_fields, (1, 2)),
        "one block": of("one block", covered_fields, (1,)),
        "lattice": of("lattice", lattice_fields, (1, 2)),
    }


@cache
@cornered(CoveredResidual, same={"L = 1": "one block"}, without={**OVERFLOWING, **_NARROW})
def dense_networks() -> Domain:
    """Covered networks so small that all of ∇²R(w, V) can be assembled."""
    without = {
        "convex_loss": lambda: Domain(st.nothing(), _dense_strata((*NONCONVEX, *ALL[:2]))),
        "twice_differentiable_loss": lambda: Domain(st.nothing(), _dense_strata(KINKED)),
    }
    return Domain(st.nothing(), _dense_strata(ALL), cases=DENSE_CASES, without=without)


def curved_on(sample: Sample) -> Domain:
    """The same over a sample; squares of thirty inputs would leave most cases to balls."""
    fill = partial(_curved, covered_over)
    return over_sample(CurvedResidual, sample, fill, activations=("tanh",))
