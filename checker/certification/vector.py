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
from checker.certification.certificate import Comparison, Enclosed, verdict_of
from checker.certification.linear import Term, coefficients
from checker.certification.moments import exact
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
    """The parameters as matrices of floats, (K, d) and (d, m).

    Raises
    ------
    InputError
        For other shapes and entries that are not finite.
    """
    if V is None:
        raise InputError("V is missing", hint="Pass the parameters of the network")
    output, last = widened(as_array(W, "W"), "W"), widened(as_array(V, "V"), "V")
    fits = output.ndim == 2 and last.ndim == 2 and 0 not in output.shape + last.shape
    if not fits or output.shape[1] != len(last):
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
    source: Source, W: FloatArray, V: FloatArray, against: Mapping[str, Any], start: Any
) -> VectorCertificate:
    """The certificate of x ↦ W(x + V z); for arguments see `checker.certify`."""
    others = {name: coefficients(U, name, W.shape) for name, U in against.items()}
    first = np.zeros(W.shape) if start is None else coefficients(start, "start", W.shape)
    at = vector_moments(source, W, V)
    facts = facts_of(at, W, V)
    predictors = {**_predictors(source, facts, first), **others}
    linear = vector_linear(source, list(predictors.values()))
    compared = [
        _comparison(name, U, *values, facts)
        for (name, U), values in zip(predictors.items(), linear, strict=True)
    ]
    found = _certificate(source, facts, compared)
    found = settled(replace(found, verdict=found.judged(found.verdict)), source, W, V)
    return replace(found, passes=source.passes)


def _certificate(
    source: Source, facts: VectorFacts, compared: list[Comparison]
) -> VectorCertificate:
    first, minimised, *rest = compared
    best = min((first, *rest), key=lambda c: c.F_lin.upper)
    at, W, V = facts.at, facts.W, facts.V
    slope_W, slope_V = gradient(at, W, V)
    numbers = {
        "F": at.F,
        "F_at_zero": at.F_at_zero,
        "gradient": facts.grad_norm,
        "gradient_W": frobenius(slope_W),
        "gradient_V": frobenius(slope_V),
        "W_norm": vector_norm(W),
        "V_norm": facts.V_norm,
        "sigma_min": facts.sigma,
    }
    return VectorCertificate(
        verdict=verdict_of(best.gap),
        n=source.n,
        d=source.d,
        m=source.m,
        K=len(W),
        loss=source.loss.name,
        rank=facts.rank,
        **{name: Enclosed.of(x) for name, x in numbers.items()},
        best=best,
        minimised=minimised,
        others=tuple(c for c in (first, *rest) if c is not best),
        escape=vector_escape(source, at, W, V, best.u),
        passes=source.passes,
    )


def _comparison(
    name: str, U: FloatArray, F_lin: Bounded, slope: Bounded, facts: VectorFacts
) -> Comparison:
    """The point against the linear predictor U."""
    reach = 2 * float(np.linalg.norm(U))
    steepness = frobenius(slope)
    return Comparison(
        name=name,
        u=U,
        F_lin=Enclosed.of(F_lin),
        gap=Enclosed.of(facts.at.F - F_lin),
        gradient=Enclosed.of(steepness),
        duality_gap=Enclosed.of(dot(slope, exact(U)) + reach * steepness),
        ball=reach,
        bounds=vector_bounds(facts, U),
    )


def _predictors(source: Source, facts: VectorFacts, start: FloatArray) -> dict[str, FloatArray]:
    """The best linear predictor, and the one that makes F_lin plus the sharp bound least."""
    problem = VectorLinearProblem(source, facts.at.input_moment)
    best = problem.minimise(start.T)
    size = float(facts.grad_norm.value[0])
    term = _sharp_term(facts.W, facts.V, size) if facts.full_rank and np.isfinite(size) else None
    return {BEST: best.T, MINIMISED: problem.minimise(best, term).T}


def _sharp_term(W: FloatArray, V: FloatArray, grad_norm: float) -> Term:
    """||∇F|| √(||W - U||² + ||W⁺UV||²) as a convex function of Uᵀ, with a subgradient."""
    inverse = np.linalg.pinv(W)

    def at(transposed: FloatArray) -> tuple[float, FloatArray]:
        U = transposed.T
        lifted = inverse @ U @ V
        size = float(np.sqrt(np.vdot(W - U, W - U) + np.vdot(lifted, lifted)))
        pull = U - W + inverse.T @ lifted @ V.T
        slope = pull / size if size > 0 else np.zeros_like(W)
        return grad_norm * size, grad_norm * slope.T

    return at
