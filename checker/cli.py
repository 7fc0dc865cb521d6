"""The command line: dispatch to a command, and errors that a user can act on."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import checker.threads  # noqa: F401  (before everything that imports NumPy)
from checker.commands.options import Options, parse
from checker.commands.status import BAD_INPUT, OPEN
from checker.errors import InputError

# Command -> the module that runs it, imported when needed: `checker --help` should not wait for
# NumPy.
_COMMANDS = {
    "list": "listing",
    "verify": "verifying",
    "audit": "auditing",
    "prove": "proving",
    "sharpen": "sharpening",
    "census": "censusing",
    "certify": "certifying",
    "replay": "replaying",
    "report": "reporting",
    "gate": "gating",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    0 everything stands, 1 a claim was refuted or the gate fell, 2 bad usage or bad input,
    3 something is open: undecided, vacuous, a broken oracle, a control that survived, or
    interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    options = parse(arguments, _version())
    try:
        return _run(options)
    except InputError as error:
        print(_message(error), file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("checker: interrupted before there was a result", file=sys.stderr)
        return OPEN
    except BrokenPipeError:
        # The reader has what it wanted; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OPEN
    except Exception:
        # Python's own status would be 1, which means refuted.
        traceback.print_exc()
        print("checker: internal error, no verdict; please report the lines above", file=sys.stderr)
        return OPEN


def _run(options: Options) -> int:
    module = importlib.import_module(f"checker.commands.{_COMMANDS[options.command]}")
    try:
        status: int = module.run(options)
    except InputError:
        raise
    except Exception as error:
        from checker.claims.registry import fault_in_files

        fault = fault_in_files(error, options.files)
        if fault is None:
            raise
        raise fault from error
    return status


def _message(error: InputError) -> str:
    lines = [f"checker: {error.what}"]
    lines += [f"  why: {error.why}"] if error.why else []
    lines += [f"  try: {error.hint}"] if error.hint else []
    return "\n".join(lines)


def _version() -> str:
    try:
        return version("landscape-checker")
    except PackageNotFoundError:
        return "(not installed)"
