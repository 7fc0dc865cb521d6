"""Proofs as they were read: what a theorem says is known to those who read it, not to Coq.

`proofs/reviewed.json` in a package holds the SHA-256 of each file of proofs and the theorem of each
claim. A file that was changed since, or a claim that names another theorem, has to be read again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from checker.proofs.coq import NotProved, required
from checker.proofs.table import Proof

PLACE = Path("proofs", "reviewed.json")


def hashes(
    sources: Mapping[str, tuple[Path, bytes]], root: Path, modules: Iterable[str]
) -> dict[str, str]:
    """SHA-256 of the files of these modules and of all that they require, by place below `root`."""
    found: dict[str, str] = {}
    pending = [m for m in modules if m in sources]
    while pending:
        source, content = sources[pending.pop()]
        place = source.relative_to(root).as_posix()
        if place not in found:
            found[place] = hashlib.sha256(content).hexdigest()
            pending += [m for m in required(content.decode("utf-8")) if m in sources]
    return dict(sorted(found.items()))


def require_reviewed(proof: Proof, files: Mapping[str, str]) -> None:
    """Raise NotProved unless these files, and this theorem for the claim, are what was read.

    Proofs beside a file of one's own need no review but their author's.
    """
    if proof.folder is not None:
        return
    try:
        known = json.loads((proof.root / PLACE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotProved(f"{PLACE} of {proof.package} cannot be read: {error}") from error
    for place, digest in files.items():
        before = known["files"].get(place, "none")
        if before != digest:
            raise NotProved(
                f"{place} is not the file that was reviewed: its SHA-256 begins with "
                f"{digest[:12]}, that of the reviewed one with {before[:12]}"
            )
    theorem = known["theorems"].get(proof.claim, "none")
    if theorem != proof.theorem:
        raise NotProved(
            f"{proof.theorem} is not what was reviewed as the statement of {proof.claim}: "
            f"that was {theorem}"
        )
