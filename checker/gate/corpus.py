"""The corpus: saved cases whose decision and sides are known, decided again.

A case is a file that `checker verify --out` writes (claim, instance, decision, both sides with
their radii), with the sides as exact numbers where these reach. A decision or a side that changed
is a fault of the checker, or of the file: the facts of mathematics do not change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

from flint import fmpq

from checker.arithmetic.decide import Decision
from checker.arithmetic.exact import Exact, Surd, sign_of_difference
from checker.arithmetic.lifting import lifted
from checker.claims.claim import Claim
from checker.claims.registry import unknown_claim
from checker.claims.verdict import Witness
from checker.errors import InputError
from checker.gate.changes import Change, Reason
from checker.gate.rungs import float_rung_faults
from checker.instances.fields import single
from checker.report.evidence import witness_to_json
from checker.report.replay import Replayed, read_json, replay

SIDES = ("lhs", "rhs")
DECIDED = (Decision.HOLDS.name, Decision.EQUAL.name, Decision.VIOLATED.name)


@dataclass(frozen=True, eq=False)
class Case:
    """A file of the corpus."""

    name: str
    claim: Claim
    saved: dict[str, Any]


def read_corpus(folder: Path, known: Mapping[str, Claim]) -> list[Case]:
    """The cases of a folder, by name.

    Raises
    ------
    InputError
        When the folder is missing or holds no case, a file is no decided case, or its claim does
        not exist.
    """
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not files:
        raise InputError(
            f"there is no corpus in {folder}",
            why="A gate without known cases would pass whatever the arithmetic does",
            hint="Name its folder with --corpus DIR, or copy counterexamples there that "
            "`checker verify --out DIR` has written",
        )
    return [_read(path, known) for path in files]


def _read(path: Path, known: Mapping[str, Claim]) -> Case:
    saved = read_json(path)
    if not isinstance(saved, dict) or not saved.get("instance"):
        raise _corrupt(path, "it holds no instance")
    if saved.get("decision") not in DECIDED:
        raise _corrupt(path, f"its decision is {saved.get('decision')!r}")
    for name in SIDES:
        try:
            _enclosure(saved, name)
            _exact(saved, name)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise _corrupt(path, f"{name}: {type(error).__name__}: {error}") from error
    claim = saved.get("claim")
    if not isinstance(claim, str):
        raise _corrupt(path, "it names no claim")
    if claim not in known:
        missing = unknown_claim(str(claim), known)
        raise InputError(
            f"{path}: {missing.what}",
            why="The case would not be decided any more",
            hint="Bring the claim back, or delete the case and run the gate with --update",
        )
    return Case(path.name, known[str(claim)], saved)


def _corrupt(path: Path, reason: str) -> InputError:
    return InputError(
        f"{path} is not a decided case: {reason}",
        why="Every file of the corpus has to be decided again and compared",
        hint="Restore it from version control, or move it out of the corpus",
    )


def check(case: Case) -> tuple[str, list[Change]]:
    """The decision on a case now, and what changed against its file.

    Raises
    ------
    InputError
        When its instance cannot be read, or does not fit the claim.
    """
    try:
        replayed = replay(case.claim, "corpus", case.saved)
    except InputError as error:
        raise InputError(f"{case.name}: {error.what}", why=error.why, hint=error.hint) from error
    decision = replayed.witness.result.decision.name
    return decision, [*_decided(case, replayed), *_other_sides(case, replayed), *_floats(case)]


def _decided(case: Case, replayed: Replayed) -> list[Change]:
    changes = []
    recorded, now = case.saved["decision"], replayed.witness.result.decision.name
    if now != recorded:
        changes.append(Change(Reason.CORPUS_DECISION, case.name, recorded, now))
    if replayed.unmet:
        unmet = f"outside {', '.join(replayed.unmet)}"
        changes.append(Change(Reason.CORPUS_ASSUMPTION, case.name, "in the domain", unmet))
    return changes


def _other_sides(case: Case, replayed: Replayed) -> list[Change]:
    now = case_to_json(case.claim, replayed.witness)
    return [
        Change(Reason.CORPUS_SIDES, f"{case.name}: {name}", *_shown(case.saved, now, name))
        for name in SIDES
        if not _same_number(case.saved, now, name)
    ]


def _floats(case: Case) -> list[Change]:
    batch = single(replay(case.claim, "corpus", case.saved).witness.instance, "corpus")
    _, faults = float_rung_faults(case.claim, batch)
    return [Change(Reason.BOUND, case.name, "", fault) for fault in faults]


# -- sides ------------------------------------------------------------------------------------


def case_to_json(claim: Claim, witness: Witness) -> dict[str, Any]:
    """A decided case as a file of the corpus."""
    at = lifted(witness.instance, Exact.constant)
    inequality = claim(at)
    sides = {"lhs": inequality.lhs.item, "rhs": inequality.rhs.item}
    saved = witness_to_json(witness, claim.id)
    saved["exact"] = {
        name: {"ratio": str(x.ratio), "radicand": str(x.radicand)} if x.known else None
        for name, x in sides.items()
    }
    return saved


def _same_number(before: dict[str, Any], now: dict[str, Any], name: str) -> bool:
    """Whether both may stand for one number: proved equal if exact, else not proved apart."""
    first, second = _exact(before, name), _exact(now, name)
    if first is not None and second is not None and sign_of_difference(first, second) != 0:
        return False
    known, found = _enclosure(before, name), _enclosure(now, name)
    if known is None or found is None:
        return known is found
    return known[0] <= found[1] and found[0] <= known[1]


def _enclosure(saved: dict[str, Any], name: str) -> tuple[Fraction, Fraction] | None:
    """Bounds on a side; None where it is beyond the range of floats."""
    if saved[name] is None:
        return None
    value, radius = _number(saved[name]), _number(saved[f"{name}_radius"])
    if radius < 0:
        raise ValueError(f"the radius {radius} is negative")
    return value - radius, value + radius


def _number(saved: Any) -> Fraction:
    if type(saved) not in (int, float):
        raise TypeError(f"{str(saved)[:40]!r} is not a number")
    return Fraction(saved)


def _exact(saved: dict[str, Any], name: str) -> Surd | None:
    known = saved.get("exact") or {}
    exact = known.get(name) if isinstance(known, dict) else _refused(known)
    if exact is None:
        return None
    if not isinstance(exact, dict):
        _refused(exact)
    ratio, radicand = _fraction(exact["ratio"]), _fraction(exact["radicand"])
    if radicand <= 0:
        raise ValueError(f"the radicand {radicand} is not positive")
    return Surd(fmpq(*ratio.as_integer_ratio()), fmpq(*radicand.as_integer_ratio()))


def _fraction(text: Any) -> Fraction:
    # Not "1e999999999", a number of which nobody has the digits.
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]+(/[0-9]+)?", text):
        _refused(text)
    return Fraction(text)


def _refused(saved: Any) -> NoReturn:
    raise TypeError(f"{str(saved)[:40]!r} is not an exact number")


def _shown(before: dict[str, Any], now: dict[str, Any], name: str) -> tuple[str, str]:
    numbers = [_exact(saved, name) for saved in (before, now)]
    if all(x is not None for x in numbers):
        return str(numbers[0]), str(numbers[1])
    return repr(before[name]), repr(now[name])
