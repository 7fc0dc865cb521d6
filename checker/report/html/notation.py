"""The words and letters of a report, for a reader who knows neither the checker nor the paper."""

from __future__ import annotations

from typing import Any

from checker.report.html.formulas import inline
from checker.report.html.markup import NONE, Markup, definitions, tag
from checker.report.html.view import View
from checker.report.run import words

_WORDS = (
    ("case", "An instance of the claim (data, network, loss, …) whose inequality was decided."),
    ("slack", "The greater side less the smaller one: the claim holds where it is at least 0."),
    ("relative slack", "The slack divided by the larger of both sides' absolute values: 0 is "
     "equality, a negative number a violation."),
    ("tightest", "The case that came closest to equality, or the counterexample."),
    ("non-trivial", "The bound could fail at all in this case, as a lower bound of a norm by a "
     "negative number could not."),
    ("stratum", "A family of cases, such as tiny entries or orthogonal vectors, that the search "
     "has to visit."),
    ("false neighbour", "A claim of nearly the same formula that is known to be false: "
     "the same search has to refute it; "
     "what it does not find there it would not find in the claim either. A run over everything "
     "takes one for each kind of instance, `checker audit` all."),
    ("by float, ball, exact", "What decided: float64 with proved error bounds, ball arithmetic, or "
     "exact numbers. None of them uses a tolerance."),
)  # fmt: skip


def notation(view: View) -> Markup:
    """What the words of the page mean, folded; the letters stand with each paper."""
    if not view.run.claims:
        return NONE
    summary = tag("summary", tag("h2", "Notation and words"))
    return tag("details", summary, definitions(_WORDS), class_="paper", id="notation")


def letters(claims: list[dict[str, Any]]) -> Markup:
    """The letters of a paper, as its claims have them on file."""
    known: dict[str, str] = {}
    for entry in claims:
        known |= (words(entry).get("source") or {}).get("notation") or {}
    if not known:
        return NONE
    return tag("div", definitions((inline(x), text) for x, text in known.items()), class_="letters")
