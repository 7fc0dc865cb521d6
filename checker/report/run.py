"""A finished run as a report needs it: the JSON files of a folder, read and checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from checker.errors import InputError
from checker.report.evidence import SCHEMA
from checker.report.records import (
    AuditFile,
    EvidenceFile,
    SharpenedFile,
    read_file,
    with_present_words,
)
from checker.report.replay import read_json
from checker.report.saving import EVIDENCE

AUDIT, SHARPENED = "audit.json", "sharpen.json"


@dataclass(frozen=True, eq=False)
class Run:
    """Evidence as JSON, with what else is known of its claims.

    Attributes
    ----------
    claims
        Entries of `claim_to_json`, theorems and false neighbours.
    evidence
        The file that the claims were read from.
    files
        The claim files of the run, which a replay needs.
    neighbours, ablations
        Entries of an audit; empty without one.
    sharpened
        Claim id -> the constants of a `checker sharpen`.
    sections
        Sections of the HTML report by other rooms, from files beside the evidence.
    title
        Of a page without claims.
    proved
        Claim id -> how it is proved, as `PROVED (Coq 8.16.1)`.
    provenance
        How the evidence was made, as `Provenance.to_json`; empty where nobody has noted it.
    """

    claims: list[dict[str, Any]]
    evidence: Path
    seed: int | None = None
    interrupted: bool = False
    files: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    neighbours: list[dict[str, Any]] = field(default_factory=list)
    ablations: list[dict[str, Any]] = field(default_factory=list)
    sharpened: dict[str, dict[str, Any]] = field(default_factory=dict)
    sections: tuple[Any, ...] = ()
    title: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)
    proved: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Extra:
    """A file of another room that may lie beside the evidence, such as a certificate.

    Attributes
    ----------
    name
        Of the file.
    section
        (its JSON, its path) -> the section of an HTML report; raises InputError for what the room
        has not written.
    title
        Of a page that has nothing else.
    """

    name: str
    section: Callable[[Any, Path], Any]
    title: str = ""


def read_run(folder: str | Path, extras: Sequence[Extra] = ()) -> Run:
    """The run that `checker verify --out DIR` has written, and what lies beside it.

    A folder without evidence, as of an audit or with the certificate of a network, is a run without
    claims.

    Raises
    ------
    InputError
        When the folder holds no evidence, or a file is corrupt, foreign or of another schema.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"there is no folder {folder}", hint=_HINT)
    evidence = path / EVIDENCE
    found = [(x, path / x.name) for x in extras if (path / x.name).exists()]
    sections = tuple(extra.section(read_json(file), file) for extra, file in found)
    audit, sharpened = (_optional(path / name) for name in (AUDIT, SHARPENED))
    if not evidence.exists() and not sections and audit is None and sharpened is None:
        names = [EVIDENCE, AUDIT, SHARPENED, *(x.name for x in extras)]
        raise InputError(f"{folder} holds no {' and no '.join(names)}", hint=_HINT)
    content = read_json(evidence) if evidence.exists() else None
    title = next((extra.title for extra, _ in found), "")
    run = run_of(content, evidence, audit, sharpened)
    return replace(run, sections=sections, title=title)


_HINT = "Name the --out of verify, audit, sharpen, certify or census"


def _optional(path: Path) -> Any:
    return read_json(path) if path.exists() else None


def run_of(content: Any, evidence: Path, audit: Any = None, sharpened: Any = None) -> Run:
    """A run from the contents of its files, each None where there is none.

    Raises
    ------
    InputError
        When something is not what this version has written.
    """
    audit = with_present_words(audit)
    if content is None:
        content = {"schema": SCHEMA, "claims": [], **_shared(audit, sharpened)}
    read = read_file(content, EvidenceFile, str(evidence))
    audited, constants = evidence.with_name(AUDIT), evidence.with_name(SHARPENED)
    if audit is not None:
        read_file(audit, AuditFile, str(audited))
    if sharpened is not None:
        read_file(sharpened, SharpenedFile, str(constants))
    return Run(
        content["claims"],
        evidence,
        read.seed,
        read.interrupted,
        tuple(map(str, read.files)),
        {name: str(number) for name, number in read.versions.items()},
        [] if audit is None else audit["neighbours"],
        [] if audit is None else audit["ablations"],
        {} if sharpened is None else {sharpened["claim"]: sharpened["constants"]},
        provenance=content.get("provenance") or {},
    )


_COMMON = ("seed", "versions", "provenance")


def _shared(*files: Any) -> dict[str, Any]:
    """What evidence would have as well, of the first file that has it."""
    known = next((file for file in files if isinstance(file, dict)), {})
    return {name: known[name] for name in _COMMON if name in known}


def only(run: Run, claim_id: str) -> Run:
    """One claim of a run, with its false neighbours.

    Raises
    ------
    InputError
        When the run has no such claim.
    """
    if all(entry["id"] != claim_id for entry in run.claims):
        known = ", ".join(entry["id"] for entry in run.claims if not is_control(entry))
        raise InputError(
            f"{run.evidence} has no claim {claim_id!r}",
            hint=f"Name one of {known}" if len(known) < _SHOWN else "Its report lists them",
        )
    kept = [entry for entry in run.claims if claim_id in (entry["id"], entry.get("of"))]
    return replace(run, claims=kept, sections=())


# Characters of a list in a hint.
_SHOWN = 300


def words(entry: dict[str, Any]) -> dict[str, Any]:
    """A claim's statement, source and so on; empty in evidence of earlier versions."""
    known = entry.get("about")
    return known if isinstance(known, dict) else {}


def is_control(entry: dict[str, Any]) -> bool:
    """Whether a claim is a false neighbour, which must be refuted."""
    kind = words(entry).get("kind", "must-be-refuted" if entry.get("of") else "bound")
    return bool(kind == "must-be-refuted")


def paper_of(claim_id: str) -> str:
    """What stands before the first dot of a claim's id: its paper, or its file."""
    return claim_id.partition(".")[0]


# Of a claim's evidence: what does not tell one result from another.
_CHANCE = ("seconds", "explanation", "spread")


def citation(run: Run, entry: dict[str, Any]) -> str:
    """An id to cite a result by: the claim, and a digest of its words and evidence.

    Equal results of equal versions with one seed have the same id: times and folders are no part of
    it.
    """
    kept = {name: value for name, value in entry.items() if name not in _CHANCE}
    content = json.dumps([kept, run.seed, run.versions], sort_keys=True, ensure_ascii=True)
    return f"{entry['id']}@{hashlib.sha256(content.encode()).hexdigest()[:16]}"
