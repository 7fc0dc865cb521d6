"""HTML as text that cannot be forgotten to be escaped: a plain `str` is data, `Markup` is HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from checker.instances.escapes import html


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


VOID = frozenset({"br", "input", "link", "meta", "wbr"})


def text(value: Any) -> Markup:
    """A value as HTML: markup stays, everything else is escaped."""
    return value if isinstance(value, Markup) else Markup(html(value))


def tag(name: str, /, *inside: Any, **attributes: Any) -> Markup:
    """An element; `class_` stands for class, None and False leave an attribute out."""
    opened = f"<{name}{_attributes(attributes)}>"
    if name in VOID:
        return Markup(opened)
    return Markup(f"{opened}{join(inside)}</{name}>")


def _attributes(attributes: dict[str, Any]) -> str:
    given = ((k.rstrip("_").replace("_", "-"), v) for k, v in attributes.items())
    return "".join(
        f" {name}" if value is True else f' {name}="{html(value, quote=True)}"'
        for name, value in given
        if value is not None and value is not False
    )


def join(parts: Iterable[Any], between: str = "") -> Markup:
    """Several values one after the other."""
    return Markup(between.join(text(part) for part in parts if part is not None))


def breakable(name: str) -> Markup:
    """An id that may be broken after dots and underscores."""
    return join(re.split(r"(?<=[._])(?=\w)", name), "<wbr>")


def prose(paragraph: str) -> Markup:
    """Text of a docstring: `code` and **strong** are all the markup it knows."""
    marked = text(" ".join(paragraph.split()))
    marked = Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", marked))
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", marked))


def definitions(rows: Iterable[tuple[str, Any]]) -> Markup:
    """A list of names and what they are; rows without content are left out."""
    kept = [(name, value) for name, value in rows if value is not None and value != ""]
    return tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in kept)) if kept else NONE


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, whether it holds numbers, whether a phone has room for it.

    With a `key` the table can be sorted by this column.
    """

    head: str
    numeric: bool = False
    wide: bool = False
    key: str = ""

    @property
    def class_(self) -> str | None:
        """The class of its cells."""
        names = [name for name in ("numeric", "wide") if getattr(self, name)]
        return " ".join(names) or None

    def heading(self) -> Markup:
        """The cell in the head of the table."""
        inside = tag("button", self.head, type="button") if self.key else self.head
        return tag("th", inside, scope="col", class_=self.class_, data_key=self.key or None)


@dataclass(frozen=True)
class Cell:
    """A cell whose order is not that of its text; "" is unknown, and comes last."""

    content: Any
    value: float | str


@dataclass(frozen=True)
class Group:
    """Rows of a table that belong together, with a heading that can be linked to."""

    anchor: str
    heading: Any
    rows: Iterable[Iterable[Any]]


def table(
    columns: Iterable[Column | str], rows: Iterable[Iterable[Any]], **attributes: Any
) -> Markup:
    """A table; its first column heads the rows."""
    return grouped_table(columns, [Group("", None, rows)], **attributes)


def grouped_table(
    columns: Iterable[Column | str], groups: Iterable[Group], **attributes: Any
) -> Markup:
    """A table whose rows stand in groups."""
    known = [c if isinstance(c, Column) else Column(c) for c in columns]
    heads = tag("thead", tag("tr", *(column.heading() for column in known)))
    bodies = (_group(known, group) for group in groups)
    # Wide tables scroll inside of the page, by keyboard too.
    return tag("div", tag("table", heads, *bodies, **attributes), class_="scroll", tabindex="0")


def _group(columns: list[Column], group: Group) -> Markup:
    head = None
    if group.heading is not None:
        cell = tag("th", group.heading, colspan=len(columns), scope="rowgroup")
        head = tag("tr", cell, class_="group", id=group.anchor)
    return tag("tbody", head, *(_row(columns, row) for row in group.rows))


def _row(columns: list[Column], row: Iterable[Any]) -> Markup:
    cells = zip(columns, row, strict=True)
    return tag("tr", *(_cell(column, value, not i) for i, (column, value) in enumerate(cells)))


def _cell(column: Column, value: Any, first: bool) -> Markup:
    attributes: dict[str, Any] = {"class_": column.class_}
    if isinstance(value, Cell):
        attributes["data_v"] = value.value
        value = value.content
    # A head without a word heads nothing, for one who listens to the page.
    heads = first and value != NONE
    return tag("th", value, scope="row", **attributes) if heads else tag("td", value, **attributes)


NONE = Markup("")
