"""The running floor: the dispatcher on the loop, and what follows from its decisions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from datetime import datetime

import msgspec

from ivr.app.floor.happenings import Happenings, waiter
from ivr.app.floor.state import ENGAGED, Place
from ivr.centre.agents import MISSED, Act
from ivr.centre.dispatch import Decision, DialCustomer, Dismiss, Match, SurgeChange
from ivr.model.errors import PortError
from ivr.model.floor import Alerted, CameBack, Ended, Left, Matched, Missed, Surged
from ivr.ports.agents import AgentState
from ivr.ports.callbacks import State
from ivr.ports.waiting import Leaving

_LOG = logging.getLogger(__name__)
_LOOK_S = 1.0
"""The dispatcher is asked so often at least."""


class RunningFloor(Happenings):
    """The floor of one engine. Everything but `running` and `direct` is done at once, within one turn of
    the loop."""

    # What becomes of callers.

    def admit(self, call_id: str) -> None:
        """Have the dispatcher know of a caller who is on the floor without having asked to be."""
        waiting = waiter(self.state, call_id)
        self.dispatcher.join(waiting, self.now(), admitted=True)

    def left(self, call_id: str, how: Leaving, at: datetime | None = None) -> None:
        """Have a caller's time in the queue be over."""
        caller = self.state.callers[call_id]
        self.dispatcher.leave(call_id, self.now())
        self.emit(Left(call_id, caller.joined.queue, how.value), at)

    def ended(self, call_id: str, by: str, at: datetime | None = None) -> None:
        """Have a caller's conversation be over: ended by `agent`, `caller`, or nobody knows whom."""
        caller = self.state.callers[call_id]
        if caller.place in ENGAGED:
            self.parted(call_id, by, at)
        self.left(call_id, Leaving.SERVED, at)

    def parted(self, call_id: str, by: str, at: datetime | None = None) -> None:
        """Have a caller and their agent be apart for good; the caller may still be there."""
        caller = self.state.callers[call_id]
        queue, wrap_up = caller.joined.queue, self.wrap_up(caller.joined.queue)
        self.emit(Ended(call_id, queue, caller.agent, by), at)
        standing = self.standing(caller.agent)
        if standing is not None and standing.call_id == call_id:
            self.act(caller.agent, Act.ENDED, lasts=wrap_up)
        if caller.answered is not None:
            talked = self.clock.now() - caller.answered
            self.dispatcher.finished(queue, (talked + wrap_up).total_seconds())

    def missed(self, call_id: str, why: str) -> None:
        """RNA: the caller has their place again, the agent a rest; after too many, a pause."""
        caller = self.state.callers[call_id]
        queue, agent = caller.joined.queue, caller.agent
        self.emit(Missed(call_id, queue, agent, why))
        standing = self.act(agent, Act.MISSED)
        self.dispatcher.missed(call_id, agent, self.now())
        most = self.queue(queue).rna.pause_after
        if standing and standing.missed >= most and standing.state is AgentState.READY:
            self.act(agent, Act.PAUSE, reason=MISSED)
            said = {"agent": agent, "count": str(standing.missed)}
            self.emit(Alerted(f"agent:{agent}", kind="missed", said=said))

    def released(self, call_id: str) -> None:
        """Have the agent who was chosen for a caller be free again: the caller is gone."""
        caller = self.state.callers[call_id]
        standing = self.standing(caller.agent)
        if standing is not None and standing.call_id == call_id:
            self.act(caller.agent, Act.RELEASED)

    def back(self, call_id: str, queue: str = "", agent: str = "") -> None:
        """Have a caller wait again since when they did: for a queue, or for one agent."""
        caller = self.caller(call_id)
        if caller is None:
            return
        if caller.place is Place.TALKING:
            self.spawn(self.move(call_id, keep_agent=False))
        errand = caller.errand if not caller.outcome else None
        joined = msgspec.structs.replace(
            caller.joined, queue=queue or caller.joined.queue, since=caller.since
        )
        self.left(call_id, Leaving.SERVED)
        self.emit(joined)
        now = self.now()
        self.dispatcher.join(waiter(self.state, call_id), now, admitted=True)
        door = self.doors.of(call_id)
        door.said_at, door.errand = None, errand
        if errand is not None:  # it goes on; then the caller waits
            self.dispatcher.withhold(call_id, now)
        elif agent:
            self.dispatcher.withhold(call_id, now)
            self._wanting[call_id] = agent
        self.doors.wake(call_id)

    def unbind(self, agent: str) -> bool:
        """Free an agent who is thought to be with a caller and is not; False: with one whom the bank
        calls they are."""
        standing = self.state.standings[agent]
        if self.keeps(standing.call_id):
            return False
        callback = self.state.callbacks.get(standing.call_id)
        if callback is not None and callback.state in (State.ATTEMPTED, State.REACHED):
            return False
        queue = standing.queue
        return bool(
            self.act(agent, Act.RELEASED) or self.act(agent, Act.ENDED, lasts=self.wrap_up(queue))
        )

    def spawn(self, work: Awaitable[None]) -> None:
        """Have something done meanwhile; that Asterisk cannot be asked is only said."""
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _want(self, call_id: str, agent: str) -> None:
        """Give a caller to the one agent they wait for, once that one is free; an agent who has gone
        leaves them to the queue."""
        caller, standing = self.caller(call_id), self.standing(agent)
        if caller is None or caller.place is not Place.WAITING:
            self._wanting.pop(call_id)
        elif standing is None or standing.state is AgentState.OFFLINE:
            self._wanting.pop(call_id)
            self.dispatcher.put_back(call_id, self.now())
        elif standing.free:
            self._wanting.pop(call_id)
            self.match(call_id, agent)

    def match(self, call_id: str, agent: str) -> None:
        """Give a caller to an agent, whatever the dispatcher would do."""
        self.dispatcher.take(call_id, agent, self.now())
        self._matched(call_id, agent)

    def put_back(self, call_id: str) -> None:
        """Have a caller who stepped aside wait again in their place."""
        caller = self.state.callers[call_id]
        self.dispatcher.put_back(call_id, self.now())
        self.emit(CameBack(call_id, caller.joined.queue))

    def _matched(self, call_id: str, agent: str) -> None:
        caller = self.state.callers[call_id]
        queue = caller.joined.queue
        self.emit(Matched(call_id, queue, agent))
        self.act(agent, Act.CHOSEN, call_id=call_id, queue=queue)
        self.doors.wake(call_id)

    # Deciding.

    async def running(self) -> None:
        """Decide whenever something has happened or is due; never returns."""
        while True:
            self.decide()
            timeout = min(_LOOK_S, (self.dispatcher.next_look() or 1e12) - self.now())
            try:
                async with asyncio.timeout(max(0.0, timeout)):
                    await self._due.wait()
            except TimeoutError:
                pass

    def decide(self) -> None:
        """Do what the dispatcher has decided by now."""
        self._due.clear()
        self._wrap_up()
        for call_id, agent in list(self._wanting.items()):
            self._want(call_id, agent)
        for decision in self.dispatcher.decide(self.now()):
            self._do(decision)

    def _wrap_up(self) -> None:
        """End the wrap-ups that are over."""
        now = self.clock.now()
        for agent in list(self._wrapping):
            until = self.state.standings[agent].until
            if until is None or until <= now:
                self._wrapping.discard(agent)
                self.act(agent, Act.WRAPPED)

    def _do(self, decision: Decision) -> None:
        match decision:
            case Match(call_id=call_id, agent=agent, callback=True, queue=queue):
                self.act(agent, Act.CHOSEN, call_id=call_id, queue=queue)
                self.on_turn(call_id, agent)
            case Match(call_id=call_id, agent=agent):
                self._matched(call_id, agent)
            case DialCustomer(call_id=call_id):
                self.on_turn(call_id, "")
            case Dismiss(call_id=call_id, how=how):
                if call_id in self.state.callers:
                    self.doors.of(call_id).over = how
                    self.left(call_id, how)
                    self.doors.wake(call_id)
            case SurgeChange(queue=queue, on=on, reason=reason, agents=agents):
                what = " ".join(("second line", *agents))
                self.emit(Surged(queue, what, on, reason))
                kind, said = "surge" if on else "surge-over", {"queue": queue, "reason": reason}
                self.emit(Alerted(f"queue:{queue}", kind=kind, said=said))


async def _logged(work: Awaitable[None]) -> None:
    try:
        await work
    except PortError as error:
        _LOG.error("the floor: %s", error)
