"""Statements in LaTeX as MathML, which browsers draw without any script or font from the network.

Browsers need neither the namespace nor character references in HTML, so both are left out.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape

from latex2mathml.converter import convert

from checker.report.html.markup import Markup, join, tag

# A bar that opens or closes is none of the operators that get space around them.
_BAR = re.compile(r"<mo[^>]*>(?:\||&#x0007C;|&#x02223;)</mo>")
_NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'


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
        mathml = convert(latex, display=display)
    except Exception:  # the converter has no common base class for its errors
        return tag("code", latex)
    return _compact(mathml)


def _compact(mathml: str) -> Markup:
    pieces = re.split(r"(<[^>]*>)", mathml.replace(_NAMESPACE, ""))
    text = "".join(p if p.startswith("<") else escape(unescape(p), quote=False) for p in pieces)
    return join([Markup(_BAR.sub('<mo stretchy="false" lspace="0" rspace="0">|</mo>', text))])
