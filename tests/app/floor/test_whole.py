"""The floor as an engine puts it together."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.app.config import load_config
from ivr.app.floor.trail import Trail
from ivr.app.floor.whole import Opened, whole_floor
from ivr.model.calendar import Calendar, Span
from ivr.model.queues import AgentDocument, QueueDocument, QueuePlan
from ivr.ports.waiting import Joining, Wait

PLAN = QueuePlan(
    queues={"service": QueueDocument.model_validate({"agents": ["anyone"], "empty": "wait"})},
    agents={"1001": AgentDocument(name="1001")},
)


class Wall:
    """The machine's clock, which somebody sets."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Shanghai"))

    def now(self) -> datetime:
        return self.at


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_that_is_set_ends_no_wait_and_prolongs_none(
    hours: int, tmp_path: Path
) -> None:
    (tmp_path / "onecall.yaml").write_text("state: state\n")
    (tmp_path / "state").mkdir()
    config = load_config(tmp_path / "onecall.yaml")
    published: Any = SimpleNamespace(current=SimpleNamespace(queues=PLAN, calendars={}))
    events: Any = SimpleNamespace(emit=lambda call_id, event: None)
    wall = Wall()
    waits = Joining("a", "service", "zh", most_ms=60_000)
    async with whole_floor(config, published, Trail(events), wall, None) as whole:
        await whole.room.join(waits)
        joined = whole.floor.now()
        wall.at += timedelta(hours=hours)
        whole.floor.decide()
        assert isinstance(await whole.room.join(waits), Wait)
        assert 0 <= whole.floor.now() - joined < 30


@pytest.mark.parametrize(("hours", "is_open"), [(0, True), (1, True), (-1, False)])
def test_hours_are_those_of_the_clock_as_it_is_set(hours: int, is_open: bool) -> None:
    day = (Span(time(8, 30), time(20)),)
    calendars = {"service": Calendar("service", "Asia/Shanghai", (day,) * 7)}
    published: Any = SimpleNamespace(
        current=SimpleNamespace(calendars=calendars), overrides=lambda name: ()
    )
    wall = Wall()
    opened = Opened(published, wall)
    wall.at += timedelta(hours=hours)
    assert opened("service") is is_open
