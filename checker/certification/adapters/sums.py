"""Is what enters the output layer x + V z, one vector per row, up to roundings?

Tensors with positions (tokens, pixels) become rows in one of these ways, `FORMS`:

* rows: there are no positions;
* tokens: each position is a row, with its own prediction;
* mean, first, last: the mean over positions, or one of them, enters the output layer. Since that is
  linear, it is the same mean of x and of z: the sample (R x, R z) with the same V.

After the sum there may be a map h ↦ α h + β, entry by entry (a frozen batch norm, an affine layer),
and on V z a gate γ and an offset: then h = R(α (x + γ V z + offset)) + β. They are folded into the
sample and V: x' = α R x + β, V' = diag(α γ) V. No layer is asked what it does: what it returned is
compared with these sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.instances.fields import FloatArray

FORMS = ("rows", "tokens", "mean", "first", "last")


@dataclass(frozen=True, eq=False)
class Fold:
    """Entry by entry: h = after (x + gate (V z + bias) + offset) + shift.

    Attributes
    ----------
    gate, offset
        Of the branch, (d,).
    after, shift
        Of the sum, (d,).
    name
        What was folded, in words; empty if nothing was.
    """

    gate: FloatArray
    offset: FloatArray
    after: FloatArray
    shift: FloatArray
    name: str = ""

    @classmethod
    def none(cls, d: int) -> Fold:
        """Nothing is folded."""
        one, zero = np.ones(d), np.zeros(d)
        return cls(one, zero, one, zero)

    @property
    def trivial(self) -> bool:
        """Whether it changes nothing."""
        plain = bool((self.gate == 1).all() and (self.after == 1).all())
        return plain and not self.offset.any() and not self.shift.any()

    @property
    def scale(self) -> FloatArray:
        """What the rows of V are multiplied by, (d,)."""
        scale: FloatArray = self.after * self.gate
        return scale

    def inputs(self, x: FloatArray) -> FloatArray:
        """x' of the sample, (n, d)."""
        return x if self.trivial else self.after * (x + self.offset) + self.shift


def flattened(values: FloatArray, form: str) -> FloatArray:
    """(n, positions, c) or (n, c) as rows (n', c)."""
    if form == "rows":
        return values
    if form == "tokens":
        return values.reshape(-1, values.shape[-1])
    if form == "mean":
        return np.asarray(values.mean(1))
    return values[:, 0 if form == "first" else -1]


def forms_of(x: Any, h: Any) -> tuple[str, ...]:
    """The forms that the numbers of axes allow; x and h have channels last."""
    if x.ndim == 2:
        return ("rows",) if h.ndim == 2 else ()
    if h.ndim == x.ndim:
        return ("tokens",)
    return ("mean", "first", "last") if h.ndim == 2 else ()


@dataclass(frozen=True, eq=False)
class Parts:
    """What a pass recorded: x, z, h (channels last, positions in one axis), V, bias, precision.

    Attributes
    ----------
    x, z
        (n, d) or (n, P, d), and (n, m) or (n, P, m).
    h
        (n, d) or (n, P, d).
    V, bias
        (d, m) and (d,).
    eps, product_eps
        Relative precision of the model's numbers, and of its products of matrices.
    """

    x: FloatArray
    z: FloatArray
    h: FloatArray
    V: FloatArray
    bias: FloatArray
    eps: float
    product_eps: float


def fits(parts: Parts, form: str, fold: Fold) -> bool:
    """Whether h is the folded sum, up to the roundings of the model's own precision."""
    x, z = flattened(parts.x, form), flattened(parts.z, form)
    h = flattened(parts.h, "tokens") if form == "tokens" else parts.h
    d, m = parts.V.shape
    if x.shape != h.shape or x.shape[1] != d or z.shape != (len(x), m):
        return False
    V, bias = fold.scale[:, None] * parts.V, fold.scale * parts.bias
    expected = fold.inputs(x) + z @ V.T + bias
    sizes = flattened(np.abs(parts.x), form), flattened(np.abs(parts.z), form)
    product = sizes[1] @ np.abs(V).T
    rest = np.abs(fold.after) * (sizes[0] + np.abs(fold.offset)) + np.abs(fold.shift) + np.abs(bias)
    positions = parts.x.shape[1] if form == "mean" else 0
    # Products and sums over m + 2 terms, P positions, a few factors; in float64, as many of ours.
    steps = 2 * (m + positions + 3 + (0 if fold.trivial else 8))
    # A product of matrices may round its factors to fewer bits: both, once each.
    allowed = steps * parts.eps * (product + rest) + 4 * parts.product_eps * product
    off = np.abs(h - expected)
    return bool((off <= allowed).all()) and bool(np.isfinite(h).all())
