"""Found minima where a theorem's assumption fails: what its false neighbours are refuted by.

The same searches, the same proofs of minimality and the same formula as for the theorem; what
differs is one property of the objective. Problems are small, so that a counterexample is, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import scipy
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, unchecked
from checker.landscape.losses.base import Labels, Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1
from checker.landscape.minima.critical import Problem
from checker.landscape.minima.found import FoundMinimum, found_point
from checker.landscape.minima.near_points import minimised, with_constants
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.sample import Sample
from strategies.minima.found_points import SaddlesAtZero, Searches, searches
from strategies.networks import FREE

CASES = 200

# Starts of the search for a linear predictor; a loss that is not convex has several valleys.
_STARTS = 4


@dataclass(frozen=True, eq=False)
class Descents(Searches):
    """Minima that BFGS over (w, V) ends in, of an objective with a changed property.

    Attributes
    ----------
    skip, ridge, after
        As in `FoundPoint`; `ridge` is the largest λ that is drawn.
    """

    skip: float = 1.0
    ridge: float = 0.0
    after: str = ""

    def find(self, problem: Problem, w_star: FloatArray, rng: np.random.Generator) -> Any:
        """From a random start; w* is the best linear predictor that some descents find."""
        sample, ridge = problem.sample, self.ridge * 2.0 ** -int(rng.integers(0, 4))
        y = sample.y * rng.choice([1.0, 4.0]) if self.loss.labels is Labels.REAL else sample.y
        stretched = Problem(Sample(sample.X, y), self.loss, problem.network)
        w, V = 2 * rng.standard_normal(sample.d), 2 * rng.standard_normal((sample.d, self.m))
        best = linear_descent(stretched, ridge, rng)
        point = Point(sample.X, y, self.features(problem, rng), w, V, best, self.loss)
        changed = {"skip": self.skip, "ridge": ridge, "after": self.after}
        certified = {"modulus": 1.0, "radius": 1.0, "whole": bool(ridge or self.after)}
        found = minimised(found_point(point, FoundMinimum, **changed, **certified))
        made = None if found is None else with_constants(found)
        return made or "no strict minimum"


def linear_descent(problem: Problem, ridge: float, rng: np.random.Generator) -> FloatArray:
    """The best of some descents over w of F_lin(w) + λ/2 ||w||²."""
    X = problem.sample.X

    def function(w: FloatArray) -> tuple[float, FloatArray]:
        slope = X.T @ problem.slopes(X @ w) + ridge * w
        return problem.risk(X @ w) + ridge / 2 * float(w @ w), slope

    fit = np.linalg.lstsq(X, problem.sample.y)[0]
    starts = [fit, *(fit + rng.standard_normal((_STARTS, len(fit))) * (1 + np.abs(fit)))]
    ends = [scipy.optimize.minimize(function, w, jac=True, method="BFGS").x for w in starts]
    finite = [w for w in ends if np.isfinite(function(w)[0])]
    return np.asarray(min(finite, key=lambda w: function(w)[0], default=0 * fit))


_SIZES = (1, 2)


@cache
def minima_with(name: str, losses: tuple[Loss, ...], **changed: Any) -> Domain:
    """Found minima of an objective with one changed property, one stratum named after it."""
    name = f"found minimum, {name}"
    loss = st.sampled_from(losses)
    settings = {"loss": loss, "network": st.sampled_from([FREE, "mlp_tanh", "fourier"])}
    problems = searches(Descents, name, _SIZES, 8, max_batch=8, **settings, **changed)
    return Domain(st.nothing(), {name: problems}, cases=CASES, found=True)


CONVEX = tuple(LOSSES[kind] for kind in ("squared", "log_cosh", "pseudo_huber"))


def minima_of(kind: str) -> Domain:
    """Found minima of a loss outside Assumption 1."""
    return minima_with(kind, (OUTSIDE_ASSUMPTION_1[kind],))


def minima_of_bounded_losses() -> Domain:
    """Found minima of r²/(1 + r²)."""
    return minima_of("geman_mcclure")


class WithoutSkip(SaddlesAtZero):
    """Critical points x -> wᵀ V f_θ(x) with w = 0: all V with V b = 0."""

    def find(self, problem: Problem, w_star: FloatArray, rng: np.random.Generator) -> Any:
        """V = a random matrix across b."""
        point = super().find(problem, w_star, rng)
        if isinstance(point, str):
            return point
        b = point.Z.T @ problem.slopes(np.zeros(problem.sample.n))
        V = rng.standard_normal(point.V.shape) / 64
        V -= np.outer(V @ b, b) / (b @ b)
        return found_point(point, V=V, skip=0.0)


@cache
def biased_minima_without_convexity() -> Domain:
    """Found minima of a loss that is not convex, with a constant input."""
    return minima_with(
        "constant input", (OUTSIDE_ASSUMPTION_1["geman_mcclure"],), data="constant input"
    )


@cache
def saddles_without_skip() -> Domain:
    """Critical points at w = 0 without the skip connection."""
    name = "w = 0, no skip connection"
    problems = searches(WithoutSkip, name, _SIZES, 8, max_batch=8)
    return Domain(st.nothing(), {name: problems}, cases=CASES, found=True)


# -- in integers ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Kinks:
    """Points with w = 0 and the loss |p - y|, labels -1, 0 and 1: label 0 meets the kink.

    At w = 0 the objective is E|y - w (x + V f)|. Samples with label 0 pull w back to 0 from both
    sides, whatever the others say, if their |x + V f| is large enough.
    """

    n: int

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` points; whether each is a local minimum is for the premise to say."""
        n = self.n
        y = rng.integers(-1, 2, (n, size)).astype(float)
        X, Z = (rng.integers(-2, 3, (n, 1, size)).astype(float) for _ in range(2))
        V = rng.integers(-4, 5, (1, 1, size)).astype(float)
        w_star = rng.integers(-4, 5, (1, size)) / 2.0
        fields = {"X": X, "y": y, "Z": Z, "w": np.zeros((1, size)), "V": V, "w_star": w_star}
        point = _in_integers(fields, OUTSIDE_ASSUMPTION_1["absolute"], size)
        return Batch(point, size, "kinks at w = 0", f"n={n} d=1 m=1, absolute")


def _in_integers(fields: dict[str, FloatArray], loss: Loss, size: int) -> FoundMinimum:
    """Points whose minimality, or whose gradient 0, is decided without μ and r."""
    one, zero = np.ones(size), np.zeros(size)
    constants = {"skip": one, "ridge": zero, "after": "", "modulus": one, "radius": one}
    return unchecked(FoundMinimum, **fields, **constants, loss=loss, weights=None, whole=True)


@dataclass(frozen=True, eq=False)
class ExactlyCritical:
    """Points with w = 0 whose gradient in (w, V) is exactly 0, in short dyadics.

    V, Z and the labels are drawn; the last input is solved for, so that E[l'(0; y) x] = -V b. That
    takes a loss with l'(0; y) = -y or -y/2 and labels ±1, so that the division is exact.
    """

    n: int
    d: int
    m: int
    loss: Loss

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` exactly critical points."""
        n, d, m = self.n, self.d, self.m
        X, Z, V = (
            rng.integers(-3, 4, (*shape, size)).astype(float) for shape in ((n, d), (n, m), (d, m))
        )
        y = Labels.SIGN.draw(rng, (n, size))
        b = np.einsum("nb,nmb->mb", y, Z)
        rest = np.einsum("nb,ndb->db", y[:-1], X[:-1])
        X[-1] = -y[-1] * (np.einsum("dmb,mb->db", V, b) + rest)
        w_star = rng.integers(-8, 9, (d, size)) / 8.0
        fields = {"X": X, "y": y, "Z": Z, "w": np.zeros((d, size)), "V": V, "w_star": w_star}
        point = _in_integers(fields, self.loss, size)
        return Batch(point, size, "exactly critical", f"n={n} d={d} m={m}, {self.loss.name}")


@cache
def minima_at_kinks() -> Domain:
    """Candidates for bad local minima of a convex loss with a kink."""
    structure: st.SearchStrategy[Any] = st.builds(Kinks, n=st.integers(2, 5))
    return Domain(st.nothing(), {"kinks at w = 0": structure})


@cache
def exactly_critical_points() -> Domain:
    """Points with w = 0 and ∇F_θ(w, V) = 0 exactly."""
    small = st.integers(1, 3)
    loss = st.sampled_from([LOSSES["squared"], LOSSES["logistic"]])
    structure: st.SearchStrategy[Any] = st.builds(ExactlyCritical, small, small, small, loss)
    return Domain(st.nothing(), {"exactly critical": structure})
