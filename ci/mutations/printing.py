"""Printed bounds: every digit that is shown has to be on the proved side.

Each function that turns a proved bound into text has its entries here: what rounds to the wrong
side, or to nearest, has to be seen.
"""

from __future__ import annotations

from mutations.mutation import Area, Mutation

ROUNDING = "checker/instances/rounding.py"

MUTATIONS = (
    Mutation(
        "upper bound: rounded to nearest",
        ROUNDING,
        "return _rounded(x, digits, ROUND_CEILING)",
        "return _rounded(x, digits, ROUND_HALF_EVEN)",
    ),
    Mutation(
        "lower bound: rounded up",
        ROUNDING,
        "return _rounded(x, digits, ROUND_FLOOR)",
        "return _rounded(x, digits, ROUND_CEILING)",
    ),
    Mutation(
        "radius: rounded to nearest",
        ROUNDING,
        "return at_most(off + abs(exact - Fraction(middle)), 1)",
        "return nearest(off + abs(exact - Fraction(middle)), 1)",
    ),
    Mutation(
        "radius: without the rounding of the middle",
        ROUNDING,
        "at_most(off + abs(exact - Fraction(middle)), 1)",
        "at_most(off, 1)",
    ),
    Mutation(
        "interval: exact though it is not",
        ROUNDING,
        "        if Fraction(text) == exact:\n",
        "        if float(text) == float(exact):\n",
    ),
    Mutation(
        "interval: half of its width",
        ROUNDING,
        "(above - below) / 2)",
        "(above - below) / 4)",
    ),
    Mutation(
        "number between bounds: digits of one of them",
        ROUNDING,
        "return text if text == nearest(high, digits) else",
        "return text if digits else",
    ),
    Mutation(
        "apart: rounded to one number",
        ROUNDING,
        "Fraction(below) < Fraction(above)",
        "Fraction(below) <= Fraction(above)",
    ),
)

AREAS = (Area("printing", ("tests/report/test_rounding.py",), MUTATIONS),)
