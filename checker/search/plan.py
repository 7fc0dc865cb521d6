"""What to verify: the plan, and its claims by domain, each with the parts of its search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from checker.claims.claim import Claim, Domain
from checker.claims.verdict import Tally
from checker.search.budgets import (
    BRIEF_CASES,
    BRIEF_SHARE,
    CONTROL_CASES,
    CORNER_SHARE,
    DATA_CASES_SHARE,
    DEFAULT_CASES,
    DRAWN_CASES,
    ONLY_DATA_CASES,
)
from checker.search.campaign import SINGLE
from checker.stopping import Lost


@dataclass(frozen=True)
class Plan:
    """What to verify, and with which budget.

    Attributes
    ----------
    claims
        The claims.
    cases
        Decided cases per claim; None for a sensible default. Every stratum is visited at least
        once, whatever the budget.
    seconds
        Wall-clock budget of the whole run; None for none. Without `cases` all of it is used.
    seed
        Without `seconds`, fixes the result on a claim, whatever `jobs` and the other claims are.
    jobs
        Number of processes.
    sample
        The user's data as the only distribution of (x, y); None for random and shipped data.
    brief
        Whether each domain gets a share of its budget only, and those with costly cases no shipped
        data: for a run over everything.

    Examples
    --------
    >>> from checker import Plan, claim, numbers
    >>> from checker.search.verify import verify
    >>> @claim
    ... def too_small(x: numbers()):
    ...     return x**2 >= x
    >>> verify(Plan((too_small,), cases=100, seed=0))
    [<too_small REFUTED: x=0.5; 48 cases>]
    """

    claims: tuple[Claim, ...]
    cases: int | None = None
    seconds: float | None = None
    seed: int = 0
    jobs: int = 1
    sample: Any = None
    brief: bool = False

    @property
    def uses_all_time(self) -> bool:
        """Whether time alone ends the search: seconds were given, and no number of cases."""
        return self.seconds is not None and self.cases is None


@dataclass(frozen=True)
class Progress:
    """State of a running command: `done` of `planned` things, the last of them on these claims.

    Attributes
    ----------
    done, planned
        Of a verification: cases of the current claims.
    part, parts
        Claims over one domain are a part of the run: which of how many.
    refuted
        Claims refuted so far, in all parts.
    """

    done: int
    planned: int
    claims: tuple[str, ...]
    part: int = 1
    parts: int = 1
    refuted: int = 0

    @property
    def share(self) -> float:
        """How much of the whole is done: the parts count alike, since a case may cost anything."""
        within = min(self.done / self.planned, 1.0) if self.planned else 0.0
        return (self.part - 1 + within) / self.parts


@dataclass(frozen=True, eq=False)
class Part:
    """A domain to be searched for a number of cases per claim."""

    domain: Domain
    cases: int

    @property
    def strata(self) -> tuple[str, ...]:
        """Strata that the search has to hit."""
        return tuple(self.domain.strata) or (SINGLE,)


@dataclass
class Course:
    """How far a campaign is with one claim: cases decided, tasks in a row without one, its end."""

    decided: int = 0
    empty: int = 0
    over: bool = False


@dataclass(eq=False)
class Group:
    """Claims over one domain: they share batches, and the terms computed on them.

    Attributes
    ----------
    part, position, courses
        Where the campaign is: the number of its part, how many tasks of it have been counted, and
        how far it is with each claim.
    hunted
        Claims whose guided search has been counted.
    done
        Whether the search has done all that was planned.
    visited
        How many parts have had each of their strata once, from start to end.
    cut
        What ended the search before its plan, or an empty string.
    faults
        Claim -> why nothing more is tried on it: a case that never ends, a killed process.
    slow
        Claim -> the case in whose midst the time was over.
    """

    claims: tuple[Claim, ...]
    parts: tuple[Part, ...]
    tallies: dict[str, Tally] = field(default_factory=dict)
    seconds: float = 0.0
    visited: int = 0
    cut: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    slow: dict[str, str] = field(default_factory=dict)
    part: int = 0
    position: int = 0
    courses: dict[str, Course] = field(default_factory=dict)
    hunted: list[str] = field(default_factory=list)
    done: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the claims."""
        return tuple(c.id for c in self.claims)

    def enter(self, number: int) -> None:
        """Begin a part, or go on in the midst of it."""
        if self.part != number or not self.courses:
            self.part, self.position = number, 0
            self.courses = {c.id: Course() for c in self.open_claims}

    @property
    def open_claims(self) -> list[Claim]:
        """Claims that neither a violation nor a fault has settled yet."""
        return [c for c in self.claims if self.is_open(c.id)]

    def is_open(self, name: str) -> bool:
        """Whether more is to be tried on this claim."""
        tally = self.tallies[name]
        return not tally.fallen and tally.fault is None and name not in self.faults

    def lose(self, lost: Lost, names: Sequence[str]) -> list[str]:
        """Note that work on some claims was lost; returns those that are not to blame."""
        blamed = [lost.name] if lost.name in names else list(names)
        where = "" if lost.name in names else "while cases were drawn: "
        for name in blamed:
            (self.slow if lost.late else self.faults)[name] = where + lost.reason
        return [name for name in names if name not in blamed]


def groups_of(plan: Plan) -> list[Group]:
    """The plan's claims by domain; false neighbours apart, since they end at the first hit."""
    by_domain: dict[tuple[int, bool], list[Claim]] = {}
    for claim in plan.claims:
        by_domain.setdefault((id(claim.domain), claim.must_be_refuted), []).append(claim)
    return [
        Group(tuple(claims), _parts(claims[0], plan), {c.id: Tally() for c in claims})
        for claims in by_domain.values()
    ]


def _parts(claim: Claim, plan: Plan) -> tuple[Part, ...]:
    domain = claim.domain
    if plan.sample is not None and domain.on_data is not None:
        return (_only_part(domain.on_data(plan.sample), plan.cases),)
    own = _part(domain, plan.cases, 1.0, plan.brief)
    if claim.must_be_refuted:
        # The guided search takes over early.
        return (Part(domain, min(own.cases, CONTROL_CASES)),)
    return (own, *_on_shipped_data(domain, plan), *_at_corners(domain, own.cases, plan.brief))


def _on_shipped_data(domain: Domain, plan: Plan) -> Iterator[Part]:
    if domain.on_data is None or (plan.brief and domain.cases is not None):
        return
    for sample in domain.shipped.values():
        yield _part(domain.on_data(sample()), plan.cases, DATA_CASES_SHARE, plan.brief)


def _at_corners(domain: Domain, cases: int, brief: bool) -> Iterator[Part]:
    """Last, so that the others have the numbers, and with them the seeds, that they always had."""
    if domain.at_corners is not None:
        # Each is visited, however few cases there are.
        yield Part(domain.at_corners, 1 if brief else max(1, round(CORNER_SHARE * cases)))


def _only_part(domain: Domain, cases: int | None) -> Part:
    """The user's data, from which alone the verdict has to follow."""
    part = _part(domain, cases, DATA_CASES_SHARE)
    return part if cases is not None else replace(part, cases=max(part.cases, ONLY_DATA_CASES))


def default_cases(domain: Domain) -> int:
    """The budget of a domain where nobody says another."""
    if domain.cases is not None:
        return domain.cases
    return DEFAULT_CASES if domain.moves else DRAWN_CASES


def _part(domain: Domain, cases: int | None, share: float, brief: bool = False) -> Part:
    if cases is not None:
        return Part(domain, max(1, round(share * cases)))
    whole = round(share * default_cases(domain))
    few = max(round(BRIEF_SHARE * whole), BRIEF_CASES)
    return Part(domain, min(few, whole) if brief else whole)


def shard_of(plan: Plan, k: int, n: int) -> tuple[Claim, ...]:
    """The claims of the k-th of n parts of a plan, 1 <= k <= n: whole groups, about equal in cost.

    It depends on the plan alone. The dearest groups go first, each to the part that has least.
    """
    loads = [0] * n
    mine: set[str] = set()
    for group in sorted(groups_of(plan), key=_cost, reverse=True):
        part = loads.index(min(loads))
        loads[part] += _cost(group)
        if part == k - 1:
            mine.update(group.names)
    return tuple(c for c in plan.claims if c.id in mine)


def _cost(group: Group) -> int:
    """About what a search costs: a task of each stratum for each claim, whatever the budget."""
    return len(group.claims) * sum(len(part.strata) for part in group.parts)
