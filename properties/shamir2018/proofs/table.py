"""Which theorem in Coq proves which claim of Shamir (2018).

Remark 1 speaks of points whose last input and last feature are 1: special cases of the theorems.
"""

from __future__ import annotations

from checker.proofs.bridge import Bridge
from checker.proofs.table import Proof
from properties.shamir2018.proofs import bridges

_MINIMUM = (
    "the theorem speaks of a local minimum itself; the claim is evaluated at found points, next to "
    "which one is proved to exist"
)
_NUMBERS = "the sample's losses enter by their numbers at the two predictions"
_CONSTANTS = (
    "mu0, mu1, mu2 are any Lipschitz constants of F, its gradient and its Hessian between (w, V) "
    "and (0, V); that the claim's own are such constants is not part of the proof"
)
_ROOT = "sigma is at most the least singular value of W, s at least the norm of V"
_PROJECTED = "a projected step is one after which the comparator is not farther away"


def _proofs(key: str, theorem: str, bridge: Bridge | None = None, note: str = "") -> list[Proof]:
    """The proof of a claim, and of the same with biases."""
    place = f"properties.shamir2018.proofs.{theorem}"
    return [Proof(f"shamir2018.{k}", place, bridge, note) for k in (key, f"remark1_{key}")]


def _proof(key: str, theorem: str, note: str) -> Proof:
    return Proof(f"shamir2018.{key}", f"properties.shamir2018.proofs.{theorem}", None, note)


PROOFS = (
    *_proofs("lemma1", "Theorem1.lemma1", bridges.LEMMA1),
    *_proofs("theorem1", "Theorem1.theorem1", bridges.THEOREM1),
    *_proofs("theorem1_sharp", "Theorem1.theorem1_sharp", bridges.THEOREM1_SHARP),
    *_proofs("theorem2_eigenvalue", "Theorem2.theorem2_eigenvalue", bridges.EIGENVALUE),
    *_proofs("theorem2", "Theorem2.theorem2", bridges.THEOREM2),
    *_proofs("theorem2_sharp", "Theorem2.theorem2_sharp", bridges.THEOREM2_SHARP),
    *_proofs("theorem3", "Theorem3.theorem3", None, _CONSTANTS),
    *_proofs("theorem3_at_t", "Theorem3.theorem3_at_t", None, _CONSTANTS),
    *_proofs("corollary1", "Corollary1.corollary1", None, _MINIMUM),
    _proof("appendix_b_lemma1", "AppendixB.appendix_b_lemma1", _NUMBERS),
    _proof("appendix_b_theorem1", "AppendixB.appendix_b_theorem1", _ROOT),
    _proof("appendix_b_theorem1_sharp", "AppendixB.appendix_b_theorem1_sharp", _NUMBERS),
    _proof("theorem4_regret", "Theorem4.theorem4_regret", _PROJECTED),
    _proof("theorem4_path", "Theorem4.theorem4_path", _PROJECTED),
    _proof("theorem4_range", "Theorem4.theorem4_range", _NUMBERS),
    _proof("theorem4_run", "Theorem4.run_regret", "rho_t bounds what a computed step is off by"),
)
