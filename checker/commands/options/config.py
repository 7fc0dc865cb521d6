"""Defaults of options from `[tool.checker]` in pyproject.toml; the command line comes before them.

[tool.checker]
jobs = 4

[tool.checker.verify]
cases = 20_000
out = "results"
"""

from __future__ import annotations

import argparse
import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FILE = "pyproject.toml"

# What means the same for every command that has it; all else belongs to a command.
_COMMON = ("cases", "seconds", "seed", "jobs")
# Of these a gate takes those of its baseline; its options change the baseline.
_OF_A_BASELINE = ("cases", "seed")


class WrongDefaults(Exception):
    """What is wrong with the table, in a sentence."""


def apply_defaults(commands: Mapping[str, argparse.ArgumentParser], folder: Path) -> None:
    """Set the defaults that the nearest pyproject.toml has for each command.

    Raises
    ------
    WrongDefaults
        For a file that is no TOML, and for what is no option, or not a value of it.
    """
    file = _nearest(folder)
    table = {} if file is None else _table(file)
    common = {name: value for name, value in table.items() if not isinstance(value, dict)}
    _require_known(common, _COMMON, f"[tool.checker] of {file}")
    tables = {name: value for name, value in table.items() if isinstance(value, dict)}
    _require_known(tables, commands, f"[tool.checker] of {file}")
    for command, parser in commands.items():
        options = _options(parser)
        for name, value in common.items():
            if name in options and not (command == "gate" and name in _OF_A_BASELINE):
                _set(parser, options[name], value, f"[tool.checker] of {file}")
        where = f"[tool.checker.{command}] of {file}"
        own = {name.replace("-", "_"): x for name, x in tables.get(command, {}).items()}
        _require_known(own, options, where)
        for name, value in own.items():
            _set(parser, options[name], value, where)


def _options(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Name of an option as Python would write it -> the option."""
    named = {text: a for a in parser._actions for text in a.option_strings if a.dest != "help"}
    return {
        text[2:].replace("-", "_"): action for text, action in named.items() if text[:2] == "--"
    }


def _nearest(folder: Path) -> Path | None:
    """The file that a tool which is run in this folder reads: the first upwards."""
    files = (place / FILE for place in (folder, *folder.parents))
    return next((file for file in files if file.is_file()), None)


def _table(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongDefaults(f"{file} cannot be read: {error}") from error
    tool = content.get("tool", {})
    table = tool.get("checker", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise WrongDefaults(f"tool.checker of {file} is not a table")
    return table


def _require_known(given: Iterable[str], known: Iterable[str], where: str) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f", which takes {', '.join(known)}"
            raise WrongDefaults(f"{where} has {name!r}{hint}")


def _set(parser: argparse.ArgumentParser, action: argparse.Action, value: Any, where: str) -> None:
    action.default = _checked(parser, action, value, f"{action.dest} in {where}")
    action.required = False


def _checked(
    parser: argparse.ArgumentParser, action: argparse.Action, value: Any, where: str
) -> Any:
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise WrongDefaults(f"{where} is {value!r}, not true or false")
        return action.const if value else action.default
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise WrongDefaults(f"{where} is {value!r}, not a number or a text")
    try:
        checked = parser._get_value(action, str(value))
        parser._check_value(action, checked)
    except argparse.ArgumentError as error:
        raise WrongDefaults(f"{where}: {error.message}") from error
    return checked
