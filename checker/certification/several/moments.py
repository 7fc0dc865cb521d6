"""Sums over the sample for K outputs: F, F_lin and the matrices A = E[l' xᵀ] and B = E[l' zᵀ].

The formulas are those of `VectorPoint`, evaluated block by block with weights 1 (or the given
ones), so that a block returns sums; they are divided by n at the end. All of ∇F_θ and every bound
of appendix B follow from A, B and the parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import total
from checker.certification.matrices.normed import Normed
from checker.certification.moments import (
    InputMoment,
    Parameters,
    Sums,
    exact,
    vector_block_point,
)
from checker.certification.several.gram import gram_of
from checker.certification.source import Source
from checker.errors import InputError
from checker.instances.fields import FloatArray


@dataclass(frozen=True, eq=False)
class VectorMoments:
    """Expectations over the sample at (W, V), enclosed.

    Attributes
    ----------
    F, F_at_zero
        F(W, V, θ), and F_lin(0) = E l(0; y).
    A, B
        E[l' xᵀ], (K, d), and E[l' zᵀ], (K, m).
    input_moment
        About a multiple of E[x xᵀ], (d, d); nothing proved rests on it.
    G
        E[(x; z)(x; z)ᵀ ⊗ ∂²l/∂p²], of order (d+m)K; None if that is too large, or unknown.
    """

    F: Bounded
    F_at_zero: Bounded
    A: Bounded
    B: Bounded
    input_moment: FloatArray
    G: Normed | None = None


def vector_moments(source: Source, W: FloatArray, V: FloatArray) -> VectorMoments:
    """The first pass over the data."""
    sums, inputs, parameters = Sums(), InputMoment(source.d), Parameters.of(W, V)
    gram = gram_of(source, len(W))
    for block in source:
        at = vector_block_point(block, parameters, source.loss)
        at_zero = at.mean(at.loss.value(exact(np.zeros_like(block.y)), at.Y))
        weight = total(exact(block.weights))
        sums.add(F=at.F, F_at_zero=at_zero, A=at.A, B=at.B, weight=weight)
        inputs.add(block)
        if gram is not None:
            gram.add(block, at)
    means = sums.means(source)
    if means.pop("weight").value[0] == 0:
        raise InputError("all weights are 0", why="An average over no points says nothing")
    found = None if gram is None else gram.mean(source)
    G = None if found is None else Normed(found["G"], found["G_radius"])
    return VectorMoments(**means, input_moment=inputs.sum, G=G)
