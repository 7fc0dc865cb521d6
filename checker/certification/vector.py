"""`certify` for K outputs: the passes over the data, in order.

1. sums: F and its gradient (`vector_moments`);
2. several over X alone: the linear predictors;
3. F_lin and its gradient at each, predictions along the directions;
4. F at the lower point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import dot, frobenius
from checker.certification.ball import settled
from checker.certification.bounds import vector_norm
from checker.certification.certificate import Comparison, Enclosed, reach_of, verdict_of
from checker.certification.linear import Term, ridge_term
from checker.certification.moments import exact
from checker.certification.networks.network import Network
from checker.certification.source import Source, as_array, widened
from checker.certification.vector_bounds import VectorFacts, facts_of, gradient, vector_bounds
from checker.certification.vector_certificate import VectorCertificate
from checker.certification.vector_escape import vector_escape
from checker.certification.vector_moments import (
    VectorLinearProblem,
    vector_linear,
    vector_moments,
)
from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Loss, require_assumption_1
from checker.landscape.losses.coupled import Separable, VectorLoss, vector_loss_named
from checker.landscape.oracle_loss import check_vector_derivatives

BEST = "best linear predictor found"
MINIMISED = "minimum of F_lin and the sharp bound"


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
            raise InputError(f"{name} has entries that are not finite", why="It is no point")
    return output, last


def certify_vector(
    source: Source, net: Network, start: FloatArray, others: Mapping[str, FloatArray]
) -> VectorCertificate:
    """The certificate; `start` and the comparators `others` have a column for the bias."""
    at = vector_moments(source, net.w, net.V)
    facts = facts_of(at, net)
    predictors = {**_predictors(source, facts, start), **others}
    linear = vector_linear(source, list(predictors.values()))
    compared = [
        _comparison(name, U, *values, facts)
        for (name, U), values in zip(predictors.items(), linear, strict=True)
    ]
    found = _certificate(source, facts, compared)
    found = settled(replace(found, verdict=found.judged(found.verdict)), source, net)
    return replace(found, passes=source.passes)


def _certificate(
    source: Source, facts: VectorFacts, compared: list[Comparison]
) -> VectorCertificate:
    first, minimised, *rest = compared
    best = min((first, *rest), key=lambda c: c.F_lin.upper)
    at, net = facts.at, facts.net
    slope_W, slope_V = gradient(at, net)
    weight = net.moving if net.moved else net.w
    objective = at.F + net.penalty(net.w, net.V) if net.ridge else at.F
    numbers = {
        "F": objective,
        "F_at_zero": at.F_at_zero,
        "gradient": facts.grad_norm,
        "gradient_W": frobenius(slope_W),
        "gradient_V": frobenius(slope_V),
        "W_norm": vector_norm(weight),
        "V_norm": facts.V_norm,
        "sigma_min": facts.sigma,
    }
    return VectorCertificate(
        verdict=verdict_of(best.gap),
        n=source.n,
        d=net.moved or source.d - source.bias,
        m=0 if source.alone else source.m,
        K=len(net.w),
        loss=source.loss.name,
        rank=facts.rank,
        **{name: Enclosed.of(x) for name, x in numbers.items()},
        best=best,
        minimised=minimised,
        others=tuple(c for c in (first, *rest) if c is not best),
        escape=vector_escape(source, objective, at, net, best.u),
        passes=source.passes,
        bias=source.bias,
        ridge=net.ridge,
        said="",
    )


def _comparison(
    name: str, U: FloatArray, F_lin: Bounded, slope: Bounded, facts: VectorFacts
) -> Comparison:
    """The point against the linear predictor U."""
    net, reach, own = facts.net, reach_of(U), facts.at.F
    if net.ridge:
        own, F_lin = own + net.penalty(net.w, net.V), F_lin + net.penalty(U)
        slope = slope + exact(U) * net.ridge
    steepness = frobenius(slope)
    return Comparison(
        name=name,
        u=U,
        F_lin=Enclosed.of(F_lin),
        gap=Enclosed.of(own - F_lin),
        gradient=Enclosed.of(steepness),
        duality_gap=Enclosed.of(dot(slope, exact(U)) + reach * steepness),
        ball=reach,
        bounds=vector_bounds(facts, U),
    )


def _predictors(source: Source, facts: VectorFacts, start: FloatArray) -> dict[str, FloatArray]:
    """The best linear predictor, and the one that makes F_lin plus the sharp bound least."""
    problem, net = VectorLinearProblem(source, facts.at.input_moment), facts.net
    if net.ridge:
        best = problem.minimise(start.T, ridge_term(net.ridge))
        return {BEST: best.T, MINIMISED: best.T}
    best = problem.minimise(start.T)
    size = float(facts.grad_norm.value[0])
    term = _sharp_term(net, size) if facts.full_rank and np.isfinite(size) else None
    return {BEST: best.T, MINIMISED: problem.minimise(best, term).T}


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
