"""How far back a command looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.cli.period import NoPeriod, progress, since

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("12h", NOW - timedelta(hours=12)),
        ("30m", NOW - timedelta(minutes=30)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=ZoneInfo("Asia/Shanghai"))),
        ("2026-11-20T08:30", datetime(2026, 11, 20, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))),
        ("2026-11-20T08:30+00:00", datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
    ],
)
def test_times(text: str, found: datetime) -> None:
    assert since(text, NOW, "Asia/Shanghai") == found


@pytest.mark.parametrize("text", ["", "7", "7w", "-7d", "99999d", "yesterday", "７d", "2026-13-01"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(NoPeriod, match="write 7d, 12h"):
        since(text, NOW, "Asia/Shanghai")


def test_progress_is_for_terminals_and_takes_no_time_for_a_period_of_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress(NOW, NOW) as reached:
        reached(NOW)
    assert capsys.readouterr() == ("", "")
