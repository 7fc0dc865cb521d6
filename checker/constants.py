"""Every numerical constant that a verdict may depend on, each with its reason.

None of these is a tolerance: a verdict follows from proved enclosures only.
"""

from __future__ import annotations

# IEEE 754 binary64, round to nearest: |fl(x op y) - (x op y)| <= UNIT_ROUNDOFF * |fl(x op y)|.
UNIT_ROUNDOFF = 2.0**-53

# Added to the error of every product and quotient. It covers the underflow of the product itself
# (at most 2**-1075) and of the few products inside its error bound, with a wide margin; numbers
# near it are left to ball arithmetic.
UNDERFLOW = 2.0**-1022

# Error bounds are themselves computed in floats. Each is a sum of non-negative products, so r
# roundings lose at most a factor (1 + UNIT_ROUNDOFF)**r; this factor pays for r <= MAX_ROUNDINGS.
BOUND_INFLATION = 1.0 + 2.0**-30
MAX_ROUNDINGS = 2**22

# Assumed accuracy of NumPy's exp, expm1, log, log1p, sinh, tanh, in units in the last place.
# NumPy documents 4 for its vectorised kernels; tests/oracle/test_elementary.py measures it
# against Arb.
ELEMENTARY_ULPS = 4

# An ulp is at most two unit roundoffs of the value.
ELEMENTARY_ERROR = 2 * ELEMENTARY_ULPS * UNIT_ROUNDOFF

# Eigenvectors of a batch of matrices of these sizes are found by Jacobi rotations, in that many
# sweeps; convergence is quadratic. Their accuracy decides how many cases leave the float rung,
# never what is true.
JACOBI_SIZES = (2, 3)
JACOBI_SWEEPS = 4

# Precisions in bits that a case climbs through. 53 is no cheaper than 128; products of a few
# subnormal numbers need about 4,500 bits, hence the cap.
BALL_PRECISIONS = (128, 512, 2048, 8192)

# A verdict STANDS only with at least this many non-trivial cases, and only when they make up at
# least this share of the decided cases: below, the search says VACUOUS. The share is low because
# strata such as "gap exactly 0" are trivial on purpose.
MIN_NONTRIVIAL_CASES = 30
MIN_NONTRIVIAL_SHARE = 0.02

# OUT_OF_RANGE cases (exp beyond Arb's exponents) may not exceed this share of a standing verdict.
MAX_OUT_OF_RANGE_SHARE = 0.01

# Bits at which two independent computations of a quantity are compared: far more than a float, so
# that even a small mistake in a formula separates the two enclosures.
ORACLE_PRECISION = 256

# Proofs that a point is near a minimum: gradients of polished points are of size 2**-52, and there
# are thousands of points.
PROOF_PRECISION = 128

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
CENSUS_DEFLATIONS = 2  # critical points sought from one start, each away from those before
CENSUS_EVALUATIONS = 800  # of the gradient, for one of them
CENSUS_STEPS = 3000  # of the descent; networks are flat near their minima
NEWTON_STEPS = 60  # of Levenberg-Marquardt; its last steps converge quadratically
DAMPING = 1e-3  # of the first of them, relative to the greatest curvature
DAMPING_TRIALS = 12  # each ten times as much
INNER_STEPS = 60  # of Newton's method over (w, q), each halved at most so often
HALVINGS = 20
# ||∇F||, relative to the point, that counts as nearly critical: where descent ends in float64 on
# standardised data. Nothing that is proved depends on it.
CENSUS_GRADIENT = 1e-6
RUNAWAY = 1e3  # ||θ|| of a search on standardised data that goes to infinity
CENSUS_WHOLE = 60_000  # largest n * size of θ for derivatives over balls: seconds
SAME_PREDICTIONS = 1e-6  # relative distance below which two points count as copies of one
DIVERGING_GROWTH = 1.5  # a second run of the optimiser that moves on this much runs to infinity

# Shape of a campaign. A probe of this many cases measures how many need more than float64; the
# main batch is then as large as keeps the expensive rungs to about this many cases, and its
# arrays within the processor's cache.
PROBE_CASES = 16
ESCALATIONS_PER_ROUND = 16
MAX_BATCH = 2048
BATCH_NUMBERS = 2**17

# The reducer keeps at least this share of the relative violation that it started from, so that
# the result is as convincing as the find, and stops after this many proofs.
KEPT_SEVERITY = 0.25
SHRINK_ATTEMPTS = 4000
# Before that, this many cases in one dimension and small integers are bounded at once, and up to
# so many of the simplest that look violated, or undefined in float64, are decided.
SCAN_CASES = 8192
SCAN_PROOFS = 64

# Default budget of `verify`: decided cases per claim on random data, and the share of it on each
# real data set, whose cases are far larger.
DEFAULT_CASES = 200_000
# A run over every installed claim gives a domain with a budget of its own, whose cases are costly,
# this share of it, but not fewer cases than a verdict needs with some to spare.
BRIEF_SHARE = 0.2
BRIEF_CASES = 60
DATA_CASES_SHARE = 0.002
# At least this many where the user's data are the only distribution: twice what a verdict needs.
ONLY_DATA_CASES = 2 * MIN_NONTRIVIAL_CASES
# Tasks in a row over data that find nothing, before they are given up.
DATA_PATIENCE = 12

# A campaign ends after this many rounds over all strata at the latest; workers may run this many
# tasks ahead of the one whose result is counted next.
MAX_ROUNDS = 10_000
TASKS_AHEAD = 2

# Found points beyond the planned ones after which a claim that has none in some stratum is let go.
FOUND_PATIENCE = 60

# Found points that a control may cost: it falls early or not at all.
MAX_FOUND_CASES = 200

# Shape of the guided search, per island: cases drawn per stratum, of these decided where float64
# knows nothing, structures followed up, parents
# and children of a generation, generations and quasi-Newton steps at effort 1. They decide what is
# tried, never what is true.
START_CASES = 64
ALREADY_TIGHT = 1e-12  # of the relative slack: about where its error bound begins
BLIND_CASES = 2
KEPT_STRUCTURES = 4
PARENTS = 16
CHILDREN = 16
GENERATIONS = 8
DESCENT_STEPS = 30
# Effort doubles after this many islands without a violation, up to a limit that keeps an island
# short enough for budgets in seconds.
ISLANDS_PER_EFFORT = 3
MAX_EFFORT = 16

# Default budgets of the guided search, in candidates whose slack is bounded: per false neighbour or
# dropped assumption in an audit, and per claim within `verify` as a share of its cases.
AUDIT_EVALUATIONS = 200_000
CLIMB_SHARE = 0.3
# Random cases for false neighbours, before the guided search takes over.
CONTROL_CASES = 20_000
# Fewer are not worth the start of an island.
MIN_CLIMB = 10_000

# `sharpen` stops when a constant's best value has moved by less than this between two descents,
# and then tries to move it by the larger step: six digits, with a margin.
SHARPEN_RESOLUTION = 1e-8
SHARPEN_STEP = 2e-7
POLISHING_ROUNDS = 12

# Halvings of the interval in which an instance stops violating: below the last digit of a double.
BISECTIONS = 50

# Candidates per hunt of `sharpen`, the last of which has to survive.
SHARPEN_EVALUATIONS = 100_000

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

# The gate: default seed and budgets of a baseline. The budgets keep a run within two minutes on
# two cores; with this seed the hardest false neighbour needs 150,000 candidates.
GATE_SEED = 2
GATE_CASES = 40_000
GATE_EVALUATIONS = 400_000
GATE_OPEN_EVALUATIONS = 5_000
GATE_FOUND_CASES = 200
# Relative slack at which the guided search counts as having found equality. It decides no case:
# what is lost below it is a search that came nearer before.
GATE_REACHED = 1e-9
# Structures per stratum, and random cases of each, in which float64 bounds are compared with balls:
# some hundred structures per claim, so that every loss of the catalogue is among them.
RUNG_STRUCTURES = 6
RUNG_CASES = 3
# Throughput of the gate: cases per batch, structures per claim, processor seconds per figure.
THROUGHPUT_CASES = 1024
THROUGHPUT_ROUNDS = 5
THROUGHPUT_SECONDS = 0.04
# The gate falls below this share of the baseline's ratio. Medians moved by up to 30 % with four
# processes on two cores; a Python loop over cases costs a factor of ten and more.
THROUGHPUT_SHARE = 0.4
# --update keeps a ratio that moved by less than this share: noise does not belong in a diff.
THROUGHPUT_KEPT = 0.35
