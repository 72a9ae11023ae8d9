"""Releases: what the ledger's entries say, and what is in force because of them. Pure.

An entry holds an act; what there is to act is in `kinds`, one file for those that belong together.
"""

from ivr.centre.chain import digest
from ivr.centre.releases.chain import (
    Fault,
    LedgerError,
    faults,
    follow,
    opened,
    salvaged,
    seal,
)
from ivr.centre.releases.state import (
    Act,
    Entry,
    Gate,
    Release,
    Scheduled,
    State,
    fold,
    version_for,
    versions,
)

__all__ = [
    "Act",
    "Entry",
    "Fault",
    "Gate",
    "LedgerError",
    "Release",
    "Scheduled",
    "State",
    "digest",
    "faults",
    "fold",
    "follow",
    "opened",
    "salvaged",
    "seal",
    "version_for",
    "versions",
]
