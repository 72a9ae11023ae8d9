"""A single thing said: whether there is one, and what it says."""

from __future__ import annotations

from ivr.adapters.store.hearing import StoredCalls
from ivr.app.cases.opening import case_reader
from ivr.app.config import Config
from ivr.app.ledger import DATABASE
from ivr.app.places import place
from ivr.app.voc.hearing import text_of
from ivr.centre.voc.values import Source
from ivr.model.errors import OneCallError

NEWEST = 1 << 62


class NoItem(OneCallError):
    """There is no such item: what to do."""


async def text_of_item(config: Config, item: str) -> str:
    """Return what an item says in words, as far as it is written down: only cases are. Raises NoItem,
    ConfigError, PortError."""
    source, _, name = item.partition(":")
    if source not in {one.value for one in Source} or not name:
        raise NoItem(f"`{item}` is no item; `ivr voc items` lists them")
    if source == Source.CASE:
        async with case_reader(config) as book:
            record = await book.get(name)
            history = await book.history(name) if record is not None else ()
        if record is None:
            raise NoItem(f"there is no case {name}; `ivr voc items` lists the items")
        return text_of(history)
    if source != Source.CALLBACK:
        call = name.partition(":")[0]
        if not any(StoredCalls(place(config, DATABASE)).of_calls([call], NEWEST)):
            raise NoItem(f"there is no call {call}; `ivr voc items` lists the items")
    return ""
