"""A journalled call runs again to the same events, and tells when it does not."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import pytest

from ivr.engine.driver import Driver
from ivr.engine.interpreter import FAILED, Interpreter
from ivr.engine.journal import JournalRecorder
from ivr.engine.replay import Divergence, answer_of, parts, rerun
from ivr.model.digits import Status
from ivr.model.errors import CallerHungUp, PortError, Unhandled
from ivr.model.events import CallEnded, CallTransferred, Event
from ivr.model.flow import FlowSet
from ivr.model.secret import Secret
from ivr.model.session import Session
from ivr.ports.channel import Collect, Collected, Play, Played
from ivr.ports.people import Transfer
from tests.engine.kit import KEYED_1, START, AskIt, EndIt, SayIt, flow, flows, session

R = TypeVar("R")

PUBLISHED = flows(
    flow(
        "main",
        {
            "hello": (SayIt(), {"done": "which"}),
            "which": (AskIt(), {"1": "bye", "2": "hello", "timeout_empty": "bye"}),
            "sorry": (SayIt(prompt="sorry"), {"done": "bye"}),
            "bye": (EndIt(), {}),
        },
        handlers={"error": "sorry"},
    )
)


class World:
    """All ports in one: answers from a list, events and journal kept."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.events: list[Event] = []
        self.journal: list[bytes] = []
        self.clock = 0

    def append(self, call_id: str, entry: bytes) -> None:
        self.journal.append(entry)

    def emit(self, call_id: str, event: Event) -> None:
        self.events.append(event)

    def save(self, session: Session) -> None:
        pass

    def now(self) -> Any:
        return START

    def begin_step(self, deadline_ms: int) -> None:
        pass

    def set_language(self, language: str) -> None:
        pass

    async def play(self, command: Play) -> Played:
        return self._next(Played(False))

    async def collect(self, command: Collect) -> Collected:
        return self._next(Collected(Status.COMPLETE_LEN, "1", keyed=1))

    def _next(self, usual: R) -> R:
        answer: R = self.answers.pop(0) if self.answers else usual
        if isinstance(answer, Exception):
            raise answer
        return answer

    def elapsed(self) -> int:
        self.clock += 1
        return self.clock


def again(published: FlowSet, journal: list[bytes]) -> list[Event]:
    """The events of a call that is run again."""
    moments = rerun(published, journal)
    return [moment.event for moment in moments if moment.event is not None]


async def live(world: World, published: FlowSet = PUBLISHED) -> str:
    ports = dict.fromkeys(("channel", "clock", "events", "sessions"), world)
    begun = session(published)
    recorder = JournalRecorder(begun, world, world.elapsed, world.emit)
    return await Driver(ports, recorder).run(Interpreter(published).run(begun))


@pytest.mark.parametrize(
    "answers",
    [
        (),
        (Played(True), Collected(Status.COMPLETE_LEN, "2", keyed=1)),
        (Played(False), Collected(Status.TIMEOUT_EMPTY)),
        (Played(False), CallerHungUp("HANGUP")),
        (PortError("bank", "down", retryable=True),),
    ],
)
async def test_a_replay_gives_the_same_events_and_end(answers: tuple[Any, ...]) -> None:
    world = World(*answers)
    reason = await live(world)
    events = again(PUBLISHED, world.journal)
    assert events[-1] == CallEnded(reason)
    assert events == world.events


async def test_a_call_that_no_handler_took_replays_to_its_failure() -> None:
    failing = flows(flow("main", {"hello": (SayIt(), {"other": "bye"}), "bye": (EndIt(), {})}))
    world = World()
    with pytest.raises(Unhandled):
        await live(world, failing)
    events = again(failing, world.journal)
    assert events == world.events
    assert events[-1] == CallEnded(FAILED)


async def test_a_journal_that_stops_replays_as_far_as_it_goes() -> None:
    world = World()
    await live(world)
    events = again(PUBLISHED, world.journal[:3])
    assert events == world.events[: len(events)]
    assert not isinstance(events[-1], CallEnded)


async def test_a_flow_that_asks_something_else_diverges() -> None:
    world = World()
    await live(world)
    changed = flows(
        flow(
            "main",
            {"hello": (SayIt(prompt="other"), {"done": "bye"}), "bye": (EndIt(), {})},
        )
    )
    with pytest.raises(Divergence, match="Play"):
        again(changed, world.journal)


async def test_a_flow_that_ends_before_its_time_diverges() -> None:
    world = World()
    await live(world)
    shorter = flows(flow("main", {"hello": (SayIt(), {"done": "bye"}), "bye": (EndIt(), {})}))
    with pytest.raises(Divergence, match="is over before"):
        again(shorter, world.journal)


async def test_a_secret_is_journalled_as_its_length() -> None:
    world = World(Played(False), Collected(Status.COMPLETE_LEN, secret=Secret("739146"), keyed=6))
    published = flows(
        flow(
            "main",
            {
                "hello": (SayIt(), {"done": "pin"}),
                "pin": (AskIt(), {"complete_len": "bye"}),
                "bye": (EndIt(), {}),
            },
        )
    )
    reason = await live(world, published)
    assert b"739146" not in b"".join(world.journal)
    assert again(published, world.journal)[-1] == CallEnded(reason)


def test_entries_and_sessions_from_before_the_pace_was_measured_can_be_read() -> None:
    entry = b'{"status":"complete_len","digits":"1","secret":null,"keyed":1}'
    assert msgspec.json.decode(entry, type=Collected) == KEYED_1
    earlier = session(flows(flow("main", {"bye": (EndIt(), {})})))
    fields = msgspec.json.decode(earlier.to_json())
    assert "pace" not in fields
    written = {**fields, "auth": 0, "facts": {}, "steps_taken": 0, "hung_up": False}
    assert Session.from_json(msgspec.json.encode(written)) == earlier


@pytest.mark.parametrize(("talked", "status"), [(False, "hung_up"), (True, "answered")])
async def test_a_caller_who_hangs_up_on_a_destination_is_told_of_and_replays(
    talked: bool, status: str
) -> None:
    world = World()
    recorder = JournalRecorder(session(PUBLISHED), world, world.elapsed, world.emit)
    recorder.raised(Transfer("desk", 1000), CallerHungUp("HANGUP", talked=talked))
    assert world.events == [CallTransferred("desk", status)]
    (part,) = parts(world.journal)
    error = answer_of(part.asked[0], Transfer("desk", 1000))
    assert isinstance(error, CallerHungUp)
    assert error.talked is talked
