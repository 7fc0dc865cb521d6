"""Budgets of campaigns, the guided search, the reducer and `sharpen`: what is tried."""

from __future__ import annotations

from checker.claims.thresholds import MIN_NONTRIVIAL_CASES

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

# In a run over everything, for controls: that they fell is what counts there.
BRIEF_ATTEMPTS = 60

# Before that, this many cases in one dimension and small integers are bounded at once, and up to
# so many of the simplest that look violated, or undefined in float64, are decided.
SCAN_CASES = 8192
SCAN_PROOFS = 64

# Draws in which Hypothesis looks again for a violation of a bare strategy, to shrink it.
DRAWN_AGAIN = 2000

# Default budget of `verify`: decided cases per claim on random data, and the share of it on each
# real data set, whose cases are far larger.
DEFAULT_CASES = 200_000

# The same for a bare strategy, whose examples Hypothesis draws one by one, at about 3 ms each.
DRAWN_CASES = 2_000

# A run over every installed claim gives each domain this share of its budget, but not fewer cases
# than a verdict needs with some to spare.
BRIEF_SHARE = 0.2
BRIEF_CASES = 60

# So many cases at each corner then, which are decided by balls and exact numbers for the most part.
BRIEF_CORNER_CASES = 4
DATA_CASES_SHARE = 0.002

# Share of the cases at the corners that are derived from the class of the instances: there each is
# asked of its class, and every corner is visited once, whatever its share.
CORNER_SHARE = 0.05

# At least this many where the user's data are the only distribution: twice what a verdict needs.
ONLY_DATA_CASES = 2 * MIN_NONTRIVIAL_CASES

# Tasks in a row over data that find nothing, before they are given up.
DATA_PATIENCE = 12

# A campaign ends after this many rounds over all strata at the latest; workers may run this many
# tasks ahead of the one whose result is counted next.
MAX_ROUNDS = 10_000
TASKS_AHEAD = 2

# Found points beyond the planned ones after which a claim that has none in some stratum, or too few
# with a bound that says something, is let go.
FOUND_PATIENCE = 60

# Found points that a control may cost: it falls early or not at all.
MAX_FOUND_CASES = 200

# Shape of the guided search, per island: cases drawn per stratum, of these decided where float64
# knows nothing, structures followed up, parents
# and children of a generation, generations and quasi-Newton steps at effort 1.
START_CASES = 64
ALREADY_TIGHT = 1e-12  # of the relative slack: about where its error bound begins
BLIND_CASES = 2
KEPT_STRUCTURES = 4
PARENTS = 16
CHILDREN = 16
GENERATIONS = 8
DESCENT_STEPS = 30

# Examples of a bare strategy per island at effort 1, drawn and moved by Hypothesis.
AIMED_EXAMPLES = 500

# From so many of the best of them the floats among their choices are moved, at effort 1 by so many
# examples each, where they are no more than this: a line search for each takes about ten.
REFINED_STARTS = 2
REFINED_EXAMPLES = 150
REFINED_FLOATS = 24

# Examples that a hunt in a bare strategy takes where nobody said how many: each costs about as
# much as a hundred candidates that are moved in batches.
AIMED_EVALUATIONS = 4_000

# Islands after which a hunt sweeps over all strata: most violations are found before, in 0.05 s.
# Where there are only a few, it begins with that; an island of deep networks may take minutes.
SWEEP_AFTER, FEW_STRATA = 3, 8

# Effort doubles after this many islands without a violation, up to a limit that keeps an island
# short enough for budgets in seconds.
ISLANDS_PER_EFFORT = 3
MAX_EFFORT = 16

# Default budgets of the guided search, in candidates whose slack is bounded: per false neighbour or
# dropped assumption in an audit, and per claim within `verify` as a share of its cases.
AUDIT_EVALUATIONS = 200_000

# Per neighbour that nobody wrote: of several a claim, and true as often as not.
GENERATED_EVALUATIONS = 20_000
CLIMB_SHARE = 0.3

# Random cases for false neighbours, before the guided search takes over; and in place of it where
# there is nothing to move.
CONTROL_CASES = 20_000

# Fewer are not worth the start of an island.
MIN_CLIMB = 10_000

# `sharpen` stops when a constant's best value has moved by less than this between two descents,
# and then tries to move it by the larger step: six digits, with a margin.
SHARPEN_RESOLUTION = 1e-8
SHARPEN_STEP = 2e-7
POLISHING_ROUNDS = 12

# The demanding values from which it starts, in printed values away from the printed one, until one
# fails: a term dropped or twice as much claimed, then ever more.
SHARPEN_FACTORS = (1, 8, 64, 512, 4096)

# Its counterexamples are reduced in so many attempts. One with equality at a closed form is looked
# for where it violates by this share of the constant, then by this share of that.
SHARPEN_ATTEMPTS = 600
SHARPEN_NEARLY = 1e-3

# Halvings of the interval in which an instance stops violating: below the last digit of a double.
BISECTIONS = 50

# Candidates per hunt of `sharpen`, the last of which has to survive.
SHARPEN_EVALUATIONS = 100_000


# What has begun on a claim may take so long, whatever its share of the time of the run.
LEAST_SECONDS = 2.0

# Time at least to reduce counterexamples when a search was cut short, and a tenth of its own.
END_SECONDS = 1.0
