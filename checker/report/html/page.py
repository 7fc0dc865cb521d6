"""The whole report: one HTML file that fetches nothing."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any

from checker.certification.page import certificate
from checker.claims.text import shown_verdict
from checker.claims.verdict import Verdict
from checker.report.html.cases import refutation
from checker.report.html.formulas import statement
from checker.report.html.ledger import ledger, short_ledger
from checker.report.html.markup import NONE, Markup, breakable, definitions, prose, tag
from checker.report.html.neighbours import assumptions, constants, kill_table
from checker.report.html.overview import headline, overview
from checker.report.html.view import View, verdict_mark
from checker.report.run import is_control, words


def render(view: View) -> str:
    """The report as HTML text."""
    articles = (article(view, e) for e in view.theorems)
    main = [overview(view), certificate(view.run.certificate), *articles, _controls(view)]
    return f"<!doctype html>\n{tag('html', _head(view), _body(main), lang='en')}\n"


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


def _body(main: list[Markup]) -> Markup:
    return tag("body", tag("main", *main), tag("script", _file("sort.js")))


def _policy() -> str:
    """Nothing may be fetched, and nothing but the page's own style and script may act, whatever a
    claim's title says."""
    allowed = {"style-src": _file("style.css"), "script-src": _file("sort.js")}
    own = (f"{name} '{_hash(text)}'" for name, text in allowed.items())
    return "; ".join(("default-src 'none'", *own, "img-src data:", *_NOWHERE))


_NOWHERE = ("base-uri 'none'", "form-action 'none'")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _file(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def article(view: View, entry: dict[str, Any]) -> Markup:
    """The section of a claim that ought to stand."""
    heading = tag("h2", breakable(entry["id"]), " ", verdict_mark(entry))
    return tag(
        "article",
        heading,
        *_words(entry),
        _verdict(entry),
        refutation(view, entry),
        ledger(view, entry),
        assumptions(view, entry),
        constants(view, entry),
        kill_table(view, entry),
        _back(),
        id=view.anchors[entry["id"]],
    )


def _words(entry: dict[str, Any]) -> list[Markup]:
    about = words(entry)
    title = str(about.get("title") or "")
    claimed = NONE if is_control(entry) else _kind(about)
    return [
        tag("p", title[:1].upper() + title[1:], class_="title") if title else NONE,
        statement(about["statement"]) if about.get("statement") else NONE,
        definitions(
            [
                ("source", _source(about.get("source"))),
                ("wording", _wording(about) if about.get("source") else ""),
                ("claimed to be", claimed),
            ]
        ),
    ]


def _source(source: dict[str, str] | None) -> str:
    if not source:
        return ""
    return "{authors}, {title} {venue}. {label}".format_map(source)


def _wording(about: dict[str, Any]) -> str:
    return f"{about['wording']} ({about['whose']})"


def _kind(about: dict[str, Any]) -> str:
    return f"{about['kind']} ({about['meaning']})" if "meaning" in about else ""


def _verdict(entry: dict[str, Any]) -> Markup:
    verdict = Verdict[entry["verdict"]]
    reason = entry["reason"]
    said = f"{verdict.value} {reason[:1].upper()}{reason[1:]}." if reason else verdict.value
    return tag("p", tag("strong", shown_verdict(verdict.name)), ": ", said)


def _controls(view: View) -> Markup:
    """False neighbours, folded: what fell as it had to is worth a look, not a scroll."""
    if not view.controls:
        return NONE
    return tag(
        "section",
        tag("h2", "Controls"),
        *(_control(view, e) for e in view.controls),
        class_="controls",
    )


def _control(view: View, entry: dict[str, Any]) -> Markup:
    why = words(entry).get("why")
    of = entry.get("of")
    summary = tag("summary", tag("h3", breakable(entry["id"])), " ", verdict_mark(entry))
    folded = tag(
        "details",
        summary,
        tag("p", "A false neighbour of ", view.link(of)) if of else None,
        *_words(entry),
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
