"""What a flow file and a calendar file may hold, apart from what each step type adds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ivr.model.inputfields import InputFields

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
"""The name of a flow, a calendar or a step."""
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
OutcomeName = Annotated[str, Field(pattern=r"^[a-z0-9*#][a-z0-9*#_-]{0,63}$")]
Number = Annotated[str, Field(pattern=r"^\+?[0-9*#]{1,32}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
TypeName = Literal["text", "number", "truth", "money"]
Spans = list[str] | str


class Document(BaseModel):
    """Base of what is written in YAML."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FlowDocument(Document):
    """A flow: what a caller goes through, step by step."""

    flow: Name = Field(description="The flow's name: the file's, without .yaml.", examples=["main"])
    numbers: tuple[Number, ...] = Field(
        (),
        description="The numbers dialled (DNIS) that start here, in quotes.",
        examples=[["95500"]],
    )
    languages: tuple[Language, ...] = Field(
        min_length=1,
        description="The languages it speaks; the first is the default.",
        examples=[["zh", "en"]],
    )
    start: Name = Field(description="The step it begins with.", examples=["welcome"])
    accepts: dict[VariableName, TypeName] = Field(
        {},
        description="For a subflow: the arguments it is given, each with its type.",
        examples=[{"number": "text"}],
    )
    returns: dict[OutcomeName, dict[VariableName, TypeName]] = Field(
        {},
        description="For a subflow: the outcomes it ends with, each with its values' types.",
        examples=[{"found": {"name": "text"}, "unknown": {}}],
    )
    defaults: InputFields = Field(
        InputFields(),
        description="How keys are read in this flow.",
        examples=[{"timeout": "5s", "interdigit": "3s", "tries": 3}],
    )
    on: dict[Literal["error", "hangup"], Name] = Field(
        {},
        description="Where it goes when a step fails (error), and what is done when the caller has"
        " hung up (hangup).",
        examples=[{"error": "sorry"}],
    )
    note: str | None = Field(
        None,
        description="For people; nothing reads it.",
        examples=["Ask the card team before changing this."],
    )
    steps: dict[Name, Any] = Field(
        min_length=1,
        description="The steps, by name.",
        examples=[{"welcome": {"say": "welcome", "next": "end"}, "end": {"hangup": "completed"}}],
    )


class Requires(Document):
    """What a caller must have shown before the step runs."""

    auth: int = Field(
        ge=0,
        le=3,
        strict=True,
        description="0 nothing, 1 identified, 2 PIN, 3 PIN and another.",
        examples=[2],
    )


class StepDocument(Document):
    """What every step may have beside its verb."""

    on: dict[OutcomeName, Name] = Field(
        {},
        description="Outcome → the step that follows.",
        examples=[{"no_input": "agent", "invalid": "agent"}],
    )
    next: Name | None = Field(
        None, description="The step that follows the one normal outcome.", examples=["main-menu"]
    )
    requires: Requires = Field(
        Requires(auth=0), description="What the step needs of the caller.", examples=[{"auth": 2}]
    )
    note: str | None = Field(
        None,
        description="For people; nothing reads it.",
        examples=["Ask the card team before changing this."],
    )


class CalendarDocument(Document):
    """A calendar: when somebody is there."""

    calendar: Name = Field(
        description="The calendar's name: the file's, without .yaml.", examples=["service"]
    )
    zone: str = Field(description="The time zone.", examples=["Asia/Shanghai"])
    week: dict[str, Spans] = Field(
        description="Days or spans of days (`mon-fri`) → hours; a day that is not here is closed.",
        examples=[{"mon-fri": ["09:00-12:00", "13:00-17:30"], "sat": "closed"}],
    )
    holidays: list[str] | str = Field(
        [],
        description="A country's public holidays (with the weekends worked for them), or dates.",
        examples=["CN", ["2026-10-01"]],
    )
    holiday_hours: Spans = Field(
        [], description="The hours on holidays; closed if not given.", examples=[["10:00-12:00"]]
    )
    workdays: list[str] = Field(
        [],
        description="Weekend days that are worked, with Friday's hours.",
        examples=[["2027-02-06"]],
    )
    exceptions: dict[str, Spans] = Field(
        {},
        description="Dates → their own hours, or closed.",
        examples=[{"2026-12-31": ["09:00-15:00"], "2026-10-08": "closed"}],
    )
    note: str | None = Field(
        None,
        description="For people; nothing reads it.",
        examples=["Ask the card team before changing this."],
    )


class OverridesDocument(Document):
    """Hours that hold on some days, whatever the calendars say: for `ivr hours apply`."""

    overrides: dict[Name, Annotated[dict[str, Spans], Field(min_length=1)]] = Field(
        min_length=1,
        description="Calendars → dates → their hours, `closed`, or `holiday`.",
        examples=[{"service": {"2026-11-23": ["09:00-15:00"], "2026-11-24": "closed"}}],
    )
    note: str | None = Field(
        None,
        description="For people; nothing reads it.",
        examples=["Ask the card team before changing this."],
    )
