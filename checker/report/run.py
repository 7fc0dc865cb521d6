"""A finished run as a report needs it: the JSON files of a folder, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from checker.certification.saved import CERTIFICATE, checked
from checker.errors import InputError
from checker.report.replay import read_json
from checker.report.saving import EVIDENCE
from checker.report.schema import (
    AUDITED,
    CONSTANT,
    DROPPED,
    Spec,
    check_case,
    check_claim,
    check_pooled,
    foreign,
    list_in,
    require,
    require_schema,
)

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
    mutants, ablations
        Entries of an audit; empty without one.
    sharpened
        Claim id -> the constants of a `checker sharpen`.
    certificate
        What `checker certify` says of a trained network, as JSON; None without one.
    """

    claims: list[dict[str, Any]]
    evidence: Path
    seed: int | None = None
    interrupted: bool = False
    files: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    mutants: list[dict[str, Any]] = field(default_factory=list)
    ablations: list[dict[str, Any]] = field(default_factory=list)
    sharpened: dict[str, dict[str, Any]] = field(default_factory=dict)
    certificate: dict[str, Any] | None = None


def read_run(folder: str | Path) -> Run:
    """The run that `checker verify --out DIR` has written, and what lies beside it.

    A folder with the certificate of a network alone is a run without claims.

    Raises
    ------
    InputError
        When the folder holds no evidence, or a file is corrupt, foreign or of another schema.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"there is no folder {folder}", hint=_HINT)
    evidence = path / EVIDENCE
    saved = _optional(path / CERTIFICATE)
    certificate = None if saved is None else checked(saved, path / CERTIFICATE)
    if not evidence.exists():
        if certificate is None:
            raise InputError(f"{folder} holds no {EVIDENCE} and no {CERTIFICATE}", hint=_HINT)
        return Run([], evidence, certificate=certificate)
    content = read_json(evidence)
    run = run_of(content, evidence, _optional(path / AUDIT), _optional(path / SHARPENED))
    return replace(run, certificate=certificate)


_HINT = "Name the folder of a `checker verify --out DIR` or `checker certify FILE --out DIR`"


def _optional(path: Path) -> Any:
    return read_json(path) if path.exists() else None


def run_of(content: Any, evidence: Path, audit: Any = None, sharpened: Any = None) -> Run:
    """A run from the contents of its files; `audit` and `sharpened` None where there is none.

    Raises
    ------
    InputError
        When something is not what this version has written.
    """
    place = str(evidence)
    require_schema(content, place)
    claims = list_in(content, "claims", place)
    for number, entry in enumerate(claims, 1):
        check_claim(entry, f"{place}, claim {number}")
    ids = [c["id"] for c in claims]
    if len(set(ids)) < len(ids):
        raise foreign(place, "two claims have the same id")
    envelope = {"seed": None, "interrupted": False, "files": [], "versions": {}, **content}
    require(envelope, _ENVELOPE, place)
    return Run(
        claims,
        evidence,
        envelope["seed"],
        envelope["interrupted"],
        tuple(map(str, envelope["files"])),
        {name: str(number) for name, number in envelope["versions"].items()},
        _audited(audit, "mutants", evidence.with_name(AUDIT), {"id": str, **AUDITED}),
        _audited(
            audit, "ablations", evidence.with_name(AUDIT), {"claim": str, **AUDITED, **DROPPED}
        ),
        _sharpened(sharpened, evidence.with_name(SHARPENED)),
    )


_ENVELOPE = {"seed": (int, type(None)), "interrupted": bool, "files": list, "versions": dict}


def _audited(content: Any, name: str, path: Path, spec: Spec) -> list[dict[str, Any]]:
    if content is None:
        return []
    require_schema(content, str(path))
    entries = list_in(content, name, str(path))
    for entry in entries:
        require(entry, spec, str(path))
        check_case(entry.get("counterexample"), str(path))
        check_case(entry.get("tightest"), str(path))
        check_pooled(entry.get("pooled"), str(path))
        if entry["killed"] and not (entry.get("counterexample") or _rejected(entry)):
            raise foreign(str(path), f"an entry of {name!r} is killed by nothing")
    return entries


def _rejected(entry: dict[str, Any]) -> bool:
    """Whether experiments reject the claim."""
    return bool((entry.get("pooled") or {}).get("refutes"))


def _sharpened(content: Any, path: Path) -> dict[str, dict[str, Any]]:
    if content is None:
        return {}
    require_schema(content, str(path))
    require(content, {"claim": str, "constants": dict}, str(path))
    for entry in content["constants"].values():
        require(entry, CONSTANT, str(path))
        _require_fraction(entry["fails_at"], str(path))
        check_case(entry.get("witness"), str(path))
    return {content["claim"]: content["constants"]}


def _require_fraction(text: str | None, place: str) -> None:
    if text is not None and not re.fullmatch(r"-?\d{1,999}(/0*[1-9]\d{0,999})?", text, re.ASCII):
        raise foreign(place, f"{text[:40]!r} is no fraction")


def words(entry: dict[str, Any]) -> dict[str, Any]:
    """A claim's statement, source and so on; empty in evidence of earlier versions."""
    known = entry.get("about")
    return known if isinstance(known, dict) else {}


def is_control(entry: dict[str, Any]) -> bool:
    """Whether a claim is a false neighbour, which must be refuted."""
    kind = words(entry).get("kind", "must-be-refuted" if entry.get("of") else "bound")
    return bool(kind == "must-be-refuted")
