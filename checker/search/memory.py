"""What a run keeps as it goes, and what it knows from an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

from checker.claims.verdict import Witness
from checker.errors import Fault
from checker.search.plan import Group


@dataclass(frozen=True)
class End:
    """What is done for a claim when its search is over.

    Attributes
    ----------
    tightest, counterexample
        The closest case, by balls, and the violation, reduced.
    seconds
        What they took.
    fault
        Why the claim cannot be computed after all.
    interrupted
        Whether it was left out because the user wanted no more.
    """

    tightest: Witness | None
    counterexample: Witness | None = None
    seconds: float = 0.0
    fault: Fault | None = None
    interrupted: bool = False


class Memory:
    """Keeps nothing and knows nothing: see `checker.report.kept.journal` for one that does.

    What is kept is whole: no result of a task that was told to stop is part of it, save at the end
    of a group that was cut by the time.
    """

    searches = True
    """Whether what is not known is searched for; else a run says what is known."""

    def restore(self, group: Group) -> None:
        """Put a group where an earlier run has left it."""

    def end_of(self, name: str) -> End | None:
        """The end of a claim of a group that is done, where it is known."""
        return None

    def keep(self, group: Group, *, now: bool = False) -> None:
        """Keep where a group is: from time to time, or `now`."""

    def keep_end(self, name: str, end: End) -> None:
        """Keep the end of a claim of a group that is done."""

    def finish(self) -> None:
        """Note that the run came to its end, by its plan or its time."""
