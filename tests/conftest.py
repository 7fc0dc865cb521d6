"""Settings of Hypothesis for these tests: a busy machine is no reason to fail."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "landscape-tests", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("landscape-tests")


@pytest.fixture(scope="session")
def nightly(request: pytest.FixtureRequest) -> bool:
    """Whether the profile is `nightly`, in which the budgets of some tests are larger."""
    return bool(request.config.getoption("--checker-profile") == "nightly")


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of tests that only the profile `nightly` runs."""
    config.addinivalue_line("markers", "nightly: left out without --checker-profile nightly")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long and finds little that the rest would not; say how many."""
    if config.getoption("--checker-profile") == "nightly":
        return
    later = {item for item in items if item.get_closest_marker("nightly")}
    config.hook.pytest_deselected(items=[item for item in items if item in later])
    items[:] = [item for item in items if item not in later]
