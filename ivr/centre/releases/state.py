"""What is in force: a fold over the ledger's entries and the time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from ivr.centre.canary import Canary
from ivr.model.calendar import Override


class Release(msgspec.Struct, frozen=True):
    """A set of flows in the ledger: the entry that brought it, and its version (content hash)."""

    number: int
    version: str


class Scheduled(msgspec.Struct, frozen=True):
    """A release that comes into force by itself at `due` (aware)."""

    release: Release
    due: datetime


class State(msgspec.Struct, frozen=True):
    """What the ledger says after the entry `number`, whose hash is `head`.

    `history` leads to the release in force, which is its last; a rollback shortens it, so that the
    one before is always what a rollback goes back to. `overrides` are the latest of each calendar
    and day. `canary` is the release on trial, against the one in force.
    """

    number: int = 0
    head: str = ""
    history: tuple[Release, ...] = ()
    scheduled: tuple[Scheduled, ...] = ()
    overrides: tuple[Override, ...] = ()
    canary: Canary | None = None

    @property
    def in_force(self) -> Release | None:
        """The release that new calls run; None before the first."""
        return self.history[-1] if self.history else None

    def at(self, now: datetime) -> State:
        """Return the state at a later moment: schedules that are due by then have taken effect."""
        state = self
        while state.scheduled and state.scheduled[0].due <= now:
            first, *later = state.scheduled
            state = replace(state.put(first.release), scheduled=tuple(later))
        return state

    def put(self, release: Release) -> State:
        """Return the state with a release in force; one that was in force before is gone back to.

        A trial ends with that: what it was compared with is in force no more.
        """
        before = self.history
        if release in before:
            before = before[: before.index(release)]
        return replace(self, history=(*before, release), canary=None)


class Act(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Something that was done. Each kind knows what it changes."""

    def apply(self, state: State, number: int) -> State:
        """Return the state after this act, which is in the entry `number`."""
        raise NotImplementedError

    @property
    def words(self) -> str:
        """What was done, in a few words for people."""
        raise NotImplementedError


class Entry(msgspec.Struct, frozen=True):
    """An entry of the ledger: when (aware), by whom and why something was done.

    `previous` is the hash of the entry before, and `hash` this entry's own, which is not part of it.
    """

    number: int
    at: datetime
    who: str
    why: str
    act: Act
    previous: str
    hash: str = ""


class Gate(msgspec.Struct, frozen=True):
    """What a gate said of a set of flows before it was published."""

    name: str
    passed: bool
    summary: str
    findings: tuple[str, ...] = ()


def fold(entries: Iterable[Entry], state: State | None = None) -> State:
    """Return the state after these entries, which follow those that `state` comes of."""
    state = state or State()
    for entry in entries:
        state = entry.act.apply(state.at(entry.at), entry.number)
        state = replace(state, number=entry.number, head=entry.hash)
    return state


def version_for(state: State, ani: str, call_id: str) -> str | None:
    """Return the version of a new call, None before the first release; `state` is that of now."""
    if state.canary is not None and state.canary.takes(ani, call_id):
        return state.canary.version
    return state.in_force.version if state.in_force else None


def versions(state: State) -> tuple[str, ...]:
    """Return every version that new calls may get now or soon, without another entry."""
    trial = [state.canary.version] if state.canary else []
    coming = [one.release.version for one in state.scheduled]
    return (*(one.version for one in state.history[-1:]), *trial, *coming)
