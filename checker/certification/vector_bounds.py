"""The bounds of appendix B of Shamir (2018) on F(W, V, θ) - F_lin(U), U being a comparator (K, d).

`properties/shamir2018/vector.py` has the derivations, and the checker attacks them there as claims.
Here they are solved for the gap and evaluated once, with error bounds. Two identities save a pass
over matrices (d, m), W⁺ = Wᵀ(W Wᵀ)⁻¹ being the pseudo-inverse and M = U V:

    <G, ∇F_θ> = <W, A + B Vᵀ> - <U, A>,    since <W⁺M, WᵀB> = <M, B>;
    ||W⁺M||² = <M, (W Wᵀ)⁻¹ M>.

For a model with an output bias, W⁺ is that of the weight without it, W₁, with rows of zeros
(`networks/network.py`). The left side of the first is free of W⁺, and bounds the gap for W of any
rank, by convexity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import BALL_PRECISIONS
from checker.arithmetic.functions import dot, lambda_min, norm, solve_positive_definite, sq, sqrt
from checker.arithmetic.rank import rank_of
from checker.certification.ball import enclosed
from checker.certification.bounds import Bound, interval, operator_norm
from checker.certification.budgets import MAX_DENSE_ORDER
from checker.certification.certificate import Enclosed
from checker.certification.moments import exact
from checker.certification.networks.network import Network
from checker.certification.vector_moments import VectorMoments
from checker.instances.fields import FloatArray


@dataclass(frozen=True, eq=False)
class VectorFacts:
    """What the bounds are made of, enclosed.

    Attributes
    ----------
    at
        Expectations over the sample.
    net
        The point.
    V_norm, grad_norm
        ||V|| and ||∇F_θ(W, V)||.
    rank
        That of W₁, decided.
    sigma
        The least of the K singular values of W₁.
    """

    at: VectorMoments
    net: Network
    V_norm: Bounded
    grad_norm: Bounded
    rank: int
    sigma: Bounded

    @property
    def full_rank(self) -> bool:
        """Whether the rows of W are independent."""
        return self.rank == len(self.net.w)


def facts_of(at: VectorMoments, net: Network) -> VectorFacts:
    """The facts at a point."""
    weight = net.moving if net.moved else net.w
    rank = rank_of(weight)
    sigma = least_singular_value(weight) if rank == len(weight) else exact(np.zeros(()))
    return VectorFacts(at, net, operator_norm(net.V), norm(gradient(at, net)), rank, sigma)


def gradient(at: VectorMoments, net: Network) -> tuple[Bounded, Bounded]:
    """∂F/∂W = A + B Vᵀ, (K, d), and ∂F/∂V = W₁ᵀ B, (d, m); with weight decay, r W and r V more."""
    in_W, in_V = at.A + at.B @ exact(net.V.T), exact(net.moving.T) @ at.B
    if not net.ridge:
        return in_W, in_V
    return in_W + exact(net.w) * net.ridge, in_V + exact(net.V) * net.ridge


def least_singular_value(W: FloatArray) -> Bounded:
    """σ_min(W) of a matrix with independent rows; by balls where float bounds do not reach."""
    rows = exact(W)
    square = lambda_min(rows @ rows.T)
    root: Bounded = sqrt(square)
    if square.lower[0] > 0 or len(W) > MAX_DENSE_ORDER:
        return root
    for bits in BALL_PRECISIONS:
        with working_precision(bits):
            ball = Ball.constant(W)
            found = enclosed(sqrt(lambda_min(ball @ ball.T)).item, bits)
        if found.lower > 0:
            return interval(found.lower, found.upper)
    return root


def vector_bounds(facts: VectorFacts, U: FloatArray) -> dict[str, Enclosed | str]:
    """Every bound at the comparator U: its value, or why it has none."""
    if facts.net.ridge:
        reason = "it is proved without weight decay"
        found = [Bound(name, None, reason) for name in (LEMMA, THEOREM, SHARP)]
    else:
        found = [_lemma1(facts, U), *_theorem1(facts, U)]
    return {b.theorem: b.reason if b.value is None else Enclosed.of(b.value) for b in found}


def _lemma1(f: VectorFacts, U: FloatArray) -> Bound:
    slope = gradient(f.at, f.net)[0]
    return Bound(LEMMA, dot(exact(f.net.w), slope) - dot(exact(U), f.at.A))


LEMMA = "Appendix B, Lemma 1"
THEOREM, SHARP = "Appendix B, Theorem 1", "Appendix B, Theorem 1, sharp form"


def _theorem1(f: VectorFacts, U: FloatArray) -> list[Bound]:
    if not f.full_rank or not f.net.moved:
        K = len(f.net.w)
        reason = (
            f"it needs W of full row rank, and its rank is {f.rank}, not {K}"
            if f.net.moved
            else "there is no residual unit"
        )
        return [Bound(name, None, reason) for name in (THEOREM, SHARP)]
    W, W_star = exact(f.net.w), exact(U)
    # The ratio first: the squares may overflow where it does not.
    printed = sqrt(2 * sq(W) + sq(W_star) * (2 + sq(f.V_norm / f.sigma)))
    sharp = norm((W - W_star, lifted_norm(f.net.moving, W_star @ exact(f.net.V))))
    sizes = zip((THEOREM, SHARP), (printed, sharp), strict=True)
    return [Bound(name, f.grad_norm * size) for name, size in sizes]


def lifted_norm(W: FloatArray, M: Bounded) -> Bounded:
    """||W⁺M||_F for W of full row rank and M (K, m); unknown if W Wᵀ is near singular."""
    rows = exact(W)
    solved = solve_positive_definite(rows @ rows.T, M)
    first, *further = (dot(M[k], row) for k, row in enumerate(solved))
    root: Bounded = sqrt(sum(further, first))
    return root
