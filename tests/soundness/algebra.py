"""Vectors and matrices of `Real` numbers: lists, products, solutions, extreme eigenvalues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb, ctx, fmpq, fmpq_mat, fmpq_poly

from soundness.numbers import Undecided
from soundness.reals import Real, maximum, number, total

# Fractions with longer exponents take too long.
_FAR = 50_000

Vector = list[Real]
Matrix = list[Vector]


def dot(u: Sequence[Any], v: Sequence[Any]) -> Real:
    return total(x * y for x, y in zip(u, v, strict=True))


def square(x: Any) -> Real:
    """The sum of the squares of all entries."""
    return total(map(square, x)) if isinstance(x, list) else x * x


def norm(*parts: Any) -> Real:
    """The Euclidean length of some vectors and matrices together."""
    return total(map(square, parts)).sqrt()


def inner(A: Any, B: Any) -> Real:
    """<A, B>, entry by entry."""
    if isinstance(A, list):
        return total(inner(a, b) for a, b in zip(A, B, strict=True))
    return number(A * B)


def plus(x: Any, y: Any, factor: Any = 1) -> Any:
    """x + factor y."""
    if isinstance(x, list):
        return [plus(a, b, factor) for a, b in zip(x, y, strict=True)]
    return x + (y if factor == 1 else y * factor)


def minus(x: Any, y: Any) -> Any:
    return plus(x, y, -1)


def scaled(factor: Any, x: Any) -> Any:
    return [scaled(factor, a) for a in x] if isinstance(x, list) else x * factor


def turned(A: Matrix) -> Matrix:
    """The transpose."""
    return [list(column) for column in zip(*A, strict=True)]


def times(A: Matrix, x: Vector) -> Vector:
    return [dot(row, x) for row in A]


def product(A: Matrix, B: Matrix) -> Matrix:
    columns = turned(B)
    return [[dot(row, column) for column in columns] for row in A]


def outer(u: Vector, v: Vector) -> Matrix:
    return [[x * y for y in v] for x in u]


def identity(n: int) -> Matrix:
    return [[number(int(i == j)) for j in range(n)] for i in range(n)]


def diagonal(x: Vector) -> Matrix:
    return [[y if i == j else number(0) for j in range(len(x))] for i, y in enumerate(x)]


def zeros(*shape: int) -> Any:
    if not shape:
        return number(0)
    return [zeros(*shape[1:]) for _ in range(shape[0])]


def solved(A: Matrix, B: Matrix) -> Matrix:
    """X with A X = B, by elimination with the largest pivot."""
    rows = [[*a, *b] for a, b in zip(A, B, strict=True)]
    n = len(rows)
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: _size(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        inverse = 1 / rows[i][i]
        rows[i] = [x * inverse for x in rows[i]]
        for j in range(n):
            if j != i and not (rows[j][i].exact and rows[j][i].sign == 0):
                rows[j] = plus(rows[j], rows[i], -rows[j][i])
    return [row[n:] for row in rows]


def _size(x: Real) -> Any:
    if x.ball is None:
        return abs(_middle(x))
    return abs(_dyadic(x.ball.mid()))


# -- eigenvalues ----------------------------------------------------------------------------------


def greatest_eigenvalue(A: Matrix) -> Real:
    """λ_max of a symmetric matrix.

    The matrix of middles is rational: its characteristic polynomial is factored, rational roots
    are known exactly and the others enclosed. By Weyl the radii move an eigenvalue by no more than
    their largest row sum.
    """
    live = [i for i, row in enumerate(A) if not all(x.exact and x.sign == 0 for x in row)]
    if not live:
        return number(0)
    rows = [[A[i][j] for j in live] for i in live]
    found, spread = _of_middles(rows), _spread(rows)
    if spread is not None:
        found = Real(ball=found.enclosed + arb(0, 1) * spread)
    return maximum(found, 0) if len(live) < len(A) else found


def _of_middles(rows: Matrix) -> Real:
    if len(rows) == 1:
        return Real(_middle(rows[0][0])) if not rows[0][0].rational else rows[0][0]
    n = len(rows)
    exact = [[_middle(rows[max(i, j)][min(i, j)]) for j in range(n)] for i in range(n)]
    scale = max(abs(x) for row in exact for x in row)
    if scale == 0:
        return number(0)
    # A power of two near the largest entry: roots of moderate size are found faster.
    unit = fmpq(2) ** (scale.p.bit_length() - scale.q.bit_length())
    polynomial = fmpq_mat([[x / unit for x in row] for row in exact]).charpoly()
    found = None
    for factor, _ in polynomial.numer().factor()[1]:
        root = _greatest_root(factor)
        found = root if found is None else maximum(found, root)
    assert found is not None
    return found * Real(unit)


def _greatest_root(factor: Any) -> Real:
    """Of a polynomial all of whose roots are real."""
    if factor.degree() == 1:
        return Real(fmpq(-factor[0], factor[1]))
    if factor.degree() == 2 and factor[1] == 0:
        return Real(fmpq(-factor[0], factor[2])).sqrt()
    start, bound = _start(factor)
    with ctx.workprec(2 * ctx.prec + 64):
        wanted = ctx.prec // 2
        for _ in range(4):
            found = _by_laguerre(factor, start, bound)
            if found.rel_accuracy_bits() >= wanted:
                break
            ctx.prec *= 2
    return Real(ball=found)


def _start(p: Any) -> tuple[Any, Any]:
    """A number above all roots, and a bound on the size of the greatest one.

    0 or a power of two that is not far from it: Laguerre's method creeps from far to a cluster.
    """
    size = [abs(c) for c in p.coeffs()]
    bound = 1 + fmpq(max(size[:-1]), size[-1])
    top = bound.p.bit_length() - bound.q.bit_length() + 1
    if _all_below(p, fmpq(0)):
        return fmpq(0), bound
    step = 1
    while _all_below(p, fmpq(2) ** (top - 2 * step)):
        step *= 2
    low, high = step, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        if _all_below(p, fmpq(2) ** (top - middle)):
            low = middle
        else:
            high = middle
    if low == 1:
        return bound, bound
    return fmpq(2) ** (top - low), fmpq(2) ** (top - low)


def _all_below(p: Any, x: Any) -> bool:
    """Whether all roots are: then no coefficient of p(x + t) changes its sign, by Descartes."""
    signs = {c > 0 for c in fmpq_poly(p)(fmpq_poly([x, 1])).coeffs() if c != 0}
    return len(signs) == 1


def _by_laguerre(p: Any, start: Any, bound: Any) -> Any:
    """Laguerre's method from above, which stays above the greatest root of a polynomial with real
    roots alone. As p'/p is the sum of 1/(x - root), the greatest root is in
    [x - n p/p', x - p/p'].
    """
    n, first = p.degree(), p.derivative()
    second = first.derivative()
    x, best = arb(start), arb(0, 1) * bound
    for _ in range(200):
        value, slope, bend = (_at(q, x) for q in (p, first, second))
        if not (value * p[n] > 0 and slope * value > 0):
            break
        ratio = value / slope
        known = (x - ratio).union(x - n * ratio)
        best = known if known.rad() < best.rad() else best
        inside = ((n - 1) * ((n - 1) * slope * slope - n * value * bend)).nonnegative_part()
        root = inside.sqrt() if slope > 0 else -inside.sqrt()
        # A little more, so that the sign of p there is seen.
        step = x - n * value / (slope + root)
        lower = (step + abs(step) * arb(2) ** -(5 * ctx.prec // 8)).upper()
        if not lower < x:
            break
        x = lower
    return best


def _at(p: Any, x: Any) -> Any:
    """p(x) by Horner's rule."""
    found = arb(0)
    for c in reversed(p.coeffs()):
        found = found * x + arb(c)
    return found


def _middle(x: Real) -> Any:
    if x.rational:
        return x.c if x.c != 0 else fmpq(0)
    return _dyadic(x.enclosed.mid())


def _dyadic(x: Any) -> Any:
    """A middle as a fraction; Undecided for numbers like exp(1e60)."""
    if not x.is_finite():
        raise Undecided
    top, exponent = x.man_exp()
    if abs(exponent) > _FAR:
        raise Undecided
    return fmpq(top) * fmpq(2) ** int(exponent)


def _spread(rows: Matrix) -> Any:
    """An upper bound on the norm of the radii; None where everything is rational."""
    if all(x.rational for row in rows for x in row):
        return None
    most = arb(0)
    for row in rows:
        radii = [x.enclosed.rad() for x in row if not x.rational]
        if not all(r.is_finite() for r in radii):
            raise Undecided
        # The middle of a number c √r was rounded once more.
        most = most.max(sum(radii, arb(0)).upper())
    return most.upper() * (1 + arb(2) ** (4 - ctx.prec))


def least_eigenvalue(A: Matrix) -> Real:
    return -greatest_eigenvalue(scaled(-1, A))


def gram(A: Matrix) -> Matrix:
    """A Aᵀ or AᵀA, the smaller one."""
    return product(A, turned(A)) if len(A) <= len(A[0]) else product(turned(A), A)


def spectral_norm_squared(A: Matrix) -> Real:
    """||A||², exactly where A has rank one at most."""
    found = greatest_eigenvalue(gram(A))
    if found.ball is not None:
        return Real(ball=found.ball.nonnegative_part())
    return found


def spectral_norm(A: Matrix) -> Real:
    return spectral_norm_squared(A).sqrt()
