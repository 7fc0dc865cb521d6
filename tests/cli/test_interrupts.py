"""Runs that end early: signals, killed processes, formulas and strategies that never end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import checker
from checker import stopping
from checker.search import pool

ROOT = Path(checker.__file__).resolve().parent.parent

# Far more than anything here takes: a machine may be busy.
PATIENCE = 120

# Each evaluation leaves a byte, so that a test knows that the work goes on.
TRACED = """
def leave_a_trace():
    with open({trace!r}, "a") as trace:
        trace.write(".")


@claim(given=pairs, constants={{"c": 1}})
def slow(at, c):
    import time

    leave_a_trace()
    time.sleep(0.002)
    return at.a**2 + at.b**2 >= 2 * c * at.a * at.b
"""

OTHER = """
@claim(given=pairs)
def other(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b
"""

CONTROL = """
@claim(given=pairs, kind="must-be-refuted", of="mine.slow", why="a = b = 0")
def control(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b + 1
"""

SURVIVOR = """
@claim(given=pairs, kind="must-be-refuted", of="mine.slow", why="it is not")
def survivor(at):
    return slow.formula(at, 1)
"""

FALSE = """
@claim(given=pairs)
def too_much(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b + 1
"""

FOREVER = """
@claim(given=pairs)
def forever(at):
    while True:
        pass
"""

NEVER_DRAWN = """
def never(x):
    while True:
        pass


@claim(given=pairs.map(never))
def undrawn(at):
    return at.a**2 + at.b**2 >= 2 * at.a * at.b
"""

KILLED = """
@claim(given=pairs)
def killed(at):
    import os

    os.kill(os.getpid(), 9)
"""


class Run:
    """A command line as a process of its own, which has begun to work."""

    def __init__(self, folder: Path, trace: Path | None, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "checker", *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A group of its own: Ctrl-C reaches the workers, too.
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        until = time.monotonic() + PATIENCE
        while trace is not None and not (trace.exists() and trace.stat().st_size > 100):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < until
            time.sleep(0.05)

    @property
    def children(self) -> list[int]:
        """Its workers."""
        pid = self.process.pid
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in text.split()]

    def end(self, number: signal.Signals, *, group: bool = False) -> tuple[str, str, int]:
        """Send a signal, wait; standard output, standard error, exit status."""
        children = self.children
        (os.killpg if group else os.kill)(self.process.pid, number)
        output, errors = self.process.communicate(timeout=PATIENCE)
        require_gone(children)
        return output, errors, self.process.returncode


def require_gone(processes: Sequence[int]) -> None:
    """Wait until none of the processes is there any more, but perhaps as a zombie."""
    until = time.monotonic() + PATIENCE
    while any(map(is_alive, processes)):
        assert time.monotonic() < until, "a worker outlives its parent"
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


Start = Callable[..., Run]


@pytest.fixture
def start(write: Any, tmp_path: Path) -> Start:
    """Start a command on a file of claims, and wait until it is at work on `slow`."""

    def started(command: str, *options: object, further: str = "") -> Run:
        trace = tmp_path / "trace"
        path = write(TRACED.format(trace=str(trace)), further)
        return Run(tmp_path, trace, command, path, *options, "--out", tmp_path / "out")

    return started


def evidence(folder: Path, name: str = "evidence.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / name).read_text())
    return found


# -- signals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "jobs", "group"),
    [
        (signal.SIGINT, 2, True),
        pytest.param(signal.SIGINT, 1, True, marks=pytest.mark.nightly),
        pytest.param(signal.SIGTERM, 2, False, marks=pytest.mark.nightly),
        (signal.SIGHUP, 1, False),
    ],
)
def test_a_signal_keeps_and_reports_what_was_done(
    start: Start, tmp_path: Path, number: signal.Signals, jobs: int, group: bool
) -> None:
    run = start("verify", "--cases", 10**8, "--jobs", jobs, further=OTHER + CONTROL)
    output, errors, status = run.end(number, group=group)
    assert "interrupted: the verdicts rest on what was done until then" in output
    assert "Traceback" not in errors
    assert status == 3
    found = evidence(tmp_path)
    assert found["interrupted"] is True
    slow, other, control = found["claims"]
    assert slow["cases"] > 0
    # What was not begun is neither vacuous nor a survivor.
    assert [other["verdict"], control["verdict"]] == ["NOT_RUN", "NOT_RUN"]
    assert "NOT RUN" in output
    assert "VACUOUS" not in output
    assert "false neighbour mine.control was not tried to the end" in output
    assert "survived" not in output
    page = (tmp_path / "out" / "report.html").read_text()
    assert "NOT RUN" in page
    assert "survived" not in page


@pytest.mark.parametrize(
    ("command", "name", "told"),
    [
        ("audit", "audit.json", "interrupted: the rest was not tried"),
        pytest.param(
            *("sharpen", "sharpen.json", "interrupted: the other constants"),
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_a_signal_ends_other_commands(
    start: Start, tmp_path: Path, command: str, name: str, told: str
) -> None:
    further = SURVIVOR * (command == "audit")
    run = start(command, "--jobs", 2, "--cases", 10**8, further=further)
    output, errors, status = run.end(signal.SIGINT, group=True)
    assert told in output
    assert "Traceback" not in errors
    assert status == 3
    assert evidence(tmp_path, name)["interrupted"] is True


def test_a_signal_ends_a_census(tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--starts", 10**6, "--jobs", 2, "--out", out)
    run = Run(tmp_path, None, "census", "diabetes", *options)
    until = time.monotonic() + PATIENCE
    while not (out / "census.jsonl").exists() or not run.children:
        assert time.monotonic() < until
        time.sleep(0.05)
    output, errors, status = run.end(signal.SIGTERM)
    assert "interrupted" in output
    assert "Traceback" not in errors
    assert status == 3
    assert evidence(tmp_path, "census.json")["interrupted"] is True


def test_workers_do_not_outlive_a_parent_that_is_killed(start: Start) -> None:
    run = start("verify", "--cases", 10**8, "--jobs", 2)
    children = run.children
    assert len(children) == 2
    run.end(signal.SIGKILL)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("time.sleep(600)", marks=pytest.mark.nightly),
        "try:\n    time.sleep(600)\nexcept KeyboardInterrupt:\n    raise ImportError('half')",
    ],
)
def test_a_signal_while_modules_load_is_an_interruption(
    write: Any, tmp_path: Path, body: str
) -> None:
    trace = tmp_path / "trace"
    path = write(f"import time\nopen({str(trace)!r}, 'w').write('.' * 101)\n{body}\n", OTHER)
    run = Run(tmp_path, trace, "verify", path)
    output, errors, status = run.end(signal.SIGINT)
    assert (output, status) == ("", 3)
    assert errors == "checker: interrupted before there was a result\n"


DEAF = """
class Finalised:
    # What is raised in a finalizer is swallowed.
    def __del__(self):
        with open({trace!r}, "a") as trace:
            trace.write(101 * ".")
        time.sleep(0.05)


@claim(given=pairs)
def deaf(at):
    while True:
        Finalised()
        time.sleep(0.02)
"""


def test_the_second_ctrl_c_ends_work_that_does_not_ask(write: Any, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    path = write("import time\n", DEAF.format(trace=str(trace)))
    run = Run(tmp_path, trace, "verify", path, "--jobs", 1)
    os.kill(run.process.pid, signal.SIGINT)
    time.sleep(0.2)
    output, errors, status = run.end(signal.SIGINT)
    assert "interrupted" in output
    assert "ignored" not in errors
    assert status == 3


# -- work that is lost ------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine may need seconds for what takes a part of one.
    monkeypatch.setattr(stopping, "CASE_SECONDS", 3.0)
    monkeypatch.setattr(pool, "CASE_SECONDS", 3.0)


@pytest.mark.parametrize(
    ("claim", "name", "jobs", "told"),
    [
        (FOREVER, "forever", 2, "no answer for "),
        (NEVER_DRAWN, "undrawn", 1, "while cases were drawn: no answer for "),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_work_without_an_end_is_given_up(
    write: Any, run_checker: Any, tmp_path: Path, claim: str, name: str, jobs: int, told: str
) -> None:
    options = ("--cases", 100, "--jobs", jobs, "--out", tmp_path / "out")
    control = CONTROL.replace("mine.slow", "mine.other")
    outcome = run_checker("verify", write(OTHER, claim, control), *options)
    assert outcome.status == 2
    verdicts = {c["id"]: c["verdict"] for c in evidence(tmp_path)["claims"]}
    # The other claims are as they would be without it.
    assert verdicts == {
        "mine.other": "STANDS",
        f"mine.{name}": "ERROR",
        "mine.control": "REFUTED",
    }
    assert f"mine.{name}: ERROR\n{told}" in outcome.out


# By day tests/search/test_pool.py has work that is killed when the time is over.
@pytest.mark.nightly
def test_time_that_is_over_ends_work_without_an_end(
    write: Any, run_checker: Any, tmp_path: Path
) -> None:
    options = ("--seconds", 2, "--jobs", 2, "--out", tmp_path / "out")
    outcome = run_checker("verify", write(FOREVER), *options)
    assert outcome.status == 3
    assert "mine.forever: PARTIAL\nno answer for " in outcome.out


def test_what_kills_its_worker_is_an_error_and_the_rest_is_kept(
    write: Any, run_checker: Any, tmp_path: Path
) -> None:
    path = write(OTHER, KILLED, FALSE)
    outcome = run_checker("verify", path, "--cases", 100, "--jobs", 2, "--out", tmp_path / "out")
    # A refutation outweighs it.
    assert outcome.status == 1
    verdicts = [c["verdict"] for c in evidence(tmp_path)["claims"]]
    assert verdicts == ["STANDS", "ERROR", "REFUTED"]
    assert "mine.killed: ERROR\na worker process was killed on it" in outcome.out


def test_an_audit_tells_what_was_not_tried(write: Any, run_checker: Any, tmp_path: Path) -> None:
    killed = KILLED.replace("pairs)", 'pairs, kind="must-be-refuted", of="mine.other", why="x")')
    path = write(OTHER, killed, CONTROL.replace("mine.slow", "mine.other"))
    options = ("--cases", 1000, "--jobs", 2, "--out", tmp_path / "out")
    outcome = run_checker("audit", path, *options)
    assert outcome.status == 2
    assert re.search(r"^mine\.killed +ERROR ", outcome.out, re.MULTILINE)
    assert "SURVIVED" not in outcome.out
    mutants = {m["id"]: m for m in evidence(tmp_path, "audit.json")["neighbours"]}
    assert mutants["mine.control"]["refuted"]
    assert not mutants["mine.killed"]["survived"]
    assert "a worker process was killed on it" in mutants["mine.killed"]["fault"]


def test_a_pipe_is_no_claim_file(tmp_path: Path, run_checker: Any, assert_rejected: Any) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert_rejected(run_checker("verify", tmp_path / "pipe.py"), "is not a file that can be read")


@pytest.mark.parametrize("jobs", ["0", "-1", "x"])
def test_a_number_of_processes_that_makes_no_sense(write: Any, run_checker: Any, jobs: str) -> None:
    outcome = run_checker("verify", write(OTHER), "--jobs", jobs)
    assert outcome.status == 2
    assert f"argument --jobs: '{jobs}' is not a whole number of at least 1" in outcome.err


@pytest.mark.parametrize("jobs", [pytest.param(1000, marks=pytest.mark.nightly), 2**200])
def test_more_processes_than_are_of_use_are_not_started(
    write: Any, run_checker: Any, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    started: list[object] = []

    class Counted(pool.Worker):
        def __init__(self, *arguments: Any) -> None:
            started.append(arguments)
            super().__init__(*arguments)

    monkeypatch.setattr(pool, "Worker", Counted)
    assert run_checker("verify", write(OTHER), "--jobs", jobs, "--cases", 200).status == 0
    assert 1 <= len(started) <= 2 * max(8, 4 * (os.cpu_count() or 1))


@pytest.mark.parametrize(("kind", "told"), [(stopping._BreakIn, 0), (ValueError, 1)])
def test_a_finalizer_that_is_broken_into_is_no_matter_for_the_user(
    kind: type[BaseException], told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Closing:
        def __del__(self) -> None:
            raise kind

    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", seen.append)
    with stopping.signals_handled():
        closing = Closing()
        del closing
    assert len(seen) == told
    assert sys.unraisablehook == seen.append
