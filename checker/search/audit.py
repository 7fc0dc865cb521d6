"""Audits: every false neighbour of a claim under the same search, and every assumption dropped.

The search is not told which neighbours are false. A neighbour that survives is reported with how
close to equality the search came; one that is known to be false must not survive.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from checker.claims.claim import Assumption, Claim
from checker.errors import Fault
from checker.search.guided.hunt import Budget, Hunt, hunt
from checker.search.pool import in_order
from checker.stopping import Lost


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
    """

    claim: Claim
    of: str
    dropped: Assumption | None = None


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
    items = [Item(c, c.of or c.id) for c in neighbours]
    for claim in (c for c in claims if c.of is None and not c.domain.found):
        tested = (a for a in claim.assuming if not a.definitional)
        items += [Item(without(claim, a), claim.id, a) for a in tested]
    return items


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
) -> Generator[Audited, None, None]:
    """Hunt for each item, in order; close the generator to stop early.

    `budget` is one for all items, or that of each.
    """

    def work(index: int) -> Hunt:
        item = items[index]
        stem = (seed, zlib.crc32(item.claim.id.encode()))
        own = budget if isinstance(budget, Budget) else budget(item)
        return hunt(item.claim, stem, own, watched=item.dropped, reduce=reduce)

    def broken_off(_index: int, lost: Lost) -> Hunt:
        return Hunt(fault=Fault(lost.error()))

    hunts = in_order(work, range(len(items)), jobs, on_loss=broken_off)
    for item, found in zip(items, hunts, strict=True):
        yield Audited(item, found)
