"""What the gate knows of a run, and its baseline on disk: small, sorted JSON with readable diffs.

Recorded are facts that do not change from run to run (verdicts, strata that were hit, neighbours
that were refuted), never times; throughput is a ratio within one run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from checker.claims.verdict import Verdict
from checker.errors import InputError
from checker.gate.budgets import (
    GATE_CASES,
    GATE_EVALUATIONS,
    GATE_FOUND_CASES,
    GATE_OPEN_EVALUATIONS,
    GATE_SEED,
)
from checker.report.replay import read_json
from checker.report.saving import write_text

T = TypeVar("T")

SCHEMA = 1
KIND = "checker gate baseline"


@dataclass(frozen=True)
class GateBudget:
    """How much a run of the gate tries.

    Attributes
    ----------
    cases
        Decided cases per claim; fewer where a claim's domain asks for fewer.
    evaluations
        Candidates per false neighbour.
    open_evaluations
        Candidates per neighbour of unknown truth and per dropped assumption, which are seldom
        refuted and so take all they get.
    found_cases
        Cases per claim on points that optimisers have to find.
    """

    cases: int = GATE_CASES
    evaluations: int = GATE_EVALUATIONS
    open_evaluations: int = GATE_OPEN_EVALUATIONS
    found_cases: int = GATE_FOUND_CASES


@dataclass(frozen=True)
class ClaimState:
    """What a verification found out about a claim.

    Attributes
    ----------
    verdict
        Name of the verdict.
    equality
        Whether equality was proved at some case.
    found_by_search
        Whether the guided search came within GATE_REACHED of equality, without being told where.
    oracles
        Whether independent computations were compared.
    bounds
        Whether float64 knew both sides in most of the cases in which it was compared with balls.
    strata
        Strata in which cases were decided.
    """

    verdict: str
    equality: bool
    found_by_search: bool
    oracles: bool
    bounds: bool
    strata: tuple[str, ...]


@dataclass(frozen=True)
class AuditState:
    """Neighbours of a claim by id, and its assumptions by name, with the result of their hunts."""

    neighbours: Mapping[str, str] = field(default_factory=dict)
    assumptions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """A run of the gate; as a baseline, what later runs are compared with.

    Attributes
    ----------
    claims
        By claim id.
    audit
        By id of the claim whose neighbours and assumptions were hunted for.
    corpus
        File name -> decision.
    throughput
        Claim id -> name of the reference -> decided cases/s over cases/s of the reference.
    """

    seed: int = GATE_SEED
    budget: GateBudget = GateBudget()
    claims: Mapping[str, ClaimState] = field(default_factory=dict)
    audit: Mapping[str, AuditState] = field(default_factory=dict)
    corpus: Mapping[str, str] = field(default_factory=dict)
    throughput: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def joined(first: State, second: State) -> State:
    """Both: where they have an entry of one name, that of the second."""
    return replace(
        second,
        claims={**first.claims, **second.claims},
        audit={**first.audit, **second.audit},
        corpus={**first.corpus, **second.corpus},
        throughput={**first.throughput, **second.throughput},
    )


def reached(before: State, now: State) -> State:
    """The part of a baseline that a run came to."""
    return replace(
        before,
        claims=_common(before.claims, now.claims),
        audit=_common(before.audit, now.audit),
        corpus=_common(before.corpus, now.corpus),
        throughput=_common(before.throughput, now.throughput),
    )


def _common(before: Mapping[str, T], now: Mapping[str, Any]) -> dict[str, T]:
    return {name: entry for name, entry in before.items() if name in now}


def state_to_json(state: State) -> dict[str, Any]:
    """The state as JSON objects."""
    return {"kind": KIND, "schema": SCHEMA, **asdict(state)}


def write_baseline(path: Path, state: State) -> None:
    """Write a baseline; raises InputError where that fails."""
    text = json.dumps(
        state_to_json(state), indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False
    )
    write_text(path, text + "\n")


def read_baseline(path: Path) -> State:
    """Read a baseline.

    Raises
    ------
    InputError
        When the file is missing, no JSON, of another schema, or not written by this gate.
    """
    content = read_json(path)
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise InputError(
            f"{path} is not a baseline of the gate",
            why=f"It has no entry 'kind' that says {KIND!r}",
            hint="Write one with `checker gate --update --baseline FILE`",
        )
    if content.get("schema") != SCHEMA:
        raise InputError(
            f"{path} has schema {content.get('schema')!r}",
            why=f"This version reads schema {SCHEMA}",
            hint="Move the file away and write a new one with --update",
        )
    try:
        state = state_of_json(content)
        if not state.claims:
            raise ValueError("it has no claims, so every run would pass")
        return state
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path} is corrupt: {type(error).__name__}: {error}",
            why="What it says of earlier runs cannot be compared with",
            hint="Restore it from version control",
        ) from error


# -- reading ----------------------------------------------------------------------------------


def state_of_json(content: dict[str, Any]) -> State:
    """The inverse of `state_to_json`.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError
        For what it has not written.
    """
    found = {key: value for key, value in content.items() if key not in ("kind", "schema")}
    state = State(
        seed=_count(found.pop("seed"), 0),
        budget=GateBudget(**{k: _count(n, 1) for k, n in found.pop("budget").items()}),
        claims=_each(found.pop("claims"), _claim),
        audit=_each(found.pop("audit"), _audit),
        corpus=_each(found.pop("corpus"), _text),
        throughput=_each(found.pop("throughput"), lambda ratios: _each(ratios, _ratio)),
    )
    if found:
        raise ValueError(f"unknown entries {', '.join(sorted(found))}")
    return state


def _each(values: Any, read: Callable[[Any], Any]) -> dict[str, Any]:
    return {key: read(value) for key, value in values.items()}


def _claim(saved: dict[str, Any]) -> ClaimState:
    strata = tuple(_text(name) for name in saved["strata"])
    names = ("equality", "found_by_search", "oracles", "bounds")
    flags = {name: _flag(saved[name]) for name in names}
    return ClaimState(Verdict[saved["verdict"]].name, strata=strata, **flags)


# What earlier versions said of a neighbour.
_FORMER = {"killed": "refuted", "not killed": "not refuted"}


def _audit(saved: dict[str, Any]) -> AuditState:
    return AuditState(_each(saved["neighbours"], _outcome), _each(saved["assumptions"], _outcome))


def _outcome(value: Any) -> str:
    text = _text(value)
    return _FORMER.get(text, text)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _count(value: Any, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{value!r} is not a whole number of at least {least}")
    return value


def _ratio(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise ValueError(f"{value!r} is not a ratio greater than 0")
    return float(value)
