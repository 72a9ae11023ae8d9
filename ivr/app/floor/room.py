"""The Waiting port on the running floor: what each caller's session is told to do next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from ivr.app.callbacks.desk import Reached
from ivr.app.floor.conversations import Conversations
from ivr.app.floor.doors import Door, Doors
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.happenings import waiter
from ivr.app.floor.state import Caller, Place
from ivr.centre.agents import Act
from ivr.centre.waiting import OFFER
from ivr.model.floor import CallbackChanged, Joined, Left, RecordingAllowed, SteppedAside
from ivr.ports.callbacks import Callback
from ivr.ports.line import DialStatus
from ivr.ports.waiting import Consent, Errand, Hold, Joining, Leaving, Over, Turn, Wait

_NEVER_S = 86_400.0


class WaitingRoom(Conversations):
    """The Waiting port, with errands. `opened` says whether a calendar is open now; `steps` returns the
    path of a call through the menu."""

    def __init__(
        self,
        floor: RunningFloor,
        opened: Callable[[str], bool],
        steps: Callable[[str], tuple[str, ...]] = lambda call_id: (),
    ) -> None:
        super().__init__(floor)
        self._opened = opened
        self._steps = steps

    async def join(self, joining: Joining) -> Turn:
        """Enter a queue, come back to it, or ask what is next. See `Waiting`."""
        floor, call_id = self._floor, joining.call_id
        door = floor.doors.of(call_id)
        caller = floor.caller(call_id)
        if caller is not None and door.asked not in ("", joining.queue):
            floor.left(call_id, Leaving.LEFT)
            caller = None
        door.asked, door.most_ms, door.callbacks = (
            joining.queue,
            joining.most_ms,
            joining.callbacks,
        )
        if caller is None and door.over is None and joining.again:
            door.over = self._had_left(call_id)
        if caller is None and door.over is None:
            self._enter(joining, door)
            await (
                floor.durable()
            )  # their time counts from here on, whatever becomes of this process
        self.came_back(call_id)
        return self._next(call_id, door)

    @property
    def doors(self) -> Doors:
        """Where callers' sessions wait."""
        return self._floor.doors

    def remember(self, call_id: str, since: datetime) -> None:
        """Have it known that a caller who is not on the floor yet has waited since then."""
        self._floor.remember(call_id, since)

    def quiet_s(self, call_id: str) -> float:
        """Return for how long there is nothing to tell a caller, if nothing happens."""
        if self._floor.caller(call_id) is None:
            return _NEVER_S
        return self._quiet_s(call_id, self._floor.doors.of(call_id))

    async def turn(self, call_id: str, within_ms: int) -> Turn:
        """Wait until there is something new. See `Waiting`."""
        door = self._floor.doors.of(call_id)
        patience = min(within_ms / 1000, self._quiet_s(call_id, door))
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, patience)):
                await door.news.wait()
        return Wait(self._floor.dispatcher.position(call_id))

    async def news(self, call_id: str) -> None:
        """Wait until there is something new. See `Waiting`."""
        await self._floor.doors.of(call_id).news.wait()

    async def consented(self, call_id: str, given: bool, by: str) -> None:
        """Take a caller's answer; from now on they may be given to an agent. See `Waiting`."""
        floor, caller = self._floor, self._floor.caller(call_id)
        if caller is None:
            return
        floor.emit(RecordingAllowed(call_id, caller.joined.queue, given, by))
        if caller.place is Place.WAITING:
            floor.dispatcher.put_back(call_id, floor.now())
            floor.decide()

    async def rung(self, call_id: str, agent: str, status: DialStatus) -> None:
        """Take what came of ringing or joining an agent. See `Waiting`."""
        caller, door = self._floor.caller(call_id), self._floor.doors.of(call_id)
        if caller is None or caller.agent != agent or door.directive is not None:
            return  # they were parted meanwhile, and the caller has been told what is next
        declined, door.declined = door.declined, False
        if caller.place is Place.RINGING and (declined or status is not DialStatus.ANSWERED):
            self._floor.missed(call_id, "declined" if declined else status.value)
        elif status is DialStatus.ANSWERED:
            self.answered(call_id)
            self._floor.ended(call_id, "agent")
            door.over = Leaving.SERVED
        elif caller.place is Place.TALKING:
            # Whom the caller was to be joined with is gone.
            self._floor.parted(call_id, "agent")
            self._floor.back(call_id)

    async def leave(self, call_id: str, how: Leaving) -> Leaving:
        """Take a caller out, or aside. See `Waiting`."""
        floor, caller = self._floor, self._floor.caller(call_id)
        if caller is None:
            return floor.doors.past(call_id) or how
        if how is Leaving.CALLBACK:
            floor.dispatcher.withhold(call_id, floor.now())
            floor.emit(SteppedAside(call_id, caller.joined.queue))
            return how
        if how is Leaving.LEFT:
            floor.left(call_id, how)
            floor.doors.close(call_id, how)
            return how
        return self.gone(call_id)

    def _enter(self, joining: Joining, door: Door) -> None:
        """Let a caller in, unless the queue does not."""
        floor, call_id = self._floor, joining.call_id
        reached = self.promises.reached(call_id)
        callback = (
            reached.callback
            if reached
            else self.promises.rang_again(joining.queue, joining.ani, joining.customer)
        )
        event = self._event(joining, callback, reached=reached is not None)
        floor.emit(event)
        calendar = floor.queue(event.queue).calendar
        refused = floor.dispatcher.join(
            waiter(floor.state, call_id),
            floor.now(),
            admitted=callback is not None,
            is_open=calendar is None or self._opened(calendar),
        )
        if refused is not None:
            floor.emit(Left(call_id, event.queue, refused.value))
            door.over = refused
        elif reached is not None and self._freed(reached):
            floor.match(call_id, reached.agent)
        elif self._unasked(floor.state.callers[call_id]):
            floor.dispatcher.withhold(call_id, floor.now())
        else:
            floor.decide()

    def _had_left(self, call_id: str) -> Leaving | None:
        """Return how a caller had left whose session does not know it: it is a moment older than the diary
        where the engine was killed. Whoever was thought to have hung up waits again."""
        left = self._floor.state.left.get(call_id)
        return left.how if left is not None and left.how is not Leaving.ABANDONED else None

    def _freed(self, reached: Reached) -> bool:
        """Free the agent who was kept for a callback, for its customer; False: there is none."""
        standing = self._floor.standing(reached.agent)
        if standing is None or standing.call_id != reached.callback.id:
            return False
        freed = self._floor.act(reached.agent, Act.RELEASED)
        return freed is not None and freed.free

    def _event(self, joining: Joining, callback: Callback | None, *, reached: bool) -> Joined:
        return Joined(
            joining.call_id,
            callback.queue if callback else joining.queue,
            joining.language,
            joining.ani,
            joining.customer,
            joining.level,
            joining.priority,
            {**joining.facts, **(callback.facts if callback else {})},
            joining.steps or self._steps(joining.call_id),
            joining.dnis,
            callback.entered if callback else self._floor.doors.of(joining.call_id).since,
            callback.id if callback and reached else "",
        )

    def _next(self, call_id: str, door: Door) -> Turn:
        """Return what a caller does next."""
        door.news.clear()
        if door.directive is not None:
            turn, door.directive = door.directive, None
            door.given = turn if isinstance(turn, Errand) else None
            return turn
        caller = self._floor.caller(call_id)
        if door.over is not None or caller is None:
            how = door.over or Leaving.SERVED
            self._floor.doors.close(call_id, how)
            return Over(how)
        match caller.place:
            case Place.WAITING | Place.CHOSEN if self._unasked(caller):
                silence = self._floor.queue(caller.joined.queue).recording.silence
                return Consent(silence == "agrees")
            case Place.CHOSEN | Place.RINGING:
                return self._ring(caller)
            case Place.HELD:
                return Hold()
            case Place.ERRAND:
                return self._returned(caller)
            case Place.TALKING | Place.TALKED:
                self._floor.ended(call_id, "agent")
                self._floor.doors.close(call_id, Leaving.SERVED)
                return Over(Leaving.SERVED)
        return self._wait(caller, door)

    def _wait(self, caller: Caller, door: Door) -> Turn:
        """Return how a caller goes on waiting."""
        floor, call_id, queue = self._floor, caller.joined.call_id, caller.joined.queue
        if caller.place is Place.ASIDE:
            floor.put_back(call_id)
        if self._left_s(caller, door) <= 0:
            floor.left(call_id, Leaving.TIMEOUT)
            floor.doors.close(call_id, Leaving.TIMEOUT)
            return Over(Leaving.TIMEOUT)
        now, document = floor.now(), floor.queue(queue)
        prompts = []
        offers = door.callbacks and self.promises.offers and not door.offered
        if offers and floor.dispatcher.offers_callback(call_id, now):
            door.offered = True
            prompts.append(OFFER)
            floor.emit(CallbackChanged("", call_id, queue, "offered"))
        position = floor.dispatcher.position(call_id)
        estimate = floor.dispatcher.estimate(call_id, now) if document.announce.estimate else None
        say = self._quiet_s(call_id, door) <= 0
        if say:
            door.said_at = now
        return Wait(
            position if position <= document.announce.position else 0,
            round(estimate.seconds) if estimate else None,
            say,
            door.offered,
            tuple(prompts),
        )

    def _unasked(self, caller: Caller) -> bool:
        """Whether a caller is still to be asked whether they may be recorded."""
        policy = self._floor.queue(caller.joined.queue).recording.policy
        return policy == "consent" and caller.joined.recorded is None

    def _left_s(self, caller: Caller, door: Door) -> float:
        """Return how long a caller may still wait by the flow's own time."""
        if not door.most_ms:
            return _NEVER_S
        until = caller.entered + timedelta(milliseconds=door.most_ms)
        return (until - self._floor.clock.now()).total_seconds()

    def _quiet_s(self, call_id: str, door: Door) -> float:
        """Return for how long there is nothing to tell a caller."""
        caller = self._floor.caller(call_id)
        if caller is None or caller.place is not Place.WAITING:
            return _NEVER_S
        if door.said_at is None:
            return 0.0
        every = self._floor.queue(caller.joined.queue).announce.every / 1000
        due = door.said_at + every - self._floor.now()
        return min(due, self._left_s(caller, door))
