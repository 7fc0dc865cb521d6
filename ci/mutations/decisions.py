"""Decisions, balls and exact numbers."""

from __future__ import annotations

from mutations.mutation import Mutation

BALL = "checker/arithmetic/ball.py"
ROOTS = "checker/arithmetic/functions/roots.py"
EXACT = "checker/arithmetic/exact.py"
DECIDE = "checker/arithmetic/decide.py"

MUTATIONS = (
    Mutation(
        "decide: value in place of lower bound",
        DECIDE,
        "lower = np.broadcast_to(slack.lower, (size,))",
        "lower = np.broadcast_to(slack.value, (size,))",
    ),
    Mutation(
        "decide: NaN passes",
        DECIDE,
        "return lower > 0 if strict else lower >= 0",
        "return lower > 0 if strict else ~(lower < 0)",
    ),
    Mutation(
        "decide: non-finite slack",
        DECIDE,
        "    if not slack.is_finite():\n        return Decision.OUT_OF_RANGE, None\n",
        "",
    ),
    Mutation(
        "decide: overlapping is violated",
        DECIDE,
        "    if slack < 0 or (slack <= 0 and strict):\n",
        "    if not slack >= 0 or (slack <= 0 and strict):\n",
    ),
    Mutation(
        "decide: value in place of upper bound",
        DECIDE,
        "upper = np.broadcast_to(slack.upper, (size,))",
        "upper = np.broadcast_to(slack.value, (size,))",
    ),
    Mutation(
        "ball: shift not added to the radii",
        BALL,
        "value.real + arb(0, 1) * (size * step)",
        "value.real",
    ),
    Mutation(
        "ball: negative root",
        ROOTS,
        'arb("nan") if x < 0 else x.nonnegative_part().sqrt()',
        "abs(x).sqrt()",
    ),
    Mutation("ball: larger takes the first", BALL, "    return x.max(y)\n", "    return x\n"),
    Mutation(
        "ball: zero where merely close",
        BALL,
        "            if entry.is_zero():\n",
        "            if not entry != 0:\n",
    ),
    Mutation(
        "exact: unknown plus anything",
        EXACT,
        "            return UNKNOWN\n        if not self.ratio",
        "            return self if self.known else other\n        if not self.ratio",
    ),
    Mutation(
        "exact: sum of unlike roots",
        EXACT,
        "        if factor is None:\n            return UNKNOWN\n",
        "        if factor is None:\n            return self\n",
    ),
    Mutation(
        "exact: root not checked",
        EXACT,
        "if above**2 == top and below**2 == bottom else None",
        "if bottom else None",
    ),
    Mutation(
        "exact: signs ignored",
        EXACT,
        "    return x.sign * (int(left > right) - int(left < right))",
        "    return int(left > right) - int(left < right)",
    ),
)
