"""A saved certificate, checked before anything of it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, defstruct

from checker.certification.certificate import Enclosed, Verdict
from checker.certification.output.report import TITLES, VECTOR_TITLES
from checker.report.records import File, Number, Radius, Record, read_file

CERTIFICATE = "certificate.json"

# A number of which nothing is known, as it is saved.
UNKNOWN = {"value": None, "radius": None, "guarantee": "unproved"}


class SavedNumber(Record, frozen=True, kw_only=True):
    """A number with a proved bound on its error."""

    value: Number
    radius: Radius
    guarantee: str


class SavedBound(Record, frozen=True, kw_only=True):
    """A bound on the gap, or why it does not apply."""

    value: Number = None
    radius: Radius = None
    guarantee: str = ""
    why_not: str = ""

    def __post_init__(self) -> None:
        if not self.guarantee and not self.why_not:
            raise ValueError("neither a number nor a reason for none")


class SavedComparison(Record, frozen=True, kw_only=True):
    """The point against one linear predictor."""

    name: str
    F_lin: SavedNumber
    gap: SavedNumber
    gradient: SavedNumber
    duality_gap: SavedNumber
    ball: Number
    bounds: dict[str, SavedBound]


class SavedEscape(Record, frozen=True, kw_only=True):
    """A lower point."""

    along: str
    F_before: SavedNumber
    F_after: SavedNumber


class CertificateFile(File, frozen=True, kw_only=True):
    """certificate.json: what `checker certify` found."""

    verdict: Annotated[str, Meta(extra_json_schema={"enum": list(Verdict.__members__)})]
    sentence: str
    n: int
    d: int
    m: int
    loss: str
    passes: int
    best: SavedComparison
    minimised: SavedComparison
    others: list[SavedComparison]
    escape: SavedEscape | None
    bias: bool = False
    ridge: Number = 0.0

    def __post_init__(self) -> None:
        if self.verdict not in Verdict.__members__:
            raise ValueError(f"{self.verdict[:40]!r} is not a verdict")


def _kind(name: str, titles: Mapping[str, str], *further: tuple[str, type]) -> Any:
    """The record with the numbers that a certificate of this kind shows."""
    numbers = [(number, SavedNumber) for number in titles]
    return defstruct(
        name, [*numbers, *further], bases=(CertificateFile,), frozen=True, kw_only=True
    )


OneOutputFile = _kind("OneOutputFile", TITLES)
SeveralOutputsFile = _kind("SeveralOutputsFile", VECTOR_TITLES, ("K", int), ("rank", int))


def titles_in(content: Mapping[str, Any]) -> dict[str, str]:
    """The numbers of a saved certificate and their symbols."""
    return VECTOR_TITLES if "K" in content else TITLES


def comparisons(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the point is compared with, the best linear predictor first."""
    best, minimised = content["best"], content["minimised"]
    # With weight decay, and in brief, there is none that makes a bound stronger.
    further = [] if minimised["name"] == best["name"] else [minimised]
    return [best, *further, *content["others"]]


def enclosed(number: Mapping[str, Any]) -> Enclosed:
    """A saved number; null, or nothing, stands for what is not finite."""
    value, radius = number.get("value"), number.get("radius")
    if value is None or radius is None:
        value, radius = "nan", "inf"
    return Enclosed(float(value), float(radius), number["guarantee"])


def checked(content: Any, path: Path) -> dict[str, Any]:
    """The certificate of a file.

    Raises
    ------
    InputError
        When it is not what `checker certify --out` has written.
    """
    several = isinstance(content, dict) and "K" in content
    if several:
        # Those of several outputs had no eigenvalue once.
        content.setdefault("least_eigenvalue", UNKNOWN)
    read_file(content, SeveralOutputsFile if several else OneOutputFile, str(path))
    # Certificates written before there was a bias or weight decay have neither.
    content.setdefault("bias", False)
    content.setdefault("ridge", 0.0)
    known: dict[str, Any] = content
    return known
