"""What `interruptions.py` interrupts: small commands, their inputs, and what their results say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CLAIMS = """
from checker import claim, interval, norm, vectors

units = interval(-8, 8)


@claim
def squares(a: units, b: units, c=2):
    return c * (a**2 + b**2) >= (a + b) ** 2


@claim(of="broken.squares", kind="must-be-refuted", why="b = a")
def no_factor(a: units, b: units):
    return a**2 + b**2 >= (a + b) ** 2


@claim
def triangle(u: vectors("k"), v: vectors("k")):
    return norm(u) + norm(v) >= norm(u + v)


@claim
def too_much(u: vectors("k"), v: vectors("k")):
    return norm(u) + norm(v) >= norm(u + v) + 1


def ordered(a, b):
    return a >= b


@claim(assuming=[ordered])
def difference(a: units, b: units):
    return a - b >= 0 * a, (a - b) ** 2 + 1 >= a - b
"""

POINTS = "x,z,label\n" + "".join(f"{k % 5}.5,{k * k % 7},{k % 3 - 1}\n" for k in range(12))

# What depends on the clock, or on how the run was made.
CLOCK = ("seconds", "provenance", "throughput", "date", "interrupted")
SETTLED = ("STANDS", "VACUOUS", "REFUTED", "ORACLE_BROKEN")


@dataclass(frozen=True)
class Command:
    """A command that is interrupted.

    Attributes
    ----------
    arguments, resumed
        Of the command line, and of the one that goes on; None if nothing does.
    written
        The file with the result.
    statements
        What a result says: name -> the statement, or None where nothing is said.
    """

    arguments: list[str]
    resumed: list[str] | None
    written: str
    statements: Callable[[Any], dict[str, Any]]


def _verified(saved: Any) -> dict[str, Any]:
    verdicts = {entry["id"]: entry["verdict"] for entry in saved["claims"]}
    return {name: v if v in SETTLED else None for name, v in verdicts.items()}


def _audited(saved: Any) -> dict[str, Any]:
    said = {e["id"]: (e["refuted"], e["survived"]) for e in saved["neighbours"]}
    return said | {f"{e['claim']} {e['assumption']}": e["need"] for e in saved["ablations"]}


def _sharpened(saved: Any) -> dict[str, Any]:
    found = saved["constants"].items()
    return {name: None if e["interrupted"] else without_clock(e) for name, e in found}


def _points(saved: Any) -> dict[str, Any]:
    return {f"start {p['start']} {p['method']}": p["kind"] for p in saved["points"]}


def _baseline(saved: Any) -> dict[str, Any]:
    return {name: (e["verdict"], e["strata"]) for name, e in saved["claims"].items()}


GATE = "gate", "broken.py", "--update", "--cases", "60", "--evaluations", "200"
GATE += ("--baseline", "new.json")

COMMANDS = {
    "verify": Command(
        ["verify", "broken.py", "--cases", "2000", "--out", "out"],
        ["verify", "--resume", "out"],
        "out/evidence.json",
        _verified,
    ),
    "audit": Command(
        ["audit", "broken.py", "--cases", "3000", "--out", "out"],
        None,
        "out/audit.json",
        _audited,
    ),
    "sharpen": Command(
        ["sharpen", "broken.py::squares", "--cases", "3000", "--out", "out"],
        None,
        "out/sharpen.json",
        _sharpened,
    ),
    "census": Command(
        ["census", "points.csv", "--target", "label", "--starts", "12", "--out", "out"],
        ["census", "points.csv", "--target", "label", "--starts", "12", "--out", "out"],
        "out/census.json",
        _points,
    ),
    "gate": Command(
        [*GATE],
        [*GATE],
        "new.json",
        _baseline,
    ),
}


def without_clock(saved: Any) -> Any:
    """A result without what another run of the same need not repeat."""
    if isinstance(saved, dict):
        return {k: without_clock(v) for k, v in saved.items() if k not in CLOCK}
    return [without_clock(x) for x in saved] if isinstance(saved, list) else saved
