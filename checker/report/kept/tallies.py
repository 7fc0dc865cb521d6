"""Tallies in the midst of a run, as JSON and back without loss.

Evidence rounds and leaves out what a report does not need; what a run goes on from must not. Floats
are hexadecimal, so that infinities and NaN are kept, too.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from msgspec import Meta

from checker.arithmetic.decide import CaseResult, Decision
from checker.claims.pooled import Pooled
from checker.claims.spread import Spread
from checker.claims.verdict import ReductionStep, StratumCount, Tally, Witness
from checker.errors import Fault, InputError
from checker.instances.codec import decode_instance, encode_instance
from checker.report.pooled import drawn_from_json, drawn_to_json
from checker.report.records import Count, Experiments, Record, SlackCounts, foreign

Hex = Annotated[str, Meta(pattern=r"\A(nan|-?inf|-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,4})\Z")]
_Digest = Annotated[str, Meta(pattern=r"\A([0-9a-f]{2}){1,64}\Z")]

_COUNTS = (
    *("cases", "nontrivial", "excluded", "not_finite"),
    *("unexpected_ties", "oracle_checks", "climbed", "climbed_met"),
)
_COUNTERS = ("decisions", "rungs", "critical")
_WITNESSES = ("tightest", "rough", "worst", "tie", "candidate", "first_undefined", "reached")
_FLOATS = ("lhs", "rhs", "relative_slack", "lhs_radius", "rhs_radius")


class LineResult(Record, frozen=True, kw_only=True):
    """`CaseResult`."""

    decision: str
    guarantee: str
    lhs: Hex
    rhs: Hex
    relative_slack: Hex
    nontrivial: bool
    tight_bits: int | None
    lhs_radius: Hex
    rhs_radius: Hex
    unproved: str
    undefined: str


class LineWitness(Record, frozen=True, kw_only=True):
    """`Witness`."""

    instance: dict[str, Any]
    result: LineResult
    stratum: str
    origin: str
    path: list[tuple[str, Count, Hex]]
    raised: Count


class LineFault(Record, frozen=True, kw_only=True):
    """`Fault`."""

    what: str
    why: str
    hint: str
    trace: str


class LinePooled(Record, frozen=True, kw_only=True):
    """`Pooled`, whose experiments are the first of those drawn."""

    experiments: Count
    complete: bool
    proved: Count


class LineTally(Record, frozen=True, kw_only=True):
    """`Tally`."""

    cases: Count
    nontrivial: Count
    excluded: Count
    not_finite: Count
    unexpected_ties: Count
    oracle_checks: Count
    climbed: Count
    climbed_met: Count
    decisions: dict[str, Count]
    rungs: dict[str, Count]
    critical: dict[str, Count]
    strata: dict[str, tuple[Count, Count]]
    tightest: LineWitness | None
    rough: LineWitness | None
    worst: LineWitness | None
    tie: LineWitness | None
    candidate: LineWitness | None
    first_undefined: LineWitness | None
    reached: LineWitness | None
    unproved: str
    undefined: list[_Digest]
    disagreements: list[str]
    lhs_range: tuple[Hex, Hex]
    rhs_range: tuple[Hex, Hex]
    spread: SlackCounts
    fault: LineFault | None
    drawn: list[Experiments]
    pooled: LinePooled | None


# -- writing ----------------------------------------------------------------------------------


def tally_to_json(tally: Tally) -> dict[str, Any]:
    """A tally; raises InputError where it holds an instance that cannot be saved."""
    pooled = tally.pooled
    return {
        **{name: getattr(tally, name) for name in (*_COUNTS, "unproved", "disagreements")},
        **{name: dict(getattr(tally, name)) for name in _COUNTERS},
        **{name: witness_to_line(getattr(tally, name)) for name in _WITNESSES},
        "strata": {name: [count.cases, count.nontrivial] for name, count in tally.strata.items()},
        "undefined": sorted(digest.hex() for digest in tally.undefined),
        "lhs_range": [x.hex() for x in tally.lhs_range],
        "rhs_range": [x.hex() for x in tally.rhs_range],
        "spread": tally.spread.to_json(),
        "fault": fault_to_line(tally.fault),
        "drawn": drawn_to_json(tally.drawn),
        "pooled": pooled
        and {
            "experiments": len(pooled.experiments),
            "complete": pooled.complete,
            "proved": pooled.proved,
        },
    }


def witness_to_line(witness: Witness | None) -> dict[str, Any] | None:
    """A case; raises InputError where its instance cannot be saved."""
    if witness is None:
        return None
    result = vars(witness.result) | {
        name: float(getattr(witness.result, name)).hex() for name in _FLOATS
    }
    return {
        "instance": encode_instance(witness.instance),
        "result": result
        | {"decision": witness.result.decision.name, "nontrivial": bool(witness.result.nontrivial)},
        "stratum": witness.stratum,
        "origin": witness.origin,
        "path": [[s.action, s.numbers, float(s.relative_slack).hex()] for s in witness.path],
        "raised": witness.raised,
    }


def fault_to_line(fault: Fault | None) -> dict[str, str] | None:
    """A fault, as the texts that are told of it."""
    if fault is None:
        return None
    error = fault.error
    return {"what": error.what, "why": error.why, "hint": error.hint, "trace": fault.trace}


# -- reading ----------------------------------------------------------------------------------


def tally_from_line(line: LineTally, place: str) -> Tally:
    """The tally; raises InputError for a file that no run has written."""
    alike: dict[str, Any] = {name: getattr(line, name) for name in _COUNTS}
    alike |= {name: Counter(getattr(line, name)) for name in _COUNTERS}
    alike |= {name: witness_from_line(getattr(line, name), place) for name in _WITNESSES}
    tally = Tally(
        **alike,
        strata={name: StratumCount(*counts) for name, counts in line.strata.items()},
        unproved=line.unproved,
        undefined={bytes.fromhex(digest) for digest in line.undefined},
        disagreements=list(line.disagreements),
        lhs_range=(float.fromhex(line.lhs_range[0]), float.fromhex(line.lhs_range[1])),
        rhs_range=(float.fromhex(line.rhs_range[0]), float.fromhex(line.rhs_range[1])),
        spread=Spread.from_json({"slacks": line.spread.slacks, "sides": line.spread.sides}),
        fault=fault_from_line(line.fault),
        drawn=list(drawn_from_json([_fields(task) for task in line.drawn])),
    )
    if line.pooled is not None:
        tally.pooled = _pooled(line.pooled, tally, place)
    return tally


def _pooled(line: LinePooled, tally: Tally, place: str) -> Pooled:
    if line.experiments > len(tally.drawn):
        raise foreign(place, "more experiments were tested than drawn")
    return Pooled(tuple(tally.drawn[: line.experiments]), line.complete, line.proved)


def witness_from_line(line: LineWitness | None, place: str) -> Witness | None:
    """The case."""
    if line is None:
        return None
    if line.result.decision not in Decision.__members__:
        raise foreign(place, f"{line.result.decision[:40]!r} is not a decision")
    numbers = {name: float.fromhex(getattr(line.result, name)) for name in _FLOATS}
    decision = Decision[line.result.decision]
    try:
        instance = decode_instance(line.instance)
    except InputError as error:
        raise foreign(place, error.what) from error
    return Witness(
        instance,
        CaseResult(**_fields(line.result) | numbers | {"decision": decision}),
        line.stratum,
        line.origin,
        tuple(ReductionStep(a, n, float.fromhex(slack)) for a, n, slack in line.path),
        line.raised,
    )


def fault_from_line(line: LineFault | None) -> Fault | None:
    """The fault."""
    if line is None:
        return None
    return Fault(InputError(line.what, why=line.why, hint=line.hint), line.trace)


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}
