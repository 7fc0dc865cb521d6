"""Numbers that docs/rigor.md states, computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.arithmetic.binomial import critical_failures, noticed_factor
from strategies.deep_linear import sgd as linear_sgd_runs
from strategies.sgd import problems as sgd_problems

PAGE = (Path(__file__).parents[2] / "docs" / "rigor.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("claim", "module"),
    [("shamir2018.theorem4", sgd_problems), ("zou2020.sgd", linear_sgd_runs)],
)
def test_table_of_the_binomial_tests(claim: str, module: object) -> None:
    runs, odds, bits, size = (
        getattr(module, name) for name in ("RUNS", "ODDS", "LEVEL_BITS", "EXPERIMENTS")
    )
    alone, together = ((runs, odds),), ((runs * size, odds),)
    allowed = [critical_failures(groups, bits) for groups in (alone, together)]
    noticed = [noticed_factor(g, k) for g, k in zip((alone, together), allowed, strict=True)]
    factors = " | ".join(f"{float(f):g} δ" for f in noticed if f is not None)
    row = f"| `{claim}` | {size} × {runs}, δ = 1/{odds} | {allowed[0]} of {runs} | "
    row += f"{allowed[1]} of {runs * size} | {factors} |"
    assert row in PAGE
    assert bits == 30
