"""Claims without a proof in Coq: on the box of their arguments, or by z3 where it is installed."""

from __future__ import annotations

import glob
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from checker.arithmetic.decide import Decision
from checker.claims.claim import Claim
from checker.errors import InputError
from checker.instances.codec import encode_instance
from checker.proofs.boxes import recheck
from checker.proofs.boxes.program import Problem, problems_of
from checker.proofs.boxes.proving import (
    OnBox,
    decided,
    on_boxes,
    point_text,
)
from checker.proofs.boxes.sets import NotBounded, sizes_of
from checker.proofs.digest import of_problems
from checker.proofs.prove import NO_PROOF, NOT_PROVED, PROVED, Result
from checker.proofs.smt import MISSING, Answer, asked, roundings, solver
from checker.report.evidence import dumps
from checker.report.evidence_files import file_stem
from checker.report.saving import write_text

_PROGRAM = "recheck.py"
_NO_FLOATS = "z3 has a model against it, but none of the floats tried near it violates the claim"
_BY = "enclosures on {parts}, checked again by a second program"


def by_enclosures(
    claim: Claim,
    seconds: float,
    sizes: Sequence[tuple[str, int]] | None = None,
    folder: str | None = None,
) -> Result:
    """The result for one claim; certificates go into the folder, with the program for them.

    Parameters
    ----------
    seconds
        Time limit for the claim; boxes have half of it, z3 what is left.
    sizes
        Of its named dimensions, by name.
    """
    start = time.monotonic()
    given = dict(sizes or ())
    if folder is not None:
        _clear(claim, Path(folder))
    first = _on_boxes(claim, seconds / 2, given, folder)
    if isinstance(first, Result) and first.verdict == PROVED:
        return _timed(first, start)
    second = _by_z3(claim, seconds - (time.monotonic() - start), given, folder)
    if isinstance(second, Result):
        return _timed(second, start)
    if isinstance(first, Result):
        return _timed(_with_reason(first, f"{first.reason}; {second}" if second else ""), start)
    # Boxes need named arguments; of instances in another form only z3 has something to say.
    said = [second] if claim.domain.forms else [first, second]
    reasons = "; ".join(dict.fromkeys(str(x) for x in said if x))
    return Result(claim.id, NO_PROOF, f"no proof in Coq is known, and {reasons}")


def _timed(result: Result, start: float) -> Result:
    return _changed(result, seconds=time.monotonic() - start)


def _with_reason(result: Result, reason: str) -> Result:
    return _changed(result, reason=reason) if reason else result


def _changed(result: Result, **changes: Any) -> Result:
    return Result(**{**vars(result), **changes})


def _proved(claim: Claim, problems: Sequence[Problem], by: str) -> Result:
    return Result(
        claim.id,
        PROVED,
        on="; ".join(p.set_text for p in problems),
        by=by,
        sizes=tuple(p.sizes for p in problems),
        formula=of_problems(problems),
    )


# -- boxes ----------------------------------------------------------------------------------------


def _on_boxes(
    claim: Claim, seconds: float, sizes: Mapping[str, int], folder: str | None
) -> Result | str:
    """The result, or why there can be none."""
    try:
        found = list(on_boxes(claim, seconds, sizes))
    except NotBounded as error:
        return str(error)
    failed = [f for f in found if f.reason]
    if failed:
        return Result(claim.id, NOT_PROVED, failed[0].reason, on=failed[0].on)
    if folder is not None:
        _save(claim, found, Path(folder))
    parts = sum(f.parts for f in found)
    by = _BY.format(parts=f"{parts:,} box{'es' if parts > 1 else ''}")
    return _proved(claim, [f.problem for f in found], by)


def _save(claim: Claim, found: Sequence[OnBox], folder: Path) -> None:
    """Every certificate, and the program that checks it."""
    for number, each in enumerate(found, 1):
        name = f"{file_stem(claim.id)}.box-{number}.json"
        write_text(folder / name, json.dumps(each.certificate) + "\n")
    write_text(folder / _PROGRAM, _program())


def _clear(claim: Claim, folder: Path) -> None:
    """Remove what an earlier run has written of a claim, and nothing else.

    Raises
    ------
    InputError
        When the program for certificates would take the place of another file.
    """
    program, stem = folder / _PROGRAM, glob.escape(file_stem(claim.id))
    try:
        if program.exists() and program.read_text(encoding="utf-8") != _program():
            raise InputError(
                f"{program} is not the program that checks certificates",
                why="It would be replaced",
                hint="Name another folder",
            )
        for old in (
            *folder.glob(f"{stem}.box-*.json"),
            folder / f"{file_stem(claim.id)}.case.json",
        ):
            old.unlink(missing_ok=True)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot write into {folder}: {error}") from error


def _program() -> str:
    return Path(str(recheck.__file__)).read_text(encoding="utf-8")


# -- z3 -------------------------------------------------------------------------------------------


def _by_z3(
    claim: Claim, seconds: float, sizes: Mapping[str, int], folder: str | None
) -> Result | str:
    """The result; or why there can be none, or how to get z3."""
    deadline, proved = time.monotonic() + seconds, list[Problem]()
    try:
        for each in sizes_of(claim, sizes):
            # Both formulas of a number with two are the number, where they are defined.
            for pair in zip(*(_problems(claim, each, k) for k in (0, 1)), strict=True):
                z3 = solver()
                if z3 is None:
                    return MISSING
                problem, answer = _answered(z3, pair, deadline)
                if not answer.proved:
                    reason = _what_z3_found(claim, problem, answer, folder)
                    return Result(claim.id, NOT_PROVED, reason, on=problem.set_text)
                proved.append(problem)
    except NotBounded as error:
        return str(error)
    return _proved(claim, proved, answer.by)


def _problems(claim: Claim, sizes: Mapping[str, int], formula: int) -> list[Problem]:
    return problems_of(claim, sizes, compact=False, formula=formula)


def _answered(z3: Any, pair: Sequence[Problem], deadline: float) -> tuple[Problem, Answer]:
    """The answer by the first formula, or where it is not defined everywhere by the second."""
    for problem in pair[:1] if pair[0] == pair[1] else pair:
        answer = asked(z3, problem, deadline - time.monotonic())
        if not answer.undefined:
            break
    return problem, answer


def _what_z3_found(claim: Claim, problem: Problem, answer: Answer, folder: str | None) -> str:
    """A model counts where the ladder decides that its numbers, rounded, violate the claim."""
    for point in roundings(answer.model, problem) if answer.model else ():
        floats = [float(x) for x in point]
        instance = _instance(problem, floats)
        if instance is not None and decided(claim, instance) is Decision.VIOLATED:
            if folder is not None:
                saved = {"claim": claim.id, "instance": encode_instance(instance)}
                write_text(Path(folder) / f"{file_stem(claim.id)}.case.json", dumps(saved))
            return f"the claim is false at {point_text(problem, floats)}, which z3 found"
    if not answer.model:
        return answer.reason
    without = f"; z3 was not told {', '.join(problem.untold)}" if problem.untold else ""
    return f"{_NO_FLOATS}{without}"


def _instance(problem: Problem, numbers: Sequence[float]) -> Any:
    """The instance of a model's numbers, or None where rounded ones make none."""
    try:
        return problem.instance(numbers)
    except InputError:
        return None
