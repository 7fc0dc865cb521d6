"""Plant faults in a copy of the project: the gate must fall for each, for the right reason.

    python ci/planted_faults.py [--only TEXT] [--jobs N] [--markdown FILE]

Each run is restricted to the claims that the fault is about, to save time; the corpus is always run
as a whole. Exit status 1: the gate passed with a fault in it, fell for another reason, or a fault
cannot be planted any more (the list below is stale). The first run plants nothing and has to pass.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("checker", "properties", "strategies", "ci", "pyproject.toml")

OBJECTIVE = "checker/landscape/residual_unit/one_output.py"
DECIDE = "checker/arithmetic/decide.py"
CAMPAIGN = "checker/search/campaign.py"
SHAMIR = "properties/shamir2018/theorems.py"
CASE = "ci/corpus/theorem1.no_V_term.json"

# File, text that occurs exactly once, text to put in its place (None: delete the file).
Edit = tuple[str, str, str | None]


@dataclass(frozen=True)
class Fault:
    """A fault, the claims that the run is restricted to, and what it has to be caught by.

    `reasons` are of the gate's JSON, all of which must be among those that fail; `message` is on
    stderr where the gate refuses to judge (exit status 2).
    """

    name: str
    claims: tuple[str, ...]
    reasons: frozenset[str]
    edits: tuple[Edit, ...]
    message: str = ""

    @property
    def status(self) -> int:
        """The exit status that the gate must have."""
        return 2 if self.message else int(bool(self.reasons))


def fault(name: str, claims: str, reasons: str, *edits: Edit, message: str = "") -> Fault:
    """A fault with its claims and reasons separated by blanks."""
    ids = tuple(f"shamir2018.{claim}" for claim in claims.split())
    return Fault(name, ids, frozenset(reasons.split()), edits, message)


FAULTS = (
    fault("nothing", "lemma1", ""),
    fault(
        "gradient: a factor 2 in E[l' x]",
        "lemma1",
        "VERDICT CORPUS_SIDES",
        (
            OBJECTIVE,
            "return self._moment(self.X)",
            "return 2 * self._moment(self.X)",
        ),
    ),
    fault(
        "gradient: V bᵀ subtracted",
        "lemma1",
        "VERDICT CORPUS_SIDES",
        (
            OBJECTIVE,
            "return self.a + self.V @ self.b, outer",
            "return self.a - self.V @ self.b, outer",
        ),
    ),
    fault(
        "Hessian: sign of λ_min at w = 0",
        "theorem2_sharp",
        "VERDICT",
        (OBJECTIVE, "least = -vanishing_with(size, rho)", "least = vanishing_with(size, rho)"),
    ),
    fault(
        "logistic loss: sign of its curvature",
        "theorem2",
        "DISAGREEMENT",
        (
            "checker/landscape/losses/catalogue.py",
            "return sigmoid(p) * sigmoid(-p)\n\n\n@dataclass(frozen=True)\nclass CrossEntropy",
            "return -(sigmoid(p) * sigmoid(-p))\n\n\n@dataclass(frozen=True)\nclass CrossEntropy",
        ),
    ),
    fault(
        "error bound: unit roundoff 2⁻⁶⁰",
        "theorem1",
        "BOUND",
        ("checker/arithmetic/constants.py", "UNIT_ROUNDOFF = 2.0**-53", "UNIT_ROUNDOFF = 2.0**-60"),
    ),
    fault(
        "error bound: products forget inherited errors",
        "theorem1",
        "BOUND",
        ("checker/arithmetic/bounded.py", "error += np.abs(a) * other.error\n", "pass\n"),
        ("checker/arithmetic/bounded.py", "error += self.error * np.abs(b)\n", "pass\n"),
    ),
    fault(
        "strategy: no longer draws w = -w*",
        "lemma1",
        "STRATUM",
        (
            "strategies/residual_unit/strata/changes.py",
            'fields["W_star"] = -fields["W"]',
            'fields["W_star"] += 0.0',
        ),
    ),
    fault(
        "strategy: a stratum taken out",
        "lemma1",
        "STRATUM",
        (
            "strategies/residual_unit/strata/one_output.py",
            "NONZERO_W = (\n    *GENERAL,",
            "NONZERO_W = (\n    *GENERAL[:-1],",
        ),
    ),
    fault(
        "claim: constant 2 loosened to 2.1",
        "theorem1",
        "EQUALITY CORPUS_DECISION",
        (SHAMIR, 'constants={"a": 2, "b": 2, "c": 1}', 'constants={"a": 2.1, "b": 2, "c": 1}'),
    ),
    fault(
        "claim: constant 2 tightened to 1.99",
        "theorem1",
        "VERDICT CORPUS_DECISION",
        (SHAMIR, 'constants={"a": 2, "b": 2, "c": 1}', 'constants={"a": 1.99, "b": 2, "c": 1}'),
    ),
    fault(
        "claim: removed, with cases in the corpus",
        "lemma1",
        "",
        (
            SHAMIR,
            '.part("sharp", "sharp form"),\n    wording="ours",\n    title="Theorem 1',
            '.part("other", "sharp form"),\n    wording="ours",\n    title="Theorem 1',
        ),
        message="there is no claim 'shamir2018.theorem1_sharp",
    ),
    fault(
        "claim: removed, without cases in the corpus",
        "theorem3",
        "VANISHED",
        (
            "properties/shamir2018/stationarity.py",
            '.part("at_t", "before choosing t")',
            '.part("for_t", "before choosing t")',
        ),
        ("ci/corpus/theorem3_at_t.theorem1_only.json", "", None),
    ),
    fault(
        "neighbour: removed",
        "theorem1",
        "VANISHED",
        ("properties/shamir2018/neighbours/constants.py", '"young_below"', '"young_lower"'),
    ),
    fault(
        "neighbour: made true",
        "theorem1",
        "SURVIVED",
        (
            "properties/shamir2018/neighbours/constants.py",
            "    a=Fraction(3, 2),\n    b=Fraction(29, 10),\n",
            "    a=2,\n    b=2,\n",
        ),
    ),
    fault(
        "decision: NaN passes",
        "theorem1",
        "BOUND",
        (
            DECIDE,
            "return lower > 0 if strict else lower >= 0",
            "return lower > 0 if strict else ~(lower < 0)",
        ),
    ),
    fault(
        "decision: undecided counts as holds",
        "theorem1",
        "CORPUS_DECISION EQUALITY",
        (DECIDE, "return Decision.TIGHT, slack_bits(slack)", "return Decision.HOLDS, None"),
    ),
    fault(
        "decision: violations refute nothing",
        "lemma1",
        "SURVIVED",
        (DECIDE, "return self.decision is Decision.VIOLATED and not self.unproved", "return False"),
    ),
    fault(
        "exception: swallowed in the oracles, which raise",
        "lemma1",
        "ORACLE",
        (
            CAMPAIGN,
            "oracle(batch.case(index), rng):\n",
            "_quietly(oracle, batch.case(index), rng):\n",
        ),
        (
            CAMPAIGN,
            "def consult_oracles(",
            "def _quietly(oracle: Any, *arguments: Any) -> Any:\n"
            "    try:\n"
            "        return oracle(*arguments)\n"
            "    except Exception:\n"
            "        return []\n\n\n"
            "def consult_oracles(",
        ),
        (
            "checker/landscape/oracles/residual_unit.py",
            "slope = dot(",
            "slope = no_dot(",
        ),
    ),
    fault(
        "cache: lifted batches by stratum and size",
        "lemma1",
        "BOUND",
        (
            DECIDE,
            "    return lifted(batch.instances, Bounded)\n",
            "    key = type(batch.instances), batch.stratum, batch.size\n"
            "    if key not in _LIFTED:\n"
            "        _LIFTED[key] = lifted(batch.instances, Bounded)\n"
            "    return _LIFTED[key]\n\n\n_LIFTED: dict[Any, Any] = {}\n",
        ),
    ),
    fault(
        "search: the climb disabled",
        "theorem1 theorem2",
        "SURVIVED EQUALITY",
        (
            "checker/search/guided/climb.py",
            "for population in _nearest(rated):",
            "for population in _nearest(rated)[:0]:",
        ),
    ),
    fault(
        "speed: a Python loop over cases",
        "theorem1",
        "THROUGHPUT",
        (
            DECIDE,
            "    require_sound_arithmetic()\n",
            "    require_sound_arithmetic()\n"
            "    for i in range(batch.size):\n"
            "        formula(lift_batch(batch.part(slice(i, i + 1))))\n",
        ),
    ),
    fault(
        "corpus: a number altered",
        "lemma1",
        "CORPUS_SIDES",
        (
            CASE,
            '"0x1.0000000000000p+1"',
            '"0x1.0000000000001p+1"',
        ),
    ),
    fault(
        "corpus: a decision altered",
        "lemma1",
        "CORPUS_DECISION",
        (CASE, '"decision": "VIOLATED"', '"decision": "HOLDS"'),
    ),
    fault("corpus: a case deleted", "lemma1", "VANISHED", (CASE, "", None)),
)


@dataclass(frozen=True)
class Outcome:
    """What the gate said of a fault."""

    fault: Fault
    status: int
    reasons: frozenset[str]
    errors: str
    seconds: float

    @property
    def caught(self) -> bool:
        """Whether the gate fell for the right reason (or passed where nothing is wrong)."""
        right = self.fault.reasons <= self.reasons and self.fault.message in self.errors
        return right and self.status == self.fault.status


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="faults with this in their name")
    parser.add_argument("--jobs", default=str(os.cpu_count() or 1), metavar="N")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table")
    options = parser.parse_args()
    outcomes = []
    for item in (f for f in FAULTS if options.only in f.name):
        outcome = judged(item, options.jobs)
        outcomes.append(outcome)
        print(row(outcome), flush=True)
        if not outcome.caught:
            print(outcome.errors, file=sys.stderr)
    if options.markdown is not None:
        options.markdown.write_text(table(outcomes), encoding="utf-8")
    caught = sum(o.caught for o in outcomes)
    print(f"{caught} of {len(outcomes)} as expected, {sum(o.seconds for o in outcomes):.0f} s")
    return int(not outcomes or caught < len(outcomes))


def judged(item: Fault, jobs: str) -> Outcome:
    """Run the gate on a copy with the fault."""
    with planted(item) as tree:
        started = time.monotonic()
        result = tree / "gate.json"
        command = [sys.executable, "-m", "checker", "gate", *item.claims]
        command += ["--baseline", "ci/baseline.json", "--json", str(result), "--jobs", jobs]
        environment = {**os.environ, "PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1"}
        ran = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
        reasons: set[str] = set()
        if result.exists():
            changes = json.loads(result.read_text(encoding="utf-8"))["changes"]
            reasons = {c["reason"] for c in changes if c["fails"]}
        seconds = time.monotonic() - started
        return Outcome(item, ran.returncode, frozenset(reasons), ran.stderr, seconds)


@contextmanager
def planted(item: Fault) -> Iterator[Path]:
    """A copy of the project with the fault in it."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in COPIED:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, tree / name)
        for file, old, new in item.edits:
            _edit(tree / file, old, new)
        yield tree


def _edit(path: Path, old: str, new: str | None) -> None:
    if new is None:
        path.unlink()
        return
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{path.name} has {text.count(old)} times {old!r}: the list is stale")
    path.write_text(text.replace(old, new), encoding="utf-8")


def row(outcome: Outcome) -> str:
    """A line of the Markdown table."""
    said = ", ".join(sorted(outcome.reasons)) or ("refused" if outcome.status == 2 else "passed")
    mark = "yes" if outcome.caught else "NO"
    cells = (outcome.fault.name, f"{said} ({outcome.status})", mark, f"{outcome.seconds:.0f}")
    return f"| {' | '.join(cells)} |"


def table(outcomes: Sequence[Outcome]) -> str:
    """The whole table."""
    head = ["| planted | what the gate said (exit status) | as expected | s |", "|---|---|---|---|"]
    return "\n".join([*head, *map(row, outcomes)]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
