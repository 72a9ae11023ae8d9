"""The ledger's chain: each row names the hash of the one before it, so whoever changes, drops or inserts
one breaks it there. The hash of the last row, kept elsewhere, shows that none was cut off."""

from __future__ import annotations

import msgspec

from ivr.centre.chain import canonical, digest
from ivr.centre.surveys.deciding import Verdict
from ivr.centre.surveys.story import Story
from ivr.ports.coverage import CoverageRow

FIRST = "0" * 64
"""What the first row has for the hash of the one before it."""


def row(story: Story, verdict: Verdict, number: int, previous: str) -> CoverageRow:
    """Return a call's sealed row, the `number`th, after the one with the hash `previous`."""
    return sealed(
        CoverageRow(
            number=number,
            call_id=story.call_id,
            started_at=story.started_at,
            ended_at=story.ended_at,
            how=verdict.how,
            reason=verdict.reason,
            survey=verdict.survey,
            kind=story.kind,
            language=story.language,
            dnis=story.dnis,
            ani=story.ani,
            customer=story.customer,
            version=story.version,
            ended=story.ended,
            outcome=story.outcome,
            legs=story.legs,
            previous=previous,
        )
    )


def sealed(row: CoverageRow) -> CoverageRow:
    """Return a row with its hash: SHA-256, hex, over the canonical JSON of the row without one."""
    return msgspec.structs.replace(row, hash=digest(canonical(_bare(row))))


def _bare(row: CoverageRow) -> CoverageRow:
    return msgspec.structs.replace(row, hash="")
