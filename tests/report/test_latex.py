"""The LaTeX of a run: numbers without rounding, text that does nothing, sentences that are true."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.cli import main
from checker.report.html.page import render
from checker.report.html.view import View
from checker.report.latex.document import document
from checker.report.latex.escape import formula, is_harmless, text
from checker.report.latex.matrices import fields, number
from checker.report.latex.sentences import sentence
from checker.report.run import Run, citation

ALL = "".join(map(chr, range(32, 127))) + "éß²≥→θΛℓ‖—\u202e\x00\x1b\u4e2d\n"

# Of a document: commands without letters, groups, environments, and what has a meaning of its own.
_TOKEN = re.compile(r"\\(begin|end)\{([a-z*]+)\}|\\([A-Za-z]+|.)|([{}$&#%~^_])", re.DOTALL)


def read(latex: str) -> Counter[str]:
    """The commands of a document that is well-formed; fails for any other.

    Stricter than LaTeX: groups and environments close in order, `_`, `^` and `&` stand in
    mathematics or tables only, `#` and `%` nowhere, and every character is of Western Europe.
    """
    lines = [line for line in latex.splitlines() if not line.startswith("%")]
    found, opened, mathematics = Counter[str](), list[str](), False
    assert not re.search(r"[^\n\x20-\x7e\u00c0-\u00ff]", "\n".join(lines))
    for token in _TOKEN.finditer("\n".join(lines)):
        side, name, command, special = token.groups()
        if command:
            found[command] += 1
        elif side == "begin" or special == "{":
            opened.append(name or "{")
        elif side == "end" or special == "}":
            assert opened.pop() == (name or "{")
        elif special == "$":
            mathematics = not mathematics
        elif special in ("_", "^"):
            assert mathematics or "align*" in opened or opened[-1] == "{"
        elif special == "&":
            assert {"tabular", "longtable", "align*", "pmatrix"} & set(opened) or mathematics
        else:
            pytest.fail(f"{special} in {token.string[token.start() - 40 : token.end()]!r}")
    assert opened == []
    assert not mathematics
    return found


def latex_of(run: Run) -> str:
    return "\n".join(document(View(run)))


@given(st.text() | st.just(ALL))
def test_text_is_text(value: str) -> None:
    read(text(value))
    assert "\n" not in text(value)


def test_no_character_is_lost() -> None:
    plain = re.sub(r"\\text(\w+)\{\}", "<\\1>", text("a\\b~c^d<e>f|g-h'i"))
    assert plain == (
        "a<backslash>b<asciitilde>c<asciicircum>d<less>e<greater>f<bar>g-{}h<quotesingle>i"
    )
    assert text("θ ≥ 中 é") == r"\ensuremath{\theta} \ensuremath{\ge} \texttt{U+4E2D} é"


@pytest.mark.parametrize(
    "latex",
    [
        r"\|u+v\| \ge \|u\| + \|v\|",
        r"\left\|\tfrac{A+B}{2}\right\|^2 \ge \begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        r"w_{2}^2 \{x\}",
    ],
)
def test_a_formula_stays_as_it_is(latex: str) -> None:
    assert formula(latex) == f"${latex}$"


@pytest.mark.parametrize(
    "latex",
    [
        r"\input{/etc/passwd}",
        r"\write18{id}",
        r"\def\x{\x}\x",
        r"x % the rest is lost",
        "x$ y $z",
        "x }{ y",
        "{x",
        r"\left( x",
        r"\right) \left(",
        r"\left x \right)",
        r"\begin{document} \end{document}",
        r"\begin{cases} x",
        "a & b",
        r"a \\ b",
        "x_1_2",
        "x^",
        "λ",
        "^^5cinput",
        "#1",
        r"\(",
    ],
)
def test_a_formula_that_does_more_or_does_not_end_is_shown_as_text(latex: str) -> None:
    assert not is_harmless(latex)
    read(formula(latex))
    assert formula(latex).startswith(r"\texttt{")


def test_every_statement_of_the_catalogue_is_drawn(all_statements: list[str]) -> None:
    assert len(all_statements) > 150
    assert [latex for latex in all_statements if not is_harmless(latex)] == []


@pytest.fixture
def all_statements() -> list[str]:
    from checker.claims.registry import load_claims

    return [claim.statement for claim in load_claims().values() if claim.statement]


def value(latex: str) -> Fraction:
    """The number that `number` has written."""
    found = re.fullmatch(
        r"(-?)(?:\\tfrac\{(\d+)\}\{(\d+)\}|(?:(\d+) \\cdot )?2\^\{(-?\d+)\}|(\d+))", latex
    )
    assert found is not None, latex
    sign, top, bottom, odd, power, whole = found.groups()
    size = (
        Fraction(int(whole)) if whole else Fraction(int(odd or 1)) * Fraction(2) ** int(power or 0)
    )
    if top:
        size = Fraction(int(top), int(bottom))
    return -size if sign else size


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-99, 99).map(float))
def test_numbers_are_exact(x: float) -> None:
    assert value(number(x)) == Fraction(x)


@pytest.mark.parametrize(
    ("x", "latex"),
    [
        (-3.0, "-3"),
        (0.375, r"\tfrac{3}{8}"),
        (2.0**-40, "2^{-40}"),
        (-3 * 2.0**-40, r"-3 \cdot 2^{-40}"),
        (0.1, r"3602879701896397 \cdot 2^{-55}"),
        (-0.0, "0"),
    ],
)
def test_numbers_are_short(x: float, latex: str) -> None:
    assert number(x) == latex


def test_arrays_are_matrices() -> None:
    def array(*shape: int) -> dict[str, Any]:
        size = 1
        for n in shape:
            size *= n
        return {"shape": list(shape), "hex": [float(k).hex() for k in range(size)]}

    shown = {"x": {"float": "0x1.8p+0"}, "w_star": array(2), "V": array(2, 2), "T": array(2, 1, 1)}
    shown |= {"X": array(7, 7), "loss": {"class": "Affine", "fields": {}}, "n": 3}
    assert fields({"fields": shown}) == [
        r"x &= \tfrac{3}{2}",
        r"w_{\mathrm{star}} &= \begin{pmatrix} 0 \\ 1 \end{pmatrix}",
        r"V &= \begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}",
        r"T &= \left((0),\; (1)\right)",
        r"X &= \text{an array of size } 7 \times 7 \text{, in the evidence file}",
        r"\mathit{loss} &= \text{\texttt{Affine()}}",
        "n &= 3",
    ]


def test_a_hostile_run_adds_nothing(run: Run) -> None:
    commands = read(latex_of(run))
    assert commands["toprule"] == commands["bottomrule"] == 1
    assert commands["paragraph"] == 2
    assert not {"input", "write", "include", "def", "let", "csname"} & set(commands)


def test_many_claims_run_over_pages(run: Run) -> None:
    many = replace(run, claims=[{**run.claims[0], "id": f"a.b{k}"} for k in range(50)])
    assert r"\begin{longtable}" in latex_of(many)
    assert latex_of(many).count("STANDS &") == 50
    read(latex_of(many))


def test_sentences_say_what_was_done(run: Run) -> None:
    view = View(run)
    stands, fell = (next(c for c in run.claims if c["verdict"] == v and not c["of"])
                    for v in ("STANDS", "REFUTED"))  # fmt: skip
    equal = stands["decisions"]["EQUAL"]
    said = sentence(view, stands)
    assert f"no counterexample among {stands['cases']} decided cases" in said
    assert f"{equal} of them with proved equality" in said
    assert said.endswith("the same search refuted 1 of 1 false neighbour.")
    assert "not in the wording" not in said
    assert "is false: the instance below violates it (proved: " in sentence(view, fell)
    for verdict in ("UNDECIDED", "VACUOUS", "PARTIAL", "NOT_RUN", "ERROR", "ORACLE_BROKEN"):
        open_one = sentence(view, {**stands, "verdict": verdict, "reason": "too_few"})
        assert f"was not settled: {verdict.replace('_', ' ')}" in open_one.replace(r"\_", " ")
        assert r"(too\_few)" in open_one
        assert "not refuted" not in open_one
    ours = {**stands, "about": {**stands["about"], "wording": "reconstructed"}}
    assert "not in the wording of the source" in sentence(view, ours)
    proved = View(replace(run, proved={stands["id"]: "PROVED (Coq 8.16.1)"}))
    assert sentence(proved, stands).endswith("Beside the search it is PROVED (Coq 8.16.1).")


def test_an_id_to_cite_is_of_the_result_and_not_of_its_time(run: Run) -> None:
    entry = run.claims[0]
    assert re.fullmatch(re.escape(entry["id"]) + r"@[0-9a-f]{16}", citation(run, entry))
    assert citation(run, {**entry, "seconds": 99.0}) == citation(run, entry)
    assert citation(replace(run, evidence=Path("x")), entry) == citation(run, entry)
    others = [
        (run, {**entry, "cases": entry["cases"] + 1}),
        (run, {**entry, "about": {**entry["about"], "statement": "x"}}),
        (replace(run, seed=1), entry),
        (replace(run, versions={}), entry),
    ]
    assert len({citation(*other) for other in [(run, entry), *others]}) == 5


def test_one_claim_has_a_page_with_its_id(
    folder: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "two.html"
    two = next(c for c in run.claims if c["id"] == "paper.two")
    assert main(["report", str(folder), "--claim", "paper.two", "--out", str(out)]) == 0
    page = out.read_text()
    assert "<h1>paper.two: REFUTED</h1>" in page
    assert citation(run, two) in page
    assert citation(run, two) in render(View(run))
    # Its false neighbours belong to it, other claims do not.
    assert page.count("<article") == 2
    assert main(["report", str(folder), "--claim", "paper.no"]) == 2
    assert "has no claim 'paper.no'" in capsys.readouterr().err


def test_latex_is_written_where_it_is_wanted(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "table.tex"
    for _ in range(2):  # its own file is replaced
        assert main(["report", str(folder), "--latex", str(file)]) == 0
    assert f"LaTeX: {file}" in capsys.readouterr().out
    assert read(file.read_text())["paragraph"] == 2
    file.write_text(r"\section{mine}")
    assert main(["report", str(folder), "--latex", str(file)]) == 2
    assert "is no report.tex that checker has written" in capsys.readouterr().err
    page = tmp_path / "p.html"
    assert main(["report", str(folder), "--out", str(page), "--claim", "paper.two", "--latex"]) == 0
    assert read((tmp_path / "p.tex").read_text())["paragraph"] == 1
    assert not page.exists()
