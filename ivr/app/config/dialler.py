"""How the hotline calls people, and whom it may call."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr.app.config.section import Section
from ivr.centre.dialling import CHINA, Numbers
from ivr.model.duration import Duration

Prefix = Annotated[str, Field(pattern=r"^\+?[0-9]{1,12}$")]


class DiallerConfig(Section):
    """How calls are begun through Asterisk; needs `ami` as well (docs/callbacks.md)."""

    trunk: str = Field(
        "trunk", pattern=r"^[A-Za-z0-9_-]{1,40}$", description="The endpoint that calls leave by."
    )
    caller_id: str = Field(
        "95500", pattern=r"^\+?[0-9]{1,20}$", description="The number shown to those called."
    )
    allow: tuple[Prefix, ...] = Field(
        (), description="How numbers begin that may be dialled; none: nobody is called."
    )
    deny: tuple[Prefix, ...] = Field(
        (), description="How numbers begin that may not all the same: premium and foreign ones."
    )
    ring: Duration = Field(30_000, ge=5_000, le=60_000, description="How long it rings.")
    per_day: int = Field(10, ge=1, description="How often one number may be rung within 24 hours.")

    def numbers(self, country: str = CHINA) -> Numbers:
        """Return what may be dialled from a bank in a country of this calling code."""
        return Numbers(self.allow, self.deny, country)
