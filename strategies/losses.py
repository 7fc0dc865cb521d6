"""Hypothesis strategies for losses."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.instances import FloatArray
from checker.landscape.loss import Labels, Loss
from checker.landscape.losses import LOSSES, PseudoHuber, SmoothedHinge, SmoothedQuantile

# Every loss of the catalogue, and the parametrised ones away from their defaults. The simplest
# come first: Hypothesis shrinks towards them.
ALL: tuple[Loss, ...] = (
    *LOSSES.values(),
    PseudoHuber(delta=0.125),
    SmoothedHinge(width=0.0625),
    SmoothedQuantile(tau=0.875, beta=16.0),
)


def losses(labels: Labels | None = None) -> st.SearchStrategy[Loss]:
    """Convex, twice differentiable losses; only those with the given label domain if one is given.

    Shrinks to the squared loss.
    """
    return st.sampled_from([x for x in ALL if labels is None or x.labels is labels])


def losses_for(y: FloatArray) -> st.SearchStrategy[Loss]:
    """Losses whose label domain contains every label, the affine loss apart.

    Affine losses are equality cases of Lemma 1 whatever the data, so real data add nothing.
    """
    fitting = [x for x in ALL if np.all(x.labels.accepts(y)) and x.kind != "affine"]
    return st.sampled_from(fitting)
