"""A certificate: enclosed numbers, how each is known, and the verdict in words."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any, TypeVar

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.instances.fields import FloatArray
from checker.instances.notebook import shown_by
from checker.instances.rounding import apart, at_least, at_most, plus_minus

FLOAT_BOUND = "float-bound"
UNPROVED = "unproved"


def reach_of(u: FloatArray) -> float:
    """Radius of the ball in which a linear predictor is compared with others: twice its norm.

    The greatest float where that is none: the best predictor for an affine loss has no limit.
    """
    reach = 2.0 * math.hypot(*u.flat)
    return reach if math.isfinite(reach) else sys.float_info.max


@dataclass(frozen=True)
class Enclosed:
    """A number known as value ± radius.

    Attributes
    ----------
    value, radius
        The exact number is within `radius` of `value`; infinite or NaN where nothing is known.
    guarantee
        How that is known: "float-bound", "ball(p bits)", "exact", or "unproved", when it rests on
        features that are not taken as given, or on nothing.
    """

    value: float
    radius: float
    guarantee: str = FLOAT_BOUND

    @classmethod
    def of(cls, x: Bounded) -> Enclosed:
        """A Bounded number of a batch of one."""
        value, radius = float(x.value[0]), float(np.broadcast_to(x.radius, x.value.shape)[0])
        known = bool(np.isfinite(value) and np.isfinite(radius))
        guarantee = FLOAT_BOUND if known else UNPROVED
        return cls(value, radius, "exact" if x.error is None and known else guarantee)

    @property
    def lower(self) -> float:
        """A bound from below; -inf where nothing is known."""
        low = self.value - self.radius if self.radius else self.value
        return (
            float(np.nextafter(low, -np.inf)) if self.radius and np.isfinite(low) else _or(low, -1)
        )

    @property
    def upper(self) -> float:
        """A bound from above; inf where nothing is known."""
        high = self.value + self.radius if self.radius else self.value
        return (
            float(np.nextafter(high, np.inf)) if self.radius and np.isfinite(high) else _or(high, 1)
        )

    def __str__(self) -> str:
        if np.isfinite(self.radius):
            return plus_minus(self.value, self.radius)
        beyond = "beyond the range of float64"
        return beyond if np.isinf(self.value) and self.guarantee != UNPROVED else "unknown"


def _or(x: float, sign: int) -> float:
    return x if np.isfinite(x) else sign * float("inf")


class Verdict(Enum):
    """What is proved of the point; the value is the sentence that the reader sees."""

    NOT_A_MINIMUM = "cannot be a local minimum: it is worse than a linear predictor"
    NO_WORSE = "no worse than linear"
    WORSE = "worse than a linear predictor, which excludes no local minimum here"
    LEVEL = "level with linear, up to the error bounds"
    UNDECIDED = "nothing is decided: a number is beyond the range of float64"


@dataclass(frozen=True, eq=False)
class Escape:
    """A lower point nearby.

    Attributes
    ----------
    along
        The direction, in words.
    F_before, F_after
        F at the point and at the lower one.
    w, V
        The lower point, (d,) and (d, m); V is (0, 1) if there is no unit.
    bias
        The output bias there, (1,), or (K, 1) for K outputs; empty if the model has none.
    """

    along: str
    F_before: Enclosed
    F_after: Enclosed
    w: FloatArray = field(repr=False)
    V: FloatArray = field(repr=False)
    bias: FloatArray = field(repr=False)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The point against one linear predictor u.

    Attributes
    ----------
    name
        Which one.
    u
        The linear predictor, (d,); with an output bias (d+1,), the last entry being its bias.
    F_lin
        F_lin(u).
    gap
        F(w, V, θ) - F_lin(u); negative where the network is better.
    gradient
        ||∇F_lin(u)||.
    duality_gap
        F_lin(u) is at most this far above the least value of F_lin on the ball ||v|| <= ball.
    ball
        2 ||u||.
    bounds
        Theorem -> bound on `gap`, or the reason why there is none.
    """

    name: str
    u: FloatArray = field(repr=False)
    F_lin: Enclosed
    gap: Enclosed
    gradient: Enclosed
    duality_gap: Enclosed
    ball: float
    bounds: dict[str, Enclosed | str]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Findings:
    """What is said of every network, whatever its number of outputs.

    Attributes
    ----------
    verdict
        The proved verdict.
    n, d, m, loss
        Sizes and the loss's name.
    F, F_at_zero
        F at the point, and that of the predictor 0.
    gradient
        ||∇F_θ|| at the point.
    least_eigenvalue
        λ_min(∇²F_θ) there.
    best
        The comparison with the best linear predictor known.
    minimised
        The one with the predictor that minimises F_lin plus the sharp bound.
    others
        Comparisons with the other linear predictors.
    escape
        A lower point, if one was found and proved.
    passes
        How often the data were read.
    bias
        Whether the model has an output bias.
    ridge
        Weight decay r: F is the mean loss plus r/2 times the sum of the squares of all parameters.
    said
        What the loss that the caller has named is in terms of F, in words; empty if it is F.
    """

    verdict: Verdict
    n: int
    d: int
    m: int
    loss: str
    F: Enclosed
    F_at_zero: Enclosed
    gradient: Enclosed
    least_eigenvalue: Enclosed
    best: Comparison
    minimised: Comparison
    others: tuple[Comparison, ...]
    escape: Escape | None
    passes: int
    bias: bool = False
    ridge: float = 0.0
    said: str = ""

    def __repr__(self) -> str:
        return f"<certificate {self.verdict.name}: {self.sentence}>"

    def _repr_html_(self) -> str:
        return shown_by("checker.certification.output.page", "certificate_html", self)

    @property
    def alone(self) -> bool:
        """Whether the point is an output layer alone, without a residual unit."""
        return self.m == 0

    @property
    def star(self) -> str:
        """The symbol of the best linear predictor."""
        return "w*"

    @property
    def why(self) -> str:
        """What proves that the point is no local minimum if F > F_lin(w*), or why nothing does."""
        if self.alone:
            return "the objective is convex in the output layer"
        if not self._excludes and self.least_eigenvalue.upper < 0:
            return "λ_min(∇²F_θ) < 0"
        if self.ridge:
            return "Corollary 1 is not proved with weight decay"
        return self._theorem

    @property
    def _theorem(self) -> str:
        return "Corollary 1"

    def judged(self, verdict: Verdict) -> Verdict:
        """What is proved if the sign of the gap says `verdict`."""
        excluded = self.alone or self._excludes or self.least_eigenvalue.upper < 0
        if verdict is Verdict.NOT_A_MINIMUM and not excluded:
            return Verdict.WORSE
        return verdict

    @property
    def _excludes(self) -> bool:
        """Whether F > F_lin(w*) excludes a minimum, of a network with a unit."""
        return not self.ridge

    @property
    def sentence(self) -> str:
        """The verdict in words, with its numbers."""
        return verdict_text(self)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Certificate(Findings):
    """What the theorems say of a network at a point (w, V, θ).

    Attributes
    ----------
    gradient_w, gradient_V
        The norms of the parts ∂F/∂w and ∂F/∂V of the gradient.
    w_norm, V_norm
        ||w|| and ||V||.
    """

    gradient_w: Enclosed
    gradient_V: Enclosed
    w_norm: Enclosed
    V_norm: Enclosed

    @property
    def w_star(self) -> FloatArray:
        """The best linear predictor that was found, (d,)."""
        return self.best.u


def verdict_of(gap: Enclosed) -> Verdict:
    """The verdict from F - F_lin(w*) at the best linear predictor.

    A positive gap rules out a local minimum: Corollary 1, which needs neither a small gradient nor
    a least eigenvalue.
    """
    if gap.lower > 0:
        return Verdict.NOT_A_MINIMUM
    if gap.upper <= 0:
        return Verdict.NO_WORSE
    return Verdict.LEVEL if np.isfinite(gap.radius) else Verdict.UNDECIDED


C = TypeVar("C", bound=Findings)


def unproved(c: C) -> C:
    """The same numbers for features that are not taken as given: nothing is proved of them."""

    def marked(x: Any) -> Any:
        if isinstance(x, Enclosed):
            return replace(x, guarantee=UNPROVED)
        if isinstance(x, tuple):
            return tuple(marked(value) for value in x)
        if isinstance(x, dict):
            return {name: marked(value) for name, value in x.items()}
        if isinstance(x, Findings | Comparison | Escape):
            return replace(x, **{f.name: marked(getattr(x, f.name)) for f in fields(x)})
        return x

    result: C = marked(c)
    return result


def verdict_text(c: Findings) -> str:
    """The verdict in words; every number is rounded to the side on which the words stay true."""
    gap, unproved = c.best.gap, "" if c.F.guarantee != UNPROVED else " (unproved)"
    rival = "the best output layer found" if c.alone else "linear"
    if c.verdict is Verdict.NO_WORSE:
        margin = f"at least {at_least(-gap.upper)} below" if gap.upper < 0 else "not above"
        return f"no worse than {rival}: {margin} F_lin({c.star}){unproved}; {_optimum_text(c)}"
    within = f"within {at_most(gap.upper)} of {rival}"
    if not math.isfinite(gap.upper):
        within = "by how much is not known"
    if c.verdict is Verdict.NOT_A_MINIMUM:
        return f"cannot be a local minimum{unproved}: {_fall_text(c)}; {within}"
    if c.verdict is Verdict.WORSE:
        return f"worse than {rival}{unproved}, {within}; that excludes no minimum: {c.why}"
    if c.verdict is Verdict.LEVEL:
        return f"within {at_most(max(abs(gap.upper), abs(gap.lower)), 3)} of {rival}{unproved}"
    return str(c.verdict.value)


def _optimum_text(c: Findings) -> str:
    """How much better than w* a linear predictor can be."""
    best = c.best
    off, ball = best.duality_gap.upper, f"every u with ||u|| <= {at_least(best.ball, 3)}"
    if off < -best.gap.upper:
        return f"below {ball}, too"
    if not np.isfinite(off):
        return f"{c.star} may be far from best"
    return f"{c.star} is at most {at_most(off, 3)} above {ball}"


def _fall_text(c: Findings) -> str:
    if c.escape is None:
        return f"F > F_lin({c.star}) ({c.why})"
    after, before = apart(c.escape.F_after.upper, c.escape.F_before.lower)
    return f"along {c.escape.along} the objective falls from at least {before} to at most {after}"
