"""Shamir (2018), after Definition 1: "every local minimum is a 0-SOPSP".

A 0-SOPSP has ∇F_θ(w, V) = 0 and λ_min(∇²F_θ(w, V)) >= 0. That is a theorem of calculus, checked
where minimality does not come from derivatives: at global minima by symmetry, whose proof uses
values of the loss only (strategies/residual_unit/second_order.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.arithmetic.functions import dot, lambda_min, positive_part, sq
from checker.claims.claim import Assumption, Source, claim
from checker.claims.neighbours import changed, dropped, mutant
from properties.shamir2018.theorems import SHAMIR_2018, convex_loss
from strategies.residual_unit.second_order import (
    EVEN,
    MIRRORED,
    paired_minima,
    saddles,
)


def _balanced(at: Any) -> Any:
    at_zero = ~np.any(at.w != 0, axis=0)
    legal = at.loss.labels.accepts(at.r).all(axis=0) & at.loss.labels.accepts(-at.r).all(axis=0)
    return (at.loss.kind in EVEN) | ((at.loss.kind in MIRRORED) & at_zero & legal)


balanced_pairs = Assumption(
    "balanced_pairs",
    r"\ell(p; y) = \varphi(p - y), \varphi \text{ even, labels } p \pm r; \text{ or } w = 0, "
    r"\ell(p; y) = \ell(-p; -y), \text{ labels } \pm r",
    _balanced,
    definitional=True,
    decided=True,
)


def _trace(hessian: Any) -> Any:
    return dot(hessian, type(hessian).constant(np.eye(hessian.shape[0])))


def second_order(point: Any, margin: Any = 0) -> Any:
    """Σ||x||² >= Σ||x||² + ||∇F|| + [margin tr ∇²F - λ_min(∇²F)]_+ at a point.

    The first term stands on both sides to give them a size: it is exact in every arithmetic.
    """
    missing = positive_part(margin * _trace(point.hessian) - lambda_min(point.hessian))
    return sq(point.X) >= sq(point.X) + point.grad_norm + missing


@claim(
    source=Source(SHAMIR_2018, "Definition 1, the remark after it", "definition1"),
    wording="printed",
    title="every local minimum is a 0-SOPSP",
    statement=r"\nabla F_\theta(w,V) = 0, \quad \lambda_{\min}\left(\nabla^2 F_\theta(w,V)\right) "
    r"\ge 0 \quad \text{at every local minimum}",
    given=paired_minima(),
    assuming=[balanced_pairs, convex_loss],
    constants={"margin": 0},
    kind="tight",
    weight=lambda at, inequality: _trace(at.point.hessian),
)
def minimum_is_stationary(at: Any, margin: Any) -> Any:
    """Both conclusions at once, in the form of `second_order`; says something where F is curved.

    **Tight** everywhere, proved in exact numbers.
    """
    return second_order(at.point, margin)


# -- false neighbours ----------------------------------------------------------------------------


@mutant(
    minimum_is_stationary,
    "every_critical_point",
    "x = f = y = 1, w = 0, V = -1, squared loss: the gradient is 0, the Hessian [[0, -1], [-1, 0]]",
    given=saddles(),
    assuming=[
        Assumption(
            "some_feature",
            r"b \ne 0",
            lambda at: (at.r[:, None] * at.Z).sum(axis=0).any(axis=0),
            definitional=True,
        )
    ],
)
def critical_point_is_minimum(at: Any) -> Any:
    return second_order(at.point)


@mutant(
    minimum_is_stationary,
    "one_of_each_pair",
    "the labels p + r alone: w = x = 1, V = f = 0, r = 1, squared loss has the gradient -1",
)
def one_sided_is_stationary(at: Any) -> Any:
    return second_order(at.one_sided)


minimum_is_strict = changed(
    minimum_is_stationary,
    "positive_definite",
    "d = m = 1, w = 0: the Hessian is 0 but for its entry in w",
    margin=2.0**-20,
)

minimum_without_convexity = dropped(
    minimum_is_stationary,
    "convex_loss",
    "no_convexity",
    "geman_mcclure, labels ±3 and the prediction 0: critical, but a maximum",
)
