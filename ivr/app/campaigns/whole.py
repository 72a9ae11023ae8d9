"""The campaigns of an engine, whole: opened with it, looked after, and ended with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import msgspec

from ivr.adapters.ami.interface import Ami
from ivr.adapters.ami.messages import AmiRefused
from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.app.callbacks.guard import Guard
from ivr.app.campaigns.agents import FloorAgents
from ivr.app.campaigns.book import Book
from ivr.app.campaigns.calls import CampaignCalls, WithCampaigns
from ivr.app.campaigns.dialling import Dialling, HangUp
from ivr.app.campaigns.ending import Ending
from ivr.app.campaigns.lines import ATTEMPT, Lines
from ivr.app.campaigns.rules import PublishedRules
from ivr.app.config import Config, DiallerConfig
from ivr.app.floor.whole import Whole
from ivr.app.flows import Published
from ivr.app.places import made
from ivr.app.rounds import rounds
from ivr.model.campaigns import CampaignDocument
from ivr.model.floor import Disposed, FloorEvent
from ivr.ports.campaigns import CampaignBook
from ivr.ports.clock import Clock
from ivr.ports.notify import Notify
from ivr.ports.offers import Offers

FILE = "campaigns.sqlite"
ROUND_S = 0.25
"""How often it is looked what is due, and what is to end: half of what a stop may take is left."""


class Listed(msgspec.Struct, frozen=True):
    """What every engine has of campaigns, whoever calls: the book of supervisors, the store behind it, and
    the one name of a telephone."""

    book: CampaignBook
    store: DatabaseCampaigns
    telephone: Callable[[str], str]


@asynccontextmanager
async def campaigns_listed(
    config: Config, published: Published, clock: Clock
) -> AsyncIterator[Listed]:
    """Open the campaigns of an engine. Raises ConfigError, PortError."""

    def documents() -> Sequence[CampaignDocument]:
        return [sheet.document for sheet in published.current.campaigns.values()]

    numbers = (config.dialler or DiallerConfig()).numbers(config.country)
    store = await DatabaseCampaigns.open(made(config, FILE), clock)
    try:
        yield Listed(Book(store, documents, numbers), store, numbers.telephone)
    finally:
        await store.close()


@asynccontextmanager
async def campaigns_on(
    config: Config,
    whole: Whole,
    published: Published,
    notify: Notify,
    clock: Clock,
    client: Ami | None,
    guard: Guard | None,
    offers: Offers,
    token: int | None,
) -> AsyncIterator[CampaignCalls]:
    """Have campaigns for as long as a floor runs, by the token of its lease; without a dialler nobody is
    called. Raises PortError."""

    async def no_surveys(number: str, customer: str) -> bool:
        return (await offers.known(number, customer)).opted_out

    numbers = (config.dialler or DiallerConfig()).numbers(config.country)
    store = await DatabaseCampaigns.open(made(config, FILE), clock, lambda: token)
    try:
        agents, lines = FloorAgents(whole.floor), Lines()
        rules = PublishedRules(published, numbers.country)
        ending = Ending(store, agents, rules, lines, notify, clock)
        calls = CampaignCalls(store, agents, rules, lines, ending, clock)
        whole.floor.on_event = lambda event: _disposed(event, store, ending, clock)
        if client is None or guard is None:
            yield calls
        else:
            whole.floor.keeps = calls.keeps
            whole.room.promises = WithCampaigns(whole.room.promises, calls)
            hang_up = _hanging_up(client)
            dialling = Dialling(
                store, guard, agents, rules, lines, ending, hang_up, no_surveys, clock
            )
            guard.on_hung_up(dialling.hung_up)
            await dialling.load()
            async with rounds(ROUND_S, dialling.look):
                yield calls
            await dialling.stop()
        await ending.stop()
    finally:
        await store.close()


def _hanging_up(client: Ami) -> HangUp:
    async def hang_up(attempt: str) -> None:
        with suppress(AmiRefused):  # it is gone already
            await client.hang_up(attempt)

    return hang_up


def _disposed(event: FloorEvent, store: DatabaseCampaigns, ending: Ending, clock: Clock) -> None:
    """Have what an agent says of a campaign's call move the contact."""
    if not isinstance(event, Disposed) or not event.call_id.startswith(ATTEMPT):
        return

    async def move() -> None:
        contact = await store.of_attempt(event.call_id)
        if contact is not None:
            at = agreed_time(event.note, clock.now())
            await ending.result(contact, event.disposition, at)

    ending.surely(move)


def agreed_time(note: str, now: datetime) -> datetime | None:
    """Return the time that a note begins with (`2026-11-25T10:00`, in the bank's zone), if it is to come."""
    words = note.split()
    try:
        at = datetime.fromisoformat(words[0]) if words else None
    except ValueError:
        return None
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=now.tzinfo)
    return at if at is not None and at > now else None
