"""Later passes over the data: comparators, curvature along a direction, lower points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import dot, frobenius
from checker.certification.bounds import Bound
from checker.certification.certificate import (
    Comparison,
    Enclosed,
    Escape,
    Findings,
    reach_of,
    verdict_of,
)
from checker.certification.linear import MINIMISED
from checker.certification.moments import (
    Moments,
    Parameters,
    Sums,
    block_point,
    exact,
    linear_point,
    vector_block_point,
)
from checker.certification.network import Network
from checker.certification.one.directions import (
    LEAST_CURVATURE,
    Direction,
    LineSearch,
    curvature_sum,
    quotient,
)
from checker.certification.source import Block, Source
from checker.instances.fields import FloatArray

# Lower points that are tried, the lowest in floats first.
_TRIED = 3


@dataclass(frozen=True, eq=False)
class Survey:
    """What one pass finds out about comparators and directions.

    Attributes
    ----------
    linear
        F_lin(u) and ∇F_lin(u) for each comparator u.
    rayleigh
        A proved upper bound on λ_min(∇²F_θ); inf if no direction of small curvature is known.
    line
        Predictions along every direction; None if they are not asked for.
    """

    linear: list[tuple[Bounded, Bounded]]
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
        sums.add(**linear_sums(block, comparators, source.loss))
        if lowest is not None:
            sums.add(curvature=curvature_sum(here, lowest, net.moving))
    means = sums.means(source)
    ceiling = np.inf
    if lowest is not None:
        ceiling = float(quotient(lowest, means["curvature"], net.moving, at.b).upper[0])
    return Survey(linear_values(means, len(comparators)), ceiling, line)


def linear_sums(block: Block, comparators: Sequence[FloatArray], loss: Any) -> dict[str, Any]:
    """F_lin and its gradient at each comparator, of one output or several, over a block."""
    points = [linear_point(block, u, loss) for u in comparators]
    slopes = {f"slope{i}": at.moments[0] for i, at in enumerate(points)}
    return {f"F{i}": at.F for i, at in enumerate(points)} | slopes


def linear_values(means: Mapping[str, Any], count: int) -> list[tuple[Bounded, Bounded]]:
    """F_lin and its gradient at each comparator."""
    return [(means[f"F{i}"], means[f"slope{i}"]) for i in range(count)]


def comparison(
    name: str,
    u: FloatArray,
    F_lin: Bounded,
    slope: Bounded,
    facts: Any,
    bounds: Callable[[Any, FloatArray], list[Bound]],
) -> Comparison:
    """The point against the linear predictor u; F_lin and its slope are without weight decay.

    `bounds` gives those at u.
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
            for bound in bounds(facts, u)
        },
    )


C = TypeVar("C", bound=Findings)


def assembled(
    kind: type[C],
    source: Source,
    facts: Any,
    predictors: Mapping[str, FloatArray],
    linear: Sequence[tuple[Bounded, Bounded]],
    bounds: Callable[[Any, FloatArray], list[Bound]],
    **further: Any,
) -> C:
    """The certificate without a lower point; `further` are its numbers that are not of all kinds.

    `facts` are those that `bounds` takes, with F_lin and its slope at each of the predictors.
    """
    at, net = facts.at, facts.net
    compared = [
        comparison(name, u, *values, facts, bounds)
        for (name, u), values in zip(predictors.items(), linear, strict=True)
    ]
    first = compared[0]
    minimised = next((c for c in compared if c.name == MINIMISED), first)
    rivals = [c for c in compared if c is first or c is not minimised]
    best = min(rivals, key=lambda c: c.F_lin.upper)
    numbers = {
        "F": net.objective(at.F, net.w, net.V),
        "F_at_zero": at.F_at_zero,
        "gradient": facts.grad_norm,
        "V_norm": facts.V_norm,
        # The Hessian of r/2 (||w||² + ||V||²) is r times the identity.
        "least_eigenvalue": facts.least + net.ridge if net.ridge else facts.least,
        **further,
    }
    shown: dict[str, Any] = {
        name: Enclosed.of(x) if isinstance(x, Bounded) else x for name, x in numbers.items()
    }
    found = kind(
        verdict=verdict_of(best.gap),
        n=source.n,
        d=net.moved or source.d - source.bias,
        m=0 if source.alone else source.m,
        loss=source.loss.name,
        best=best,
        minimised=minimised,
        others=tuple(c for c in rivals if c is not best),
        escape=None,
        passes=source.passes,
        bias=source.bias,
        ridge=net.ridge,
        **shown,
    )
    return replace(found, verdict=found.judged(found.verdict))


def escape(source: Source, F: Bounded, net: Network, line: LineSearch) -> Escape | None:
    """The lowest point along the directions whose objective is proved to be lower, if one is."""
    found = line.best(source.loss, source)
    points = ((direction.name, *direction.point(net, t)) for _, direction, t in found)
    return lower_point(source, F, net, points)


def lower_point(
    source: Source,
    F: Bounded,
    net: Network,
    points: Iterable[tuple[str, FloatArray, FloatArray]],
) -> Escape | None:
    """The first of some points whose objective is proved to be lower."""
    for name, w, V in islice(points, _TRIED):
        if not (np.isfinite(w).all() and np.isfinite(V).all()):
            continue
        after = net.objective(value_at(source, w, V), w, V)
        if after.upper[0] < F.lower[0]:
            parts = net.split(w, V, bias=source.bias)
            return Escape(name, Enclosed.of(F), Enclosed.of(after), *parts)
    return None


def value_at(source: Source, w: FloatArray, V: FloatArray) -> Bounded:
    """F(w, V, θ), in one pass, without weight decay."""
    sums, parameters = Sums(), Parameters.of(w, V)
    over: Any = block_point if w.ndim == 1 else vector_block_point
    for block in source:
        sums.add(F=over(block, parameters, source.loss).F)
    value: Bounded = sums.means(source)["F"]
    return value
