"""How many telephones of a campaign ring at once.

Progressive: never more calls without an end than agents who are kept for them. Predictive: some more
than that, each of which may be answered when nobody is free. The share of such drops is

    drops / (drops + calls that got an agent)     per campaign, of the last 24 hours

and is at most `MOST_DROPPED` at every drop, whatever happens: a call without an agent is begun only if it
would be so should all of them be dropped, and no other call be answered (the safe harbour of 3 % is
Ofcom's of 2017).
"""

from __future__ import annotations

import math
from datetime import timedelta

import msgspec

from ivr.model.campaigns import Mode

MOST_DROPPED = 3, 100
"""At most so many drops in so many of those who answered and wanted an agent."""
WINDOW = timedelta(hours=24)
ON_ITS_WAY = timedelta(minutes=2)
"""Longer than any telephone rings: a call that got an agent counts for one that is begun now only if it
is still of the last 24 hours when that is answered."""
_ENOUGH = 20
"""Calls, before their share of answers says anything."""


class Load(msgspec.Struct, frozen=True):
    """A campaign at one moment. `kept` agents are kept for calls that have not got one; for `bare` calls
    none is, whether they ring or hear so; `live` are all its calls; `free` agents could be kept. The rest
    is of the last 24 hours (`talked` without those that soon are not)."""

    kept: int = 0
    bare: int = 0
    live: int = 0
    free: int = 0
    drops: int = 0
    talked: int = 0
    calls: int = 0
    answered: int = 0


class Limits(msgspec.Struct, frozen=True):
    """How a campaign may ring: `most` calls at once, `agents` kept at once."""

    mode: Mode
    most: int
    agents: int


def may_keep(limits: Limits, load: Load) -> bool:
    """Whether an agent may be kept for one call more, which may ring then."""
    return (
        limits.mode is not Mode.AUTOMATIC
        and load.live < limits.most
        and load.free > 0
        and load.kept < limits.agents
    )


def may_ring_bare(limits: Limits, load: Load) -> bool:
    """Whether one call more may ring for which no agent is kept."""
    if load.live >= limits.most or limits.mode is Mode.PROGRESSIVE:
        return False
    if limits.mode is Mode.AUTOMATIC:
        return True
    return load.bare < expected_misses(load) and bearable(load.drops + load.bare + 1, load.talked)


def bearable(drops: int, talked: int) -> bool:
    """Whether so many drops are not too many."""
    most, of = MOST_DROPPED
    return drops * of <= most * (drops + talked)


def expected_misses(load: Load) -> int:
    """Return how many calls beside those with an agent ring in vain, by the share of answers so far."""
    if load.calls < _ENOUGH or not load.answered:
        return 0
    return math.floor(load.kept * (load.calls - load.answered) / load.answered)
