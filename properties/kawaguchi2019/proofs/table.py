"""Which theorem in Coq proves which claim on Kawaguchi and Bengio (2019)."""

from __future__ import annotations

from checker.proofs.table import Proof

_NUMBERS = "the sample's losses enter by their numbers at the two predictions"
_INVERSE = "P is any right inverse of W, as W^+ is; " + _NUMBERS


def _proof(key: str, note: str) -> Proof:
    theorem = f"properties.kawaguchi2019.proofs.Kawaguchi2019.{key}"
    return Proof(f"kawaguchi2019.{key}", theorem, None, note)


PROOFS = (
    _proof("lemma", _INVERSE),
    _proof("full_rank", _INVERSE),
    _proof("rank_deficient", "total_square is 2 m times the mean square; " + _NUMBERS),
)
