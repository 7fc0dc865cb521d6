"""How false neighbours, and neighbours of unknown truth, are made from a claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from checker.arithmetic.functions import maximum
from checker.arithmetic.inequality import Inequality
from checker.claims.claim import Assumption, Claim, Domain, claim

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
        "trials": of.trials,
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


# -- variants: the claim's own formula ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Altered:
    """The formula of a claim, its left-hand side times a factor, its right-hand side raised."""

    formula: Callable[..., Inequality]
    factor: Fraction = Fraction(1)
    rise: Fraction = Fraction(0)

    def __call__(self, at: Any, **constants: Any) -> Any:
        """The altered inequality."""
        inequality = self.formula(at, **constants)
        lhs = inequality.lhs if self.factor == 1 else self.factor * inequality.lhs
        return lhs >= (inequality.rhs + self.rise if self.rise else inequality.rhs)


def same_formula(variant: Claim, of: Claim) -> bool:
    """Whether a false neighbour evaluates the claim's own formula, perhaps altered in a number."""
    own = variant.formula
    return (own.formula if isinstance(own, Altered) else own) is of.formula


def domains_without(of: Claim, variant: Claim) -> tuple[Domain, ...]:
    """The claim's domain, and those that it names for the assumptions that the variant drops."""
    kept = {a.name for a in variant.assuming}
    dropped = (a.name for a in of.assuming if a.name not in kept)
    return (of.domain, *(of.domain.dropping(name) for name in dropped))


def variants(of: Claim, known: Iterable[Claim]) -> list[Claim]:
    """The false neighbours that show that the claim can fail: same formula, same domain.

    The domain may be the one that the claim's own domain names for a dropped assumption.
    """
    false = (c for c in known if c.of == of.id and c.must_be_refuted and same_formula(c, of))
    return [c for c in false if any(c.domain is d for d in domains_without(of, c))]


def changed(of: Claim, name: str, why: str, **constants: Any) -> Claim:
    """A variant with other constants."""
    return mutant(of, name, why, constants={**of.constants, **constants})(of.formula)


def lowered(of: Claim, constant: str, by: str, why: str) -> Claim:
    """A variant with one constant of the claim lowered."""
    less = of.constants[constant] * LOWERED[by]
    return changed(of, f"{constant}_lower_by_{by}", why, **{constant: less})


def times(of: Claim, factor: Fraction, name: str, why: str) -> Claim:
    """A variant with the left-hand side of the claim times a factor."""
    return mutant(of, name, why, constants=of.constants)(Altered(of.formula, factor))


def scaled(of: Claim, by: str, why: str) -> Claim:
    """A variant with the left-hand side of the claim lowered."""
    return times(of, LOWERED[by], f"lower_by_{by}", why)


def raised(of: Claim, rise: Fraction, name: str, why: str) -> Claim:
    """A variant with the right-hand side of the claim raised: where the left-hand side is 0."""
    return mutant(of, name, why, constants=of.constants)(Altered(of.formula, rise=rise))


def dropped(of: Claim, assumption: str, name: str, why: str, **further: Any) -> Claim:
    """A variant without one assumption, over the domain that the claim's own names for that."""
    settings: dict[str, Any] = {
        "given": of.domain.dropping(assumption),
        "assuming": without(of, assumption),
        "constants": of.constants,
        **further,
    }
    return mutant(of, name, why, **settings)(of.formula)


def largest_entry(x: Any) -> Any:
    """max |x_i| over the entries of a vector or matrix."""
    rows = [abs(x[i]) for i in range(x.shape[0])]
    if len(x.shape) == 2:
        rows = [largest_entry(row) for row in rows]
    return reduce(maximum, rows)
