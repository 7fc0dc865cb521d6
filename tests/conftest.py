"""Settings of Hypothesis for these tests: a busy machine is no reason to fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SLOW = Path(__file__).resolve().with_name("slow.txt")

settings.register_profile(
    "landscape-tests", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("landscape-tests")


@pytest.fixture(scope="session")
def nightly(request: pytest.FixtureRequest) -> bool:
    """Whether the profile is `nightly`, in which the budgets of some tests are larger."""
    return bool(request.config.getoption("--checker-profile") == "nightly")


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks of tests that are left out."""
    config.addinivalue_line("markers", "nightly: left out without --checker-profile nightly")
    config.addinivalue_line("markers", "slow: left out of a run over everything without -m slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long; say how many.

    `nightly` finds little that the rest would not. What is `slow` stands in `slow.txt`; it is left
    out of a run over everything only, and CI runs it, too.
    """
    if config.getoption("--checker-profile") == "nightly":
        return
    slow = set(SLOW.read_text(encoding="utf-8").split())
    for item in items:
        if item.nodeid.partition("[")[0] in slow:
            item.add_marker("slow")
    without = {"nightly", "slow"} if _over_everything(config) else {"nightly"}
    later = {item for item in items if any(item.get_closest_marker(mark) for mark in without)}
    config.hook.pytest_deselected(items=[item for item in items if item in later])
    items[:] = [item for item in items if item not in later]


def _over_everything(config: pytest.Config) -> bool:
    """Whether neither tests nor marks are named; a worker is given the folder of all tests."""
    named = {Path(config.invocation_params.dir, name).resolve() for name in config.args}
    return named <= {SLOW.parent, SLOW.parents[1]} and "slow" not in config.getoption("markexpr")
