"""Projected stochastic gradient descent for x -> wᵀx + vᵀf_θ(x), over M1 x M2, many runs at once.

The algorithm of Theorem 4 of Shamir (2018): at each step a sample is drawn, (w, v) and θ move
against the gradient of its loss, and each is projected. Where f_θ has no derivative in θ, the
theorem allows any vector in the place of the gradient. M2 is a ball, and features are scaled back
to length `feature_radius` where they exceed it, so that the Lipschitz constant holds on all of M2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from autograd import grad

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.plain import Plain
from checker.errors import InputError
from checker.instances.fields import FloatArray, map_arrays, unchecked
from checker.instances.rounding import at_most
from checker.landscape.losses.base import Loss
from checker.landscape.networks.base import Network
from checker.landscape.sgd.experiment import Experiment, ResidualExperiment, checksum
from checker.landscape.sgd.online import Region
from checker.landscape.sgd.recorded_path import RecordedPath

# What takes the place of the θ-gradient: itself, random vectors, zero vectors.
AUTOGRAD, ARBITRARY, FIXED = "autograd", "arbitrary", "fixed"

# The float projection may end this much outside its target, relatively, so the target is smaller.
INNER = 1 - 2.0**-30


@dataclass(frozen=True, eq=False)
class Sgd:
    """A problem and an algorithm.

    Attributes
    ----------
    X, y
        The sample, (n, d) and (n,).
    loss
        A loss with a Lipschitz constant.
    network
        f_θ.
    region, radius
        M1.
    lipschitz
        L; the theorem needs max |l'| √(max ||x||² + feature_radius²) <= L.
    step
        η.
    c
        The factor of the step c b/(L√T) that Theorem 4 is asked about.
    steps
        T.
    theta_step
        "autograd", or "arbitrary" for random vectors in the place of the θ-gradient, or "fixed".
    feature_radius, theta_radius
        Bounds on ||f_θ(x)|| and, for M2, on ||θ||.
    residual
        Whether the network is x -> w(x + v f_θ(x)) instead, for d = m = 1.
    """

    X: FloatArray
    y: FloatArray
    loss: Loss
    network: Network
    region: Region
    radius: float
    lipschitz: float
    step: float
    steps: int
    c: float = 2.0
    theta_step: str = AUTOGRAD
    feature_radius: float = 1.0
    theta_radius: float = 4.0
    residual: bool = False

    def __post_init__(self) -> None:
        self.loss.check_labels(self.y)
        if self.loss.lipschitz is None:
            raise InputError(
                f"the loss {self.loss.name} has no Lipschitz constant",
                why="Theorem 4 assumes that the loss is Lipschitz over the domain",
                hint="use logistic, cross_entropy, log_cosh, pseudo_huber or smoothed_quantile",
            )
        for name in ("radius", "lipschitz", "step", "c", "feature_radius", "theta_radius"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"{name} must be a positive number, not {value!r}")
        if self.steps < 1:
            raise InputError(f"steps must be at least 1, not {self.steps}")
        known = (AUTOGRAD, ARBITRARY, FIXED)
        if self.theta_step not in known:
            raise InputError(
                f"unknown theta_step {self.theta_step!r}", hint=f"use one of {', '.join(known)}"
            )

    def require_theorem_4(self) -> None:
        """Raise InputError, saying which, unless step and constant are those of Theorem 4."""
        longest = float(np.sqrt((self.X**2).sum(axis=1).max() + self.feature_radius**2))
        needed = (self.loss.lipschitz or np.inf) * longest
        if self.lipschitz < needed:
            raise InputError(
                f"the loss is not {self.lipschitz!r}-Lipschitz in (w, v) on this sample",
                why=f"|l'| <= {self.loss.lipschitz!r} and ||(x, f)|| reaches {longest:.6g}",
                hint=f"give lipschitz >= {at_most(needed)}, or scale the inputs",
            )
        b = self.region.reach(self.X.shape[1], self.network.m) * self.radius
        prescribed = self.c * b / (self.lipschitz * float(np.sqrt(self.steps)))
        if self.step != prescribed:
            raise InputError(
                f"the step {self.step!r} is not that of Theorem 4",
                why=f"for b = {b!r}, L = {self.lipschitz!r} and T = {self.steps} it is "
                f"{self.c!r} b / (L √T) = {prescribed!r}",
                hint="change the step, its factor c, the radius or the number of steps",
            )

    # -- simulation -----------------------------------------------------------------------------

    def run(
        self, rng: np.random.Generator, runs: int, start: FloatArray | None = None
    ) -> Trajectories:
        """`runs` independent runs.

        `start`, of shape (d + m, runs), is the first iterate; by default it is random in M1.
        """
        (n, d), m = self.X.shape, self.network.m
        drawn = rng.integers(n, size=(self.steps, runs))
        z = self._start(rng, runs) if start is None else (start[:d].copy(), start[d:].copy())
        thetas = np.stack([self.network.initial(rng) for _ in range(runs)])
        W, V = np.empty((d, self.steps + 1, runs)), np.empty((m, self.steps + 1, runs))
        F = np.empty((n, m, self.steps, runs))
        for t in range(self.steps):
            W[:, t], V[:, t] = z
            if t == 0 or self.theta_step != FIXED:
                features = np.stack([self._features(theta) for theta in thetas], axis=-1)
            F[:, :, t] = features
            rows = drawn[t]
            x, f = self.X[rows].T, F[rows, :, t, np.arange(runs)].T
            moved, slope = self._moved(z, x, f, self.y[rows])
            thetas = self._moved_thetas(thetas, rows, z[1], slope, rng)
            z = moved
        W[:, -1], V[:, -1] = z
        return Trajectories(self, drawn, W, V, F)

    def _start(self, rng: np.random.Generator, runs: int) -> tuple[FloatArray, FloatArray]:
        d, m = self.X.shape[1], self.network.m
        w, v = rng.standard_normal((d, runs)), rng.standard_normal((m, runs))
        return self._projected(self.radius * w, self.radius * v)

    def _projected(self, w: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
        inside = self.region.project(Plain(w), Plain(v), self.radius * INNER)
        return inside[0].value, inside[1].value

    def _moved(
        self, z: tuple[FloatArray, FloatArray], x: FloatArray, f: FloatArray, y: FloatArray
    ) -> tuple[tuple[FloatArray, FloatArray], FloatArray]:
        """The next (w, v) of every run, and l' at its drawn sample."""
        w, v = z
        if self.residual:
            prediction, in_w, in_v = w[0] * (x[0] + v[0] * f[0]), x + v * f, w * f
        else:
            prediction, in_w, in_v = (w * x).sum(axis=0) + (v * f).sum(axis=0), x, f
        slope = self.loss.slope(Plain(prediction), Plain(y)).value
        pull = self.step * slope
        return self._projected(w - pull * in_w, v - pull * in_v), slope

    def _features(self, theta: FloatArray) -> FloatArray:
        return np.asarray(self._shortened(self.network.features(theta, self.X)))

    def _shortened(self, features: Any) -> Any:
        """Rows scaled to length `feature_radius` at most, whatever the rounding."""
        lengths = ((features**2).sum(axis=1) + 2.0**-1000) ** 0.5
        factor = lengths / (self.feature_radius * INNER)
        return (features.T / (factor * (factor > 1) + (factor <= 1))).T

    def _moved_thetas(
        self,
        thetas: FloatArray,
        rows: Any,
        v: FloatArray,
        slope: FloatArray,
        rng: np.random.Generator,
    ) -> FloatArray:
        if self.theta_step == FIXED:
            return thetas
        if self.theta_step == ARBITRARY:
            pulls = rng.standard_normal(thetas.shape)
        else:
            pulls = np.stack(
                [
                    s * self._pull(row)(theta, u)
                    for theta, row, u, s in zip(thetas, rows, v.T, slope, strict=True)
                ]
            )
        moved = thetas - self.step * np.where(np.isfinite(pulls), pulls, 0.0)
        lengths = np.sqrt((moved**2).sum(axis=1, keepdims=True))
        inside: FloatArray = moved / np.maximum(lengths / self.theta_radius, 1.0)
        return inside

    def _pull(self, row: int) -> Callable[..., FloatArray]:
        """(θ, v) -> ∇_θ vᵀf_θ(x) at one sample."""
        x = self.X[row : row + 1]

        def output(theta: Any, v: FloatArray) -> Any:
            return (self._shortened(self.network.features(theta, x)) * v).sum()

        gradient: Callable[..., FloatArray] = grad(output)
        return gradient


@dataclass(frozen=True, eq=False)
class Trajectories:
    """Recorded runs.

    Attributes
    ----------
    drawn
        The rows drawn, (T, N).
    W, V
        The iterates, (d, T + 1, N) and (m, T + 1, N).
    F
        Features of every sample at every step, (n, m, T, N).
    """

    problem: Sgd
    drawn: Any
    W: FloatArray
    V: FloatArray
    F: FloatArray

    def paths(self, w_star: FloatArray) -> RecordedPath:
        """The runs as a batch of recorded paths, to be compared with w*."""
        problem, runs = self.problem, np.arange(self.drawn.shape[1])
        steps = np.arange(problem.steps)[:, None]
        return unchecked(
            RecordedPath,
            X=np.moveaxis(problem.X[self.drawn], -1, 1),
            y=problem.y[self.drawn],
            F=np.moveaxis(self.F[self.drawn, :, steps, runs], -1, 1),
            w_star=w_star[:, None],
            radius=np.array([problem.radius * INNER]),
            region=problem.region,
            loss=problem.loss,
            W=np.swapaxes(self.W, 0, 1),
            V=np.swapaxes(self.V, 0, 1),
            step=np.array([problem.step]),
        )

    def experiment(self, w_star: FloatArray, odds: int, level_bits: int) -> Experiment:
        """The runs as one experiment, δ = 1/odds, level 2^-level_bits."""
        problem = self.problem
        arrays = {
            "X": problem.X,
            "y": problem.y,
            "w_star": w_star,
            "W": self.W[:, :-1],
            "V": self.V[:, :-1],
            "F": self.F,
            "residual": self._residuals(w_star),
            **{
                name: np.array(getattr(problem, name))
                for name in ("radius", "step", "c", "lipschitz", "feature_radius")
            },
        }
        return (ResidualExperiment if problem.residual else Experiment)(
            **{name: np.array(a, order="C") for name, a in arrays.items()},
            digest=np.array(checksum(arrays.values())),
            region=problem.region,
            loss=problem.loss,
            odds=odds,
            level_bits=level_bits,
        )

    def _residuals(self, w_star: FloatArray) -> FloatArray:
        """What rounding adds to each run's average, bounded from above; (N,)."""
        if self.problem.residual:
            return np.zeros(self.drawn.shape[1])
        at = map_arrays(self.paths(w_star), Bounded)
        with np.errstate(all="ignore"):
            share = at.residual / (2 * self.problem.steps * at.step)
        bound: FloatArray = share.upper
        return bound


def linear_comparator(problem: Sgd, iterations: int = 200) -> FloatArray:
    """A linear predictor in M1 with a small F_lin, (d,): projected gradient descent in floats.

    Any u in M1 makes a true statement; a better one makes it say more.
    """
    w, zero = np.zeros((problem.X.shape[1], 1)), np.zeros((problem.network.m, 1))
    for _ in range(iterations):
        slope = problem.loss.slope(Plain(problem.X @ w), Plain(problem.y[:, None])).value
        step = problem.radius / problem.lipschitz / np.sqrt(iterations)
        w, _ = problem._projected(w - step * (slope.T @ problem.X).T / len(problem.X), zero)
    return w[:, 0] * INNER
