"""Files of overridden hours: read whole, or refused with the place of every mistake."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from ivr.adapters.flowfile.days import read_hours
from ivr.adapters.flowfile.overrides import load_overrides, read_overrides
from ivr.model.calendar import Override, Span
from ivr.model.errors import FlowError
from ivr.model.problem import BadValue

CALENDARS = ("night", "service")
MONDAY = date(2026, 11, 23)


def found(text: str) -> list[str]:
    read = read_overrides(text, "typhoon.yaml", CALENDARS)
    assert read.overrides == ()
    return [str(problem) for problem in read.problems]


def test_hours_closed_days_and_holidays() -> None:
    text = """\
note: typhoon
overrides:
  service:
    2026-11-23: "09:00-15:00"
    2026-11-24: closed
    2026-11-25: ["13:00-24:00", "10:00-12:00"]
  night: {2026-11-23: holiday}
"""
    read = read_overrides(text, "typhoon.yaml", CALENDARS)
    assert read.problems == ()
    assert read.overrides == (
        Override("service", MONDAY, (Span(time(9), time(15)),)),
        Override("service", date(2026, 11, 24), ()),
        Override("service", date(2026, 11, 25), (Span(time(10), time(12)), Span(time(13), None))),
        Override("night", MONDAY, None),
    )


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("overrides: {servce: {2026-11-23: closed}}", "1:13", "did you mean `service`?"),
        ("overrides: {service: {23.11.: closed}}", "1:23", "not a date"),
        ("overrides:\n  service:\n    2026-11-23: 9 to 5\n", "3:17", "are no hours"),
        ('overrides: {service: {2026-11-23: "15:00-09:00"}}', "1:35", "end before they begin"),
        ("override: {}", "1:1", "`overrides`"),
        ("overrides: {}", "1:12", ""),
        ("overrides: {service: {}}", "1:22", "nothing in here"),
        ("overrides: {service: {2026-11-23: closed, 2026-11-23: closed}}", "1:43", ""),
        ("overrides: [", "2:1", "no value"),
        ("", "1:1", ""),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, where: str, what: str) -> None:
    told = found(text)
    assert any(line.startswith(f"typhoon.yaml:{where}:") and what in line for line in told), told


def test_all_mistakes_at_once() -> None:
    text = 'overrides: {service: {x: closed, 2026-11-23: "9"}, y: {2026-11-24: "10:00-09:00"}}'
    assert len(found(text)) == 4


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"none\.yaml: cannot be read"):
        load_overrides(tmp_path / "none.yaml", CALENDARS)
    (tmp_path / "latin.yaml").write_bytes(b"note: caf\xe9")
    with pytest.raises(FlowError, match="not UTF-8"):
        load_overrides(tmp_path / "latin.yaml", CALENDARS)


def test_hours_of_a_command_line() -> None:
    assert read_hours(["closed"]) == ()
    assert read_hours(["holiday"]) is None
    assert read_hours(["13:00-16:00", "09:00-12:00"]) == (
        Span(time(9), time(12)),
        Span(time(13), time(16)),
    )
    for wrong in (["09:00-12:00", "11:00-13:00"], ["holiday", "09:00-12:00"], ["9-12"]):
        with pytest.raises(BadValue):
            read_hours(wrong)
