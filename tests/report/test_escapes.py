"""Data stay data: in the terminal, in HTML and MathML, in Markdown, in shells, in scripts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import make_dataclass
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from checker.claims.claim import Claim, Paper, claim
from checker.claims.verdict import Evidence, Tally, Verdict, Witness
from checker.cli import main
from checker.explain.counterexample import markdown
from checker.explain.script import script
from checker.explain.script_text import VIOLATED
from checker.gate.changes import Change, Reason
from checker.gate.state import State
from checker.gate.table import markdown as gate_markdown
from checker.instances import escapes
from checker.report.html.page import render
from checker.report.html.rendering import statement
from checker.report.html.view import View
from checker.report.run import Run
from checker.report.terminal.console import LiteralConsole, make_console

CONTROLS = "\x1b[2J\x1b]0;title\x07\x9b31m\x00\x7f\r\u202eevil\u2066\u200b\ufeff\x85\u2028"
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff]")

ATTACK = (
    f"{CONTROLS}\n# heading\n```\n<script>alert(1)</script>\n![x](http://e/x.png) [l](javascript:1)"
    "\n---\n`|` **b** $x$ $$y$$ ``` ~~~"
)


# -- terminal ---------------------------------------------------------------------------------


def test_what_acts_on_a_terminal_is_shown() -> None:
    assert escapes.visible("a\x1b[0m\u202e\n\tb") == "a\\x1b[0m\\u202e\n\tb"
    assert escapes.visible("‖x‖² ≥ √λ·ᵀ é 漢 \u2061") == "‖x‖² ≥ √λ·ᵀ é 漢 \u2061"


@given(st.text())
def test_nothing_hidden_is_left(text: str) -> None:
    shown = escapes.visible(text)
    assert not ACTS.search(shown)
    assert escapes.visible(shown) == shown
    shown.encode("utf-8")


def test_every_text_of_a_console_passes_through() -> None:
    stream = StringIO()
    console = make_console(stream)
    table = Table(title=CONTROLS)
    table.add_column(CONTROLS)
    table.add_row(Text(CONTROLS, "bold red"))
    for shown in (table, Text(CONTROLS), CONTROLS):
        console.print(shown)
        console.print(shown, soft_wrap=True)
    assert not ACTS.search(stream.getvalue())
    assert "\\x1b[2J" in stream.getvalue()
    assert "\\u202eevil" in stream.getvalue()


def test_colours_of_our_own_stay() -> None:
    stream = StringIO()
    coloured = LiteralConsole(file=stream, force_terminal=True, color_system="standard")
    coloured.print(Text("x", "bold red"))
    assert "\x1b[1;31mx\x1b[0m" in stream.getvalue()


# -- HTML and MathML --------------------------------------------------------------------------

LATEX = (
    r"\href{javascript:document.body.innerHTML='PWNED'}{x}",
    r"\href{https://example.org}{x}",
    r"\style{position:fixed;top:0;left:0;width:100%;height:100%}{x}",
    r"\class{verdict}{x} \id{claim-a}{y}",
    r"\color{red} x",
    r"\text{</math><script>alert(1)</script>}",
    r"\mathrm{\href{javascript:alert(1)}{\|u\|}} \ge \frac{1}{2}",
)


class Attributes(HTMLParser):
    """Names of all elements and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.names: Counter[str] = Counter()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.names.update(name for name, _ in attrs)


@pytest.mark.parametrize("latex", LATEX)
def test_a_statement_draws_a_formula_and_does_nothing_else(latex: str) -> None:
    html = statement(latex)
    inside = Attributes(re.sub(r'^<div class="statement">|class="scroll"', "", html))
    assert not {"href", "style", "class", "id", "onclick", "src"} & set(inside.names)
    assert not {"script", "a", "style"} & set(inside.tags)


def test_ordinary_statements_keep_their_look() -> None:
    html = statement(r"\left\|\begin{pmatrix} a & b \end{pmatrix}\right\| \ge \bigl( \frac{1}{2}")
    assert "<mtable" in html
    for attribute in ('stretchy="true"', 'fence="true"', 'minsize="1.2em"', 'display="block"'):
        assert attribute in html


def test_the_policy_allows_what_the_page_has_and_nothing_else(run: Run) -> None:
    page = render(View(run))
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)[0]
    assert "unsafe" not in policy
    assert policy.count("sha256-") == 2
    assert not re.search(r"<[^>]*\sstyle=", page)


def test_hidden_marks_of_evidence_are_shown_on_the_page(run: Run) -> None:
    entry = {**run.claims[0], "about": {**run.claims[0]["about"], "title": CONTROLS}}
    page = render(View(Run([entry], run.evidence)))
    assert not ACTS.search(page)
    assert "\\u202eevil" in page


# -- Markdown ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a*b_c`d`|e<f>[g](h)", r"a\*b\_c\`d\`\|e\<f\>\[g\](h)"),
        ("# no heading\n\n- no list", r"\# no heading - no list"),
        ("1. first", r"1\. first"),
        ("$x$ & ~~y~~", r"\$x\$ \& \~\~y\~\~"),
        ("a\x1bb", r"a\\x1bb"),
    ],
)
def test_running_text(text: str, expected: str) -> None:
    assert escapes.markdown(text) == expected


def test_prose_keeps_code_and_strong() -> None:
    assert escapes.markdown_prose("a `x|y` **b_c** <d>") == r"a `x|y` **b\_c** \<d\>"


@pytest.mark.parametrize("text", ["a`b", "``", "`", " ` ", "a```b``c"])
def test_a_code_span_ends_where_it_should(text: str) -> None:
    span = escapes.code(text)
    fence = re.match("`+", span)
    assert fence is not None
    inside = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inside)
    assert inside.strip(" ") == text.strip(" ")


def test_a_block_ends_where_it_should() -> None:
    block = escapes.block("x\n```\n````\ny", "sh")
    assert block.splitlines()[0] == "`````sh"
    assert block.splitlines()[-1] == "`````"


Hostile = make_dataclass("Hostile", [("x", Any), ("name", str, ATTACK)], eq=False, frozen=True)


def worded(found: Claim, words: dict[str, Any]) -> Claim:
    """The claim with words that `claim` refuses, such as an id that does not print."""
    for name, value in words.items():
        object.__setattr__(found, name, value)
    return found


def refuted(**words: Any) -> Evidence:
    words = {"id": f"a{ATTACK}", "title": ATTACK, "statement": ATTACK, "why": ATTACK, **words}

    @claim(
        given=st.just(Hostile(np.ones(1))),
        source=Paper("p", ATTACK, ATTACK, "2018").theorem(1),
        wording="printed",
    )
    def false(at: Any) -> Any:
        return at.x[0] >= at.x[0] + 1

    worded(false, words)

    from checker.arithmetic.decide import decide_case

    at = Hostile(np.array([2.0]))
    witness = Witness(at, decide_case(false, at, false.weight), ATTACK, ATTACK)
    return Evidence(false, Verdict.REFUTED, ATTACK, Tally(cases=7), 0.1, counterexample=witness)


def outside_of_code(document: str) -> str:
    """A Markdown document without its blocks of code and its code spans."""
    kept, fence = [], ""
    for line in document.splitlines():
        found = re.match("`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif found:
            fence = found[0]
        else:
            kept.append(re.sub(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", line))
    assert not fence
    return "\n".join(kept)


def test_a_hostile_claim_adds_nothing_to_its_document() -> None:
    document = markdown(refuted(), escapes.shell(["checker", "replay", f"a\n{ATTACK}.json"]))
    assert not ACTS.search(document)
    text = outside_of_code(document)
    first, *headings = [x for x in text.splitlines() if x.startswith("#")]
    parts = ("Counterexample", "Step by step", "How it is known", "Check it yourself")
    assert first == text.splitlines()[0]
    assert headings == [f"## {x}" for x in parts]
    assert not re.search(r"(?<!\\)<script|(?<!\\)!?\[(?!x\]\\)|(?<!\\)\$", text.replace(r"!\[", ""))


def test_a_hostile_change_adds_nothing_to_the_table_of_the_gate() -> None:
    change = Change(Reason.VERDICT, ATTACK, ATTACK, ATTACK)
    table = gate_markdown([change], State(), f"gate: {ATTACK}")
    assert not ACTS.search(table)
    rows = [line for line in table.splitlines() if line.startswith("| FAILED")]
    assert len(rows) == 1
    assert len(re.split(r"(?<!\\)\|", rows[0])) == 7
    assert "<script" not in table.replace(r"\<", "")


# -- shells -----------------------------------------------------------------------------------


@given(st.binary(min_size=1).filter(lambda b: 0 not in b))
def test_a_shell_reads_the_words_that_were_meant(data: bytes) -> None:
    word = os.fsdecode(data)
    line = escapes.shell(["printf", "%s", word])
    assert not ACTS.search(line)
    assert "\n" not in line
    shown = subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout
    assert shown == data


# -- scripts ----------------------------------------------------------------------------------

FIELDS = (
    *("_", "__", "___x", "lambda_", "len", "round", "print", "sys", "Q", "D", "lhs"),
    *("rhs", "margin", "violated", "VIOLATED", "x", "sqrt", "root", "max", "float", "t_1", "np"),
    *("é", "match", "type", "ArithmeticError", "matrix", "size", "cls_"),
)


def of_fields(names: tuple[str, ...], formula: Any, **words: Any) -> tuple[Claim, Any]:
    kind = make_dataclass("Case", [(n, Any) for n in names], eq=False, frozen=True)
    at = kind(*(np.array([float(i + 1)]) for i in range(len(names))))
    words = {"id": "test.fields", **words}
    return worded(claim(given=st.just(at))(formula), words), at


def finished(text: str | None, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    assert text is not None
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", str(tmp_path / "script.py")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("root", [False, True])
def test_fields_may_have_any_name(tmp_path: Path, root: bool) -> None:
    from checker.arithmetic.functions import exp, norm

    def formula(at: Any) -> Any:
        values = [getattr(at, name) for name in FIELDS]
        total = sum((norm(x) for x in values[1:]), start=norm(values[0]))
        return total >= total + (exp(values[0][0]) if root else 1)

    done = finished(script(*of_fields(FIELDS, formula)), tmp_path)
    assert done.stderr == ""
    assert done.returncode == VIOLATED


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_may_have_this_name(tmp_path: Path, name: str) -> None:
    done = finished(script(*of_fields((name,), lambda at: 0 >= getattr(at, name)[0])), tmp_path)
    assert (done.stderr, done.returncode) == ("", VIOLATED)


@pytest.mark.parametrize(
    "words",
    [
        {"title": ATTACK, "statement": ATTACK, "why": ATTACK, "id": f"a{ATTACK}"},
        {"title": "x coding: utf-7", "statement": "+AAo-import os; os._exit(0)"},
        {"title": "a\0b", "id": "encoding: none"},
        {"id": "coding=latin-9", "title": "\ud800"},
    ],
)
def test_words_of_a_claim_stay_comments(tmp_path: Path, words: dict[str, str]) -> None:
    done = finished(script(*of_fields(("x",), lambda at: 0 >= at.x[0], **words)), tmp_path)
    assert (done.stderr, done.returncode) == ("", VIOLATED)


def test_a_broken_script_is_told_from_a_violation(tmp_path: Path) -> None:
    text = script(*of_fields(("x",), lambda at: 0 >= at.x[0]))
    assert text is not None
    # What Python and shells use for failures of their own.
    assert 2 < VIOLATED < 126
    assert f"exit status {VIOLATED}: violated, 0: not, 1: this script is broken" in text
    for spoilt in (text + "\n  indented", text.replace("lhs =", "lhs = nothing +", 1)):
        assert finished(spoilt, tmp_path).returncode == 1


# -- nothing is run ---------------------------------------------------------------------------


@pytest.fixture
def received(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from somebody else: its evidence names files that would betray themselves."""
    monkeypatch.chdir(tmp_path)
    received = tmp_path / "received"
    received.mkdir()
    traps = [received / "notes.py", tmp_path / "mine.py"]
    for trap in traps:
        trap.write_text("open('PWNED', 'w').close()\nraise SystemExit(7)\n")
    run = json.loads((folder / "evidence.json").read_text())
    commands = ["; touch PWNED", "$(touch PWNED)"]
    run["files"] = ["received/notes.py", "mine.py", str(traps[0]), *commands]
    for entry in run["claims"]:
        entry["about"]["statement"] = LATEX[0]
        for name in ("tightest", "counterexample"):
            if entry[name] is not None:
                entry[name]["instance"]["class"] = "received.notes:Pair"
    (received / "evidence.json").write_text(json.dumps(run))
    return received


def test_a_report_runs_nothing_that_the_evidence_names(received: Path) -> None:
    modules = set(sys.modules)
    assert main(["report", str(received)]) == 0
    assert not Path("PWNED").exists()
    assert not {m for m in set(sys.modules) - modules if "notes" in m or "mine" in m}
    page = (received / "report.html").read_text()
    assert "'; touch PWNED' '$(touch PWNED)'" in page.replace("&#39;", "'")
    assert 'href="javascript' not in page


def test_a_replay_runs_nothing_that_the_evidence_names(
    received: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(received / "evidence.json")]) == 2
    assert not Path("PWNED").exists()
    assert "Traceback" not in capsys.readouterr().err


def test_a_report_runs_what_the_command_line_names(
    received: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(received), "mine.py"]) == 2
    assert Path("PWNED").exists()
    assert "mine.py, line 2: SystemExit: 7" in capsys.readouterr().err
