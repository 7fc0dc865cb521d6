"""Claims without a proof in Coq: proved on the box that their arguments are taken from."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from checker.claims.claim import Claim
from checker.proofs.boxes import recheck
from checker.proofs.boxes.program import NotBounded
from checker.proofs.boxes.proving import OnBox, on_boxes
from checker.proofs.prove import NO_PROOF, NOT_PROVED, PROVED, Result
from checker.report.evidence_files import file_stem
from checker.report.saving import cannot_write, write_text

_BY = "enclosures on {parts}, checked again by a second program"


def by_enclosures(
    claim: Claim,
    seconds: float,
    sizes: Sequence[tuple[str, int]] | None = None,
    folder: str | None = None,
) -> Result:
    """The result for one claim; certificates go into the folder, with the program for them.

    Parameters
    ----------
    seconds
        Time limit for the claim.
    sizes
        Of its named dimensions, by name.
    """
    start = time.monotonic()
    try:
        found = list(on_boxes(claim, seconds, dict(sizes or ())))
    except NotBounded as error:
        return Result(claim.id, NO_PROOF, f"no proof in Coq is known, and {error}")
    spent = time.monotonic() - start
    failed = [f for f in found if f.reason]
    if failed:
        return Result(claim.id, NOT_PROVED, failed[0].reason, on=failed[0].on, seconds=spent)
    if folder is not None:
        _save(claim, found, Path(folder))
    parts = sum(f.parts for f in found)
    return Result(
        claim.id,
        PROVED,
        on="; ".join(f.on for f in found),
        by=_BY.format(parts=f"{parts:,} box{'es' if parts > 1 else ''}"),
        seconds=spent,
    )


def _save(claim: Claim, found: Sequence[OnBox], folder: Path) -> None:
    """Every certificate, and the program that checks it."""
    for number, each in enumerate(found, 1):
        name = f"{file_stem(claim.id)}.box-{number}.json"
        write_text(folder / name, json.dumps(each.certificate) + "\n")
    try:
        shutil.copyfile(str(recheck.__file__), folder / "recheck.py")
    except OSError as error:
        raise cannot_write(folder / "recheck.py", error) from error
