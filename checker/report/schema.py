"""What a report relies on in a JSON file, checked before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.claims.spread import Spread
from checker.claims.verdict import Verdict
from checker.errors import InputError
from checker.report.evidence import SCHEMA

Spec = Mapping[str, Any]

_NONE = type(None)
NUMBER = (int, float, _NONE)

CLAIM: Spec = {
    "id": str,
    "of": (str, _NONE),
    "verdict": str,
    "expected": bool,
    "reason": str,
    "cases": int,
    "nontrivial": int,
    "excluded": int,
    "strata": dict,
    "strata_nontrivial": dict,
    "decisions": dict,
    "escalated": dict,
    "oracle_checks": int,
    "climbed": int,
    "reached": NUMBER,
    "critical": dict,
    "seconds": NUMBER,
}
# Of later versions only: `about` is None where it is missing.
ABOUT: Spec = {
    "title": str,
    "statement": str,
    "kind": str,
    "meaning": str,
    "source": (dict, _NONE),
    "wording": str,
    "whose": str,
    "assumptions": list,
    "constants": dict,
    "why": str,
}
SOURCE: Spec = {"authors": str, "title": str, "venue": str, "label": str}
ASSUMPTION: Spec = {"name": str, "statement": str, "definitional": bool}
EXPLANATION: Spec = {"steps": list, "slack": str, "script": (str, _NONE)}
CASE: Spec = {
    "decision": str,
    "guarantee": str,
    "unproved": (str, _NONE),
    "lhs": NUMBER,
    "lhs_radius": NUMBER,
    "rhs": NUMBER,
    "rhs_radius": NUMBER,
    "relative_slack": NUMBER,
    "tight_bits": (int, _NONE),
    "stratum": str,
    "origin": str,
    "path": list,
}
POOLED: Spec = {
    "complete": bool,
    "refutes": bool,
    "runs": int,
    "failures": int,
    "proved": int,
    "critical": (int, _NONE),
    "odds": list,
    "level_bits": int,
    "noticed": (float, int, _NONE),
    "noticed_with": float,
    "experiments": list,
}
TASK: Spec = {
    "stratum": str,
    "seed": list,
    "runs": int,
    "odds": int,
    "level_bits": int,
    "index": list,
    "failures": list,
    "checksums": list,
}
STEP: Spec = {"action": str, "numbers": int, "relative_slack": NUMBER}
AUDITED: Spec = {"killed": bool, "cases": int, "seconds": NUMBER, "closest": NUMBER}
# Of a dropped assumption.
DROPPED: Spec = {
    "assumption": str,
    "need": str,
    "decided": int,
    "outside": int,
    "drawn_outside": int,
}
CONSTANT: Spec = {"best": NUMBER, "fails_at": (str, _NONE), "cases": int}

# A share of larger numbers might be beyond floats.
_LARGEST = 10**100

_COUNTS = ("strata", "strata_nontrivial", "decisions", "escalated", "critical")
_CASES = ("tightest", "tie", "candidate", "counterexample")


def require_schema(content: Any, place: str) -> None:
    """Raise InputError unless this is the JSON of this version."""
    if not isinstance(content, dict) or "schema" not in content:
        raise foreign(place, "it is no JSON object with a schema")
    if content["schema"] != SCHEMA:
        raise InputError(
            f"{place} has schema {content['schema']!r}",
            why=f"This version reads schema {SCHEMA}",
            hint="Make the report with the version that wrote the file, or run again",
        )


def require(entry: Any, spec: Spec, place: str) -> None:
    """Raise InputError unless an object has these keys, with values of these types."""
    if not isinstance(entry, dict):
        raise foreign(place, "it is no JSON object")
    for name, kind in spec.items():
        if name not in entry:
            raise foreign(place, f"{name!r} is missing")
        value = entry[name]
        # True is an int in Python, and nothing that can be counted.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise foreign(place, f"{name!r} is {str(value)[:40]!r}")
        if type(value) is int and abs(value) > _LARGEST:
            raise foreign(place, f"{name!r} is beyond all numbers that are written")


def list_in(content: dict[str, Any], name: str, place: str) -> list[Any]:
    """The list under a key."""
    require(content, {name: list}, place)
    found: list[Any] = content[name]
    return found


def check_claim(entry: Any, place: str) -> None:
    """Raise InputError unless this is an entry of `claim_to_json`."""
    require(entry, CLAIM, place)
    require({"not_finite": 0, **entry}, {"not_finite": int}, place)
    if entry["verdict"] not in Verdict.__members__:
        raise foreign(place, f"unknown verdict {entry['verdict']!r}")
    for name in _COUNTS:
        counts = entry[name].values()
        if not all(type(count) is int and 0 <= count <= _LARGEST for count in counts):
            raise foreign(place, f"{name!r} holds something that is no count")
    for name in _CASES:
        check_case(entry.get(name), f"{place}, {name}")
    check_pooled(entry.get("pooled"), f"{place}, pooled")
    _check_words(entry.get("about"), f"{place}, about")
    _check_explanation(entry.get("explanation"), f"{place}, explanation")
    _check_spread(entry.get("spread"), f"{place}, spread")


def check_case(case: Any, place: str) -> None:
    """Raise InputError unless this is an entry of `witness_to_json`, or None."""
    if case is None:
        return
    require(case, CASE, place)
    for side in ("lhs_radius", "rhs_radius"):
        if case[side] is not None and case[side] < 0:
            raise foreign(place, f"{side!r} is negative")
    for step in case["path"]:
        require(step, STEP, f"{place}, path")


def check_pooled(entry: Any, place: str) -> None:
    """Raise InputError unless this is an entry of `pooled_to_json`, or None."""
    if entry is None:
        return
    require(entry, POOLED, place)
    for task in entry["experiments"]:
        require(task, TASK, place)
        columns = [task["index"], task["failures"], task["checksums"]]
        numbers = (task["runs"], task["odds"], *task["seed"], *(x for c in columns for x in c))
        whole = all(type(x) is int and x >= 0 for x in numbers)
        if not whole or len({len(c) for c in columns}) > 1 or not task["odds"]:
            raise foreign(place, "experiments are not what a campaign draws")


def _check_words(about: Any, place: str) -> None:
    if about is None:
        return
    require(about, ABOUT, place)
    if about["source"] is not None:
        require(about["source"], SOURCE, place)
    for assumption in about["assumptions"]:
        require(assumption, ASSUMPTION, place)


def _check_explanation(explanation: Any, place: str) -> None:
    if explanation is None:
        return
    require(explanation, EXPLANATION, place)
    for step in explanation["steps"]:
        if not isinstance(step, list) or [type(part) for part in step] != [str] * 3:
            raise foreign(place, "a step is not three texts")


def _check_spread(spread: Any, place: str) -> None:
    if spread is None:
        return
    require(spread, {"slacks": dict, "sides": dict}, place)
    try:
        Spread.from_json(spread)
    except (ValueError, AttributeError, OverflowError) as error:
        raise foreign(place, str(error)) from error


def foreign(place: str, reason: str) -> InputError:
    """The error for a file that `checker` has not written."""
    return InputError(
        f"{place} is not what this version of checker writes: {reason}",
        hint="Run `checker verify --out DIR` again",
    )
