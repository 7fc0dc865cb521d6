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

from checker.arithmetic.functions import norm
from checker.certification import bounds
from checker.certification.ball import settled
from checker.certification.certificate import Certificate
from checker.certification.linear import BEST, predictors, sharp_term
from checker.certification.moments import moments
from checker.certification.network import Network
from checker.certification.one.curvature import curvature, enclose
from checker.certification.one.directions import LEAST_CURVATURE, directions
from checker.certification.source import Source
from checker.certification.survey import assembled, escape, survey
from checker.instances.fields import FloatArray


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
    sizes = float(grad_norm.value[0]), float(norm(at.b).value[0])
    known = bool(np.isfinite(sizes).all()) and net.moved
    term = sharp_term(net.w, net.moving, net.V, *sizes) if known else None
    best = predictors(source, at.input_moment, start, net.ridge, term, brief=brief)
    rivals = {**best, **others}
    hessian = curvature(at, net.moving, net.V, float(V_norm.upper[0]), net.frozen)
    below = enclose(hessian, rng)
    candidates = directions(at, net, rivals[BEST], hessian, below)
    if brief:
        candidates = [way for way in candidates if way.name == LEAST_CURVATURE]
    found = survey(source, at, net, list(rivals.values()), candidates, brief=brief)
    known = found.rayleigh < 0 or not hessian.has_flat_part
    ceiling = found.rayleigh if known else 0.0  # also where the quotient is NaN
    least = bounds.interval(below.floor, ceiling)
    highest = below.alpha_max and bounds.interval(*below.alpha_max)
    facts = bounds.Facts(at, net, V_norm, grad_norm, least, highest, radius)
    in_w, in_V = bounds.gradient(at, net)
    length = bounds.vector_norm(net.moving if net.moved else net.w)
    norms = {"gradient_w": norm(in_w), "gradient_V": in_V, "w_norm": length}
    certificate = assembled(
        Certificate, source, facts, rivals, found.linear, bounds.all_bounds, **norms
    )
    if found.line is not None:
        lower = escape(source, net.objective(at.F, net.w, net.V), net, found.line)
        certificate = replace(certificate, escape=lower)
    return settled(replace(certificate, passes=source.passes), source, net)
