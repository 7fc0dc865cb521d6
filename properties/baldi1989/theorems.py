"""Baldi and Hornik (1989), "Neural Networks and Principal Component Analysis".

E(A, B) = ||Y - A B X||_F² with X of full row rank; Σ = Σ_yx Σ_xx⁻¹ Σ_xy has the eigenvectors u_i
and the eigenvalues λ_i. The paper (recalled): for distinct λ_i, all critical points with A of rank
p are A = U_I C, B = C⁻¹ U_Iᵀ Σ_yx Σ_xx⁻¹ for a set I of p indices and C invertible, where

    E = tr Σ_yy - Σ_{i in I} λ_i,

and all but those with the p greatest eigenvalues are saddles. Here X is square, which any full row
rank can be rotated to, H = B X, and Y = U diag(s) Qᵀ is given by its singular value decomposition,
so λ_i = s_i², and everything is rational. Lower rank of A is included by p = 0, ..., k.

Derivations. At such a point Y - A H = U_J diag(s_J) Q_Jᵀ, J the other indices: Aᵀ(Y - A H) = 0 and
(Y - A H) Hᵀ = 0, the normal equations of both factors, and E = Σ_J s_j². For every A with p columns
E >= the sum of the k - p least s_j² (Eckart and Young). One hidden unit, from u_i towards u_j along
A = c (u_i + ε u_j) with the best H: the projection of Y on it has the squared length
(λ_i + ε² λ_j)/(1 + ε²), so E falls by (λ_j - λ_i) ε²/(1 + ε²), for every ε.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import dot, outer, sq
from checker.claims.claim import Paper, claim, everywhere
from checker.claims.neighbours import changed, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import agree, columns_times, summed
from strategies.catalogue import domain_of, everywhere_in, identities_of

BALDI_1989 = Paper(
    key="baldi1989",
    authors="Pierre Baldi, Kurt Hornik",
    title="Neural Networks and Principal Component Analysis: Learning from Examples Without "
    "Local Minima",
    venue="Neural Networks 2 (1989), 53-58",
)


@dataclass(frozen=True, eq=False)
class Critical:
    """A critical point of the two layers, by its parts.

    Attributes
    ----------
    U, Q
        Singular vectors of Y, (k, k).
    s
        Singular values of Y, (k,).
    chosen
        I as 0s and 1s, (k,).
    C, O
        The invertible matrix diag(C) O, (k,) and (k, k).
    """

    U: Annotated[FloatArray, Dims("k", "k", domain="orthogonal")]
    Q: Annotated[FloatArray, Dims("k", "k", domain="orthogonal")]
    s: Annotated[FloatArray, Dims("k", domain="nonnegative")]
    chosen: Annotated[FloatArray, Dims("k", domain="boolean")]
    C: Annotated[FloatArray, Dims("k", domain="positive")]
    O: Annotated[FloatArray, Dims("k", "k", domain="orthogonal")]  # noqa: E741

    @cached_property
    def Y(self) -> Any:
        """Labels, (k, k)."""
        return columns_times(self.U, self.s) @ self.Q.T

    @cached_property
    def A(self) -> Any:
        """U_I C."""
        return columns_times(self.U, self.chosen * self.C) @ self.O

    @cached_property
    def H(self) -> Any:
        """B X = C⁻¹ U_Iᵀ Y."""
        return self.O.T @ columns_times(self.Q, self.chosen * self.s / self.C).T


@dataclass(frozen=True, eq=False)
class LowRank:
    """Two layers with a bottleneck, anywhere.

    Attributes
    ----------
    U, Q
        Singular vectors of Y, (k, k).
    steps
        Differences of its ascending singular values, (k,).
    A, H
        Outer layer, (k, p), and the hidden units at all samples, (p, k).
    """

    U: Annotated[FloatArray, Dims("k", "k", domain="orthogonal")]
    Q: Annotated[FloatArray, Dims("k", "k", domain="orthogonal")]
    steps: Annotated[FloatArray, Dims("k", domain="nonnegative")]
    A: Annotated[FloatArray, Dims("k", "p")]
    H: Annotated[FloatArray, Dims("p", "k")]

    @cached_property
    def values(self) -> list[Any]:
        """Singular values of Y, ascending."""
        return list(accumulate(self.steps[i] for i in range(len(self.steps))))

    @cached_property
    def loss(self) -> Any:
        """||Y - A H||_F², seen in the bases U and Q of Y."""
        rotated = (self.U.T @ self.A) @ (self.H @ self.Q)
        return sq(rotated) - 2 * self._along(rotated) + self.size

    def _along(self, rotated: Any) -> Any:
        return sum((s * rotated[i, i] for i, s in enumerate(self.values)), 0 * self.size)

    @cached_property
    def size(self) -> Any:
        """||Y||_F²."""
        return summed([s * s for s in self.values])


@dataclass(frozen=True, eq=False)
class Turned:
    """One hidden unit between two critical points.

    Attributes
    ----------
    U, Q, s
        Y as above, with k + 1 >= 2 singular values.
    c, eps
        A = c (u_1 + ε u_2), numbers.
    """

    U: Annotated[FloatArray, Dims("k+1", "k+1", domain="orthogonal")]
    Q: Annotated[FloatArray, Dims("k+1", "k+1", domain="orthogonal")]
    s: Annotated[FloatArray, Dims("k+1", domain="nonnegative")]
    c: Annotated[FloatArray, Dims(domain="positive")]
    eps: Annotated[FloatArray, Dims()]
    k: Annotated[FloatArray, Dims("k")]

    def loss(self, eps: Any) -> Any:
        """E at A = c (u_1 + ε u_2) and the best B."""
        Y = columns_times(self.U, self.s) @ self.Q.T
        A = self.c * (self.U[:, 0] + eps * self.U[:, 1])
        return sq(Y - outer(A, (A @ Y) / sq(A)))


def _best(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """U = Q = I, and the layers that keep the greatest singular values."""
    k, p = int(rng.integers(2, 5)), int(rng.integers(1, 3))
    steps = rng.integers(0, 9, (k, size)) / 4.0
    A = np.repeat(np.eye(k)[:, -p:, None], size, axis=2)
    H = np.eye(k)[-p:, :, None] * np.cumsum(steps, axis=0)[None]
    zero = np.zeros((k, k, size))
    return {"U": zero, "Q": zero, "steps": steps, "A": A, "H": H}


CRITICAL = identities_of(Critical)
LOW_RANK = domain_of(LowRank, told={"best of its rank": _best})
TURNED = identities_of(Turned)
EQUAL = everywhere_in(CRITICAL) | everywhere_in(LOW_RANK) | everywhere_in(TURNED)


@claim(
    source=BALDI_1989.part("critical", "Fact 4, critical points"),
    wording="reconstructed",
    title="projections on any eigenvectors are critical points",
    statement=r"A = U_I C, \; B = C^{-1} U_I^\top \Sigma_{yx}\Sigma_{xx}^{-1} \implies "
    r"\nabla E(A, B) = 0",
    given=CRITICAL,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def critical(at: Any, c: Any) -> Any:
    """The normal equations of both layers, identities."""
    fitted = at.A @ at.H
    return agree((at.A.T @ at.Y, c * (at.A.T @ fitted)), (at.Y @ at.H.T, c * (fitted @ at.H.T)))


@claim(
    source=BALDI_1989.part("value", "Fact 4, value at critical points"),
    wording="reconstructed",
    title="the value at a critical point",
    statement=r"E(A, B) = \operatorname{tr}\Sigma_{yy} - \sum_{i \in I} \lambda_i",
    given=CRITICAL,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def value(at: Any, c: Any) -> Any:
    """An identity."""
    return sq(at.Y - at.A @ at.H) == sq(at.Y) - c * dot(at.chosen, at.s * at.s)


@claim(
    source=BALDI_1989.part("minimum", "Fact 4, the global minimum"),
    wording="reconstructed",
    title="no network with p hidden units does better than the p greatest eigenvalues",
    statement=r"E(A, B) \ge \operatorname{tr}\Sigma_{yy} - \lambda_1 - \cdots - \lambda_p",
    given=LOW_RANK,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def minimum(at: Any, c: Any) -> Any:
    """The theorem of Eckart and Young. **Tight** at the p greatest singular values."""
    rest = at.values[: max(len(at.values) - at.A.shape[1], 0)]
    return at.loss >= c * sum((s * s for s in rest), 0 * at.size)


@claim(
    source=BALDI_1989.part("saddle", "Fact 4, all other critical points are saddles"),
    wording="ours",
    title="how the loss falls from one critical point to a better one",
    statement=r"E(\varepsilon) = E(0) - \frac{\varepsilon^2}{1+\varepsilon^2} "
    r"(\lambda_2 - \lambda_1)",
    given=TURNED,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def saddle(at: Any, c: Any) -> Any:
    """An identity for every ε: where λ_2 > λ_1 the point is a saddle."""
    share = at.eps * at.eps / (1 + at.eps * at.eps)
    fall = at.s[1] * at.s[1] - at.s[0] * at.s[0]
    return at.loss(at.eps) == at.loss(0) - c * share * fall


# -- false neighbours -----------------------------------------------------------------------------

critical_near = changed(critical, "1.001", "an identity", c=Fraction(1001, 1000))
critical_double = changed(critical, "double", "half of a critical point is none", c=2)
critical_none = changed(critical, "orthogonal_to_labels", "Aᵀ Y = 0 for I empty only", c=0)


@mutant(critical, "C_for_its_inverse", "C = 2: the hidden units are four times too large")
def critical_with_wrong_inverse(at: Any, c: Any = 1) -> Any:
    wrong = at.O.T @ columns_times(at.Q, at.chosen * at.s * at.C).T
    return at.A.T @ at.Y == at.A.T @ (at.A @ wrong)


value_more = changed(value, "1.001", "an identity", c=Fraction(1001, 1000))
value_none = changed(value, "nothing_gained", "I not empty", c=0)
value_millionth = scaled(value, "1e-6", "an identity")
minimum_millionth = scaled(minimum, "1e-6", "the best of its rank")
minimum_double = changed(minimum, "double", "the best of its rank", c=2)
minimum_more = changed(minimum, "1.01", "the best of its rank", c=Fraction(101, 100))


@mutant(minimum, "one_more", "p hidden units keep p eigenvalues, not p - 1")
def minimum_one_more(at: Any, c: Any = 1) -> Any:
    rest = at.values[: max(len(at.values) - at.A.shape[1] + 1, 0)]
    return at.loss >= sum((s * s for s in rest), 0 * at.size)


saddle_more = changed(saddle, "1.001", "an identity", c=Fraction(1001, 1000))
saddle_flat = changed(saddle, "flat", "λ_2 > λ_1", c=0)
saddle_millionth = scaled(saddle, "1e-6", "an identity")
