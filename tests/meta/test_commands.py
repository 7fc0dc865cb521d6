"""Every command in a help text, the README and the pages is one that the command line takes.

They are parsed, not run: the tutorial's and the README's outputs have tests of their own.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.claims.registry import load_claims
from checker.commands.options import _commands, _parser

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# What ends a command in a shell, or in a sentence.
_END = re.compile(r"\s+(#|\||>|<|&&|;|\$\()|\s{2,}")


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


def wrong(command: str) -> str:
    """Why a command line is refused; empty where it is taken."""
    _, *words = shlex.split(command)
    parser = _parser("0")
    parsers = {"": parser, **_commands(parser)}

    def refuse(message: str) -> None:
        raise argparse.ArgumentError(None, message)

    for known in parsers.values():
        known.error = refuse  # type: ignore[assignment]
    # `checker verify` alone names the command, as `checker replay` does that needs a file.
    if len(words) <= 1:
        return "" if not words or words[0] in parsers or words[0].startswith("-") else command
    try:
        parser.parse_args(words)
    except argparse.ArgumentError as error:
        return f"{command}: {error}"
    except SystemExit:  # --help and --version
        pass
    return ""


def _with_values(command: str) -> str:
    """Letters and variables of a shell that stand for a number as one: `--cases N`."""
    return re.sub(r"\$\w+|\b(K|N|S)\b(?!\.)", "3", command)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_is_taken(page: Path) -> None:
    found = [*commands_in(page.read_text(encoding="utf-8"))]
    assert [w for command in found if (w := wrong(_with_values(command)))] == []


def test_every_example_of_a_help_text_is_taken() -> None:
    parser = _parser("0")
    texts = [parser.epilog, *(known.epilog for known in _commands(parser).values())]
    lines = "\n".join(filter(None, texts)).splitlines()
    found = [command for line in lines for command in _of_line(line)]
    assert len(found) > 40
    assert [w for command in found if (w := wrong(command))] == []


def test_every_claim_that_a_command_names_exists() -> None:
    known = load_claims()
    papers = {name.partition(".")[0] for name in known}
    words = {
        word
        for page in PAGES
        for command in commands_in(page.read_text(encoding="utf-8"))
        for word in shlex.split(command)
    }
    named = {w for w in words if w.partition(".")[0] in papers and "/" not in w}
    missing = {w for w in named if not any(k == w or k.startswith(f"{w}.") for k in known)}
    assert len(named) >= 5
    assert missing == set()


def test_commands_are_found_and_judged() -> None:
    block = "```sh\nchecker gate   # why\nA=1 checker list | jq\n```\n"
    text = f"Run `checker verify x.py --cases N`:\n{block}"
    found = ["checker gate", "checker list", "checker verify x.py --cases N"]
    assert list(commands_in(text)) == found
    assert wrong("checker verify x.py --case 3")
    assert wrong("checker verfy x.py")
    assert wrong("checker nothing")
    assert wrong("checker gate x.py")  # without its baseline
    assert not wrong("checker verify x.py --cases 3")
