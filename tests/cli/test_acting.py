"""Times that people write, in the bank's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.cli.acting import Mistake, moment

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_a_time_is_the_banks_unless_it_says_otherwise() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    at = moment("2026-03-02T06:00", "Asia/Shanghai", NOW)
    assert at == datetime(2026, 3, 2, 6, 0, tzinfo=shanghai)
    assert moment("2026-03-02T06:00+00:00", "Asia/Shanghai", NOW).hour == 14
    assert moment("2026-03-02T06:00+00:00", "Asia/Shanghai", NOW) > at


def test_an_hour_that_no_clock_shows_is_refused() -> None:
    with pytest.raises(Mistake, match="no clock shows"):
        moment("2026-03-08T02:30", "America/New_York", NOW)
    assert moment("2026-03-08T03:30", "America/New_York", NOW).hour == 3
    assert moment("2026-11-01T01:30", "America/New_York", NOW).hour == 1


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31T23:59-12:00", "soon"])
def test_what_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(Mistake, match="is no time"):
        moment(text, "Asia/Shanghai", NOW)


@pytest.mark.parametrize("text", ["2026-03-01T16:59", "2026-03-01T17:00"])
def test_the_past_is_refused(text: str) -> None:
    with pytest.raises(Mistake, match="is over"):
        moment(text, "Asia/Shanghai", NOW)
