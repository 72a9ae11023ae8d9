"""A caller's rhythm at the keypad, as a value."""

from __future__ import annotations

import msgspec

MARGIN_PERCENT = 150
"""A timer is this much of the rhythm it waits for: slower keys than usual must fit in as well."""
MOST_TIMES = 3
"""No timer grows beyond this many times what is configured."""


class Pace(msgspec.Struct, frozen=True):
    """How slowly a caller keys, in ms: to the first key, and from one key to the next.

    0 means nothing is known yet. How it is learnt is `ivr.centre.pace`.
    """

    first_ms: int = 0
    gap_ms: int = 0

    def timeout(self, configured_ms: int) -> int:
        """Return the first-digit timer for this caller: 1 to 3 times the configured one."""
        return _stretched(configured_ms, self.first_ms)

    def interdigit(self, configured_ms: int) -> int:
        """Return the inter-digit timer for this caller: 1 to 3 times the configured one."""
        return _stretched(configured_ms, self.gap_ms)


def _stretched(configured_ms: int, rhythm_ms: int) -> int:
    wanted = rhythm_ms * MARGIN_PERCENT // 100
    return min(max(configured_ms, wanted), configured_ms * MOST_TIMES)
