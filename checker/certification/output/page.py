"""The section of a certificate: its verdict, its numbers, and the lower point."""

from __future__ import annotations

from itertools import islice
from typing import Any

from checker.certification.certificate import Findings, Verdict
from checker.certification.output.report import symbols, to_json
from checker.certification.output.saved import (
    CERTIFICATE,
    checked,
    comparisons,
    enclosed,
    titles_in,
)
from checker.instances.rounding import at_least
from checker.report.html.markup import NONE, Column, Markup, join, table, tag
from checker.report.run import Extra

_TONES = {
    Verdict.NO_WORSE: "verdict good",
    Verdict.LEVEL: "verdict good",
    Verdict.NOT_A_MINIMUM: "verdict bad",
}

_NUMBERS = (Column("quantity"), Column("value", numeric=True), Column("known by", wide=True))


def certificate(content: dict[str, Any]) -> Markup:
    """The section."""
    verdict = Verdict[content["verdict"]]
    mark = tag("span", verdict.name, class_=_TONES.get(verdict, "verdict"))
    numbers = [_row(title, content[name]) for name, title in titles_in(content).items()]
    return tag(
        "article",
        tag("h2", "A trained network ", mark),
        tag("p", content["sentence"], class_="title"),
        tag("p", _sizes(content)),
        table(_NUMBERS, numbers),
        join(
            _comparison(c, symbol)
            for symbol, c in zip(
                (_star(content), *islice(symbols(_star(content)), len(content["others"]) + 1)),
                comparisons(content),
                strict=False,
            )
        ),
        _escape(content["escape"], _star(content)),
        tag("p", _MEANING, class_="soft"),
        id="certificate",
    )


def certificate_html(found: Findings) -> Markup:
    """The same of a certificate that was not saved, for a notebook."""
    return certificate(to_json(found))


_MEANING = (
    "Every number is a value with a proved bound on its error: float-bound by running error bounds "
    "in float64, ball by ball arithmetic, exact without error. Nothing is proved of a number that "
    "is unproved. The features of the network count as given."
)


def _star(content: dict[str, Any]) -> str:
    return "W*" if "K" in content else "w*"


def _sizes(content: dict[str, Any]) -> str:
    sizes = f"n = {content['n']:,}, d = {content['d']:,}, m = {content['m']:,}"
    if "K" in content:
        sizes += f", K = {content['K']:,}, rank W = {content['rank']:,}"
    sizes += ", an output bias" if content["bias"] else ""
    sizes += f", weight decay {content['ridge']:g}" if content["ridge"] else ""
    return f"{sizes}, loss {content['loss']}; the data were read {content['passes']} times"


def _row(title: str, number: dict[str, Any]) -> tuple[str, str, str]:
    return title, str(enclosed(number)), number["guarantee"]


def _comparison(entry: dict[str, Any], star: str) -> Markup:
    ball = "" if entry["ball"] is None else f", ‖u‖ ≤ {at_least(float(entry['ball']), 3)}"
    rows = [
        _row(f"F_lin({star})", entry["F_lin"]),
        _row(f"F - F_lin({star})", entry["gap"]),
        _row(f"‖∇F_lin({star})‖", entry["gradient"]),
        _row(f"duality gap{ball}", entry["duality_gap"]),
        *(_bound(name, bound) for name, bound in entry["bounds"].items()),
    ]
    return join((tag("h3", f"Against {star}: {entry['name']}"), table(_NUMBERS, rows)))


def _bound(name: str, bound: dict[str, Any]) -> tuple[str, str, str]:
    if "why_not" in bound:
        return name, "does not apply", bound["why_not"]
    return _row(f"{name}: gap ≤", bound)


def _escape(entry: dict[str, Any] | None, star: str) -> Markup:
    if entry is None:
        return NONE
    rows = [_row("F here", entry["F_before"]), _row("F there", entry["F_after"])]
    saved = f"The arrays {star[0]} and V of points.npz are the lower point."
    heading = tag("h3", f"A lower point, along {entry['along']}")
    return join((heading, table(_NUMBERS, rows), tag("p", saved)))


# A certificate in the folder of a report.
CERTIFIED = Extra(
    CERTIFICATE,
    lambda content, path: certificate(checked(content, path)),
    "What is proved of a trained network",
)
