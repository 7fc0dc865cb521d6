"""Interruptions at random moments: is anything lost, is anything false said, is anything left?

    python ci/bench/interruptions.py [--number 200] [--seed 0] [--engine local] [--command verify]

A small run is interrupted: Ctrl-C (INT, to the whole group), TERM to the command, KILL to the
command, KILL to one of its workers, in turn. What it says then is compared with the run that nobody
interrupted, and so is what it says after it was resumed. Counted are

* differences: results after resuming that are others than those of the unbroken run;
* lost: counterexamples that were told, and are not there after resuming;
* false: a verdict on a claim that was not run, or one that the unbroken run does not confirm;
* orphans: processes of the run that are alive two seconds after its end;
* hangs: commands that are alive a minute after a signal.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from interrupted_commands import CLAIMS, COMMANDS, POINTS, Command, without_clock

SIGNALS = ("INT", "TERM", "KILL of the command", "KILL of a worker")
PATIENCE = 60.0
# -- a run ------------------------------------------------------------------------------------


class Run:
    """A command in a session of its own."""

    def __init__(self, arguments: list[str], folder: Path, engine: str = "local") -> None:
        command = [sys.executable, "-m", "checker", *arguments, "--jobs", "2"]
        # What goes on has its engine from this line, not from the folder.
        command += ["--engine", engine] if engine != "local" else []
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def send(self, what: str, rng: random.Random) -> None:
        """Interrupt it, unless it is over."""
        pid = self.process.pid
        others = [p for p in members(pid) if p != pid]
        with suppress(ProcessLookupError):
            if what == "INT":
                os.killpg(pid, signal.SIGINT)
            elif what == "TERM":
                os.kill(pid, signal.SIGTERM)
            elif what == "KILL of the command":
                os.kill(pid, signal.SIGKILL)
            elif others:
                os.kill(rng.choice(others), signal.SIGKILL)

    def end(self, patience: float | None = PATIENCE) -> tuple[int | None, str, bool]:
        """Exit status (None for a hang), what it said, and whether a process was left."""
        try:
            said = self.process.communicate(timeout=patience)[0]
            status: int | None = self.process.returncode
        except subprocess.TimeoutExpired:
            status, said = None, ""
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        until = time.monotonic() + 2
        while members(self.process.pid) and time.monotonic() < until:
            time.sleep(0.05)
        left = bool(members(self.process.pid))
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return status, said, left


def members(session: int) -> list[int]:
    """The processes of a session that are alive."""
    return [pid for pid in _processes() if _session(pid) == session]


def _processes() -> Iterator[int]:
    yield from (int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit())


def _session(pid: int) -> int | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[3])


# -- many runs --------------------------------------------------------------------------------


class Trial:
    """Interruptions of one command, and what came of them."""

    def __init__(self, command: Command, engine: str, folder: Path) -> None:
        self.command, self.engine, self.folder = command, engine, folder
        self.counts: Counter[str] = Counter()
        self.corpus = folder.with_name("corpus")
        self.make_corpus()
        started = time.monotonic()
        run = Run(command.arguments, self.fresh(), engine)
        status, said, _ = run.end(patience=None)
        self.seconds = time.monotonic() - started
        self.expected = self.read()
        if self.expected is None:
            raise SystemExit(f"the unbroken run has no result, exit status {status}:\n{said}")
        self.files = self.saved()
        self.said = command.statements(self.expected)

    def fresh(self) -> Path:
        """The folder, as it was before any run."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.corpus, self.folder / "corpus")
        (self.folder / "broken.py").write_text(CLAIMS)
        (self.folder / "points.csv").write_text(POINTS)
        return self.folder

    def make_corpus(self) -> None:
        """A known case, without which no gate passes."""
        self.corpus.mkdir()
        Run(
            ["verify", "broken.py::no_factor", "--cases", "100", "--out", "out"], self.fresh()
        ).end()
        for saved in self.folder.glob("out/*.counterexample.json"):
            shutil.copy(saved, self.corpus)

    def read(self) -> Any:
        """The result; None without one."""
        path = self.folder / self.command.written
        try:
            return json.loads(path.read_text())
        except FileNotFoundError:
            return None

    def saved(self) -> dict[str, Any]:
        """The counterexamples that have files of their own."""
        found = self.folder.glob("out/*.counterexample.json")
        return {path.name: without_clock(json.loads(path.read_text())) for path in found}

    def interrupt(self, what: str, rng: random.Random) -> None:
        """Interrupt a run once, look at what it says, resume it, and look again."""
        moment = rng.uniform(0, 1.02 * self.seconds)
        run = Run(self.command.arguments, self.fresh(), self.engine)
        with suppress(subprocess.TimeoutExpired):
            run.process.wait(moment)
        over = run.process.poll() is not None
        run.send(what, rng)
        status, said, left = run.end()
        self.counts["interrupted"] += not over
        self.note("orphans", left, what, moment, said)
        self.note("hangs", status is None, what, moment, said)
        self.counts[f"exit status {status}"] += 1
        result = self.read()
        told = {} if result is None else self.command.statements(result)
        wrong = {k: v for k, v in told.items() if v is not None and v != self.said.get(k)}
        self.note("false", wrong, what, moment, said)
        if self.command.resumed is not None:
            self.resume(what, moment, set(self.saved()))

    def resume(self, what: str, moment: float, told: set[str]) -> None:
        """Go on, or begin again where nothing was begun; the result has to be the same."""
        run = Run(self.command.resumed or [], self.folder, self.engine)
        status, said, left = run.end(2 * PATIENCE + 10 * self.seconds)
        if self.command.resumed != self.command.arguments and status == 2 and not told:
            kept = self.folder / "out" / "verify.jsonl"
            begun = kept.exists() and b"\n" in kept.read_bytes()
            self.note("differences", begun, what, moment, said)
            self.counts["nothing begun"] += 1
            run = Run(self.command.arguments, self.fresh(), self.engine)
            status, said, left = run.end()
        self.note("orphans", left, f"after {what}", moment, said)
        self.note("hangs", status is None, f"after {what}", moment, said)
        result, files = self.read(), self.saved()
        same = without_clock(result) == without_clock(self.expected) and files == self.files
        self.note("differences", not same, what, moment, said)
        self.note("lost", told - set(files), what, moment, said)

    def note(self, kind: str, found: Any, what: str, moment: float, said: str) -> None:
        """Count what must not be, and show it."""
        self.counts[kind] += bool(found)
        if found:
            print(f"{kind}: {what} after {moment:.2f} s: {found}\n{said}", flush=True)


def main() -> None:
    """Interrupt, count, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", default="local")
    parser.add_argument("--command", choices=COMMANDS, default="verify")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(COMMANDS[options.command], options.engine, Path(folder) / "run")
        print(f"the unbroken run of {options.command} takes {trial.seconds:.1f} s", flush=True)
        for number in range(options.number):
            trial.interrupt(SIGNALS[number % len(SIGNALS)], rng)
            if number % 10 == 9:
                print(number + 1, dict(trial.counts), flush=True)
    print(f"{options.command}, {options.engine}: {options.number} runs, {dict(trial.counts)}")


if __name__ == "__main__":
    main()
