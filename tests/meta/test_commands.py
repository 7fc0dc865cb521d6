"""Every command in a help text, the README and the pages is one that the command line takes.

All of them are parsed here; test_commands_run.py runs them.
"""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from checker.claims.registry import load_claims
from checker.commands.options import _commands, _parser
from tests.meta.documented import PAGES, commands_in, commands_of_help


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
    found = commands_of_help()
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
