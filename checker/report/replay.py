"""Decide saved cases again, and compare with what was recorded."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.premise import shortfall
from checker.claims.claim import Assumption, Claim
from checker.claims.verdict import Witness
from checker.errors import InputError
from checker.instances.codec import decode_instance
from checker.instances.fields import single
from checker.instances.precise import rounded_premises
from checker.report.evidence import SCHEMA

T = TypeVar("T")

# Where the evidence on a claim keeps the test of all its experiments together.
POOLED = "pooled"

# Cases in the evidence on a claim that may hold an instance.
CASES = ("counterexample", "candidate", "tie", "tightest")


@dataclass(frozen=True, eq=False)
class Replayed:
    """A saved case with its new decision.

    Attributes
    ----------
    claim
        The claim it was decided for.
    case
        What the case was kept as: "counterexample", "tightest"...
    witness
        The instance and its decision now.
    recorded
        The decision on file, or None.
    unmet
        Assumptions of the claim that the instance does not meet.
    shortfalls
        By how much it misses them: a phrase each, empty where nothing is known.
    """

    claim: Claim
    case: str
    witness: Witness
    recorded: str | None
    unmet: tuple[str, ...]
    shortfalls: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the case is in the claim's domain and was decided as it is on file."""
        decided = self.witness.result.decision
        if self.recorded is None:
            known = decided in (Decision.HOLDS, Decision.EQUAL, Decision.VIOLATED)
        else:
            known = decided.name == self.recorded
        return known and not self.unmet

    @property
    def refutes(self) -> bool:
        """Whether the case refutes a claim that ought to stand."""
        violated = self.witness.result.refutes and not self.unmet
        return violated and not self.claim.must_be_refuted


def read_json(path: str | Path) -> Any:
    """The JSON in a file, NaN and infinity not allowed.

    Raises
    ------
    InputError
        When the file cannot be read or is not valid JSON.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}", hint="Check the path") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    # Wrong UTF-8 and the refusal of NaN are ValueErrors, too.
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid JSON: {error}") from error


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse(text)


def saved_cases(content: Any, claim_id: str | None = None) -> Iterator[tuple[str, str, Any]]:
    """(claim id, kind of case, saved case) for every case in a file that holds an instance.

    `content` is a whole run, one saved case, or one bare instance, which needs `claim_id`.

    Raises
    ------
    InputError
        When it is none of these.
    """
    if not isinstance(content, dict):
        raise _not_ours("it holds no JSON object")
    if "claims" in content:
        if claim_id is not None:
            raise InputError(
                f"--claim {claim_id} is for a single case, and the file is a whole run",
                why="A run says itself which claim each of its cases belongs to",
                hint="Leave it out, or replay one case",
            )
        yield from _cases_of_run(content)
    elif POOLED in content:
        yield claim_id or _claim_named(content), POOLED, content[POOLED]
    elif "instance" in content:
        yield claim_id or _claim_named(content), "case", content
    elif set(content) == {"class", "fields"}:
        if claim_id is None:
            raise InputError(
                "the file holds an instance but names no claim", hint="Pass --claim ID"
            )
        yield claim_id, "instance", {"instance": content}
    else:
        raise _not_ours("it has neither 'claims' nor 'instance' nor 'class'")


def _cases_of_run(content: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    if content.get("schema") != SCHEMA:
        raise InputError(
            f"the file has schema {content.get('schema')!r}",
            why=f"This version reads schema {SCHEMA}",
        )
    if not isinstance(content["claims"], list):
        raise _not_ours("'claims' is not a list")
    for entry in content["claims"]:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise _not_ours("a claim in it has no id")
        for name in CASES:
            saved = entry.get(name)
            if isinstance(saved, dict) and saved.get("instance") is not None:
                yield entry["id"], name, saved
        pooled = entry.get(POOLED)
        if isinstance(pooled, dict) and pooled.get("refutes"):
            yield entry["id"], POOLED, pooled


def _claim_named(saved: dict[str, Any]) -> str:
    if not isinstance(saved.get("claim"), str):
        raise InputError("the saved case names no claim", hint="Pass --claim ID")
    return str(saved["claim"])


def _not_ours(reason: str) -> InputError:
    return InputError(
        f"this is not a saved case: {reason}",
        hint="Pass a file that `checker verify --json FILE` or `--out DIR` has written",
    )


def replay(claim: Claim, case: str, saved: dict[str, Any]) -> Replayed:
    """Decide a saved case again, from its exact numbers.

    Raises
    ------
    InputError
        When the instance cannot be read, or does not fit the claim.
    """
    instance = decode_instance(saved["instance"])
    result = _in_domain(claim, lambda: decide_case(claim, instance, claim.weight))
    missed = _in_domain(claim, lambda: unmet(claim, instance))
    recorded = saved.get("decision")
    return Replayed(
        claim,
        case,
        Witness(instance, result, str(saved.get("stratum") or ""), str(saved.get("origin") or "")),
        recorded if isinstance(recorded, str) else None,
        tuple(a.name for a in missed),
        tuple(shortfall(a.holds, instance) for a in missed),
    )


def _in_domain(claim: Claim, compute: Callable[[], T]) -> T:
    try:
        return compute()
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{claim.id} cannot be computed on the saved instance: {type(error).__name__}: {error}",
            why="The instance may belong to another claim, or to another version of this one",
        ) from error


def unmet(claim: Claim, instance: Any) -> tuple[Assumption, ...]:
    """The assumptions of a claim that an instance does not meet."""
    batch = single(instance, "").instances
    missed, _ = rounded_premises(claim.assuming, instance)
    return tuple(a for a in claim.assuming if a.name in missed or not _all(a.holds(batch)))


def _all(holds: Any) -> bool:
    return bool(holds.all()) if hasattr(holds, "all") else bool(holds)
