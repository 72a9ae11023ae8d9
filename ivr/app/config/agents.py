"""Where agents may work, and where they may send callers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr.app.config.section import Section
from ivr.model.duration import Duration

Endpoint = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Branch = Annotated[str, Field(pattern=r"^[0-9]{1,6}$")]
DialString = Annotated[str, Field(pattern=r"^(PJSIP|Local|IAX2)/[A-Za-z0-9_./@:+*#-]{1,120}$")]


class AgentsConfig(Section):
    """Where agents may work, and where they may send callers (docs/agents.md)."""

    endpoints: tuple[Endpoint, ...] = Field(
        (),
        description="PJSIP endpoints that agents and supervisors may work on. Left out: `agent` and the "
        "number, of each agent.",
    )
    branches: dict[Branch, DialString] = Field(
        {}, description="Branches that calls may be transferred to: number → Asterisk dial string."
    )
    ring: Duration = Field(20_000, gt=0, description="How long somebody is rung to be consulted.")
    hold: Duration = Field(
        600_000, gt=0, description="A caller on hold for longer is joined with the agent again."
    )
