"""What supervisors are alerted of, in words."""

from __future__ import annotations

from string import Formatter

import pytest

from ivr.model.floor import Alerted
from ivr.model.floor.queues import ALERTS


@pytest.mark.parametrize("kind", ALERTS)
def test_both_languages_say_the_same_of_each_kind(kind: str) -> None:
    fields = [
        {name for _, name, *_ in Formatter().parse(text) if name} for text in ALERTS[kind].values()
    ]
    assert set(ALERTS[kind]) == {"zh", "en"}
    assert fields[0] == fields[1] != set()


def test_an_alert_is_told_in_the_language_of_whoever_reads_it() -> None:
    alert = Alerted("agent:1001", kind="hold", said={"agent": "1001"})
    assert alert.story("en") == "agent 1001 had a caller on hold for too long"
    assert alert.story("zh") == "坐席 1001 让客户保持等待过久"


def test_one_of_an_earlier_onecall_has_its_sentence() -> None:
    assert Alerted("queue:loans", "surge over").story("en") == "alert about queue:loans: surge over"
