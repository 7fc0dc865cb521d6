"""How false neighbours, and neighbours of unknown truth, are made from a claim."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

from checker.arithmetic.functions import maximum
from checker.claim import Assumption, Claim, Domain, claim

# A constant lowered by this factor, and what the id of the mutant says of it.
LOWERED = {
    "5_percent": Fraction(95, 100),
    "half_percent": Fraction(995, 1000),
    "1e-6": 1 - Fraction(1, 10**6),
}


def mutant(of: Claim, name: str, why: str, **further: Any) -> Callable[[Any], Claim]:
    """A false neighbour of a claim: same domain and assumptions unless stated otherwise."""
    settings: dict[str, Any] = {
        "title": f"false neighbour of {of.id}: {_readable(name)}",
        "statement": f"{of.statement},\\quad\\text{{changed: {_readable(name)}}}",
        "given": of.domain,
        "assuming": of.assuming,
        "kind": "must-be-refuted",
        "weight": of.weight,
        **further,
    }
    return claim(id=f"{of.id}.{name}", of=of.id, why=why, **settings)


def neighbour(of: Claim, name: str, why: str, **further: Any) -> Callable[[Any], Claim]:
    """A neighbour whose truth is left to the audit; `why` says what the authors expect.

    Equality cases are those of the claim itself unless stated otherwise.
    """
    settings: dict[str, Any] = {
        "title": f"neighbour of {of.id}: {_readable(name)}",
        "kind": "neighbour",
        "equality_strata": of.equality_strata,
        "nearly_equal": of.nearly_equal,
        **further,
    }
    return mutant(of, name, why, **settings)


def _readable(name: str) -> str:
    return name.replace("_", " ")


def without(of: Claim, *names: str) -> tuple[Assumption, ...]:
    """The assumptions of a claim but for those with these names."""
    return tuple(a for a in of.assuming if a.name not in names)


def dropped(of: Claim, name: str, why: str, assumption: str, domain: Domain) -> Claim:
    """The claim itself, without one assumption, over a domain where that assumption fails."""
    return mutant(of, name, why, given=domain, assuming=without(of, assumption))(of.formula)


def lowered(of: Claim, constant: str, by: str, why: str) -> Claim:
    """A false neighbour with one constant of the claim lowered."""
    changed = of.constants[constant] * LOWERED[by]

    def formula(at: Any) -> Any:
        return of.formula(at, **{**of.constants, constant: changed})

    return mutant(of, f"{constant}_lower_by_{by}", why)(formula)


def scaled(of: Claim, by: str, why: str) -> Claim:
    """A false neighbour with the left-hand side of the claim lowered."""

    def formula(at: Any) -> Any:
        inequality = of(at)
        return LOWERED[by] * inequality.lhs >= inequality.rhs

    return mutant(of, f"lower_by_{by}", why)(formula)


def largest_entry(x: Any) -> Any:
    """max |x_i| over the entries of a vector or matrix."""
    rows = [abs(x[i]) for i in range(x.shape[0])]
    if len(x.shape) == 2:
        rows = [largest_entry(row) for row in rows]
    return reduce(maximum, rows)
