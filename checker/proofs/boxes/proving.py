"""Is a claim proved on the box that its arguments are taken from: searched, then checked again."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from checker.arithmetic.decide import Decision, decide_case
from checker.claims.claim import Claim
from checker.instances.fields import single
from checker.proofs.boxes import recheck
from checker.proofs.boxes.parts import Found, Open
from checker.proofs.boxes.program import Problem, problems_of, simple_points
from checker.proofs.boxes.search import bounded
from checker.proofs.boxes.sets import sizes_of

SCHEMA = 1

# More parts are not searched, nor checked.
MOST_PARTS = 2_000_000

# Seconds that a certificate's check may take at least.
_CHECK = 60.0


@dataclass(frozen=True)
class OnBox:
    """What is known of a claim on one box.

    Attributes
    ----------
    reason
        Why it is not proved; empty if it is.
    parts
        How many parts the box was divided into, for all conclusions together.
    certificate
        What `recheck.py` has accepted.
    """

    problem: Problem
    reason: str
    parts: int
    certificate: dict[str, Any] | None = None

    @property
    def on(self) -> str:
        """The set, in words."""
        return self.problem.set_text


def on_boxes(
    claim: Claim, seconds: float, sizes: Mapping[str, int] | None = None
) -> Iterator[OnBox]:
    """Prove a claim on its box, at these sizes of its dimensions or at 1 and 2.

    Raises
    ------
    NotBounded
        When there is no compact box, or the formula has no enclosure on boxes.
    """
    deadline = time.monotonic() + seconds
    for problem in [p for each in sizes_of(claim, sizes) for p in problems_of(claim, each)]:
        yield _on_box(claim, problem, deadline, seconds)


def _on_box(claim: Claim, problem: Problem, deadline: float, seconds: float) -> OnBox:
    found: list[Found] = []
    for relation in problem.relations:
        found.append(bounded(problem, relation, deadline, MOST_PARTS))
        left = found[-1].left
        if left is not None:
            reason = _what_is_left(claim, problem, left)
            return OnBox(problem, reason, sum(f.boxes for f in found))
    made = certificate(claim.id, problem, found)
    fault = checked(made, max(_CHECK, 2 * seconds))
    parts = sum(f.boxes for f in found)
    return OnBox(problem, fault, parts, None if fault else made)


# -- the certificate ------------------------------------------------------------------------------


def certificate(claim: str, problem: Problem, found: Sequence[Found]) -> dict[str, Any]:
    """What another program needs to check the proof."""
    relations = [
        {
            "slack": relation.slack,
            "strict": relation.strict,
            "premises": [list(p) for p in relation.premises],
            "tree": each.tree.preorder(),
        }
        for relation, each in zip(problem.relations, found, strict=True)
    ]
    return {
        "schema": SCHEMA,
        "claim": claim,
        "names": list(problem.names),
        "box": [[end.hex() for end in side] for side in problem.box],
        "steps": [list(step) for step in problem.steps],
        "relations": relations,
    }


def checked(made: Mapping[str, Any], seconds: float) -> str:
    """What the independent program says against a certificate, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.json"
        file.write_text(json.dumps(made), encoding="utf-8")
        try:
            run = subprocess.run(
                [sys.executable, str(recheck.__file__), str(file)],
                capture_output=True,
                text=True,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            return f"the certificate was not checked within {seconds:.0f} s"
    if run.returncode == 0 and run.stdout == "proved\n":
        return ""
    if run.returncode < 0:
        return f"the check of the certificate was killed by signal {-run.returncode}"
    last = (run.stdout.strip() or run.stderr.strip() or "it said nothing").splitlines()[-1]
    return f"the certificate was refused: {last}"


# -- what is left ---------------------------------------------------------------------------------


def _what_is_left(claim: Claim, problem: Problem, left: Open) -> str:
    count = f"{left.count:,} box{'es' if left.count > 1 else ''} left"
    near = point_text(problem, left.closest)
    text = f"{count}, the closest at {near}, where lhs - rhs is about {left.slack:.3g}"
    for point in (*simple_points(_around(problem, left)), tuple(map(Fraction, left.closest))):
        floats = [float(x) for x in point]
        if any(Fraction(f) != x for f, x in zip(floats, point, strict=True)):
            continue
        decision = decided(claim, problem.instance(floats))
        here = point_text(problem, floats)
        if decision is Decision.VIOLATED:
            return f"the claim is false at {here}"
        if decision is Decision.EQUAL:
            return f"{text}; at {here} both sides are equal, which no enclosure tells from less"
    return text


def _around(problem: Problem, left: Open) -> list[tuple[float, float]]:
    """The box with what is next to it, within the whole."""
    wide = [(a - (b - a) - 1e-6, b + (b - a) + 1e-6) for a, b in left.box]
    return [
        (max(a, low), min(b, high)) for (a, b), (low, high) in zip(wide, problem.box, strict=True)
    ]


def point_text(problem: Problem, point: Sequence[float]) -> str:
    """As `x = 1, y = 2`."""
    return ", ".join(f"{n} = {x:.17g}" for n, x in zip(problem.names, point, strict=True))


def decided(claim: Claim, instance: Any) -> Decision | None:
    """What the ladder says of an instance; None where it does not meet the assumptions."""
    batch = single(instance, "").instances
    if not all(np.all(a.holds(batch)) for a in claim.assuming):
        return None
    return decide_case(claim, instance).decision
