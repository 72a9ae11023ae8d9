"""What of the store is too old to keep. Whatever a report, the coverage ledger or its verification reads
stays, as do releases: what goes is how calls went step by step."""

from __future__ import annotations

from ivr.database.pruning import Old
from ivr.model.events import DigitsCollected, PromptMissing, PromptPlayed, StepLeft

_MECHANICS = ", ".join(
    f"'{kind.__name__}'" for kind in (PromptPlayed, PromptMissing, DigitsCollected, StepLeft)
)
_BEGUN = "SELECT call_id FROM events WHERE kind = 'CallStarted' AND at < :before"

CALLS = (
    Old("journal", "seq", f"call_id IN ({_BEGUN})"),
    Old("events", "seq", f"at < :before AND kind IN ({_MECHANICS})"),
    Old("sessions", "call_id", "saved_at < :before"),
)
"""Journals, events that no report reads, and sessions of calls that nobody ended."""

PROFILES = (Old("profiles", "customer", "changed_at < :before"),)
"""What is remembered of customers who have not called since."""
