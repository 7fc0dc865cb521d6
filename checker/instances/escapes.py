"""Text from data, made harmless: one function for each kind of output.

Ids, titles, statements, names of files and of fields come from claim files, and those of a report
or a replay from a folder that somebody sent. None of it may act on a terminal, end a code span,
become an element of a page, or hide what it says.
"""

from __future__ import annotations

import re
import shlex
from html import escape

# Control characters but tab and line feed, marks that turn or hide the text around them, and halves
# of surrogate pairs, which no encoding has.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: object) -> str:
    """Text for a terminal: `\\x1b` and the like instead of what it would act on."""
    return _HIDDEN.sub(lambda found: _escaped(found[0]), str(text))


def _escaped(character: str) -> str:
    code = ord(character)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def one_line(text: object) -> str:
    """Visible text without line breaks: for comments, labels and running text."""
    return " ".join(visible(text).split())


def html(text: object, *, quote: bool = False) -> str:
    """Text for HTML and SVG; with `quote` for the value of an attribute."""
    return escape(visible(text), quote=quote)


def label(text: object) -> str:
    """Text for a picture, in which a dollar would begin a formula."""
    return one_line(text).replace("$", r"\$")


def shell(words: list[str]) -> str:
    """A command line that a shell reads as these words, and that can be shown."""
    return " ".join(map(_word, words))


def _word(word: str) -> str:
    if visible(word) == word and not re.search(r"[\t\n]", word):
        return shlex.quote(word)
    # Bytes of names that are no UTF-8 are halves of surrogate pairs in Python.
    data = word.encode("utf-8", "surrogateescape")
    plain = (chr(b) if 0x20 <= b < 0x7F and b not in b"\\'" else f"\\x{b:02x}" for b in data)
    return f"$'{''.join(plain)}'"


# -- Markdown ---------------------------------------------------------------------------------


def markdown(text: object) -> str:
    """Running text for Markdown, also in the cell of a table: it means what it says."""
    marked = re.sub(r"[\\`*_\[\]<>|~&$]", r"\\\g<0>", one_line(text))
    # What would begin a heading, a list, or underline what stands before.
    return re.sub(r"^([-+=#]|\d+(?=[.)]))", _at_start, marked)


def _at_start(found: re.Match[str]) -> str:
    return f"\\{found[0]}" if not found[0].isdigit() else f"{found[0]}\\"


def markdown_prose(text: object) -> str:
    """As `markdown`, but `code` and **strong** stay what they are in docstrings."""
    parts = re.split(r"(?<!`)`([^`]+)`(?!`)", one_line(text))
    return "".join(code(p) if i % 2 else _strong(p) for i, p in enumerate(parts))


def _strong(text: str) -> str:
    pieces = re.split(r"\*\*(.+?)\*\*", text)
    return "".join(f"**{_inner(p)}**" if i % 2 else _inner(p) for i, p in enumerate(pieces))


def _inner(text: str) -> str:
    """As `markdown`, with the blanks at both ends."""
    stripped = text.strip()
    before, _, after = text.partition(stripped) if stripped else (text, "", "")
    return f"{before}{markdown(stripped)}{after}"


def code(text: object) -> str:
    """A code span, also one with grave accents in it; empty for empty text."""
    shown = visible(text).replace("\n", r"\n").replace("\t", r"\t")
    if not shown:
        return ""
    fence = "`" * (_longest(shown) + 1)
    room = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{room}{shown}{room}{fence}"


def cell_code(text: object) -> str:
    """A code span in the cell of a table, which a bar would end."""
    return code(text).replace("|", r"\|")


def block(text: object, language: str = "") -> str:
    """A block of code that nothing in it can end."""
    shown = visible(text).rstrip("\n")
    fence = "`" * max(3, _longest(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
