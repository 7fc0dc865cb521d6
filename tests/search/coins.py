"""A claim about coins, true or with a planted failure rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.binomial import Trials, critical_failures
from checker.claims.claim import Assumption, Claim, Domain
from checker.instances.fields import Batch, Dims, FloatArray

RUNS, ODDS, BITS, EXPERIMENTS = 16, 8, 30, 48


@dataclass(frozen=True, eq=False)
class Coins:
    """Runs that fail where the outcome is 1; `small` runs are beyond the premise."""

    outcomes: Annotated[FloatArray, Dims("N", domain="recorded")]
    small: Annotated[FloatArray, Dims(domain="recorded")]


@dataclass(frozen=True, eq=False)
class CoinStructure:
    rate: float
    share_small: float = 0.0
    max_batch: int = 4

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        outcomes = (rng.random((RUNS, size)) < self.rate).astype(float)
        small = (rng.random(size) < self.share_small).astype(float)
        return Batch(Coins(outcomes, small), size, "coins", f"rate {self.rate}")


def coins(at: Any) -> Any:
    k = critical_failures(((RUNS, ODDS),), BITS)
    return 0 * at.small + k + 0.5 >= at.outcomes.total()


large = Assumption("large", "", lambda at: at.small == 0, definitional=True)


def planted(rate: float, *, kind: str = "bound", **further: Any) -> Claim:
    domain = Domain(
        st.nothing(), {"coins": st.just(CoinStructure(rate, **further))}, cases=EXPERIMENTS
    )
    return Claim(
        id=f"coins.{rate:g}",
        title="coins",
        source=None,
        statement="",
        formula=coins,
        domain=domain,
        assuming=(large,),
        kind=kind,
        weight=lambda at, _: 0 * at.small + 1,
        trials=lambda at: Trials(RUNS, ODDS, BITS),
    )
