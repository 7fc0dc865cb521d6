"""When a search says enough to judge by."""

from __future__ import annotations

# A verdict STANDS only with at least this many non-trivial cases, and only when they make up at
# least this share of the decided cases: below, the search says VACUOUS. The share is low because
# strata such as "gap exactly 0" are trivial on purpose.
MIN_NONTRIVIAL_CASES = 30
MIN_NONTRIVIAL_SHARE = 0.02

# Premises that fewer cases drawn meet than this share are said to reject nearly all.
MIN_PREMISE_SHARE = 0.05

# OUT_OF_RANGE cases (exp beyond Arb's exponents) may not exceed this share of a standing verdict.
MAX_OUT_OF_RANGE_SHARE = 0.01

# Undefined cases, 0/0 and the like, may not exceed the same share, nor reach this number: so many
# of them are told apart, at about 50 bytes each.
MAX_UNDEFINED = 1_000_000
