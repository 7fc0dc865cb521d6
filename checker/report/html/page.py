"""The whole report: one HTML file that fetches nothing."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from checker.claims.text import INTERRUPTED
from checker.report.html.audited import audited
from checker.report.html.changes import changes
from checker.report.html.overview import (
    claims_table,
    contents,
    controls_line,
    controls_table,
    headline,
    legend,
    provenance,
)
from checker.report.html.rendering import OWN, rendered
from checker.report.html.sections import control_section, folded_papers, open_sections
from checker.report.html.view import View


def render(view: View) -> str:
    """The report as HTML text."""
    return str(
        rendered(
            f"{OWN}/page.html.jinja",
            policy=_policy(),
            script=_file("page.js"),
            style=_file("style.css"),
            headline=headline(view),
            lead=controls_line(view) if view.controls else "",
            notice=INTERRUPTED if view.run.interrupted else "",
            contents=contents(view),
            groups=claims_table(view),
            legend=legend(view),
            changes=changes(view),
            extras=view.run.sections,
            claims=open_sections(view),
            papers=folded_papers(view),
            audited=audited(view),
            controls=controls_table(view),
            control_sections=[control_section(view, entry) for entry in view.controls],
            has_claims=bool(view.run.claims),
            provenance=provenance(view),
        )
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


@cache
def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
