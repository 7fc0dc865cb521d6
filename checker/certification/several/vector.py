"""`certify` for K outputs: the passes over the data, in order.

1. sums: F, its gradient and, if they are not too many, second moments (`moments`);
2. several over X alone: the linear predictors; without second moments, several for a direction of
   small curvature;
3. F_lin and its gradient at each, the curvature along the direction (`survey`);
4. predictions along the directions, F at the lower point (`escape`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from checker.arithmetic.functions import frobenius
from checker.certification.ball import settled
from checker.certification.bounds import interval, vector_norm
from checker.certification.linear import Term, predictors
from checker.certification.matrices.reduced import LeastEigenvalue
from checker.certification.network import Network
from checker.certification.one.directions import LEAST_CURVATURE
from checker.certification.several.bounds import VectorFacts, facts_of, gradient, vector_bounds
from checker.certification.several.certificate import VectorCertificate
from checker.certification.several.curvature import enclose_vector, vector_curvature
from checker.certification.several.escape import vector_escape
from checker.certification.several.gram import states_hessian
from checker.certification.several.moments import vector_moments
from checker.certification.several.survey import HessianOnData, VectorDirection, vector_survey
from checker.certification.source import Source, as_array, widened
from checker.certification.survey import assembled
from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Loss, require_assumption_1
from checker.landscape.losses.coupled import Separable, VectorLoss, vector_loss_named
from checker.landscape.oracle_loss import check_vector_derivatives


def usable_vector_loss(loss: VectorLoss | Loss | str | None) -> VectorLoss:
    """A loss of K outputs within Assumption 1; a loss of one output stands for its sum.

    Raises
    ------
    InputError
        For no loss, an unknown name, and a loss that is not convex or not twice differentiable.
    """
    if loss is None:
        raise InputError("no loss is given", hint="Pass a loss, or its name such as 'softmax'")
    chosen = vector_loss_named(loss) if isinstance(loss, str) else loss
    chosen = Separable(chosen) if isinstance(chosen, Loss) else chosen
    require_assumption_1(chosen)
    check_vector_derivatives(chosen)
    return chosen


def matrices(W: Any, V: Any) -> tuple[FloatArray, FloatArray]:
    """The parameters as matrices of floats, (K, d) and (d, m), or (0, 1) if there is no unit.

    Raises
    ------
    InputError
        For other shapes and entries that are not finite.
    """
    output = widened(as_array(W, "W"), "W")
    last = np.zeros((0, 1)) if V is None else widened(as_array(V, "V"), "V")
    fits = output.ndim == 2 and last.ndim == 2 and 0 not in output.shape
    if V is None and not fits:
        raise InputError(f"W has shape {output.shape}, expected (K, d)")
    if V is not None and not (fits and last.size and output.shape[1] == len(last)):
        turned = output.ndim == 2 and last.ndim == 2 and len(output) == len(last)
        raise InputError(
            f"W has shape {output.shape} and V has shape {last.shape}",
            why="The network is W(x + V f(x)): W is (K, d) and V is (d, m)",
            hint="Pass W.T" if turned else "For one output, pass w of shape (d,) instead of W",
        )
    for name, values in (("W", output), ("V", last)):
        if not np.isfinite(values).all():
            raise InputError(f"{name} has entries that are not finite", why="It is not a point")
    return output, last


def certify_vector(
    source: Source,
    net: Network,
    start: FloatArray,
    others: Mapping[str, FloatArray],
    rng: np.random.Generator,
    *,
    brief: bool = False,
) -> VectorCertificate:
    """The certificate; `start` and the comparators `others` have a column for the bias.

    If it is brief, there is no search for a lower point, nor for the strongest comparator.
    """
    at = vector_moments(source, net.w, net.V)
    facts = facts_of(at, net)
    below, curved = _least_curvature(source, facts, rng)
    best = predictors(source, at.input_moment, start, net.ridge, _term(facts), brief=brief)
    rivals = {**best, **others}
    linear, rayleigh = vector_survey(source, net, at, list(rivals.values()), curved)
    facts = _with_curvature(facts, below, rayleigh)
    slope_W, slope_V = gradient(at, net)
    norms = {
        "gradient_W": frobenius(slope_W),
        "gradient_V": frobenius(slope_V),
        "W_norm": vector_norm(net.moving if net.moved else net.w),
        "sigma_min": facts.sigma,
    }
    sizes = {"K": len(net.w), "rank": facts.rank}
    found = assembled(
        VectorCertificate, source, facts, rivals, linear, vector_bounds, **norms, **sizes
    )
    if not brief:
        bent = curved if rayleigh < 0 else None
        objective = net.objective(at.F, net.w, net.V)
        lower = vector_escape(source, objective, at, net, found.best.u, bent)
        found = replace(found, escape=lower)
    return replace(settled(found, source, net), passes=source.passes)


def _least_curvature(
    source: Source, facts: VectorFacts, rng: np.random.Generator
) -> tuple[LeastEigenvalue, VectorDirection | None]:
    """A proved lower bound on λ_min, and a direction of small curvature, if one is looked for."""
    at, net = facts.at, facts.net
    hessian = vector_curvature(at, net, facts.rank if net.moved else 0)
    if hessian is not None:
        below = enclose_vector(hessian, facts.B_norm, rng)
        parts = None if below.vector is None else hessian.direction(below.vector)
    else:
        below = LeastEigenvalue(-float(facts.B_norm.upper[0]), None)
        stated = states_hessian(source.loss) and np.isfinite(at.B.value).all()
        parts = HessianOnData(source, at, net).least(rng) if stated else None
    if parts is None or not all(np.isfinite(part).all() for part in parts):
        return below, None
    way = VectorDirection(LEAST_CURVATURE, *parts)
    return below, way if 0 < way.size < np.inf else None


def _with_curvature(facts: VectorFacts, below: LeastEigenvalue, rayleigh: float) -> VectorFacts:
    known = rayleigh < 0 or not facts.has_kernel
    least = interval(below.floor, rayleigh if known else 0.0)
    highest = below.alpha_max and interval(*below.alpha_max)
    return replace(facts, least=least, alpha_max=highest)


def _term(facts: VectorFacts) -> Term | None:
    """The sharp bound as a function of Uᵀ, where there is one."""
    net = facts.net
    sizes = float(facts.grad_norm.value[0]), float(facts.B_norm.value[0])
    if not (np.isfinite(sizes).all() and net.moved):
        return None
    if facts.full_rank:
        return _sharp_term(net, sizes[0])
    return _sharp_term_of_kernel(net, *sizes) if facts.has_kernel else None


def _sharp_term(net: Network, grad_norm: float) -> Term:
    """||∇F|| √(||W - U||² + ||W₁⁺UV||²) as a convex function of Uᵀ, with a subgradient."""
    inverse = np.linalg.pinv(net.moving)

    def at(transposed: FloatArray) -> tuple[float, FloatArray]:
        U = transposed.T
        apart, lifted = U - net.w, inverse @ U @ net.V
        size = float(np.sqrt(np.vdot(apart, apart) + np.vdot(lifted, lifted)))
        pull = apart + inverse.T @ lifted @ net.V.T
        slope = pull / size if size > 0 else np.zeros_like(U)
        return grad_norm * size, grad_norm * slope.T

    return at


def _sharp_term_of_kernel(net: Network, grad_norm: float, B_norm: float) -> Term:
    """||W - U|| ||∇F|| + ||U V||_* ||B|| as a convex function of Uᵀ, with a subgradient."""

    def at(transposed: FloatArray) -> tuple[float, FloatArray]:
        apart, image = transposed.T - net.w, transposed.T @ net.V
        length = float(np.linalg.norm(apart))
        slope = grad_norm * apart / length if length > 0 else np.zeros_like(apart)
        if not np.isfinite(image).all():
            return np.inf, slope.T
        left, values, right = np.linalg.svd(image, full_matrices=False)
        # Along singular values 0 any subgradient will do.
        seen = values > 0
        slope = slope + B_norm * (left[:, seen] @ right[seen]) @ net.V.T
        return length * grad_norm + float(values.sum()) * B_norm, slope.T

    return at
