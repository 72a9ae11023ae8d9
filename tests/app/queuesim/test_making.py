"""From a wish to what is simulated."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config, QueueSimConfig
from ivr.app.floor.diary import DATABASE, Diary
from ivr.app.queuesim.forecast import Forecasted
from ivr.app.queuesim.making import CannotSimulate, Wish, configured, settings_for
from ivr.centre.kpi import Thresholds
from ivr.centre.kpi.target import read_target
from ivr.model.calendar import Calendar, Span
from ivr.model.flow import FlowSet
from tests.app.queuesim.kit import BEGINS, plan, row
from tests.centre.kpi.test_day import EVENTS

NIGHT = Calendar("night", "Asia/Shanghai", ((Span(time(8), time(12)), Span(time(22), None)),) * 7)


def flows(**queue: Any) -> FlowSet:
    return FlowSet("1", {}, {"night": NIGHT}, queues=plan(2, **queue))


def wish(**fields: Any) -> Wish:
    return Wish(BEGINS, **{"rows": [row()], **fields})


def test_a_queue_is_open_when_its_calendar_is() -> None:
    source = settings_for(wish(), flows(calendar="night"), Config()).source
    assert isinstance(source, Forecasted)
    assert source.spans == {"q": [(28_800, 43_200), (79_200, 86_400)]}
    always = settings_for(wish(), flows(), Config()).source
    assert isinstance(always, Forecasted)
    assert always.spans == {}


def test_the_time_of_the_service_level_is_that_of_the_target() -> None:
    thresholds = Thresholds(15, 3)
    for target, within_s in (("sl45>=0.5", 45), ("asa<=9", 15)):
        asked = wish(thresholds=thresholds, target=read_target(target))
        assert settings_for(asked, flows(), Config()).thresholds == Thresholds(within_s, 3)


async def test_what_rings_in_vain_is_as_recorded(tmp_path: Path) -> None:
    diary = Diary(tmp_path / DATABASE)
    for stamped in EVENTS:
        diary.append(stamped)
    await diary.close()
    settings = settings_for(wish(rows=()), flows(), Config(state=tmp_path))
    assert settings.behaviour.missed == 0.2  # one of five telephones


def test_as_configured() -> None:
    config = Config(queue_sim=QueueSimConfig(recorded=3, target="asa<=9", days=40, accept=0.5))
    found = configured(config)
    back = SystemClock(config.zone).now() - found.since
    assert timedelta(days=3) <= back < timedelta(days=3, minutes=1)
    assert (found.days, found.behaviour.accept, found.target) == (40, 0.5, read_target("asa<=9"))
    assert configured(Config()).target is None


def test_nobody_to_be_like() -> None:
    nobody = FlowSet("1", {}, queues=plan(1, second_line=1))
    with pytest.raises(CannotSimulate, match="nobody in the first line"):
        settings_for(wish(agents=3), nobody, Config())
