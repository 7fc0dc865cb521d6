"""Audits: every false neighbour of a claim under the same search, and every assumption dropped.

The search is not told which neighbours are false. A neighbour that survives is reported with how
close to equality the search came; one that is known to be false must not survive.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, partial

from checker.claims.claim import Assumption, Claim
from checker.errors import Fault
from checker.search.engines.crew import Job
from checker.search.engines.recipe import Recipe
from checker.search.engines.remote import crew_of
from checker.search.generated import generated, is_generated
from checker.search.guided.hunt import Budget, Hunt, hunt


@dataclass(frozen=True, eq=False)
class Item:
    """One thing to hunt for: a neighbour of a claim, or a claim without an assumption.

    Attributes
    ----------
    claim
        The claim to refute.
    of
        Id of the claim that it is a neighbour of.
    dropped
        The assumption that was dropped, or None for a neighbour.
    made_from
        What the claim is made from: another one, if somebody has not written it.
    """

    claim: Claim
    of: str
    dropped: Assumption | None = None
    made_from: Claim | None = None

    @property
    def root(self) -> Claim:
        """The claim that another process can find."""
        return self.made_from or self.claim


class Need(Enum):
    """What became of a claim without one of its assumptions; the value is what reports say."""

    NEEDED = "needed"
    NOT_FOUND = "no counterexample: may be unnecessary"
    UNDEFINED = "undefined outside it"
    NEVER_DRAWN = "never drawn outside it"
    NOT_TRIED = "not tried to the end"


@dataclass(frozen=True, eq=False)
class Audited:
    """An item with the result of its hunt."""

    item: Item
    hunt: Hunt

    @property
    def refuted(self) -> bool:
        """Whether a counterexample was found and its violation proved, or experiments refute."""
        violation = self.hunt.violation
        return self.hunt.rejected or (violation is not None and violation.result.refutes)

    @property
    def survived(self) -> bool:
        """Whether a claim that is known to be false was not refuted."""
        return self.item.claim.must_be_refuted and not self.refuted and self.hunt.fault is None

    @property
    def need(self) -> Need:
        """Whether a dropped assumption is needed, as far as this hunt can tell.

        Cases outside that were drawn, but have no known slack, show that the formula has no value
        there. Where no case outside was drawn, the hunt says nothing of the assumption.
        """
        if self.refuted:
            return Need.NEEDED
        if self.hunt.fault:
            return Need.NOT_TRIED
        if self.hunt.outside:
            return Need.NOT_FOUND
        return Need.UNDEFINED if self.hunt.drawn_outside else Need.NEVER_DRAWN


def items_of(claims: Sequence[Claim], known: Sequence[Claim]) -> list[Item]:
    """Neighbours among `known` of each claim, then the claim without each of its assumptions.

    Neighbours among `claims` stand for themselves.
    """
    chosen = {c.id: c for c in claims}
    neighbours = [c for c in known if c.of is not None and (c.of in chosen or c.id in chosen)]
    items = [Item(c, c.of or c.id, None, _origin(c, chosen)) for c in neighbours]
    for claim in (c for c in claims if c.of is None and not c.domain.found):
        tested = (a for a in claim.assuming if not a.definitional)
        items += [_dropping(claim, a) for a in tested]
    return items


def _origin(claim: Claim, chosen: Mapping[str, Claim]) -> Claim | None:
    return chosen.get(str(claim.of)) if is_generated(claim) else None


def _dropping(claim: Claim, dropped: Assumption) -> Item:
    return Item(without(claim, dropped), claim.id, dropped, claim)


def without(claim: Claim, dropped: Assumption) -> Claim:
    """The claim without one assumption, over the domain that its own domain names for that."""
    return replace(
        claim,
        id=f"{claim.id}-without-{dropped.name}",
        title=f"{claim.title}, without {dropped.name}",
        assuming=tuple(a for a in claim.assuming if a is not dropped),
        domain=claim.domain.dropping(dropped.name),
        kind="neighbour",
        of=claim.id,
    )


def audit(
    items: Sequence[Item],
    seed: int,
    budget: Budget | Callable[[Item], Budget],
    jobs: int,
    *,
    reduce: bool = True,
    executor: Executor | None = None,
) -> Generator[Audited, None, None]:
    """Hunt for each item, in order; close the generator to stop early.

    `budget` is one for all items, or that of each. An `executor` does the work instead of `jobs`
    processes; the results are the same.
    """
    tasks = (_auditing(item, seed, budget, reduce) for item in items)
    crew = crew_of(executor, _by_ids(items), lambda: _recipe(items))
    hunts = crew.in_order(tasks, jobs, on_loss=lambda _, lost: Hunt(fault=Fault(lost.error())))
    for number, found in hunts:
        yield Audited(items[number], found)


# -- jobs -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Auditing(Job):
    """The hunt for one item, by the id of its claim; gives a `Hunt`."""

    name: str
    seed: tuple[int, ...]
    budget: Budget
    reduce: bool

    def subject(self) -> str:
        """The claim."""
        return self.name

    def done(self, place: Mapping[str, Item]) -> Hunt:
        """Do it."""
        item = place[self.name]
        return hunt(item.claim, self.seed, self.budget, watched=item.dropped, reduce=self.reduce)


def _auditing(
    item: Item, seed: int, budget: Budget | Callable[[Item], Budget], reduce: bool
) -> Auditing:
    stem = (seed, zlib.crc32(item.claim.id.encode()))
    own = budget if isinstance(budget, Budget) else budget(item)
    return Auditing(item.claim.id, stem, own, reduce)


def _by_ids(items: Sequence[Item]) -> dict[str, Item]:
    return {item.claim.id: item for item in items}


# Ids of an item's claim and of what that is made from, the claim that it is of, and the name of
# the assumption that was dropped.
Made = tuple[str, str, str, str | None]


def _recipe(items: Sequence[Item]) -> Recipe:
    made = [(i.claim.id, i.root.id, i.of, _name(i.dropped)) for i in items]
    roots = {item.root.id: item.root for item in items}
    return Recipe.of(list(roots.values()), partial(_items_again, tuple(made)))


def _name(dropped: Assumption | None) -> str | None:
    return None if dropped is None else dropped.name


def _items_again(made: Sequence[Made], claims: tuple[Claim, ...]) -> dict[str, Item]:
    roots = {claim.id: claim for claim in claims}
    changes = cache(lambda root: {c.id: c for c in generated(roots[root])})

    def again(name: str, root: str, of: str, dropped: str | None) -> Item:
        if dropped is not None:
            assumptions = {a.name: a for a in roots[root].assuming}
            return _dropping(roots[root], assumptions[dropped])
        return Item(roots[root] if name == root else changes(root)[name], of)

    return _by_ids([again(*one) for one in made])
