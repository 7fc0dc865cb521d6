"""What the decisions assume of the machine and of python-flint, checked while they are being made.

Some libraries compiled with fast math, and torch.set_flush_denormal, change the floating-point mode
of a whole process: results below 2**-1022 become 0, or rounding is not to nearest. Error bounds are
then wrong. So are balls where python-flint is: a process tests it once, before its first decision.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, requires, version

import numpy as np

from checker.errors import InputError

_ULP = 2.0**-52
_LEFT = np.array([2.0**-1022, 2.0**-1074, 1.0, -1.0, 1.0, -1.0])
_RIGHT = np.array([0.5, 2.0, _ULP / 2, -_ULP / 2, 0.75 * _ULP, -0.75 * _ULP])
_PRODUCTS = np.array([2.0**-1023, 2.0**-1073])
_SUMS = np.array([1.0, -1.0, 1.0 + _ULP, -1.0 - _ULP])

_FLINT = "python-flint"

# The process whose balls have passed their test; a forked one tests its own.
_tested_in = 0


def require_sound_arithmetic() -> None:
    """Raise InputError unless float64 and balls are what every decision takes them for."""
    require_ieee_arithmetic()
    require_sound_balls()


def require_sound_balls() -> None:
    """Raise InputError unless balls and exact numbers pass their self-test, once per process."""
    global _tested_in
    if _tested_in == os.getpid():
        return
    # When needed: the self-test imports what it tests, which asks for it. It computes in balls, so
    # that it would ask, too.
    from checker.arithmetic.checks.selftest import faults

    _tested_in = os.getpid()
    found = list(faults())
    if found:
        _tested_in = 0
        raise _broken_balls(found)


def _broken_balls(found: list[str]) -> InputError:
    """The error for operations of ball or exact arithmetic that gave wrong answers."""
    return InputError(
        f"ball arithmetic is broken with {_FLINT} {_version(_FLINT)}; it gives wrong answers in: "
        + ", ".join(found),
        why="Every proof rests on it, so nothing is decided",
        hint=f"Install a version that works: pip install '{_needed(_FLINT)}'",
    )


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "of unknown version"


def _needed(distribution: str) -> str:
    """The versions of a dependency that this package asks for."""
    try:
        asked = requires("landscape-checker") or []
    except PackageNotFoundError:
        asked = []
    return next((one for one in asked if one.startswith(distribution)), distribution)


def require_ieee_arithmetic() -> None:
    """Raise InputError unless float64 rounds to nearest and keeps subnormal numbers."""
    products, sums = _LEFT[:2] * _RIGHT[:2], _LEFT[2:] + _RIGHT[2:]
    # Compared by their bits: a comparison may read subnormal numbers as 0, too.
    if products.tobytes() != _PRODUCTS.tobytes():
        raise _fault("subnormal numbers are flushed to zero")
    if sums.tobytes() != _SUMS.tobytes():
        raise _fault("float64 sums are not rounded to nearest")


def _fault(what: str) -> InputError:
    return InputError(
        f"the processor is in a mode in which {what}",
        why="The error bounds of float64 assume IEEE 754 arithmetic; nothing would be proved",
        hint="Look for a library compiled with fast math, or a call such as "
        "torch.set_flush_denormal(True), in this process",
    )
