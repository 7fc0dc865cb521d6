"""`checker replay`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checker.claims.claim import Claim
from checker.claims.registry import load_claims, unknown_claim
from checker.commands.choice import of_files
from checker.commands.options import Options
from checker.commands.status import OPEN, REFUTED, STANDS
from checker.errors import InputError
from checker.explain.refutation import theorem
from checker.instances.escapes import visible
from checker.report.evidence_files import theorem_name
from checker.report.pooled_replay import ReplayedPool, replay_pooled
from checker.report.replay import POOLED, Replayed, read_json, replay, saved_cases
from checker.report.saving import write_text
from checker.report.terminal.console import make_console
from checker.report.terminal.run import print_replayed, print_replayed_pool


def run(options: Options) -> int:
    """Decide every saved case again and compare."""
    own = {c.id: c for _, claims in of_files(options) for c in claims}
    content = read_json(options.saved)
    cases = list(saved_cases(content, options.claim))
    if options.picked:
        cases = [case for case in cases if case[0] in own]
    console = make_console(sys.stdout)
    if not cases:
        raise InputError(f"{options.saved} holds no case with an instance")
    found = _by_id(own, [name for name, _, _ in cases], _claim_files(content))
    # A file of which a case cannot be read is refused as a whole, so nothing is printed before.
    replayed = [_replayed(found[name], kind, saved) for name, kind, saved in cases]
    for item in replayed:
        if isinstance(item, ReplayedPool):
            print_replayed_pool(console, item)
        else:
            print_replayed(console, item)
    if options.out is not None:
        _save_theorems(replayed, Path(options.out))
    return _replay_status(replayed)


def _replayed(claim: Claim, kind: str, saved: dict[str, Any]) -> Replayed | ReplayedPool:
    return replay_pooled(claim, saved) if kind == POOLED else replay(claim, kind, saved)


def _save_theorems(replayed: Sequence[Replayed | ReplayedPool], folder: Path) -> None:
    """A file for Coq for each claim that a case refutes, or a line that says why there is none."""
    violated = [
        x for x in replayed
        if isinstance(x, Replayed) and x.witness.result.refutes and not x.unmet
    ]  # fmt: skip
    for item in {x.claim.id: x for x in reversed(violated)}.values():
        made, name = theorem(item.claim, item.witness.instance), theorem_name(item.claim.id)
        if made.text is None:
            print(visible(f"no theorem for Coq: {item.claim.id}: {made.problem}"))
        else:
            write_text(folder / name, made.text)
            print(visible(f"theorem: {folder / name}"))


def _by_id(own: dict[str, Claim], ids: Sequence[str], files: Sequence[str]) -> dict[str, Claim]:
    """The claims with these ids, those of the files first; of `files` the saved run was."""
    known = own if set(ids) <= set(own) else {**load_claims(), **own}
    for name in (n for n in ids if n not in known):
        error = unknown_claim(name, known)
        if files and not own:
            error.hint = f"The run was of {', '.join(files)}: name it after the JSON file"
        raise error
    return known


def _claim_files(content: Any) -> list[str]:
    """The claim files that a saved run names. They are told, never loaded."""
    files = content.get("files") if isinstance(content, dict) else None
    return [str(file) for file in files] if isinstance(files, list) else []


def _replay_status(replayed: Sequence[Replayed | ReplayedPool]) -> int:
    if any(item.refutes for item in replayed):
        return REFUTED
    return STANDS if all(item.agrees for item in replayed) else OPEN
