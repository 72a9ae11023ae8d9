"""Pictures: what they show is in their text, what cannot be drawn is said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from matplotlib import font_manager, rc_context

from ivr.adapters.plot import sheet
from ivr.adapters.plot.day import plot_day
from ivr.adapters.plot.sheet import Span, fonts
from ivr.adapters.plot.staffing import plot_staffing
from ivr.adapters.plot.values import CannotPlot, Curve, Need, check_name

ZONE = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 11, 23, 9, tzinfo=ZONE)
QUARTER = timedelta(minutes=15)
CURVE = [
    Curve(NINE, 10, 5.0, 0.02, 0.9),
    Curve(NINE + QUARTER, 0, None, None, None),
    Curve(NINE + 2 * QUARTER, 12, 25.0, 0.08, 0.7),
]
NEEDS = [
    Need(NINE, NINE + QUARTER, 10.0, 13, 14, 20),
    Need(NINE + QUARTER, NINE + 2 * QUARTER, 5.0, 7, 8, 12),
]


def words(file: Path) -> str:
    """Return the text of an SVG whose letters were left as such."""
    return " ".join(re.findall(r">([^<>]+)</text>", file.read_text("utf-8")))


def test_a_day_in_words_and_to_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.svg", tmp_path / "two.svg"
    with rc_context({"svg.fonttype": "none"}):
        plot_day(one, CURVE, "Monday", ZONE)
        plot_day(two, CURVE, "Monday", ZONE)
    said = words(one)
    for wanted in ("Monday", "09:00", "service level", "abandonment", "target 5%", "average speed"):
        assert wanted in said
    assert one.read_bytes() == two.read_bytes()


def test_staffing_in_words(tmp_path: Path) -> None:
    file = tmp_path / "plan.svg"
    with rc_context({"svg.fonttype": "none"}):
        plot_staffing(file, NEEDS, "Monday", ZONE)
    said = words(file)
    assert all(wanted in said for wanted in ("Erlang A", "Erlang C", "scheduled", "agents"))


def test_black_and_white(tmp_path: Path) -> None:
    """Every colour is a shade of grey."""
    file = tmp_path / "grey.svg"
    plot_day(file, CURVE, "Monday", ZONE)
    colours = re.findall(r"#([0-9a-f]{6})\b", file.read_text("utf-8"))
    assert colours
    assert {one for one in colours if not one[:2] == one[2:4] == one[4:]} == set()


def test_png_in_chinese_or_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "_FONTS", ("DejaVu Sans",))
    file = tmp_path / "day.png"
    plot_day(file, CURVE, "9", ZONE, "en")
    assert file.read_bytes().startswith(b"\x89PNG")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    with pytest.raises(CannotPlot, match="apt-get install"):
        fonts("zh")
    assert fonts("en") == ["DejaVu Sans"]


def test_the_clock_below_is_the_banks_over_a_change_of_the_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begins = datetime(2026, 10, 25, tzinfo=berlin).astimezone(UTC)
    span = Span(begins, begins + timedelta(hours=25), berlin)
    assert [span.clock(hour) for hour in (0, 2, 3, 4, 25)] == [
        "00:00",
        "02:00",
        "02:00",
        "03:00",
        "00:00",
    ]


def test_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CannotPlot, match=r"\*\.png or \*\.svg"):
        check_name(Path("day.pdf"))
    with pytest.raises(CannotPlot, match="cannot be written"):
        plot_staffing(tmp_path / "no" / "where.svg", NEEDS, "Monday", ZONE)
