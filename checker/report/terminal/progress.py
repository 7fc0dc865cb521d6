"""How a run goes on: a bar on stderr where somebody is looking, else a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from checker.report.terminal.console import LiteralConsole


class Step(Protocol):
    """State of a running verification, as `checker.search.verify` reports it."""

    @property
    def done(self) -> int:
        """Cases decided for the current claims."""

    @property
    def planned(self) -> int:
        """Cases planned for them."""

    @property
    def claims(self) -> Sequence[str]:
        """Their ids."""

    @property
    def part(self) -> int:
        """Which part of the run this is."""

    @property
    def parts(self) -> int:
        """How many there are."""

    @property
    def refuted(self) -> int:
        """Claims that were refuted so far."""


@dataclass(frozen=True)
class Counted:
    """`done` of `planned` things, the last of them on these claims."""

    done: int
    planned: int
    claims: tuple[str, ...]
    part: int = 1
    parts: int = 1
    refuted: int = 0


# Runs of fewer parts are over soon; a log of theirs is only the result.
_LONG = 6


@contextmanager
def progress_bar() -> Iterator[Callable[[Step], None]]:
    """A function that shows a step: in a bar, or a line for each part of a long run."""
    console = LiteralConsole(stderr=True)
    if not console.is_terminal:
        yield _Lines(console).show
        return
    text = TextColumn("{task.description}", markup=False)
    columns = (text, BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(step: Step) -> None:
            total = step.planned or None
            bar.update(task, description=_title(step), completed=step.done, total=total)

        yield show


class _Lines:
    """For logs: what is begun, and how long it has been."""

    def __init__(self, console: LiteralConsole) -> None:
        self.console, self.part, self.started = console, 0, time.monotonic()

    def show(self, step: Step) -> None:
        if step.parts < _LONG or step.part <= self.part:
            return
        self.part = step.part
        seconds = time.monotonic() - self.started
        self.console.print(Text(f"{seconds:6.0f} s  {_title(step)}"), soft_wrap=True)


def _title(step: Step) -> str:
    if not step.claims:
        return ""
    more = f" +{len(step.claims) - 1}" if len(step.claims) > 1 else ""
    place = f"[{step.part}/{step.parts}] " if step.parts > 1 else ""
    refuted = f", {step.refuted} refuted so far" if step.refuted else ""
    return f"{place}{step.claims[0]}{more}{refuted}"
