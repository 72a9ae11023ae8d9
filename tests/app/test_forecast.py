"""Forecasts as planners export them and as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.app.forecast import ForecastError, Row, read_forecast


def read(tmp_path: Path, text: str, name: str = "f.csv") -> tuple[Row, ...]:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return read_forecast(file)


def test_csv(tmp_path: Path) -> None:
    text = "\ufefffrom,to,queue,calls,talk,patience,agents,segment\n09:00,09:30,service,110,150,2m,16,vip\n23:45,24:00,,0.5,90s,,,\n"
    first, second = read(tmp_path, text)
    assert (first.begins, first.ends, first.queue, first.calls) == (32_400, 34_200, "service", 110)
    assert (first.talk, first.patience, first.agents) == (150, 120, 16)
    assert first.facts == {"language": "zh", "segment": "vip"}
    assert (second.ends, second.talk, second.patience, second.agents) == (86_400, 90, None, None)


def test_yaml(tmp_path: Path) -> None:
    text = "- {from: 09:00, to: '09:15', queue: q, calls: 5, aht: 3m, level: 2, language: en}\n"
    (row,) = read(tmp_path, text, "f.yaml")
    assert (row.begins, row.ends, row.aht) == (32_400, 33_300, 180)
    assert row.facts == {"language": "en", "level": 2}


def test_wrap_up_comes_on_top_of_talk_but_not_of_aht(tmp_path: Path) -> None:
    talk, whole = read(tmp_path, "from,to,calls,talk,aht\n09:00,10:00,1,150,\n09:00,10:00,1,,150\n")
    assert (talk.handling_s(30), whole.handling_s(30)) == (180, 150)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from,to,calls,talk\n", "holds no line"),
        (
            "from,to,calls,talk\n9,10:00,1,1\n",
            "f.csv:2: from: .*write a time of the day such as 09:30",
        ),
        ("from,to,calls,talk\n09:60,10:00,1,1\n", "from: "),
        ("from,to,calls,talk\n10:00,09:00,1,1\n", "over midnight is two lines"),
        ("from,to,calls,talk\n09:00,25:00,1,1\n", "to: "),
        ("from,to,calls\n09:00,10:00,1\n", "write `talk`"),
        ("from,to,calls,talk,aht\n09:00,10:00,1,1,1\n", "write `talk`"),
        ("from,to,calls,talk\n09:00,10:00,1,2x\n", "not a duration"),
        ("from,to,calls,talk,color\n09:00,10:00,1,2,red\n", "color: "),
        ("from,to,calls,talk\n09:00,10:00,1,1\n09:00,10:00,-1,1\n", "f.csv:3: calls: "),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ForecastError, match=said):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "write a list"),
        ("- [", "not YAML"),
        ("[" * 5000, "not YAML"),
        ("- 2026-13-45", "not YAML"),
        ("- {}", "item 1"),
    ],
)
def test_what_is_wrong_in_yaml(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ForecastError, match=said):
        read(tmp_path, text, "f.yml")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ForecastError, match="cannot be read"):
        read_forecast(tmp_path / "none.csv")
