"""What every store backend must do."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.store.codec import decode_event, encode
from ivr.model.events import CallEnded, CallStarted, Event, MessageRecorded, StepEntered
from ivr.model.session import Frame, Session
from ivr.model.values import Money
from ivr.ports.store import Store
from tests.contracts.conftest import MONDAY


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


async def test_flow_versions_never_change(store: Store) -> None:
    files = {"main.yaml": "flow: main\n# 你好\n", "calendars/shop.yaml": ""}
    await store.keep_version("abc", files)
    await store.keep_version("abc", {"main.yaml": "another"})
    assert await store.version_files("abc") == files
    assert await store.version_files("xyz") is None


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
