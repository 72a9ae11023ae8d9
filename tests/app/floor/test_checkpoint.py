"""A floor that goes on from what was kept is the floor that has seen everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.app.floor import happenings as module
from ivr.app.floor.checkpoint import Checkpoint, decode, encode
from ivr.app.floor.diary import Diary, read_checkpoint, read_diary, read_on
from ivr.app.floor.state import FloorState
from ivr.app.floor.talks import Talks
from ivr.centre.agents import Act
from ivr.centre.kpi import Kpi
from ivr.database import Place
from ivr.model.floor import AgentChanged, Answered, AnyFloorEvent, Ended, Joined, Stamped
from tests.app.floor.test_diary import ZONE, missed
from tests.app.floor.test_room import Hall, Time
from tests.centre.kpi.test_laws import dated, diaries

ACTS = {"ready": "ready", "talking": "joined", "wrap_up": "ended", "offline": "logout"}


def acting(stamped: Stamped) -> Stamped:
    """Return what happened with the act that brought an agent into a state."""
    event = stamped.event
    if not isinstance(event, AgentChanged):
        return stamped
    return replace(stamped, event=replace(event, act=ACTS[event.state]))


class Fold:
    """What the floor folds, without a floor."""

    def __init__(self) -> None:
        self.state, self.talks, self.kpi = FloorState(), Talks(), Kpi(ZONE, days=2)

    def take(self, events: list[Stamped]) -> None:
        for one in events:
            self.state.take(one.at, one.event)
            self.talks.take(one.at, one.event)
            self.kpi.take(one)

    def kept(self) -> bytes:
        return encode(Checkpoint(ZONE.key, self.state, self.talks.open, self.kpi.kept(), None))

    def go_on(self, kept: bytes, zone: str = ZONE.key) -> None:
        found = decode(kept, zone)
        assert found is not None
        self.state, self.talks.open = found.state, found.talks
        self.kpi.go_on(found.figures)


WRAPS_UP: list[tuple[int, AnyFloorEvent]] = [
    (0, Joined("c1", "q1")),
    (9, Answered("c1", "q1", "1001")),
    (9, Ended("c1", "q1", "1001", "caller")),
    (0, AgentChanged("1001", "", "wrap_up")),
    (9, AgentChanged("1001", "", "ready")),
]


@given(diaries, st.integers(0, 40))
@example(WRAPS_UP, 4)
def test_wherever_it_is_cut(diary: list[tuple[int, AnyFloorEvent]], cut: int) -> None:
    events = [acting(one) for one in dated(diary)]
    whole, first, second = Fold(), Fold(), Fold()
    whole.take(events)
    first.take(events[:cut])
    second.go_on(first.kept())
    second.take(events[cut:])
    assert second.state == whole.state
    assert second.talks.open == whole.talks.open
    assert second.kpi.kept() == whole.kpi.kept()
    for at in {one.at for one in events}:
        for queue in ("q1", "q2"):
            assert second.kpi.today(queue, at) == whole.kpi.today(queue, at)
        day = at.astimezone(ZONE).date()
        assert second.kpi.intervals(day) == whole.kpi.intervals(day)
    for queue in ("q1", "q2") if events else ():
        now = events[-1].at
        assert second.kpi.waiting(queue) == whole.kpi.waiting(queue)
        assert second.kpi.longest_s(queue, now) == whole.kpi.longest_s(queue, now)
        assert second.kpi.recent(queue, now) == whole.kpi.recent(queue, now)


def test_what_another_onecall_has_kept_is_not_read() -> None:
    kept = Fold().kept()
    assert decode(kept, ZONE.key) is not None
    assert decode(kept, "Europe/Vienna") is None
    assert decode(b"x" + kept[1:], ZONE.key) is None
    assert decode(kept[:-1], ZONE.key) is None


async def test_it_is_kept_of_the_events_before_it(place: Place) -> None:
    diary = Diary(place)
    assert read_checkpoint(place) is None
    diary.append(missed(1, "1.1"))
    diary.keep(b"one")
    diary.append(missed(2, "1.2"))
    diary.append(missed(3, "1.3"))
    diary.keep(b"three")
    diary.append(missed(4, "1.4"))
    await diary.durable()
    assert read_checkpoint(place) == (3, b"three")
    assert list(read_on(place, ZONE, 3)) == [missed(4, "1.4")]
    assert len(list(read_diary(place, ZONE))) == 4
    await diary.close()


async def test_a_floor_keeps_it_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEEP_EVERY", 5)
    hall = Hall(tmp_path, Time())
    hall.works("1001")
    hall.floor.emit(Joined("1.1", "service"))
    for _ in range(3):
        hall.floor.act("1001", Act.PAUSE, reason="break")
        hall.floor.act("1001", Act.READY)
    await hall.floor.durable()
    found = read_checkpoint(hall.file)
    assert found is not None
    number, body = found
    assert number % 5 == 0
    again = Fold()
    again.go_on(body, "UTC")
    again.take(list(read_on(hall.file, ZONE, number)))
    assert again.state == hall.floor.state
    assert again.state.callers
    await hall.diary.close()
