"""The whole report: one HTML file that fetches nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from typing import Any

from checker.claims.text import shown_verdict
from checker.claims.verdict import Verdict
from checker.instances.text import counted
from checker.report.html.audited import audited
from checker.report.html.cases import refutation
from checker.report.html.changes import changes
from checker.report.html.contents import contents
from checker.report.html.formulas import statement
from checker.report.html.ledger import ledger, short_ledger
from checker.report.html.markup import NONE, Markup, breakable, definitions, join, prose, tag
from checker.report.html.neighbours import assumptions, constants, neighbours_table
from checker.report.html.notation import letters, notation
from checker.report.html.overview import controls_overview, headline, overview, provenance
from checker.report.html.view import View, verdict_mark
from checker.report.run import citation, is_control, words


def render(view: View) -> str:
    """The report as HTML text."""
    main = [
        overview(view),
        changes(view),
        *view.run.sections,
        *_articles(view),
        *audited(view),
        controls_overview(view),
        _controls(view),
        notation(view),
        provenance(view),
    ]
    body = tag("body", contents(view), tag("main", *main), tag("script", _file("page.js")))
    return f"<!doctype html>\n{tag('html', _head(view), body, lang='en')}\n"


def _head(view: View) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy()),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{headline(view)} - landscape-checker"),
        tag("link", rel="icon", href="data:,"),
        tag("style", _file("style.css")),
    )


def _policy() -> str:
    """Nothing may be fetched, and nothing but the page's own style and script may act, whatever a
    claim's title says."""
    allowed = {"style-src": _file("style.css"), "script-src": _file("page.js")}
    own = (f"{name} '{_hash(text)}'" for name, text in allowed.items())
    return "; ".join(("default-src 'none'", *own, "img-src data:", *_NOWHERE))


_NOWHERE = ("base-uri 'none'", "form-action 'none'")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _file(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _articles(view: View) -> Iterator[Markup]:
    """Every claim in full; on a long page what is as expected is folded, paper by paper."""
    for entry in view.theorems:
        if not view.is_long or not entry["expected"]:
            yield tag("article", *article(view, entry), id=view.anchors[entry["id"]])
    for paper, claims in view.papers.items() if view.is_long else ():
        if expected := [entry for entry in claims if entry["expected"]]:
            yield _folded_paper(view, paper, claims, expected)


def _folded_paper(
    view: View, paper: str, claims: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> Markup:
    number = counted(len(expected), "claim", "claims")
    summary = tag("summary", tag("h2", breakable(paper)), f" {number} in full")
    folded = (_folded(view, entry) for entry in expected)
    return tag("details", summary, letters(claims), *folded, class_="paper")


def _folded(view: View, entry: dict[str, Any]) -> Markup:
    heading, *rest = article(view, entry)
    folded = tag("details", tag("summary", heading), *rest)
    return tag("article", folded, id=view.anchors[entry["id"]], class_="folded")


def article(view: View, entry: dict[str, Any]) -> list[Markup]:
    """The section of a claim that ought to stand: its heading, and what is known of it."""
    few = NONE if view.is_long and entry["expected"] else letters([entry])
    return [
        tag("h2", breakable(entry["id"]), " ", verdict_mark(entry)),
        *_words(view, entry),
        few,
        _verdict(entry),
        refutation(view, entry),
        ledger(view, entry),
        assumptions(view, entry),
        constants(view, entry),
        neighbours_table(view, entry),
        _back(),
    ]


def _words(view: View, entry: dict[str, Any]) -> list[Markup]:
    about = words(entry)
    title = str(about.get("title") or "")
    claimed = NONE if is_control(entry) else _kind(about, entry["verdict"])
    return [
        tag("p", title[:1].upper() + title[1:], class_="title") if title else NONE,
        statement(about["statement"]) if about.get("statement") else NONE,
        definitions(
            [
                ("source", _source(about.get("source"))),
                ("wording", _wording(about) if about.get("source") else ""),
                ("claimed to be", claimed),
                ("proved", view.run.proved.get(entry["id"], "")),
                ("cite as", "" if is_control(entry) else citation(view.run, entry)),
            ]
        ),
    ]


def _source(source: dict[str, str] | None) -> str:
    if not source:
        return ""
    return "{authors}, {title} {venue}. {label}".format_map(source)


def _wording(about: dict[str, Any]) -> str:
    return f"{about['wording']} ({about['whose']})"


def _kind(about: dict[str, Any], verdict: str) -> str:
    if "meaning" not in about:
        return ""
    # The meaning begins with "true".
    refuted = verdict == Verdict.REFUTED.name
    return str(about["kind"]) if refuted else f"{about['kind']} ({about['meaning']})"


def _verdict(entry: dict[str, Any]) -> Markup:
    verdict = Verdict[entry["verdict"]]
    reason = entry["reason"]
    said = f"{verdict.value} {reason[:1].upper()}{reason[1:]}." if reason else verdict.value
    return tag("p", tag("strong", shown_verdict(verdict.name)), ": ", said)


def _controls(view: View) -> Markup:
    """False neighbours, folded: what fell as it had to is worth a look, not a scroll."""
    if not view.controls:
        return NONE
    if not view.is_long:
        shown = (_control(view, entry) for entry in view.controls)
        return tag("section", tag("h2", "False neighbours"), *shown, class_="controls")
    survivors = [_control(view, e) for e in view.controls if not e["expected"]]
    fallen = [_control(view, e) for e in view.controls if e["expected"]]
    if not fallen:
        return join(survivors)
    number = counted(len(fallen), "false neighbour", "false neighbours")
    summary = tag("summary", tag("h2", "False neighbours"), f" {number} in full")
    return join([*survivors, tag("details", summary, *fallen, class_="paper controls")])


def _control(view: View, entry: dict[str, Any]) -> Markup:
    why = words(entry).get("why")
    of = entry.get("of")
    summary = tag("summary", tag("h3", breakable(entry["id"])), " ", verdict_mark(entry))
    folded = tag(
        "details",
        summary,
        tag("p", "A false neighbour of ", view.link(of)) if of else None,
        *_words(view, entry),
        tag("p", "False because: ", prose(why)) if why else None,
        None if entry["expected"] else _verdict(entry),
        refutation(view, entry),
        short_ledger(entry) if entry["expected"] else ledger(view, entry),
        _back(),
        open=not entry["expected"],
    )
    return tag("article", folded, id=view.anchors[entry["id"]], class_="control")


def _back() -> Markup:
    return tag("p", tag("a", "↑ all claims", href="#"), class_="back")
