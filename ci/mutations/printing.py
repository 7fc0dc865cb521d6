"""Printed bounds: every digit that is shown has to be on the proved side.

Each function that turns a proved bound into text has its entries here: what rounds to the wrong
side, or to nearest, has to be seen.
"""

from __future__ import annotations

from mutations.mutation import Area, Mutation

TEXT = "checker/report/text.py"

MUTATIONS = (
    Mutation(
        "radius: rounded to nearest",
        TEXT,
        "return text if float(text) >= x else",
        "return text if True else",
    ),
    Mutation(
        "side: digits of a number that has more",
        TEXT,
        'text = f"{x:.12g}" if float(f"{x:.12g}") == x else f"{x:.17g}"',
        'text = f"{x:.12g}"',
    ),
    Mutation("side: exact though it is not", TEXT, "if radius == 0:", "if not radius > 1e-12:"),
)

AREAS = (Area("printing", ("tests/report/test_printed_bounds.py",), MUTATIONS),)
