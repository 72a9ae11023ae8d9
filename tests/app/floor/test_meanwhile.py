"""What queue_log tells of the time without an engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ivr.adapters.ami.queue_log import QueueLogEntry
from ivr.app.floor.meanwhile import Meanwhile, meanwhile
from ivr.ports.waiting import Leaving

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEG = "PJSIP/agent1001-00000001"


def entry(at: int, call: str, event: str, agent: str = "NONE", queue: str = "q") -> QueueLogEntry:
    return QueueLogEntry(int(NOON.timestamp()) + at, call, queue, agent, event)


def told(at: float, event: str, agent: str = "NONE") -> QueueLogEntry:
    """Return what our dialplan writes of the call `a`, with its own time."""
    moment = f"{NOON.timestamp() + at:.3f}"
    return msgspec.structs.replace(entry(int(at), "a", event, agent), data=(moment,))


def exact(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def after(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_calls_are_told_in_the_order_in_which_they_entered() -> None:
    log = [
        entry(0, "a", "ENTERQUEUE"),
        entry(1, "b", "ENTERQUEUE"),
        entry(2, "a", "CONNECT", "1001"),
        entry(3, "b", "ABANDON"),
        entry(9, "a", "COMPLETECALLER", "1001"),
        entry(9, "c", "ENTERQUEUE"),
    ]
    assert meanwhile(log, "q", UTC) == [
        Meanwhile("a", NOON, "1001", after(2), after(9), "caller", Leaving.SERVED),
        Meanwhile("b", after(1), ended=after(3), how=Leaving.ABANDONED),
        Meanwhile("c", after(9)),
    ]


@pytest.mark.parametrize(
    ("data", "ani"),
    [
        (("", "13900000016", "2"), "13900000016"),
        (("", "+8613900000016", "2"), "+8613900000016"),
        (("", "Li <139>", "2"), ""),
        ((), ""),
    ],
)
def test_who_entered_is_known_by_number(data: tuple[str, ...], ani: str) -> None:
    (one,) = meanwhile([msgspec.structs.replace(entry(0, "a", "ENTERQUEUE"), data=data)], "q", UTC)
    assert one.ani == ani


def test_only_one_queue_is_told_of_and_only_who_entered_it() -> None:
    log = [entry(0, "a", "ENTERQUEUE", queue="other"), entry(1, "b", "CONNECT", "1001")]
    assert meanwhile(log, "q", UTC) == []


def test_a_conversation_that_an_agent_ended_was_known_before() -> None:
    [call] = meanwhile([entry(4, "a", "TALKED")], "q", UTC)
    assert (call.connected, call.ended, call.by, call.known) == (None, after(4), "agent", True)


def test_an_agent_who_was_rung_before_may_answer_meanwhile() -> None:
    log = [entry(1, "a", "ANSWERED", LEG), entry(4, "a", "TALKED")]
    [call] = meanwhile(log, "q", UTC)
    assert (call.connected, call.ended, call.known) == (after(1), after(4), True)


@pytest.mark.parametrize(
    ("source", "by"), [(LEG, "agent"), ("PJSIP/trunk-00000009", "caller"), ("", "unknown")]
)
def test_whose_hang_up_it_was_is_told_to_the_millisecond(source: str, by: str) -> None:
    moment = f"{NOON.timestamp() + 4.25:.3f}"
    parted = msgspec.structs.replace(entry(4, "a", "PARTED", LEG), data=(moment, source))
    [call] = meanwhile([parted], "q", UTC)
    assert (call.ended, call.by) == (NOON + timedelta(seconds=4.25), by)
    assert (call.channel, call.how, call.known) == (LEG, None, True)


def test_another_agent_may_answer_who_is_left_by_one() -> None:
    other = "PJSIP/agent1002-00000002"
    log = [entry(1, "a", "PARTED", LEG), entry(3, "a", "ANSWERED", other)]
    [call] = meanwhile(log, "q", UTC)
    assert (call.connected, call.ended, call.channel) == (after(3), None, other)


@pytest.mark.parametrize("parted_first", [True, False])
def test_our_own_times_stand_before_the_plain_queues_whole_seconds(parted_first: bool) -> None:
    ends = [told(9.875, "PARTED", LEG), entry(9, "a", "COMPLETEAGENT", "1001")]
    log = [
        told(0.5, "ALONE"),
        entry(3, "a", "ENTERQUEUE"),
        told(4.25, "ANSWERED", LEG),
        entry(4, "a", "CONNECT", "1001"),
        *(ends if parted_first else reversed(ends)),
        told(12.125, "GONE"),
    ]
    [call] = meanwhile(log, "q", UTC)
    assert (call.entered, call.connected, call.ended) == (exact(0.5), exact(4.25), exact(9.875))
    assert (call.agent, call.how, call.known) == ("1001", Leaving.SERVED, False)
    assert call.gone == exact(12.125)


def test_who_was_alone_and_never_entered_is_not_told_of() -> None:
    assert meanwhile([told(1, "ALONE")], "q", UTC) == []
