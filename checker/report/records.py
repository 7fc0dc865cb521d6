"""What JSON files of a run hold, as types: errors name their place, docs/schemas has the schemas.

Evidence, audits and sharpened constants; the certificate and the census have theirs in their rooms.
A record is read and written: its fields stand in the order of the file. Files may hold more than is
named here, and older ones may lack what has a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from msgspec import UNSET, Meta, Struct, UnsetType

from checker.claims.spread import Spread
from checker.claims.verdict import Verdict
from checker.errors import InputError

# The version of the format.
SCHEMA = 1

T = TypeVar("T")

# JSON has no infinities: null stands for what is not finite.
Number = float | None
Count = Annotated[int, Meta(ge=0)]
Radius = Annotated[float, Meta(ge=0)] | None
VerdictName = Annotated[str, Meta(extra_json_schema={"enum": list(Verdict.__members__)})]
Fraction = Annotated[str, Meta(pattern=r"\A-?[0-9]{1,999}(/0*[1-9][0-9]{0,999})?\Z")]

# A share of larger numbers might be beyond floats.
_LARGEST = 10**100


class Record(Struct, frozen=True, kw_only=True):
    """A part of a file."""


class File(Record, frozen=True, kw_only=True):
    """A whole file.

    Attributes
    ----------
    schema
        The version of the format.
    """

    schema: int


class Step(Record, frozen=True, kw_only=True):
    """A step of a reduction."""

    action: str
    numbers: int
    relative_slack: Number


class Case(Record, frozen=True, kw_only=True):
    """A decided case; `instance` is what `checker replay` reads.

    Attributes
    ----------
    not_saved
        Why there is no instance.
    raised
        How many smaller candidates raised an exception.
    """

    claim: str = ""
    instance: Any = None
    not_saved: str | UnsetType = UNSET
    decision: str
    guarantee: str
    unproved: str | None
    lhs: Number
    lhs_radius: Radius
    rhs: Number
    rhs_radius: Radius
    relative_slack: Number
    tight_bits: int | None
    stratum: str
    origin: str
    path: list[Step]
    raised: Count | UnsetType = UNSET


class Explanation(Record, frozen=True, kw_only=True):
    """How to check a counterexample by hand: name, expression and value of each step."""

    steps: list[tuple[str, str, str]]
    slack: str
    script: str | None


class Source(Record, frozen=True, kw_only=True):
    """Where a claim stands."""

    authors: str
    title: str
    venue: str
    label: str
    notation: dict[str, str] = {}


class Assumption(Record, frozen=True, kw_only=True):
    """A premise of a claim."""

    name: str
    statement: str
    definitional: bool


class About(Record, frozen=True, kw_only=True):
    """The words of a claim."""

    title: str
    statement: str
    kind: str
    meaning: str
    source: Source | None
    wording: str
    whose: str
    assumptions: list[Assumption]
    constants: dict[str, Any]
    why: str


class Experiments(Record, frozen=True, kw_only=True):
    """The experiments of one task: the seed draws them again."""

    stratum: str
    seed: list[Count]
    runs: Count
    odds: Annotated[int, Meta(ge=1)]
    level_bits: int
    index: list[Count]
    failures: list[Count]
    checksums: list[Count]

    def __post_init__(self) -> None:
        if len({len(self.index), len(self.failures), len(self.checksums)}) > 1:
            raise ValueError("index, failures and checksums are not equally long")


class Pooled(Record, frozen=True, kw_only=True):
    """All experiments of a claim about probabilities, tested together."""

    complete: bool
    refutes: bool
    runs: int
    failures: int
    proved: int
    critical: int | None
    odds: list[Any]
    level_bits: int
    noticed: Number
    noticed_with: float
    experiments: list[Experiments]


class SlackCounts(Record, frozen=True, kw_only=True):
    """How the slack is distributed, for pictures."""

    slacks: dict[str, Any]
    sides: dict[str, Any]

    def __post_init__(self) -> None:
        try:
            Spread.from_json({"slacks": self.slacks, "sides": self.sides})
        except (AttributeError, OverflowError) as error:
            raise ValueError(str(error)) from error


class Provenance(Record, frozen=True, kw_only=True):
    """How the evidence was made; what has no bearing on it is null."""

    date: str
    command: str | None
    cases: int | None
    seconds: Number
    jobs: int | None
    took: Number
    platform: str


class Claim(Record, frozen=True, kw_only=True):
    """A claim: its verdict, what the verdict rests on, and the cases to be replayed."""

    id: str
    of: str | None
    verdict: VerdictName
    expected: bool
    reason: str
    cases: int
    nontrivial: int
    excluded: int
    not_finite: int = 0
    strata: dict[str, Count]
    strata_nontrivial: dict[str, Count]
    decisions: dict[str, Count]
    escalated: dict[str, Count]
    oracle_checks: int
    climbed: int
    reached: Number
    critical: dict[str, Count]
    seconds: Number
    about: About | None = None
    explanation: Explanation | None = None
    spread: SlackCounts | None = None
    pooled: Pooled | None = None
    tightest: Case | None = None
    tie: Case | None = None
    candidate: Case | None = None
    counterexample: Case | None = None

    def __post_init__(self) -> None:
        if self.verdict not in Verdict.__members__:
            raise ValueError(f"unknown verdict {self.verdict[:40]!r}")


class EvidenceFile(File, frozen=True, kw_only=True):
    """evidence.json: what `checker verify` found."""

    claims: list[Claim]
    seed: int | None = None
    interrupted: bool = False
    files: list[Any] = []
    versions: dict[str, Any] = {}
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        if len({claim.id for claim in self.claims}) < len(self.claims):
            raise ValueError("two claims have the same id")


class Outcome(Record, frozen=True, kw_only=True):
    """How a false neighbour, or a claim without an assumption, fared."""

    refuted: bool
    cases: int
    seconds: Number
    closest: Number
    counterexample: Case | None = None
    tightest: Case | None = None
    pooled: Pooled | None = None

    def __post_init__(self) -> None:
        rejected = self.pooled is not None and self.pooled.refutes
        if self.refuted and self.counterexample is None and not rejected:
            raise ValueError("it is refuted by nothing")


class Neighbour(Outcome, frozen=True, kw_only=True):
    """A neighbour, false or of unknown truth."""

    id: str


class Ablation(Outcome, frozen=True, kw_only=True):
    """A claim without one of its assumptions."""

    claim: str
    assumption: str
    need: str
    decided: int
    outside: int
    drawn_outside: int


class AuditFile(File, frozen=True, kw_only=True):
    """audit.json: what `checker audit` found."""

    neighbours: list[Neighbour]
    ablations: list[Ablation]
    provenance: Provenance | None = None


class ClosedForm(Record, frozen=True, kw_only=True):
    """A closed form of the best value: candidates without a violation there, a case of equality."""

    value: str
    cases: int
    equality: Case | None = None


class Constant(Record, frozen=True, kw_only=True):
    """The best value of a constant: `fails_at` is the last that was refuted."""

    printed: Number = None
    best: Number
    fails_at: Fraction | None
    survives_at: str | None = None
    interrupted: bool = False
    closed_form: ClosedForm | None = None
    witness: Case | None = None
    cases: int
    surviving_cases: int = 0
    seconds: Number = None


class SharpenedFile(File, frozen=True, kw_only=True):
    """sharpen.json: what `checker sharpen` found."""

    seed: int | None = None
    versions: dict[str, Any] = {}
    interrupted: bool = False
    provenance: Provenance | None = None
    claim: str
    constants: dict[str, Constant]


# What an audit called its entries in earlier versions.
_FORMER = {"mutants": "neighbours", "killed": "refuted"}


def with_present_words(audit: Any) -> Any:
    """An audit of an earlier version in the words of this one; all else as it is."""
    if isinstance(audit, list):
        return [with_present_words(entry) for entry in audit]
    if not isinstance(audit, dict):
        return audit
    known = {_FORMER.get(name, name): value for name, value in audit.items()}
    lists = ("neighbours", "ablations")
    return {n: with_present_words(v) if n in lists else v for n, v in known.items()}


def content_of(record: Any) -> dict[str, Any]:
    """A record, or a dictionary with records in it, as JSON objects with their fields in order."""
    content: dict[str, Any] = msgspec.to_builtins(record, enc_hook=_plain)
    return content


def _plain(value: Any) -> Any:
    """The number of a scalar of NumPy, which is a number to whoever calls."""
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"{type(value).__name__} is no JSON")


def read_file(content: Any, kind: type[T], place: str) -> T:
    """A whole file as its record.

    Raises
    ------
    InputError
        When it is of another version, or not what `checker` writes; the message says where.
    """
    if not isinstance(content, dict) or "schema" not in content:
        raise foreign(place, "it is no JSON object with a schema")
    if content["schema"] != SCHEMA:
        raise InputError(
            f"{place} has schema {content['schema']!r}",
            why=f"This version reads schema {SCHEMA}",
            hint="Make the report with the version that wrote the file, or run again",
        )
    return read_as(content, kind, place)


def read_as(content: Any, kind: type[T], place: str) -> T:
    """A part of a file as its record; raises InputError for anything else."""
    if _is_beyond(content):
        raise foreign(place, "it holds an integer beyond all numbers that are written")
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        raise foreign(place, str(error)) from error
    except UnicodeEncodeError as error:
        # JSON can spell the half of a character, which no text is.
        raise foreign(place, f"it holds {error.object[:40]!r}, which is not text") from error


def _is_beyond(content: Any) -> bool:
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if type(value) is int and abs(value) > _LARGEST:
            return True
        if isinstance(value, list | tuple):
            waiting.extend(value)
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
    return False


def foreign(place: str, reason: str) -> InputError:
    """The error for a file that `checker` has not written."""
    return InputError(
        f"{place} is not what this version of checker writes: {reason}",
        hint="Run `checker verify --out DIR` again",
    )
