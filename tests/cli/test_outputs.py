"""Outputs: nothing of the user's is overwritten, nothing half-written or stale is left."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checker.errors import InputError
from checker.report import saving
from checker.report.evidence_files import counterexample_name, file_stem
from checker.report.outputs import Output, require_writable
from checker.report.saving import write_bytes, write_text

TRUE = """
@claim(given=pairs{settings})
def one(at):
    return abs(at.a) + abs(at.b) >= abs(at.a + at.b)
"""
FALSE = TRUE.replace("abs(at.a) + abs(at.b) >=", "abs(at.a) - abs(at.b) >=")
BUDGET = ("--cases", "200", "--jobs", "1")


def plain(text: str, settings: str = "") -> str:
    return text.replace("{settings}", settings)


# -- what the user has ------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, write: Any, run_checker: Any) -> Path:
    """A claim file, data, a baseline, a corpus, a finished run, an archive, and a text."""
    write(plain(FALSE))
    run_checker("verify", tmp_path / "mine.py", *BUDGET, "--out", tmp_path / "run")
    (tmp_path / "corpus").mkdir()
    name = "mine.one.counterexample.json"
    (tmp_path / "corpus" / "case.json").write_text((tmp_path / "run" / name).read_text())
    (tmp_path / "points.csv").write_text("x,label\n1,1\n2,-1\n3,1\n")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "b.json").write_text('{"kind": "checker gate baseline", "schema": 1}')
    (tmp_path / "mine.json").write_text('{"schema": 7, "claims": []}')
    (tmp_path / "folder").mkdir()
    rng = np.random.default_rng(0)
    arrays = {"X": rng.normal(size=(4, 1)), "Z": rng.normal(size=(4, 1)), "y": np.ones(4)}
    np.savez(tmp_path / "net.npz", **arrays, w=np.ones(1), V=np.ones((1, 1)), loss="squared")
    np.savez(tmp_path / "folder" / "points.npz", mine=np.ones(3))
    return tmp_path


def contents(folder: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("verify --json mine.py --seconds 1", "--json mine.py has the ending of an input"),
        ("verify mine.py --json mine.py", "has the ending of an input"),
        ("verify mine.py --json NEW.PY", "has the ending of an input"),
        ("verify mine.py --json new.npz", "has the ending of an input"),
        ("verify mine.py --data points.csv --target label --json points.csv", "ending of an input"),
        ("verify mine.py --json notes.txt", "--json notes.txt exists already, and is no evidence"),
        ("verify mine.py --json mine.json", "mine.json exists already"),
        ("verify mine.py --json b.json", "b.json exists already"),
        ("verify mine.py --json run/report.html", "report.html exists already"),
        ("verify mine.py --json new/report.html --out new", "to be written twice"),
        ("verify mine.py --out mine.py", "cannot write mine.py: it is a file"),
        ("verify mine.py --out -", "--out needs a folder"),
        ("audit mine.py --json run/evidence.json", "is no audit.json"),
        ("sharpen mine.py --json run/evidence.json", "is no sharpen.json"),
        ("census points.csv --target label --json points.csv", "ending of an input"),
        ("certify net.npz --json net.npz", "ending of an input"),
        ("certify net.npz --out folder", "points.npz exists already"),
        ("gate --baseline b.json --json b.json", "is read by this very command"),
        ("gate --baseline b.json --json ./folder/../b.json", "is read by this very command"),
        ("gate --baseline b.json --markdown corpus/case.json", "is read by this very command"),
        ("gate --baseline b.json --markdown notes.txt", "is no gate.md"),
        ("gate --baseline b.json --json g --markdown g", "to be written twice"),
        ("gate --baseline notes.txt --update", "is not valid JSON"),
        ("gate --baseline new.py --update", "has the ending of an input"),
        ("report run --out run/evidence.json", "is read by this very command"),
        ("report run --out notes.txt", "is no report.html"),
        ("report run mine.py --out mine.py", "has the ending of an input"),
    ],
)
def test_nothing_that_the_user_has_is_overwritten(
    project: Path,
    run_checker: Any,
    assert_rejected: Any,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    message: str,
) -> None:
    monkeypatch.chdir(project)
    before = contents(project)
    assert_rejected(run_checker(*command.split()), message)
    assert contents(project) == before


def test_what_checker_has_written_is_replaced(
    project: Path, run_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    (project / "empty").touch()
    for _ in range(2):
        common = ("verify", "mine.py", *BUDGET)
        assert run_checker(*common, "--out", "run", "--json", "empty").status == 1
        assert run_checker("report", "run").status == 0
        assert run_checker("certify", "net.npz", "--out", "net").status in (0, 1, 3)
    assert json.loads((project / "empty").read_text())["claims"]


def test_a_file_in_a_folder_that_the_run_makes(
    project: Path, run_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    run_checker("verify", "mine.py", *BUDGET, "--json", "R/e.json", "--out", "R")
    assert {p.name for p in (project / "R").iterdir()} > {"e.json", "evidence.json"}


# -- counterexamples --------------------------------------------------------------------------


def test_a_mended_claim_has_no_counterexample_any_more(
    write: Any, run_checker: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run_checker("verify", write(plain(FALSE)), *BUDGET, "--out", out).status == 1
    other = out / "other.counterexample.json"
    other.write_text("{}")
    assert len(list(out.glob("mine.one.counterexample.*"))) == 3
    mended = write(plain(TRUE, ', id="mine.one"'), name="mended.py")
    assert run_checker("verify", mended, *BUDGET, "--out", out).status == 0
    assert list(out.glob("mine.one.counterexample.*")) == []
    assert other.exists()


IDS = (
    "a/b",
    "a b",
    "a:b",
    "a_b",
    "a_b+x",
    "n" * 300,
    "n" * 299 + "m",
    "é" * 150,
    "",
    ".",
    "\ud800",
)


def test_no_two_ids_share_a_file_name() -> None:
    names = [counterexample_name(i) for i in IDS]
    assert len(set(names)) == len(IDS)
    assert all(len(os.fsencode(n)) <= 255 and "/" not in n for n in names)
    assert file_stem("shamir2018.theorem1-x") == "shamir2018.theorem1-x"
    # The name of an id does not depend on what else there is, so that stale files are found.
    assert file_stem("a/b").startswith("a_b+")
    assert file_stem(file_stem("a/b")) != file_stem("a/b")


def test_every_claim_keeps_its_counterexample(write: Any, run_checker: Any, tmp_path: Path) -> None:
    ids = ("a/b", "a b", "a:b", "n" * 200, "é" * 100, "x[2Jy")
    file = write(*(plain(FALSE, f", id={i!r}").replace("def one", f"def f{n}")
                   for n, i in enumerate(ids)))  # fmt: skip
    outcome = run_checker("verify", file, *BUDGET, "--out", tmp_path / "out")
    assert outcome.status == 1
    assert "\x1b" not in outcome.out
    saved = [json.loads(p.read_text()) for p in (tmp_path / "out").glob("*.counterexample.json")]
    assert {s["claim"] for s in saved} == set(ids)
    for name in map(counterexample_name, ids):
        replayed = run_checker("replay", tmp_path / "out" / name, file)
        assert (replayed.status, "\x1b" in replayed.out) == (1, False)


@pytest.mark.parametrize("wrong", ["n" * 201, "é" * 101, "x\x1b[2Jy"])
def test_an_id_that_names_no_file_is_refused(write: Any, run_checker: Any, wrong: str) -> None:
    outcome = run_checker("verify", write(plain(FALSE, f", id={wrong!r}")), *BUDGET)
    assert (outcome.status, outcome.out) == (2, "")
    assert "id" in outcome.err
    assert "\x1b" not in outcome.err


# -- how files are written --------------------------------------------------------------------


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link"
    for target in ("there/new", "there/old"):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        write_text(link, "text")
        assert link.is_symlink()
        assert (tmp_path / target).read_text() == "text"
    assert sorted(p.name for p in (tmp_path / "there").iterdir()) == ["new", "old"]


def test_permissions_are_those_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "file"
    before = os.umask(0o027)
    try:
        write_text(path, "a")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o600)
    write_text(path, "b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_cannot_be_finished_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    path = tmp_path / "points.npz"
    write_bytes(path, b"old")

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((InputError, KeyboardInterrupt)):
        write_bytes(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["points.npz"]
    assert path.read_bytes() == b"old"


def test_a_planted_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even one with the very name of the temporary file, which nobody can know."""
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / ".guessed.tmp").symlink_to(victim)
    with pytest.raises(InputError, match="cannot write"):
        write_text(tmp_path / "out.json", "text")
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("length", [240, 255])
def test_names_as_long_as_names_can_be(
    write: Any, run_checker: Any, tmp_path: Path, length: int
) -> None:
    name = "n" * (length - 5) + ".json"
    run_checker("verify", write(plain(TRUE)), *BUDGET, "--json", tmp_path / name)
    assert json.loads((tmp_path / name).read_text())["claims"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "x" * 256),
        ("verify", "x" * 256 + ".py"),
        ("verify", "--json", "x" * 256, "--seconds", "1"),
        ("verify", "--out", "x" * 256, "--seconds", "1"),
        ("replay", "x" * 256),
        ("report", "x" * 256),
        ("census", "x" * 256, "--target", "y"),
        ("gate", "--baseline", "x" * 256),
    ],
)
def test_names_that_are_too_long(
    run_checker: Any, assert_rejected: Any, arguments: tuple[str, ...]
) -> None:
    assert_rejected(run_checker(*arguments), "x" * 256)


def test_a_name_that_is_no_text(write: Any, run_checker: Any, tmp_path: Path) -> None:
    out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff"))
    outcome = run_checker("verify", write(plain(FALSE)), *BUDGET, "--out", out)
    assert outcome.status == 1
    assert "/a\\xff/mine.one.counterexample.json'" in outcome.out
    names = {p.name for p in out.iterdir()}
    assert names == {"evidence.json", "report.html", "verify.jsonl", "mine__one.v"} | {
        f"mine.one.counterexample.{suffix}" for suffix in ("json", "md", "py")
    }
    command = next(x for x in outcome.out.splitlines() if x.startswith("replay: "))
    words = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {command.removeprefix('replay: ')}"],
        capture_output=True, check=True,
    ).stdout.split(b"\0")  # fmt: skip
    assert Path(os.fsdecode(words[2])) == out / "mine.one.counterexample.json"


# -- pipes ------------------------------------------------------------------------------------

CHECKER = (sys.executable, "-m", "checker")


def test_a_pipe_is_written_to(write: Any, run_checker: Any, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(fifo.read_text()))
    reader.start()
    assert run_checker("verify", write(plain(TRUE)), *BUDGET, "--json", fifo).status == 0
    reader.join(20)
    assert json.loads(found[0])["claims"]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@pytest.mark.nightly
def test_process_substitution(write: Any, tmp_path: Path) -> None:
    file, got = write(plain(TRUE)), tmp_path / "got"
    line = '"$0" -m checker verify "$1" --cases 200 --jobs 1 --json >(cat > "$2"); sleep 0.3'
    subprocess.run(["bash", "-c", line, sys.executable, file, got], check=True, timeout=60)
    assert json.loads(got.read_text())["claims"]


def test_standard_output_by_its_name_in_a_file(write: Any, tmp_path: Path) -> None:
    """The shell has opened the file; replacing it would lose what is printed."""
    file, got = write(plain(TRUE)), tmp_path / "got"
    options = ("--cases", "200", "--jobs", "1", "--json", "/dev/stdout")
    with got.open("w") as out:
        subprocess.run([*CHECKER, "verify", str(file), *options], stdout=out, check=True)
    table, _, document = got.read_text().partition("{\n")
    assert "STANDS" in table
    assert json.loads("{" + document)["claims"]


NOISY = """
import os, subprocess
print("at import")


@claim(given=pairs)
def one(at):
    print("in the formula")
    os.write(1, b"past Python")
    return abs(at.a) + abs(at.b) >= abs(at.a + at.b)
"""


@pytest.mark.parametrize("jobs", [pytest.param("1", marks=pytest.mark.nightly), "2"])
def test_prints_of_a_claim_file_are_not_in_the_json(write: Any, jobs: str) -> None:
    options = ("--cases", "200", "--jobs", jobs, "--json", "-")
    done = subprocess.run(
        [*CHECKER, "verify", str(write(NOISY)), *options],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["claims"]
    for noise in ("at import", "in the formula", "past Python"):
        assert noise in done.stderr


def test_prints_in_the_process_of_a_test(write: Any, run_checker: Any) -> None:
    noisy = NOISY.replace('os.write(1, b"past Python")', "pass")
    outcome = run_checker("verify", write(noisy), *BUDGET, "--json", "-")
    assert json.loads(outcome.out)["claims"]
    assert "in the formula" in outcome.err
    assert saving._document is None


def test_standard_output_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    with saving.document_alone("-"):
        print("noise")
        saving.save_text("document", "", "-", None)
    print("after")
    assert capfd.readouterr() == ("documentafter\n", "noise\n")


# By day test_hostile_options.py has a full standard output.
@pytest.mark.nightly
def test_a_full_standard_output_is_no_internal_error(write: Any) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*CHECKER, "verify", str(write(plain(TRUE))), *BUDGET, "--json", "-"],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "cannot write standard output: No space left on device" in done.stderr


def test_a_device_is_not_replaced(tmp_path: Path) -> None:
    require_writable([Output(Path("/dev/null"), "evidence.json", "--json")])
    write_text(Path("/dev/null"), "text")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    (tmp_path / "to").symlink_to("/dev/null")
    write_text(tmp_path / "to", "text")
    assert stat.S_ISCHR((tmp_path / "to").stat().st_mode)
