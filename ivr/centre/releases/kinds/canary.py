"""Acts that try a release on a share of callers."""

from __future__ import annotations

import enum
from datetime import datetime

from msgspec.structs import replace

from ivr.centre.canary import Canary, Stage
from ivr.centre.guardrail import Settings
from ivr.centre.releases.kinds.publishing import Publishing
from ivr.centre.releases.state import Act, Release, State


class Ending(enum.StrEnum):
    """How a trial ended."""

    PROMOTED = "promoted"
    ABORTED = "aborted"
    ROLLED_BACK = "rolled back"
    EXPIRED = "expired"


class StartCanary(Publishing, frozen=True, kw_only=True):
    """A release for a share of callers (between 0 and 1) from `since` on."""

    share: float
    since: datetime
    settings: Settings = Settings()
    auto_promote: bool = False

    def apply(self, state: State, number: int) -> State:
        # The hash before is another for every trial, and no caller can guess it.
        stages = (Stage(self.since, self.share),)
        trial = Canary(number, self.version, state.head, stages, self.settings, self.auto_promote)
        return replace(state, canary=trial)

    @property
    def words(self) -> str:
        return f"canary {100 * self.share:g} %"


class RaiseCanary(Act, frozen=True):
    """The release on trial is for a greater share of callers from `since` on."""

    share: float
    since: datetime

    def apply(self, state: State, number: int) -> State:
        if state.canary is None:
            return state
        return replace(state, canary=state.canary.raised(Stage(self.since, self.share)))

    @property
    def words(self) -> str:
        return f"canary raised to {100 * self.share:g} %"


class EndCanary(Act, frozen=True):
    """The trial of a release is over; a promoted one comes into force for everybody."""

    release: int
    ending: Ending

    def apply(self, state: State, number: int) -> State:
        trial = state.canary
        if trial is None or trial.number != self.release:
            return state
        if self.ending is Ending.PROMOTED:
            return state.put(Release(trial.number, trial.version))
        return replace(state, canary=None)

    @property
    def words(self) -> str:
        return f"canary {self.release} {self.ending}"
