"""False neighbours of the statements of Yun, Sra and Jadbabaie (2019)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import filled, norm, sq, sqrt
from checker.landscape.deep_residual import pulled
from checker.landscape.motivating import POINTS
from properties import yun2019 as yun
from properties.mutants_base import mutant, scaled, without
from strategies.residual_networks import near_identities, spreads, uncovered_networks

NEURON, RESIDUAL, INPUTS, HIDDEN = (
    yun.one_neuron_is_no_better,
    yun.residual_network_is_better,
    yun.line_on_inputs,
    yun.line_on_first_block,
)
ACROSS, ALONG, NEAR, RADEMACHER = yun.across, yun.along, yun.risk_near_identity, yun.rademacher

_TWO_BLOCKS = "V_1 moves the features of the second block where U_2 v != 0"
_FAR = "loss r²/(1 + r²), far from the label: the gradient is small, the loss is not"


def _dropped(of: Any, name: str) -> dict[str, Any]:
    return {"given": of.domain.without[name](), "assuming": without(of, name)}


# -- motivating examples ----------------------------------------------------------------------

neuron_millionth = scaled(NEURON, "1e-6", "a neuron active at all six points fits the best line")
residual_millionth = scaled(RESIDUAL, "1e-6", "an identity")
inputs_millionth = scaled(INPUTS, "1e-6", "the least-squares line")
hidden_millionth = scaled(HIDDEN, "1e-6", "the least-squares line")


@mutant(
    NEURON,
    "residual_networks_too",
    "x + (ρ/2)[x - 3]_+ fits better than a line: ρ = 1 gives 309/597 < 8/15",
    given=spreads(),
)
def residual_network_is_no_better(at: Any) -> Any:
    return at.residual_risk >= Fraction(8, 15) * sq(at.rho)


@mutant(HIDDEN, "inputs_as_well", "the best line on the inputs has the risk 25/78 < 8/21")
def inputs_are_as_bad(at: Any) -> Any:
    return at.risk(POINTS) >= filled(at.w, 1.0) * Fraction(8, 21)


# -- main theorem -----------------------------------------------------------------------------


@mutant(ACROSS, "no_convexity", _FAR, **_dropped(ACROSS, "convex_loss"))
def across_without_convexity(at: Any) -> Any:
    return ACROSS(at)


@mutant(ALONG, "no_convexity", _FAR, **_dropped(ALONG, "convex_loss"))
def along_without_convexity(at: Any) -> Any:
    return ALONG(at)


def _size_across(at: Any) -> Any:
    return at.length_apart(at.w_across, at.V.shape[0] * at.V.shape[2] / sq(at.v))


@mutant(ACROSS, "no_coverage", _TWO_BLOCKS)
def across_without_coverage(at: Any) -> Any:
    network = at.passed(at.w_across, covered=False)
    return sqrt(at.mean_square_gradient(covered=False)) * _size_across(at) >= at.gap(network)


@mutant(
    ACROSS, "at_the_point_alone", "w = 0, V_1 with E[l' h] = 0: critical, and worse than linear"
)
def across_at_the_point_alone(at: Any) -> Any:
    network = at.passed(at.w_across)
    gradient = norm((network.gradient_w, *network.gradients_V))
    return gradient * _size_across(at) >= at.gap(network)


@mutant(ACROSS, "no_factor_M", "every feature moves alone: equality has M = L m")
def across_without_M(at: Any) -> Any:
    size = at.length_apart(at.w_across, 1 / sq(at.v))
    return sqrt(at.mean_square_gradient()) * size >= at.gap(at.passed(at.w_across))


def _along(at: Any, gradient: Any, network: Any) -> Any:
    along_w = at.w @ at.v
    size = sqrt(sq(along_w) * sq(at.w - at.u) + sq(tuple(at.apart)))
    return gradient * size >= abs(along_w) * at.gap(network)


@mutant(
    ALONG,
    "no_coverage",
    _TWO_BLOCKS + "; d = 1, tanh: a strict local minimum of risk 0.0100 where linear has 0.0066",
    given=uncovered_networks(),
)
def along_without_coverage(at: Any) -> Any:
    network = at.passed(at.w, covered=False)
    return _along(at, pulled(network, at.v), network)


@mutant(ALONG, "gradient_in_w_only", "the gap may come from the features: u = w, c_1 = -1")
def along_with_gradient_in_w(at: Any) -> Any:
    network = at.passed(at.w)
    return _along(at, norm(network.gradient_w), network)


# -- near the identity ------------------------------------------------------------------------


def _near(at: Any, near: Any) -> Any:
    far = norm(at.network.gradient_w) * norm(at.w - at.u)
    return far + near >= at.network.risk - at.linear_risk


@mutant(NEAR, "no_extra_term", "w = 0 is critical for h = x + ρ|x|, x = ±1, and linear is better")
def near_without_distortion(at: Any) -> Any:
    return _near(at, 0 * at.distortion)


@mutant(NEAR, "no_length_of_x", "long inputs: x = 100")
def near_without_length(at: Any) -> Any:
    return _near(at, yun.slope_of(at) * norm(at.u) * at.distortion)


@mutant(NEAR, "no_gradient_term", "w need not be optimal: no blocks, w = -u")
def near_without_gradient(at: Any) -> Any:
    near = yun.slope_of(at) * norm(at.u) * at.distortion * at.mean_length
    return near >= at.network.risk - at.linear_risk


@mutant(
    NEAR,
    "squared_loss",
    "its slope grows with the label: y = 100",
    given=near_identities().without["lipschitz_loss"](),
    assuming=without(NEAR, "lipschitz_loss"),
)
def near_with_squared_loss(at: Any) -> Any:
    return NEAR(at)


@mutant(RADEMACHER, "half", "(1 + M²/2): n = 4 orthonormal inputs, M = 1 give 0.91 > 0.75")
def rademacher_with_half(at: Any) -> Any:
    root = sqrt(filled(at.radius, at.X.shape[0]))
    return at.radius * at.growth(Fraction(1, 2)) / root >= at.lower_bound


@mutant(RADEMACHER, "no_blocks", "the blocks do add: n = 4, M = 1 give 0.91 > 0.5")
def rademacher_without_blocks(at: Any) -> Any:
    return at.radius / sqrt(filled(at.radius, at.X.shape[0])) >= at.lower_bound
