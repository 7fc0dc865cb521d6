"""Nguyen and Hein (2017), "The Loss Surface of Deep and Wide Neural Networks".

Behind a wide layer with the features F, (N, h_1) of full row rank N, come fully connected layers
with a strictly monotone activation: outputs φ(F U) V, errors E, loss ||E||²/2. Theorem 3.4 and its
quantitative form (recalled; ours in detail): with the slopes P = φ'(F U),

    ∂/∂U = Fᵀ (E Vᵀ ∘ P),    σ_min(F) min P σ_min(V) ||E||_F <= ||∂/∂U||_F <= ||F|| max P ||V||
    ||E||_F

for V with at least as many rows as columns (a pyramid), so critical points with V of full rank are
global minima. The activation enters by its slopes alone, which are free positive numbers here, and
one more layer of the pyramid adds one more factor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Annotated, Any

from checker.arithmetic.functions import lambda_max, lambda_min, maximum, minimum, sq
from checker.claims.claim import Paper, claim
from checker.claims.neighbours import changed, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from strategies.catalogue import domain_of, everywhere_in

NGUYEN_2017 = Paper(
    key="nguyen2017",
    authors="Quynh Nguyen, Matthias Hein",
    title="The Loss Surface of Deep and Wide Neural Networks",
    venue="ICML 2017, arXiv:1704.08045",
)


@dataclass(frozen=True, eq=False)
class Pyramid:
    """The layers behind the wide one.

    Attributes
    ----------
    F
        Features of the wide layer, (N, h).
    P, Q
        Slopes of the activation in the next two layers, (N, m) and (N, k).
    V, Z
        The weights behind them, (m, k) and (k, o).
    E, D
        Errors of the outputs after one such layer, (N, k), and after two, (N, o).
    """

    F: Annotated[FloatArray, Dims("N", "h")]
    P: Annotated[FloatArray, Dims("N", "m", domain="positive")]
    Q: Annotated[FloatArray, Dims("N", "k", domain="positive")]
    V: Annotated[FloatArray, Dims("m", "k")]
    Z: Annotated[FloatArray, Dims("k", "o")]
    E: Annotated[FloatArray, Dims("N", "k")]
    D: Annotated[FloatArray, Dims("N", "o")]

    @cached_property
    def slope(self) -> Any:
        """∂/∂U for one layer behind, (h, m)."""
        return self.F.T @ ((self.E @ self.V.T) * self.P)

    @cached_property
    def deep_slope(self) -> Any:
        """∂/∂U for two layers behind."""
        inner = (self.D @ self.Z.T) * self.Q
        return self.F.T @ ((inner @ self.V.T) * self.P)

    def passed(self, of: Callable[[Any], Any]) -> tuple[Any, Any, Any]:
        """An extreme eigenvalue of F Fᵀ, Vᵀ V and Zᵀ Z."""
        return of(self.F @ self.F.T), of(self.V.T @ self.V), of(self.Z.T @ self.Z)


def extreme(matrix: Any, of: Callable[[Any, Any], Any]) -> Any:
    """The least or greatest entry of a matrix."""
    return reduce(of, [x for row in matrix for x in row])


PYRAMIDS = domain_of(Pyramid)
EQUAL = everywhere_in(PYRAMIDS)


@claim(
    source=NGUYEN_2017.part("gradient", "Theorem 3.4, quantitative"),
    wording="ours",
    title="behind a wide layer of full rank the gradient sees every error",
    statement=r"\|\partial/\partial U\|_F \ge \sigma_{\min}(F) \min \varphi' \, \sigma_{\min}(V) "
    r"\|E\|_F",
    given=PYRAMIDS,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def gradient(at: Any, c: Any) -> Any:
    """Squared. **Tight**: one sample, one unit, one output."""
    F, V, _ = at.passed(lambda_min)
    least = extreme(at.P, minimum)
    return sq(at.slope) >= c * F * least**2 * V * sq(at.E)


@claim(
    source=NGUYEN_2017.part("gradient_above", "the same from above"),
    wording="ours",
    title="the errors bound the gradient behind the wide layer",
    statement=r"\|F\| \max \varphi' \, \|V\| \|E\|_F \ge \|\partial/\partial U\|_F",
    given=PYRAMIDS,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def gradient_above(at: Any, c: Any) -> Any:
    """Squared. **Tight**: one sample, one unit, one output."""
    F, V, _ = at.passed(lambda_max)
    return c * F * extreme(at.P, maximum) ** 2 * V * sq(at.E) >= sq(at.slope)


@claim(
    source=NGUYEN_2017.part("deeper", "Theorem 3.8, quantitative"),
    wording="ours",
    title="one more layer of the pyramid adds one more factor",
    statement=r"\|\partial/\partial U\|_F \ge \sigma_{\min}(F) \min \varphi' \, \sigma_{\min}(V) "
    r"\min \psi' \, \sigma_{\min}(Z) \|D\|_F",
    given=PYRAMIDS,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def deeper(at: Any, c: Any) -> Any:
    """Squared. **Tight**: one sample, one unit per layer, one output."""
    F, V, Z = at.passed(lambda_min)
    least = (extreme(at.P, minimum) * extreme(at.Q, minimum)) ** 2
    return sq(at.deep_slope) >= c * F * least * V * Z * sq(at.D)


# -- false neighbours -----------------------------------------------------------------------------

gradient_more = changed(gradient, "1.01", "one of each", c=Fraction(101, 100))
gradient_double = changed(gradient, "double", "one of each", c=2)
gradient_millionth = scaled(gradient, "1e-6", "one of each")


@mutant(gradient, "narrow_layer", "FᵀF for F Fᵀ: more samples than features")
def gradient_for_narrow_layer(at: Any, c: Any = 1) -> Any:
    least = extreme(at.P, minimum)
    wide = lambda_min(at.F.T @ at.F)
    return sq(at.slope) >= c * wide * least**2 * at.passed(lambda_min)[1] * sq(at.E)


@mutant(gradient, "no_pyramid", "V Vᵀ for Vᵀ V: fewer units than outputs")
def gradient_without_pyramid(at: Any, c: Any = 1) -> Any:
    least = extreme(at.P, minimum)
    narrow = lambda_min(at.V @ at.V.T)
    return sq(at.slope) >= c * at.passed(lambda_min)[0] * least**2 * narrow * sq(at.E)


above_less = changed(gradient_above, "0.99", "one of each", c=Fraction(99, 100))
above_half = changed(gradient_above, "half", "one of each", c=Fraction(1, 2))
above_millionth = scaled(gradient_above, "1e-6", "one of each")
deeper_more = changed(deeper, "1.01", "one of each", c=Fraction(101, 100))
deeper_double = changed(deeper, "double", "one of each", c=2)
deeper_millionth = scaled(deeper, "1e-6", "one of each")
