"""A census as a table, and as JSON."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checker.census.enclosed import Enclosed
from checker.census.point import CensusPoint, Kind, Level
from checker.census.record import CensusFile, bounds, header_of, point_record
from checker.census.run import Census
from checker.instances.rounding import at_least, at_most, between, correct, nearest
from checker.instances.text import counted
from checker.report.evidence import number, versions
from checker.report.records import content_of

# Points of each kind and level that the table shows; the JSON has all of them.
_SHOWN = 6
_DIGITS = 9
SHORT = {Kind.SADDLE_IN_THETA: "SADDLE IN θ"}


def census_to_json(census: Census) -> dict[str, Any]:
    """The whole census, floats losslessly."""
    saved = CensusFile(
        **header_of(census.problem, census.seed),
        versions=versions(),
        interrupted=census.interrupted,
        fault=census.fault or None,
        starts=census.starts,
        seconds=number(census.seconds),
        linear_level=bounds(census.linear.value),
        counts={kind.name: n for kind, n in _counts(census).items()},
        points=[point_record(p, census.copies[i]) for i, p in enumerate(census.points)],
    )
    return content_of(saved)


def _counts(census: Census) -> Counter[Kind]:
    return Counter(p.kind for p in census.points)


def print_census(console: Console, census: Census) -> None:
    """The linear level, a row per point from the highest value down, and what follows."""
    console.print(Text(_title(census), "bold"))
    console.print(Text(f"best linear predictor: {shown_level(census.linear.value)}"))
    console.print()
    shown = _shown(census.points)
    console.print(_table(census, shown))
    if len(census.points) > len(shown):
        more = len(census.points) - len(shown)
        console.print(
            Text(f"... and {more} more: {_SHOWN} of a kind are shown (--json FILE has all)")
        )
    console.print()
    for kind, count in _counts(census).items():
        console.print(Text(f"{count} {SHORT.get(kind, kind.name)} = {kind.value}"))
    if any(p.level is Level.OPEN for p in census.points):
        console.print(Text("open = the linear level is known from above only"))
    console.print()
    for line in _conclusions(census):
        console.print(Text(line))


def _shown(points: list[CensusPoint]) -> list[int]:
    """From the highest value down, evenly chosen among those of one kind and level."""
    order = sorted(range(len(points)), key=lambda i: -points[i].value.middle)
    groups: dict[tuple[Kind, Level], list[int]] = {}
    for i in order:
        groups.setdefault((points[i].kind, points[i].level), []).append(i)
    kept = {i for group in groups.values() for i in _evenly(group)}
    return [i for i in order if i in kept]


def _evenly(group: list[int]) -> list[int]:
    last, few = len(group) - 1, min(_SHOWN, len(group))
    return [group[round(k * last / max(few - 1, 1))] for k in range(few)]


def _title(census: Census) -> str:
    problem, sample = census.problem, census.problem.sample
    network = problem.network.describe()
    shape = ", ".join(f"{k} {v}" for k, v in network.items() if k not in ("kind", "d"))
    unit = "wᵀ(x + V f(x))" if problem.skip else "wᵀ V f(x), no skip connection"
    ridge = f", ridge {problem.ridge!r}" if problem.ridge else ""
    return (
        f"{sample.name} (n = {sample.n}, d = {sample.d}), {problem.loss.name}, "
        f"{network['kind']} ({shape}), {unit}{ridge}"
    )


def shown_level(value: Enclosed) -> str:
    if math.isfinite(value.low) and math.isfinite(value.high):
        return f"{between(value.low, value.high)}, proved"
    if not math.isfinite(value.high):
        return "beyond the range of float64"
    return f"at most {at_most(value.high, 12)}; its infimum is not attained, or not proved"


def _table(census: Census, indices: list[int]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in ("value", "level", "kind"):
        table.add_column(name, justify="right" if name == "value" else "left", no_wrap=True)
    for name in ("λ_min (w,V)", "|∇| (w,V) ≤", "λ_min all ≤", "|∇| all ≤", "|θ|", "found"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("method")
    for i in indices:
        p = census.points[i]
        style = "bold red" if p.minimum is not None and p.level is Level.ABOVE else ""
        cells = (shown_value(p.value, _DIGITS), p.level.value, SHORT.get(p.kind, p.kind.name))
        own = (shown_curvature(p.curvature), shown_bound(p.gradient, 1))
        whole = (shown_bound(p.whole.curvature, 3), shown_bound(p.whole.gradient, 1))
        size = nearest(p.size_theta, 1 if p.runaway else 4)
        table.add_row(*cells, *own, *whole, size, str(census.copies[i]), p.method, style=style)
    return table


def shown_value(number: Enclosed, digits: int) -> str:
    """The number rounded to nearest where that is proved, else an interval around it."""
    if not (math.isfinite(number.low) and math.isfinite(number.high)):
        return f"≥ {at_least(number.low, digits)}" if math.isfinite(number.low) else "-"
    return correct(number.low, number.high, digits)


def shown_curvature(least: Enclosed) -> str:
    """The number where the sign is proved, else how near to 0 it is."""
    if least.high < 0 or least.low > 0:
        return shown_value(least, 3)
    bound = max(-least.low, least.high)
    return f"0 ± {at_most(bound, 1)}" if math.isfinite(bound) else "-"


def shown_bound(number: Enclosed, digits: int) -> str:
    return at_most(number.high, digits) if math.isfinite(number.high) else "-"


def _conclusions(census: Census) -> list[str]:
    """What the census says of Corollary 1."""
    points, bad = census.points, census.bad_minima
    above = [p for p in points if p.level is Level.ABOVE]
    saddles = sum(p.kind is Kind.SADDLE for p in above)
    lines = [
        f"{counted(len(points), 'distinct point', 'distinct points')} from "
        f"{counted(census.starts, 'start', 'starts')} in {census.seconds:.1f} s"
        f"{_speed(census)}; {sum(p.also_in_theta for p in points)} of them nearly critical over "
        f"all of (w, V, θ), {sum(p.runaway for p in points)} with θ on the way to infinity"
    ]
    if above:
        lines.append(
            f"above the linear level: {counted(len(above), 'point', 'points')}, "
            f"{saddles} proved strict saddles, {len(bad)} proved local minima"
        )
    if bad and census.problem.skip and not census.problem.ridge:
        lines.append("This contradicts Corollary 1 of Shamir (2018): please report it.")
    elif not census.problem.skip or census.problem.ridge:
        reason = "regularisation" if census.problem.ridge else "no skip connection"
        found = "" if bad else "No local minimum above the linear level was proved. "
        lines.append(f"{found}Corollary 1 of Shamir (2018) does not apply here ({reason}).")
    elif above:
        lines.append("No local minimum above the linear level, as Corollary 1 says.")
    if census.fault:
        lines.append(f"broken off: {census.fault}")
    if census.interrupted:
        lines.append("interrupted: run again with the same --out to go on")
    return lines


def _speed(census: Census) -> str:
    return f" ({len(census.points) / census.seconds:.2f} per second)" if census.seconds > 1 else ""
