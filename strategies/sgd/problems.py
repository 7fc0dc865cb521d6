"""Problems and algorithms of Theorem 4 of Shamir (2018), and those that break its assumptions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, numbers_of, with_fields
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES, PseudoHuber
from checker.landscape.networks.base import Block, Network, make_network
from checker.landscape.sgd.online import REGIONS, Disc, Region
from checker.landscape.sgd.projected import ARBITRARY, AUTOGRAD, FIXED, Sgd, linear_comparator

# Factors c of the step c b/(L√T), powers of two.
FACTORS = (2.0, 1.0, 4.0)
# Experiments of so many runs; a run fails with probability 1/8 at most, the level is 2^-30.
RUNS, ODDS, LEVEL_BITS = 16, 8, 30
EXPERIMENTS = 48

LIPSCHITZ: tuple[Loss, ...] = tuple(loss for loss in LOSSES.values() if loss.lipschitz is not None)
NETWORKS = ("mlp_tanh", "mlp_relu", "fourier", "linear", "constant")
KINKED_NETWORKS = ("mlp_step", "mlp_relu", "maxpool")


@dataclass(frozen=True, eq=False)
class ProblemDraw:
    """What a random problem is made of; `made` draws its sample."""

    n: int
    d: int
    m: int
    loss: Loss
    network: str
    region: Region
    steps: int
    theta_step: str
    c: float

    def made(self, rng: np.random.Generator) -> Sgd:
        """A problem with the step of Theorem 4, exactly: L is short in binary, √T a power of 2."""
        X = rng.standard_normal((self.n, self.d))
        slope = self.loss.lipschitz or math.inf
        L = short_above(slope * float(np.sqrt((X**2).sum(axis=1).max() + 1.0)))
        radius, step = radius_and_step(L, self.steps, float(2.0 ** rng.integers(0, 3)))
        return Sgd(
            X=X,
            y=self.loss.labels.draw(rng, (self.n,)),
            loss=self.loss,
            network=make_network(self.network, self.d, self.m),
            region=self.region,
            radius=radius,
            lipschitz=L,
            step=self.c / 2 * step * self.region.reach(self.d, self.m),
            steps=self.steps,
            c=self.c,
            theta_step=self.theta_step,
        )

    @property
    def description(self) -> str:
        """One line for the evidence."""
        shape = f"n={self.n} d={self.d} m={self.m} T={self.steps} c={self.c:g}"
        parts = (self.loss.name, self.network, self.region.kind, f"θ by {self.theta_step}")
        return ", ".join((shape, *parts))


def short_above(x: float) -> float:
    """A float of 10 bits that is at least x (1 + 2^-20)."""
    unit = 2.0 ** (math.frexp(x)[1] - 10)
    return math.ceil(x * (1 + 2.0**-20) / unit) * unit


def radius_and_step(L: float, steps: int, size: float) -> tuple[float, float]:
    """(s L √T / 2, s) for the power of two s that brings the first near `size`.

    With b = reach · radius, the step 2 b / (L √T) is reach · s: all of these are exact.
    """
    half = L * math.sqrt(steps) / 2
    s = 2.0 ** round(math.log2(size / half))
    return s * half, s


@st.composite
def sgd_problems(draw: st.DrawFn, theta_step: str, steps: tuple[int, ...]) -> ProblemDraw:
    """Problems of at most 4 samples, 2 inputs and 2 features."""
    networks = NETWORKS if theta_step == AUTOGRAD else KINKED_NETWORKS
    return ProblemDraw(
        n=draw(st.integers(1, 4)),
        d=draw(st.integers(1, 2)),
        m=draw(st.integers(1, 2)),
        loss=draw(st.sampled_from(LIPSCHITZ)),
        network=draw(st.sampled_from(networks)),
        region=draw(st.sampled_from(REGIONS)),
        steps=draw(st.sampled_from(steps)),
        theta_step=theta_step,
        c=draw(st.sampled_from(FACTORS)),
    )


# -- experiments --------------------------------------------------------------------------------

Start = Callable[[Sgd, int, np.random.Generator], FloatArray | None]


@dataclass(frozen=True, eq=False)
class ExperimentStructure:
    """Experiments with one problem each; every experiment draws its own sample and runs."""

    made: Callable[[np.random.Generator], Sgd]
    stratum: str
    description: str
    start: Start = lambda problem, runs, rng: None
    comparator: Callable[[Sgd], FloatArray] = linear_comparator

    max_batch = 2

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` experiments over one sample."""
        problem = self.made(rng)
        w_star = self.comparator(problem)
        found = []
        for _ in range(size):
            trajectories = problem.run(rng, RUNS, self.start(problem, RUNS, rng))
            found.append(trajectories.experiment(w_star, ODDS, LEVEL_BITS))
        stacked = {
            name: np.stack([numbers_of(x)[name] for x in found], axis=-1)
            for name in numbers_of(found[0])
        }
        return Batch(with_fields(found[0], **stacked), size, self.stratum, self.description)


def _experiments(theta_step: str) -> st.SearchStrategy[Any]:
    name = f"θ moved by {theta_step}"
    # A θ-gradient costs a hundred times as much as a random vector.
    steps = (16,) if theta_step == AUTOGRAD else (16, 64)
    return sgd_problems(theta_step, steps).map(
        lambda p: ExperimentStructure(p.made, name, p.description)
    )


# -- one sample: steps of either extreme, and what breaks an assumption ----------------------------


@dataclass(frozen=True)
class Ones(Network):
    """f(x) = 1, whatever θ is."""

    kind: ClassVar[str] = "ones"

    @property
    def layout(self) -> tuple[Block, ...]:
        """One parameter without effect."""
        return (Block((1,), 1),)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        return np.ones((len(X), self.m))


def _scalar(loss: Loss, y: float, T: int, size: float, feature: float, **further: Any) -> Sgd:
    """One sample x = 1 with label y, one feature of length `feature`, a disc."""
    L = further.pop("lipschitz", None) or short_above(
        (loss.lipschitz or math.inf) * math.hypot(1.0, feature)
    )
    radius, step = radius_and_step(L, T, size)
    return Sgd(
        X=np.ones((1, 1)),
        y=np.array([y]),
        loss=loss,
        network=Ones(1, 1),
        region=Disc(),
        radius=radius,
        lipschitz=L,
        step=step,
        steps=T,
        theta_step=FIXED,
        feature_radius=feature,
        **further,
    )


def _near(w: float, v: float) -> Start:
    """Starts within 2^-6 of (w, v) times the radius."""

    def start(problem: Sgd, runs: int, rng: np.random.Generator) -> FloatArray:
        noise = rng.uniform(-1, 1, (2, runs)) / 64
        return problem.radius * (np.array([[w], [v]]) + noise)

    return start


def _either_end(share: float) -> Start:
    """The left end for this share of the runs, the right end for the others."""

    def start(problem: Sgd, runs: int, rng: np.random.Generator) -> FloatArray:
        side = np.where(rng.random(runs) < share, -0.98, 0.98)
        noise = rng.uniform(-1, 1, (2, runs)) / 64
        return problem.radius * (np.array([side, 0 * side]) + noise)

    return start


def _constant_step(rng: np.random.Generator) -> Sgd:
    """|p| in a disc of radius about 1, steps of twice the start: w jumps from 1/2 to -1/2."""
    problem = _scalar(PseudoHuber(delta=2.0**-10), 0.0, 256, 1.0, 2.0**-10)
    return replace(problem, step=problem.radius / problem.lipschitz)


def _tiny_step(rng: np.random.Generator) -> Sgd:
    """log(1 + exp(-p)) from p = -b: T steps of b/(L T) end at 0 at best."""
    problem = _scalar(LOSSES["logistic"], 1.0, 256, 16.0, 2.0**-10)
    return replace(problem, step=problem.radius / (problem.lipschitz * problem.steps))


def _large_factor(rng: np.random.Generator) -> Sgd:
    """The constant step b/L is the case c = √T."""
    problem = _constant_step(rng)
    return replace(problem, c=math.sqrt(problem.steps))


def _small_factor(rng: np.random.Generator) -> Sgd:
    """c = 2/√T: T steps from p = -b end at b at best."""
    problem = _tiny_step(rng)
    return replace(problem, step=2 * problem.step, c=2 / math.sqrt(problem.steps))


def _residual(rng: np.random.Generator) -> Sgd:
    """|p - 16| with p = w(1 + v), in a disc of radius 1.5: from v < -1, w < 0, p stays small."""
    L = 3.0  # at least ||(1 + v, w)||; then the radius is 1.5
    return _scalar(PseudoHuber(), 16.0, 1024, 1.5, 1.0, residual=True, lipschitz=L)


def _far_target(rng: np.random.Generator) -> Sgd:
    """|p - 64| in a disc of radius about 1; u = 64 lies outside."""
    return _scalar(PseudoHuber(), 64.0, 16, 1.0, 1.0)


def _only(
    name: str,
    made: Callable[[np.random.Generator], Sgd],
    **further: Any,
) -> st.SearchStrategy[Any]:
    text = (made.__doc__ or "").partition("\n")[0]
    return st.just(ExperimentStructure(made, name, text, **further))


@cache
def experiments() -> Domain:
    """Experiments as Theorem 4 prescribes them, with θ-gradients or arbitrary vectors."""
    strata = {f"θ moved by {how}": _experiments(how) for how in (AUTOGRAD, ARBITRARY)}
    strata |= {
        "c = √T": _only("c = √T", _large_factor, start=_near(0.5, 0.0)),
        "c = 2/√T": _only("c = 2/√T", _small_factor, start=_near(-0.98, 0.0)),
    }
    strata |= {_ENDS: _only(_ENDS, _small_factor, start=_either_end(3 / ODDS))}
    return Domain(instances=st.nothing(), strata=strata, cases=EXPERIMENTS)


# Three times as many runs as may fail start at the left end: from there the way is longest.
_ENDS = "c = 2/√T, from either end"


def _broken(
    name: str,
    made: Callable[[np.random.Generator], Sgd],
    cases: int = EXPERIMENTS,
    **further: Any,
) -> Domain:
    strata = {name: _only(name, made, **further)}
    return Domain(instances=st.nothing(), strata=strata, cases=cases)


@cache
def experiments_with(change: str) -> Domain:
    """Experiments in which one thing is not as Theorem 4 has it."""
    return {
        "constant step": lambda: _broken("constant step", _constant_step, start=_near(0.5, 0.0)),
        "tiny step": lambda: _broken("tiny step", _tiny_step, start=_near(-0.98, 0.0)),
        "residual network": lambda: _broken(
            "residual network", _residual, start=_near(-0.45, -0.85)
        ),
        "far comparator": lambda: _broken(
            "far comparator", _far_target, comparator=lambda _: np.array([64.0])
        ),
        "either end": lambda: _broken(
            _ENDS, _small_factor, cases=EXPERIMENTS // 2, start=_either_end(3 / ODDS)
        ),
    }[change]()
