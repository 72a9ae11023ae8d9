"""Acts that bring a set of flows, and those that take it back."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from ivr.centre.releases.state import Act, Gate, Release, Scheduled, State


class Publishing(Act, frozen=True):
    """A set of flows is brought, with what the gates said of it.

    `forced`: not all gates let it pass, and whoever published it did so all the same.
    """

    version: str
    gates: tuple[Gate, ...] = ()
    forced: bool = False


class Publish(Publishing, frozen=True):
    """A release for all new calls from now on."""

    def apply(self, state: State, number: int) -> State:
        return state.put(Release(number, self.version))

    @property
    def words(self) -> str:
        return "publish"


class Schedule(Publishing, frozen=True, kw_only=True):
    """A release for all new calls from `due` on."""

    due: datetime

    def apply(self, state: State, number: int) -> State:
        coming = (*state.scheduled, Scheduled(Release(number, self.version), self.due))
        # Of two that are due at the same moment, the later entry has the last word.
        return replace(state, scheduled=tuple(sorted(coming, key=lambda one: one.due)))

    @property
    def words(self) -> str:
        return f"publish at {self.due:%Y-%m-%d %H:%M}"


class Cancel(Act, frozen=True):
    """A scheduled release is not to come."""

    release: int

    def apply(self, state: State, number: int) -> State:
        left = (one for one in state.scheduled if one.release.number != self.release)
        return replace(state, scheduled=tuple(left))

    @property
    def words(self) -> str:
        return f"cancel {self.release}"


class Rollback(Act, frozen=True):
    """An earlier release (`to`) is in force again."""

    to: int
    version: str

    def apply(self, state: State, number: int) -> State:
        return state.put(Release(self.to, self.version))

    @property
    def words(self) -> str:
        return f"rollback to {self.to}"
