"""For how long records are kept that nobody needs for ever."""

from __future__ import annotations

from pydantic import Field

from ivr.app.config.section import Section


class RetentionConfig(Section):
    """For how many days records are kept, after which `ivr db prune` deletes them; what is left out is kept
    for ever. Orders, releases, the coverage of surveys, cases, opt-outs, wishes and what staff did are never
    deleted; recordings have a time of their own (`ivr recordings prune`)."""

    calls: int | None = Field(
        None,
        ge=2,
        description="How calls went step by step: their journals (`ivr replay`), prompts and keys. What "
        "reports, surveys and their verification read of calls stays.",
    )
    callbacks: int | None = Field(
        None, ge=2, description="Promised calls that are over, and which telephones were rung."
    )
    campaigns: int | None = Field(
        None, ge=30, description="Campaigns' calls, and contacts that are called no more."
    )
    floor: int | None = Field(
        None,
        ge=30,
        description="The floor's diary: what callers in queues and agents did, from which reports of queues "
        "and agents, forecasts and `ivr queue-sim` are made. What was recorded, and where, stays.",
    )
    profiles: int | None = Field(
        None, ge=30, description="What is remembered of customers who have not called since."
    )
