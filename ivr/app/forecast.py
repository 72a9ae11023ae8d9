"""Forecasts: how many calls are expected when, as CSV or YAML. Planners export them, people write them.

    from,to,queue,calls,talk,patience,agents
    09:00,09:30,service,110,150,120,16

`talk` is the mean of talk and hold, on top of which comes the queue's wrap-up; `aht` instead is all of
it. Plain numbers are seconds.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ivr.model.duration import milliseconds
from ivr.model.errors import OneCallError
from ivr.model.values import Scalar

DAY_S = 86_400


class ForecastError(OneCallError):
    """A forecast cannot be used: what, where, and what to write instead."""


def _seconds(value: object) -> object:
    """Read `180`, `180s` or `3m`."""
    text = str(value).strip()
    return milliseconds(text) / 1000 if text[-1:].isalpha() else value


def _clock(value: object) -> object:
    """Read a time of the day, `09:30` or `24:00`, as seconds since midnight."""
    if isinstance(value, int):  # YAML takes 09:30 without quotes for a number of base 60
        return value * 60
    hours, _, minutes = str(value).strip().partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(minutes) < 60):
        raise ValueError("write a time of the day such as 09:30")
    return int(hours) * 3600 + int(minutes) * 60


Seconds = Annotated[float, BeforeValidator(_seconds)]
Clock = Annotated[int, BeforeValidator(_clock), Field(ge=0, le=DAY_S)]


class Row(BaseModel):
    """Calls that are expected at one queue between two times of the day (seconds since midnight), and
    of whom: `language`, `segment` and `level` are what rules read of a caller."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")
    queue: str = ""
    calls: float = Field(ge=0, le=1_000_000)
    talk: Seconds | None = Field(None, gt=0)
    aht: Seconds | None = Field(None, gt=0)
    patience: Seconds | None = Field(None, gt=0)
    agents: int | None = Field(None, ge=0, le=100_000)
    language: str = "zh"
    segment: str = ""
    level: int | None = Field(None, ge=0, le=3)

    @model_validator(mode="after")
    def _sensible(self) -> Row:
        if self.ends <= self.begins:
            raise ValueError("`to` is later than `from`; what goes over midnight is two lines")
        if (self.talk is None) == (self.aht is None):
            raise ValueError("write `talk` (wrap-up comes on top), or `aht` (all of it)")
        return self

    @property
    def facts(self) -> Mapping[str, Scalar]:
        """Return what rules read of these callers."""
        facts: dict[str, Scalar] = {"language": self.language}
        if self.segment:
            facts["segment"] = self.segment
        if self.level is not None:
            facts["level"] = self.level
        return facts

    def handling_s(self, wrap_up_s: float) -> float:
        """Return the AHT in seconds in a queue with this wrap-up."""
        if self.aht is not None:
            return self.aht
        assert self.talk is not None  # noqa: S101  (one of the two is there)
        return self.talk + wrap_up_s


def read_forecast(file: Path) -> tuple[Row, ...]:
    """Read a forecast: CSV with a line of headings, or a YAML list (`.yaml`, `.yml`) of the same.
    Raises ForecastError with all that is wrong, one a line."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ForecastError(f"{file}: cannot be read: {error}") from None
    lines = _yaml(file, text) if file.suffix in (".yaml", ".yml") else _csv(text)
    rows, wrong = [], []
    for where, line in lines:
        try:
            rows.append(Row.model_validate(line))
        except ValidationError as error:
            wrong += [f"{file}:{where}: {_said(one)}" for one in error.errors()]
    if not rows and not wrong:
        wrong.append(f"{file}: holds no line; write from,to,queue,calls,talk first")
    if wrong:
        raise ForecastError("\n".join(wrong))
    return tuple(rows)


def _said(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])


def _csv(text: str) -> Iterable[tuple[str, object]]:
    reader = csv.DictReader(text.splitlines(), skipinitialspace=True)
    for line in reader:
        given = {name: value for name, value in line.items() if value not in ("", None)}
        yield f"{reader.line_num}", given


def _yaml(file: Path, text: str) -> Iterable[tuple[str, object]]:
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ForecastError(f"{file}: not YAML: {error}") from None
    if not isinstance(data, list):
        raise ForecastError(
            f"{file}: write a list: - {{from: '09:00', to: '09:30', calls: 100, …}}"
        )
    yield from ((f"item {number}", item) for number, item in enumerate(data, 1))
