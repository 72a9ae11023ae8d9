"""What the published flows say of campaigns, and when people may be called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from ivr.app.flows import Published
from ivr.centre.campaigns.dialable import opens, zones
from ivr.centre.campaigns.pacing import Limits
from ivr.centre.hours import overridden
from ivr.model.campaigns import LONGEST_RING_MS, CampaignDocument
from ivr.model.flow import Flow, is_service_code
from ivr.ports.campaigns import Contact


class Plan(msgspec.Struct, frozen=True):
    """A campaign as it is in force. `dnis` is the service code of the flow that talks."""

    document: CampaignDocument
    dnis: str

    @property
    def name(self) -> str:
        return self.document.campaign

    @property
    def limits(self) -> Limits:
        said = self.document.pacing
        return Limits(said.mode, said.most, said.agents)


class Rules(Protocol):
    """What is in force."""

    longest_ring: timedelta

    def plans(self) -> Iterator[Plan]:
        """Yield the campaigns."""

    def plan(self, name: str) -> Plan | None:
        """Return a campaign."""

    def opens(self, plan: Plan, contact: Contact, now: datetime) -> datetime | None:
        """Return when somebody may be called, from now on; None: nobody knows, or at no time."""


class PublishedRules:
    """Rules of the flows that new calls run. `country` is the calling code of the bank's country."""

    longest_ring = timedelta(milliseconds=LONGEST_RING_MS)

    def __init__(self, published: Published, country: str) -> None:
        self._published = published
        self._country = country

    def plans(self) -> Iterator[Plan]:
        """Yield the campaigns."""
        for name in self._published.current.campaigns:
            plan = self.plan(name)
            if plan is not None:
                yield plan

    def plan(self, name: str) -> Plan | None:
        """Return a campaign."""
        current = self._published.current
        sheet = current.campaigns.get(name)
        flow = current.flows.get(sheet.document.talks) if sheet is not None else None
        dnis = service_code(flow) if flow is not None else None
        return Plan(sheet.document, dnis) if sheet is not None and dnis is not None else None

    def opens(self, plan: Plan, contact: Contact, now: datetime) -> datetime | None:
        """Return when somebody may be called."""
        calendar = self._published.current.calendars[plan.document.hours]
        calendar = overridden(calendar, self._published.overrides(calendar.name))
        where = zones(contact, plan.document, self._country, calendar.zone)
        return None if where is None else opens(calendar, where, now)


def service_code(flow: Flow) -> str | None:
    """Return the number inside the hotline that a flow answers; None: it answers none."""
    return next((number for number in flow.numbers if is_service_code(number)), None)
