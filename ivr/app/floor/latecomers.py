"""Callers whom the plain queue has taken while there was no engine: they are asked back to their sessions, and
what becomes of them before that counts as well."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.meanwhile import Meanwhile
from ivr.model.floor import Joined


class Latecomers:
    """Callers of the plain queue `queue` who are not on the floor, and may join it by themselves."""

    def __init__(self, floor: RunningFloor, queue: str) -> None:
        self._floor = floor
        self._queue = queue
        self._expected: dict[str, Meanwhile] = {}
        self._since: datetime | None = None

    def take(
        self,
        told: Iterable[Meanwhile],
        waiting: Collection[str],
        elsewhere: Callable[[str], bool],
    ) -> None:
        """Take what a login tells: who is not `waiting` any more, nor at another Asterisk, counts now."""
        self._since = self._floor.clock.now()
        late = {one.call_id: one for one in told if not one.known and self._is_stranger(one)}
        before, self._expected = self._expected | late, {}
        for call_id, one in before.items():
            if elsewhere(call_id) or (call_id in waiting and one.how is None):
                self._expected[call_id] = one
            elif self._is_stranger(one):
                self._admit(one)

    def expect(self, call_id: str, ani: str, at: datetime) -> None:
        """Take it that a caller comes to the plain queue although there is an engine."""
        if not self.were_here(call_id):
            self._expected[call_id] = Meanwhile(call_id, at, ani=ani)

    def were_here(self, call_id: str) -> bool:
        """Whether a caller has left the floor since the login: then their session has failed, and they neither
        wait again nor are they asked back to it."""
        left = self._floor.state.left.get(call_id)
        return left is not None and self._since is not None and left.at > self._since

    def back(self, call_id: str) -> None:
        """Take it that a caller is with their session again: it says whether they wait."""
        self._expected.pop(call_id, None)

    def count(self, call_id: str) -> None:
        """Have a caller be on the floor who did not come to join it: an agent has them, or they are gone."""
        one = self._expected.pop(call_id, None)
        if one is not None and self._is_stranger(one):
            self._admit(one)

    def _is_stranger(self, one: Meanwhile) -> bool:
        """Whether a caller is not on the floor, and was not since then."""
        left = self._floor.state.left.get(one.call_id)
        gone = left is not None and left.at >= one.entered
        return self._floor.caller(one.call_id) is None and not gone

    def _admit(self, one: Meanwhile) -> None:
        since = self._floor.doors.of(one.call_id).since or one.entered
        self._floor.emit(Joined(one.call_id, self._queue, ani=one.ani, since=since), since)
        self._floor.admit(one.call_id)
