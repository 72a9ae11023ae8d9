"""Fixtures for every test: a running Asterisk and a telephone, for those that ask for them.

Properties are tried on the same examples in every run; `--hypothesis-profile explore` tries others.
"""

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("explore", max_examples=1000)
settings.load_profile("same")

pytest_plugins = ["lab.fixtures", "tests.places"]
