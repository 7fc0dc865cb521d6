"""Claims from Python: `checker.verify(claim)` and `checker.decide(claim, instance)`."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import numpy as np

from checker.arithmetic.decide import CaseResult, Decision, decide_case
from checker.arithmetic.premise import shortfall
from checker.claims.claim import Claim
from checker.claims.verdict import Evidence
from checker.errors import InputError
from checker.instances.domains import NumberDomain, parameters_of
from checker.report.replay import unmet
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

    An instance that does not meet the assumptions is EXCLUDED, whatever the formula says of it;
    `missed` tells which of them, and by how much.

    Parameters
    ----------
    instance
        An instance, or None to make it from the fields.
    fields
        Arrays or numbers by argument, of a claim that is a function of named arguments; where it
        takes complex numbers, complex ones.

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
    result = decide_case(claim, instance, claim.weight)
    missed = () if result.decision is Decision.OUTSIDE else unmet(claim, instance)
    if not missed:
        return result
    told = ((a.name, shortfall(a.holds, instance)) for a in missed)
    reason = "; ".join(f"{name}: {much}" if much else name for name, much in told)
    return replace(result, decision=Decision.EXCLUDED, missed=reason)


def made(claim: Claim, fields: dict[str, Any]) -> Any:
    made = getattr(claim.formula, "instances", None)
    if made is None:
        raise InputError(
            f"{claim.id} is a claim about an instance",
            hint="Pass that instance: decide(claim, instance)",
        )
    meant = parameters_of(made)
    return made(**{name: _numbers(value, meant.get(name)) for name, value in fields.items()})


def _numbers(value: Any, meant: NumberDomain | None) -> Any:
    """As floats; complex numbers, where they are meant, by their parts."""
    given = np.asarray(value)
    if meant is not None and meant.complex and given.dtype.kind == "c":
        given = np.stack([given.real, given.imag], axis=-1)
    return given.astype(np.float64)
