"""What of campaigns is too old to keep: calls, then contacts whose calls are gone. Who wants no calls, who
agreed to them and who refused what stays."""

from __future__ import annotations

from ivr.database.pruning import Old
from ivr.ports.campaigns import ContactState

_OPEN = ", ".join(f"'{state.value}'" for state in ContactState if state.open)

_BEING_CALLED = f"SELECT id FROM contacts WHERE state IN ({_OPEN})"  # noqa: S608 - our own states
_CALLED_SINCE = "SELECT contact FROM attempts WHERE at >= :before"

OLD = (
    Old("attempts", "id", f"at < :before AND contact NOT IN ({_BEING_CALLED})"),
    Old(
        "contacts",
        "id",
        f"changed_at < :before AND id NOT IN ({_CALLED_SINCE}) AND state NOT IN ({_OPEN})",
    ),
)
