"""Who may be called now, and why not. Asked at the very moment of the call, of what is known then."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec.structs import replace

from ivr.centre.campaigns.contacts import bars
from ivr.centre.hours import Status, state
from ivr.model.calendar import Calendar
from ivr.model.campaigns import CampaignDocument
from ivr.ports.campaigns import Contact, ContactState, Running, Scope

_ROUNDS = 40
"""How often calendars of several zones are asked in turn for when they are all open."""


class Why(enum.StrEnum):
    """Why somebody is not called now."""

    NOT_RUNNING = "not_running"
    STATE = "state"  # done, given up, or being called
    EARLY = "early"
    LATE = "late"
    NO_CALLS = "no_calls"  # they want none
    NO_CONSENT = "no_consent"
    REFUSED = "refused"  # they do not want what is sold
    HOURS = "hours"
    ZONE = "zone"  # nobody knows what time it is there


class Wishes(msgspec.Struct, frozen=True):
    """What is known of somebody's wishes: of what calls they want no more, whether they have agreed to be
    called for sales, which products they do not want."""

    no_calls: frozenset[Scope] = frozenset()
    agreed: bool = False
    refused: frozenset[str] = frozenset()


def why_not(
    contact: Contact,
    campaign: CampaignDocument,
    running: Running,
    wishes: Wishes,
    now: datetime,
) -> Why | None:
    """Return why a contact is not called now, whatever the hours; None: it may be."""
    if running is not Running.RUNNING:
        return Why.NOT_RUNNING
    if contact.state is not ContactState.READY:
        return Why.STATE
    if now < contact.not_before:
        return Why.EARLY
    if now >= contact.until:
        return Why.LATE
    if any(bars(scope, campaign.kind) for scope in wishes.no_calls):
        return Why.NO_CALLS
    if campaign.needs_consent and not wishes.agreed:
        return Why.NO_CONSENT
    if campaign.product is not None and campaign.product in wishes.refused:
        return Why.REFUSED
    return None


def zones(
    contact: Contact, campaign: CampaignDocument, country: str, home: str
) -> tuple[str, ...] | None:
    """Return the zones whose hours must all allow a call: the bank's (`home`), that of the number and that
    of the address. None where nobody knows where the number is."""
    found = zone_of(contact.telephone, campaign.zones, country, home)
    if found is None:
        return None
    return tuple(dict.fromkeys((home, found, contact.zone or found)))


def zone_of(telephone: str, known: Mapping[str, str], country: str, home: str) -> str | None:
    """Return where a telephone is, by the longest prefix that fits it; at home where none does."""
    abroad = telephone.startswith("+")
    names = (telephone,) if abroad else (telephone, f"+{country}{telephone}")
    fits = [prefix for prefix in known if any(one.startswith(prefix) for one in names)]
    if fits:
        return known[max(fits, key=lambda prefix: len(prefix.removeprefix(f"+{country}")))]
    return None if abroad else home


def opens(calendar: Calendar, zones: tuple[str, ...], now: datetime) -> datetime | None:
    """Return when a calendar is open in every one of the zones, from now on; None: at no time that can
    be foreseen."""
    at = now
    for _ in range(_ROUNDS):
        hours = [state(replace(calendar, zone=zone), at) for zone in zones]
        closed = [one for one in hours if one.status is not Status.OPEN]
        if not closed:
            return at
        if any(one.opens is None for one in closed):
            return None
        at = max(one.opens for one in closed if one.opens is not None)
    return None
