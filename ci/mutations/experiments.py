"""Claims about probabilities: the exact binomial tests, and the sample of the pooled one."""

from __future__ import annotations

from mutations.mutation import Area, Mutation

BINOMIAL = "checker/arithmetic/binomial.py"
POOLED = "checker/claims/pooled.py"
POOLING = "checker/search/pooling.py"
CAMPAIGN = "checker/search/campaign.py"
EXPERIMENTS = "checker/search/experiments.py"

MUTATIONS = (
    Mutation(
        "level: one failure less", BINOMIAL, "            return k\n", "            return k - 1\n"
    ),
    Mutation(
        "level: at the jump",
        BINOMIAL,
        "if tail << level_bits > whole:",
        "if tail << level_bits >= whole:",
    ),
    Mutation(
        "level: twice as high", BINOMIAL, "tail << level_bits >", "tail << (level_bits - 1) >"
    ),
    Mutation("power: one failure more", BINOMIAL, "weights[critical + 1 :]", "weights[critical:]"),
    Mutation(
        "rates: those of the first group",
        BINOMIAL,
        "rate = min(factor / odds,",
        "rate = min(factor / groups[0][1],",
    ),
    Mutation(
        "noticed: one step less",
        BINOMIAL,
        "    return high * STEP\n",
        "    return low * STEP\n",
    ),
    Mutation("failures: not a lower bound", POOLED, " - Fraction(case.rhs_radius)", ""),
    Mutation("failures: a quarter", POOLED, " - Fraction(1, 4)\n", "\n"),
    Mutation("failures: of an unproved step", POOLED, "if case.unproved or not (", "if not ("),
    Mutation(
        "sample: before its end",
        POOLED,
        "return self.complete and self.failures",
        "return self.failures",
    ),
    Mutation(
        "refutation: by float64 alone",
        POOLED,
        "return self.complete and self.proved > self.critical",
        "return self.complete and self.failures > self.critical",
    ),
    Mutation(
        "sample: as much as was drawn",
        POOLED,
        "if new and visited >= strata and len(kept) >= planned:",
        "if False:",
    ),
    Mutation(
        "sample: not every stratum",
        POOLED,
        "if new and visited >= strata and len(kept) >= planned:",
        "if new and len(kept) >= planned:",
    ),
    Mutation(
        "proof: outside the assumptions",
        POOLING,
        'if not admits(claim.assuming, single(instance, "")).all():',
        "if False:",
    ),
    Mutation("seeds: another experiment", EXPERIMENTS, "checksum_of(x) == e.checksum", "True"),
    Mutation(
        "sample: more experiments where they end badly",
        CAMPAIGN,
        "or not probe.size or experiments:",
        "or not probe.size:",
    ),
    Mutation(
        "sample: without those outside the assumptions",
        CAMPAIGN,
        "is not None:\n            tally.drawn +=",
        "is not None and mask.all():\n            tally.drawn +=",
    ),
)

AREAS = (
    Area(
        "experiments",
        ("tests/search/test_pooling.py", "tests/search/test_pooled_report.py"),
        MUTATIONS,
    ),
)
