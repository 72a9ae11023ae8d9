"""What `flows/campaigns/NAME.yaml` may hold: whom the bank calls, when, and what comes of it.

Durations are held in milliseconds.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from ivr.model.document import Document, Language, Name
from ivr.model.duration import Duration, PositiveDuration
from ivr.model.fields import ConfiguredName, FlowName
from ivr.model.problem import BadValue

RING_MS = 15_000
"""No telephone rings for less: nobody is called who could not have answered."""
LONGEST_RING_MS = 60_000


class CampaignKind(enum.StrEnum):
    """What the bank calls for."""

    SURVEY = "survey"
    CALLBACK = "callback"  # calls that were promised
    FRAUD = "fraud"
    REMINDER = "reminder"
    SALES = "sales"

    @property
    def advertises(self) -> bool:
        """Whether it is for the bank's good more than the customer's: only with consent."""
        return self is CampaignKind.SALES


class Stage(enum.StrEnum):
    """How far a campaign has come with a contact."""

    REVIEW = "review"  # somebody looks at it first
    CALL = "call"
    INFORMATION = "information"  # it was sent
    FOLLOW_UP = "follow-up"
    APPOINTMENT = "appointment"


class Mode(enum.StrEnum):
    """What is certain before a telephone rings."""

    PROGRESSIVE = "progressive"  # an agent is kept for the call
    PREDICTIVE = "predictive"  # an agent will probably be free
    AUTOMATIC = "automatic"  # the machine talks, and needs nobody


def _zone(name: str) -> str:
    """Return the name of a time zone. Raises BadValue."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadValue("no such time zone", "write one like Asia/Shanghai") from None
    return name


ZoneName = Annotated[str, AfterValidator(_zone)]
Prefix = Annotated[str, Field(pattern=r"^\+?[0-9]{1,10}$")]


class Pacing(Document):
    """How many telephones ring at once."""

    mode: Mode = Field(
        Mode.PROGRESSIVE,
        description="`progressive`: an agent is kept for each call before it rings. `predictive`: more"
        " ring than agents are kept, as far as at most 3 % of those who answer find nobody free."
        " `automatic`: the flow needs no agent.",
        examples=["progressive"],
    )
    most: int = Field(10, ge=1, le=500, strict=True, description="Calls at once, at most (10).")
    agents: int = Field(5, ge=1, le=200, strict=True, description="Agents kept, at most (5).")


class Spacing(Document):
    """How long after a call that did not reach the customer the next one is."""

    busy: PositiveDuration = Field(900_000, description="The line was busy (15m).")
    no_answer: PositiveDuration = Field(7_200_000, description="Nobody answered (2h).")
    failed: PositiveDuration = Field(14_400_000, description="The call did not go through (4h).")
    cut: PositiveDuration = Field(
        3_600_000, description="Whoever answered hung up before they said who they are (1h)."
    )


class Then(Document):
    """What follows an outcome. With none of it the contact is done with."""

    again: Duration | None = Field(
        None, description="They are called again after this.", examples=["24h"]
    )
    send: str | None = Field(
        None,
        pattern=r"^[a-z0-9-]{1,64}$",
        description="The message that is sent: its name among the texts of messages.",
        examples=["campaign-information"],
    )
    stage: Literal["information", "follow-up", "appointment"] | None = Field(
        None, description="How far the campaign has come with them then.", examples=["follow-up"]
    )
    refuses: bool = Field(
        False, strict=True, description="They do not want it: they are not offered it again."
    )


class CampaignDocument(Document):
    """A campaign: calls that the bank begins."""

    campaign: Name = Field(
        description="The campaign's name: the file's, without .yaml.", examples=["reminders"]
    )
    kind: CampaignKind = Field(
        description="What it is for: `survey`, `callback` (promised), `fraud`, `reminder` or `sales`.",
        examples=["reminder"],
    )
    talks: FlowName = Field(
        description="The flow that talks with whoever answers. One of its numbers is a service code.",
        examples=["campaign-reminder"],
    )
    queue: ConfiguredName | None = Field(
        None, description="The queue whose agents are kept for the calls.", examples=["service"]
    )
    languages: tuple[Language, ...] = Field(
        min_length=1,
        description="The languages it speaks; the first is that of contacts without one.",
        examples=[["zh", "en"]],
    )
    hours: Name = Field(
        description="The calendar of when customers are called: open in the bank's zone, in that of the number and in"
        " that of the address, all at once.",
        examples=["contact"],
    )
    zones: dict[Prefix, ZoneName] = Field(
        {},
        description="Where numbers are, by how they begin; without a `+`, in the bank's country. Numbers"
        " abroad that are not told here are not called.",
        examples=[{"+852": "Asia/Hong_Kong", "991": "Asia/Urumqi"}],
    )
    consent: bool | None = Field(
        None,
        strict=True,
        description="Whether only those are called who have agreed to it (sales: true; others: false).",
        examples=[True],
    )
    pacing: Pacing = Field(
        Pacing(), description="How many of its calls there are at once.", examples=[{"most": 4}]
    )
    attempts: int = Field(3, ge=1, le=10, strict=True, description="How often it is tried (3).")
    spacing: Spacing = Field(
        Spacing(), description="Time between two attempts.", examples=[{"busy": "10m"}]
    )
    ring: PositiveDuration = Field(
        25_000, ge=RING_MS, le=LONGEST_RING_MS, description="How long it rings, 15s at least (25s)."
    )
    days: int = Field(
        14, ge=1, le=365, strict=True, description="After so many days a contact is given up (14)."
    )
    product: Name | None = Field(
        None, description="What is sold. Who has refused it is not called.", examples=["deposit"]
    )
    outcomes: dict[Name, Then] = Field(
        min_length=1,
        description="What calls lead to, by name: what the flow says (`campaign_result`), or what an"
        " agent says the call was about (a disposition of that name).",
        examples=[{"promised": {}, "follow-up": {"again": "24h", "stage": "follow-up"}}],
    )
    note: str | None = Field(
        None, description="For people; nothing reads it.", examples=["Autumn."]
    )

    @model_validator(mode="after")
    def _whole(self) -> CampaignDocument:
        if self.pacing.mode is not Mode.AUTOMATIC and self.queue is None:
            hint = "name the queue, or write pacing: {mode: automatic}"
            raise BadValue(f"{self.pacing.mode} pacing keeps agents, and of no queue", hint)
        if self.kind.advertises and self.consent is False:
            raise BadValue("sales without consent", "leave `consent` out, or write true")
        return self

    @property
    def needs_consent(self) -> bool:
        """Whether only those are called who have agreed to it."""
        return self.kind.advertises or bool(self.consent)

    @property
    def first_stage(self) -> Stage:
        """Where a contact of a new list begins: what is sold is looked at by somebody first."""
        return Stage.REVIEW if self.kind is CampaignKind.SALES else Stage.CALL

    def between(self) -> Mapping[str, int]:
        """Return the time to the next attempt in milliseconds, by what came of the last."""
        return self.spacing.model_dump()
