"""Durations as authors write them."""

from __future__ import annotations

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from ivr.model.duration import Duration, PositiveDuration, milliseconds
from ivr.model.problem import BadValue


@pytest.mark.parametrize(
    ("text", "ms"), [("5s", 5000), ("300ms", 300), ("2m", 120_000), ("1h", 3_600_000), ("0s", 0)]
)
def test_duration(text: str, ms: int) -> None:
    assert milliseconds(text) == ms
    assert TypeAdapter(Duration).validate_python(text) == ms


@pytest.mark.parametrize("value", ["5", "5 s", "s", "1.5s", "-1s", "5S", "٥s", "", None, True, [5]])
def test_what_is_no_duration_is_refused_with_a_hint(value: object) -> None:
    with pytest.raises(BadValue) as caught:
        milliseconds(value)
    assert caught.value.hint
    with pytest.raises(ValidationError):
        TypeAdapter(Duration).validate_python(value)


def test_a_number_without_a_unit_is_told_which_units_there_are() -> None:
    with pytest.raises(BadValue, match="without a unit") as caught:
        milliseconds(5)
    assert caught.value.hint == 'write "5s", "5ms" or "5m"'


def test_a_day_is_the_longest() -> None:
    assert milliseconds("24h") == 86_400_000
    with pytest.raises(BadValue, match="more than a day"):
        milliseconds("25h")


def test_where_nothing_is_no_duration() -> None:
    wait = TypeAdapter(PositiveDuration)
    assert wait.validate_python("1ms") == 1
    pattern = re.compile(wait.json_schema()["pattern"])
    for text in ("0s", "0ms", "000h"):
        with pytest.raises(ValidationError, match="a duration of nothing"):
            wait.validate_python(text)
        assert not pattern.search(text)
    assert all(map(pattern.search, ("1ms", "10s", "010m")))
