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
    """Real numbers."""
    return Dims()


def vectors(k: str | int = "k") -> Dims:
    """Vectors of real numbers, (k,)."""
    return Dims(k)


def matrices(rows: str | int = "n", columns: str | int = "d") -> Dims:
    """Matrices of real numbers, (rows, columns); square for one name twice."""
    return Dims(rows, columns)


def positive(*dims: str | int) -> Dims:
    """Numbers, vectors or matrices whose entries are positive."""
    return Dims(*dims, domain="positive")


def nonnegative(*dims: str | int) -> Dims:
    """Entries are at least 0."""
    return Dims(*dims, domain="nonnegative")


def interval(low: float, high: float, *dims: str | int) -> Dims:
    """Entries lie in the closed interval [low, high]; either end may be infinite."""
    return Dims(*dims, domain=_interval(low, high))


def integers(*dims: str | int, low: int | None = None, high: int | None = None) -> Dims:
    """Entries are integers, from `low` to `high` where these are given."""
    return Dims(*dims, domain=_whole(low, high))


def signs(*dims: str | int) -> Dims:
    """Entries are 1 or -1."""
    return Dims(*dims, domain="sign")


def booleans(*dims: str | int) -> Dims:
    """Entries are 0 or 1."""
    return Dims(*dims, domain="boolean")


def ascending(k: str | int = "k") -> Dims:
    """Vectors whose entries ascend, (k,)."""
    return Dims(k, domain="sorted")


def simplex(k: str | int = "k") -> Dims:
    """Probability vectors, (k,): entries at least 0 that sum to 1. Given by counts q as q / Σq."""
    return Dims(k, domain="simplex")


def unit_vectors(k: str | int = "k") -> Dims:
    """Vectors of length 1, (k,). Given by a direction v as the reflection of e_1 in v."""
    return Dims(k, domain="unit vector")


def symmetric(k: str | int = "k") -> Dims:
    """Symmetric matrices, (k, k)."""
    return Dims(k, k, domain="symmetric")


def psd(k: str | int = "k") -> Dims:
    """Positive semidefinite matrices, (k, k). Given by a factor B as B Bᵀ."""
    return Dims(k, k, domain="positive semidefinite")


def orthogonal(k: str | int = "k") -> Dims:
    """Orthogonal matrices, (k, k). Given by columns a_j as the product of their reflections."""
    return Dims(k, k, domain="orthogonal")


def complex_numbers() -> Dims:
    """Complex numbers. Given by x and y as x + iy."""
    return Dims(2, domain="complex")


def complex_vectors(k: str | int = "k") -> Dims:
    """Vectors of complex numbers, (k,). Given by the parts (x, y) of each entry, (k, 2)."""
    return Dims(k, 2, domain="complex")


def complex_matrices(rows: str | int = "n", columns: str | int = "d") -> Dims:
    """Matrices of complex numbers, (rows, columns). Given by parts, (rows, columns, 2)."""
    return Dims(rows, columns, 2, domain="complex")


def hermitian(k: str | int = "k") -> Dims:
    """Hermitian matrices, (k, k). Given by the parts of each entry, (k, k, 2)."""
    return Dims(k, k, 2, domain="hermitian")
