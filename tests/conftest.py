"""Fixtures for every test: a running Asterisk and a telephone, for those that ask for them."""

pytest_plugins = ["lab.fixtures"]
