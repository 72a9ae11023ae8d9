"""What `flows/queues.yaml` may hold: who waits, for whom, and how long.

Durations are held in milliseconds.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ivr.model.document import Name
from ivr.model.duration import Duration, PositiveDuration
from ivr.model.problem import BadValue
from ivr.model.queues.rules import (
    Boost,
    Condition,
    Fairness,
    Overflow,
    Part,
    Share,
    Strategy,
    WrittenRule,
)
from ivr.model.speech import PromptId


class Callbacks(Part):
    """Being called back instead of waiting: the caller's place is kept."""

    estimate: Duration = Field(
        180_000, description="Offered when the estimated wait is longer (3m)."
    )
    mode: Literal["agent_first", "customer_first"] = Field(
        "agent_first", description="Who is rung first (agent_first)."
    )
    lead: Duration = Field(
        30_000,
        description="Customers who are rung first are so when they would wait this long (30s).",
    )
    attempts: int = Field(3, ge=1, le=10, strict=True, description="How often it is tried (3).")
    retry: PositiveDuration = Field(600_000, description="Time between two attempts (10m).")
    expiry: PositiveDuration = Field(28_800_000, description="After this it is given up (8h).")
    calendar: Name | None = Field(
        None,
        description="When customers are called (whenever the queue is open).",
        examples=["service"],
    )


class Announce(Part):
    """What callers hear while they wait, beside music."""

    every: PositiveDuration = Field(45_000, description="Time between two announcements (45s).")
    position: int = Field(
        10, ge=0, strict=True, description="The position is told up to this one (10); 0: never."
    )
    estimate: bool = Field(True, strict=True, description="Whether the estimated wait is told.")


class Recording(Part):
    """What is recorded, and how long it is kept."""

    policy: Literal["none", "consent", "always"] = Field(
        "none", description="Never, when the caller agrees, or always (none)."
    )
    silence: Literal["agrees", "refuses"] = Field(
        "agrees",
        description="With `consent`: what it means that a caller who is asked presses no key (agrees).",
    )
    keep_days: int = Field(90, ge=1, strict=True, description="Days a recording is kept (90).")


class WrapUp(Part):
    """The time that agents have after a call (ACW)."""

    time: Duration = Field(30_000, description="How long (30s); 0s: none.")
    extend: PositiveDuration = Field(
        30_000, description="By how much an agent may extend it (30s)."
    )
    extensions: int = Field(2, ge=0, strict=True, description="How often (2).")


class Rna(Part):
    """What follows when an agent does not answer (RNA)."""

    ring: PositiveDuration = Field(15_000, description="How long a telephone rings (15s).")
    skip: Duration = Field(10_000, description="The agent is given no call for so long (10s).")
    pause_after: int = Field(
        3, ge=1, strict=True, description="After so many in a row the agent is paused (3)."
    )


class Surge(Part):
    """When too many callers are about to give up, and what is then done."""

    above: Share = Field(
        0.05,
        description="It begins when more callers than this would abandon (5%).",
        examples=["5%"],
    )
    below: Share = Field(
        0.02, description="It ends when fewer than this would (2%).", examples=["2%"]
    )
    patience: PositiveDuration = Field(
        120_000, description="How long callers wait on average before they hang up (2m)."
    )
    lasts: Duration = Field(
        10_000, description="It has been so for this long before it begins (10s)."
    )
    calm: Duration = Field(120_000, description="And before it ends (2m).")
    pull: Condition | None = Field(
        None,
        description="Agents of the second line who help then (those whom the queue's rules admit).",
        examples=["{{ wealth >= 20 }}"],
    )
    callbacks: Duration | None = Field(
        None,
        description="Callbacks are offered from this estimated wait on, then.",
        examples=["1m"],
    )

    @model_validator(mode="after")
    def _apart(self) -> Surge:
        if self.below >= self.above:
            raise BadValue("a surge would end before it begins", "write a smaller share for below")
        return self


class QueueDocument(Part):
    """A queue: for whom its callers wait, in which order, and what else may come of it."""

    agents: tuple[WrittenRule, ...] = Field(
        min_length=1,
        max_length=9,
        description="Who serves it: conditions on agents, tried in this order.",
        examples=[["{{ wealth >= 60 }}", {"after": "40s", "when": "{{ wealth >= 30 }}"}]],
    )
    strategy: Strategy = Field(
        Strategy.LONGEST_IDLE, description="Which of several free agents takes a call."
    )
    priority: Duration = Field(
        0, description="The head start of all its callers, as time waited (0s)."
    )
    boosts: tuple[Boost, ...] = Field(
        (),
        description="Head starts of some of them; all that hold are added.",
        examples=[[{"when": "{{ caller.segment == 'vip' }}", "by": "60s"}]],
    )
    calendar: Name | None = Field(
        None, description="When it is open (always).", examples=["service"]
    )
    max_wait: PositiveDuration = Field(1_800_000, description="The longest wait (30m).")
    full: int = Field(500, ge=1, strict=True, description="As many callers may wait (500).")
    empty: Literal["leave", "wait"] = Field(
        "leave", description="What callers do when nobody who could serve them is logged in."
    )
    overflow: Overflow | None = Field(
        None, description="When callers do not join.", examples=[{"estimate": "15m"}]
    )
    callbacks: Callbacks | None = Field(
        None, description="Being called back instead (no).", examples=[{"estimate": "3m"}]
    )
    announce: Announce = Field(
        Announce(), description="What callers hear while they wait.", examples=[{"every": "45s"}]
    )
    whisper: tuple[PromptId, ...] = Field(
        (),
        description="What only the agent hears, before the caller.",
        examples=[["whisper-complaint"]],
    )
    accept: bool = Field(
        False, strict=True, description="Whether agents take each call by a key (no)."
    )
    recording: Recording = Field(
        Recording(),
        description="Whether conversations are recorded.",
        examples=[{"policy": "consent", "keep_days": 90}],
    )
    wrap_up: WrapUp = Field(
        WrapUp(), description="The time agents have after a call.", examples=[{"time": "30s"}]
    )
    rna: Rna = Field(
        Rna(), description="What follows when an agent does not answer.", examples=[{"ring": "15s"}]
    )
    surge: Surge | None = Field(
        None,
        description="Help from the second line (none).",
        examples=[{"above": "5%", "below": "2%"}],
    )

    @model_validator(mode="after")
    def _later(self) -> QueueDocument:
        waits = [rule.after for rule in self.agents]
        if waits[0]:
            raise BadValue("nobody may take a call at first", "leave `after` out of the first rule")
        if waits != sorted(waits):
            raise BadValue("a rule holds earlier than the one before it", "sort them by `after`")
        return self


class QueuesDocument(Part):
    """All queues of the hotline."""

    queues: dict[Name, QueueDocument] = Field(
        min_length=1,
        description="The queues, by name.",
        examples=[{"wealth": {"agents": ["{{ wealth >= 60 }}"]}}],
    )
    fairness: Fairness = Field(
        Fairness(),
        description="How far one caller may be put before another.",
        examples=[{"head_start": "5m", "overtaken": "90s"}],
    )
    note: str | None = Field(
        None, description="For people; nothing reads it.", examples=["Ask the floor manager first."]
    )
