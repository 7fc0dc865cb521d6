"""Hostile files: whatever is in them, a command ends with a verdict or one clean message.

Seeded mutations of real files, and the cases that once escaped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from checker.claims.files import load_file
from checker.cli import main
from checker.errors import InputError
from checker.gate.corpus import check, read_corpus
from checker.gate.state import read_baseline
from checker.instances.names import FILES_PACKAGE
from checker.landscape.data import load_csv

from .conftest import DEEP, dumped, mutated_bytes, write_json

Tries = Callable[[int], Iterator[Any]]
Command = Callable[..., int]

CLAIMS = """
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.functions import norm
from checker.instances.fields import Dims
from checker.claims.claim import Assumption, claim


@dataclass(frozen=True)
class Pair:
    u: Annotated[np.ndarray, Dims("k")]
    v: Annotated[np.ndarray, Dims("k")]
    name: str = "pair"


vectors = st.lists(st.integers(-9, 9), min_size=2, max_size=2).map(lambda x: np.array(x, float))
PAIRS = st.builds(Pair, vectors, vectors)


@claim(given=PAIRS, statement=r"\\|u+v\\| \\ge \\|u\\| + \\|v\\|", constants={"c": 1})
def reversed_triangle(at, c):
    return norm(at.u + at.v) >= c * (norm(at.u) + norm(at.v))


@claim(given=PAIRS, of="claims.triangle", kind="must-be-refuted", why="`u` = **v**")
def halved(at):
    return norm(at.u) + norm(at.v) >= 2 * norm(at.u + at.v)


@claim(given=PAIRS, title="the triangle inequality",
       assuming=[Assumption("small", "u < 99", lambda at: at.u[0] < 99)])
def triangle(at):
    return norm(at.u) + norm(at.v) >= norm(at.u + at.v)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with claims.py and what `verify` and `audit` say of it."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "claims.py").write_text(CLAIMS)
    file = str(folder / "claims.py")
    common = (file, "--out", str(folder / "out"), "--jobs", "1")
    assert main(["verify", *common, "--cases", "200"]) == 1
    main(["audit", *common, "--cases", "200"])
    yield folder
    for module in [m for m in sys.modules if m.startswith(FILES_PACKAGE)]:
        del sys.modules[module]


def document(run: Path, name: str) -> Any:
    return json.loads((run / "out" / name).read_text())


COUNTEREXAMPLE = "claims.reversed_triangle.counterexample.json"


def test_replay(run: Path, tries: Tries, command: Command, tmp_path: Path) -> None:
    documents = [document(run, name) for name in (COUNTEREXAMPLE, "evidence.json")]
    for i, rng in enumerate(tries(100)):
        write_json(tmp_path / "saved.json", documents[i % 3 // 2], rng)
        command("replay", tmp_path / "saved.json", run / "claims.py")


@pytest.mark.parametrize(
    "value",
    [
        {"shape": [True], "hex": ["0x1p0"]},
        {"shape": [10**30, 0], "hex": []},
        {"shape": [10**4000, 10**4000], "hex": []},
        {"shape": [10**7, 0], "hex": []},
        {"shape": [1] * 65, "hex": ["0x1p0"]},
        {"shape": [1], "dtype": "uint8", "values": [300]},
        {"shape": [1], "dtype": "uint8", "values": [True]},
        {"shape": [1], "dtype": "bool", "values": [2]},
        {"enum": "enum:Enum", "name": []},
        DEEP,
    ],
)
def test_values_that_once_escaped(run: Path, command: Command, tmp_path: Path, value: Any) -> None:
    saved = document(run, COUNTEREXAMPLE)
    saved["instance"]["fields"]["u"] = value
    (tmp_path / "saved.json").write_text(dumped(saved))
    assert command("replay", tmp_path / "saved.json", run / "claims.py") == 2


def test_a_number_beyond_floats_is_no_json_of_ours(
    run: Path, command: Command, tmp_path: Path
) -> None:
    text = json.dumps(document(run, COUNTEREXAMPLE))
    (tmp_path / "saved.json").write_text(text.replace('"lhs": ', '"lhs": 1e999, "was": '))
    assert command("replay", tmp_path / "saved.json", run / "claims.py") == 2


def test_a_run_takes_no_claim(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = str(run / "out" / "evidence.json")
    arguments = ["replay", saved, str(run / "claims.py"), "--claim", "claims.triangle"]
    assert main(arguments) == 2
    assert "--claim claims.triangle is for a single case" in capsys.readouterr().err


def reports(run: Path, tries: Iterator[Any], command: Command, folder: Path) -> None:
    names = ("evidence.json", "evidence.json", "audit.json")
    originals = {name: document(run, name) for name in names}
    for i, rng in enumerate(tries):
        for name in originals:
            (folder / name).write_text(json.dumps(originals[name]))
        write_json(folder / names[i % 3], originals[names[i % 3]], rng)
        command("report", folder)


def test_report(
    run: Path, tries: Tries, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pictures take most of the time, and have a test of their own.
    monkeypatch.setattr("checker.report.html.writing.pictures_of", lambda _: {})
    reports(run, tries(60), command, tmp_path)


def test_report_with_pictures(run: Path, tries: Tries, command: Command, tmp_path: Path) -> None:
    reports(run, tries(6), command, tmp_path)


@pytest.mark.parametrize("case", ["counterexample", "tightest"])
def test_a_negative_radius(run: Path, command: Command, tmp_path: Path, case: str) -> None:
    saved = document(run, "evidence.json")
    for entry in saved["claims"]:
        if entry[case] is not None:
            entry[case]["lhs_radius"] = -0.5
    (tmp_path / "evidence.json").write_text(json.dumps(saved))
    assert command("report", tmp_path) == 2


def test_an_assumption_without_a_name(run: Path, command: Command, tmp_path: Path) -> None:
    audit = document(run, "audit.json")
    audit["ablations"][0]["assumption"] = {}
    for name, content in (("evidence.json", document(run, "evidence.json")), ("audit.json", audit)):
        (tmp_path / name).write_text(json.dumps(content))
    assert command("report", tmp_path) == 2


def test_certificate(
    tries: Tries, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checker.report.html.writing.pictures_of", lambda _: {})
    number = {"value": 1.0, "radius": 1e-9, "guarantee": "ball(128 bits)"}
    names = ("F", "F_at_zero", "gradient", "gradient_w", "gradient_V", "w_norm", "V_norm")
    # A bound with a guarantee, of which the number is left out.
    bounds = {"Theorem 1": number, "Theorem 2": {"guarantee": "ball(128 bits)"}}
    bounds["Theorem 3"] = {**number, "value": None}
    compared = {"name": "best", "ball": 1.5, "bounds": bounds}
    compared |= dict.fromkeys(("F_lin", "gap", "gradient", "duality_gap"), number)
    escape = {"along": "w", "F_before": number, "F_after": number}
    content = {"schema": 1, "verdict": "NO_WORSE", "sentence": "s", "n": 2, "d": 1, "m": 1}
    content |= {"loss": "squared", "passes": 3, "best": compared, "minimised": compared}
    content |= {"others": [], "escape": escape, "least_eigenvalue": number}
    content |= dict.fromkeys(names, number)
    (tmp_path / "certificate.json").write_text(json.dumps(content))
    assert command("report", tmp_path) == 0
    for rng in tries(80):
        write_json(tmp_path / "certificate.json", content, rng)
        command("report", tmp_path)


def clean(read: Callable[[], Any]) -> None:
    """Read a file, or refuse it."""
    with suppress(InputError):
        read()


def test_baseline(tries: Tries, tmp_path: Path) -> None:
    claim = {"verdict": "STANDS", "equality": True, "found_by_search": False, "oracles": True}
    claim |= {"bounds": True, "strata": ["drawn", "corner"]}
    content = {
        "kind": "checker gate baseline",
        "schema": 1,
        "seed": 0,
        "budget": {"cases": 9, "evaluations": 9, "open_evaluations": 9, "found_cases": 9},
        "claims": {"a.b": claim, "a.c": claim},
        "audit": {"a.b": {"neighbours": {"a.d": "refuted"}, "assumptions": {}}},
        "corpus": {"x.json": "VIOLATED"},
        "throughput": {"a.b": {"plain": 0.25}},
    }
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(content))
    read_baseline(path)
    for rng in tries(800):
        write_json(path, content, rng)
        clean(lambda: read_baseline(path))


def test_corpus(run: Path, tries: Tries, tmp_path: Path) -> None:
    known = {c.id: c for c in load_file(run / "claims.py")}
    saved = document(run, COUNTEREXAMPLE)
    saved["exact"] = {"lhs": {"ratio": "1", "radicand": "2"}, "rhs": None}

    def decide() -> None:
        for case in read_corpus(tmp_path, known):
            check(case)

    for rng in tries(300):
        write_json(tmp_path / "case.json", saved, rng)
        clean(decide)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("claim", "{}"),
        ("exact", '"x"'),
        ("exact", '{"lhs": "x"}'),
        ("exact", '{"lhs": {"ratio": "1e999999999", "radicand": "1"}}'),
        ("lhs", "1e999"),
        ("lhs", '"1e999999999"'),
        ("lhs_radius", "-1.0"),
    ],
)
def test_cases_that_once_escaped(run: Path, tmp_path: Path, name: str, text: str) -> None:
    known = {c.id: c for c in load_file(run / "claims.py")}
    saved = json.dumps({**document(run, COUNTEREXAMPLE), name: "HERE"})
    (tmp_path / "case.json").write_text(saved.replace('"HERE"', text))
    with pytest.raises(InputError, match=r"case\.json is not (a decided case|valid JSON)"):
        read_corpus(tmp_path, known)


def test_csv(tries: Tries, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    rows = "".join(f"{i},{i / 7},{'ab'[i % 2]}\n" for i in range(12))
    content = f'x,"y, z",label\n{rows}'.encode()
    for rng in tries(800):
        path.write_bytes(mutated_bytes(content, rng))
        clean(lambda: load_csv(path, "label"))
