"""What `flows/survey_rules.yaml` may hold: whom surveys are for, and how those are asked who have hung up."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ivr.model.document import Document, Name, Number
from ivr.model.duration import Duration, PositiveDuration


class Later(Document):
    """How those are asked who hung up before they could be."""

    by: tuple[Literal["message", "call"], ...] = Field(
        ("message", "call"),
        description="In which ways, the first that is possible for the caller: a message to a customer"
        " who has a handset on file, or a call; [] for neither.",
        examples=[["message", "call"]],
    )
    within: PositiveDuration = Field(
        86_400_000, description="After this they are not asked any more (24h)."
    )
    calendar: Name | None = Field(
        None,
        description="The contact hours: nobody is sent a message or rung outside (any hour).",
        examples=["contact"],
    )
    attempts: int = Field(
        1,
        ge=1,
        le=3,
        strict=True,
        description="How often a telephone is rung that nobody answers (1). Answered, it is never rung"
        " again.",
    )
    number: Number | None = Field(
        None,
        description="The number that is told in the message, to ring back and be asked.",
        examples=["95501"],
    )


class SurveyRules(Document):
    """Whom surveys are for."""

    shortest: Duration = Field(5_000, description="Shorter calls are not asked about (5s).")
    test_numbers: tuple[Number, ...] = Field(
        (),
        description="Callers from these numbers are not asked: the bank tests with them.",
        examples=[["02180000000"]],
    )
    lines: tuple[Number, ...] = Field(
        (),
        description="Callers of these numbers (DNIS) are not asked, e.g. of a line for the under-aged.",
        examples=[["95509"]],
    )
    not_again_within: int = Field(
        0,
        ge=0,
        le=366,
        strict=True,
        description="Who was asked is not asked again for so many days (0: after every call).",
    )
    later: Later = Field(
        Later(), description="How those are asked who have hung up.", examples=[{"by": ["message"]}]
    )


class SurveyRulesDocument(Document):
    """The rules of all surveys: whom they are for, and how those are asked who have hung up."""

    survey_rules: SurveyRules = Field(
        description="The rules.", examples=[{"shortest": "5s", "later": {"by": ["message"]}}]
    )
    note: str | None = Field(
        None,
        description="For people; nothing reads it.",
        examples=["Agreed with the works council."],
    )
