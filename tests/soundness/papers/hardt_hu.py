"""Hardt and Ma (2017), Hu et al. (2020), Arora et al. (2019): square layers near I or balanced."""

from __future__ import annotations

from typing import Any

from soundness.algebra import (
    Matrix,
    dot,
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
from soundness.papers.meant import agreed, chain, diagonal, gram_of, layer_gradients, reflections
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, greatest, maximum, total


class _Near:
    """f = E||(P - R)x||² with P = Π(I + A_i)."""

    def __init__(self, at: Given) -> None:
        n = len(at.R)
        self.factors = [plus(identity(n), a) for a in at.A]
        self.product, self.l = chain(self.factors, n), len(at.A)
        self.error, self.S = minus(self.product, at.R), gram_of(at.S)
        self.pull = product(self.error, self.S)
        self.squares = [4 * square(g) for g in layer_gradients(self.factors, self.pull)]
        self.tau = greatest(spectral_norm(a) for a in at.A)


@reference("hardt2017.gradient")
def gradient(given: Given, c: Any) -> Sides:
    """||∇f||² >= 4l(1-τ)^(2(l-1)) σ_min(Σ)(f - C)."""
    at = _Near(given)
    excess = inner(at.pull, at.error)
    bound = c * at.l * (1 - at.tau) ** (2 * (at.l - 1)) * least_eigenvalue(at.S) * excess
    return Sides(total(at.squares), bound)


@reference("hardt2017.layer")
def layer(given: Given, c: Any) -> Sides:
    """The least ||∂f/∂A_i||² >= 4(1-τ)^(2(l-1)) ||EΣ||²."""
    at = _Near(given)
    least = -greatest(-g for g in at.squares)
    return Sides(least, c * (1 - at.tau) ** (2 * (at.l - 1)) * square(at.pull))


@reference("hardt2017.layer_above")
def layer_above(given: Given, c: Any) -> Sides:
    """4(1+τ)^(2(l-1)) ||EΣ||² >= the greatest ||∂f/∂A_i||²."""
    at = _Near(given)
    return Sides(c * (1 + at.tau) ** (2 * (at.l - 1)) * square(at.pull), greatest(at.squares))


@reference("hardt2017.singular")
def singular(given: Given, c: Any) -> Sides:
    """σ_min(P)² >= (1-τ)^(2l)."""
    at = _Near(given)
    return Sides(least_eigenvalue(gram_of(at.product)), c * (1 - at.tau) ** (2 * at.l))


# -- Hu et al. ------------------------------------------------------------------------------------


class _Start:
    """Three orthogonal layers, and where they moved."""

    def __init__(self, at: Given) -> None:
        n = len(at.D1)
        self.layers = [reflections(o) for o in (at.O1, at.O2, at.O3)]
        moves = (at.D1, at.D2, at.D3)
        moved = [plus(o, d) for o, d in zip(self.layers, moves, strict=True)]
        self.start, self.product = chain(self.layers, n), chain(moved, n)
        self.rho = greatest(spectral_norm(d) for d in moves)


@reference("hu2020.norm")
def norm_near(given: Given, c: Any) -> Sides:
    at = _Start(given)
    return Sides(c * (1 + at.rho) ** 3, spectral_norm(at.product))


@reference("hu2020.sigma_min")
def sigma_min_near(given: Given, c: Any) -> Sides:
    at = _Start(given)
    return Sides(least_eigenvalue(gram_of(at.product)), c * (1 - at.rho) ** 6)


@reference("hu2020.drift")
def drift(given: Given, c: Any) -> Sides:
    """(1+ρ)³ - 1 >= ||W - O||."""
    at = _Start(given)
    return Sides(c * ((1 + at.rho) ** 3 - 1), spectral_norm(minus(at.product, at.start)))


def _gradients(given: Given) -> tuple[Matrix, list[Matrix]]:
    slope = product(given.E, turned(given.X))
    return slope, layer_gradients(_Start(given).layers, slope)


@reference("hu2020.isometry")
def isometry(given: Given, c: Any) -> Sides:
    slope, found = _gradients(given)
    return agreed(*((square(g), c * square(slope)) for g in found))


@reference("hu2020.rate")
def rate(given: Given, c: Any) -> Sides:
    """||∇||² >= 3 λ_min(XᵀX) ||E||²."""
    least = least_eigenvalue(gram_of(turned(given.X)))
    return Sides(total(square(g) for g in _gradients(given)[1]), c * least * square(given.E))


# -- Arora et al. ---------------------------------------------------------------------------------


class _Balanced:
    """W_j = V_j diag(s) V_{j-1}ᵀ."""

    def __init__(self, at: Given) -> None:
        self.V = [reflections(v) for v in (at.V0, at.V1, at.V2, at.V3)]
        middle = diagonal(at.s)
        pairs = zip(self.V[1:], self.V[:-1], strict=True)
        self.layers = [product(product(b, middle), turned(a)) for b, a in pairs]
        self.G = minus(chain(self.layers, len(at.s)), at.Phi)
        self.squares = [square(g) for g in layer_gradients(self.layers, self.G)]
        self.s = at.s

    def root(self, V: Matrix, k: int) -> Matrix:
        """V diag(s^(2k)) Vᵀ."""
        return product(product(V, diagonal([x ** (2 * k) for x in self.s])), turned(V))

    @property
    def moved(self) -> Matrix:
        """Σ (WWᵀ)^((3-j)/3) G (WᵀW)^((j-1)/3)."""
        found = None
        for j in range(3):
            term = product(product(self.root(self.V[3], 2 - j), self.G), self.root(self.V[0], j))
            found = term if found is None else plus(found, term)
        assert found is not None
        return found


@reference("arora2019.margin")
def margin(given: Given, k: Any) -> Sides:
    """σ_min(W) >= σ_min(Φ) - ||W - Φ||_F."""
    Phi = plus(given.W, given.D)
    found = [maximum(least_eigenvalue(gram_of(M)), 0).sqrt() for M in (given.W, Phi)]
    return Sides(found[0], k * (found[1] - square(given.D).sqrt()))


@reference("arora2019.gradient")
def gradient_below(given: Given, c: Any) -> Sides:
    at = _Balanced(given)
    least = -greatest(-x for x in at.s)
    return Sides(total(at.squares), c * least**4 * square(at.G))


@reference("arora2019.gradient_above")
def gradient_above(given: Given, c: Any) -> Sides:
    at = _Balanced(given)
    return Sides(c * greatest(at.s) ** 4 * square(at.G), total(at.squares))


@reference("arora2019.end_to_end")
def end_to_end(given: Given, c: Any) -> Sides:
    """Σ P_{>j}P_{>j}ᵀ G P_{<j}ᵀP_{<j} against the powers of WWᵀ and WᵀW."""
    at, found = _Balanced(given), None
    n = len(at.s)
    for j in range(3):
        behind, before = chain(at.layers[j + 1 :], n), chain(at.layers[:j], n)
        term = product(product(gram_of(behind), at.G), gram_of(turned(before)))
        found = term if found is None else plus(found, term)
    return agreed((found, [[c * x for x in row] for row in at.moved]))


@reference("arora2019.alignment")
def alignment(given: Given, c: Any) -> Sides:
    at = _Balanced(given)
    left: Real = total(dot(a, b) for a, b in zip(at.G, at.moved, strict=True))
    right = c * total(at.squares)
    return Sides(left, right + 2 * abs(left - right))
