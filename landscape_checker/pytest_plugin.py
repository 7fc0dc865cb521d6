"""pytest plugin: the fixture `check_claim`, a closing table, profiles, JSON and HTML.

    def test_my_theorem(check_claim):
        check_claim(my_theorem, cases=20_000)

pytest imports this module in every project where the package is installed, so nothing else is
imported here, and nothing changes for tests that do not use the fixture: the project may have its
own package `checker`.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from landscape_checker import ours

if TYPE_CHECKING:
    from checker.report.suite import Suite
    from checker.testing import Checker

# What a test found, until its report takes it along to the process that prints.
_FOUND = pytest.StashKey[list[dict[str, Any]]]()
# All rows of the session, and the workers that crashed.
_ROWS = pytest.StashKey[list[dict[str, Any]]]()
_LOST = pytest.StashKey[list[str]]()
_ATTRIBUTE = "checker_rows"
_PROFILES = ("dev", "ci", "nightly")


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
        choices=_PROFILES,
        help="dev: a tenth of the cases of check_claim; nightly: 25 times as many. Also loads the "
        "Hypothesis profile checker-dev, checker-ci or checker-nightly; default: neither",
    )
    parser.addini("checker_profile", "as --checker-profile, which comes before it", default="")
    parser.addini("checker_cases", "cases of check_claim where a test sets no number", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Start without results, and refuse outputs that cannot be written."""
    config.stash[_ROWS], config.stash[_LOST] = [], []
    profile = _profile(config)
    _cases(config)
    if profile is not None:
        _ours("testing").load_hypothesis_profile(profile)
    if not _is_worker(config):
        _require_writable(config)
        config.pluginmanager.register(_Collector(config), "landscape-checker-collector")


def _profile(config: pytest.Config) -> str | None:
    """The profile of the command line, or else of the configuration."""
    given: str | None = config.getoption("--checker-profile")
    name = given or config.getini("checker_profile") or None
    if name not in (None, *_PROFILES):
        raise pytest.UsageError(f"checker_profile is {name!r}, not one of {', '.join(_PROFILES)}")
    return name


def _cases(config: pytest.Config) -> int | None:
    text = str(config.getini("checker_cases"))
    if not text:
        return None
    if not (text.isdecimal() and int(text) > 0):
        raise pytest.UsageError(f"checker_cases is {text!r}, not a whole number of at least 1")
    return int(text)


def _ours(module: str) -> Any:
    """A module of our `checker`, for an option that needs it."""
    try:
        return ours(module)
    except ImportError as error:
        raise pytest.UsageError(str(error)) from error


def _require_writable(config: pytest.Config) -> None:
    file, folder = (config.getoption(f"--checker-{name}") for name in ("json", "report"))
    if not file and not folder:
        return
    InputError, outputs = _ours("errors").InputError, _ours("report.outputs")
    names = ("evidence.json", "report.html") if folder else ()
    within = [outputs.Output(Path(folder) / name, name) for name in names]
    alone = [outputs.Output(Path(file), "evidence.json")] if file else []
    # The folder first: the file may lie in it.
    for option, written, made in (("report", within, folder), ("json", alone, None)):
        try:
            outputs.require_writable(written, made)
        except InputError as error:
            raise pytest.UsageError(f"--checker-{option}: {error}") from error


@pytest.fixture
def check_claim(request: pytest.FixtureRequest) -> Checker:
    """A function (*claims, cases=None, seed=0) -> Evidence that fails unless the claims stand.

    A false neighbour (kind "must-be-refuted") has to be refuted instead. `cases` None is the
    default budget of `checker verify`.
    """
    try:
        testing = ours("testing")
    except ImportError as error:
        pytest.fail(f"check_claim cannot be used here: {error}", pytrace=False)
    node = request.node

    def record(row: dict[str, Any]) -> None:
        node.stash.setdefault(_FOUND, []).append(row)
        # What JUnit XML carries. Not by `record_property`, which warns of the schema xunit2.
        node.user_properties.extend(ours("report.suite").properties(row))

    profile = testing.PROFILES[_profile(request.config) or "ci"]
    checker: Checker = testing.Checker(profile, record, _cases(request.config))
    return checker


# Not `wrapper=True`, which the pytest of another project may be too old for.
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Let the report take along what the test found: a worker may crash before its end."""
    outcome = yield
    found = item.stash.get(_FOUND, [])
    if found:
        setattr(outcome.get_result(), _ATTRIBUTE, list(found))
        found.clear()


class _Collector:
    """Takes the rows out of the reports, in the process that prints."""

    def __init__(self, config: pytest.Config) -> None:
        self._rows = config.stash[_ROWS]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also of tests that ran in an xdist worker."""
        self._rows.extend(getattr(report, _ATTRIBUTE, []))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    """Remember an xdist worker that crashed; what its last test found is lost."""
    if error:
        node.config.stash[_LOST].append(node.gateway.id)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the results."""
    config = session.config
    if _is_worker(config) or not (config.stash[_ROWS] or config.getoption("--checker-json")):
        return
    suite = _suite(config)
    interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
    suite.write(
        config.getoption("--checker-json"), config.getoption("--checker-report"), interrupted
    )


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print one line per claim; nothing where no claim was checked."""
    if not config.stash[_ROWS]:
        return
    terminalreporter.section("claims")
    visible = ours("instances.escapes").visible
    for line in _suite(config).lines(config.getoption("--checker-report")):
        terminalreporter.write_line(visible(line))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in _suite(config).annotations():
            terminalreporter.write_line(visible(line))
        _write_summary(_suite(config).summary())


def _write_summary(text: str) -> None:
    """Append to the summary of a GitHub workflow, where the runner has named its file."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if file:
        with open(file, "a", encoding="utf-8") as stream:
            stream.write(text)


def _suite(config: pytest.Config) -> Suite:
    suite: Suite = ours("report.suite").Suite(config.stash[_ROWS], config.stash[_LOST])
    return suite


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")
