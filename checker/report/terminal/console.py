"""Consoles that take text literally, and what is printed on them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from checker.instances.escapes import visible

# Width of tables in pipes and files, where ids should stay whole for grep.
PIPE_WIDTH = 120


class LiteralConsole(Console):
    """A console for text from data: brackets are no markup, and what would act on the terminal is
    shown instead."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(markup=False, highlight=False, emoji=False, **settings)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """As rich does, with every text made visible: whatever is printed passes through here."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


class _Results(LiteralConsole):
    def on_broken_pipe(self) -> None:
        """Let the error through: rich would exit with status 1, which means refuted."""
        raise


def make_console(file: TextIO) -> Console:
    """A console for results."""
    console = _Results(file=file)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


def new_table(*columns: tuple[str, str], gap: int = 2) -> Table:
    """A table without lines, of columns (name, "left" or "right") that never wrap."""
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="bold")
    for name, justify in columns:
        table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True)
    return table


def print_heading(console: Console, text: str, style: str = "bold") -> None:
    """A line that begins something new."""
    console.print()
    console.print(Text(text, style), soft_wrap=not console.is_terminal)


def print_lines(console: Console, lines: Iterable[str]) -> None:
    """Lines of text, wrapped where somebody looks."""
    for line in lines:
        console.print(Text(line), soft_wrap=not console.is_terminal)
