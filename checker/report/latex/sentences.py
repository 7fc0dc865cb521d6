"""One sentence for a paper on each claim, true as it stands."""

from __future__ import annotations

from typing import Any

from checker.claims.text import shown_verdict
from checker.claims.verdict import Verdict
from checker.instances.text import counted
from checker.report.html.neighbours import neighbours_of, score
from checker.report.html.view import View
from checker.report.latex.escape import text, typewriter
from checker.report.pooled import pooled_line
from checker.report.run import words


def sentence(view: View, entry: dict[str, Any]) -> str:
    """What may be written of a claim: what was done, and what follows from it."""
    verdict = Verdict[entry["verdict"]]
    said = _SAID.get(verdict, _open)(entry)
    controls = _controls(view, entry) if verdict is Verdict.STANDS else ""
    proved = view.run.proved.get(entry["id"])
    known = f" Beside the search it is {text(proved)}." if proved else ""
    return f"{_subject(entry)} {said}{controls}.{known}"


def _subject(entry: dict[str, Any]) -> str:
    source = words(entry).get("source")
    if not source:
        return typewriter(entry["id"])
    ours = "" if words(entry).get("wording") == "printed" else ", not in the wording of the source"
    place = f"{source['authors']}, {source['label']}{ours}"
    return f"{typewriter(entry['id'])} ({text(place)})"


def _stands(entry: dict[str, Any]) -> str:
    cases = _number(entry["cases"], "decided case", "decided cases")
    equal = entry["decisions"].get("EQUAL", 0)
    also = f", {_thousands(equal)} of them with proved equality" if equal else ""
    return f"was not refuted: no counterexample among {cases}{also}"


def _refuted(entry: dict[str, Any]) -> str:
    pooled, case = entry.get("pooled") or {}, entry.get("counterexample")
    if pooled.get("refutes") or case is None:
        return f"is refuted by repeated experiments: {text(pooled_line(pooled))}"
    found = text(case["guarantee"])
    return f"is false: the instance below violates it (proved: {found})"


def _open(entry: dict[str, Any]) -> str:
    reason = f" ({text(entry['reason'])})" if entry["reason"] else ""
    cases = _number(entry["cases"], "decided case", "decided cases")
    return f"was not settled: {text(shown_verdict(entry['verdict']))}{reason}, {cases}"


_SAID = {Verdict.STANDS: _stands, Verdict.REFUTED: _refuted}


def _controls(view: View, entry: dict[str, Any]) -> str:
    fell, tried = score(neighbours_of(view, entry["id"]))
    if not tried:
        return ""
    variants = counted(tried, "false neighbour", "false neighbours")
    return f"; the same search refuted {fell} of {variants}"


def _number(count: int, one: str, many: str) -> str:
    return f"{_thousands(count)} {one if count == 1 else many}"


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", "{,}")
