"""A progress bar on stderr, only where somebody is looking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from checker.report.console import LiteralConsole


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


@dataclass(frozen=True)
class Counted:
    """`done` of `planned` things, the last of them on these claims."""

    done: int
    planned: int
    claims: tuple[str, ...]


@contextmanager
def progress_bar() -> Iterator[Callable[[Step], None]]:
    """A function that shows a step; it does nothing unless stderr is a terminal."""
    console = LiteralConsole(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    text = TextColumn("{task.description}", markup=False)
    columns = (text, BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(step: Step) -> None:
            total = step.planned or None
            bar.update(task, description=_title(step.claims), completed=step.done, total=total)

        yield show


def _title(claims: Sequence[str]) -> str:
    if not claims:
        return ""
    return claims[0] if len(claims) == 1 else f"{claims[0]} +{len(claims) - 1}"
