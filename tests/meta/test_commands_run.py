"""Every command in a help text, the README and the pages runs as it stands.

Budgets are cut, as a user would: by `[tool.checker]` of the folder, and by smaller numbers where a
command names its own. A few claims of the catalogue stand for all. Letters that stand for a file
(DIR, FILE.json) are replaced by one. The tutorial's commands run, with their output compared, in
tests/cli/test_tutorial.py.
"""

from __future__ import annotations

import math
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checker.claims import registry
from checker.claims.claim import Claim
from checker.claims.files import FILES_PACKAGE
from checker.cli import main
from checker.commands.status import OPEN, REFUTED
from tests.meta.documented import ROOT, shown

# What cannot run here, and why.
CANNOT_RUN = {
    "checker verify --engine dask": "needs the extra `dask`; tests/search/test_engines.py runs it",
}

ALL = [each for each in shown() if each.place != "tutorial"]
LINES = sorted({each.line for each in ALL if not each.names_only} - set(CANNOT_RUN))

# Coq, searches that end with their own precision, gates, and what comes to nearly the same.
_LONG = ("checker prove shamir2018", "checker sharpen shamir2018", "checker prove --out")
_LONG += ("checker gate ", "checker audit --out", "checker audit shamir2018.theorem1 --json")
_LONG += ("checker merge part1 part2 --out", "checker census breast_cancer")
_LONG += ("checker census diabetes --ridge",)


def _is_long(line: str) -> bool:
    return line.startswith(_LONG) or line == "checker prove"


# The catalogue, as the commands see it: what they name, and a claim of each paper that they name.
CATALOGUE = {
    *("shamir2018.lemma1", "shamir2018.lemma1.no_V_block", "shamir2018.theorem1"),
    *("shamir2018.theorem2", "hardt2017.gradient", "hardt2017.gradient.as_printed"),
    *(
        "recht2012.two",
        "recht2012.two.equal",
        "recht2012.five_norm",
        "yun2019.rademacher",
        "yun2019.rademacher.half",
    ),
}

BUDGETS = """
[tool.checker]
cases = 40
seconds = 0.2
jobs = 1

[tool.checker.audit]
seconds = 0.05

[tool.checker.sharpen]
seconds = 0.05

[tool.checker.prove]
seconds = SECONDS

[tool.checker.census]
starts = 1
seconds = 20
"""

# A number that a command names itself is at most this.
_MOST = {"--cases": 40, "--seconds": 0.2, "--starts": 1}

_FILES = {
    "DIR": "results",
    "out": "results",
    "OLDDIR": "last_week",
    "out/evidence.json": "results/evidence.json",
    "FILE.json": "results/hardt2017.gradient.as_printed.counterexample.json",
    "FILE.py": "mine.py",
    "FILE": "network.npz",
    "FOLDER": "folder_of_npy_files",
    "ID": "shamir2018.theorem1",
    "PAPER": "recht2012",
    "$GITHUB_STEP_SUMMARY": "summary.md",
    "$SLURM_ARRAY_TASK_ID/8": "1/8",
    "part$SLURM_ARRAY_TASK_ID": "part_of_task",
}

MY_THEOREM = """
from checker import claim, interval, total


@claim
def bound(x: interval(-1, 1, "k")):
    return total(x) >= -1
"""


def arguments(line: str) -> list[str]:
    """The words of a command line, with files for letters and small numbers for large ones."""
    _, *words = shlex.split(line)
    words = [_FILES.get(word, word) for word in words]
    if "mine.py" in words:
        words = [
            w.replace("hardt2017.gradient.as_printed", "mine.reversed_triangle") for w in words
        ]
    for i, option in enumerate(words[:-1]):
        if option in _MOST:
            given = words[i + 1]
            words[i + 1] = str(min(_MOST[option], float(given) if given.isdecimal() else math.inf))
            words[i + 1] = words[i + 1].removesuffix(".0")
    return words


# Lines that come to the same are run once.
RUNS = {shlex.join(arguments(line)): line for line in reversed(LINES)}


def run(words: Sequence[str]) -> int:
    """In this process; a command of its own would read files anew."""
    for module in [m for m in sys.modules if m.startswith(FILES_PACKAGE)]:
        del sys.modules[module]
    try:
        return main(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1


@pytest.fixture(autouse=True, scope="module")
def _small_catalogue() -> Iterator[None]:
    whole = registry._collected

    def few(modules: Any) -> dict[str, Claim]:
        claims = whole(modules)
        assert set(claims) >= CATALOGUE
        return {name: claims[name] for name in claims if name in CATALOGUE}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_collected", few)
        yield


def blocks(page: str, word: str) -> str:
    """The block of Python on a page that has a word."""
    text = (ROOT / page).read_text(encoding="utf-8")
    (found,) = (b for b in re.findall(r"```python\n(.*?)```", text, re.S) if word in b)
    return str(found)


def named_blocks(page: str) -> list[tuple[str, str]]:
    """The blocks of Python on a page that begin with the name of their file."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"```python\n(# (\w+\.py)\n.*?)```", text, re.S)
    return [(name, block) for block, name in found]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that the commands name."""
    folder = tmp_path_factory.mktemp("stage")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        _write_inputs()
        own = ["mine.py", "my_theorem.py"]
        # What the commands read has to be there, however busy the machine is.
        unhurried = ["--seconds", "60"]
        assert run(["verify", *own, "--out", "own", *unhurried]) == REFUTED
        installed = ["hardt2017.gradient.as_printed", "shamir2018.theorem1"]
        run(["verify", *installed, "--out", "results", *unhurried])
        shutil.copytree("results", "last_week")
        for file in Path("own").glob("*.counterexample.json"):
            shutil.copy(file, "results")
    return folder


def _write_gate(claim: str, known: str) -> None:
    """A baseline of one claim, and a corpus of one case."""
    shutil.rmtree("ci", ignore_errors=True)
    Path("ci/corpus").mkdir(parents=True)
    shutil.copy(f"{known}.counterexample.json", "ci/corpus")
    budget = ("--cases", "20", "--evaluations", "20")
    assert run(["gate", claim, "--baseline", "ci/baseline.json", "--update", *budget]) == 0


def _write_inputs() -> None:
    Path("pyproject.toml").write_text(BUDGETS.replace("SECONDS", "2"))
    box = blocks("docs/proofs.md", "def bound(x: interval")
    Path("mine.py").write_text(
        f"{blocks('README.md', 'def reversed')}\nfrom checker import exp, interval\n\n{box}"
    )
    Path("my_theorem.py").write_text(MY_THEOREM)
    for name, text in named_blocks("docs/kinds.md"):
        Path(name).write_text(text)
    rng = np.random.default_rng(0)
    X, V, w = rng.standard_normal((12, 2)), rng.standard_normal((2, 2)), rng.standard_normal(2)
    y = np.sign(X @ w)
    rows = [f"{a},{b},{label:g}" for (a, b), label in zip(X, y, strict=True)]
    Path("points.csv").write_text("\n".join(["a,b,label", *rows]))
    arrays = {"X": X, "Z": np.tanh(X), "y": y, "w": w, "V": V, "loss": np.array("logistic")}
    np.savez("network.npz", **arrays)
    Path("folder_of_npy_files").mkdir()
    for name, array in arrays.items():
        np.save(f"folder_of_npy_files/{name}.npy", array)


def _prepare(words: Sequence[str], *, long: bool) -> None:
    """What one command needs and another would trip over."""
    if long:
        Path("pyproject.toml").write_text(
            BUDGETS.replace("SECONDS", "300").replace("seconds = 20", "seconds = 60")
        )
    if words[0] == "gate" and "mine.py" in words:
        _write_gate("mine.py", "own/mine.reversed_triangle")
    elif words[0] == "gate":
        _write_gate("recht2012.two", "results/hardt2017.gradient.as_printed")
    if words[0] == "merge":
        parts = words[1 : words.index("--out")]
        for k, part in enumerate(parts, 1):
            run(
                [
                    "verify",
                    "recht2012",
                    "--seconds",
                    "60",
                    "--shard",
                    f"{k}/{len(parts)}",
                    "--out",
                    part,
                ]
            )
    if "--resume" in words:
        folder = words[words.index("--resume") + 1]
        shutil.rmtree(folder, ignore_errors=True)
        run(["verify", "recht2012.two", "--seconds", "0.01", "--out", folder])
    if "author2024/theorems.py" in words:
        run(["new-paper", "author2024"])


@pytest.mark.parametrize(
    "line",
    [pytest.param(x, marks=pytest.mark.nightly) if _is_long(x) else x for x in RUNS.values()],
)
def test_it_runs(
    line: str, stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    copy = shutil.copytree(stage, tmp_path / "stage")
    monkeypatch.chdir(copy)
    words = arguments(line)
    _prepare(words, long=_is_long(line))
    capsys.readouterr()
    status = run(words)
    out, err = capsys.readouterr()
    assert status in (0, REFUTED, OPEN), f"exit status {status}\n{err}"
    assert "Traceback" not in err
    assert "Warning" not in out + err
    assert out or "--quiet" in words


def test_the_list_of_what_cannot_run_is_not_stale() -> None:
    assert set(CANNOT_RUN) <= {each.line for each in ALL}


def test_every_command_is_run_somewhere() -> None:
    named = {each.line for each in ALL if each.names_only}
    assert named | set(LINES) | set(CANNOT_RUN) == {each.line for each in ALL}
    assert {shlex.join(arguments(line)) for line in LINES} == set(RUNS)
    assert len(ALL) > 140
    # What cannot run without arguments is told by its own message, not by an error in it.
    assert all(len(line.split()) == 2 for line in named)
