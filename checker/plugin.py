"""pytest plugin: the fixture `check_claim`, a closing table, profiles, JSON and HTML.

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
    from checker.testing import Checker

# Claims as JSON, one entry per call of `check_claim` in this process.
_ROWS = pytest.StashKey[list[dict[str, Any]]]()
_OUTPUT = "checker_rows"
# Of a row, but not of the evidence.
_NOT_EVIDENCE = ("seed", "report")

if "PYTEST_XDIST_WORKER" in os.environ:
    # At import: BLAS reads this once, and the tests are about to import NumPy.
    import checker.threads  # noqa: F401


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the command line."""
    group = parser.getgroup("checker", "claims about loss landscapes")
    group.addoption(
        "--checker-json", metavar="FILE", help="write the evidence of check_claim to FILE as JSON"
    )
    group.addoption(
        "--checker-report", metavar="DIR", help="write the evidence and its HTML report to DIR"
    )
    group.addoption(
        "--checker-profile",
        choices=("dev", "ci", "nightly"),
        help="dev: a tenth of the cases of check_claim; nightly: 25 times as many. Also loads the "
        "Hypothesis profile checker-dev, checker-ci or checker-nightly; default: neither",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start without results, and refuse outputs that cannot be written."""
    config.stash[_ROWS] = []
    profile = config.getoption("--checker-profile")
    if profile is not None:
        from checker.testing import load_hypothesis_profile

        load_hypothesis_profile(profile)
    if not _is_worker(config):
        _require_writable(config)


def _require_writable(config: pytest.Config) -> None:
    file, folder = (config.getoption(f"--checker-{name}") for name in ("json", "report"))
    if not file and not folder:
        return
    from checker.errors import InputError
    from checker.report.outputs import Output, require_writable

    names = ("evidence.json", "report.html") if folder else ()
    within = [Output(Path(folder) / name, name) for name in names]
    alone = [Output(Path(file), "evidence.json")] if file else []
    # The folder first: the file may lie in it.
    for option, outputs, made in (("report", within, folder), ("json", alone, None)):
        try:
            require_writable(outputs, made)
        except InputError as error:
            raise pytest.UsageError(f"--checker-{option}: {error}") from error


@pytest.fixture
def check_claim(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Checker:
    """A function (*claims, cases=None, seed=0) -> Evidence that fails unless the claims stand.

    A false neighbour (kind "must-be-refuted") has to be refuted instead. `cases` None is the
    default budget of `checker verify`.
    """
    from checker.testing import PROFILES, Checker

    def record(row: dict[str, Any]) -> None:
        request.config.stash[_ROWS].append(row)
        for name in ("verdict", "cases"):
            record_property(f"{row['id']}.{name}", row[name])
        tightest = row["tightest"] and row["tightest"]["relative_slack"]
        record_property(f"{row['id']}.tightest_relative_slack", tightest)

    return Checker(PROFILES[request.config.getoption("--checker-profile") or "ci"], record)


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
    if config.stash[_ROWS] or config.getoption("--checker-json"):
        _write(config, config.stash[_ROWS])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print one line per claim; nothing where no claim was checked."""
    rows = config.stash[_ROWS]
    if not rows:
        return
    from checker.instances.escapes import visible

    terminalreporter.section("claims")
    merged = _merged(rows)
    reports = (line for row in merged if row["report"] for line in ("", *row["report"]))
    for line in (*_table(merged), *reports):
        terminalreporter.write_line(visible(line))
    folder = config.getoption("--checker-report")
    if folder is not None:
        terminalreporter.write_line(f"report: {Path(folder) / 'report.html'}")


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
    from checker.claims.text import slack_number

    slack, tightest = "-", row["counterexample"] or row["tightest"]
    if tightest is not None:
        equal = tightest["decision"] == "EQUAL"
        slack = slack_number(tightest["relative_slack"], equal=equal)
    verdict = row["verdict"] + ("" if row["expected"] else " (not as expected)")
    if row["of"] and row["expected"]:
        verdict += " (as it must be)"
    return row["id"], f"{row['cases']:,}", slack, verdict


def _write(config: pytest.Config, rows: list[dict[str, Any]]) -> None:
    from checker.report.evidence import claims_to_run, dumps
    from checker.report.saving import EVIDENCE, save_text

    seeds = {row["seed"] for row in rows}
    claims = [{k: v for k, v in row.items() if k not in _NOT_EVIDENCE} for row in _merged(rows)]
    text = dumps(claims_to_run(claims, seeds.pop() if len(seeds) == 1 else None))
    folder = config.getoption("--checker-report")
    save_text(text, EVIDENCE, config.getoption("--checker-json"), folder)
    if folder is not None:
        _write_report(folder)


def _write_report(folder: str) -> None:
    from checker.report.html.writing import report_path, write_report
    from checker.report.run import read_run

    write_report(read_run(folder), report_path(folder, None))
