"""What defines a norm or an extreme eigenvalue, said in Coq of the entries of a matrix.

Of a norm s: s >= 0 and ||zᵀM|| <= s ||z|| for all z. Of an extreme eigenvalue of a symmetric
matrix: the quadratic form is at least (at most) that much on all vectors, and equal on a unit
vector. The norm is the least number with its property; statements hold for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from checker.arithmetic.recorded import Node
from checker.explain.gallina import Terms


def described(node: Node, terms: Terms) -> str:
    """The defining property of a norm or eigenvalue, whose name is known."""
    rows, columns = node.shape
    entries = [
        [terms.text(node.operands[i * columns + j]) for j in range(columns)] for i in range(rows)
    ]
    name, z = terms.opaque_name(node), [f"z_{i + 1}" for i in range(rows)]
    length = _sum(f"{x} * {x}" for x in z)
    if node.op == "spectral_norm":
        image = [_sum(f"{z[i]} * {entries[i][j]}" for i in range(rows)) for j in range(columns)]
        left = _sum(f"{x} * {x}" for x in image)
        return f"(0 <= {name} /\\ forall {' '.join(z)} : R, {left} <= {name} * {name} * {length})"
    form = _sum(f"{z[i]} * {entries[i][j]} * {z[j]}" for i in range(rows) for j in range(columns))
    sign = ">=" if node.op == "lambda_min" else "<="
    return (
        f"((forall {' '.join(z)} : R, {form} {sign} {name} * {length}) /\\ "
        f"(exists {' '.join(z)} : R, {length} = 1 /\\ {form} = {name}))"
    )


def _sum(parts: Sequence[str] | object) -> str:
    return f"({' + '.join(parts)})"  # type: ignore[arg-type]
