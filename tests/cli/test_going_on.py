"""A run that was interrupted anywhere ends as one that was not; so do parts that are merged."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checker.errors import InputError
from checker.report.kept import journal
from checker.report.kept.header import JOURNAL
from checker.report.kept.lines import Lines
from checker.search import jobs, verify
from tests.cli.test_interrupts import Run

CLAIMS = """
from checker import claim, interval

units = interval(-8, 8)


@claim
def true(a: units, b: units):
    return a**2 + b**2 >= 2 * a * b


@claim
def refuted(a: units, b: units):
    return a**2 + b**2 >= 2 * a * b + 1


@claim
def two(a: units, b: units):
    return a**2 + b**2 >= 2 * a * b, a**2 + b**2 + 1 >= 2 * a * b


@claim
def broken(a: units):
    raise ValueError("no value")


@claim(kind="must-be-refuted", of="mine.true", why="a = b = 0")
def control(a: units, b: units):
    return a**2 + b**2 >= 2 * a * b + 0.5
"""

BUDGET = ("--cases", 100, "--jobs", 1)


@pytest.fixture
def every_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the state after every task."""
    monkeypatch.setattr(journal, "_SECONDS", 0.0)
    monkeypatch.setattr(journal, "_SHARE", 0.0)


def results(folder: Path) -> dict[str, Any]:
    """What a run has found: its evidence but for when and how, and its counterexamples."""
    evidence = json.loads((folder / "evidence.json").read_text())
    del evidence["provenance"]
    for entry in evidence["claims"]:
        del entry["seconds"]
    cases = {path.name: path.read_text() for path in folder.glob("*.counterexample.json")}
    return {"evidence": evidence, **cases}


@pytest.fixture
def mine(write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the claims, and the one that commands run in."""
    write(CLAIMS, header="")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def at_line(source: Path, folder: Path, count: int) -> None:
    """The journal of a run that was killed while it wrote the line after so many."""
    folder.mkdir()
    lines = (source / JOURNAL).read_bytes().splitlines(keepends=True)
    torn = lines[count][: len(lines[count]) // 2] if count < len(lines) else b""
    (folder / JOURNAL).write_bytes(b"".join(lines[:count]) + torn)


@pytest.mark.usefixtures("every_task")
def test_a_run_goes_on_from_wherever_it_was_killed(
    mine: Path, run_checker: Any, nightly: bool
) -> None:
    status = run_checker("verify", "mine.py", *BUDGET, "--out", "whole").status
    assert status == 2
    whole = results(mine / "whole")
    verdicts = [c["verdict"] for c in whole["evidence"]["claims"]]
    assert verdicts == ["STANDS", "REFUTED", "STANDS", "ERROR", "REFUTED"]
    number = len((mine / "whole" / JOURNAL).read_bytes().splitlines())
    assert number > 15
    for count in range(1, number + 1) if nightly else (1, number // 2, number - 3):
        at_line(mine / "whole", mine / f"killed{count}", count)
        outcome = run_checker("verify", "--resume", f"killed{count}", "--jobs", 1)
        assert outcome.status == status, outcome.err
        assert results(mine / f"killed{count}") == whole
        kept = (mine / f"killed{count}" / JOURNAL).read_text().splitlines()
        assert json.loads(kept[-1]) == journal.FINISHED


def test_what_is_done_is_not_done_again(
    mine: Path, run_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_checker("verify", "mine.py", *BUDGET, "--out", "whole")
    before = results(mine / "whole")

    def forbidden(*_: object) -> Any:
        raise AssertionError("searched again")

    monkeypatch.setattr(verify, "attack", forbidden)
    monkeypatch.setattr(jobs, "reduced", forbidden)
    assert run_checker("verify", "--resume", "whole", "--jobs", 1).status == 2
    assert results(mine / "whole") == before


TRACE = """
def leave_a_trace():
    import time

    time.sleep(0.003)
    with open("trace", "a") as trace:
        trace.write(".")
"""


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.nightly)]
)
def test_a_process_that_is_killed_loses_nothing(
    mine: Path, run_checker: Any, number: signal.Signals
) -> None:
    """The counterexample is there at once, the rest when the run goes on."""
    slow = CLAIMS.replace("    return a**2", "    leave_a_trace()\n    return a**2")
    path = mine / "mine.py"
    path.write_text(slow.replace("units =", f"{TRACE}\n\nunits ="))
    run = Run(mine, mine / "trace", "verify", "mine.py", *BUDGET, "--out", "killed")
    found = mine / "killed" / "mine.refuted.counterexample.json"
    while not found.exists():
        assert run.process.poll() is None, run.process.communicate()
    output, _, _ = run.end(number)
    assert run_checker("replay", found, "mine.py").status == 1
    if number == signal.SIGTERM:
        assert "`checker verify --resume killed` goes on with it" in output
    assert run_checker("verify", "--resume", "killed").status == 2
    run_checker("verify", "mine.py", *BUDGET, "--out", "whole")
    assert results(mine / "killed") == results(mine / "whole")


def test_a_full_disk_ends_the_journal_not_the_run(
    mine: Path, run_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Lines.append

    def full(self: Lines, value: Any) -> None:
        if "state" in value:
            raise InputError("cannot write whole/verify.jsonl: No space left on device")
        append(self, value)

    monkeypatch.setattr(Lines, "append", full)
    outcome = run_checker("verify", "mine.py", *BUDGET, "--out", "whole")
    assert outcome.status == 2
    assert outcome.err.count("No space left on device; the run goes on") == 1


# -- other runs -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where runs are kept that several tests use."""
    return tmp_path_factory.mktemp("runs")


def once(folder: Path, runs: Path, name: str, run: Callable[[], object]) -> None:
    """A folder that a run writes, copied from the first time it was asked for."""
    if not (runs / name).exists():
        run()
        shutil.copytree(folder / name, runs / name)
    elif not (folder / name).exists():
        shutil.copytree(runs / name, folder / name)


@pytest.fixture
def whole(mine: Path, run_checker: Any, runs: Path) -> Path:
    """The folder of a short run."""
    options = ("mine.py::true", "--cases", 20, "--jobs", 1, "--out", "whole")
    once(mine, runs, "whole", lambda: run_checker("verify", *options))
    return mine / "whole"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--seed", 0, "--cases", 20), ""),
        (("--seed", 5), "its seed is 0, that of this run is 5"),
        (("--cases", 30), "its number of cases is 20, that of this run is 30"),
        (("mine.py",), "its choice of claims is mine.py, mine.py::true, that of this run is mine"),
        (("--shard", "1/2"), "its shard is None, that of this run is 1/2"),
        (("--out", "other"), "a run that goes on stays in the folder of --resume"),
    ],
)
def test_another_run_is_refused(
    whole: Path, run_checker: Any, options: tuple[object, ...], told: str
) -> None:
    outcome = run_checker("verify", *options, "--resume", "whole")
    assert told in outcome.err
    assert outcome.status == (2 if told else 0)


def test_changed_sources_are_refused(whole: Path, run_checker: Any, assert_rejected: Any) -> None:
    """A claim that is not of the run counts, too: formulas share functions."""
    path = whole.parent / "mine.py"
    path.write_text(path.read_text().replace("+ 0.5", "+ 0.25"))
    told = "whole/verify.jsonl is of another run: its sources, mine.py is "
    assert_rejected(run_checker("verify", "--resume", "whole"), told)


def test_another_version_is_refused(whole: Path, run_checker: Any, assert_rejected: Any) -> None:
    header, *lines = (whole / JOURNAL).read_text().splitlines()
    changed = json.loads(header)
    changed["versions"]["numpy"] = "1.0"
    (whole / JOURNAL).write_text("\n".join([json.dumps(changed), *lines, ""]))
    told = "its versions, numpy is 1.0, that of this run is "
    assert_rejected(run_checker("verify", "--resume", "whole"), told)


def test_a_folder_without_a_run_is_refused(
    mine: Path, run_checker: Any, assert_rejected: Any
) -> None:
    assert_rejected(run_checker("verify", "--resume", "none"), "none holds no run that could go on")
    assert not (mine / "none").exists()
    (mine / "notes").mkdir()
    (mine / "notes" / JOURNAL).write_text("my notes")
    for options in (("--resume", "notes"), ("mine.py", "--out", "notes")):
        told = "notes/verify.jsonl exists already, and is no verify.jsonl that checker has written"
        assert_rejected(run_checker("verify", *options), told)
    assert (mine / "notes" / JOURNAL).read_text() == "my notes"


@pytest.mark.parametrize("kept", ["", '{"schema": 1, "versions": {"pyt'])
def test_a_run_that_was_killed_before_it_had_begun(
    mine: Path, run_checker: Any, assert_rejected: Any, kept: str
) -> None:
    """Nothing to go on with, and nothing in the way of beginning again."""
    (mine / "out").mkdir()
    (mine / "out" / JOURNAL).write_text(kept)
    told = "the run in out was interrupted before it had begun"
    assert_rejected(run_checker("verify", "--resume", "out"), told)
    assert run_checker("verify", "mine.py::control", "--out", "out", *BUDGET).status == 0


def _line(whole: Path, change: Callable[[dict[str, Any]], None]) -> None:
    header, state, *rest = map(json.loads, (whole / JOURNAL).read_text().splitlines())
    change(state["state"])
    lines = [header, state, *rest]
    (whole / JOURNAL).write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def test_a_counterexample_on_file_is_proved_again(
    whole: Path, run_checker: Any, assert_rejected: Any
) -> None:
    def forge(state: dict[str, Any]) -> None:
        tally = state["tallies"]["mine.true"]
        tally["worst"] = tally["tightest"] or tally["rough"]
        tally["worst"]["result"] |= {"decision": "VIOLATED", "guarantee": "exact"}

    _line(whole, forge)
    told = "verify.jsonl, line 2 is not what this version of checker writes: the counterexample to "
    assert_rejected(run_checker("verify", "--resume", "whole"), told)


@pytest.mark.parametrize(
    "change",
    [
        {"part": 7},
        {"position": 10**9},
        {"position": -1},
        {"tallies": {}},
        {"hunted": ["x"]},
        {"seconds": 1e999},
        {"courses": {"mine.true": [1, 2]}},
        {"done": 1},
    ],
)
def test_a_state_that_no_run_is_in_is_refused(
    whole: Path, run_checker: Any, assert_rejected: Any, change: dict[str, Any]
) -> None:
    _line(whole, lambda state: state.update(change))
    outcome = run_checker("verify", "--resume", "whole")
    assert_rejected(outcome, "verify.jsonl, line 2 is not what this version of checker writes")


# -- parts ------------------------------------------------------------------------------------


@pytest.fixture
def parts(mine: Path, run_checker: Any, runs: Path) -> list[str]:
    """The folders of the three parts of a run."""
    names = [f"part{k}" for k in (1, 2, 3)]
    for k, name in enumerate(names, 1):
        options = ("mine.py", *BUDGET, "--shard", f"{k}/3", "--out", name)
        once(mine, runs, name, lambda options=options: run_checker("verify", *options))
    return names


def test_merged_parts_are_the_whole_run(mine: Path, parts: list[str], run_checker: Any) -> None:
    ids = [[c["id"] for c in results(mine / name)["evidence"]["claims"]] for name in parts]
    assert sorted(map(len, ids)) == [1, 2, 2]
    plain = run_checker("verify", "mine.py", *BUDGET, "--out", "whole")
    merged = run_checker("merge", *reversed(parts), "--out", "merged", "--jobs", 1)
    assert merged.status == plain.status == 2
    assert results(mine / "merged") == results(mine / "whole")
    # It is a run like any other.
    assert run_checker("verify", "--resume", "merged", "--jobs", 1).status == 2
    assert results(mine / "merged") == results(mine / "whole")


def test_parts_that_do_not_make_a_whole_are_refused(
    mine: Path, parts: list[str], run_checker: Any, assert_rejected: Any
) -> None:
    def refused(told: str, *folders: str) -> None:
        assert_rejected(run_checker("merge", *folders, "--out", "merged"), told)

    first, second, third = parts
    refused("part1 and part1 are both shard 1/3", first, second, third, first)
    refused("shard 2/3 is missing: there is part1 (shard 1/3), part3 (shard 3/3)", first, third)
    with (mine / third / JOURNAL).open("r+b") as file:
        file.truncate((mine / third / JOURNAL).stat().st_size - 5)
    refused("part3 (shard 3/3) has not come to its end", *parts)
    options = ("mine.py", *BUDGET, "--out", "other")
    run_checker("verify", *options, "--shard", "3/3", "--seed", 1)
    told = "part1 is of another run: its seed is 0, that of other is 1"
    refused(told, first, second, "other")
    run_checker("verify", *options, "--shard", "3/4")
    refused("part1 (shard 1/3) and other (shard 3/4) are parts of different", first, "other")
    run_checker("verify", *options)
    refused("other holds a whole run, not a part of one", first, second, "other")
    refused("none holds no run that could go on", first, "none")
    assert_rejected(
        run_checker("merge", first, "--out", first),
        "part1/evidence.json is read by this very command",
    )
    assert os.listdir(mine / "merged") == []


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "1/0", "x/3", "1/3/4", "٣/٤", f"1/{9**99}"])
def test_shards_that_make_no_sense(mine: Path, run_checker: Any, shard: str) -> None:
    outcome = run_checker("verify", "mine.py", "--shard", shard)
    assert outcome.status == 2
    assert "argument --shard: " in outcome.err


def test_more_parts_than_work(mine: Path, run_checker: Any) -> None:
    outcome = run_checker("verify", "mine.py::true", *BUDGET, "--shard", "2/2", "--out", "part")
    assert outcome.status == 0
    assert "no claim is in this part" in outcome.out


@pytest.mark.usefixtures("every_task")
def test_a_run_that_is_interrupted_before_it_goes_on_says_so(
    mine: Path, run_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_checker("verify", "mine.py::true", *BUDGET, "--out", "whole")
    at_line(mine / "whole", mine / "killed", 2)

    def interrupted(*_: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(verify, "parts_of", interrupted)
    outcome = run_checker("verify", "--resume", "killed", "--jobs", 1)
    assert "interrupted: the verdicts rest on what was done until then" in outcome.out
    assert outcome.status == 3
    assert results(mine / "killed")["evidence"]["interrupted"] is True
