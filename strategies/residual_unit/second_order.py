"""Points that are minima by symmetry, and saddles (Shamir 2018, Definition 1).

Let every sample stand twice. If l(p; y) = φ(p - y) with an even convex φ, the labels q ± r make q a
best prediction, φ(p - q - r) + φ(p - q + r) >= 2 φ(r) by convexity. If l(p; y) = l(-p; -y), the
labels ±r make 0 one, since l(p; r) + l(p; -r) = l(p; r) + l(-p; r) >= 2 l(0; r). So a point that
predicts q, in the second case 0, at each pair is a global minimum, whatever f_θ is. All numbers are
such that slopes and curvatures there are rational.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, unchecked
from checker.landscape.losses.base import Labels, Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1
from checker.landscape.residual_unit.paired import PairedPoint, SaddlePoint
from strategies.corners import cornered

CASES = 300
MAX_SAMPLES, MAX_DIM = 3, 2

# φ(p - y) with an even φ, and l(p; y) = l(-p; -y).
EVEN = frozenset({"squared", "quartic", "pseudo_huber", "log_cosh", "cauchy", "geman_mcclure"})
MIRRORED = EVEN | {"logistic", "exponential", "smoothed_hinge"}

OPPOSITE, FITTED, AT_ZERO, PYTHAGOREAN = (
    "opposite residuals",
    "no residuals",
    "w = 0",
    "opposite residuals, rational √(1 + r²)",
)
_KINDS: dict[str, Sequence[str]] = {
    OPPOSITE: ("squared", "quartic"),
    FITTED: ("squared", "pseudo_huber", "log_cosh"),
    AT_ZERO: ("squared", "quartic", "logistic", "exponential", "smoothed_hinge"),
    PYTHAGOREAN: ("pseudo_huber",),
}

# √(1 + r²) is rational for these.
_ROOTS = np.array([0.0, 3 / 4, 15 / 8, 63 / 16])


@dataclass(frozen=True, eq=False)
class PairedStructure:
    """A structure of one stratum; multiples of 1/4 keep exact numbers short."""

    name: str
    k: int
    d: int
    m: int
    loss: Loss
    made: type[PairedPoint] = PairedPoint

    max_batch = 16

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases."""
        k, d, m = self.k, self.d, self.m
        shapes = {"X": (k, d), "Z": (k, m), "w": (d,), "V": (d, m)}
        fields = {n: rng.integers(-8, 9, (*s, size)) / 4.0 for n, s in shapes.items()}
        fields["r"] = self.loss.labels.draw(rng, (k, size))
        if self.loss.labels is Labels.REAL:
            fields["r"] = rng.integers(-12, 13, (k, size)) / 4.0
        if self.name == PYTHAGOREAN:
            fields["r"] = rng.choice(_ROOTS, (k, size)) * rng.choice([-1.0, 1.0], (k, size))
        if self.name == FITTED:
            fields["r"] *= 0.0
        if self.name == AT_ZERO:
            fields["w"] *= 0.0
        point = unchecked(self.made, **fields, loss=self.loss)
        return Batch(point, size, self.name, f"k={k} d={d} m={m}, {self.loss.name}")


def _structures(
    name: str, losses: Sequence[Loss], made: type[PairedPoint] = PairedPoint
) -> st.SearchStrategy[Any]:
    small = st.integers(1, MAX_DIM)
    # For d > 1 the least eigenvalue is 0, which is rational, and slopes such as 3/5 are no balls.
    inputs = st.just(MAX_DIM) if name == PYTHAGOREAN else small
    return st.builds(
        PairedStructure,
        st.just(name),
        st.integers(1, MAX_SAMPLES),
        inputs,
        small,
        st.sampled_from(losses),
        st.just(made),
    )


@cache
@cornered(PairedPoint)
def paired_minima() -> Domain:
    """Global minima of every stratum."""
    strata = {
        name: _structures(name, [LOSSES[kind] for kind in kinds]) for name, kinds in _KINDS.items()
    }
    without = {"convex_loss": paired_points_without_convexity}
    return Domain(st.nothing(), strata, cases=CASES, without=without)


@cache
def paired_points_without_convexity() -> Domain:
    """The same symmetry without convexity: φ(p - q - r) + φ(p - q + r) may be greatest at p = q."""
    losses = [OUTSIDE_ASSUMPTION_1[kind] for kind in ("geman_mcclure", "cauchy")]
    return Domain(st.nothing(), {OPPOSITE: _structures(OPPOSITE, losses)}, cases=CASES)


@cache
def saddles() -> Domain:
    """Critical points with w = 0, of the squared loss: none is a minimum."""
    strata = {AT_ZERO: _structures(AT_ZERO, [LOSSES["squared"]], SaddlePoint)}
    return Domain(st.nothing(), strata, cases=CASES)
