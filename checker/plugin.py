"""pytest plugin: the fixture `check_claim`, a closing table, and `--checker-json FILE`.

    def test_my_theorem(check_claim):
        check_claim(my_theorem, cases=20_000)

pytest imports this module in every project where the package is installed, so nothing heavy is
imported here, and nothing changes for tests that do not use the fixture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from checker.claim import Claim
    from checker.verdict import Evidence

# Claims as JSON, one entry per call of `check_claim` in this process.
_ROWS = pytest.StashKey[list[dict[str, Any]]]()
_OUTPUT = "checker_rows"

if "PYTEST_XDIST_WORKER" in os.environ:
    # At import: BLAS reads this once, and the tests are about to import NumPy.
    import checker.threads  # noqa: F401


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--checker-json`."""
    group = parser.getgroup("checker", "claims about loss landscapes")
    group.addoption(
        "--checker-json", metavar="FILE", help="write the evidence of check_claim to FILE as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start without results, and refuse a file that cannot be written."""
    config.stash[_ROWS] = []
    path = config.getoption("--checker-json")
    if path is not None and not _is_worker(config):
        folder = Path(path).absolute().parent
        if Path(path).is_dir() or not os.access(folder, os.W_OK):
            raise pytest.UsageError(f"--checker-json: cannot write {path}")


@pytest.fixture
def check_claim(request: pytest.FixtureRequest) -> Callable[..., Evidence]:
    """A function (claim, cases=None, seed=0) -> Evidence that fails unless the claim stands.

    A false neighbour (kind "must-be-refuted") has to be refuted instead. `cases` None is the
    default budget of `checker verify`.
    """
    rows = request.config.stash[_ROWS]

    def check(claim: Claim, cases: int | None = None, seed: int = 0) -> Evidence:
        __tracebackhide__ = True
        from checker.report.evidence import claim_to_json
        from checker.report.text import explanation
        from checker.verify import Plan, verify

        (evidence,) = verify(Plan((claim,), cases=cases, seed=seed, jobs=1))
        if evidence.interrupted:
            raise KeyboardInterrupt
        rows.append({**claim_to_json(evidence), "seed": seed})
        if not evidence.as_expected:
            raise AssertionError("\n".join(explanation(evidence)))
        return evidence

    return check


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    """Take the results of an xdist worker; one that crashed has none."""
    rows = getattr(node, "workeroutput", {}).get(_OUTPUT, [])
    node.config.stash[_ROWS].extend(rows)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the results to the controller, or write them."""
    config = session.config
    if _is_worker(config):
        config.workeroutput[_OUTPUT] = config.stash[_ROWS]  # type: ignore[attr-defined]
        return
    path = config.getoption("--checker-json")
    if path is not None:
        _write(Path(path), config.stash[_ROWS])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print one line per claim; nothing where no claim was checked."""
    rows = config.stash[_ROWS]
    if not rows:
        return
    terminalreporter.section("claims")
    for line in _table(_merged(rows)):
        terminalreporter.write_line(line)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _merged(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row per claim, by id: the order in which workers finish is chance."""
    from checker.report.evidence import merge_claims

    merged: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = merged.get(row["id"])
        merged[row["id"]] = row if known is None else merge_claims(known, row)
    return [merged[name] for name in sorted(merged)]


def _table(rows: list[dict[str, Any]]) -> list[str]:
    cells = [("claim", "cases", "tightest slack", "verdict"), *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    return [
        f"{name:<{widths[0]}}  {cases:>{widths[1]}}  {slack:>{widths[2]}}  {verdict}"
        for name, cases, slack, verdict in cells
    ]


def _cells(row: dict[str, Any]) -> tuple[str, str, str, str]:
    from checker.report.text import slack_number

    slack, tightest = "-", row["tightest"]
    if tightest is not None:
        equal = tightest["decision"] == "EQUAL"
        slack = slack_number(tightest["relative_slack"], equal=equal)
    verdict = row["verdict"] + ("" if row["expected"] else " (not as expected)")
    if row["of"] and row["expected"]:
        verdict += " (as it must be)"
    return row["id"], f"{row['cases']:,}", slack, verdict


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    from checker.report.evidence import claims_to_run, dumps
    from checker.report.saving import write_text

    seeds = {row["seed"] for row in rows}
    claims = [{k: v for k, v in row.items() if k != "seed"} for row in _merged(rows)]
    write_text(path, dumps(claims_to_run(claims, seeds.pop() if len(seeds) == 1 else None)))
