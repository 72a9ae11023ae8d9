"""A queue of the simulator: an agent who has the caller do something alone, and comes back."""

from __future__ import annotations

from ivr.adapters.sim.clock import VirtualClock
from ivr.adapters.sim.transcript import Kind, Transcript
from ivr.adapters.sim.waiting import SimWaiting
from ivr.model.events import ConversationEnded, Event
from ivr.model.scripted import Person
from ivr.ports.errands import Ending, ErrandEnd
from ivr.ports.line import DialStatus
from ivr.ports.waiting import Errand, Join, Joining, Leaving, Over, Ring, Wait
from tests.adapters.sim.kit import START

JOINING = Joining("c1", "service", "zh")
PERSON = {"after": "5s", "errands": [{"name": "transfer", "form": {"amount": "1.00"}}]}


async def test_between_two_talks_the_caller_is_alone_with_what_the_agent_prepared() -> None:
    clock = VirtualClock(START)
    transcript = Transcript(clock)
    waiting = SimWaiting({"service": Person.model_validate(PERSON)}, clock, transcript)
    assert isinstance(await waiting.join(JOINING), Wait)
    clock.advance_to(5_000)
    assert isinstance(await waiting.join(JOINING), Ring)
    assert await waiting.errand("c1") is None
    await waiting.rung("c1", "service", DialStatus.ANSWERED)
    errand = await waiting.join(JOINING)
    assert errand == Errand("errand-0", "order", "transfer", {"amount": "1.00"})
    assert await waiting.errand("c1") == await waiting.errand("c1") == errand
    await waiting.errand_over("c1", Ending("errand-0", ErrandEnd.POSTED, "12345670"))
    assert isinstance(await waiting.join(JOINING), Join)
    assert await waiting.errand("c1") is None
    await waiting.rung("c1", "service", DialStatus.ANSWERED)
    assert await waiting.join(JOINING) == Over(Leaving.SERVED)
    notes = [one.text for one in transcript.moments if one.kind is Kind.NOTE]
    assert notes[-1] == "posted 12345670"


async def test_who_is_sent_on_waits_for_somebody_else() -> None:
    clock, told = VirtualClock(START), list[Event]()
    people = {"service": Person(sends_on="loans"), "loans": Person(after="8s")}
    waiting = SimWaiting(people, clock, Transcript(clock), told.append)
    await waiting.join(JOINING)
    clock.advance_to(5_000)
    assert isinstance(await waiting.join(JOINING), Ring)
    clock.advance_to(20_000)
    await waiting.rung("c1", "service", DialStatus.ANSWERED)
    assert isinstance(await waiting.join(JOINING), Wait)
    clock.advance_to(28_000)
    ring = await waiting.join(JOINING)
    assert isinstance(ring, Ring)
    assert ring.agent == "loans"
    await waiting.rung("c1", "loans", DialStatus.ANSWERED)
    assert await waiting.join(JOINING) == Over(Leaving.SERVED)
    assert told == [
        ConversationEnded("service", "service", 15_000, "transfer"),
        ConversationEnded("loans", "loans", 0, "agent"),
    ]
