"""What callers do alone with the machine for their agents: given once, and told how it ended."""

from __future__ import annotations

from ivr.app.floor.floor import RunningFloor
from ivr.model.floor import HandedOff, Progressed
from ivr.ports.errands import Ending, ErrandEnd
from ivr.ports.waiting import Errand

BULLET = "•"


class FloorErrands:
    """The Errands part of the waiting port. See `ivr.ports.errands`."""

    def __init__(self, floor: RunningFloor) -> None:
        self._floor = floor

    async def errand(self, call_id: str) -> Errand | None:
        """Return the errand that a caller is on."""
        given = self._floor.doors.of(call_id).given
        handed = self._open(call_id)
        if given is not None or handed is None:
            return given
        return Errand(handed.errand, handed.kind, handed.name, dict(handed.form))

    async def errand_over(self, call_id: str, ending: Ending) -> None:
        """Have an errand be over: the agent's desk is told how."""
        self._end(call_id, ending)

    def keyed(self, call_id: str, what: str, count: int) -> None:
        """Show how many keys of a secret there are; nothing is kept."""
        if self._open(call_id) is None:
            return
        self._floor.doors.of(call_id).keying = f"{what} {BULLET * count}"
        self._floor.shown()

    def came_back(self, call_id: str) -> None:
        """Take it that a caller is in the queue: an errand that is open came to nothing. Whose agent is
        gone meanwhile waits for the next one."""
        door, handed = self._floor.doors.of(call_id), self._open(call_id)
        if door.directive is not None:
            return
        if handed is not None:
            self._end(call_id, Ending(handed.errand, ErrandEnd.FAILED))
        if door.errand is not None:
            door.errand = None
            self._floor.put_back(call_id)

    def _open(self, call_id: str) -> HandedOff | None:
        """Return the errand that a caller is on, whether their agent is still there or not."""
        caller = self._floor.caller(call_id)
        if caller is None or caller.outcome:
            return None
        return caller.errand or self._floor.doors.of(call_id).errand

    def _end(self, call_id: str, ending: Ending) -> None:
        handed, door = self._open(call_id), self._floor.doors.of(call_id)
        door.keying = ""
        if door.given is not None and door.given.id == ending.id:
            door.given = None
        if handed is None or handed.errand != ending.id:
            return
        outcome = " ".join(one for one in (ending.how, ending.reference or ending.about) if one)
        self._floor.emit(Progressed(call_id, ending.id, outcome=outcome))
