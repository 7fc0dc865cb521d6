"""Sets that the arguments of a claim are taken from.

    from checker import claim, vectors, norm

    @claim
    def triangle(u: vectors("k"), v: vectors("k")):
        return norm(u) + norm(v) >= norm(u + v)

Arguments that share the name of a dimension have the same size there, whatever it is; `vectors(3)`
and `matrices("n", 2)` have that size. A set is exact: nothing outside it is ever evidence, and the
search, the scan and the reducer stay inside.
"""

from __future__ import annotations

from checker.instances.domains import interval as _interval
from checker.instances.domains import whole as _whole
from checker.instances.fields import Dims


def numbers() -> Dims:
    """Real numbers.

    Examples
    --------
    >>> from checker import claim, decide, numbers
    >>> @claim
    ... def square(x: numbers()):
    ...     return x**2 >= 0
    >>> decide(square, x=-2).decision.name
    'HOLDS'
    """
    return Dims()


def vectors(k: str | int = "k") -> Dims:
    """Vectors of real numbers, (k,).

    Examples
    --------
    >>> from checker import claim, decide, norm, vectors
    >>> @claim
    ... def triangle(u: vectors("k"), v: vectors("k")):
    ...     return norm(u) + norm(v) >= norm(u + v)
    >>> decide(triangle, u=[3, 4], v=[6, 8]).decision.name
    'EQUAL'
    """
    return Dims(k)


def matrices(rows: str | int = "n", columns: str | int = "d") -> Dims:
    """Matrices of real numbers, (rows, columns); square for one name twice.

    Examples
    --------
    >>> from checker import claim, decide, frobenius, matrices, spectral_norm
    >>> @claim
    ... def norms(A: matrices("n", "d")):
    ...     return frobenius(A) >= spectral_norm(A)
    >>> decide(norms, A=[[1, 0], [0, 1]]).decision.name
    'HOLDS'
    """
    return Dims(rows, columns)


def positive(*dims: str | int) -> Dims:
    """Numbers, vectors or matrices whose entries are positive.

    Examples
    --------
    >>> from checker import claim, decide, positive
    >>> @claim
    ... def reciprocal(x: positive()):
    ...     return x + 1 / x >= 2
    >>> decide(reciprocal, x=1).decision.name
    'EQUAL'
    """
    return Dims(*dims, domain="positive")


def nonnegative(*dims: str | int) -> Dims:
    """Entries are at least 0.

    Examples
    --------
    >>> from checker import claim, decide, nonnegative, sqrt
    >>> @claim
    ... def means(a: nonnegative(), b: nonnegative()):
    ...     return (a + b) / 2 >= sqrt(a * b)
    >>> decide(means, a=0, b=2).decision.name
    'HOLDS'
    """
    return Dims(*dims, domain="nonnegative")


def interval(low: float, high: float, *dims: str | int) -> Dims:
    """Entries lie in the closed interval [low, high]; either end may be infinite.

    Examples
    --------
    >>> from checker import claim, decide, interval
    >>> @claim
    ... def below_itself(x: interval(0, 1)):
    ...     return x**2 <= x
    >>> decide(below_itself, x=0.5).decision.name
    'HOLDS'
    """
    return Dims(*dims, domain=_interval(low, high))


def integers(*dims: str | int, low: int | None = None, high: int | None = None) -> Dims:
    """Entries are integers, from `low` to `high` where these are given.

    Examples
    --------
    >>> from checker import claim, decide, integers
    >>> @claim
    ... def apart(n: integers()):
    ...     return n**2 >= n
    >>> decide(apart, n=1).decision.name
    'EQUAL'
    """
    return Dims(*dims, domain=_whole(low, high))


def signs(*dims: str | int) -> Dims:
    """Entries are 1 or -1.

    Examples
    --------
    >>> from checker import claim, decide, signs, sq
    >>> @claim
    ... def squares(s: signs("n")):
    ...     return sq(s) == len(s)
    >>> decide(squares, s=[1, -1, 1]).decision.name
    'EQUAL'
    """
    return Dims(*dims, domain="sign")


def booleans(*dims: str | int) -> Dims:
    """Entries are 0 or 1.

    Examples
    --------
    >>> from checker import booleans, claim, decide, sq, total
    >>> @claim
    ... def idempotent(b: booleans("n")):
    ...     return sq(b) == total(b)
    >>> decide(idempotent, b=[0, 1, 1]).decision.name
    'EQUAL'
    """
    return Dims(*dims, domain="boolean")


def ascending(k: str | int = "k") -> Dims:
    """Vectors whose entries ascend, (k,).

    Examples
    --------
    >>> from checker import ascending, claim, decide
    >>> @claim
    ... def ends(t: ascending("k")):
    ...     return t[-1] >= t[0]
    >>> decide(ends, t=[1, 2, 4]).decision.name
    'HOLDS'
    """
    return Dims(k, domain="sorted")


def simplex(k: str | int = "k") -> Dims:
    """Probability vectors, (k,): entries at least 0 that sum to 1. Given by counts q as q / Σq.

    Examples
    --------
    >>> from checker import claim, decide, simplex, sq
    >>> @claim
    ... def short(p: simplex("k")):
    ...     return sq(p) <= 1
    >>> decide(short, p=[0.5, 0.5]).decision.name
    'HOLDS'
    """
    return Dims(k, domain="simplex")


def unit_vectors(k: str | int = "k") -> Dims:
    """Vectors of length 1, (k,). Given by a direction v as the reflection of e_1 in v.

    Examples
    --------
    >>> from checker import claim, decide, dot, unit_vectors
    >>> @claim
    ... def cosine(u: unit_vectors("k"), v: unit_vectors("k")):
    ...     return dot(u, v) <= 1
    >>> decide(cosine, u=[1, 0], v=[0, 1]).decision.name
    'HOLDS'
    """
    return Dims(k, domain="unit vector")


def symmetric(k: str | int = "k") -> Dims:
    """Symmetric matrices, (k, k).

    Examples
    --------
    >>> from checker import claim, decide, lambda_max, symmetric, trace
    >>> @claim
    ... def mean_eigenvalue(A: symmetric("n")):
    ...     return lambda_max(A) >= trace(A) / len(A)
    >>> decide(mean_eigenvalue, A=[[1, 0], [0, 3]]).decision.name
    'HOLDS'
    """
    return Dims(k, k, domain="symmetric")


def psd(k: str | int = "k") -> Dims:
    """Positive semidefinite matrices, (k, k). Given by a factor B as B Bᵀ.

    Examples
    --------
    >>> from checker import claim, decide, psd, trace
    >>> @claim
    ... def no_loss(A: psd("n")):
    ...     return trace(A) >= 0
    >>> decide(no_loss, A=[[1, 1], [1, 1]]).decision.name
    'HOLDS'
    """
    return Dims(k, k, domain="positive semidefinite")


def orthogonal(k: str | int = "k") -> Dims:
    """Orthogonal matrices, (k, k). Given by columns a_j as the product of their reflections.

    Examples
    --------
    >>> from checker import claim, decide, orthogonal, sq
    >>> @claim
    ... def length(Q: orthogonal("n")):
    ...     return sq(Q) == len(Q)
    >>> decide(length, Q=[[0, 1], [1, 0]]).decision.name
    'EQUAL'
    """
    return Dims(k, k, domain="orthogonal")


def complex_numbers() -> Dims:
    """Complex numbers. Given by x and y as x + iy.

    Examples
    --------
    >>> from checker import claim, complex_numbers, decide
    >>> @claim
    ... def squares(z: complex_numbers()):
    ...     return (z * z).real >= 0
    >>> decide(squares, z=1j).decision.name
    'VIOLATED'
    """
    return Dims(2, domain="complex")


def complex_vectors(k: str | int = "k") -> Dims:
    """Vectors of complex numbers, (k,). Given by the parts (x, y) of each entry, (k, 2).

    Examples
    --------
    >>> from checker import claim, complex_vectors, decide, dot, norm
    >>> @claim
    ... def cauchy_schwarz(u: complex_vectors("k"), v: complex_vectors("k")):
    ...     return norm(u) * norm(v) >= abs(dot(u, v))
    >>> decide(cauchy_schwarz, u=[[1, 2]], v=[[0, 1]]).decision.name
    'EQUAL'
    """
    return Dims(k, 2, domain="complex")


def complex_matrices(rows: str | int = "n", columns: str | int = "d") -> Dims:
    """Matrices of complex numbers, (rows, columns). Given by parts, (rows, columns, 2).

    Examples
    --------
    >>> from checker import claim, complex_matrices, decide, norm
    >>> @claim
    ... def norms(A: complex_matrices("n", "d")):
    ...     return norm(A, "fro") >= norm(A, 2)
    >>> decide(norms, A=[[[1, 0], [0, 1]], [[0, -1], [1, 0]]]).decision.name
    'EQUAL'
    """
    return Dims(rows, columns, 2, domain="complex")


def hermitian(k: str | int = "k") -> Dims:
    """Hermitian matrices, (k, k). Given by the parts of each entry, (k, k, 2).

    Examples
    --------
    >>> from checker import claim, decide, hermitian, lambda_max, lambda_min
    >>> @claim
    ... def order(A: hermitian("k")):
    ...     return lambda_max(A) >= lambda_min(A)
    >>> decide(order, A=[[[1, 0], [0, 1]], [[0, -1], [2, 0]]]).decision.name
    'HOLDS'
    """
    return Dims(k, k, 2, domain="hermitian")
