"""The commands that help texts, the README and the pages show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checker.commands.options import _commands, _parser

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# What ends a command in a shell, or in a sentence.
_END = re.compile(r"\s+(#|\||>|<|&&|;|\$\()|\s{2,}")


@dataclass(frozen=True)
class Shown:
    """A command line, and where it stands: the stem of a page, or `help`."""

    line: str
    place: str

    @property
    def names_only(self) -> bool:
        """Whether it is the name of a command that cannot be run without arguments."""
        _, *words = shlex.split(self.line)
        required = {"merge", "sharpen", "census", "certify", "replay", "gate", "report", "show"}
        return len(words) == 1 and (words[0] in required or words[0] == "--print-completion")


def shown() -> list[Shown]:
    """All of them, those of the help texts first."""
    found = [Shown(line, "help") for line in commands_of_help()]
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found += [Shown(line, page.stem) for line in commands_in(text)]
    return found


def commands_of_help() -> list[str]:
    """Those of the examples below every help text."""
    parser = _parser("0")
    texts = [parser.epilog, *(known.epilog for known in _commands(parser).values())]
    lines = "\n".join(filter(None, texts)).splitlines()
    return [command for line in lines for command in _of_line(line)]


def commands_in(text: str) -> Iterator[str]:
    """Command lines in code: after `checker` in a span or at the start of a line of a block."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.M | re.S)
    for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
        yield from _of_line(line)
    for span in re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        yield from _of_line(" ".join(span.split()))


def _of_line(line: str) -> Iterator[str]:
    for part in re.split(r"&&|;|- run: ", line):
        found = re.match(r"\s*(?:\$ |[A-Z_]+=\S+ )*(checker\s.*)", part)
        if found:
            yield _END.split(found[1], 1)[0].strip()
