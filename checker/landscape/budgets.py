"""What optimisers try and how far proofs at found points reach; they decide no truth."""

from __future__ import annotations

# A bound at a found point says something where it is below this share of |F| + |F(0)|, for the
# difference to the best linear predictor, which is proved to be below it, too. At w = 0 the bound
# is no small number but one of the size of a gap.
FOUND_SHARE = 1e-6
FOUND_SHARE_AT_ZERO = 1.0

# How far around a comparator w* its optimality is looked into, in multiples of 1 + ||w*||.
COMPARATOR_REACH = 1e3

# Largest order of a Hessian whose inertia is enclosed at a found point: tenths of a second.
MAX_INERTIA = 450

# Largest order of a dense Hessian whose spectrum is enclosed in an oracle check, and of one that
# is assembled from that many samples: a matter of time (some 10 ms), not of truth.
MAX_DENSE_ORACLE = 16

# Search parameters of the optimisers. They decide what is *tried*, never what is true: each found
# point is judged by enclosures, whatever brought it about.
OPTIMISER_STEPS = 200
CONVERGED_GRADIENT = 1e-10  # about the square root of what double precision can resolve

# The gradient at which a descent over (w, V) may stop: a proof of a minimum near by takes no more.
NEARLY_CRITICAL = 1e-7

DIVERGING_GROWTH = 1.5  # a second run of the optimiser that moves on this much runs to infinity
