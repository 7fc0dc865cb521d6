"""Hypothesis strategies for losses."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Labels, Loss
from checker.landscape.losses.catalogue import LOSSES, PseudoHuber, SmoothedHinge, SmoothedQuantile
from checker.landscape.losses.further import FURTHER
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1, Huber
from checker.landscape.losses.per_sample import accepted_with, per_sample

# Every loss of the catalogue, and the parametrised ones away from their defaults. The simplest
# come first: Hypothesis shrinks towards them.
ALL: tuple[Loss, ...] = (
    *LOSSES.values(),
    PseudoHuber(delta=0.125),
    SmoothedHinge(width=0.0625),
    SmoothedQuantile(tau=0.875, beta=16.0),
)

# Those of which commands do not know, hardly smooth or asymmetric ones among them.
EVERY: tuple[Loss, ...] = (*ALL, *FURTHER)

# Losses for claims without one of the two parts of Assumption 1. The loss whose declared slope is
# wrong on purpose belongs to neither.
NONCONVEX: tuple[Loss, ...] = tuple(x for x in OUTSIDE_ASSUMPTION_1.values() if not x.convex)
KINKED: tuple[Loss, ...] = (
    *(
        x
        for x in OUTSIDE_ASSUMPTION_1.values()
        if not x.twice_differentiable and x.kind != "hinge_wrong_slope"
    ),
    Huber(delta=0.125),
)


def losses() -> st.SearchStrategy[Loss]:
    """Convex, twice differentiable losses; shrinks to the squared loss."""
    return st.sampled_from(EVERY)


@st.composite
def losses_of_samples(draw: st.DrawFn, n: int) -> Loss:
    """A loss for each of n samples, two of them at least different; one domain of labels."""
    labels = draw(st.sampled_from(Labels))
    fitting = [loss for loss in EVERY if accepted_with(labels, loss)]
    drawn = draw(st.permutations(fitting).map(lambda p: p[:2]))
    drawn += draw(st.lists(st.sampled_from(fitting), min_size=n - 2, max_size=n - 2))
    return per_sample(drawn)


def losses_for(y: FloatArray) -> st.SearchStrategy[Loss]:
    """Losses whose label domain contains every label, the affine loss apart.

    Affine losses are equality cases of Lemma 1 whatever the data, so real data add nothing.
    """
    fitting = [x for x in ALL if np.all(x.labels.accepts(y)) and x.kind != "affine"]
    return st.sampled_from(fitting)


def losses_with(further: tuple[Loss, ...]) -> st.SearchStrategy[Loss]:
    """These losses, and as often those of the catalogue; shrinks to the first of `further`."""
    return st.one_of(st.sampled_from(further), losses())
