"""The journal of `checker verify`: where each group of claims is, and the end of each claim.

A header says which run it is. Then come a line for the state of a group, which replaces earlier
ones, and a line for the end of a claim of a group that is done. Counts are believed, as those in a
file of evidence are; a counterexample is proved again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from checker import stopping
from checker.claims.claim import Claim
from checker.errors import InputError
from checker.process import tell
from checker.report.evidence import dumps, witness_to_json
from checker.report.evidence_files import counterexample_name
from checker.report.kept.lines import Lines
from checker.report.kept.tallies import (
    LineFault,
    LineTally,
    LineWitness,
    fault_from_line,
    fault_to_line,
    tally_from_line,
    tally_to_json,
    witness_from_line,
    witness_to_line,
)
from checker.report.records import Count, Record, foreign, read_as
from checker.report.replay import replay
from checker.report.saving import write_text
from checker.search.budgets import MAX_ROUNDS
from checker.search.memory import End, Memory
from checker.search.plan import Course, Group

# A group is kept when this much of its time has passed since it was kept last, in seconds and as a
# share of all: the file grows with the logarithm of the time.
_SECONDS = 10.0
_SHARE = 0.05

# The last line of a run that came to its end.
FINISHED = {"finished": True}


class LineState(Record, frozen=True, kw_only=True):
    """Where a group is.

    Attributes
    ----------
    exact
        Whether a run that goes on from here ends as one that was never interrupted: not where the
        time has cut a task, nor where a worker was lost.
    """

    claims: list[str]
    part: Count
    position: Count
    courses: dict[str, tuple[Count, Count, bool]]
    hunted: list[str]
    visited: Count
    cut: str
    done: bool
    exact: bool
    faults: dict[str, str]
    slow: dict[str, str]
    seconds: float
    tallies: dict[str, LineTally]


class LineEnd(Record, frozen=True, kw_only=True):
    """The end of a claim."""

    claim: str
    tightest: LineWitness | None
    counterexample: LineWitness | None
    seconds: float
    fault: LineFault | None


class Line(Record, frozen=True, kw_only=True):
    """One of these, or that the run came to its end."""

    state: LineState | None = None
    end: LineEnd | None = None
    finished: bool = False


class Journal(Memory):
    """A memory in a file.

    Parameters
    ----------
    lines
        The file, which has its header.
    folder
        Where counterexamples go, as soon as they are proved.
    searches
        False for parts of a run that are put together: then what they know is all there is.
    """

    def __init__(self, lines: Lines, folder: Path, *, searches: bool = True) -> None:
        self.searches = searches
        self._lines, self._folder = lines, folder
        self._states: dict[tuple[str, ...], tuple[str, LineState]] = {}
        self._ends: dict[str, tuple[str, LineEnd]] = {}
        self._told: set[str] = set()
        self._kept: dict[tuple[str, ...], float] = {}
        self._finished = self._lost = False
        for place, entry in lines.entries():
            # The first is the header.
            if place != f"{lines.path}, line 1":
                self._know(read_as(entry, Line, place), place)
        lines.cut()

    def _know(self, line: Line, place: str) -> None:
        self._finished = line.finished
        state, end = line.state, line.end
        if state is not None and (state.exact or not self.searches):
            self._states[tuple(state.claims)] = place, state
        for name in state.claims if state is not None else ():
            self._ends.pop(name, None)
        if end is not None:
            self._ends[end.claim] = place, end

    # -- what is known ------------------------------------------------------------------------

    def restore(self, group: Group) -> None:
        """Put a group where an earlier run has left it."""
        if group.names not in self._states:
            return
        place, state = self._states[group.names]
        _require_fit(state, group, place)
        group.tallies = {n: tally_from_line(state.tallies[n], place) for n in group.names}
        for claim in group.claims:
            worst = state.tallies[claim.id].worst
            if worst is not None:
                _require_refuted(claim, worst, place)
                self._told.add(claim.id)
        group.courses = {n: Course(*course) for n, course in state.courses.items()}
        group.part, group.position, group.visited = state.part, state.position, state.visited
        group.hunted, group.faults, group.slow = list(state.hunted), state.faults, state.slow
        group.done, group.seconds = state.done, state.seconds
        if state.done or not self.searches:
            group.cut = state.cut
        self._kept[group.names] = group.seconds

    def end_of(self, name: str) -> End | None:
        """The end of a claim of a group that is done, where it is known."""
        if name not in self._ends:
            return None
        place, end = self._ends[name]
        tightest, found = (witness_from_line(w, place) for w in (end.tightest, end.counterexample))
        return End(tightest, found, end.seconds, fault_from_line(end.fault))

    # -- what is kept -------------------------------------------------------------------------

    def keep(self, group: Group, *, now: bool = False) -> None:
        """Keep where a group is: from time to time, when a claim has fallen, or `now`."""
        fallen = [c for c in group.claims if self._is_news(c, group)]
        waited = group.seconds - self._kept.get(group.names, 0.0)
        if not (now or fallen or waited > max(_SECONDS, _SHARE * group.seconds)):
            return
        self._kept[group.names] = group.seconds
        exact = not group.faults and not group.slow and (group.done or not now)
        self._append(lambda: {"state": _state(group, exact)})
        for claim in fallen:
            self._told.add(claim.id)
            self._tell(claim, group)

    def _is_news(self, claim: Claim, group: Group) -> bool:
        return group.tallies[claim.id].worst is not None and claim.id not in self._told

    def _tell(self, claim: Claim, group: Group) -> None:
        """Write a counterexample at once; it is reduced when the search is over."""
        worst = group.tallies[claim.id].worst
        assert worst is not None
        name = claim.id if claim.conclusion is None else claim.id.rpartition(" [")[0]
        with suppress(InputError):
            text = dumps(witness_to_json(worst, name))
            write_text(self._folder / counterexample_name(name), text)

    def keep_end(self, name: str, end: End) -> None:
        """Keep the end of a claim of a group that is done."""
        self._append(lambda: {"end": _end(name, end)})

    def finish(self) -> None:
        """Note that the run came to its end."""
        if not self._finished:
            self._append(lambda: FINISHED)

    def _append(self, entry: Callable[[], Mapping[str, Any]]) -> None:
        """Append a line, which no signal breaks into; without room for it the run goes on."""
        if self._lost:
            return
        try:
            line = entry()
        except InputError:
            # An instance that cannot be saved: this group has to be searched again.
            return
        try:
            with stopping.pool_open():
                self._lines.append(line)
        except InputError as error:
            self._lost = True
            tell(f"checker: {error.what}; the run goes on, but cannot be resumed from here")


def _state(group: Group, exact: bool) -> dict[str, Any]:
    return {
        "claims": list(group.names),
        "part": group.part,
        "position": group.position,
        "courses": {n: [c.decided, c.empty, c.over] for n, c in group.courses.items()},
        "hunted": group.hunted,
        "visited": group.visited,
        "cut": group.cut,
        "done": group.done,
        "exact": exact,
        "faults": group.faults,
        "slow": group.slow,
        "seconds": group.seconds,
        "tallies": {name: tally_to_json(group.tallies[name]) for name in group.names},
    }


def _end(name: str, end: End) -> dict[str, Any]:
    return {
        "claim": name,
        "tightest": witness_to_line(end.tightest),
        "counterexample": witness_to_line(end.counterexample),
        "seconds": end.seconds,
        "fault": fault_to_line(end.fault),
    }


def _require_fit(state: LineState, group: Group, place: str) -> None:
    """Raise InputError for a state that no group of these claims can be in."""
    most = MAX_ROUNDS * max(len(part.strata) for part in group.parts)
    known = set(group.names)
    fits = (
        state.part < len(group.parts)
        and state.position <= most
        and set(state.tallies) == known
        and known >= {*state.courses, *state.hunted, *state.faults, *state.slow}
        and state.visited <= len(group.parts)
        and math.isfinite(state.seconds)
    )
    if not fits:
        raise foreign(place, f"the search of {state.claims[0][:80]} is never there")


def _require_refuted(claim: Claim, worst: LineWitness, place: str) -> None:
    """Prove a counterexample again: what refutes a claim is never only said."""
    try:
        again = replay(claim, "counterexample", {"instance": worst.instance})
        refutes = again.witness.result.refutes and not again.unmet
    except InputError as error:
        raise foreign(place, error.what) from error
    if not refutes:
        raise foreign(place, f"the counterexample to {claim.id} is none")
