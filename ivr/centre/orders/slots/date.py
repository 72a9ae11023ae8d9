"""The slot `date`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from ivr.centre.orders.asking import key_in
from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression
from ivr.model.keyed import Day
from ivr.model.orders import Slot
from ivr.model.orders.slot import Filled
from ivr.model.properties import InputRules
from ivr.model.speech import Speech, TextField, first
from ivr.model.step import Context
from ivr.ports.clock import Now

_AHEAD = {"today": dt.timedelta(0), "tomorrow": dt.timedelta(days=1)}


class Days(BaseModel):
    """Which days."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True
    )

    from_: TextField = Field(
        "today",
        alias="from",
        description="The first day: today, tomorrow, or a date (today).",
        examples=["tomorrow", "{{ leaves }}"],
    )
    days: int = Field(
        365, ge=1, le=3650, strict=True, description="How many days after it are possible (365)."
    )


class DateSlot(Slot):
    """A day, keyed as month and day (`1224` is the next 24 December) or with its year in front.

    Its value is a text, ISO 8601.
    """

    kind: ClassVar[str] = "date"

    date: Days = Field(
        description="Which days may be keyed.", examples=[{"from": "today", "days": 365}]
    )

    def fields(self) -> Mapping[str, str]:
        return {"": "text"}

    def ask(self, context: Context, rules: InputRules) -> Script[Filled]:
        now = yield from ask(Now())
        earliest = self._first(context, now)
        last = earliest + dt.timedelta(days=self.date.days)
        grammar = Day(str(earliest), str(last), rules.terminator, rules.cancel)
        return (yield from key_in(context, rules, self, grammar, grammar.value))

    def _first(self, context: Context, now: dt.datetime) -> dt.date:
        text = context.evaluate(self.date.from_)
        if text in _AHEAD:
            return now.date() + _AHEAD[str(text)]
        try:
            return dt.date.fromisoformat(str(text))
        except ValueError as error:
            raise EvaluationError(
                f"`from` of a date is neither a day nor one of {', '.join(_AHEAD)}"
            ) from error

    def wants(self) -> Iterator[tuple[Expression, Collection[str]]]:
        yield from super().wants()
        if isinstance(self.date.from_, Expression):
            yield self.date.from_, ("text",)

    def question(self) -> tuple[Speech, int]:
        return first(self.prompt), 4
