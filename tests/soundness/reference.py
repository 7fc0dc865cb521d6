"""The true sign of lhs - rhs for each claim of Shamir (2018), from the numbers of a point alone.

The formulas are those of the proofs, not those of the statements, and none divides or takes a root
where a comparison of squares does (D = F - F_lin(w*), g = ∂F/∂w, b = E[l' f], ρ = ||b||):

* Lemma 1: the slack is the mean of the Bregman divergences l'(p)(p - t) - l(p) + l(t).
* Theorem 1, D > 0: the slack has the sign opposite to that of the least eigenvalue of
  r I - k VVᵀ, k = c ||∇F||² ||w*||² and r = D² ||w||² - ||∇F||² (a ||w||⁴ + b ||w||² ||w*||²).
* Theorem 2, first part: the least eigenvalue of the dense Hessian, made entry by entry.
* Theorem 2, D > 0: √u + √v against D with u = ||w*||² ||g||² and, since λ² + αλ = ρ² for
  λ = |λ_min| and α = λ_min(∂²F/∂w²), v = ||w*||² ||V||² (c₂ρ² + λ (c₁ ||∂²F/∂w²|| - c₂α)).
* The sharp forms in the same way; for the second one v = ||Vᵀw*||² ρ².
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from flint import ctx

from soundness.numbers import (
    Balls,
    Irrational,
    Rationals,
    Undecided,
    greatest_eigenvalue,
    least_eigenvalue,
    least_eigenvalue_sign,
    root_sum_sign,
    shifted,
    sign_or_none,
)
from soundness.quantities import At, Exactly, dot

# Precision in bits and bisections of eigenvalues that a case climbs through.
CLIMB = ((256, 12), (256, 64), (512, 160), (2048, 400), (8192, 400))

# For what the product has decided in closed form: sides that differ by exponentials of large
# negative numbers alone.
FAR = (400_000, 400)


def lemma1(at: At) -> int:
    return at.numbers.sign(at.bregman)


def theorem1(at: At, a: Any = 2, b: Any = 2, c: Any = 1) -> int:
    """||∇F|| √(a||w||² + ||w*||² (b + c||V||²/||w||²)) >= D; 0 only if both sides are 0."""
    sign = at.numbers.sign(at.gap)
    if sign <= 0:
        return 1 if sign < 0 else at.numbers.sign(at.gradient_squared)
    ww, ss = dot(at.w, at.w), dot(at.w_star, at.w_star)
    a, b, c = (at.constant(x) for x in (a, b, c))
    r = at.gap * at.gap * ww - at.gradient_squared * ww * (a * ww + b * ss)
    scaled = [[c * at.gradient_squared * ss * x for x in row] for row in at.gram]
    return -least_eigenvalue_sign(shifted(scaled, -1, r), at.numbers)


def theorem1_sharp(at: At) -> int:
    """||∇F|| √(||w - w*||² + ||Vᵀw*||²/||w||²) >= D."""
    moved = [x - y for x, y in zip(at.w, at.w_star, strict=True)]
    lifted = at.comparator_in_features
    ww = dot(at.w, at.w)
    left = at.gradient_squared * (dot(moved, moved) * ww + dot(lifted, lifted))
    sign = at.numbers.sign(at.gap)
    if sign <= 0:
        return 1 if sign < 0 else at.numbers.sign(left)
    return at.numbers.sign(left - at.gap * at.gap * ww)


def theorem2_eigenvalue(at: At) -> int:
    """0 >= λ_min(∇²F). Where b vanishes at w = 0 only a Gram matrix with weights l'' is left."""
    try:
        return -least_eigenvalue_sign(at.hessian, at.numbers)
    except Undecided:
        numbers = at.numbers
        if any(at.exactly.w) or any(sign_or_none(numbers, x) != 0 for x in at.b):
            raise
        if any(sign_or_none(numbers, x) in (-1, None) for x in at.curvatures):
            raise
        return 0


def theorem2(at: At, c1: Any = 1, c2: Any = 1) -> int:
    """||w*|| (||g|| + ||V|| √(c₁ λ ||∂²F/∂w²|| + c₂ λ²)) >= D, for c₁ >= 0 and c₂ > 0."""
    numbers = at.numbers
    ss = dot(at.w_star, at.w_star)
    gap = numbers.sign(at.gap)
    if gap < 0:
        return 1
    if gap == 0:
        return _sign_of_curved_side(at)
    largest = at.square_of_rank_one
    if largest is None:
        largest = _greatest(at, at.gram)
    curved = at.constant(c2) * at.rho_squared + _curvature_part(at, Fraction(c1), Fraction(c2))
    return root_sum_sign(ss * at.g_squared, ss * largest * curved, at.gap, numbers)


def _sign_of_curved_side(at: At) -> int:
    """Of ||w*|| (||g|| + ||V|| ...): the radicand vanishes with b alone."""
    if not any(at.exactly.w_star):
        return 0
    if not any(x for row in at.exactly.V for x in row):
        return at.numbers.sign(at.g_squared)
    return at.numbers.sign(at.g_squared + at.rho_squared)


def _curvature_part(at: At, c1: Fraction, c2: Fraction) -> Any:
    """λ (c₁ ||∂²F/∂w²|| - c₂ α); exactly 0 where the block is α I and c₁ = c₂, or where it is 0."""
    block, numbers = at.block, at.numbers
    scalar = all(
        sign_or_none(numbers, x - block[0][0] if i == j else x) == 0
        for i, row in enumerate(block)
        for j, x in enumerate(row)
    )
    if scalar and (c1 == c2 or sign_or_none(numbers, block[0][0]) == 0):
        return at.constant(0)
    if numbers.sign(at.rho_squared) == 0:
        return at.constant(0)
    if len(block) == 1:
        least = greatest = block[0][0]
    else:
        least, greatest = _least(at, block), _greatest(at, block)
    root = numbers.sqrt(least * least + 4 * at.rho_squared)
    size = 2 * at.rho_squared / (least + root)
    return size * (at.constant(c1) * greatest - at.constant(c2) * least)


def _greatest(at: At, matrix: Sequence[Sequence[Any]]) -> Any:
    if isinstance(at.numbers, Rationals):
        raise Irrational
    return greatest_eigenvalue(matrix, at.numbers)


def _least(at: At, matrix: Sequence[Sequence[Any]]) -> Any:
    """An eigenvalue 0 shows in the rank of the rows, in fractions: no bisection ends there."""
    if isinstance(at.numbers, Rationals):
        raise Irrational
    if _dependent(at):
        return at.constant(0)
    return least_eigenvalue(matrix, at.numbers)


def _dependent(at: At) -> bool:
    """Whether the rows x + V f with curvature do not span the whole space."""
    signs = [at.numbers.sign(c) for c in at.curvatures]
    rows = [at.exactly.hidden[i] for i, sign in zip(at.live, signs, strict=True) if sign]
    columns = [list(c) for c in zip(*rows, strict=True)]
    if len(rows) < len(at.w):
        return True
    gram = [[dot(u, v) for v in columns] for u in columns]
    return least_eigenvalue_sign(gram, Rationals()) == 0


def curvature_alone(at: At, c: Any) -> int:
    """||w*|| ||V|| √(c λ ||∂²F/∂w²||) >= D: no theorem, but it sees λ_min and the block alone."""
    sign = at.numbers.sign(at.gap)
    ss = dot(at.w_star, at.w_star)
    largest = at.square_of_rank_one
    if largest is None:
        largest = _greatest(at, at.gram)
    left = ss * largest * _curvature_part(at, Fraction(c), Fraction(0))
    if sign <= 0:
        return 1 if sign < 0 else at.numbers.sign(left)
    return at.numbers.sign(left - at.gap * at.gap)


def theorem2_sharp(at: At) -> int:
    """||w*|| ||g|| + ||Vᵀw*|| √(λα + λ²) >= D, where λα + λ² = ρ²."""
    lifted, ss = at.comparator_in_features, dot(at.w_star, at.w_star)
    u, v = ss * at.g_squared, dot(lifted, lifted) * at.rho_squared
    sign = at.numbers.sign(at.gap)
    if sign <= 0:
        return 1 if sign < 0 else at.numbers.sign(u + v)
    return root_sum_sign(u, v, at.gap, at.numbers)


CLAIMS: dict[str, Callable[..., int]] = {
    "lemma1": lemma1,
    "theorem1": theorem1,
    "theorem1_sharp": theorem1_sharp,
    "theorem2_eigenvalue": theorem2_eigenvalue,
    "theorem2": theorem2,
    "theorem2_sharp": theorem2_sharp,
    "curvature_alone": curvature_alone,
}


class Reference:
    """Signs at one point; quantities are shared between claims."""

    def __init__(self, point: Any) -> None:
        self._exactly = Exactly(point)
        self._rungs: list[At] = []

    def sign(self, claim: str, **constants: Any) -> int | None:
        """-1, 0 or 1; None where 8,192 bits do not separate the two sides."""
        return self._climb(lambda at: CLAIMS[claim](at, **constants))

    def far_sign(self, claim: str, **constants: Any) -> int | None:
        """The same at a precision at which exp(-100,000) is seen beside 1."""
        bits, bisections = FAR
        with ctx.workprec(bits):
            try:
                return CLAIMS[claim](At(self._exactly, Balls(bisections)), **constants)
            except (Irrational, Undecided):
                return None

    def gap_sign(self) -> int | None:
        """The sign of F - F_lin(w*): where it is positive, most claims say something."""
        return self._climb(lambda at: at.numbers.sign(at.gap))

    def coupling_sign(self) -> int | None:
        """The sign of ||E[l' f]||²: where it is positive, the first part of Theorem 2 does."""
        return self._climb(lambda at: at.numbers.sign(at.rho_squared))

    def _climb(self, question: Callable[[At], int]) -> int | None:
        for rung in range(1 + len(CLIMB)):
            with self._rung(rung) as at:
                try:
                    return question(at)
                except (Irrational, Undecided):
                    continue
        return None

    @contextmanager
    def _rung(self, index: int) -> Iterator[At]:
        """The point in fractions first, then in ever narrower balls."""
        bits, bisections = CLIMB[max(index - 1, 0)]
        with ctx.workprec(bits):
            if index == len(self._rungs):
                numbers = Balls(bisections) if index else Rationals()
                self._rungs.append(At(self._exactly, numbers))
            yield self._rungs[index]
