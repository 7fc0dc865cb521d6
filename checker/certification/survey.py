"""Later passes over the data: comparators, curvature along a direction, lower points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import dot, frobenius
from checker.certification.bounds import Bound, all_bounds
from checker.certification.certificate import Comparison, Enclosed, Escape, reach_of
from checker.certification.directions import (
    LEAST_CURVATURE,
    Direction,
    LineSearch,
    curvature_sum,
    quotient,
)
from checker.certification.moments import (
    Moments,
    Parameters,
    Sums,
    block_point,
    exact,
    linear_point,
)
from checker.certification.networks.network import Network
from checker.certification.source import Source
from checker.instances.fields import FloatArray

# Lower points that are tried, the lowest in floats first.
_TRIED = 3


@dataclass(frozen=True, eq=False)
class Survey:
    """What one pass finds out about comparators and directions.

    Attributes
    ----------
    F_lin, slopes
        F_lin(u) and ∇F_lin(u) for each comparator u.
    rayleigh
        A proved upper bound on λ_min(∇²F_θ); inf if no direction of small curvature is known.
    line
        Predictions along every direction; None if they are not asked for.
    """

    F_lin: list[Bounded]
    slopes: list[Bounded]
    rayleigh: float
    line: LineSearch | None


def survey(
    source: Source,
    at: Moments,
    net: Network,
    comparators: Sequence[FloatArray],
    candidates: list[Direction],
    *,
    brief: bool = False,
) -> Survey:
    """One pass: enclosures at each comparator and along each direction, without weight decay."""
    sums, parameters = Sums(), Parameters.of(net.w, net.V)
    line = None if brief else LineSearch(net, candidates)
    lowest = next((v for v in candidates if v.name == LEAST_CURVATURE), None)
    for block in source:
        here = block_point(block, parameters, source.loss)
        if line is not None:
            line.add(block)
        for i, u in enumerate(comparators):
            linear = linear_point(block, u, source.loss)
            sums.add(**{f"F{i}": linear.F, f"a{i}": linear.a})
        if lowest is not None:
            sums.add(curvature=curvature_sum(here, lowest, net.moving))
    means = sums.means(source)
    ceiling = np.inf
    if lowest is not None:
        ceiling = float(quotient(lowest, means["curvature"], net.moving, at.b).upper[0])
    indices = range(len(comparators))
    return Survey(
        [means[f"F{i}"] for i in indices], [means[f"a{i}"] for i in indices], ceiling, line
    )


def comparison(
    name: str,
    u: FloatArray,
    F_lin: Bounded,
    slope: Bounded,
    facts: Any,
    bounds: Callable[[Any, FloatArray], list[Bound]] | None = None,
) -> Comparison:
    """The point against the linear predictor u; F_lin and its slope are without weight decay.

    `bounds` gives those at u, of one output if it is left out.
    """
    net, reach = facts.net, reach_of(u)
    own, F_lin = net.objective(facts.at.F, net.w, net.V), net.objective(F_lin, u)
    slope = slope + exact(u) * net.ridge if net.ridge else slope
    steepness = frobenius(slope)
    return Comparison(
        name=name,
        u=u,
        F_lin=Enclosed.of(F_lin),
        gap=Enclosed.of(own - F_lin),
        gradient=Enclosed.of(steepness),
        duality_gap=Enclosed.of(dot(slope, exact(u)) + reach * steepness),
        ball=reach,
        bounds={
            bound.theorem: Enclosed.of(bound.value) if bound.value is not None else bound.reason
            for bound in (bounds or all_bounds)(facts, u)
        },
    )


def escape(source: Source, F: Bounded, net: Network, line: LineSearch) -> Escape | None:
    """The lowest point along the directions whose objective is proved to be lower, if one is."""
    found = line.best(source.loss, source)
    points = ((direction.name, *direction.point(net, t)) for _, direction, t in found)
    return lower_point(source, F, net, points, value_at)


def lower_point(
    source: Source,
    F: Bounded,
    net: Network,
    points: Iterable[tuple[str, FloatArray, FloatArray]],
    value: Callable[[Source, FloatArray, FloatArray], Bounded],
) -> Escape | None:
    """The first of some points whose objective is proved to be lower; `value` encloses F."""
    for name, w, V in islice(points, _TRIED):
        if not (np.isfinite(w).all() and np.isfinite(V).all()):
            continue
        after = net.objective(value(source, w, V), w, V)
        if after.upper[0] < F.lower[0]:
            parts = net.split(w, V, bias=source.bias)
            return Escape(name, Enclosed.of(F), Enclosed.of(after), *parts)
    return None


def value_at(source: Source, w: FloatArray, V: FloatArray) -> Bounded:
    """F(w, V, θ), in one pass, without weight decay."""
    sums, parameters = Sums(), Parameters.of(w, V)
    for block in source:
        sums.add(F=block_point(block, parameters, source.loss).F)
    value: Bounded = sums.means(source)["F"]
    return value
