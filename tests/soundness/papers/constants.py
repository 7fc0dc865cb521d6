"""Constants of the losses that claims speak of: suprema of l'' and of |l'|, and of |l'''|.

For |p| <= R. Each is derived in its comment; tests sample them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from soundness.plain import LossSpec
from soundness.reals import Real, exp, maximum, number

# sup l'' over all p and labels. Logistic: σ(1 - σ) <= 1/4; the others have l'' <= 1 at r = 0.
_SMOOTHNESS = {
    "squared": 1,
    "affine": 0,
    "logistic": Fraction(1, 4),
    "cross_entropy": Fraction(1, 4),
    "pseudo_huber": 1,
    "log_cosh": 1,
    "smoothed_hinge": 1,
    "huber": 1,
    "squared_hinge": 1,
    "softmax": Fraction(1, 2),
    "radial": 1,
}


def smoothness(spec: LossSpec) -> Real:
    """A bound on l''."""
    if spec.kind == "separable":
        return smoothness(spec.parts[0])
    if spec.kind == "smoothed_quantile":
        return number(spec.parameters["beta"]) / 4
    if spec.kind == "smoothed_expectile":
        return number(max(spec.parameters["low"], spec.parameters["high"]))
    return number(_SMOOTHNESS[spec.kind])


def steepness(spec: LossSpec) -> Real | None:
    """A bound on |l'| for every p and every label; None where there is none."""
    if spec.kind in ("logistic", "cross_entropy", "log_cosh", "absolute", "hinge"):
        return number(1)
    if spec.kind in ("pseudo_huber", "huber"):
        return number(spec.parameters["delta"])
    if spec.kind == "smoothed_quantile":
        tau = Fraction(spec.parameters["tau"])
        return number(max(tau, 1 - tau))
    return None


def derivative_bounds(spec: LossSpec, R: Real, y: Real) -> tuple[Real, Real, Real]:
    """Bounds on |l'|, l'' and |l'''| for |p| <= R, those of the claim."""
    zero, one = number(0), number(1)
    # max |σ''|: σ'' = σ(1 - σ)(1 - 2σ), greatest at σ = (1 ± 1/√3)/2.
    bend = 1 / (6 * number(3).sqrt())
    size = R + abs(y)
    known: dict[str, Any] = {
        "squared": lambda: (size, one, zero),
        "quartic": lambda: (size**3, 3 * size**2, 6 * size),
        "affine": lambda: (abs(y), zero, zero),
        "logistic": lambda: (one, one / 4, bend),
        "cross_entropy": lambda: (one, one / 4, bend),
        # 2 tanh sech², greatest at tanh² = 1/3: 4/(3√3) = 8 max |σ''|.
        "log_cosh": lambda: (one, one, 8 * bend),
        "smoothed_hinge": lambda: (1 + R, one, 1 / number(spec.parameters["width"])),
        "exponential": lambda: (exp(R), exp(R), exp(R)),
        "poisson": lambda: (exp(R) + y, exp(R), exp(R)),
        "gamma": lambda: (1 + y * exp(R), y * exp(R), y * exp(R)),
        "pseudo_huber": lambda: _pseudo_huber(spec),
        "smoothed_quantile": lambda: _quantile(spec, bend),
    }
    first, second, third = known[spec.kind]()
    return first, second, third


def _pseudo_huber(spec: LossSpec) -> tuple[Real, Real, Real]:
    """l''' = -3 s/(δ (1 + s²)^(5/2)), greatest at s = 1/2: 3/2 · 16/25 · √(4/5)/δ.

    The claim has the floats next to 16/25 and 4/5, and room for that.
    """
    delta = number(spec.parameters["delta"])
    third = 3 * number(0.8).sqrt() * 0.64 * (1 + 2.0**-50) / (2 * delta)
    return delta, number(1), third


def _quantile(spec: LossSpec, bend: Real) -> tuple[Real, Real, Real]:
    tau, beta = number(spec.parameters["tau"]), number(spec.parameters["beta"])
    return maximum(tau, 1 - tau), beta / 4, beta * beta * bend
