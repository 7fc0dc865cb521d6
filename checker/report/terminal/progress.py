"""How a run goes on: a bar on stderr where somebody is looking, else a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.text import Text

from checker.report.terminal.console import LiteralConsole
from checker.search.plan import Progress

# Runs of fewer parts are over soon; a log of theirs is only the result.
_LONG = 6

# What is left is guessed from what is done, once that is so much, and took so long.
_ENOUGH, _SECONDS = 0.02, 3.0


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """A function that shows a step: in a bar over the whole run, or a line for each part."""
    console = LiteralConsole(stderr=True)
    if not console.is_terminal:
        yield _Lines(console).show
        return
    columns = (BarColumn(20), TextColumn("{task.percentage:3.0f}%"), TimeElapsedColumn())
    text = TextColumn("{task.description}", markup=False)
    with Bar(*columns, text, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        clock = _Clock()

        def show(step: Progress) -> None:
            left = clock.left(step.share)
            bar.update(task, description=f"{left}{_title(step)}", completed=step.share, total=1.0)

        yield show


@dataclass
class _Clock:
    """When the run began, and with it when it may end."""

    now: Callable[[], float] = time.monotonic
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.now()

    def left(self, share: float) -> str:
        """`about 2 min left  `; empty where nobody can know yet."""
        seconds = self.now() - self.started
        if not _ENOUGH <= share < 1.0 or seconds < _SECONDS:
            return ""
        return f"about {_rounded(seconds * (1.0 - share) / share)} left  "


def _rounded(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{seconds / 3600:.1f} h"


class _Lines:
    """For logs: what is begun, and how long it has been."""

    def __init__(self, console: LiteralConsole) -> None:
        self.console, self.part, self.clock = console, 0, _Clock()

    def show(self, step: Progress) -> None:
        if step.parts < _LONG or step.part <= self.part:
            return
        self.part = step.part
        seconds = self.clock.now() - self.clock.started
        left = self.clock.left(step.share)
        self.console.print(Text(f"{seconds:6.0f} s  {left}{_title(step)}"), soft_wrap=True)


def _title(step: Progress) -> str:
    if not step.claims:
        return ""
    more = f" +{len(step.claims) - 1}" if len(step.claims) > 1 else ""
    place = f"[{step.part}/{step.parts}] " if step.parts > 1 else ""
    refuted = f"{step.refuted} refuted so far  " if step.refuted else ""
    return f"{refuted}{place}{step.claims[0]}{more}"
