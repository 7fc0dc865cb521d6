"""Pages by jinja2 templates, in which a plain `str` is data and `Markup` is HTML already.

Autoescape makes data harmless for a page, and what a text hides (control characters, marks that
turn the text around them) is shown in whatever leaves here: no template can forget either.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from checker.instances.escapes import visible
from checker.instances.text import counted
from checker.report.html.formulas import displayed, inline, parts

# Folder of the report's own templates; those of other rooms lie beside their `page.py`.
OWN = "report/html/templates"


def rendered(template: str, /, **values: Any) -> Markup:
    """A template, named by its path in the package, with values."""
    return Markup(visible(environment().get_template(template).render(values)))


@cache
def environment() -> Environment:
    """The templates of all rooms: a name that a template does not know is an error."""
    made = Environment(
        loader=PackageLoader("checker", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "breakable": breakable,
        "counted": counted,
        "displayed": displayed,
        "formula": inline,
        "number": number,
        "parts": parts,
        "prose": prose,
    }
    return made


def statement(latex: str) -> Markup:
    """A displayed statement, a line for each part between `, \\quad`."""
    return rendered(f"{OWN}/statement.html.jinja", latex=latex)


def breakable(name: str) -> Markup:
    """An id that may be broken after dots and underscores."""
    return Markup("<wbr>").join(re.split(r"(?<=[._])(?=\w)", name))


def prose(paragraph: str) -> Markup:
    """Text of a docstring: `code` and **strong** are all the markup it knows."""
    # Not as Markup, whose parts `re.sub` would join by escaping them again.
    marked = str(escape(" ".join(paragraph.split())))
    marked = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", marked)
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", marked))


def number(count: int) -> str:
    """A count, its thousands apart."""
    return f"{count:,}"
