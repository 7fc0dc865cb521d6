"""The command line: dispatch to a command, and errors that a user can act on."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import checker.threads  # noqa: F401  (before everything that imports NumPy)
from checker import stopping
from checker.commands.options import Options, parse
from checker.commands.status import BAD_INPUT, OPEN
from checker.errors import Caught, InputError
from checker.instances.escapes import visible
from checker.process import (
    lost_output,
    no_early_exit,
    own_storage,
    require_folder,
    shortage,
    tell,
    tell_fault,
    usable_streams,
)

# Command -> the module that runs it, imported when needed: `checker --help` should not wait for
# NumPy.
_COMMANDS = {
    "list": "listing",
    "show": "showing",
    "verify": "verifying",
    "merge": "kept.merging",
    "audit": "auditing",
    "prove": "proving",
    "sharpen": "sharpening",
    "census": "censusing",
    "certify": "certifying",
    "replay": "replaying",
    "report": "reporting",
    "gate": "gating",
    "doctor": "doctoring",
    "new-paper": "drafting",
}


# Those that prove something, for which the arithmetic has to be sound.
_DECIDING = {"verify", "merge", "audit", "sharpen", "census", "certify", "replay", "gate", "prove"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    0 everything stands, 1 a claim was refuted or the gate fell, 2 bad usage, bad input or a claim
    that cannot be computed, 3 something is open: undecided, vacuous, a broken oracle, a control
    that survived, interrupted, or told to nobody, since the report could not be written.
    """
    with usable_streams():
        options = parse(arguments, _version())
        with stopping.signals_handled(), no_early_exit(), own_storage():
            return _status(options)


def _status(options: Options) -> int:
    try:
        require_folder()
        status = _run(options)
        # Else Python would flush at exit, and fail with a status of its own.
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _interrupted()
    except InputError as error:
        if stopping.interrupted():
            return _interrupted()
        tell(_message(error))
        return BAD_INPUT
    except BaseException as error:
        if stopping.interrupted():
            # What a signal breaks into may make another error of it: a module that half loads.
            return _interrupted()
        return _unexpected(error)
    return status


def _unexpected(error: BaseException) -> int:
    """Say what happened. Python's own status would be 1, which means refuted."""
    lost, scarce = lost_output(error), shortage(error)
    if lost is not None:
        # A reader that closed the pipe has what it wanted.
        if not isinstance(lost, BrokenPipeError):
            tell(f"checker: cannot write to standard output: {lost.strerror}")
    elif scarce is not None:
        tell(_message(scarce))
    else:
        tell_fault("".join(traceback.format_exception(error)))
    return OPEN


def _interrupted() -> int:
    stopping.acknowledge()
    tell("checker: interrupted before there was a result")
    return OPEN


def _run(options: Options) -> int:
    # Imported here for the same reason as the commands.
    from checker.commands.outputs import prepared

    module = importlib.import_module(f"checker.commands.{_COMMANDS[options.command]}")
    if options.command in _DECIDING:
        from checker.arithmetic.checks.environment import require_sound_arithmetic

        require_sound_arithmetic()
    with Caught() as caught, prepared(options):
        status: int = module.run(options)
    if caught.error is None:
        return status
    if not isinstance(caught.error, InputError):
        from checker.claims.files import fault_in_files

        fault = fault_in_files(caught.error, options.files)
        if fault is not None:
            raise fault from caught.error
    raise caught.error


def _message(error: InputError) -> str:
    lines = [f"checker: {error.what}"]
    lines += [f"  why: {error.why}"] if error.why else []
    lines += [f"  try: {error.hint}"] if error.hint else []
    return visible("\n".join(lines))


def _version() -> str:
    try:
        return version("landscape-checker")
    except PackageNotFoundError:
        return "(not installed)"
