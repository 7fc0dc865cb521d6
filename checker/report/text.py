"""Numbers, instances and verdicts as plain text, for terminals, pipes and test reports."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from decimal import Decimal as Exactly
from enum import Enum
from typing import Any

import numpy as np

from checker.arithmetic.decide import CaseResult, Decision
from checker.verdict import Evidence, ReductionStep, Tally, Verdict, Witness

# A float whose exact decimal expansion has at most this many digits is shown in decimal.
MAX_DIGITS = 12

# Arrays with more entries are named by their shape.
MAX_ENTRIES = 60

EQUALITY = "0 (equality proved)"


def exact_number(x: float) -> str:
    """A float without rounding: `-0.375`, `3`, or hexadecimal where decimals would be long."""
    if not np.isfinite(x):
        return str(x)
    digits = Exactly(x).as_tuple().digits
    if len(digits) <= MAX_DIGITS:
        text = f"{Exactly(x):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = x.hex().partition("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}"


def exact_value(value: Any) -> str:
    """The value of an instance's field: exact numbers, nested lists for arrays."""
    if isinstance(value, np.ndarray) and value.size > MAX_ENTRIES:
        return f"array of shape {value.shape}"
    if isinstance(value, np.ndarray):
        return exact_value(value.tolist())
    if isinstance(value, list | tuple):
        return f"[{', '.join(exact_value(v) for v in value)}]"
    if isinstance(value, float | np.floating):
        return exact_number(float(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = ", ".join(f"{name}={text}" for name, text in fields_of(value))
        return f"{type(value).__name__}({inside})"
    return value.name if isinstance(value, Enum) else str(value)


def fields_of(instance: Any) -> list[tuple[str, str]]:
    """Name and exact value of every field of an instance that is not None."""
    values = ((f.name, getattr(instance, f.name)) for f in dataclasses.fields(instance))
    return [(name, exact_value(value)) for name, value in values if value is not None]


def one_line(instance: Any, limit: int = 160) -> str:
    """An instance in one line, cut where it is longer than `limit`."""
    text = " ".join(f"{name}={value}" for name, value in fields_of(instance))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def slack_text(result: CaseResult | None) -> str:
    """The relative slack of a case."""
    if result is None:
        return "-"
    return slack_number(result.relative_slack, equal=result.decision is Decision.EQUAL)


def slack_number(relative_slack: float | None, *, equal: bool) -> str:
    """A relative slack with two digits; plain 0 only where equality was proved."""
    if equal:
        return EQUALITY
    if relative_slack is None or not np.isfinite(relative_slack):
        return "unknown"
    # An enclosure of the slack may have its middle at 0.
    return "unknown, near 0" if relative_slack == 0 else f"{relative_slack:.1e}"


def rungs_text(tally: Tally) -> str:
    """Percentages of the cases decided by float bounds, balls and exact numbers."""
    total = sum(tally.rungs.values())
    return "/".join(percent(tally.rungs[rung], total) for rung in ("float", "ball", "exact"))


def percent(part: int, whole: int) -> str:
    """A whole percentage that is 0 or 100 only where it is so exactly."""
    if not whole:
        return "-"
    rounded = round(100 * part / whole)
    if rounded == 0 and part:
        return "<1"
    return ">99" if rounded == 100 and part < whole else str(rounded)


def strata_text(tally: Tally) -> str:
    """How the cases are spread over the strata, and which strata never said anything."""
    if not tally.strata:
        return "no stratum was hit"
    counts = [count.cases for count in tally.strata.values()]
    trivial = [name for name, count in tally.strata.items() if not count.nontrivial]
    text = f"{counted(len(counts), 'stratum', 'strata')}, {spread(counts)} cases each"
    if trivial:
        text += f"; the bound is trivial throughout: {', '.join(trivial)}"
    return text


def spread(counts: Sequence[int]) -> str:
    """`120 to 4,000`, or one number if all are the same."""
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def case_lines(witness: Witness) -> list[str]:
    """A decided case: its fields, both sides, and how the decision was reached."""
    result = witness.result
    rows = fields_of(witness.instance)
    rows += [
        ("lhs", side(result.lhs, result.lhs_radius)),
        ("rhs", side(result.rhs, result.rhs_radius)),
        ("decision", f"{result.decision.value}; relative slack {slack_text(result)}"),
        ("guarantee", ": ".join(part for part in (result.guarantee, result.unproved) if part)),
        ("found in", " / ".join(part for part in (witness.stratum, witness.origin) if part)),
    ]
    if len(witness.path) > 1:
        rows.append(("reduced", path_text(witness.path)))
    if result.tight_bits is not None:
        rows.append(("closeness", f"|lhs - rhs| <= 2^-{result.tight_bits}"))
    return aligned(rows)


def path_text(path: Sequence[ReductionStep]) -> str:
    """How a reduction went: `512 numbers → 6 (rows and dimensions dropped) → …`."""
    first, *steps = path
    texts = [f"{s.numbers} ({s.action})" for s in steps]
    return " → ".join([counted(first.numbers, "number", "numbers"), *texts])


def side(x: float, radius: float) -> str:
    """One side of the inequality with its proved error bound."""
    text = f"{x:.12g}" if float(f"{x:.12g}") == x else f"{x:.17g}"
    if radius == 0:
        return f"{text} (exactly)"
    return f"{text} ± {_rounded_up(radius)}" if np.isfinite(radius) else text


def _rounded_up(x: float) -> str:
    """One digit that is not below x > 0."""
    text = f"{x:.0e}"
    return text if float(text) >= x else f"{float(text) + 10.0 ** int(text[2:]):.0e}"


def aligned(rows: Iterable[tuple[str, str]]) -> list[str]:
    """`name = value` lines with the equals signs below each other."""
    rows = list(rows)
    width = max((len(name) for name, _ in rows), default=0)
    return [f"{name:<{width}} = {value}" for name, value in rows]


def explanation(evidence: Evidence) -> list[str]:
    """Why a verdict is not as expected, for the assertion message of a test."""
    claim, verdict = evidence.claim, evidence.verdict
    lines = [f"{claim.id}: {verdict.name}. {verdict.value}"]
    if claim.must_be_refuted:
        lines = [f"control {claim.id} was not refuted: {verdict.name}. {verdict.value}"]
    lines += [evidence.reason] if evidence.reason else []
    witness = evidence.counterexample or evidence.tally.tie
    if witness is not None and verdict is not Verdict.STANDS:
        lines += [f"  {line}" for line in case_lines(witness)]
    return lines
