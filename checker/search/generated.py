"""Neighbours of a claim that nobody had to write: its constants moved, terms dropped, norms
exchanged, and an inequality with a little more on its smaller side.

Which of them are true is left to the audit. A change that only weakens the claim shows nothing, so
those that are weaker in every case that is drawn are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from checker.arithmetic.inequality import Inequality, conclusions
from checker.claims.claim import Claim
from checker.claims.rewritten import SHARE, rewritten
from checker.claims.written import Written
from checker.errors import Caught
from checker.search.guided.climb import starts
from checker.search.guided.population import Population
from checker.search.guided.score import scored

# Populations on which a change is compared with the claim, and the most changes of one claim.
_POPULATIONS = 12
_PREFIX = "change_"
_MOST = 24


def generated(claim: Claim) -> list[Claim]:
    """Neighbours by small changes, each stronger than the claim in some case that was drawn."""
    with Caught():
        drawn = list(islice(starts(claim.domain, np.random.default_rng(0)), _POPULATIONS))
        changes = list(islice(_changes(claim), _MOST))
        stronger = [(why, c) for why, c in changes if _says_more(c, claim, drawn)]
        return [_named(c, claim, why, k) for k, (why, c) in enumerate(stronger, 1)]
    return []


def is_generated(claim: Claim) -> bool:
    """Whether a neighbour comes from here."""
    return claim.id.startswith(f"{claim.of}.{_PREFIX}")


def _named(changed: Claim, claim: Claim, why: str, number: int) -> Claim:
    return replace(
        changed,
        id=f"{claim.id}.{_PREFIX}{number}",
        title=f"{claim.title}: {why}",
        statement="",
        kind="neighbour",
        of=claim.id,
        why=why,
    )


def _changes(claim: Claim) -> Iterator[tuple[str, Claim]]:
    yield "1 % more on the smaller side", replace(claim, formula=Demanding(claim.formula))
    for name, value in claim.constants.items():
        for word, factor in (("smaller", 1 - SHARE), ("larger", 1 + SHARE)):
            with Caught():
                yield f"{name} 1 % {word}", claim.with_constants(**{name: value * factor})
    written = claim.formula if isinstance(claim.formula, Written) else None
    for why, function in rewritten(claim.formula if written is None else written.function):
        yield why, replace(claim, formula=function if written is None else _of(written, function))


def _of(written: Written, function: Callable[..., Any]) -> Callable[[Any], Any]:
    """A function of the arguments of a written claim as a formula of its instances."""
    names = (*written.sets, *written.others)

    def formula(at: Any, **constants: Any) -> Any:
        return function(**{x: getattr(at, x) for x in names}, **constants)

    return formula


class Demanding:
    """A formula with a share of the smaller side added to it: lhs >= rhs + |rhs| / 100."""

    def __init__(self, formula: Callable[..., Any]) -> None:
        self.formula = formula

    def __call__(self, at: Any, **constants: Any) -> Any:
        """The inequalities, each a little stronger; identities and strict ones as they are."""
        return [self._more(part) for part in conclusions(self.formula(at, **constants))]

    def _more(self, part: Inequality) -> Inequality:
        if part.identity or part.strict:
            return part
        return replace(part, rhs=part.rhs + SHARE * abs(part.rhs))


def _says_more(changed: Claim, claim: Claim, drawn: list[Population]) -> bool:
    """Whether its slack is less than the claim's in some case; not where it cannot be computed."""
    with Caught(), np.errstate(all="ignore"):
        for population in drawn:
            own, other = scored(claim, population), scored(changed, population)
            known = np.isfinite(own.slack) & np.isfinite(other.slack)
            if (other.slack < own.slack)[known].any():
                return True
    return False
