"""Templates: nothing is missing, every text is escaped, whatever a template forgets."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from jinja2 import DictLoader, UndefinedError, meta
from markupsafe import Markup

from checker.report.html import rendering
from checker.report.html.rendering import breakable, environment, prose

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path.relative_to(ROOT / "checker").as_posix()
    for path in (ROOT / "checker").rglob("*.html.jinja")
)
HIDDEN = "\x1b[2J\u202eevil\ud800"
SHOWN = "\\x1b[2J\\u202eevil\\ud800"


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch):
    """Text of a template, value -> what is rendered."""

    def render(text: str, value: object) -> Markup:
        own = environment().overlay(loader=DictLoader({"t": text}))
        monkeypatch.setattr(rendering, "environment", lambda: own)
        return rendering.rendered("t", value=value)

    return render


def test_every_template_is_used_and_finds_what_it_imports() -> None:
    known = environment()
    used = set()
    for name in TEMPLATES:
        text = (ROOT / "checker" / name).read_text(encoding="utf-8")
        known.get_template(name)
        used |= set(meta.find_referenced_templates(known.parse(text)))
    assert used <= set(TEMPLATES)
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "checker").rglob("*.py"))
    entered = {name for name in TEMPLATES if Path(name).name in code}
    assert entered | used == set(TEMPLATES)


def test_every_import_of_a_template_is_used() -> None:
    for name in TEMPLATES:
        text = (ROOT / "checker" / name).read_text(encoding="utf-8")
        for names in re.findall(r"{% from \S+\s+import (.*?) %}", text, re.S):
            for imported in (part.split(" as ") for part in names.split(",")):
                word = imported[-1].strip()
                found = re.findall(rf"{{[{{%][^%}}]*\b{word}\b *\(", text)
                assert found, f"{name} imports {word}"


def test_templates_are_in_the_package() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        patterns = tomllib.load(file)["tool"]["setuptools"]["package-data"]["checker"]
    packed = {path for pattern in patterns for path in (ROOT / "checker").glob(pattern)}
    assert {ROOT / "checker" / name for name in TEMPLATES} <= packed


def test_only_what_the_package_has_made_is_taken_as_html() -> None:
    safe: set[str] = set()
    for name in TEMPLATES:
        text = (ROOT / "checker" / name).read_text(encoding="utf-8")
        safe |= set(re.findall(r"(\S+) \| safe }}", text))
        assert "autoescape" not in text
        assert text.count("safe") == len(re.findall(r"\S+ \| safe }}", text))
    assert safe == {"style", "script", "picture.svg"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ value }}", "&lt;b&gt;&#39;" + SHOWN),
        ('<p title="{{ value }}"></p>', f'<p title="&lt;b&gt;&#39;{SHOWN}"></p>'),
        ("<p{{ {'title': value} | xmlattr }}></p>", f'<p title="&lt;b&gt;&#39;{SHOWN}"></p>'),
        ("{{ value ~ ('<i>' | safe) }}", f"&lt;b&gt;&#39;{SHOWN}<i>"),
        ("{{ value | breakable }}", "&lt;b&gt;&#39;" + SHOWN),
        ("{{ value | prose }}", "&lt;b&gt;&#39;" + SHOWN),
        ("{{ value | safe }}", "<b>'" + SHOWN),
    ],
)
def test_data_stay_data(rendered, text: str, expected: str) -> None:
    assert rendered(text, "<b>'" + HIDDEN) == expected


def test_html_stays_html(rendered) -> None:
    assert rendered("{{ value }}", Markup("<b>")) == "<b>"
    assert isinstance(rendered("{{ value }}", ""), Markup)


def test_a_name_that_is_not_known_is_an_error(rendered) -> None:
    with pytest.raises(UndefinedError):
        rendered("{{ valve }}", 1)
    with pytest.raises(UndefinedError):
        rendered("{{ value.missing }}", 1)


def test_words_of_docstrings() -> None:
    assert prose("a <b>\n `c_d` **e**") == "a &lt;b&gt; <code>c_d</code> <strong>e</strong>"
    assert breakable("a.b_<c") == "a.<wbr>b_&lt;c"
    assert breakable("a.b_c") == "a.<wbr>b_<wbr>c"
