"""What the float rung assumes of the floating-point mode, checked while it is being used.

Some libraries compiled with fast math, and torch.set_flush_denormal, change the mode of a whole
process: results below 2**-1022 become 0, or rounding is not to nearest. Error bounds are then
wrong.
"""

from __future__ import annotations

import numpy as np

from checker.errors import InputError

_ULP = 2.0**-52
_LEFT = np.array([2.0**-1022, 2.0**-1074, 1.0, -1.0, 1.0, -1.0])
_RIGHT = np.array([0.5, 2.0, _ULP / 2, -_ULP / 2, 0.75 * _ULP, -0.75 * _ULP])
_PRODUCTS = np.array([2.0**-1023, 2.0**-1073])
_SUMS = np.array([1.0, -1.0, 1.0 + _ULP, -1.0 - _ULP])


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
