"""The report in a real browser: no error on the console, sorting by click and keyboard, links that
unfold, nothing wider than a phone.

A driver script goes into a copy of the page; the browser prints the document when it is done.
"""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from checker.report.html.page import render
from checker.report.html.view import View
from checker.report.run import Run

_LISTEN = """
window.problems = [];
addEventListener("error", (e) => problems.push(String(e.message)));
addEventListener("securitypolicyviolation", (e) => problems.push(`blocked ${e.blockedURI}`));
for (const kind of ["error", "warn"]) console[kind] = (...x) => problems.push(x.join(" "));
"""

_DRIVE = """
const table = document.querySelector("table.claims");
const button = (key) => table.querySelector(`th[data-key=${key}] button`);
const column = (key) => [...table.tHead.rows[0].cells].findIndex((h) => h.dataset.key === key);
const rows = () => [...table.querySelectorAll("tbody tr:not(.group)")];
const order = (key) => rows().map((row) => row.cells[column(key)].dataset.v);
const headings = () => [...table.querySelectorAll(".group")].filter((g) => g.checkVisibility());
const seen = () => rows().filter((row) => row.checkVisibility()).length;
const result = { problems };
result.before = order("claim");
button("claim").click();
result.up = order("claim");
button("claim").click();
result.down = order("claim");
result.sorted = button("claim").parentElement.getAttribute("aria-sort");
result.hash = location.hash;
result.headingsSorted = headings().length;
button("claim").click();
result.again = order("claim");
result.headings = headings().map((group) => group.cells[0].textContent.split(" ")[0]);
result.hashAgain = location.hash;
button("cases").click();
result.numbers = order("cases");
button("tightest").click();
button("tightest").click();
result.slacks = order("tightest");
button("verdict").focus();
result.focused = document.activeElement === button("verdict");
const { find, verdict, unfold, shown } = document.querySelector("form.tools").elements;
const type = (field, text) => { field.value = text; field.dispatchEvent(new Event("input")); };
result.all = seen();
type(find, "MORE n");
result.found = [seen(), shown.value];
result.address = location.hash;
result.foundInFull = [...document.querySelectorAll("article.folded:not(.out)")].length;
type(find, "no such claim");
result.none = [seen(), shown.value];
type(find, "");
type(verdict, "REFUTED");
result.refuted = seen();
type(verdict, "");
unfold.click();
const folds = () => document.querySelectorAll(".folded > details[open]").length;
result.unfoldedAll = [folds(), unfold.textContent];
unfold.click();
result.foldedAll = folds();
result.folded = document.querySelector(".control > details:not([open])") !== null;
const target = document.querySelector(".control > details:not([open])")?.parentElement;
addEventListener("hashchange", () => setTimeout(() => {
  result.unfolded = target.querySelector("details").open;
  result.width = innerWidth;
  result.needed = document.documentElement.scrollWidth;
  dispatchEvent(new Event("beforeprint"));
  result.unprinted = document.querySelectorAll("details.inprint:not([open])").length;
  const shown = document.createElement("pre");
  shown.id = "result";
  shown.textContent = JSON.stringify(result);
  document.body.append(shown);
}));
location.hash = target.id;
"""


def opened(browser: str, page: Path, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    common = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run")
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [browser, *common, profile, *flags, "--dump-dom", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def allowing(script: str, html: str) -> str:
    """The page with a policy that allows one more script."""
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return html.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)


def more_claims(run: Run) -> list[dict[str, Any]]:
    """Counts that are not in order as texts, a slack that is not known, and a wide statement."""
    base = next(c for c in run.claims if c["verdict"] == "STANDS" and not c["of"])
    wide = {**base["about"], "statement": " + ".join(f"x_{{{i}}}" for i in range(99))}
    made = [{**base, "id": f"more.n{n}", "cases": n, "about": wide} for n in (1000, 90, 300)]
    return [*made, {**base, "id": "more.unknown", "tightest": None}]


@pytest.fixture(scope="module")
def driven(browser: str, run: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the driver saw, on a window as narrow as a phone."""
    folder = tmp_path_factory.mktemp("browser")
    html = allowing(_LISTEN, render(View(replace(run, claims=[*run.claims, *more_claims(run)]))))
    html = allowing(_DRIVE, html).replace("<head>", f"<head><script>{_LISTEN}</script>", 1)
    page = folder / "page.html"
    page.write_text(html.replace("</body>", f"<script>{_DRIVE}</script></body>", 1))
    done = opened(browser, page, folder, "--window-size=375,800", "--virtual-time-budget=5000")
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stderr[-2000:]
    seen: dict[str, Any] = json.loads(unescape(found[1]))
    return seen


_CLICK = """
const ran = [];
addEventListener("securitypolicyviolation", (e) => ran.push(`blocked ${e.violatedDirective}`));
const inline = document.createElement("script");
inline.textContent = "window.PWNED = 1";
document.body.append(inline);
const styled = document.querySelector("h1");
styled.setAttribute("style", "position:fixed");
for (const element of document.querySelectorAll("math *")) {
  element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
}
setTimeout(() => {
  const position = getComputedStyle(styled).position;
  const shown = document.createElement("pre");
  shown.id = "result";
  shown.textContent = JSON.stringify({ ran, pwned: window.PWNED ?? 0, position });
  document.body.append(shown);
}, 200);
"""


def test_what_is_not_the_pages_own_does_nothing(browser: str, run: Run, tmp_path: Path) -> None:
    """A script and a style that got into the page, and a statement that links to a script."""
    latex = r"\href{javascript:window.PWNED=1}{x} \style{position:fixed}{y}"
    claims = [{**c, "about": {**c["about"], "statement": latex}} for c in run.claims]
    html = allowing(_CLICK, render(View(replace(run, claims=claims))))
    page = tmp_path / "page.html"
    page.write_text(html.replace("</body>", f"<script>{_CLICK}</script></body>", 1))
    done = opened(browser, page, tmp_path, "--virtual-time-budget=3000")
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stderr[-2000:]
    seen = json.loads(unescape(found[1]))
    assert (seen["pwned"], seen["position"]) == (0, "static")
    assert {"blocked script-src-elem", "blocked style-src-attr"} <= set(seen["ran"])


def test_nothing_goes_wrong(driven: dict[str, Any]) -> None:
    assert driven["problems"] == []


def test_the_console_is_silent(browser: str, page: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page)
    done = opened(browser, file, tmp_path, "--enable-logging=stderr")
    assert "<h1>" in done.stdout
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []


def test_a_click_sorts_and_a_second_one_turns_the_order(driven: dict[str, Any]) -> None:
    assert driven["up"] == sorted(driven["before"], key=str.lower)
    assert driven["down"] == driven["up"][::-1]
    assert driven["up"] != driven["down"]
    assert driven["sorted"] == "descending"
    assert driven["hash"] == "#sort=-claim"


def test_numbers_are_sorted_as_numbers(driven: dict[str, Any]) -> None:
    numbers = [float(x) for x in driven["numbers"]]
    assert numbers == sorted(numbers)
    assert {90, 300, 1000} < set(numbers)


def test_what_is_not_known_comes_last_in_any_order(driven: dict[str, Any]) -> None:
    *known, unknown = driven["slacks"]
    assert unknown == ""
    assert [float(x) for x in known] == sorted(map(float, known), reverse=True)


def test_a_third_click_brings_the_papers_back(driven: dict[str, Any]) -> None:
    assert driven["headingsSorted"] == 0
    assert driven["headings"] == ["paper", "more"]
    assert driven["again"] == driven["before"]
    assert "sort" not in driven["hashAgain"]


def test_claims_are_found_and_the_address_remembers_it(driven: dict[str, Any]) -> None:
    assert driven["all"] == 6
    assert driven["found"] == [4, "4 of 6"]
    assert driven["foundInFull"] == 4
    assert "find=MORE+n" in driven["address"]
    assert driven["none"] == [0, "no claim"]
    assert driven["refuted"] == 1


def test_everything_unfolds_and_folds(driven: dict[str, Any]) -> None:
    assert driven["unfoldedAll"] == [5, "Fold all"]
    assert driven["foldedAll"] == 0


def test_heads_can_be_reached_by_keyboard(driven: dict[str, Any]) -> None:
    assert driven["focused"]


def test_links_and_print_unfold(driven: dict[str, Any]) -> None:
    assert driven["folded"]
    assert driven["unfolded"]
    assert driven["unprinted"] == 0


def test_no_page_is_wider_than_its_window(driven: dict[str, Any]) -> None:
    assert driven["width"] <= 500
    assert driven["needed"] <= driven["width"]
