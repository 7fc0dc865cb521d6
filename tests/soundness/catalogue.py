"""The claims of the catalogue: what `checker list` shows, without the false neighbours."""

from __future__ import annotations

from functools import cache

from checker.claims.claim import Claim
from checker.claims.registry import load_claims


@cache
def catalogue() -> dict[str, Claim]:
    """Id -> claim, for every claim that is held to be true."""
    false = ("must-be-refuted", "neighbour")
    return {i: c for i, c in load_claims().items() if c.kind not in false}
