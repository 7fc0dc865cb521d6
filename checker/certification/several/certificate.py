"""The certificate of a network with K outputs, x ↦ W(x + V f_θ(x))."""

from __future__ import annotations

from dataclasses import dataclass

from checker.certification.certificate import Enclosed, Findings
from checker.instances.fields import FloatArray


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class VectorCertificate(Findings):
    """What appendix B of Shamir (2018) says of a network at a point (W, V, θ).

    F > F_lin(W*) excludes a local minimum

    * if W has rank K: the gradient is not 0 (appendix B, Lemma 1);
    * if W has a rank below d (Kawaguchi and Bengio 2019; `properties/kawaguchi2019`): some
      u != 0 has W u = 0, so that all V + u qᵀ give the same F, and were the point a local minimum,
      ∂F/∂W = A + B (V + u qᵀ)ᵀ would vanish at each of them for small q. Then B = 0 and A = 0, and
      F - F_lin(W*) <= <A, W - W*> + <B, W V> = 0 by convexity;
    * if the gradient is proved not to be 0;
    * if λ_min(∇²F_θ) < 0 is proved.

    What remains is rank W = d < K, where strict local minima above F_lin(W*) exist.

    An output bias is no part of W here: d and the rank are those of the weight
    (`network.py`). The second argument still holds: u moves V only, and the gradient in
    the bias is a part of A.

    Attributes
    ----------
    K
        Number of outputs.
    rank, sigma_min
        Rank of W, decided exactly, and the least of its K singular values.
    gradient_W, gradient_V
        The Frobenius norms of the parts ∂F/∂W and ∂F/∂V of the gradient.
    W_norm, V_norm
        ||W||_F and the spectral norm ||V||.
    """

    K: int
    rank: int
    sigma_min: Enclosed
    gradient_W: Enclosed
    gradient_V: Enclosed
    W_norm: Enclosed
    V_norm: Enclosed

    @property
    def W_star(self) -> FloatArray:
        """The best linear predictor that was found, (K, d)."""
        return self.best.u

    @property
    def star(self) -> str:
        return "W*"

    @property
    def _theorem(self) -> str:
        if self.rank == self.K:
            return "W has full row rank: appendix B, Lemma 1"
        if self.rank < self.d:
            return f"W has rank {self.rank} < d: Kawaguchi and Bengio 2019"
        if self.gradient.lower > 0:
            return "the gradient is not 0"
        return f"W has rank d = {self.d} < K = {self.K}, and the gradient may be 0"

    @property
    def _excludes(self) -> bool:
        tall = self.rank == self.d < self.K
        return not self.ridge and not (tall and not self.gradient.lower > 0)
