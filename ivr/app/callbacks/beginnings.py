"""How the sessions begin of the calls that the bank has begun, whoever began them."""

from __future__ import annotations

from ivr.app.calls import Begins
from ivr.ports.callbackbook import Beginning


def first_of(*asked: Begins) -> Begins:
    """Return who asks each in turn, and takes a call that none of them knows for one that came in."""

    async def begins(call_id: str) -> Beginning | None:
        for one in asked:
            beginning = await one(call_id)
            if beginning is not None:
                return beginning
        return None

    return begins
