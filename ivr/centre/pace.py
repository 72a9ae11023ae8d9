"""Learning a caller's rhythm, so that slow fingers get more time and quick ones lose none.

What is kept is an expectile, learnt by an asymmetric exponential average: of each new observation
half is taken where the caller was slower than the rhythm so far, an eighth where quicker. Were the
observations drawn from one distribution, the rhythm would settle at its 80 % expectile
(up / (up + down) = 0.5 / 0.625), which single quick keys hardly move: Newey and Powell,
"Asymmetric least squares estimation and testing", Econometrica 55 (1987). A timer is 1.5 times the
rhythm, between once and three times what is configured (`ivr.model.pace`).
"""

from __future__ import annotations

from ivr.model.digits import Status
from ivr.model.pace import Pace
from ivr.ports.channel import Collected

SLOWER_SHARE = 2
"""One in so many of what a caller was slower by is learnt at once."""
QUICKER_SHARE = 8
"""One in so many of what a caller was quicker by."""


def learn(pace: Pace, entry: Collected) -> Pace:
    """Return the pace after one entry; what was not measured teaches nothing.

    Where the inter-digit timer cut an entry short, the caller would have needed longer than it: it
    counts as twice the timer, so that the next one is at least half as long again, up to the limit.
    """
    if entry.first_ms is None and entry.gap_ms is None:
        return pace
    gap_ms = entry.gap_ms
    if gap_ms is not None and entry.status is Status.TIMEOUT_PARTIAL:
        gap_ms *= 2
    return Pace(_learnt(pace.first_ms, entry.first_ms), _learnt(pace.gap_ms, gap_ms))


def _learnt(rhythm_ms: int, observed_ms: int | None) -> int:
    if observed_ms is None:
        return rhythm_ms
    if observed_ms > rhythm_ms:
        return rhythm_ms + -(-(observed_ms - rhythm_ms) // SLOWER_SHARE)
    return rhythm_ms - (rhythm_ms - observed_ms) // QUICKER_SHARE
