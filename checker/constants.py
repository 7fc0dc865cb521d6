"""Every numerical constant that a verdict may depend on, each with its reason.

None of these is a tolerance: a verdict follows from proved enclosures only.
"""

from __future__ import annotations

# --update keeps a ratio that moved by less than this share: noise does not belong in a diff.

# Archives whose arrays are larger than this, and than so many times the file, are refused: numbers
# of a network hardly shrink when they are packed.
MAX_UNPACKED = 100
MAX_UNPACKED_BYTES = 2**30
