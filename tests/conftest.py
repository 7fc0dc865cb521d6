"""Settings of Hypothesis for these tests: a busy machine is no reason to fail."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "landscape-tests", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("landscape-tests")
