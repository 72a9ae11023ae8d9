"""What of promised calls and telephones is too old to keep: never a call that is still promised."""

from __future__ import annotations

from ivr.database.pruning import Old
from ivr.ports.callbacks import State

_OVER = ", ".join(f"'{state.value}'" for state in State if not state.open)

OLD = (
    Old("callbacks", "id", f"until < :before AND state IN ({_OVER})"),
    Old("attempts", "id", "at < :before AND over"),
)
