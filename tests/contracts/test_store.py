"""What every store backend must do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.store.codec import decode_event, encode
from ivr.model.events import (
    CallEnded,
    CallQueued,
    CallStarted,
    Event,
    LanguageChanged,
    MessageRecorded,
    StepEntered,
    StepFailed,
)
from ivr.model.session import Frame, Session
from ivr.model.story import LANGUAGES
from ivr.model.values import Money
from ivr.ports.store import CallFilter, StampedEvent, Store
from tests.contracts.conftest import MONDAY, StillClock


def session(call_id: str = "1764000000.1", step: str = "menu", **fields: Any) -> Session:
    frames = (Frame("main", "help", {"name": "王"}), Frame("pay", step, {"sum": Money(5)}))
    return Session(call_id, "v1", "95500", "138", "zh", MONDAY, frames, **fields)


async def test_a_session_comes_back_as_it_was(store: Store) -> None:
    one = session(facts={"customer": {"segment": "vip"}}, auth=2, steps_taken=7)
    store.sessions.save(one)
    assert await store.sessions.load(one.call_id) == one
    await store.flush()
    assert await store.sessions.load(one.call_id) == one


async def test_the_latest_session_wins(store: Store) -> None:
    for step in ("one", "two", "three"):
        store.sessions.save(session(step=step))
    assert await store.sessions.load("1764000000.1") == session(step="three")
    await store.flush()
    store.sessions.save(session(step="four"))
    assert await store.sessions.load("1764000000.1") == session(step="four")


async def test_calls_are_kept_apart(store: Store) -> None:
    for number in range(50):
        store.sessions.save(session(f"c{number}", f"step{number}"))
    await store.flush()
    for number in range(50):
        assert await store.sessions.load(f"c{number}") == session(f"c{number}", f"step{number}")


async def test_a_closed_session_is_gone_at_once_and_for_good(store: Store) -> None:
    store.sessions.save(session())
    await store.flush()
    store.sessions.close(session(), "caller")
    assert await store.sessions.load("1764000000.1") is None
    await store.flush()
    assert await store.sessions.load("1764000000.1") is None


async def test_who_has_a_call_no_longer_leaves_it_alone(store: Store) -> None:
    """An engine was cut off or frozen, and another has resumed the call meanwhile."""
    store.sessions.save(session(step="here", resumed=1))
    store.sessions.save(session(step="frozen"))
    assert await store.sessions.load("1764000000.1") == session(step="here", resumed=1)
    await store.flush()
    store.sessions.save(session(step="frozen"))
    await store.flush()
    store.sessions.close(session(step="frozen"), "caller")
    await store.flush()
    assert await store.sessions.load("1764000000.1") == session(step="here", resumed=1)
    assert await store.sessions.resumed("1764000000.1") == 1
    store.sessions.close(session(step="here", resumed=1), "caller")
    await store.flush()
    assert await store.sessions.load("1764000000.1") is None
    assert await store.sessions.resumed("1764000000.1") == 0


@pytest.mark.parametrize("hostile", ["x\0", "x\udc80", "'; DROP TABLE events; --"])
async def test_whatever_a_call_is_called_it_stops_no_other(store: Store, hostile: str) -> None:
    for call_id in (hostile, "1.1"):
        store.events.emit(call_id, CallStarted("95500", "138\0", "v1", "main"))
        store.events.emit(call_id, CallEnded("caller"))
    await store.flush(2_000)
    assert len(await store.read_events("1.1")) == 2
    assert len((await store.ended(MONDAY))[1]) == 2


async def test_no_such_call(store: Store) -> None:
    assert await store.sessions.load("nobody") is None


async def test_events_keep_order_and_time(store: Store) -> None:
    happened: list[Event] = [
        CallStarted("95500", "138", "v1", "main"),
        *(StepEntered("main", f"s{number}", "say") for number in range(100)),
        CallEnded("caller"),
    ]
    for event in happened:
        store.events.emit("c1", event)
        store.events.emit("c2", CallEnded("hangup"))
    await store.flush()
    read = await store.read_events("c1")
    assert [one.event for one in read] == happened
    assert {one.at for one in read} == {MONDAY}
    assert {one.call_id for one in read} == {"c1"}


async def test_messages_of_all_calls(store: Store) -> None:
    for call in ("c1", "c2"):
        store.events.emit(call, CallEnded("caller"))
        store.events.emit(call, MessageRecorded(f"message-{call}", 4_200))
    await store.flush()
    assert [(one.call_id, one.event) for one in await store.messages()] == [
        ("c1", MessageRecorded("message-c1", 4_200)),
        ("c2", MessageRecorded("message-c2", 4_200)),
    ]


async def test_a_journal_keeps_its_order_over_several_writes(store: Store) -> None:
    for number in range(30):
        store.journal.append("c1", b'{"n":%d}' % number)
        store.journal.append("c2", b"{}")
        if number % 10 == 9:
            await store.flush()
    assert await store.journal.read("c1") == [b'{"n":%d}' % number for number in range(30)]
    assert await store.journal.read("c2") == [b"{}"] * 30
    assert await store.journal.read("c3") == []


async def test_health_of_a_store_that_is_well(store: Store) -> None:
    store.events.emit("c1", CallEnded("caller"))
    await store.flush()
    health = store.health()
    assert (health.problem, health.pending, health.lost, health.written) == (None, 0, 0, 1)


@pytest.mark.parametrize("kind", Event.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_event_can_be_written_and_read(kind: type[Event]) -> None:
    @given(st.builds(kind))
    @settings(max_examples=20)
    def round_trip(event: Event) -> None:
        try:
            body = encode(event)
        except msgspec.EncodeError:
            return
        assert decode_event("c", 0, body).event == event

    round_trip()


class Told:
    """Tells a store of calls, a minute apart, and remembers when."""

    def __init__(self, store: Store, clock: StillClock) -> None:
        self._store = store
        self._clock = clock

    def call(self, call_id: str, *events: Event) -> None:
        self._clock.at += timedelta(minutes=1)
        for event in events:
            self._store.events.emit(call_id, event)


def started(ani: str = "138", version: str = "v1", language: str = "zh") -> CallStarted:
    return CallStarted("95500", ani, version, "main", language)


@pytest.fixture
async def told(store: Store, clock: StillClock) -> Told:
    """Five calls: contained, abandoned in a queue, failed, served in English, and one going on."""
    told = Told(store, clock)
    told.call("c1", started(), StepEntered("main", "menu", "menu"), CallEnded("completed"))
    told.call("c2", started("139"), CallQueued("service", "abandoned"), CallEnded("caller"))
    told.call("c3", started(), StepFailed("main", "pay", "bank down"), CallEnded("failed"))
    told.call(
        "c4",
        started(version="v2"),
        LanguageChanged("en"),
        CallQueued("service", "served"),
        CallEnded("completed"),
    )
    told.call("c5", started(), StepEntered("main", "menu", "menu"))
    await store.flush()
    return told


async def test_events_between_two_times_come_in_order(store: Store, told: Told) -> None:
    def names(events: list[StampedEvent]) -> list[str]:
        return [f"{one.call_id} {type(one.event).__name__}" for one in events]

    since, until = MONDAY + timedelta(minutes=2), MONDAY + timedelta(minutes=4)
    some = [one async for one in store.events_between(since, until)]
    assert names(some) == [
        "c2 CallStarted",
        "c2 CallQueued",
        "c2 CallEnded",
        "c3 CallStarted",
        "c3 StepFailed",
        "c3 CallEnded",
    ]
    assert {one.at for one in some if one.call_id == "c2"} == {since}
    later = [one async for one in store.events_between(until)]
    assert {one.call_id for one in later} == {"c4", "c5"}


async def test_events_of_one_instant_span_pages_and_keep_their_order(store: Store) -> None:
    happened = [StepEntered("main", f"s{number}", "say") for number in range(1_200)]
    for event in happened:
        store.events.emit("c1", event)
    await store.flush()
    assert [one.event async for one in store.events_between(MONDAY)] == happened


async def test_calls_come_newest_first_with_how_they_went(store: Store, told: Told) -> None:
    calls = [call async for call in store.calls(CallFilter())]
    assert [call.call_id for call in calls] == ["c5", "c4", "c3", "c2", "c1"]
    flags = ("zero_out", "failed", "abandoned", "contained")
    assert {call.call_id: [name for name in flags if getattr(call, name)] for call in calls} == {
        "c5": [],
        "c4": ["zero_out"],
        "c3": ["failed"],
        "c2": ["zero_out", "abandoned"],
        "c1": ["contained"],
    }
    going_on, english = calls[0], calls[1]
    assert (going_on.ended, going_on.reason) == (None, "")
    assert (english.language, english.version, english.reason) == ("en", "v2", "completed")
    assert english.started == MONDAY + timedelta(minutes=4)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CallFilter(number="139"), ["c2"]),
        (CallFilter(number="95500", last=2), ["c5", "c4"]),
        (CallFilter(reason="completed"), ["c4", "c1"]),
        (CallFilter(reason="completed", last=1), ["c4"]),
        (CallFilter(step="main.menu"), ["c5", "c1"]),
        (CallFilter(step="main.men"), []),
        (CallFilter(version="v2"), ["c4"]),
        (CallFilter(language="en"), ["c4"]),
        (CallFilter(outcome="abandoned"), ["c2"]),
        (CallFilter(outcome="contained", number="139"), []),
        (CallFilter(since=MONDAY + timedelta(minutes=4)), ["c5", "c4"]),
        (CallFilter(until=MONDAY + timedelta(minutes=2)), ["c1"]),
    ],
)
async def test_calls_are_filtered(
    store: Store, told: Told, wanted: CallFilter, found: list[str]
) -> None:
    assert [call.call_id async for call in store.calls(wanted)] == found


async def test_calls_that_ended_come_once_however_late_they_are_written(
    store: Store, clock: StillClock
) -> None:
    told = Told(store, clock)
    told.call("before", started(), CallEnded("completed"))
    await store.flush()
    since = clock.now() + timedelta(seconds=30)
    told.call("first", started(version="v2"), CallEnded("completed"))
    told.call("goes on", started())
    await store.flush()
    mark, calls = await store.ended(since)
    assert [(call.call_id, call.version) for call in calls] == [("first", "v2")]
    assert await store.ended(since, mark) == (mark, [])
    clock.at -= timedelta(seconds=90)
    told.call("late", started(), CallEnded("hangup"))
    store.events.emit("goes on", CallEnded("completed"))
    await store.flush()
    mark, calls = await store.ended(since, mark)
    assert [call.call_id for call in calls] == ["late", "goes on"]
    assert (await store.ended(since, mark))[1] == []


async def test_events_come_once_however_late_they_are_written(
    store: Store, clock: StillClock
) -> None:
    store.events.emit("1.1", LanguageChanged("en"))
    clock.at = MONDAY + timedelta(hours=1)
    store.events.emit("1.2", LanguageChanged("zh"))
    await store.flush()
    mark, found = await store.happened(MONDAY + timedelta(minutes=1))
    assert [(one.call_id, one.at) for one in found] == [("1.2", clock.at)]
    assert await store.happened(MONDAY, mark) == (mark, [])
    clock.at = MONDAY
    store.events.emit("1.3", CallEnded("late"))
    await store.flush()
    mark, found = await store.happened(MONDAY + timedelta(hours=2), mark)
    assert [one.call_id for one in found] == ["1.3"]
    assert await store.happened(MONDAY, mark) == (mark, [])


async def test_many_calls_that_ended_come_at_once(store: Store, clock: StillClock) -> None:
    told = Told(store, clock)
    for number in range(1_100):
        told.call(f"c{number}", started(), CallEnded("completed"))
    await store.flush(60_000)
    _, calls = await store.ended(MONDAY)
    assert [call.call_id for call in calls] == [f"c{number}" for number in range(1_100)]


async def test_many_calls_are_found_over_pages(store: Store, clock: StillClock) -> None:
    told = Told(store, clock)
    for number in range(1_100):
        told.call(f"c{number}", started(ani=str(number % 3)), CallEnded("completed"))
    await store.flush(60_000)
    wanted = [call.call_id async for call in store.calls(CallFilter(number="1"))]
    assert wanted == [f"c{number}" for number in range(1_099, -1, -1) if number % 3 == 1]


@pytest.mark.parametrize("kind", Event.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_event_words_itself(kind: type[Event]) -> None:
    assert set(kind.words) == set(LANGUAGES)
