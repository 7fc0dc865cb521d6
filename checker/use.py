"""Claims from Python: `checker.verify(claim)` and `checker.decide(claim, instance)`."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any

import numpy as np

from checker.arithmetic.decide import CaseResult, decide_case
from checker.claims.claim import Claim
from checker.claims.verdict import Evidence
from checker.errors import InputError
from checker.search.plan import Plan
from checker.search.verify import verify as verify_plan


def verify(
    claim: Claim,
    *,
    cases: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    jobs: int = 1,
    executor: Executor | None = None,
) -> Evidence:
    """Search for a counterexample to one claim; the evidence prints in a line.

    Parameters are those of `checker.Plan`. With `seconds` alone all of the time is used. An
    `executor` does the work instead of `jobs` processes, as those of `concurrent.futures` and Dask.

    Examples
    --------
    >>> from checker import claim, numbers, verify
    >>> @claim
    ... def too_small(x: numbers()):
    ...     return x**2 >= x
    >>> verify(too_small, cases=100)
    <too_small REFUTED: x=0.5; 48 cases>
    """
    plan = Plan((claim,), cases=cases, seconds=seconds, seed=seed, jobs=jobs)
    return verify_plan(plan, executor=executor)[0]


def decide(claim: Claim, instance: Any = None, **fields: Any) -> CaseResult:
    """Decide one instance of a claim, without a tolerance: HOLDS, EQUAL, VIOLATED or why not.

    Parameters
    ----------
    instance
        An instance, or None to make it from the fields.
    fields
        Arrays or numbers by argument, of a claim that is a function of named arguments.

    Examples
    --------
    >>> from checker import claim, decide, numbers
    >>> @claim
    ... def too_small(x: numbers()):
    ...     return x**2 >= x
    >>> decide(too_small, x=1).decision.name, decide(too_small, x=0.5).decision.name
    ('EQUAL', 'VIOLATED')
    """
    if instance is None:
        instance = made(claim, fields)
    return decide_case(claim, instance, claim.weight)


def made(claim: Claim, fields: dict[str, Any]) -> Any:
    made = getattr(claim.formula, "instances", None)
    if made is None:
        raise InputError(
            f"{claim.id} is a claim about an instance",
            hint="Pass that instance: decide(claim, instance)",
        )
    return made(**{name: np.asarray(value, dtype=np.float64) for name, value in fields.items()})
