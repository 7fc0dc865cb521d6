"""HTML as text that cannot be forgotten to be escaped: a plain `str` is data, `Markup` is HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


VOID = frozenset({"br", "link", "meta", "wbr"})


def text(value: Any) -> Markup:
    """A value as HTML: markup stays, everything else is escaped."""
    return value if isinstance(value, Markup) else Markup(escape(str(value), quote=False))


def tag(name: str, *inside: Any, **attributes: Any) -> Markup:
    """An element; `class_` stands for class, None and False leave an attribute out."""
    opened = f"<{name}{_attributes(attributes)}>"
    if name in VOID:
        return Markup(opened)
    return Markup(f"{opened}{join(inside)}</{name}>")


def _attributes(attributes: dict[str, Any]) -> str:
    given = ((k.rstrip("_").replace("_", "-"), v) for k, v in attributes.items())
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
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
    html = text(" ".join(paragraph.split()))
    html = Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html))
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", html))


def definitions(rows: Iterable[tuple[str, Any]]) -> Markup:
    """A list of names and what they are; rows without content are left out."""
    kept = [(name, value) for name, value in rows if value is not None and value != ""]
    return tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in kept)) if kept else NONE


def table(head: Iterable[Any], rows: Iterable[Iterable[Any]], **attributes: Any) -> Markup:
    """A table; its first column heads the rows."""
    heads = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in head)))
    body = (
        tag("tr", *(tag("td", cell) if i else tag("th", cell, scope="row") for i, cell in cells))
        for cells in (enumerate(row) for row in rows)
    )
    return tag("div", tag("table", heads, tag("tbody", *body), **attributes), class_="scroll")


NONE = Markup("")
