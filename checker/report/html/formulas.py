"""Statements in LaTeX as MathML, which browsers draw without a script or the network."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

from checker.report.html.markup import Markup, tag

# A bar that opens or closes is none of the operators that get space around them.
_BARS = ("|", "∣")


# Of MathML, what draws a formula; none of these links, hides or covers anything. HTML knows it
# without its namespace.
_ELEMENTS = {
    *("math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub"),
    *("msup", "msubsup", "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle"),
    *("mpadded", "mphantom", "menclose", "mmultiscripts", "mprescripts", "none"),
}
_ATTRIBUTES = {
    *("display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "separator"),
    *("form", "symmetric", "largeop", "movablelimits", "minsize", "maxsize", "accent"),
    *("accentunder", "linethickness", "columnalign", "columnspacing", "columnlines", "rowspacing"),
    *("rowlines", "notation", "lspace", "rspace", "width"),
}


def statement(latex: str) -> Markup:
    """A displayed statement, a line for each part between `, \\quad`."""
    return tag("div", *(_displayed(part) for part in parts(latex)), class_="statement")


def inline(latex: str) -> Markup:
    """A formula in running text; empty for an empty string."""
    return _converted(latex, "inline") if latex else Markup("")


def _displayed(latex: str) -> Markup:
    # Formulas that are wider than a phone scroll, by keyboard too.
    return tag("div", _converted(latex, "block"), class_="scroll", tabindex="0")


def parts(latex: str) -> list[str]:
    """The statement cut at every `, \\quad` outside braces, which a phone has no room for."""
    found, depth, start = [], 0, 0
    for match in re.finditer(r"(?<!\\)[{}]|,\s*\\quad\b", latex):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth and match[0].startswith(","):
            found.append(latex[start : match.start()])
            start = match.end()
    return [part.strip() for part in (*found, latex[start:])]


@cache
def _converted(latex: str, display: str) -> Markup:
    """MathML, or the LaTeX itself where it cannot be converted: users may write anything."""
    try:
        return _written(convert_to_element(latex, display=display))
    except Exception:  # the converter has no common base class for its errors
        return tag("code", latex)


def _written(element: Element) -> Markup:
    """An element as HTML. The converter's own writer does not escape text.

    What LaTeX sets besides the look of formulas, such as links and styles, is left out.
    """
    if element.tag not in _ELEMENTS:
        raise ValueError(f"{element.tag} is not an element of a formula")
    text = unescape(element.text or "")
    attributes = {name: x for name, x in element.attrib.items() if name in _ATTRIBUTES}
    if element.tag == "mo" and text in _BARS:
        attributes |= {"stretchy": "false", "lspace": "0", "rspace": "0"}
    return tag(element.tag, text, *map(_written, element), **attributes)
