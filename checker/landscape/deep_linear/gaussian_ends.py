"""Random gaussian transformations A and B of any width, by the little that matters of them.

Zou, Long and Gu (2020). A (m x d) and B (k x m) have independent entries N(0, α²), N(0, β²). An
orthogonal map of R^m brings A to [R; 0] with R upper triangular, R_ii² ~ α² χ²(m - i) and gaussian
entries above (Bartlett's decomposition); B becomes [C, D], C (k x d) gaussian and D Dᵀ = T Tᵀ, T
lower triangular, in the same way for width m - d. Singular values of A and B and the product
B A = C R are unchanged, so (R, C, T) has the law that the theorem speaks of, at any width.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.binomial import Trials
from checker.arithmetic.functions import (
    exp,
    filled,
    hstack,
    lambda_min,
    log,
    spectral_norm,
    sq,
    sqrt,
)
from checker.instances.fields import Dims, FloatArray
from checker.landscape.sgd.experiment import checksums, indicator_of_positive


@dataclass(frozen=True, eq=False)
class GaussianEnds:
    """N independent draws of (A, B) for one data set; no search may change them.

    Attributes
    ----------
    X, Phi
        Inputs (n, d) and the best linear map (k, d).
    R, C, T
        The draws, (N, d, d), (N, k, d), (N, k, k).
    alpha, beta, width
        Standard deviations α and β, and the width m.
    digest
        Checksum of all of these: chosen draws would be no experiment.
    odds, level_bits
        The theorem allows failures with probability 1/odds; the test is at level 2^-level_bits.
    """

    X: Annotated[FloatArray, Dims("n", "d", domain="recorded")]
    Phi: Annotated[FloatArray, Dims("k", "d", domain="recorded")]
    R: Annotated[FloatArray, Dims("N", "d", "e", domain="recorded")]
    C: Annotated[FloatArray, Dims("N", "k", "d", domain="recorded")]
    T: Annotated[FloatArray, Dims("N", "k", "l", domain="recorded")]
    alpha: Annotated[FloatArray, Dims(domain="recorded")]
    beta: Annotated[FloatArray, Dims(domain="recorded")]
    width: Annotated[FloatArray, Dims(domain="recorded")]
    digest: Annotated[FloatArray, Dims(domain="recorded")]
    odds: int
    level_bits: int

    def written(self) -> Any:
        """Checksums of the arrays, one per case where they have a batch axis."""
        return checksums(self, _SUMMED)

    @property
    def draws(self) -> int:
        """N."""
        return int(self.R.shape[0])

    @property
    def trials(self) -> Trials:
        """The draws, as what they are tested."""
        return Trials(self.draws, self.odds, self.level_bits)

    def _number(self, value: float) -> Any:
        like: Any = self.alpha
        return filled(like, value)

    @cached_property
    def t(self) -> Any:
        """√(2 ln(5 · odds)): then 5 exp(-t²/2) = 1/odds."""
        return sqrt(2 * log(self._number(5.0 * self.odds)))

    @cached_property
    def sigma(self) -> Any:
        """σ_r(X)², r = min(n, d)."""
        X: Any = self.X
        return lambda_min(X @ X.T if X.shape[0] <= X.shape[1] else X.T @ X)

    @cached_property
    def norm_X(self) -> Any:
        """||X||."""
        return spectral_norm(self.X)

    @cached_property
    def enough_width(self) -> Any:
        """Two bounds on √m: 10 (√max(d, k) + t), 72.74 ||X|| (√k ||X||_F + t ||X||) / σ_r²."""
        k, d = self.Phi.shape
        frobenius = sqrt(sq(self.X))
        first = 10 * (sqrt(self._number(max(d, k))) + self.t)
        spread = sqrt(self._number(k)) * frobenius + self.t * self.norm_X
        return first, 72.74 * self.norm_X * spread / self.sigma

    @cached_property
    def enough_scale(self) -> Any:
        """A lower bound on α β m: 66.13 ||X|| ||Φ* X||_F / σ_r²."""
        fitted: Any = self.X @ self.Phi.T
        return 66.13 * self.norm_X * sqrt(sq(fitted)) / self.sigma

    def margin(self, index: int) -> Any:
        """σ_min²(A) σ_min²(B) σ_r² - 4√2 e^(3/2) Λ ||X|| √e_0 of a draw; negative: it fails."""
        R, C, T = self.R[index], self.C[index], self.T[index]
        B: Any = hstack(C, T)
        grams = R.T @ R, B @ B.T
        size = spectral_norm(R) * spectral_norm(B)
        excess = sq(self.X @ (C @ R - self.Phi).T) / 2
        e = exp(self._number(1.5))
        constant = 4 * sqrt(self._number(2.0)) * e
        return lambda_min(grams[0]) * lambda_min(grams[1]) * self.sigma - (
            constant * size * self.norm_X * sqrt(excess)
        )

    @cached_property
    def failures(self) -> Any:
        """Number of draws whose margin is negative."""
        failed = (indicator_of_positive(-self.margin(index)) for index in range(self.draws))
        return sum(failed, 0 * self.alpha)


_SUMMED = ("X", "Phi", "R", "C", "T", "alpha", "beta", "width")


def draw_ends(
    rng: np.random.Generator, draws: int, shape: tuple[int, int, int], width: float
) -> dict[str, FloatArray]:
    """R, C and T for α = β = 1, `shape` = (d, k, size): arrays (N, ..., size)."""
    d, k, size = shape
    R = _triangular(rng, draws, d, size, width)
    T = _triangular(rng, draws, k, size, width - d).swapaxes(1, 2)
    return {"R": R, "C": rng.standard_normal((draws, k, d, size)), "T": np.ascontiguousarray(T)}


def _triangular(
    rng: np.random.Generator, draws: int, order: int, size: int, degrees: float
) -> FloatArray:
    """Upper triangular with chi distributed diagonal: degrees, degrees - 1, ..."""
    upper = np.triu(np.ones((order, order)), 1)[None, :, :, None]
    R = upper * rng.standard_normal((draws, order, order, size))
    for i in range(order):
        R[:, i, i] = np.sqrt(rng.chisquare(degrees - i, (draws, size)))
    return R
