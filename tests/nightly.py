"""How many examples a law is tried on: some at every run, many more at night (``HYPOTHESIS_PROFILE=nightly``)."""

import os

from hypothesis import HealthCheck, settings

FACTOR = 40 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 1
_SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]


def examples(count: int) -> settings:
    """``count`` at every run, forty times as many at night."""
    return settings(max_examples=count * FACTOR, deadline=None, suppress_health_check=_SLOW)


settings.register_profile("nightly", examples(100))
