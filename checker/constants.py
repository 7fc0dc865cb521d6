"""Every numerical constant that a verdict may depend on, each with its reason.

None of these is a tolerance: a verdict follows from proved enclosures only.
"""

from __future__ import annotations

# Random directions in which a violation is compared before it is believed. One alone may be 0.
ORACLE_DIRECTIONS = 3


# --update keeps a ratio that moved by less than this share: noise does not belong in a diff.
