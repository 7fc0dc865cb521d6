"""The HTML report: well-formed, complete, harmless whatever a claim is called, and honest."""

from __future__ import annotations

import json
import platform
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from checker.claims.verdict import Verdict
from checker.cli import main
from checker.report.html.changes import differences
from checker.report.html.page import render
from checker.report.html.view import View
from checker.report.provenance import Provenance
from checker.report.run import Run, read_run

# Elements without an end.
VOID = frozenset({"input", "link", "meta", "wbr"})


class Page(HTMLParser):
    """Elements with attributes, their text, and whether tags are nested properly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self._section: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "article":
            self._section.append(str(dict(attrs)["id"]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "article":
            self._section.pop()

    def handle_data(self, data: str) -> None:
        for section in self._section or [""]:
            self.texts.setdefault(section, []).append(data)

    def text(self, section: str) -> str:
        """The text of a section, spaces folded."""
        return " ".join(" ".join(self.texts[section]).split())

    def values(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [str(found[name]) for _, found in self.elements if name in found]


@pytest.fixture(scope="module")
def parsed(page: str) -> Page:
    return Page(page)


def test_every_claim_has_a_section_that_the_table_links_to(parsed: Page, run: Run) -> None:
    anchors = View(run).anchors
    assert set(parsed.texts) >= set(anchors.values())
    assert len(set(anchors.values())) == len(run.claims) == 4
    for anchor in anchors.values():
        assert f"#{anchor}" in parsed.values("href")


def test_ids_are_unique_and_links_lead_somewhere(parsed: Page) -> None:
    ids = Counter(parsed.values("id"))
    assert set(ids.values()) == {1}
    links = {href[1:] for href in parsed.values("href") if href.startswith("#")} - {""}
    assert links <= set(ids)


def test_nothing_is_fetched(page: str, parsed: Page) -> None:
    sources = parsed.values("src") + parsed.values("href")
    assert [s for s in sources if not s.startswith("#")] == ["data:,"]
    assert "@import" not in page
    assert "url(" not in page
    assert "//" not in re.sub(r"^\s*//.*$|<pre[ >].*?</pre>", "", page, flags=re.M | re.S)
    policy = next(found["content"] for tag, found in parsed.elements if "http-equiv" in found)
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_hostile_texts_stay_texts(page: str, parsed: Page) -> None:
    tags = Counter(tag for tag, _ in parsed.elements)
    assert tags["script"] == 1
    assert not {"img", "b", "u"} & set(tags)
    assert "x" not in parsed.values("id")
    assert not [name for _, found in parsed.elements for name in found if name.startswith("on")]
    assert page.count("&lt;script&gt;alert(&#34;1&#34;)") > 2


def test_statements_are_mathml_and_nonsense_is_shown_as_written(parsed: Page) -> None:
    assert [tag for tag, _ in parsed.elements].count("math") >= 3
    assert not [name for _, found in parsed.elements for name in found if "xmlns" in name]


def test_what_did_not_stand_comes_first(run: Run, parsed: Page) -> None:
    order = [found["id"] for tag, found in parsed.elements if tag == "article"]
    anchors = View(run).anchors
    expected = ["paper.two", 'paper."><b id=x>.one', "paper.one_minus", "paper.one/minus"]
    assert order == [anchors[name] for name in expected]


def test_a_refuted_claim_is_explained(run: Run, parsed: Page) -> None:
    entry = next(c for c in run.claims if c["id"] == "paper.two")
    shown = parsed.text(View(run).anchors["paper.two"])
    assert f"REFUTED : {Verdict.REFUTED.value}" in shown
    for _, expression, value in entry["explanation"]["steps"]:
        assert expression in shown
        assert value in shown
    assert "checker replay" in shown
    assert "paper.two.counterexample.json" in shown
    assert " ".join(entry["explanation"]["script"].split()) in shown


def test_a_standing_claim_shows_its_evidence(run: Run, parsed: Page) -> None:
    entry = next(c for c in run.claims if c["verdict"] == "STANDS" and not c["of"])
    shown = parsed.text(View(run).anchors[entry["id"]])
    for expected in (
        f"cases decided {entry['cases']}",
        f"{entry['nontrivial']} (",
        "Tightest case: relative slack 0 (equality proved)",
        f"drawn {entry['strata']['drawn']} {entry['strata_nontrivial']['drawn']}",
        "ball arithmetic",
        "False neighbours: 1 of 1 refuted",
        "says which objects the statement speaks of",
        "not tried",
    ):
        assert expected in shown


def test_a_survivor_is_not_hidden(run: Run, parsed: Page) -> None:
    assert "1 of 2 false neighbours survived" in parsed.text("")
    opened = [found for tag, found in parsed.elements if tag == "details" and "open" in found]
    assert len(opened) == 2  # the table of controls, and the survivor


def test_an_audit_says_what_assumptions_are_for(folder: Path, tmp_path: Path) -> None:
    run = json.loads((folder / "evidence.json").read_text())
    case = next(c for c in run["claims"] if c["id"] == "paper.two")["counterexample"]
    one = 'paper."><b id=x>.one'
    common = {"cases": 12345, "seconds": 0.25, "closest": 0.125, "counterexample": None}
    unknown = {**common, "id": "paper.open", "of": one, "kind": "neighbour", "refuted": False}
    mutant = {**common, "id": "paper.one/minus", "of": one, "why": "w", "refuted": False}
    dropped = {
        **common,
        "claim": one,
        "assumption": "a_not_huge",
        "outside": 678,
        "drawn_outside": 901,
    }
    dropped |= {"need": "NOT_FOUND", "decided": 2345, "drawn_outside": 901}
    audit = {"schema": 1, "neighbours": [unknown, {**mutant, "survived": True}], "ablations": []}
    for killed in (False, True):
        found = {**dropped, "refuted": killed, "counterexample": case if killed else None}
        audit["ablations"] = [found]
        for name, content in (("evidence.json", run), ("audit.json", audit)):
            (tmp_path / name).write_text(json.dumps(content))
        read = read_run(tmp_path)
        shown = Page(render(View(read))).text(View(read).anchors[one])
        expected = "without it, refuted by" if killed else "678 of them outside"
        assert expected in shown
        # The audit's word counts, not that of the run, which killed it.
        assert "False neighbours: 0 of 1 refuted" in shown
        assert "1 more at the end of unknown truth" in shown
        assert "0/1" in Page(render(View(read))).text("")
        assert shown.index("survived") < shown.index("paper. open")
        assert "survived" in shown


@pytest.mark.parametrize(
    ("need", "expected"),
    [
        ("UNDEFINED", "undefined outside it: of 901 cases drawn there none has a value"),
        ("NEVER_DRAWN", "not tested: of 2,345 cases with a known slack none was drawn outside it"),
    ],
)
def test_an_assumption_that_was_not_tested_is_not_called_undefined(
    folder: Path, tmp_path: Path, need: str, expected: str
) -> None:
    one = 'paper."><b id=x>.one'
    dropped = {"claim": one, "assumption": "a_not_huge", "refuted": False, "need": need}
    counts = {"cases": 12345, "decided": 2345, "outside": 0, "drawn_outside": 901}
    ablation = {**dropped, **counts, "seconds": 0.25, "closest": None, "counterexample": None}
    audit = {"schema": 1, "neighbours": [], "ablations": [ablation]}
    (tmp_path / "evidence.json").write_text((folder / "evidence.json").read_text())
    (tmp_path / "audit.json").write_text(json.dumps(audit))
    read = read_run(tmp_path)
    assert expected in Page(render(View(read))).text(View(read).anchors[one])


def _many(run: Run, number: int = 5) -> list[dict[str, Any]]:
    stands = next(c for c in run.claims if c["verdict"] == "STANDS" and not c["of"])
    return [*run.claims, *({**stands, "id": f"other.n{i}"} for i in range(number))]


def test_a_long_page_shows_what_fell_and_folds_the_rest_by_paper(run: Run) -> None:
    page = Page(render(View(replace(run, claims=_many(run)))))
    folded = [x["id"] for tag, x in page.elements if x.get("class") == "folded"]
    assert set(Counter(page.values("id")).values()) == {1}
    assert len(folded) == 6
    assert View(run).anchors["paper.two"] not in folded
    papers = [tag for tag, x in page.elements if x.get("class") == "paper"]
    assert papers.count("details") == 4  # two papers, the table of controls, the notation
    for anchor in ("paper-1", "paper-2", "controls", "notation", "provenance"):
        assert f"#{anchor}" in page.values("href")
        assert anchor in page.values("id")
    assert "nav" not in [tag for tag, _ in Page(render(View(run))).elements]


def test_the_page_says_how_the_run_was_made(run: Run) -> None:
    how = Provenance(["verify", "my claims.py"], 1000, 2.5, 3, began=0.0).to_json()
    shown = Page(render(View(replace(run, provenance=how)))).text("")
    for expected in (
        "checker verify 'my claims.py'",
        "1970-01-01T00:00:00+00:00",
        "1,000 cases for each claim, 2.5 s at most",
        f"platform {platform.platform()}",
        "seed 0",
    ):
        assert expected in shown
    assert "How it was made" in Page(render(View(run))).text("")


def test_evidence_says_how_it_was_made(tmp_path: Path) -> None:
    source = "from checker import claim, numbers\n@claim\ndef c(x: numbers()):\n return x**2 >= 0\n"
    file = tmp_path / "how_it_was_made.py"
    file.write_text(source)
    assert main(["verify", str(file), "--cases", "300", "--jobs", "1", "--out", str(tmp_path)]) == 0
    how = read_run(tmp_path).provenance
    assert how["command"].startswith("checker verify ")
    assert (how["cases"], how["seconds"], how["jobs"]) == (300, None, 1)
    assert how["took"] > 0


def test_letters_of_a_paper_are_explained_beside_its_claims(run: Run) -> None:
    def lettered(entry: dict[str, Any]) -> dict[str, Any]:
        about, letters = entry["about"], {"F_x": "a letter <img src=x>"}
        return {**entry, "about": {**about, "source": {**about["source"], "notation": letters}}}

    claims = [lettered(c) if c["about"]["source"] else c for c in run.claims]
    html = render(View(replace(run, claims=claims)))
    shown = Page(html).text(View(run).anchors['paper."><b id=x>.one'])
    assert "a letter <img src=x>" in shown
    assert "<img" not in html
    many = Page(render(View(replace(run, claims=_many(replace(run, claims=claims))))))
    assert [x.get("class") for _, x in many.elements].count("letters") == 2  # one for each paper


def test_an_earlier_run_is_compared(
    run: Run, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = json.loads((folder / "evidence.json").read_text())
    two = next(c for c in old["claims"] if c["id"] == "paper.two")
    two |= {"verdict": "STANDS", "counterexample": None, "explanation": None}
    one = next(c for c in old["claims"] if c["id"] == 'paper."><b id=x>.one')
    one["tightest"] = {**one["tightest"], "decision": "HOLDS", "relative_slack": 0.25}
    gone = {**old["claims"][-1], "id": "paper.gone"}
    old["claims"] = [*(c for c in old["claims"] if c["id"] != "paper.one_minus"), gone]
    before = tmp_path / "before"
    before.mkdir()
    (before / "evidence.json").write_text(json.dumps(old))
    out = tmp_path / "page.html"
    assert main(["report", str(folder), "--out", str(out), "--before", str(before)]) == 0
    rows = list(differences(old["claims"], run.claims))
    assert rows[0] == ("paper.two", "verdict", "STANDS", "REFUTED")
    assert (one["id"], "tightest relative slack", "2.5e-01", "0 (equality proved)") in rows
    shown = Page(out.read_text()).text("")
    assert f"Compared with {before / 'evidence.json'}: 3 changes; 1 claim as before." in shown
    assert "1 claim only in this run paper. one_ minus" in shown
    assert "1 claim only in the earlier run paper. gone" in shown
    assert main(["report", str(folder), "--before", str(tmp_path / "no")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_an_audit_alone_has_a_page(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = json.loads((folder / "evidence.json").read_text())
    case = next(c for c in run["claims"] if c["id"] == "paper.two")["counterexample"]
    common = {"cases": 9, "seconds": 0.5, "closest": None, "refuted": True, "counterexample": case}
    mutant = {**common, "id": "paper.one/minus", "of": "paper.one", "why": "<img src=x>"}
    dropped = {**common, "claim": "paper.one", "assumption": "a_not_huge", "need": "NEEDED"}
    dropped |= {"decided": 9, "outside": 9, "drawn_outside": 9}
    audit = {"schema": 1, "seed": 7, "neighbours": [mutant], "ablations": [dropped]}
    constant = {"printed": 2.0, "best": 1.5, "fails_at": "5/4", "cases": 3, "witness": None}
    sharp = {"schema": 1, "claim": "paper.sharp", "constants": {"c": constant}}
    (tmp_path / "audit.json").write_text(json.dumps(audit))
    (tmp_path / "sharpen.json").write_text(json.dumps(sharp))
    assert main(["report", str(tmp_path)]) == 0
    page = (tmp_path / "report.html").read_text()
    assert "<h1>Audit: 1 of 1 false neighbour refuted</h1>" in page
    assert "<img" not in page
    read = Page(page)
    shown = " ".join(map(read.text, read.texts))
    for expected in ("a not huge", "needed: without it, refuted by", "paper. sharp", "seed 7"):
        assert expected in shown
    (tmp_path / "audit.json").unlink()
    assert main(["report", str(tmp_path)]) == 0
    assert "<h1>Sharpest constants</h1>" in (tmp_path / "report.html").read_text()
    (tmp_path / "sharpen.json").unlink()
    assert main(["report", str(tmp_path)]) == 2
    assert "holds no evidence.json and no audit.json" in capsys.readouterr().err


def test_sharpest_constants_are_shown(run: Run) -> None:
    entry = {**run.claims[0], "about": {**run.claims[0]["about"], "constants": {"a": "2"}}}
    best = {"a": {"best": 1.9375, "fails_at": None, "cases": 77, "witness": None}}
    altered = Run([entry], run.evidence, sharpened={entry["id"]: best})
    shown = Page(render(View(altered))).text(View(altered).anchors[entry["id"]])
    assert "Sharpest constants" in shown
    assert "a 2 1.9375 - no failure found in 77 candidates" in shown


def test_evidence_without_words_still_makes_a_report(run: Run) -> None:
    bare = [{k: v for k, v in c.items() if k not in ("about", "explanation")} for c in run.claims]
    parsed = Page(render(View(Run(bare, run.evidence))))
    assert "left-hand side" in parsed.text("claim-paper.two")


# -- bad input --------------------------------------------------------------------------------


def changed(**changes: Any) -> Callable[[dict[str, Any]], str]:
    def change(run: dict[str, Any]) -> str:
        return json.dumps({**run, **changes})

    return change


def in_claim(**changes: Any) -> Callable[[dict[str, Any]], str]:
    def change(run: dict[str, Any]) -> str:
        return json.dumps({**run, "claims": [{**run["claims"][1], **changes}]})

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: "{", "is not valid JSON"),
        (lambda _: "NaN", "is not valid JSON"),
        (lambda _: "[" * 100_000, "is not valid JSON"),
        (lambda _: "[]", "no JSON object with a schema"),
        (lambda _: '{"packages": []}', "no JSON object with a schema"),
        (changed(schema=2), "has schema 2"),
        (changed(claims={}), "Expected `array`, got `object` - at `$.claims`"),
        (changed(claims=[7]), "Expected `object`, got `int` - at `$.claims[0]`"),
        (changed(seed="x"), "Expected `int | null`, got `str` - at `$.seed`"),
        (changed(files=3), "Expected `array`, got `int` - at `$.files`"),
        (in_claim(id=3), "Expected `str`, got `int` - at `$.claims[0].id`"),
        (in_claim(verdict="PROVED"), "unknown verdict 'PROVED'"),
        (in_claim(cases=True), "Expected `int`, got `bool` - at `$.claims[0].cases`"),
        (in_claim(cases=10**101), "an integer beyond all numbers"),
        (in_claim(strata={"x": "y"}), "Expected `int`, got `str` - at `$.claims[0].strata[...]`"),
        (in_claim(strata={"x": -1}), "Expected `int` >= 0 - at `$.claims[0].strata[...]`"),
        (in_claim(counterexample={}), "field `decision` - at `$.claims[0].counterexample`"),
        (in_claim(about=[]), "at `$.claims[0].about`"),
        (in_claim(explanation={"steps": [1]}), "at `$.claims[0].explanation.steps[0]`"),
    ],
)
def test_foreign_evidence_is_refused(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], str],
    message: str,
) -> None:
    run = json.loads((folder / "evidence.json").read_text())
    (tmp_path / "evidence.json").write_text(change(run))
    assert_refused(capsys, message, tmp_path)
    assert not (tmp_path / "report.html").exists()


def assert_refused(capsys: pytest.CaptureFixture[str], message: str, *arguments: object) -> None:
    assert main(["report", *map(str, arguments)]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_texts_that_no_file_can_hold_and_endless_nesting(folder: Path, tmp_path: Path) -> None:
    run = json.loads((folder / "evidence.json").read_text())
    entry = run["claims"][0]
    deep: Any = []
    for _ in range(600):
        deep = [deep]
    entry["about"]["title"] = "\ud800"
    entry["tightest"]["instance"] = {"class": "a:B", "fields": {"x": deep}}
    (tmp_path / "evidence.json").write_text(json.dumps(run))
    assert main(["report", str(tmp_path)]) == 0
    assert "nested too deeply" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_missing_folders_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert_refused(capsys, "there is no folder", tmp_path / "nowhere")
    assert_refused(capsys, "holds no evidence.json", tmp_path)


def test_other_foreign_files(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("audit.json", "sharpen.json"):
        shutil.copytree(folder, tmp_path / name)
        (tmp_path / name / name).write_text('{"schema": 1}')
        assert_refused(capsys, f"{name} is not what", tmp_path / name)


def test_an_output_that_cannot_be_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_refused(capsys, "cannot write", folder, "--out", tmp_path / "none" / "x.html")
    assert_refused(capsys, "it is a folder", folder, "--out", tmp_path)


def test_the_report_is_written_and_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "page.html"
    assert main(["report", str(folder), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"report: {out}\n"
    assert out.read_text().startswith("<!doctype html>")
