"""Zou, Long and Gu (2020): deep linear residual networks B(I + W_L)...(I + W_1)A, step by step."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from soundness.algebra import (
    Matrix,
    identity,
    inner,
    least_eigenvalue,
    minus,
    plus,
    product,
    spectral_norm,
    square,
    turned,
)
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, exp, greatest, number, total


class _Chain:
    """The network with weights W_1, ..., W_L."""

    def __init__(self, at: Given, W: list[Matrix]) -> None:
        self.at, self.W = at, W
        eye = identity(len(at.A))
        self.factors = [plus(eye, w) for w in W]

    @property
    def error(self) -> Matrix:
        """Φ(W) - Φ*."""
        found = self.at.A
        for factor in self.factors:
            found = product(factor, found)
        return minus(product(self.at.B, found), self.at.Phi)

    @property
    def excess(self) -> Real:
        """E = ||(Φ(W) - Φ*)X||²/2."""
        return square(product(self.error, turned(self.at.X))) / 2

    def gradients(self, X: Matrix | None = None) -> list[Matrix]:
        """∂E/∂W_l, from the definition: rows before and behind each layer."""
        X = self.at.X if X is None else X
        pull = product(product(self.error, turned(X)), X)
        found = []
        for layer in range(len(self.factors)):
            before, behind = self.at.A, self.at.B
            for factor in self.factors[:layer]:
                before = product(factor, before)
            for factor in reversed(self.factors[layer + 1 :]):
                behind = product(behind, factor)
            found.append(product(turned(behind), product(pull, turned(before))))
        return found

    def stepped(self, step: Real, gradients: list[Matrix] | None = None) -> _Chain:
        slopes = self.gradients() if gradients is None else gradients
        return _Chain(self.at, [plus(w, g, -step) for w, g in zip(self.W, slopes, strict=True)])


class _Sizes:
    """Λ, ||X||, s, e and what is made of them."""

    def __init__(self, at: Given) -> None:
        self.L, self.e = len(at.W), exp(1)
        self.Lambda = spectral_norm(at.A) * spectral_norm(at.B)
        self.X = spectral_norm(at.X)
        X = at.X if len(at.X) <= len(at.X[0]) else turned(at.X)
        grams = [product(turned(at.A), at.A), product(at.B, turned(at.B)), product(X, turned(X))]
        self.s = number(1)
        for matrix in grams:
            self.s = self.s * least_eigenvalue(matrix)

    def smoothness(self, E: Real) -> Real:
        """K = LΛ||X||(√(2eE) + eΛ||X||)."""
        scale = self.Lambda * self.X
        return self.L * scale * ((2 * self.e * E).sqrt() + self.e * scale)

    def rate(self, step: Real) -> Real:
        """q = ηLs/e."""
        return step * self.L * self.s / self.e

    @property
    def reach(self) -> Real:
        """c = 2√2 e^(3/2) Λ||X||/(Ls)."""
        root = (2 * self.e).sqrt() * self.e
        return 2 * root * self.Lambda * self.X / (self.L * self.s)


def _factor(at: Given, sign: int) -> Fraction:
    """(1 ± 1/(2L))^(2(L - 1))."""
    L = len(at.W)
    return (1 + Fraction(sign, 2 * L)) ** (2 * (L - 1))


def _squares(chain: _Chain) -> list[Real]:
    return [square(g) for g in chain.gradients()]


@reference("zou2020.dominance")
def dominance(at: Given) -> Sides:
    """||∇_l||² >= (2/e) s E, for the least layer."""
    chain, sizes = _Chain(at, at.W), _Sizes(at)
    least = -greatest(-x for x in _squares(chain))
    return Sides(least, 2 * sizes.s * chain.excess / sizes.e)


@reference("zou2020.dominance_sharp")
def dominance_sharp(at: Given) -> Sides:
    """||∇_l||² >= 2(1 - 1/(2L))^(2(L-1)) s E."""
    chain, sizes = _Chain(at, at.W), _Sizes(at)
    least = -greatest(-x for x in _squares(chain))
    return Sides(least, 2 * sizes.s * chain.excess * _factor(at, -1))


@reference("zou2020.gradient")
def gradient(at: Given) -> Sides:
    """2(1 + 1/(2L))^(2(L-1)) Λ²||X||² E >= ||∇_l||²."""
    chain, sizes = _Chain(at, at.W), _Sizes(at)
    bound = 2 * (sizes.Lambda * sizes.X) ** 2 * chain.excess * _factor(at, 1)
    return Sides(bound, greatest(_squares(chain)))


@reference("zou2020.smoothness")
def smoothness(at: Given, c: Any) -> Sides:
    """<∇, D> + cK||D||²/2 >= E(W + D) - E(W)."""
    chain, sizes = _Chain(at, at.W), _Sizes(at)
    E, size = chain.excess, square(at.D)
    first = inner(chain.gradients(), at.D)
    moved = _Chain(at, plus(at.W, at.D)).excess
    return Sides(first + sizes.smoothness(E) * size * c / 2, moved - E)


def _descended(at: Given) -> tuple[_Chain, _Chain, Real, _Sizes]:
    sizes = _Sizes(at)
    chain, step = _Chain(at, at.W), at.share / sizes.smoothness(at.e0)
    return chain, chain.stepped(step), step, sizes


@reference("zou2020.rate")
def one_step(at: Given) -> Sides:
    """E - E⁺ >= qE."""
    chain, after, step, sizes = _descended(at)
    E = chain.excess
    return Sides(E - after.excess, sizes.rate(step) * E)


def _largest(W: list[Matrix]) -> Real:
    """max ||W_l||_F."""
    return greatest(square(w) for w in W).sqrt()


@reference("zou2020.path")
def path_length(at: Given) -> Sides:
    """c(√e0 - √E⁺) >= max ||W_l⁺||_F."""
    _, after, _, sizes = _descended(at)
    return Sides(sizes.reach * (at.e0.sqrt() - after.excess.sqrt()), _largest(after.W))


@reference("zou2020.trajectory")
def trajectory(at: Given) -> Sides:
    """E_0 - E_3 >= (1 - (1 - q)³) E_0."""
    sizes, chain = _Sizes(at), _Chain(at, at.W)
    start = chain.excess
    step = at.share / sizes.smoothness(start)
    for _ in range(3):
        chain = chain.stepped(step)
    left = 1 - sizes.rate(step)
    return Sides(start - chain.excess, (1 - left * left * left) * start)


@reference("zou2020.identity")
def depth_independent_rate(at: Given) -> Sides:
    """7.64 q||X||² >= σ_r(X)² = s/Λ² for modified identities, at the step 1/K."""
    sizes = _Sizes(at)
    rate = sizes.rate(1 / sizes.smoothness(_Chain(at, at.W).excess))
    return Sides(Fraction(764, 100) * rate * sizes.X**2, sizes.s / sizes.Lambda**2)


def _sampled(at: Given) -> tuple[_Chain, list[_Chain], Real, _Sizes]:
    """The network, those after one sample each, the step and sizes."""
    sizes, chain, n = _Sizes(at), _Chain(at, at.W), len(at.X)
    noise = sizes.X**2 + n * greatest(square(x) for x in at.X)
    size = (sizes.e * sizes.Lambda) ** 2 * sizes.smoothness(chain.excess) * noise
    step = at.share * sizes.s / size
    after = [chain.stepped(n * step, chain.gradients([x])) for x in at.X]
    return chain, after, step, sizes


@reference("zou2020.sgd_step")
def stochastic_step(at: Given) -> Sides:
    """E - mean E⁺ >= qE."""
    chain, after, step, sizes = _sampled(at)
    E = chain.excess
    return Sides(E - total(x.excess for x in after) / len(after), sizes.rate(step) * E)


@reference("zou2020.sgd_path")
def stochastic_path(at: Given) -> Sides:
    """c_F(√E - mean √E⁺) >= mean max ||W_l⁺ - W_l||_F, c_F = c||X||_F/||X||."""
    chain, after, _, sizes = _sampled(at)
    price = sizes.reach * square(at.X).sqrt() / sizes.X
    root = chain.excess.sqrt()
    fall = total(root - x.excess.sqrt() for x in after) / len(after)
    moved = (_largest([minus(a, b) for a, b in zip(x.W, at.W, strict=True)]) for x in after)
    return Sides(price * fall, total(moved) / len(after))
