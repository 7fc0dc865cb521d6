"""What a census says of a point: value, gradient, curvature, kind and level, decided again.

Everything is computed at the point's numbers. Minima are found anew by Newton's method at the
precision of the caller, so that the value of a proved minimum is known to hundreds of digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import arb

from soundness.algebra import (
    Matrix,
    Vector,
    dot,
    least_eigenvalue,
    norm,
    outer,
    plus,
    solved,
    square,
)
from soundness.papers.curvature_bounds import LinearFit, distinct_columns
from soundness.papers.jets import Jet, jet_dot
from soundness.papers.sample import SampleLoss, UnitPoint, weights_of
from soundness.plain import Given
from soundness.reals import Real, number, numbers

Bounds = tuple[float, float]

# Newton steps: from where an optimiser ended, each doubles the digits.
_STEPS = 12


@dataclass(frozen=True)
class Told:
    """What is said of a point, as plain numbers; bounds are (low, high)."""

    kind: str
    level: str
    value: Bounds
    gradient: Bounds
    curvature: Bounds
    whole: dict[str, Bounds]
    minimum: tuple[float, float, float] | None  # low, high, radius
    linear: Bounds


@dataclass
class Seen:
    """How much was checked, and what is wrong."""

    points: int = 0
    enclosures: int = 0
    minima: int = 0
    open: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        self.points += other.points
        self.enclosures += other.enclosures
        self.minima += other.minima
        self.open += other.open
        self.wrong += other.wrong

    def within(self, name: str, true: Real, bounds: Bounds) -> None:
        low, high = bounds
        self.enclosures += 1
        if (low > -float("inf") and (true - low).enclosed < 0) or (
            high < float("inf") and (true - high).enclosed > 0
        ):
            self.wrong.append(f"{name} = {true.enclosed.str(25)} is not in {bounds}")


def newton(
    gradient: Callable[[Vector], Vector], hessian: Callable[[Vector], Matrix], start: Vector
) -> tuple[Vector, Real] | None:
    """A critical point near a start, with the length of the gradient there; None where the
    iteration does not settle, or the Hessian is not positive definite at its end.
    """
    z = start
    for _ in range(_STEPS):
        slope = gradient(z)
        try:
            step = solved(hessian(z), [[x] for x in slope])
        except ZeroDivisionError:
            return None
        z = [_middle(x - s[0]) for x, s in zip(z, step, strict=True)]
    left = norm(gradient(z))
    definite = least_eigenvalue(hessian(z)).enclosed > 0
    small = left.enclosed < arb(10) ** -60 * (1 + norm(z).enclosed)
    return (z, left) if definite and small else None


def _middle(x: Real) -> Real:
    return Real(ball=x.enclosed.mid())


class _Unit:
    """F(w, V) + (λ/2)(||w||² + ||V||²) at fixed features."""

    def __init__(self, given: Given, ridge: float) -> None:
        self.given, self.ridge = given, number(ridge)
        self.d, self.m = len(given.w), len(given.V[0])

    def at(self, z: Vector) -> UnitPoint:
        rows = [z[self.d + i * self.m : self.d + (i + 1) * self.m] for i in range(self.d)]
        return UnitPoint(self.given, w=z[: self.d], V=rows, w_star=z[: self.d])

    @property
    def start(self) -> Vector:
        return [*self.given.w, *(x for row in self.given.V for x in row)]

    def value(self, z: Vector) -> Real:
        return self.at(z).F + self.ridge * square(z) / 2

    def gradient(self, z: Vector) -> Vector:
        at = self.at(z)
        flat = [*at.g, *(x for row in outer(at.w, at.b) for x in row)]
        return plus(flat, z, self.ridge)

    def hessian(self, z: Vector) -> Matrix:
        found = self.at(z).hessian
        for i, row in enumerate(found):
            row[i] = row[i] + self.ridge
        return found


def linear_level(given: Given, ridge: float) -> Real | None:
    """min F_lin(u) + (λ/2)||u||² over u; None where none is found."""
    weights = weights_of(given, len(given.X))
    rows, c = distinct_columns(given.inputs, [number(0)] * len(given.w))
    fit = LinearFit(given.loss, rows, given.y, weights, ridge)
    found = newton(fit.gradient, fit.hessian, c)
    return None if found is None else fit.value(found[0])


def examined(given: Given, told: Told, ridge: float, skip: bool) -> Seen:
    """A point; `given.inputs` are the inputs of the linear predictor, `given.X` those of the
    skip connection, 0 without one.
    """
    seen, unit = Seen(points=1), _Unit(given, ridge)
    z = unit.start
    slope, least = norm(unit.gradient(z)), least_eigenvalue(unit.hessian(z))
    seen.within("gradient", slope, told.gradient)
    seen.within("curvature", least, told.curvature)
    value: Real | None = unit.value(z)
    if told.minimum is not None:
        value = _minimum(seen, given, unit, told, skip)
    if value is None:
        seen.open += 1
        return seen
    seen.within("value", value, told.value)
    _level(seen, given, told, value, ridge)
    if told.kind == "DIVERGING":
        _diverging(seen, given, unit, skip)
    if told.kind == "SADDLE" and told.curvature[1] < 0 and not least.enclosed < 0:
        seen.wrong.append(f"SADDLE, but λ_min = {least.enclosed.str(20)}")
    return seen


def _convex(given: Given, unit: _Unit, skip: bool) -> tuple[Any, Vector]:
    """The function that the point is a minimum of, if it is one, and the point's place in it."""
    if unit.ridge.sign:
        return unit, unit.start
    rows = [[*(x if skip else []), *f] for x, f in zip(given.X, given.Z, strict=True)]
    columns = [[row[j] for row in given.V] for j in range(unit.m)]
    own = [*(given.w if skip else []), *(dot(given.w, column) for column in columns)]
    kept, start = distinct_columns(rows, own)
    return LinearFit(given.loss, kept, given.y, weights_of(given, len(rows))), start


def _minimum(seen: Seen, given: Given, unit: _Unit, told: Told, skip: bool) -> Real | None:
    """The value of the minimum near the point, found again in the coordinates of its proof."""
    assert told.minimum is not None
    fit, start = _convex(given, unit, skip)
    found = newton(fit.gradient, fit.hessian, start)
    if found is None:
        return None
    seen.minima += 1
    low, high, radius = told.minimum
    value: Real = fit.value(found[0])
    seen.within("value of the minimum", value, (low, high))
    distance = norm([a - b for a, b in zip(found[0], start, strict=True)])
    seen.within("distance of the minimum", distance, (0.0, radius))
    return value


def _diverging(seen: Seen, given: Given, unit: _Unit, skip: bool) -> None:
    """A convex function that has a minimiser does not fall for ever."""
    fit, start = _convex(given, unit, skip)
    if not unit.ridge.sign and newton(fit.gradient, fit.hessian, start) is not None:
        seen.wrong.append("DIVERGING, but the least value is attained")


def _level(seen: Seen, given: Given, told: Told, value: Real, ridge: float) -> None:
    level = linear_level(given, ridge)
    if level is None:
        seen.open += 1
        return
    seen.within("linear level", level, told.linear)
    apart = (value - level).enclosed
    if (told.level == "ABOVE" and not apart > 0) or (told.level == "BELOW" and apart > 0):
        seen.wrong.append(f"{told.level}, but it is {apart.str(15)} above the linear level")


# -- over all parameters --------------------------------------------------------------------------


def whole(given: Given, theta: Sequence[float], width: int, told: Told, ridge: float) -> Seen:
    """∇F and λ_min(∇²F) over (w, V, θ) for f(x) = B tanh(A x + a) + b with θ = (A, a, B, b)."""
    seen = Seen()
    parameters = [*_Unit(given, ridge).start, *numbers(list(theta))]
    size, first = len(parameters), []
    H: Matrix = [[number(0)] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            risk = _risk(given, [
                Jet(x, number(int(k == i)), number(int(k == j)))
                for k, x in enumerate(parameters)
            ], width, ridge)  # fmt: skip
            H[i][j] = H[j][i] = risk.d
        first.append(risk.b)
    own = len(parameters) - len(theta)
    seen.within("gradient in θ", norm(first[own:]), told.whole["gradient_theta"])
    seen.within("whole gradient", norm(first), told.whole["gradient"])
    least = least_eigenvalue(H)
    # What is told is the curvature along some direction: an upper bound on λ_min.
    seen.within("least curvature of all", least, (-float("inf"), told.whole["curvature"][1]))
    if told.kind == "SADDLE_IN_THETA" and not least.enclosed < 0:
        seen.wrong.append(f"SADDLE_IN_THETA, but λ_min = {least.enclosed.str(20)}")
    return seen


def _risk(given: Given, z: list[Jet], width: int, ridge: float) -> Jet:
    d, m = len(given.w), len(given.V[0])
    w, V = z[:d], [z[d + i * m : d + (i + 1) * m] for i in range(d)]
    theta = z[d + d * m :]
    A, rest = [theta[i * d : (i + 1) * d] for i in range(width)], theta[width * d :]
    a, rest = rest[:width], rest[width:]
    B, b = [rest[i * width : (i + 1) * width] for i in range(m)], rest[m * width :]
    found: Any = Jet(number(0))
    pairs = zip(given.inputs, given.X, given.y, weights_of(given, len(given.y)), strict=True)
    for x, direct, y, weight in pairs:
        hidden = [_tanh(jet_dot(x, row) + bias) for row, bias in zip(A, a, strict=True)]
        f = [jet_dot(hidden, row) + bias for row, bias in zip(B, b, strict=True)]
        unit = [jet_dot(f, row) + s for row, s in zip(V, direct, strict=True)]
        p, loss = jet_dot(unit, w), SampleLoss(given.loss, y)
        found = found + p.through((loss.value(p.a), loss.slope(p.a), loss.curvature(p.a))) * weight
    squares: Any = Jet(number(0))
    for x in z[: d + d * m]:
        squares = squares + x * x
    return found + squares * (number(ridge) / 2)


def _tanh(x: Jet) -> Jet:
    t = Real(ball=x.a.enclosed.tanh())
    slope = 1 - t * t
    return x.through((t, slope, -2 * t * slope))
