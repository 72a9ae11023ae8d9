"""A queue in the simulator: whoever the script says is there takes the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ivr.adapters.sim.clock import VirtualClock
from ivr.adapters.sim.faults import Slow
from ivr.adapters.sim.transcript import Kind, Transcript
from ivr.centre.waiting import OFFER
from ivr.model.errors import PortError
from ivr.model.events import ConversationEnded, Event
from ivr.model.scripted import Alone, Person
from ivr.ports.errands import Ending, ErrandEnd
from ivr.ports.line import DialStatus
from ivr.ports.waiting import Errand, Join, Joining, Leaving, Over, Ring, Turn, Wait

_LONGEST_MS = 600_000
"""How long a caller waits where the flow does not say: the queue's own time is not asked here."""
_RING_MS = 15_000
_SAY_MS = 45_000
"""Who waits is told so, this often."""


class SimWaiting:
    """The Waiting port of one call. Nobody else waits, so the caller is always next. `tell` takes what
    the call's story is told."""

    def __init__(
        self,
        people: Mapping[str, Person],
        clock: VirtualClock,
        transcript: Transcript,
        tell: Callable[[Event], None] = lambda event: None,
    ) -> None:
        self._people = people
        self._clock = clock
        self._transcript = transcript
        self._tell = tell
        self._talking: tuple[str, int] | None = None
        self._joining: Joining | None = None
        self._since = 0
        self._told: int | None = None
        self._over: Leaving | None = None
        self._errands: list[Alone] = []
        self._errand: Errand | None = None
        self._alone = False

    async def join(self, joining: Joining) -> Turn:
        """Wait for whoever the script says is there."""
        if self._joining is None:
            self._enter(joining)
        # Who was sent on waits elsewhere than the step has said.
        joining = self._joining or joining
        if self._errand is not None and not self._alone:
            self._alone = True
            return self._errand
        if self._alone:
            self._alone, self._errand = False, None
            return Join(joining.queue, joining.queue)
        person = self._people.get(joining.queue)
        if person is not None and person.is_ in tuple(Leaving):
            self._over = Leaving(person.is_)
        if self._over is None and self._clock.ms >= self._next():
            if not self._comes():
                self._over = Leaving.TIMEOUT
            else:
                self._errands = list(person.errands) if person is not None else []
                self._talking = (joining.queue, self._clock.ms)
                return Ring(joining.queue, joining.queue, _RING_MS)
        if self._over is None:
            offers = person is not None and person.offers and joining.callbacks
            tells = self._tells()
            prompts = (OFFER,) if offers and tells else ()
            return Wait(1, say=tells, offer=offers, prompts=prompts)
        over, self._over, self._joining = self._over, None, None
        return Over(over)

    def turn(self, call_id: str, within_ms: int) -> Slow[Turn]:
        """Let time pass until there is something new."""
        if self._joining is None:
            raise PortError("waiting", "the caller is in no queue")

        async def waited() -> Turn:
            return Wait(1)

        return Slow(waited, max(0, min(within_ms, self._next() - self._clock.ms)))

    def news(self, call_id: str) -> Slow[None]:
        """Let time pass until somebody comes, or nobody came."""

        async def come() -> None:
            """There is nothing to tell but the moment."""

        return Slow(come, max(0, self._next() - self._clock.ms))

    async def consented(self, call_id: str, given: bool, by: str) -> None:
        """Nobody asks: nothing is recorded here."""

    async def rung(self, call_id: str, agent: str, status: DialStatus) -> None:
        """Take it that an agent has talked: then there is an errand, or it is over."""
        if not self._errands:
            self._served()
            return
        alone = self._errands.pop(0)
        self._errand = Errand(f"errand-{len(self._errands)}", alone.kind, alone.name, alone.form)

    async def leave(self, call_id: str, how: Leaving) -> Leaving:
        """Forget the caller."""
        self._ended("caller")
        self._joining = None
        return how

    async def errand(self, call_id: str) -> Errand | None:
        """Return what the caller is to do alone."""
        return self._errand if self._alone else None

    async def errand_over(self, call_id: str, ending: Ending) -> None:
        """Note how it ended."""
        if ending.how is ErrandEnd.HUNG_UP:
            self._ended("caller")
        told = " ".join(one for one in (ending.how, ending.reference, ending.about) if one)
        self._transcript.add(Kind.NOTE, "errand", told)

    def keyed(self, call_id: str, what: str, count: int) -> None:
        """Nobody looks."""

    def _enter(self, joining: Joining) -> None:
        self._joining, self._since, self._told = joining, self._clock.ms, None
        self._transcript.add(Kind.NOTE, "waiting in queue", joining.queue)

    def _served(self) -> None:
        """The agent has hung up, or has sent the caller on."""
        joining = self._joining
        person = self._people.get(joining.queue) if joining is not None else None
        if joining is None or person is None or not person.sends_on:
            self._over = Leaving.SERVED
            self._ended("agent")
            return
        self._ended("transfer")
        self._enter(msgspec.structs.replace(joining, queue=person.sends_on))

    def _ended(self, by: str) -> None:
        """Tell that a conversation is over, if there is one. Agents have the name of their queue."""
        if self._talking is not None:
            (queue, since), self._talking = self._talking, None
            self._tell(ConversationEnded(queue, queue, self._clock.ms - since, by))

    def _longest(self) -> int:
        return (self._joining and self._joining.most_ms) or _LONGEST_MS

    def _comes(self) -> bool:
        """Whether somebody comes before the caller has waited too long."""
        person = self._people.get(self._joining.queue if self._joining else "")
        return person is not None and person.is_ is None and person.after <= self._longest()

    def _next(self) -> int:
        """When something happens: somebody comes, or nobody came."""
        person = self._people.get(self._joining.queue if self._joining else "")
        after = person.after if person is not None and self._comes() else self._longest()
        return self._since + after

    def _tells(self) -> bool:
        if self._next() - self._clock.ms < _SAY_MS and self._told is None:
            return False
        if self._told is not None and self._clock.ms - self._told < _SAY_MS:
            return False
        self._told = self._clock.ms
        return True
