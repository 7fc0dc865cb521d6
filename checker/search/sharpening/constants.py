"""The constants of a claim, each sharpened as a job of its own."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from checker.claims.claim import Claim
from checker.errors import Caught, Fault
from checker.search.engines.crew import Job
from checker.search.engines.recipe import Recipe
from checker.search.engines.remote import crew_of
from checker.search.faults import fault_of
from checker.search.guided.hunt import Budget
from checker.search.sharpening.result import Sharpened
from checker.search.sharpening.sharpen import sharpen


@dataclass(frozen=True)
class Sharpening(Job):
    """The search for the best value of one constant; gives that, or why it cannot be computed."""

    constant: str
    seed: int
    budget: Budget

    def done(self, place: Claim) -> Sharpened | Fault:
        """Do it."""
        with Caught() as caught:
            return sharpen(place, self.constant, self.seed, self.budget)
        assert caught.error is not None
        return fault_of(caught.error, place)


def sharpened(
    claim: Claim,
    names: Sequence[str],
    seed: int,
    budget: Budget,
    jobs: int,
    *,
    executor: Executor | None = None,
) -> Generator[Sharpened | Fault, None, None]:
    """The best values of constants of a claim, in order; close the generator to stop early.

    An `executor` does the work instead of `jobs` processes; the results are the same.
    """
    crew = crew_of(executor, claim, lambda: Recipe.of([claim], _only))
    tasks = [Sharpening(name, seed, budget) for name in names]
    for _, result in crew.in_order(tasks, jobs):
        yield result


def _only(claims: tuple[Claim, ...]) -> Claim:
    return claims[0]
