"""Auth levels: 0 anonymous, 1 identified, 2 PIN, 3 PIN and a second factor; and how long they last.

What was proven by a secret is proven for a while only. Who is known to the bank stays known.
"""

from __future__ import annotations

from datetime import datetime, timedelta

ANONYMOUS, IDENTIFIED, PIN, SECOND_FACTOR = range(4)

IDLE = timedelta(minutes=5)
"""How long a level above IDENTIFIED lasts without a key (PSD2, RTS art. 4(3)(d))."""


def expires(auth: int) -> bool:
    """Whether a level does not last by itself."""
    return auth > IDENTIFIED


def expired(active_at: datetime | None, now: datetime) -> bool:
    """Whether a level that expires has, for a caller who was last active at a time (None: unknown)."""
    return active_at is None or now - active_at > IDLE
