"""Yun, Sra and Jadbabaie (2019): the two data sets that motivate their theorems.

First example: x = 0, ..., 5, y = x + ρ (-1, -1, 1, -1, 1, 1). The best line has the risk 8ρ²/15;
one hidden neuron is no better, a residual network is better for ρ up to (3 + √189)/4 = 4.1869...

One neuron, for every ρ >= 0. For w_1 = 0 the network is constant; else it is an affine function of
h = [±(x - t)]_+ with the knot t = -b_1/w_1, and (x, y) -> (5 - x, 5 - y) leaves the data as they
are, so let the sign be +. For t >= 5 the network is constant on the data and for t <= 0 affine: no
better than the best line. For t = k + s, k = 0, ..., 4, 0 <= s <= 1, put q = Σ (h_i - mean h)². At
the best w_2 and b_2, 6 risk q = q Σ (y_i - mean y)² - (Σ (h_i - mean h)(y_i - mean y))², and

    6 (risk - 8ρ²/15) q = A ρ² + B ρ + C

with quadratics in s whose coefficients of (1 - s)², 2 s (1 - s) and s² are all non-negative:

    k   A                B              C
    0   0, 0, 4/3        0, 0, 20/3     0, 0, 25/3
    1   4/3, 4, 32/5     20/3, 14, 24   25/3, 10, 19
    2   32/5, 2, 4/5     24, 11, 10     19, 16, 19
    3   4/5, 6/5, 4/3    10, 7, 20/3    19, 10, 25/3
    4   4/3, 0, 0        20/3, 0, 0     25/3, 0, 0
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import filled, sq
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, claim
from checker.claims.neighbours import dropped, mutant, scaled
from checker.landscape.deep_residual.motivating import FIRST, POINTS
from properties.yun2019.theorems import source
from strategies.deep_residual.motivating import neurons, readouts, spreads


@claim(
    source=source("example1_neuron", "motivating example 1, one hidden neuron"),
    wording="reconstructed",
    title="one hidden neuron is no better than linear on six points",
    statement=r"\tfrac{1}{6} \sum_i (w_2 [w_1 x_i + b_1]_+ + b_2 - y_i)^2 \ge \tfrac{8}{15} \rho^2",
    given=neurons(),
    kind="tight",
    equality_strata=frozenset({"best line"}),
)
def one_neuron_is_no_better(at: Any) -> Any:
    """At every parameter, so at every local minimum, and for every ρ: proof above.

    **Tight**: a neuron that is active everywhere.
    """
    return at.risk >= Fraction(8, 15) * sq(at.rho)


@claim(
    source=source("example1_residual", "motivating example 1, residual network"),
    wording="reconstructed",
    title="a residual network is better than linear on six points, by exactly this much",
    statement=r"\tfrac{8}{15} \rho^2 \ge R_2 + \rho^2 \frac{135 + 18\rho - 12\rho^2}"
    r"{15 (21\rho^2 + 156\rho + 420)}",
    given=spreads(),
    kind="tight",
    equality_strata=frozenset({"rho"}),
)
def residual_network_is_better(at: Any) -> Any:
    """R_2 is the risk of w(x + (ρ/2)[x - 3]_+) + c at the best w and c, from normal equations.

    It is ρ² (12ρ² + 82ρ + 215)/(21ρ² + 156ρ + 420). **Tight**: an identity in ρ.
    """
    rho = at.rho
    gain = (135 + 18 * rho - 12 * sq(rho)) / (15 * (21 * sq(rho) + 156 * rho + 420))
    return Fraction(8, 15) * sq(rho) >= at.residual_risk + sq(rho) * gain


up_to_the_crossing = Assumption(
    "up_to_the_crossing",
    r"\rho \le (3 + \sqrt{189})/4",
    proved(lambda at: 45 + 6 * at.rho >= 4 * sq(at.rho)),
)


@claim(
    source=source("example1_range", "motivating example 1, range of ρ"),
    wording="ours",
    title="for which ρ the residual network is better than linear on six points",
    statement=r"\rho \le \tfrac{3 + \sqrt{189}}{4} \implies \tfrac{8}{15} \rho^2 \ge R_2",
    given=spreads(),
    assuming=[up_to_the_crossing],
    kind="tight",
)
def better_up_to_the_crossing(at: Any) -> Any:
    """The gain of `example1_residual` has the sign of 45 + 6ρ - 4ρ². **Tight**: equality at the end
    of the range, which no float is. The paper states R_2 < 8ρ²/15 for ρ in (0, √·); what stands
    under the root is not known to us.
    """
    return Fraction(8, 15) * sq(at.rho) >= at.residual_risk


@claim(
    source=source("example2_inputs", "motivating example 2, the inputs"),
    wording="reconstructed",
    title="three points: the risk of the best line on the inputs",
    statement=r"\tfrac{1}{3} \sum_i (w x_i + c - y_i)^2 \ge \tfrac{25}{78}",
    given=readouts(),
    kind="tight",
)
def line_on_inputs(at: Any) -> Any:
    """x = (1, 5/2, 3), y = (1, 3, 2). **Tight** at the least-squares line."""
    return at.risk(POINTS) >= filled(at.w, 1.0) * Fraction(25, 78)


@claim(
    source=source("example2_hidden", "motivating example 2, the first block"),
    wording="ours",
    title="three points: after one block of a perfect network a line is worse than before",
    statement=r"\tfrac{1}{3} \sum_i (w h_1(x_i) + c - y_i)^2 \ge \tfrac{8}{21} > \tfrac{25}{78}",
    given=readouts(),
    kind="tight",
)
def line_on_first_block(at: Any) -> Any:
    """h_1 = x + [x - 2]_+ = (1, 3, 4), and h_2 = h_1 - 4 [h_1 - 7/2]_+ = (1, 3, 2) = y has risk 0:
    a global minimum. **Tight** at the least-squares line.
    """
    return at.risk(FIRST) >= filled(at.w, 1.0) * Fraction(8, 21)


# -- false neighbours -----------------------------------------------------------------------------

neuron_millionth = scaled(
    one_neuron_is_no_better, "1e-6", "a neuron active at all six points fits the best line"
)
residual_millionth = scaled(residual_network_is_better, "1e-6", "an identity")
range_millionth = scaled(better_up_to_the_crossing, "1e-6", "ρ just below (3 + √189)/4")
inputs_millionth = scaled(line_on_inputs, "1e-6", "the least-squares line")
hidden_millionth = scaled(line_on_first_block, "1e-6", "the least-squares line")

range_dropped = dropped(
    better_up_to_the_crossing,
    "up_to_the_crossing",
    "every_rho",
    "ρ = 16: R_2 = (1533/2764) ρ² > (8/15) ρ²",
)


range_up_to_4_2 = mutant(
    better_up_to_the_crossing,
    "up_to_4.2",
    "(3 + √189)/4 = 4.18693...: ρ = 4.1875 is beyond",
    assuming=[Assumption("up_to_4.2", r"\rho \le 4.2", lambda at: at.rho <= 4.2)],
)(better_up_to_the_crossing.formula)


@mutant(
    one_neuron_is_no_better,
    "residual_networks_too",
    "x + (ρ/2)[x - 3]_+ fits better than a line: ρ = 1 gives 309/597 < 8/15",
    given=spreads(),
)
def residual_network_is_no_better(at: Any) -> Any:
    return at.residual_risk >= Fraction(8, 15) * sq(at.rho)


@mutant(
    line_on_first_block, "inputs_as_well", "the best line on the inputs has the risk 25/78 < 8/21"
)
def inputs_are_as_bad(at: Any) -> Any:
    return at.risk(POINTS) >= filled(at.w, 1.0) * Fraction(8, 21)
