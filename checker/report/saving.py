"""Evidence on disk: checked before a run, written after it."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from checker.claims.verdict import Evidence, Verdict
from checker.errors import InputError
from checker.explain.counterexample import Explanation, explain, markdown
from checker.report.evidence import dumps, run_to_json, witness_to_json
from checker.report.pooled import pooled_to_json
from checker.report.replay import POOLED

STDOUT = "-"
EVIDENCE = "evidence.json"


def require_writable(json_file: str | None, folder: str | None) -> None:
    """Raise InputError unless the results can be written, so that no run is lost.

    Makes the folder. Tries to write, because permissions alone do not tell (a full or read-only
    file system, the superuser).
    """
    if json_file is not None and json_file != STDOUT:
        path = Path(json_file)
        if path.is_dir():
            raise InputError(f"cannot write {json_file}: it is a folder", hint="Name a file")
        _attempt(path.parent, json_file)
        if path.exists():
            _attempt_append(path)
    if folder is not None:
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot_write(folder, error) from error
        _attempt(Path(folder), folder)


def _attempt(folder: Path, shown: str) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _cannot_write(shown, error) from error


def _attempt_append(path: Path) -> None:
    try:
        with path.open("a"):
            pass
    except OSError as error:
        raise _cannot_write(str(path), error) from error


def _cannot_write(shown: str, error: OSError) -> InputError:
    return InputError(
        f"cannot write {shown}: {error.strerror}",
        why="The results would be lost",
        hint="Check the folder and its permissions",
    )


def save(
    evidence: Sequence[Evidence],
    seed: int,
    json_file: str | None,
    folder: str | None,
    files: Sequence[str] = (),
) -> None:
    """Write the evidence to where it was asked for; "-" is standard output.

    `files` are the claim files of the run, which a replay needs.
    """
    explanations = {e.claim.id: explained for e in evidence if (explained := _explained(e))}
    text = dumps(run_to_json(evidence, seed, explanations=explanations, files=files))
    save_text(text, EVIDENCE, None, folder)
    for item in evidence if folder is not None else ():
        _save_counterexample(item, explanations.get(item.claim.id), str(folder), files)
        _save_pooled(item, str(folder))
    # Last: standard output may take nothing.
    save_text(text, EVIDENCE, json_file, None)


def _explained(item: Evidence) -> Explanation | None:
    if item.counterexample is None or item.verdict is not Verdict.REFUTED:
        return None
    return explain(item.claim, item.counterexample.instance)


def save_text(text: str, name: str, json_file: str | None, folder: str | None) -> None:
    """Write one document to a file or standard output, and under `name` into a folder."""
    if folder is not None:
        write_text(Path(folder) / name, text)
    # Last: standard output may take nothing.
    if json_file == STDOUT:
        sys.stdout.write(text)
        sys.stdout.flush()
    elif json_file is not None:
        write_text(Path(json_file), text)


def write_text(path: Path, text: str) -> None:
    """Write a file as a whole or not at all; raises InputError where that fails."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # A device or a pipe cannot be replaced.
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _cannot_write(str(path), error) from error


def _save_counterexample(
    item: Evidence, explanation: Explanation | None, folder: str, files: Sequence[str]
) -> None:
    """The case for `checker replay`, its report, and a script where one can be written."""
    if item.counterexample is None or explanation is None:
        return
    path = Path(folder) / counterexample_name(item.claim.id)
    write_text(path, dumps(witness_to_json(item.counterexample, item.claim.id)))
    replay = replay_command(item.claim.id, None, folder, files)
    write_text(path.with_suffix(".md"), markdown(item, replay, explanation))
    if explanation.script is not None:
        write_text(path.with_suffix(".py"), explanation.script)
    else:
        # Of an earlier run.
        path.with_suffix(".py").unlink(missing_ok=True)


def _save_pooled(item: Evidence, folder: str) -> None:
    """The seeds of the experiments that refute a claim together, for `checker replay`."""
    pooled = item.tally.pooled
    if pooled is None or not pooled.refutes:
        return
    content = {"claim": item.claim.id, POOLED: pooled_to_json(pooled)}
    write_text(Path(folder) / counterexample_name(item.claim.id), dumps(content))


def counterexample_name(claim_id: str) -> str:
    """File name of a claim's counterexample, whatever characters the id has."""
    return re.sub(r"[^\w.-]", "_", claim_id) + ".counterexample.json"


def replay_command(
    claim_id: str, json_file: str | None, folder: str | None, files: Sequence[str]
) -> str:
    """The command that replays a claim's counterexample, or how to save it first."""
    saved: str | Path | None = json_file if json_file != STDOUT else None
    if folder is not None:
        saved = Path(folder) / counterexample_name(claim_id)
    if saved is None:
        return "run again with --out DIR, then `checker replay DIR/evidence.json`"
    return shlex.join(["checker", "replay", str(saved), *files])
