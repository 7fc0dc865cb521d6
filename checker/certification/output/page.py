"""The section of a certificate: its verdict, its numbers, and the lower point."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from markupsafe import Markup

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
from checker.report.html.rendering import rendered
from checker.report.run import Extra

_TONES = {Verdict.NO_WORSE: "good", Verdict.LEVEL: "good", Verdict.NOT_A_MINIMUM: "bad"}

# A quantity, its value, and what that is known by.
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Comparison:
    """The network against a linear predictor, which has a symbol."""

    symbol: str
    name: str
    rows: list[Row]


@dataclass(frozen=True)
class Escape:
    """A lower point, and the direction to it."""

    along: str
    rows: list[Row]


def certificate(content: dict[str, Any]) -> Markup:
    """The section."""
    verdict, star = Verdict[content["verdict"]], _star(content)
    return rendered(
        "certification/certificate.html.jinja",
        verdict=verdict.name,
        tone=_TONES.get(verdict, ""),
        sentence=content["sentence"],
        sizes=_sizes(content),
        quantities=[_row(title, content[name]) for name, title in titles_in(content).items()],
        comparisons=_comparisons(content, star),
        escape=_escape(content["escape"]),
        star=star,
    )


def certificate_html(found: Findings) -> Markup:
    """The same of a certificate that was not saved, for a notebook."""
    return certificate(to_json(found))


def _star(content: dict[str, Any]) -> str:
    return "W*" if "K" in content else "w*"


def _sizes(content: dict[str, Any]) -> str:
    sizes = f"n = {content['n']:,}, d = {content['d']:,}, m = {content['m']:,}"
    if "K" in content:
        sizes += f", K = {content['K']:,}, rank W = {content['rank']:,}"
    sizes += ", an output bias" if content["bias"] else ""
    sizes += f", weight decay {content['ridge']:g}" if content["ridge"] else ""
    return f"{sizes}, loss {content['loss']}; the data were read {content['passes']} times"


def _row(title: str, number: dict[str, Any]) -> Row:
    return title, str(enclosed(number)), number["guarantee"]


def _comparisons(content: dict[str, Any], star: str) -> list[Comparison]:
    named = islice(symbols(star), len(content["others"]) + 1)
    pairs = zip((star, *named), comparisons(content), strict=False)
    return [_comparison(entry, symbol) for symbol, entry in pairs]


def _comparison(entry: dict[str, Any], star: str) -> Comparison:
    ball = "" if entry["ball"] is None else f", ‖u‖ ≤ {at_least(float(entry['ball']), 3)}"
    rows = [
        _row(f"F_lin({star})", entry["F_lin"]),
        _row(f"F - F_lin({star})", entry["gap"]),
        _row(f"‖∇F_lin({star})‖", entry["gradient"]),
        _row(f"duality gap{ball}", entry["duality_gap"]),
        *(_bound(name, bound) for name, bound in entry["bounds"].items()),
    ]
    return Comparison(star, entry["name"], rows)


def _bound(name: str, bound: dict[str, Any]) -> Row:
    if "why_not" in bound:
        return name, "does not apply", bound["why_not"]
    return _row(f"{name}: gap ≤", bound)


def _escape(entry: dict[str, Any] | None) -> Escape | None:
    if entry is None:
        return None
    rows = [_row("F here", entry["F_before"]), _row("F there", entry["F_after"])]
    return Escape(entry["along"], rows)


# A certificate in the folder of a report.
CERTIFIED = Extra(
    CERTIFICATE,
    lambda content, path: certificate(checked(content, path)),
    "What is proved of a trained network",
)
