"""The report of a refuted claim: what a reader needs to check it by hand, as text and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.arithmetic.ball import working_precision
from checker.claims.claim import WORDINGS, Claim
from checker.claims.text import case_lines, path_text, slack_text
from checker.claims.verdict import Evidence, Witness
from checker.errors import Caught
from checker.explain.recording import Recording, record
from checker.explain.refutation import NOT_TRACED, TOO_LARGE, Theorem, theorem_of
from checker.explain.script import script_of
from checker.explain.script_text import VIOLATED
from checker.explain.steps import Step, enclosure_text, entry_text, steps_of
from checker.instances import escapes
from checker.instances.rounding import exact_number
from checker.instances.text import aligned, counted, fields_of


@dataclass(frozen=True, eq=False)
class Explanation:
    """What can be said of a counterexample beyond the decision.

    Attributes
    ----------
    steps
        Both sides step by step; empty where the instance is too large for readers.
    slack
        lhs - rhs, exactly or enclosed.
    script
        A Python script that shows the violation on its own, or None.
    theorem
        The violation as a theorem of Coq, or why there is none.
    problem
        Why there are no steps though the instance is small; empty if there are.
    """

    steps: tuple[Step, ...] = ()
    slack: str = ""
    script: str | None = None
    theorem: Theorem = NOT_TRACED
    problem: str = ""


def explain(claim: Claim, instance: Any) -> Explanation:
    """Steps, slack and script of a claim on one instance, as far as they can be had."""
    with Caught() as caught:
        recording = record(claim, instance)
        if recording is None:
            return Explanation(theorem=TOO_LARGE)
        steps = tuple(steps_of(recording))
        theorem = theorem_of(claim, instance, recording)
        return Explanation(steps, _slack(recording), script_of(claim, recording), theorem)
    # A formula of a user may do what only the arithmetics of the search can; the verdict and its
    # evidence are worth more than the explanation.
    error = caught.error
    return Explanation(problem=f"{type(error).__name__}: {error}")


def explanation_of(evidence: Evidence) -> Explanation:
    """Of the counterexample, computed when it is first asked for and carried by the evidence."""
    known, witness = evidence.known, evidence.counterexample
    if "explanation" not in known:
        made = Explanation() if witness is None else explain(evidence.claim, witness.instance)
        known["explanation"] = made
    explanation: Explanation = known["explanation"]
    return explanation


def _slack(recording: Recording) -> str:
    with working_precision(recording.bits):
        lhs, rhs = recording.sides
        slack = lhs - rhs
        exact, ball = slack.exact.item, slack.ball.item
        text = entry_text(exact, ball) if exact.known else enclosure_text(ball)
        return f"{text} where the claim says 0" if recording.is_equation else text


def source_text(claim: Claim) -> str:
    """Where a claim stands: authors, title, venue, label; empty if it has no source."""
    if claim.source is None:
        return ""
    paper = claim.source.paper
    return f"{paper.authors}, {paper.title} {paper.venue}. {claim.source.label}"


def wording_text(claim: Claim) -> str:
    """Whose words and formula these are; empty if the claim has no source."""
    return f"{claim.wording} ({WORDINGS[claim.wording]})" if claim.source else ""


# -- plain text -------------------------------------------------------------------------------


def report_lines(evidence: Evidence, replay: str) -> list[str]:
    """The report of a refuted claim as plain text; `replay` decides it again."""
    witness = evidence.counterexample
    if witness is None:
        return []
    claim = evidence.claim
    known = explanation_of(evidence)
    lines = [f"statement: {claim.statement}"] if claim.statement else []
    said = (("source", source_text(claim)), ("wording", wording_text(claim)))
    lines += [f"{name}: {text}" for name, text in said if text]
    lines.append("counterexample:")
    if not known.steps:
        lines += _indented(case_lines(witness))
        lines += [f"not shown step by step: {known.problem}"] if known.problem else []
        return [*lines, f"replay: {replay}"]
    lines += _indented(aligned(fields_of(witness.instance)))
    lines += ["step by step:", *_indented(map(str, known.steps))]
    lines += [f"{name}: {value}" for name, value in _notes(evidence, witness, known)]
    return [*lines, f"replay: {replay}"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _notes(evidence: Evidence, witness: Witness, known: Explanation) -> list[tuple[str, str]]:
    result, cases = witness.result, evidence.tally.cases
    found = [part for part in (witness.stratum, witness.origin) if part]
    slack = f"lhs - rhs = {known.slack}; " if known.slack else ""
    notes = [
        ("severity", f"{slack}relative slack {slack_text(result)}"),
        ("guarantee", f"{result.decision.value}, {result.guarantee}"),
        ("found in", f"{' / '.join(found)}, after {counted(cases, 'case', 'cases')}"),
    ]
    proofs = [(a.name.replace("_", " "), a.proof) for a in evidence.claim.assuming if a.proof]
    notes += [(name, proof(witness.instance)) for name, proof in proofs]
    notes += [("reduced", path_text(witness.path))] if len(witness.path) > 1 else []
    if witness.raised:
        tried = counted(witness.raised, "smaller candidate", "smaller candidates")
        notes.append(("not kept", f"{tried} on which the formula raised an exception"))
    if known.theorem.problem:
        notes.append(("no theorem for Coq", known.theorem.problem))
    return notes + ([("not shown step by step", known.problem)] if known.problem else [])


# -- Markdown ---------------------------------------------------------------------------------

_SCRIPT = (
    f"Or with this script alone; its exit status is {VIOLATED} where the claim is violated, and 1 "
    "where the script itself fails."
)


def markdown(evidence: Evidence, replay: str) -> str:
    """The report as a Markdown document; every number of the instance is exact."""
    witness = evidence.counterexample
    if witness is None:
        return ""
    claim = evidence.claim
    known = explanation_of(evidence)
    title = escapes.markdown(claim.title[:1].upper() + claim.title[1:])
    parts = [f"# {escapes.markdown(claim.id)}: refuted", f"{title}."]
    # A block, since LaTeX between dollars may hold what ends it.
    parts += [escapes.block(escapes.one_line(claim.statement), "math")] if claim.statement else []
    said = (("Source", source_text(claim)), ("Wording", wording_text(claim)))
    parts += [f"**{name}.** {escapes.markdown(text)}" for name, text in said if text]
    parts += [f"**Why it is false.** {escapes.markdown_prose(claim.why)}"] if claim.why else []
    parts += ["## Counterexample", _table(("field", "shape", "exact value"), _rows(witness))]
    if known.steps:
        rows = [tuple(map(escapes.cell_code, (s.name, s.expression, s.value))) for s in known.steps]
        parts += ["## Step by step", _table(("quantity", "from", "value"), rows)]
    else:
        sides = case_lines(witness)[len(fields_of(witness.instance)) :]
        parts += ["## Both sides", escapes.block("\n".join(sides))]
    known_by = _notes(evidence, witness, known)
    notes = [f"* {escapes.markdown(name)}: {escapes.markdown(value)}" for name, value in known_by]
    parts += ["## How it is known", "\n".join(notes)]
    parts += ["## Check it yourself", escapes.block(replay, "sh")]
    parts += [_SCRIPT, escapes.block(known.script, "python")] if known.script else []
    return "\n\n".join(parts) + "\n"


def _rows(witness: Witness) -> list[tuple[str, str, str]]:
    rows = []
    for field, text in fields_of(witness.instance):
        value = getattr(witness.instance, field)
        shape = "×".join(map(str, value.shape)) if isinstance(value, np.ndarray) else ""
        known = _all_numbers(value, text)
        rows.append((escapes.cell_code(field), shape, escapes.cell_code(known)))
    return rows


def _all_numbers(value: Any, text: str) -> str:
    """The text of a field; arrays in full, also where the terminal names their shape only."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return text
    return _nested(value.tolist())


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(v) for v in value)}]"
    return exact_number(float(value))


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    cells = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)
