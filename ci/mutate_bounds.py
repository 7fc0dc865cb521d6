"""Mutation of proved bounds: drop each term of each bound; some test must fail every time.

    python ci/mutate_bounds.py [--only TEXT] [--list]

Each mutation (`ci/mutations/`) is planted in a copy of the tree, and the tests of its area run.
Exit status 1: a mutation survived, or its source text no longer occurs exactly once (its entry is
stale). TEXT is part of `area: name`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from mutations import (
    certification,
    decisions,
    experiments,
    float_functions,
    float_operations,
    further_functions,
    printing,
    proofs,
)
from mutations.mutation import Area, Mutation

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("checker", "properties", "strategies", "tests", "docs", "pyproject.toml")

SHARP = tuple(
    f"tests/arithmetic/test_bounds_sharp{part}.py"
    for part in ("", "_field", "_functions", "_matrices", "_escapes")
)
LADDER = ("wrong_once", "bounded", "decide", "exact", "ball")
ORACLE = (*SHARP, *(f"tests/arithmetic/test_{name}.py" for name in LADDER))
FUNCTIONS = (SHARP[2], "tests/arithmetic/functions")
CERTIFY = ("tests/certify/test_curvature.py", "tests/certify")

AREAS = (
    Area("float64", ORACLE, float_operations.MUTATIONS + float_functions.MUTATIONS),
    Area("functions", FUNCTIONS, further_functions.MUTATIONS),
    Area("decisions", ORACLE, decisions.MUTATIONS),
    Area("certify", CERTIFY, certification.MUTATIONS),
    *proofs.AREAS,
    *experiments.AREAS,
    *printing.AREAS,
)


def main() -> int:
    """Plant every mutation; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="mutations whose name has TEXT")
    parser.add_argument("--list", action="store_true", help="names only")
    options = parser.parse_args()
    every = ((a, m) for a in AREAS for m in a.mutations)
    chosen = [(a, m) for a, m in every if options.only in f"{a.name}: {m.name}"]
    if options.list:
        print("\n".join(f"{a.name}: {m.name}" for a, m in chosen))
        return 0
    caught: Counter[str] = Counter()
    for area, mutation in chosen:
        caught[area.name] += _outcome(area, mutation)
    planted = Counter(a.name for a, _ in chosen)
    print()
    for name, count in planted.items():
        print(f"{name}: caught {caught[name]} of {count}")
    print(f"caught {caught.total()} of {len(chosen)}")
    return 0 if caught.total() == len(chosen) else 1


def _outcome(area: Area, mutation: Mutation) -> bool:
    started = time.monotonic()
    by = _planted(area, mutation)
    verdict = f"caught by {by}" if by else "SURVIVED"
    if not by and mutation.equivalent:
        verdict = f"equivalent: {mutation.equivalent}"
    name = f"{area.name}: {mutation.name}"
    print(f"{name:50} {time.monotonic() - started:5.1f} s  {verdict}", flush=True)
    return bool(by or mutation.equivalent)


def _planted(area: Area, mutation: Mutation) -> str:
    """The first test that fails with the mutation in place, or an empty string."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in COPIED:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, tree / name)
        path = tree / mutation.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutation.old) != 1:
            raise SystemExit(
                f"stale: {mutation.name}: source occurs {text.count(mutation.old)} times"
            )
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        return _failing_test(tree, area.tests)


def _failing_test(tree: Path, tests: tuple[str, ...]) -> str:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        [*command, *tests], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode == 0:
        return ""
    failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0].split("::", 1)[-1] if failed else f"status {run.returncode}"


if __name__ == "__main__":
    raise SystemExit(main())
