"""How the sessions begin of the calls that the bank has begun, whoever began them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.app.callbacks.guard import FILE
from ivr.app.callbacks.shelf import ATTEMPT
from ivr.app.calls import Begins, nobody_began
from ivr.app.config import Config
from ivr.app.places import made
from ivr.ports.callbackbook import Beginning, CallbackStore
from ivr.ports.callbacks import Purpose


def first_of(*asked: Begins) -> Begins:
    """Return who asks each in turn, and takes a call that none of them knows for one that came in."""

    async def begins(call_id: str) -> Beginning | None:
        for one in asked:
            beginning = await one(call_id)
            if beginning is not None:
                return beginning
        return None

    return begins


@asynccontextmanager
async def callbacks_begin(config: Config) -> AsyncIterator[Begins]:
    """Open what tells how callbacks begin, on whichever node they are answered: an attempt is written down
    before it rings. Raises ConfigError, PortError."""
    if config.dialler is None:
        yield nobody_began
        return
    store = await DatabaseCallbacks.open(made(config, FILE))
    try:
        yield beginnings_of(store)
    finally:
        await store.close()


def beginnings_of(store: CallbackStore) -> Begins:
    """Return who tells how the calls of callbacks begin."""

    async def begins(call_id: str) -> Beginning | None:
        if not call_id.startswith(ATTEMPT):
            return None
        callback = await store.of_attempt(call_id)
        if callback is None or not callback.state.open:
            return None
        confirms = callback.purpose is Purpose.CONFIRM
        session = await store.session(callback.id) if confirms else None
        return Beginning(callback.number, callback.language, session)

    return begins
