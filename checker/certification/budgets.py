"""Budgets of certificates: speed and the size of error bounds, never what is true."""

from __future__ import annotations

# `certify`: numbers in a block of rows and its least and greatest number of rows. They decide speed
# and the size of error bounds, never what is true.
BLOCK_NUMBERS = 2**21
MIN_BLOCK_ROWS = 64
MAX_BLOCK_ROWS = 16_384

# Steps of the solver for the best linear predictor, and the relative decrease at which it stops;
# any comparator gives valid bounds.
LINEAR_STEPS = 100
LINEAR_DECREASE = 1e-12

# Orders of matrices up to which a whole spectrum is computed; beyond, Lanczos looks at its end, in
# at most so many restarts and with this relative accuracy.
MAX_DENSE_ORDER = 64
LANCZOS_RESTARTS = 5
LANCZOS_TOLERANCE = 1e-4

# Inverse iteration then improves the vector: at most so many steps with one factorisation, at
# values that lie beyond the best one known by a share of it, from the first to the last of these,
# in so many factorisations at most.
INVERSE_STEPS = 40
REFINING_SHARES = (1e-2, 1e-6)
REFINING_TRIALS = 10

# Trials to prove a lower bound on the least eigenvalue, each four times as wide as the one before,
# from this relative width on.
ENCLOSING_TRIALS = 40
EIGENVALUE_RESOLUTION = 1e-9

# Largest n (d + m) for which a certificate that float bounds leave open goes to balls: seconds.
MAX_BALL_NUMBERS = 50_000


# Archives whose arrays are larger than this, and than so many times the file, are refused: numbers
# of a network hardly shrink when they are packed.
MAX_UNPACKED = 100

MAX_UNPACKED_BYTES = 2**30

# Several outputs: the largest order (d + m) K of the second moments from which both bounds on the
# least eigenvalue follow, and the largest K. Beyond, the bound from below is -||B||, and directions
# are looked for by so many steps of Lanczos, with a pass over the data each. Numbers of the
# Hessians of the loss that are kept at a time.
MAX_REDUCED_ORDER = 1_024
MAX_DENSE_OUTPUTS = 64
LANCZOS_PASSES = 16
TENSOR_NUMBERS = 2**19

# Numbers of predictions in a search for a length: of more rows than that some are taken.
LENGTH_NUMBERS = 2**22
