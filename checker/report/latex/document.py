"""The LaTeX of a run: a table with rules of booktabs, then each claim in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checker.claims.text import shown_verdict
from checker.instances.escapes import one_line
from checker.report.html.neighbours import neighbours_of, score
from checker.report.html.view import View
from checker.report.latex.escape import formula, text, typewriter
from checker.report.latex.matrices import fields
from checker.report.latex.sentences import sentence
from checker.report.run import citation, words
from checker.report.saving import write_text

# Rows of a table that floats; more run over pages.
_FLOATS = 40

# By this a file is known as ours.
FIRST = "% A run of landscape-checker, for \\input"


def write_latex(view: View, path: Path) -> None:
    """Write the document."""
    write_text(path, "\n".join(document(view)) + "\n")


def document(view: View) -> Iterator[str]:
    """Its lines."""
    yield FIRST
    long = len(view.theorems) > _FLOATS
    packages = ("amsmath", "amssymb", "booktabs", *(["longtable"] if long else []))
    yield f"% Needs \\usepackage[T1]{{fontenc}}, textcomp, and {', '.join(packages)}."
    yield f"% Evidence: {one_line(view.run.evidence)}"
    if view.run.provenance.get("command"):
        yield f"% Made by: {one_line(view.run.provenance['command'])}"
    yield ""
    yield from _long_table(view) if long else _table(view)
    for entry in view.theorems:
        yield from _claim(view, entry)


_COLUMNS = "@{}llrll@{}"
_HEAD = r"claim & verdict & cases & relative slack & false variants \\"


def _table(view: View) -> Iterator[str]:
    yield from (r"\begin{table}", r"\centering", rf"\begin{{tabular}}{{{_COLUMNS}}}", r"\toprule")
    yield from (_HEAD, r"\midrule", *_rows(view))
    yield from (r"\bottomrule", r"\end{tabular}", rf"\caption{{{_caption(view)}}}", r"\end{table}")


def _long_table(view: View) -> Iterator[str]:
    yield rf"\begin{{longtable}}{{{_COLUMNS}}}"
    yield rf"\caption{{{_caption(view)}}}\\"
    yield from (r"\toprule", _HEAD, r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot")
    yield from (*_rows(view), r"\end{longtable}")


def _caption(view: View) -> str:
    seed = f" Seed {view.run.seed}." if view.run.seed is not None else ""
    version = view.run.versions.get("landscape-checker")
    made = f"landscape-checker {text(version)}" if version else "landscape-checker"
    return (
        f"Claims as {made} decided them. Relative slack: of the tightest case, or of the "
        f"counterexample. False variants: refuted by the same search, of those tried.{seed}"
    )


def _rows(view: View) -> Iterator[str]:
    for entry in view.theorems:
        fell, tried = score(neighbours_of(view, entry["id"]))
        cells = (
            typewriter(entry["id"]),
            text(shown_verdict(entry["verdict"])),
            f"{entry['cases']:,}".replace(",", "{,}"),
            _slack(entry),
            f"{fell} of {tried}" if tried else "--",
        )
        yield " & ".join(cells) + r" \\"


def _slack(entry: dict[str, Any]) -> str:
    case = entry.get("counterexample") or entry.get("tightest")
    if case is None or case["relative_slack"] is None:
        return "--"
    if case["decision"] == "EQUAL":
        return "$0$ (proved)"
    mantissa, _, exponent = f"{case['relative_slack']:.1e}".partition("e")
    power = "" if int(exponent) == 0 else rf" \cdot 10^{{{int(exponent)}}}"
    return f"${mantissa}{power}$"


def _claim(view: View, entry: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield rf"\paragraph{{{typewriter(entry['id'])}}}"
    if words(entry).get("statement"):
        yield formula(words(entry)["statement"]) + "."
    yield sentence(view, entry)
    yield f"Evidence: {typewriter(citation(view.run, entry))}."
    case = entry.get("counterexample") or {}
    equations = fields(case.get("instance"))
    if equations:
        yield r"\begin{align*}"
        yield " \\\\\n".join(equations)
        yield r"\end{align*}"
