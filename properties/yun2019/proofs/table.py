"""Which theorem in Coq proves which claim on Yun, Sra and Jadbabaie (2019)."""

from __future__ import annotations

from checker.proofs.table import Proof

_PULLED = "v^T dR/dV_l is (w^T v) b_l, as output_shifted proves of the network"


def _proof(key: str, note: str) -> Proof:
    return Proof(f"yun2019.{key}", f"properties.yun2019.proofs.Yun2019.{key}", None, note)


PROOFS = (
    _proof("theorem_across", "total_square is 2 L m times the mean square"),
    _proof("theorem_along", _PULLED),
    _proof("theorem_curvature", "<D, Hessian D> is that of the output along D, by output_along"),
    _proof("theorem_eigenvalue", "-kappa bounds the Hessian along D, as lambda_min does"),
)
