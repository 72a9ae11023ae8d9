"""How the coverage ledger learns of calls whose end no engine saw."""

from __future__ import annotations

from pydantic import Field

from ivr.app.config.section import Section
from ivr.model.duration import Duration


class CoverageConfig(Section):
    """How calls are found that no engine has brought to their end (docs/coverage.md)."""

    gone: Duration = Field(
        20_000,
        ge=1_000,
        le=60_000,
        description="How long Asterisk must not have had a call's channel before it counts as lost.",
    )
