"""The certificate of a network with one output: the passes over the data, in order.

1. sums: F, its gradient, the second moments, Lipschitz constants (`moments`);
2. several over X alone: the linear predictors (`linear`);
3. F_lin and its gradient at both, the curvature along the chosen direction, predictions along all
   directions (`directions`);
4. F at the lower point.

λ_min costs no pass: it follows from the second moments (`curvature`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import norm
from checker.certification import bounds
from checker.certification.ball import settled
from checker.certification.certificate import Certificate, Enclosed, verdict_of
from checker.certification.curvature import curvature, enclose
from checker.certification.directions import LEAST_CURVATURE, directions
from checker.certification.linear import LinearProblem, ridge_term, sharp_term
from checker.certification.moments import Moments, moments
from checker.certification.networks.network import Network
from checker.certification.source import Source
from checker.certification.survey import Survey, comparison, escape, survey
from checker.instances.fields import FloatArray

BEST = "best linear predictor found"
MINIMISED = "minimum of F_lin and the sharp bound"


def certify_one(
    source: Source,
    net: Network,
    start: FloatArray,
    others: Mapping[str, FloatArray],
    rng: np.random.Generator,
    *,
    brief: bool = False,
) -> Certificate:
    """The certificate; `start` and the comparators `others` have an entry for the bias.

    If it is brief, there is no search for a lower point, nor for the strongest comparator.
    """
    V_norm = bounds.operator_norm(net.V)
    radius = bounds.largest(V_norm, bounds.vector_norm(net.w))
    at = moments(source, net.w, net.V, radius)
    grad_norm = bounds.gradient_norm(at, net)
    predictors = {**_predictors(source, at, net, grad_norm, start, brief=brief), **others}
    hessian = curvature(at, net.moving, net.V, float(V_norm.upper[0]), net.frozen)
    below = enclose(hessian, rng)
    candidates = directions(at, net, predictors[BEST], hessian, below)
    if brief:
        candidates = [way for way in candidates if way.name == LEAST_CURVATURE]
    found = survey(source, at, net, list(predictors.values()), candidates, brief=brief)
    known = found.rayleigh < 0 or not hessian.has_flat_part
    ceiling = found.rayleigh if known else 0.0  # also where the quotient is NaN
    least = bounds.interval(below.floor, ceiling)
    highest = below.alpha_max and bounds.interval(*below.alpha_max)
    facts = bounds.Facts(at, net, V_norm, grad_norm, least, highest, radius)
    certificate = _assembled(source, facts, predictors, found)
    return settled(replace(certificate, passes=source.passes), source, net)


def _assembled(
    source: Source, facts: bounds.Facts, predictors: Mapping[str, FloatArray], found: Survey
) -> Certificate:
    at, net = facts.at, facts.net
    compared = [
        comparison(name, u, F_lin, slope, facts)
        for (name, u), F_lin, slope in zip(
            predictors.items(), found.F_lin, found.slopes, strict=True
        )
    ]
    first = compared[0]
    minimised = next((c for c in compared if c.name == MINIMISED), first)
    rivals = [c for c in compared if c is first or c is not minimised]
    best = min(rivals, key=lambda c: c.F_lin.upper)
    objective = net.objective(at.F, net.w, net.V)
    certificate = Certificate(
        verdict=verdict_of(best.gap),
        n=source.n,
        d=net.moved or source.d - source.bias,
        m=0 if source.alone else source.m,
        loss=source.loss.name,
        **{name: Enclosed.of(x) for name, x in _numbers(objective, facts).items()},
        best=best,
        minimised=minimised,
        others=tuple(c for c in rivals if c is not best),
        escape=None if found.line is None else escape(source, objective, net, found.line),
        passes=source.passes,
        bias=source.bias,
        ridge=net.ridge,
        said="",
    )
    return replace(certificate, verdict=certificate.judged(certificate.verdict))


def _numbers(objective: Bounded, facts: bounds.Facts) -> dict[str, Bounded]:
    at, net = facts.at, facts.net
    in_w, in_V = bounds.gradient(at, net)
    # The Hessian of r/2 (||w||² + ||V||²) is r times the identity.
    least = facts.least + net.ridge if net.ridge else facts.least
    return {
        "F": objective,
        "F_at_zero": at.F_at_zero,
        "gradient": facts.grad_norm,
        "gradient_w": norm(in_w),
        "gradient_V": in_V,
        "w_norm": bounds.vector_norm(net.moving if net.moved else net.w),
        "V_norm": facts.V_norm,
        "least_eigenvalue": least,
    }


def _predictors(
    source: Source,
    at: Moments,
    net: Network,
    grad_norm: Bounded,
    start: FloatArray,
    *,
    brief: bool,
) -> dict[str, FloatArray]:
    """The best linear predictor, and the one that makes F_lin plus the sharp bound least."""
    problem = LinearProblem(source, at.input_moment)
    if net.ridge:
        best = problem.minimise(start, ridge_term(net.ridge))
        return {BEST: best}
    best = problem.minimise(start)
    if brief:
        return {BEST: best}
    sizes = float(grad_norm.value[0]), float(norm(at.b).value[0])
    known = bool(np.isfinite(sizes).all()) and net.moved
    term = sharp_term(net.w, net.moving, net.V, *sizes) if known else None
    return {BEST: best, MINIMISED: problem.minimise(best, term)}
