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
from msgspec.structs import replace

from ivr.centre.guardrail import Metric, Settings
from ivr.ports.store import CallRecord


class Stage(msgspec.Struct, frozen=True):
    """From `since` (aware) on, `share` of callers (0 < share < 1) hear the canary."""

    since: datetime
    share: float


class Canary(msgspec.Struct, frozen=True):
    """The release `number` on trial: `version` against what is in force. Stages, oldest first.

    With `auto_promote`, it comes into force by itself once it is known to be harmless.
    """

    number: int
    version: str
    salt: str
    stages: tuple[Stage, ...]
    settings: Settings = Settings()
    auto_promote: bool = False

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

    def raised(self, stage: Stage) -> Canary:
        """Return the trial with more callers; nobody is ever put out of it."""
        if stage.share <= self.share:
            return self
        return replace(self, stages=(*self.stages, stage))

    def takes(self, ani: str, call_id: str) -> bool:
        """Whether a call that begins now hears the canary."""
        return place(self.salt, ani, call_id) < self.share

    def took(self, call: CallRecord) -> bool:
        """Whether a call had to hear the canary when it began."""
        return place(self.salt, call.ani, call.call_id) < self.share_at(call.started)

    def counts(self, call: CallRecord, stable: str) -> bool:
        """Whether a call can be compared: it is over, began during the trial, and on its side.

        A node that has not looked at the ledger yet begins calls on the stable version that should
        hear the canary, for half a second: those belong to neither side.
        """
        right = self.version if self.took(call) else stable
        return call.ended is not None and call.started >= self.since and call.version == right


def place(salt: str, ani: str, call_id: str) -> float:
    """Return a caller's place, 0 ≤ place < 1: evenly spread, and the same for the same number."""
    caller = f"ani {ani}" if ani else f"call {call_id}"
    digest = hashlib.sha256(f"{salt} {caller}".encode()).digest()
    # 53 bits are what a float holds exactly: with 64, the last places would round up to 1.
    return (int.from_bytes(digest[:8], "big") >> 11) / (1 << 53)


def wrongs(call: CallRecord) -> frozenset[Metric]:
    """Return what went wrong in a call."""
    told = {
        Metric.ZERO_OUT: call.zero_out,
        Metric.ERRORS: call.failed,
        Metric.ABANDONMENT: call.abandoned,
    }
    return frozenset(metric for metric, wrong in told.items() if wrong)
