"""Conversations on the running floor: ringing an agent, talking, being apart for an errand, the end."""

from __future__ import annotations

from datetime import datetime

from ivr.app.floor.errands import FloorErrands
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.promises import NoPromises, Promises
from ivr.app.floor.state import ENGAGED, Caller, Place
from ivr.centre.agents import Act
from ivr.centre.waiting import whispers
from ivr.model.floor import Answered, Rang, Recorded
from ivr.ports.waiting import Join, Leaving, Ring, Turn, Wait


class Conversations(FloorErrands):
    """What becomes of a caller and the agent who was chosen for them."""

    def __init__(self, floor: RunningFloor) -> None:
        super().__init__(floor)
        self.promises: Promises = NoPromises()

    def answered(self, call_id: str, channel: str = "", at: datetime | None = None) -> None:
        """Take it that the agent who is rung talks with the caller, on a channel."""
        caller = self._floor.caller(call_id)
        if caller is None or caller.place is not Place.RINGING:
            return
        queue, agent = caller.joined.queue, caller.agent
        self._floor.emit(Answered(call_id, queue, agent, channel), at)
        self._floor.act(agent, Act.JOINED, call_id=call_id, queue=queue)
        self._floor.dispatcher.answered(call_id, agent, self._floor.now())
        self.promises.bridged(call_id)
        if self._records(caller):
            file, kept = _file(call_id, agent), self._floor.queue(queue).recording.keep_days
            self._floor.emit(Recorded(call_id, queue, agent, file, kept))

    async def talks(self, call_id: str, channel: str) -> None:
        """Take it that an agent is about to talk with a caller, whatever becomes of this process."""
        self.answered(call_id, channel)
        await self._floor.durable()

    def rings(self, call_id: str) -> None:
        """Take it that the telephone rings of the agent who was chosen for a caller."""
        caller = self._floor.state.callers[call_id]
        self._floor.emit(Rang(call_id, caller.joined.queue, caller.agent))
        self._floor.act(caller.agent, Act.RANG)

    def declined(self, call_id: str) -> None:
        """Take it that the agent did not take the call by the key."""
        self._floor.doors.of(call_id).declined = True

    def gone(self, call_id: str, by: str = "caller", at: datetime | None = None) -> Leaving:
        """Take it that a caller is gone, now or as is known at last; return how their time in the queue
        ended."""
        caller = self._floor.caller(call_id)
        if caller is None:
            return self._floor.doors.past(call_id) or Leaving.ABANDONED
        if caller.place in ENGAGED or caller.place is Place.TALKED:
            how = Leaving.SERVED
            self._floor.ended(call_id, by, at)
        else:
            how = Leaving.ABANDONED
            self._floor.released(call_id)
            self._floor.left(call_id, how, at)
        self._floor.doors.close(call_id, how)
        return how

    def _ring(self, caller: Caller) -> Ring | Wait:
        """Return how the agent who was chosen is rung."""
        floor, joined, agent = self._floor, caller.joined, caller.agent
        if caller.place is Place.CHOSEN:
            self.rings(joined.call_id)
        document = floor.queue(joined.queue)
        known = floor.plan.agents.get(agent)
        return Ring(
            agent,
            floor.standings()[agent].endpoint,
            document.rna.ring,
            (*document.whisper, *self._whispers(caller)),
            document.accept,
            known.languages[0] if known else "zh",
            _file(joined.call_id, agent) if self._records(caller) else "",
        )

    def _records(self, caller: Caller) -> bool:
        """Whether a caller's conversation is recorded."""
        policy = self._floor.queue(caller.joined.queue).recording.policy
        return policy == "always" or (policy == "consent" and caller.joined.recorded is True)

    def _whispers(self, caller: Caller) -> tuple[str, ...]:
        joined = caller.joined
        return whispers(
            joined.facts,
            joined.language,
            (self._floor.clock.now() - caller.since).total_seconds(),
            transferred=caller.transferred,
            callback=bool(joined.callback),
        )

    def _returned(self, caller: Caller) -> Turn:
        """Join a caller who comes back from an errand with the agent who was kept."""
        joined, agent = caller.joined, caller.agent
        self._floor.emit(Answered(joined.call_id, joined.queue, agent, caller.channel, again=True))
        self._floor.act(agent, Act.JOINED, call_id=joined.call_id, queue=joined.queue)
        return Join(caller.channel, agent)

    def whisper(self, call_id: str) -> Ring | None:
        """Return what the agent is to hear who has just answered; None where nobody is rung."""
        caller = self._floor.caller(call_id)
        if caller is None or caller.place is not Place.RINGING:
            return None
        turn = self._ring(caller)
        return turn if isinstance(turn, Ring) else None


def _file(call_id: str, agent: str) -> str:
    """Return the name of the recording of a conversation."""
    return f"{call_id}-{agent}.wav"
