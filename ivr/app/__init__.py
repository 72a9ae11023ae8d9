"""Wiring: configuration, start, calls, drain, stop."""
