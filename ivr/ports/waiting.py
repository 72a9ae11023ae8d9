"""The waiting port: a caller in a queue, from joining it to the end of the last conversation.

It is a part of the engine, with nothing between that could fail: a proof looks at no failures of it.

The dispatcher decides, the caller's own session does: it asks `turn` again and again and does what
it is told. A session that comes back on a new connection joins again and keeps its place.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Iterator
from typing import ClassVar, Protocol

import msgspec

from ivr.model.commands import Command
from ivr.model.events import CallQueued, Event, RecordingAnswered
from ivr.model.scripted import Person
from ivr.model.values import Scalar
from ivr.model.world import Answer, World
from ivr.ports.line import DialStatus


class Joining(msgspec.Struct, frozen=True):
    """Who wants to wait, and for whom.

    `priority` (seconds of head start) is what the flow gives beside the queue's own rules; `facts` are
    what skill rules and the agent's desk may read (segment, products). `most_ms` is the flow's own
    longest wait, 0 for the queue's; `errands` and `callbacks` tell whether the flow has a step for
    them. `again` tells that this is no new wait: who has left before is told how. `steps` is the path
    through the menu, where the call is another node's.
    """

    call_id: str
    queue: str
    language: str
    ani: str = ""
    customer: str = ""
    level: int = 0
    priority: int = 0
    facts: dict[str, Scalar] = {}
    dnis: str = ""
    most_ms: int = 0
    errands: bool = False
    callbacks: bool = False
    again: bool = False
    steps: tuple[str, ...] = ()


class Leaving(enum.StrEnum):
    """How a caller's time in a queue ended. Each is an outcome of the step `queue`, but `abandoned`."""

    SERVED = "served"
    TIMEOUT = "timeout"
    FULL = "full"
    CLOSED = "closed"
    OVERFLOW = "overflow"
    CALLBACK = "callback"
    EMPTY = "empty"
    LEFT = "left"  # by a key of the flow's choosing
    ABANDONED = "abandoned"


class Wait(msgspec.Struct, frozen=True, tag=True):
    """Go on waiting, with music. `position` counts from 1, 0 where it is not told; `estimate_s` is the estimated wait, None
    where there is none to tell. `say` tells the caller both now; `prompts` are played before that,
    `offer` offers to be called back: from then on a key takes it."""

    position: int
    estimate_s: int | None = None
    say: bool = False
    offer: bool = False
    prompts: tuple[str, ...] = ()


class Consent(msgspec.Struct, frozen=True, tag=True):
    """Say whether the conversation may be recorded; `silence` means that it may, or not."""

    silence: bool


class Ring(msgspec.Struct, frozen=True, tag=True):
    """Ring an agent's telephone and join it with the caller.

    `endpoint` is a configured Asterisk endpoint, never anything that a caller said. `whisper` are
    prompts that only the agent hears, in `language`, before the caller; `accept`: the agent takes the
    call by a key. `record` names the file that the conversation is recorded in, if it is.
    """

    agent: str
    endpoint: str
    ring_ms: int
    whisper: tuple[str, ...] = ()
    accept: bool = False
    language: str = ""
    record: str = ""


class Hold(msgspec.Struct, frozen=True, tag=True):
    """Wait with music while the agent is away for a moment; nothing is announced."""


class Join(msgspec.Struct, frozen=True, tag=True):
    """Be joined with a channel that is up: the agent again, or whoever the agent has consulted."""

    channel: str
    agent: str


class Errand(msgspec.Struct, frozen=True, tag=True):
    """Do something alone with the machine that an agent prepared, then come back to that agent.

    `kind` is `order` or `payment`; `name` the order type or the payment's order number; `form` what
    the agent has filled in.
    """

    id: str
    kind: str
    name: str
    form: dict[str, str] = {}


class Over(msgspec.Struct, frozen=True, tag=True):
    """The time in the queue is over."""

    how: Leaving


Turn = Wait | Consent | Ring | Hold | Join | Errand | Over


class Waiting(Protocol):
    """Callers in queues. Every method raises PortError."""

    def join(self, joining: Joining) -> Awaitable[Turn]:
        """Enter a queue, or come back to it with the original time of entry; return what is next.

        Joining twice under a call id is joining once.
        """

    def turn(self, call_id: str, within_ms: int) -> Awaitable[Turn]:
        """Return what is next as soon as there is something, or `Wait` after a while."""

    def news(self, call_id: str) -> Awaitable[None]:
        """Return as soon as there is something new, however long that takes."""

    def consented(self, call_id: str, given: bool, by: str) -> Awaitable[None]:
        """Tell whether the caller agrees to be recorded, `by` a key or by silence."""

    def rung(self, call_id: str, agent: str, status: DialStatus) -> Awaitable[None]:
        """Tell how ringing or joining an agent ended: `answered` when they have talked."""

    def leave(self, call_id: str, how: Leaving) -> Awaitable[Leaving]:
        """Leave the queue: hung up, or by a key; return how it ended in truth: who hangs up on an
        agent is `served`. Leaving twice is leaving once.

        `callback`: step aside to be called back. The place is kept until that is promised, or the
        caller joins again, or hangs up.
        """


def _answering(status: str | None = None) -> Person:
    """Return who is there at a queue in a proof: somebody, or nobody and why."""
    return Person.model_validate({"after": "1s", "talks": "1s", "is": status})


class JoinQueue(Command[Waiting, Turn], frozen=True):
    """Join a queue, or ask there what is next. A proof looks at one turn that leads back here `again`, and
    then at how the time in the queue ends."""

    port: ClassVar[str] = "waiting"
    answer: ClassVar[type] = Turn  # type: ignore[assignment]  # a union is no type, and decodes as one
    alike: ClassVar[tuple[str, ...]] = ()
    joining: Joining

    def perform(self, port: Waiting) -> Awaitable[Turn]:
        return port.join(self.joining)

    def as_event(self, answer: Turn) -> Event | None:
        return CallQueued(self.joining.queue, answer.how) if isinstance(answer, Over) else None

    def answers(self, world: World) -> Iterator[Answer]:
        queue = self.joining.queue
        ends: dict[Leaving, tuple[Person | None, int]] = {
            Leaving.SERVED: (_answering(), 2_000),
            Leaving.TIMEOUT: (None, self.joining.most_ms or _LONGEST_MS),
            Leaving.FULL: (_answering("full"), 1_000),
            Leaving.EMPTY: (_answering("empty"), 1_000),
            Leaving.CLOSED: (_answering("closed"), 1_000),
            Leaving.OVERFLOW: (_answering("overflow"), 1_000),
        }
        for how, (person, ms) in ends.items():
            yield Answer(value=Over(how), ms=ms, person=(queue, person))
        if self.joining.again:
            return
        yield Answer(value=Wait(2, 120, say=True, offer=self.joining.callbacks), sure=False)
        yield Answer(value=Ring("1001", "agent1001", 15_000), sure=False)
        yield Answer(value=Consent(silence=True), sure=False)
        yield Answer(value=Hold(), sure=False)
        yield Answer(value=Join("PJSIP/agent1001-00000001", "1001"), sure=False)
        if self.joining.errands:
            yield Answer(value=Errand("1", "payment", "1"), actions=1, sure=False)


_LONGEST_MS = 600_000
"""How long a caller of a proof waits in a queue that nobody serves."""


class Consented(Command[Waiting, None], frozen=True):
    """Tell whether the caller agrees to be recorded, `by` a key or by silence."""

    port: ClassVar[str] = "waiting"
    call_id: str
    queue: str
    given: bool
    by: str

    def perform(self, port: Waiting) -> Awaitable[None]:
        return port.consented(self.call_id, self.given, self.by)

    def as_event(self, answer: None) -> Event:
        return RecordingAnswered(self.queue, self.given, self.by)

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=None)


class Rung(Command[Waiting, None], frozen=True):
    """Tell how ringing an agent, or being joined with one, has ended."""

    port: ClassVar[str] = "waiting"
    alike: ClassVar[tuple[str, ...]] = ()
    call_id: str
    agent: str
    status: DialStatus

    def perform(self, port: Waiting) -> Awaitable[None]:
        return port.rung(self.call_id, self.agent, self.status)

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=None)


class LeaveQueue(Command[Waiting, Leaving], frozen=True):
    """Leave a queue; `how`, as far as the session knows."""

    port: ClassVar[str] = "waiting"
    answer: ClassVar[type] = Leaving
    alike: ClassVar[tuple[str, ...]] = ()
    call_id: str
    queue: str
    how: Leaving

    def perform(self, port: Waiting) -> Awaitable[Leaving]:
        return port.leave(self.call_id, self.how)

    def as_event(self, answer: Leaving) -> Event:
        return CallQueued(self.queue, answer)

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value=self.how)
