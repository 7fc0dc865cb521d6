"""`certify`: the passes over the data, in order.

1. sums: F, its gradient, the second moments, Lipschitz constants (`moments`);
2. several over X alone: the linear predictors (`linear`);
3. F_lin and its gradient at both, the curvature along the chosen direction, predictions along all
   directions (`directions`);
4. F at the lower point.

λ_min costs no pass: it follows from the second moments (`curvature`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, overload

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.environment import require_sound_arithmetic
from checker.arithmetic.functions import norm
from checker.certification import bounds
from checker.certification.ball import settled
from checker.certification.certificate import Certificate, Enclosed, unproved, verdict_of
from checker.certification.curvature import curvature, enclose
from checker.certification.directions import directions
from checker.certification.linear import LinearProblem, coefficients, sharp_term
from checker.certification.moments import Moments, moments
from checker.certification.source import Source, as_array, open_source, widened
from checker.certification.survey import comparison, escape, survey
from checker.certification.vector import certify_vector, matrices, usable_vector_loss
from checker.certification.vector_certificate import VectorCertificate
from checker.errors import InputError
from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Loss, check_convex, require_assumption_1
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.losses.coupled import VectorLoss
from checker.landscape.oracle_loss import check_derivatives


@overload
def certify(
    X: Any,
    Z: Any = ...,
    y: Any = ...,
    w: Any = ...,
    V: Any = ...,
    loss: Loss | VectorLoss | str | None = ...,
    weights: Any = ...,
    *,
    W: None = None,
    against: Mapping[str, Any] = ...,
    start: Any = ...,
    features_given: bool = ...,
    seed: int = ...,
) -> Certificate: ...
@overload
def certify(
    X: Any,
    Z: Any = ...,
    y: Any = ...,
    w: Any = ...,
    V: Any = ...,
    loss: Loss | VectorLoss | str | None = ...,
    weights: Any = ...,
    *,
    W: object,
    against: Mapping[str, Any] = ...,
    start: Any = ...,
    features_given: bool = ...,
    seed: int = ...,
) -> VectorCertificate: ...
def certify(
    X: Any,
    Z: Any = None,
    y: Any = None,
    w: Any = None,
    V: Any = None,
    loss: Loss | VectorLoss | str | None = None,
    weights: Any = None,
    *,
    W: Any = None,
    against: Mapping[str, Any] = MappingProxyType({}),
    start: Any = None,
    features_given: bool = True,
    seed: int = 0,
) -> Any:
    """What Shamir (2018) proves of the network x ↦ wᵀ(x + V z) at hand, or of x ↦ W(x + V z).

    Parameters
    ----------
    X, Z, y
        Inputs of the residual unit (n, d), its features z = f_θ(x) (n, m), labels (n,): arrays of
        any library with DLPack, memory-mapped files, nested lists. Or X alone: an iterable of
        blocks (X, Z, y) or (X, Z, y, weights) that can be read several times, or a function that
        returns one.
    w, V
        Parameters of the network, (d,) and (d, m).
    loss
        A loss or its name, convex and twice differentiable.
    weights
        Non-negative sample weights (n,); None for 1/n each.
    W
        In place of w, the output layer of a network with K outputs, (K, d). Then y is (n, K) and
        the loss is `softmax`, `radial`, a `VectorLoss`, or a loss of one output, which stands for
        its sum over the outputs.
    against
        Further linear predictors to compare with, by name: vectors (d,) or matrices (K, d), or
        fitted linear models of scikit-learn without intercept.
    start
        Where the search for the best linear predictor starts, such as `w_star` or `W_star` of
        an earlier certificate, (d,) or (K, d); default 0.
    features_given
        Whether Z counts as exact. The theorems hold for arbitrary features, so the numbers that a
        network returned in any precision are a legal instance: the default. With False the
        certificate is to speak of the features without rounding, of which nothing is proved here:
        every guarantee is then "unproved".
    seed
        Of the start of the Lanczos iteration.

    Returns
    -------
    Certificate, or VectorCertificate for W
        Every number with a proved error bound.

    Raises
    ------
    InputError
        For wrong shapes, illegal labels, numbers that are not finite, no data, or a loss outside
        Assumption 1.
    """
    require_sound_arithmetic()
    if W is not None:
        return _vector(X, Z, y, w, V, loss, weights, W, against, start, features_given)
    if isinstance(loss, VectorLoss):
        raise InputError(f"the loss {loss.name} is one of several outputs", hint="Pass W, not w")
    chosen = _usable(loss)
    w, V = _parameters(w, V)
    source = open_source(X, Z, y, weights, V.shape, chosen)
    with np.errstate(all="ignore"):
        others = {name: coefficients(u, name, w.shape) for name, u in against.items()}
        first = np.zeros(len(w)) if start is None else coefficients(start, "start", w.shape)
        found = _certificate(source, w, V, first, others, np.random.default_rng(seed))
        found = settled(found, source, w, V)
    return found if features_given else unproved(found)


def _vector(
    X: Any,
    Z: Any,
    y: Any,
    w: Any,
    V: Any,
    loss: VectorLoss | Loss | str | None,
    weights: Any,
    W: Any,
    against: Mapping[str, Any],
    start: Any,
    features_given: bool,
) -> VectorCertificate:
    """`certify` for K outputs."""
    if w is not None:
        raise InputError(
            "both w and W are given",
            why="The output layer is w for one output, or W for several",
            hint="Leave one of them out",
        )
    chosen = usable_vector_loss(loss)
    W, V = matrices(W, V)
    source = open_source(X, Z, y, weights, V.shape, chosen, len(W))
    with np.errstate(all="ignore"):
        found = certify_vector(source, W, V, against, start)
    return found if features_given else unproved(found)


def _usable(loss: Loss | str | None) -> Loss:
    if loss is None:
        raise InputError("no loss is given", hint="Pass a loss, or its name such as 'squared'")
    chosen = loss_named(loss) if isinstance(loss, str) else loss
    require_assumption_1(chosen)
    check_convex(chosen)
    check_derivatives(chosen)
    return chosen


def _parameters(w: Any, V: Any) -> tuple[FloatArray, FloatArray]:
    if w is None or V is None:
        raise InputError("w or V is missing", hint="Pass the parameters of the network")
    vector, matrix = widened(as_array(w, "w"), "w"), widened(as_array(V, "V"), "V")
    if vector.ndim == 2 and 1 in vector.shape:
        raise InputError(f"w has shape {vector.shape}, expected (d,)", hint="Pass w.ravel()")
    if vector.ndim != 1 or matrix.ndim != 2 or 0 in matrix.shape or len(matrix) != len(vector):
        turned = matrix.ndim == 2 and vector.ndim == 1 and matrix.shape[1] == len(vector)
        raise InputError(
            f"w has shape {vector.shape} and V has shape {matrix.shape}",
            why="The network is wᵀ(x + V f(x)): w is (d,) and V is (d, m)",
            hint="Pass V.T"
            if turned
            else "V is the last linear layer of the residual unit: its "
            "output is added to x, on which w acts",
        )
    for name, values in (("w", vector), ("V", matrix)):
        if not np.isfinite(values).all():
            raise InputError(f"{name} has entries that are not finite", why="It is no point")
    return vector, matrix


def _certificate(
    source: Source,
    w: FloatArray,
    V: FloatArray,
    start: FloatArray,
    others: Mapping[str, FloatArray],
    rng: np.random.Generator,
) -> Certificate:
    V_norm, w_norm = bounds.operator_norm(V), bounds.vector_norm(w)
    radius = bounds.largest(V_norm, w_norm)
    at = moments(source, w, V, radius)
    grad_norm = bounds.gradient_norm(at, w, V)
    predictors = {**_predictors(source, at, w, V, grad_norm, start), **others}
    hessian = curvature(at, w, V, float(V_norm.upper[0]))
    below = enclose(hessian, rng)
    candidates = directions(at, w, V, predictors[_BEST], hessian, below)
    found = survey(source, at, w, V, list(predictors.values()), candidates)
    known = found.rayleigh < 0 or not hessian.has_flat_part
    ceiling = found.rayleigh if known else 0.0  # also where the quotient is NaN
    least = bounds.interval(below.floor, ceiling)
    alpha, alpha_max = (x and bounds.interval(*x) for x in (below.alpha, below.alpha_max))
    facts = bounds.Facts(at, w, V, V_norm, grad_norm, least, alpha, alpha_max, radius)
    compared = [
        comparison(name, u, F_lin, slope, facts)
        for (name, u), F_lin, slope in zip(
            predictors.items(), found.F_lin, found.slopes, strict=True
        )
    ]
    first, minimised, *rest = compared
    best = min((first, *rest), key=lambda c: c.F_lin.upper)
    numbers = {
        "F": at.F,
        "F_at_zero": at.F_at_zero,
        "gradient": grad_norm,
        "gradient_w": norm(bounds.gradient(at, V)),
        "gradient_V": w_norm * norm(at.b),
        "w_norm": w_norm,
        "V_norm": V_norm,
        "least_eigenvalue": least,
    }
    return Certificate(
        verdict=verdict_of(best.gap),
        n=source.n,
        d=source.d,
        m=source.m,
        loss=source.loss.name,
        **{name: Enclosed.of(x) for name, x in numbers.items()},
        best=best,
        minimised=minimised,
        others=tuple(c for c in (first, *rest) if c is not best),
        escape=escape(source, at, w, V, found.line),
        passes=source.passes,
    )


_BEST = "best linear predictor found"
_MINIMISED = "minimum of F_lin and the sharp bound"


def _predictors(
    source: Source,
    at: Moments,
    w: FloatArray,
    V: FloatArray,
    grad_norm: Bounded,
    start: FloatArray,
) -> dict[str, FloatArray]:
    """The best linear predictor, and the one that makes F_lin plus the sharp bound least."""
    problem = LinearProblem(source, at.input_moment)
    best = problem.minimise(start)
    sizes = float(grad_norm.value[0]), float(norm(at.b).value[0])
    term = sharp_term(w, V, *sizes) if np.isfinite(sizes).all() else None
    return {_BEST: best, _MINIMISED: problem.minimise(best, term)}
