"""What `certify` says of a network, decided again: every number, bound, verdict and sentence.

The certificate comes as plain numbers, too (`Stated`); nothing of how it was made is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from soundness.algebra import (
    dot,
    inner,
    least_eigenvalue,
    minus,
    norm,
    outer,
    product,
    spectral_norm,
    square,
    times,
    turned,
    zeros,
)
from soundness.numbers import Undecided
from soundness.papers.sample import UnitPoint
from soundness.papers.sentence import Facts, untrue
from soundness.papers.shamir import descent_at_zero, greatest_eigenvalue
from soundness.papers.vector_sample import VectorUnit
from soundness.plain import Given
from soundness.reals import Real, number, numbers

Known = tuple[float, float]


@dataclass(frozen=True)
class Compared:
    """One comparator u as the certificate has it: numbers as (value, radius)."""

    u: list[Any]
    ball: float
    known: Mapping[str, Known]
    bounds: Mapping[str, Known]


@dataclass(frozen=True)
class Stated:
    """A certificate as plain numbers; the first comparison is the best one."""

    verdict: str
    sentence: str
    known: Mapping[str, Known]
    compared: list[Compared]
    escape: tuple[list[Any], list[Any], Known, Known] | None


@dataclass
class Examined:
    """How much of certificates was checked, and what is wrong; `open`: numbers beyond a reference's
    range.
    """

    enclosures: int = 0
    bounds: int = 0
    sentences: int = 0
    open: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Examined) -> None:
        self.enclosures += other.enclosures
        self.bounds += other.bounds
        self.sentences += other.sentences
        self.open += other.open
        self.wrong += other.wrong

    def enclosed(self, name: str, true: Real, known: Known) -> None:
        """Whether the number is within its radius."""
        value, radius = map(Fraction, known) if _finite(known) else (None, None)
        if value is None or radius is None:
            return
        self.enclosures += 1
        if (abs(true - value) - radius).enclosed > 0:
            self.wrong.append(f"{name} = {true.enclosed.str(25)} is not in {known}")

    def at_most(self, what: str, x: Real, bound: Real | Fraction | float) -> None:
        """Whether x <= bound: only a proof of the contrary is a mistake, and equality none."""
        if (x - bound).enclosed > 0:
            excess = (x - bound).enclosed.str(8)
            self.wrong.append(f"{what}: {x.enclosed.str(25)} exceeds it by {excess}")


def _finite(known: Known) -> bool:
    return all(abs(x) < float("inf") for x in known)


class Linear:
    """F_lin at a comparator and its slope there, for one output or several."""

    def __init__(self, given: Given, u: list[Any]) -> None:
        self.u = numbers(u)
        if isinstance(self.u[0], list):
            still = zeros(len(given.V), len(given.V[0]))
            at = VectorUnit(given.replaced(W_star=self.u), W=self.u, V=still)
            self.slope: Any = at.through(at.P, given.X)
            self.value = at.F
        else:
            still = zeros(len(given.V), len(given.V[0]))
            unit = UnitPoint(given, w=self.u, V=still, w_star=self.u)
            self.slope, self.value = unit.a, unit.F

    def above(self, ball: Real) -> Real:
        """F_lin(u) - F_lin(v) is at most this for ||v|| <= ball, by convexity."""
        return inner(self.slope, self.u) + ball * norm(self.slope)


class _Network:
    """The point, whatever its number of outputs: what a certificate of it should say."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.vector = "W" in given.fields
        self.point: Any
        if self.vector:
            K, d = len(given.W), len(given.W[0])
            self.point = VectorUnit(given.replaced(W_star=zeros(K, d)))
        else:
            self.point = UnitPoint(given, w_star=given.w)

    def numbers(self) -> Iterator[tuple[str, Callable[[], Real]]]:
        """Name and value of what is the same for all comparators."""
        at, given = self.point, self.given
        yield "F", lambda: at.F
        yield "F_at_zero", lambda: Linear(given, _nothing(given)).value
        yield "gradient", lambda: at.gradient_norm
        yield "V_norm", lambda: spectral_norm(at.V)
        if self.vector:
            yield "gradient_W", lambda: norm(at.G)
            yield "gradient_V", lambda: norm(at.gradient_V)
            yield "W_norm", lambda: norm(at.W)
            yield "sigma_min", lambda: _root(least_eigenvalue(at.rows_gram))
            yield "least_eigenvalue", lambda: least_eigenvalue(at.hessian)
        else:
            yield "gradient_w", lambda: norm(at.g)
            yield "gradient_V", lambda: norm(outer(at.w, at.b))
            yield "w_norm", lambda: norm(at.w)
            yield "least_eigenvalue", lambda: least_eigenvalue(at.hessian)

    def gap(self, u: Any) -> Real:
        if self.vector:
            return VectorUnit(self.given.replaced(W_star=numbers(u))).gap
        return UnitPoint(self.given, w_star=numbers(u)).gap

    def bounds(self, u: Any) -> Iterator[tuple[str, Real]]:
        """The bounds on the gap, by the names that the certificate uses."""
        star = numbers(u)
        yield from self._vector_bounds(star) if self.vector else self._bounds(star)

    def _bounds(self, star: Any) -> Iterator[tuple[str, Real]]:
        at = self.point
        lifted = times(turned(at.V), star)
        yield "Lemma 1", dot(at.w, at.g) - dot(star, at.a)
        if any(x.sign for x in at.w):
            ratio = spectral_norm(at.V) ** 2 / square(at.w)
            size = 2 * square(at.w) + square(star) * (2 + ratio)
            sharp = square(minus(at.w, star)) + square(lifted) / square(at.w)
            yield "Theorem 1", at.gradient_norm * size.sqrt()
            yield "Theorem 1, sharp form", at.gradient_norm * sharp.sqrt()
            if len(at.w) > 1:
                least = abs(least_eigenvalue(at.hessian))
                curved = (least * greatest_eigenvalue(at.block) + least * least).sqrt()
                along = norm(minus(at.w, star)) * at.gradient_norm
                yield "Theorem 2", along + norm(star) * spectral_norm(at.V) * curved
                yield "Theorem 2, sharp form", along + norm(lifted) * norm(at.b)
        else:
            _, least = descent_at_zero(at)
            curved = (least * greatest_eigenvalue(at.block) + least * least).sqrt()
            printed = at.gradient_norm + spectral_norm(at.V) * curved
            yield "Theorem 2", norm(star) * printed
            sharp = norm(star) * at.gradient_norm + norm(lifted) * norm(at.b)
            yield "Theorem 2, sharp form", sharp

    def _vector_bounds(self, star: Any) -> Iterator[tuple[str, Real]]:
        at = self.point
        yield "Appendix B, Lemma 1", inner(at.W, at.G) - inner(star, at.through(at.P, at.at.X))
        if len(at.W) <= len(at.W[0]):
            least = least_eigenvalue(at.rows_gram)
            if least.enclosed > 0:
                ratio = spectral_norm(at.V) ** 2 / least
                size = 2 * square(at.W) + square(star) * (2 + ratio)
                sharp = square(minus(at.W, star)) + square(at.lifted(product(star, at.V)))
                yield "Appendix B, Theorem 1", at.gradient_norm * size.sqrt()
                yield "Appendix B, Theorem 1, sharp form", at.gradient_norm * sharp.sqrt()


def _root(x: Real) -> Real:
    return Real(ball=x.enclosed.nonnegative_part()).sqrt()


def _nothing(given: Given) -> list[Any]:
    own = given.fields["W"] if "W" in given.fields else given.fields["w"]
    return [[0.0] * len(x) if isinstance(x, list) else 0.0 for x in own]


def examined(given: Given, stated: Stated) -> Examined:
    """Everything that a certificate says of a network."""
    found, network = Examined(), _Network(given)
    for name, compute in network.numbers():
        if name in stated.known and _finite(stated.known[name]):
            try:
                found.enclosed(name, compute(), stated.known[name])
            except Undecided:
                found.open += 1
    for index, compared in enumerate(stated.compared):
        _comparison(found, network, compared, f"comparator {index}, ")
    moved = None
    if stated.escape is not None:
        w, V, before, after = stated.escape
        found.enclosed("F before", network.point.F, before)
        name = "W" if network.vector else "w"
        moved = _Network(Given({**given.fields, name: w, "V": V})).point.F
        found.enclosed("F at the lower point", moved, after)
        found.at_most("the lower point", moved, network.point.F)
    best = stated.compared[0]
    gap, linear = network.gap(best.u), Linear(given, best.u)
    _verdict(found, gap, stated)
    found.sentences += 1
    facts = Facts(stated.verdict, gap, linear.above, network.point.F, moved)
    found.wrong += untrue(stated.sentence, facts)
    return found


def _comparison(found: Examined, network: _Network, compared: Compared, where: str) -> None:
    linear, gap = Linear(network.given, compared.u), network.gap(compared.u)
    true = {
        "F_lin": linear.value,
        "gap": gap,
        "gradient": norm(linear.slope),
    }
    if compared.ball < float("inf"):
        true["duality_gap"] = linear.above(number(compared.ball))
    elif _finite(compared.known["duality_gap"]):
        found.wrong.append("a duality gap on a ball of no radius")
    for name, value in true.items():
        found.enclosed(where + name, value, compared.known[name])
    own: dict[str, Real] = {}
    try:
        own.update(network.bounds(compared.u))
    except Undecided:
        found.open += 1
    for name, known in compared.bounds.items():
        if not _finite(known):
            continue
        found.bounds += 1
        found.at_most(f"{where}{name} as a bound", gap, Fraction(known[0]) + Fraction(known[1]))
        if name in own:
            found.enclosed(where + name, own[name], known)


_SIGNS = {"NOT_A_MINIMUM": (1,), "WORSE": (1,), "NO_WORSE": (-1, 0)}


def _verdict(found: Examined, gap: Real, stated: Stated) -> None:
    try:
        sign = gap.sign
    except Undecided:
        return
    if sign not in _SIGNS.get(stated.verdict, (-1, 0, 1)):
        found.wrong.append(f"{stated.verdict}, but the gap has the sign {sign}")
