"""Secure windows: in which nothing records, monitors or logs what a caller keys.

secure     on Asterisk: preflight, recorders, spies
closed     where none can be had: it says why
granting   in the simulator, where nothing listens
"""
