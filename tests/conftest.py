"""Fixtures for every test: a running Asterisk and a telephone, for those that ask for them.

Properties are tried on the same examples in every run; `--hypothesis-profile explore` tries others.
"""

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("explore", max_examples=1000)
settings.load_profile("same")

pytest_plugins = ["lab.fixtures", "tests.places"]

PROOF_S = 60
"""How long a slower test may take that does not say: it takes seconds of CPU, on a busy machine more."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("proof") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(PROOF_S))
