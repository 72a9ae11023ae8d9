"""What can go wrong in the lab, said so that a person knows what to do."""

from __future__ import annotations


class LabError(Exception):
    """Something the user can read and act on; the command line prints it without a traceback."""
