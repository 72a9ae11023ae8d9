"""Canaries: which callers hear a new release before all others do.

A caller's place between 0 and 1 is the SHA-256 of the canary's salt and their number. Those whose
place is below the share hear the canary. So a caller hears the same side whenever they call while
one canary lasts; raising the share takes more callers in and puts nobody out; and the next canary,
with another salt, tries its luck on others. A caller who withholds the number has no identity to
hold on to: each of their calls is placed by its id.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec


class Stage(msgspec.Struct, frozen=True):
    """From `since` (aware) on, `share` of callers (0 < share < 1) hear the canary."""

    since: datetime
    share: float


class Canary(msgspec.Struct, frozen=True):
    """A release on trial: `version` against what is in force, with its stages, oldest first."""

    version: str
    salt: str
    stages: tuple[Stage, ...]

    @property
    def since(self) -> datetime:
        """When the trial began."""
        return self.stages[0].since

    @property
    def share(self) -> float:
        """The share of callers who hear it now."""
        return self.stages[-1].share

    def share_at(self, at: datetime) -> float:
        """Return the share of callers who heard it at a moment; 0 before the trial."""
        return next((stage.share for stage in reversed(self.stages) if stage.since <= at), 0.0)

    def takes(self, ani: str, call_id: str, at: datetime) -> bool:
        """Whether a call that begins at `at` hears the canary."""
        return place(self.salt, ani, call_id) < self.share_at(at)


def place(salt: str, ani: str, call_id: str) -> float:
    """Return a caller's place, 0 ≤ place < 1: evenly spread, and the same for the same number."""
    caller = f"ani {ani}" if ani else f"call {call_id}"
    digest = hashlib.sha256(f"{salt} {caller}".encode()).digest()
    # 53 bits are what a float holds exactly: with 64, the last places would round up to 1.
    return (int.from_bytes(digest[:8], "big") >> 11) / (1 << 53)
