"""What `flows/cases.yaml` may hold: kinds of cases, who owns them, and their clocks."""

from __future__ import annotations

import enum
import re
from typing import Annotated, Any

import msgspec
from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from ivr.model.document import Document, Language, Name
from ivr.model.problem import BadValue

OWNER_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"
Person = Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,31}$")]
"""A login name."""
Owner = Annotated[
    str,
    BeforeValidator(lambda value: _owner(value), json_schema_input_type=str | int),
    Field(pattern=OWNER_PATTERN),
]
"""A desk by its name, or an agent by their number."""


def _owner(value: Any) -> Any:
    """An agent's number may stand without quotes, as in agents.yaml."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Unit(enum.StrEnum):
    """What times are counted in."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"


class Term(msgspec.Struct, frozen=True):
    """A time as a law or a promise has it: `15 days`, `3 working days`, `4 hours`."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count > 1 else self.unit[:-1]}"


_TERM = re.compile(r"([1-9]\d{0,2}) (hour|day|working day)s?", re.ASCII)


def term(value: Any) -> Any:
    """Return the Term of `15 days`. Raises BadValue for anything else."""
    match = _TERM.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise BadValue("not a time", "write it like 15 days, 3 working days, or 4 hours")
    return Term(int(match[1]), Unit(f"{match[2]}s"))


_WRITTEN = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2} (hours?|days?|working days?)$")]
Time = Annotated[Term, BeforeValidator(term, json_schema_input_type=_WRITTEN)]
"""A field written as `15 days`."""


class Part(Document):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Desk(Part):
    """Who owns cases together: a team, a department, a branch."""

    queue: Name | None = Field(
        None,
        description="The queue of callers who ask about its cases.",
        examples=["complaints"],
    )
    branch: str | None = Field(
        None,
        pattern=r"^[0-9]{1,8}$",
        description="The branch that it is, by its number.",
        examples=["101"],
    )
    agents: tuple[Owner, ...] = Field(
        (), description="The agents who work for it.", examples=[[1008, 1009]]
    )
    people: tuple[Person, ...] = Field(
        (),
        description="Those who work for it and take no calls, such as a branch's staff, by login name"
        " (`ivr staff`).",
        examples=[["he.ying"]],
    )


class Escalation(Part):
    """A step of the ladder: a case that nobody has solved goes up."""

    after: Time = Field(
        description="Counted like `answer`, from the opening.", examples=["10 days"]
    )
    to: Owner = Field(description="The desk or the agent who owns it then.", examples=["lead"])


class Told(Part):
    """Who may be told by telephone how far a case is."""

    auth: int = Field(
        2,
        ge=1,
        le=3,
        strict=True,
        description="The auth level of a customer who is told of their own (2).",
    )


class Notices(Part):
    """Messages to the customer, by their templates."""

    opened: Name | None = Field(None, description="When it is opened.", examples=["case-opened"])
    closed: Name | None = Field(None, description="When it is closed.", examples=["case-closed"])


class Kind(Part):
    """A kind of cases."""

    title: dict[Language, str] = Field(
        {},
        description="What it is called, by language.",
        examples=[{"zh": "投诉", "en": "complaint"}],
    )
    owner: Owner = Field(
        description="Who owns a new one: a desk, or an agent's number.", examples=["complaints"]
    )
    calendar: Name | None = Field(
        None,
        description="The calendar of its working days; needed where times are counted in them.",
        examples=["office"],
    )
    answer: Time | None = Field(
        None,
        description="The customer is told what was decided by then: by the end of that day, the day"
        " of the opening not counted.",
        examples=["15 days"],
    )
    complex: Time | None = Field(
        None,
        description="By then, where it is complex. Counted from the opening.",
        examples=["30 days"],
    )
    extension: Time | None = Field(
        None,
        description="This much later, once, where somebody else than its owner approves.",
        examples=["30 days"],
    )
    remind: tuple[Time, ...] = Field(
        (),
        description="When its owner is reminded. Counted like `answer`, from the opening.",
        examples=[["7 days", "12 days"]],
    )
    escalate: tuple[Escalation, ...] = Field(
        (),
        description="Who owns it when it is not solved by then, the earliest first.",
        examples=[[{"after": "10 days", "to": "lead"}]],
    )
    answered: bool = Field(
        True,
        strict=True,
        description="Whether it is closed only once the customer was told what was decided (true).",
    )
    survey: bool = Field(
        False,
        strict=True,
        description="Whether the customer is asked, once it is closed, if it is solved (false).",
    )
    told: Told | None = Field(
        None,
        description="Who may be told of it by telephone; without it nobody is.",
        examples=[{"auth": 2}],
    )
    notices: Notices = Field(
        Notices(opened=None, closed=None),
        description="Messages to the customer.",
        examples=[{"opened": "case-opened"}],
    )

    @model_validator(mode="after")
    def _needs(self) -> Kind:
        if self.answer is None and (self.complex or self.extension):
            raise BadValue("more time than none", "write answer: as well")
        if self.extension is not None and self.complex is None:
            raise BadValue("only complex cases are extended", "write complex: as well")
        return self


class CasesDocument(Document):
    """Kinds of cases, and the desks that own them."""

    desks: dict[Owner, Desk] = Field(
        {}, description="The desks, by name.", examples=[{"complaints": {"queue": "complaints"}}]
    )
    cases: dict[Name, Kind] = Field(
        description="The kinds, by name.",
        examples=[{"complaint": {"owner": "complaints", "answer": "15 days"}}],
    )
