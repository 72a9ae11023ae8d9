"""What is simulated before queues are published."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from ivr.app.config.section import Section
from ivr.centre.kpi.target import TargetError, read_target


class QueueSimConfig(Section):
    """The gate of `ivr publish` for queues, and what `ivr queue-sim` takes if it is told nothing else
    (docs/queue-sim.md)."""

    target: str = Field(
        "abandonment<=0.05 and sl20>=0.8", description="What simulated days must meet."
    )
    confidence: float = Field(0.95, gt=0, lt=1, description="How sure the answer is.")
    forecast: Path | None = Field(
        None, description="Calls to expect, CSV or YAML; left out: what was recorded lately."
    )
    recorded: int = Field(
        28, ge=1, le=400, description="Without a forecast: the recorded days of so many days back."
    )
    days: int = Field(160, ge=10, le=160, description="Days simulated, at most.")
    accept: float = Field(
        0.3, ge=0, le=1, description="Share of callers who want to be called back, if offered."
    )
    reached: float = Field(0.8, ge=0, le=1, description="Share of those who can be reached.")

    @field_validator("target")
    @classmethod
    def _target(cls, text: str) -> str:
        try:
            read_target(text)
        except TargetError as error:
            raise ValueError(str(error)) from None
        return text
