"""`checker doctor`: whether this installation can be trusted to decide."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from itertools import zip_longest

from checker.claims.registry import DISTRIBUTION
from checker.commands.options import Options
from checker.commands.status import BAD_INPUT, STANDS
from checker.errors import InputError


@dataclass(frozen=True)
class Finding:
    """A line of the report, and what is wrong, if anything."""

    name: str
    text: str
    fault: InputError | None = None


def run(_options: Options) -> int:
    """Print versions, and what the tests of the arithmetic say."""
    findings = [*_versions(), *_tests()]
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        print(f"{finding.name:<{width}}  {finding.text}")
    faults = [finding.fault for finding in findings if finding.fault is not None]
    for fault in faults:
        print(f"BROKEN: {fault}")
    return BAD_INPUT if faults else STANDS


def _versions() -> Iterator[Finding]:
    yield Finding(
        "python", f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    )
    try:
        yield Finding(DISTRIBUTION, version(DISTRIBUTION))
        needed = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        fault = InputError(f"{DISTRIBUTION} is not installed", hint="Run `pip install .`")
        yield Finding(DISTRIBUTION, "not installed", fault)
        return
    yield from (_dependency(one) for one in needed if "extra ==" not in one)


def _dependency(needed: str) -> Finding:
    """A dependency as the metadata of the package writes it, such as `numpy>=2.0`."""
    name = re.split(r"[^\w.-]", needed)[0]
    bounds = sorted(re.findall(r"(>=|<)\s*([\d.]+)", needed), reverse=True)
    try:
        found = version(name)
    except PackageNotFoundError:
        found = "missing"
    wanted = ", ".join(f"{relation} {bound}" for relation, bound in bounds)
    fits = found != "missing" and all(_meets(found, *bound) for bound in bounds)
    fault = InputError(f"{name} {wanted} is needed, found: {found}", hint=f"pip install '{needed}'")
    return Finding(name, f"{found} (needed: {wanted})", None if fits else fault)


def _meets(found: str, relation: str, bound: str) -> bool:
    numbers = ((int(part) for part in re.findall(r"\d+", text)) for text in (found, bound))
    given, limit = zip(*zip_longest(*numbers, fillvalue=0), strict=True)
    return given >= limit if relation == ">=" else given < limit


def _tests() -> Iterator[Finding]:
    try:
        from checker.arithmetic.checks.environment import (
            require_ieee_arithmetic,
            require_sound_balls,
        )
        from checker.claims.registry import load_claims
    except ImportError as error:
        yield Finding("arithmetic", "cannot be loaded", InputError(str(error)))
        return
    yield _tested("float64", require_ieee_arithmetic, "rounds to nearest, keeps subnormal numbers")
    yield _tested("balls, exact", require_sound_balls, "right on all problems with known answers")
    yield _tested("claims", load_claims, "all can be loaded")


def _tested(name: str, test: Callable[[], object], passed: str) -> Finding:
    try:
        test()
    except ImportError as error:
        return Finding(name, "cannot be loaded", InputError(str(error)))
    except InputError as fault:
        return Finding(name, "broken", fault)
    return Finding(name, passed)
