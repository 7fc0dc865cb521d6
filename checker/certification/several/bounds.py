"""The bounds of appendix B of Shamir (2018) on F(W, V, θ) - F_lin(U), U being a comparator (K, d).

`properties/shamir2018/vector.py` has the derivations, and the checker attacks them there as claims.
Here they are solved for the gap and evaluated once, with error bounds. Two identities save a pass
over matrices (d, m), W⁺ = Wᵀ(W Wᵀ)⁻¹ being the pseudo-inverse and M = U V:

    <G, ∇F_θ> = <W, A + B Vᵀ> - <U, A>,    since <W⁺M, WᵀB> = <M, B>;
    ||W⁺M||² = <M, (W Wᵀ)⁻¹ M>.

For a model with an output bias, W⁺ is that of the weight without it, W₁, with rows of zeros
(`network.py`). The left side of the first is free of W⁺, and bounds the gap for W of any
rank, by convexity.

**Theorem 2 for K outputs** (ours; its two parts are the claims `appendix_b_any_rank` and
`appendix_b_curvature`). At every W convexity gives
F - F_lin(U) <= <W - U, ∂F/∂W> + <U V, B>.
Let W₁ have a rank below the number of coordinates that V moves, so that W₁ u = 0 for a
unit vector u, and let v, c be singular vectors of B to β = ||B||: vᵀB c = β. Along D = s v uᵀ,
E = -τ u cᵀ the prediction changes by D h, as W E = 0, and 2 <D E, B> = -2 s τ β, so with
α = λ_max(∂²F/∂W²) the form is at most α s² - 2 β s τ. Its least value on s² + τ² = 1 is the
negative root λ' of λ'² - α λ' = β², and λ = λ_min(∇²F_θ) <= λ'. Hence ||B||² <= λ² + |λ| α, and
with the nuclear norm ||.||_* (<M, B> <= ||M||_* ||B||)

    F - F_lin(U) <= ||W - U|| ||∇F|| + ||U V||_* ||B||
                 <= ||W - U|| ||∇F|| + ||V|| ||U||_* √(|λ| α + λ²).

For K = 1 and W = 0 this is the printed theorem; it holds at every W if K < d. The Frobenius norm in
place of the nuclear one is wrong: for affine losses with W = 0, A = -B Vᵀ, B = β I and V = U = I
the gap is K β, ||V|| ||U||_F |λ| only √K β.

**Theorem 3 for K outputs.** For K < d it follows from this, at every W; for K = d as in the paper,
with σ_min(W) in place of ||w||: the nearest singular W is that far away. For K > d it is false:
strict local minima worse than linear exist (`tests/certify/test_strict_minimum.py`). At a point
whose λ and σ_min are known it says no more than the theorems that it follows from, and it is
given as a reason only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import BALL_PRECISIONS
from checker.arithmetic.functions import (
    dot,
    frobenius,
    lambda_min,
    norm,
    solve_positive_definite,
    spectral_norm,
    sq,
    sqrt,
)
from checker.arithmetic.rank import rank_of
from checker.certification.ball import enclosed
from checker.certification.bounds import Bound, applicable, interval, operator_norm, vector_norm
from checker.certification.budgets import MAX_DENSE_ORDER
from checker.certification.moments import exact
from checker.certification.network import Network
from checker.certification.several.moments import VectorMoments
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
    B_norm
        ||B||, the spectral norm.
    rank
        That of W₁, decided.
    sigma
        The least of the K singular values of W₁.
    least
        λ_min(∇²F_θ); nothing is known of it before directions have been looked at.
    alpha_max
        λ_max(∂²F/∂W²), or None.
    """

    at: VectorMoments
    net: Network
    V_norm: Bounded
    grad_norm: Bounded
    B_norm: Bounded
    rank: int
    sigma: Bounded
    least: Bounded = field(default_factory=lambda: Bounded(np.zeros(1), np.full(1, np.inf)))
    alpha_max: Bounded | None = None

    @property
    def full_rank(self) -> bool:
        """Whether the rows of W are independent."""
        return self.rank == len(self.net.w)

    @property
    def has_kernel(self) -> bool:
        """Whether W₁ u = 0 for some u != 0 among the coordinates that V moves."""
        return self.rank < self.net.moved


def facts_of(at: VectorMoments, net: Network) -> VectorFacts:
    """The facts at a point."""
    weight = net.moving if net.moved else net.w
    rank = rank_of(weight)
    sigma = least_singular_value(weight) if rank == len(weight) else exact(np.zeros(()))
    sizes = operator_norm(net.V), norm(gradient(at, net)), _spectral(at.B)
    return VectorFacts(at, net, *sizes, rank, sigma)


def _spectral(matrix: Bounded) -> Bounded:
    """The spectral norm; of one row or column the Euclidean norm, which is known better."""
    if 1 in matrix.shape:
        length: Bounded = frobenius(matrix)
        return length
    found: Bounded = spectral_norm(matrix)
    return found


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


def vector_bounds(facts: VectorFacts, U: FloatArray) -> list[Bound]:
    """Every bound at the comparator U."""
    found = [_lemma1(facts, U), *_theorem1(facts, U), *_theorem2(facts, U), _theorem3(facts)]
    return applicable(found, facts.net)


def _lemma1(f: VectorFacts, U: FloatArray) -> Bound:
    slope = gradient(f.at, f.net)[0]
    return Bound(LEMMA, dot(exact(f.net.w), slope) - dot(exact(U), f.at.A))


LEMMA = "Appendix B, Lemma 1"
THEOREM, SHARP = "Appendix B, Theorem 1", "Appendix B, Theorem 1, sharp form"


def _theorem1(f: VectorFacts, U: FloatArray) -> list[Bound]:
    if not f.full_rank or not f.net.moved:
        reason = f"it needs W of full row rank, and its rank is {f.rank}, not {len(f.net.w)}"
        return [Bound(name, None, reason) for name in (THEOREM, SHARP)]
    W, W_star = exact(f.net.w), exact(U)
    # The ratio first: the squares may overflow where it does not.
    printed = sqrt(2 * sq(W) + sq(W_star) * (2 + sq(f.V_norm / f.sigma)))
    sharp = norm((W - W_star, lifted_norm(f.net.moving, W_star @ exact(f.net.V))))
    sizes = zip((THEOREM, SHARP), (printed, sharp), strict=True)
    return [Bound(name, f.grad_norm * size) for name, size in sizes]


THEOREM_2, SHARP_2 = "Appendix B, Theorem 2", "Appendix B, Theorem 2, sharp form"
THEOREM_3 = "Appendix B, Theorem 3"


def _theorem2(f: VectorFacts, U: FloatArray) -> list[Bound]:
    if not f.has_kernel:
        reason = f"it needs W of rank below d = {f.net.moved}, and its rank is {f.rank}"
        return [Bound(name, None, reason) for name in (THEOREM_2, SHARP_2)]
    # Exactly 0 where W is U.
    apart = vector_norm(f.net.w) if not U.any() else frobenius(exact(f.net.w) - exact(U))
    along = apart * f.grad_norm
    sharp = Bound(SHARP_2, along + nuclear_norm(exact(U) @ exact(f.net.V)) * f.B_norm)
    if f.alpha_max is None:
        return [Bound(THEOREM_2, None, "λ_max(∂²F/∂W²) is not known"), sharp]
    size = abs(f.least)
    curved = sqrt(size * f.alpha_max + sq(size))
    return [Bound(THEOREM_2, along + f.V_norm * nuclear_norm(exact(U)) * curved), sharp]


def _theorem3(f: VectorFacts) -> Bound:
    K, d = len(f.net.w), f.net.moved
    if K > d:
        reason = f"it is false for K > d = {d}: strict minima worse than linear exist"
    elif f.has_kernel:
        reason = "here it says less than Theorem 2, from which it follows"
    else:
        reason = "here it says less than Theorem 1, from which it follows"
    return Bound(THEOREM_3, None, reason)


def nuclear_norm(matrix: Bounded) -> Bounded:
    """The sum of the singular values, (K, d); of one row or column the Euclidean norm.

    For floats P, Q, O of any kind, ||M||_* <= ||P||_F ||Q||_F + √min(K, d) ||M - P Q||_F, and
    ||M||_* >= <M, O> / ||O||.
    """
    if matrix.error is None and not matrix.value.any():
        return exact(np.zeros(()))
    if 1 in matrix.shape:
        length: Bounded = frobenius(matrix)
        return length
    if not np.isfinite(matrix.value).all():
        return Bounded(np.array([np.inf]), np.array([np.inf]))
    left, values, right = np.linalg.svd(matrix.value[..., 0], full_matrices=False)
    P, Q = exact(left * np.sqrt(values)), exact(np.sqrt(values)[:, None] * right)
    rest = frobenius(matrix - P @ Q) * float(np.nextafter(np.sqrt(len(values)), np.inf))
    upper = frobenius(P) * frobenius(Q) + rest
    turn = exact(left @ right)
    lower = dot(matrix, turn) / spectral_norm(turn)
    return interval(max(float(lower.lower[0]), 0.0), float(upper.upper[0]))


def lifted_norm(W: FloatArray, M: Bounded) -> Bounded:
    """||W⁺M||_F for W of full row rank and M (K, m); unknown if W Wᵀ is near singular."""
    rows = exact(W)
    solved = solve_positive_definite(rows @ rows.T, M)
    first, *further = (dot(M[k], row) for k, row in enumerate(solved))
    root: Bounded = sqrt(sum(further, first))
    return root
