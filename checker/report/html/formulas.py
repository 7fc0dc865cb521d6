"""Statements in LaTeX as MathML, which browsers draw without a script or the network."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element
from markupsafe import Markup

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


def inline(latex: str) -> Markup:
    """A formula in running text; empty for an empty string."""
    return _converted(latex, "inline") if latex else Markup("")


def displayed(latex: str) -> Markup:
    """A formula on a line of its own."""
    return _converted(latex, "block")


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
        cleaned = _cleaned(convert_to_element(latex, display=display))
        return Markup(tostring(cleaned, encoding="unicode", short_empty_elements=False))
    except Exception:  # the converter has no common base class for its errors
        return Markup("<code>{}</code>").format(latex)


def _cleaned(element: Element) -> Element:
    """A formula as HTML knows it. The converter's own writer does not escape text.

    What LaTeX sets besides the look of formulas, such as links and styles, is left out.
    """
    if element.tag not in _ELEMENTS:
        raise ValueError(f"{element.tag} is not an element of a formula")
    attributes = {name: x for name, x in element.attrib.items() if name in _ATTRIBUTES}
    kept = Element(element.tag, attributes)
    kept.text = unescape(element.text or "")
    if element.tag == "mo" and kept.text in _BARS:
        kept.attrib |= {"stretchy": "false", "lspace": "0", "rspace": "0"}
    kept.extend(map(_cleaned, element))
    return kept
