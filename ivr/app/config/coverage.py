"""How the coverage ledger learns of calls whose end no engine saw."""

from __future__ import annotations

from pathlib import Path

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
    cdr: Path | None = Field(
        None,
        description="Asterisk's call records, as asterisk-conf/cdr_custom.conf has them written: the "
        "calls in it that no engine had are counted too. Left out: nobody looks for them.",
    )
