"""A queue of the simulator: an agent who has the caller do something alone, and comes back."""

from __future__ import annotations

from ivr.adapters.sim.clock import VirtualClock
from ivr.adapters.sim.transcript import Kind, Transcript
from ivr.adapters.sim.waiting import SimWaiting
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
