"""The rules of cases in force: kinds and desks, by the flows that new calls run."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from ivr.app.flows import Published
from ivr.centre.cases.clocks import terms
from ivr.centre.cases.decisions import LAST_RESORT
from ivr.centre.hours import overridden
from ivr.model.cases import CasesDocument, Kind
from ivr.model.flow import FlowSet
from ivr.ports.cases import Terms


class FlowRules:
    """The rules of a set of flows."""

    def __init__(self, flows: FlowSet) -> None:
        self._flows = flows
        self._document = flows.cases.document if flows.cases else CasesDocument(desks={}, cases={})

    def kinds(self) -> dict[str, Kind]:
        """Return the kinds by name."""
        return self._document.cases

    def owner(self, kind: str) -> str:
        """Return who owns a new case; a kind that nobody has written down has an owner too."""
        known = self._document.cases.get(kind)
        return known.owner if known else LAST_RESORT

    def owners(self) -> tuple[str, ...]:
        """Return who can own a case: desks first, then agents."""
        return (*dict.fromkeys((*self._document.desks, LAST_RESORT)), *self._flows.queues.agents)

    def desks_of(self, who: str) -> tuple[str, ...]:
        """Return the desks that an agent, or somebody by login name, works for."""
        desks = self._document.desks.items()
        return tuple(name for name, desk in desks if who in (*desk.agents, *desk.people))

    def branches_of(self, who: str) -> tuple[str, ...]:
        """Return the branches that they work for, by number."""
        desks = (self._document.desks[name] for name in self.desks_of(who))
        return tuple(dict.fromkeys(desk.branch for desk in desks if desk.branch))

    def queue(self, owner: str) -> str:
        """Return the queue in which callers reach an owner: a desk's, or that of an agent's desk."""
        desks = self._document.desks
        names = [name for name in (owner, *self.desks_of(owner)) if name in desks]
        return next((desks[name].queue or "" for name in names), "")

    def terms(self, kind: str, at: datetime) -> Terms:
        """Return what a kind's rules come to for a case opened at that time."""
        return terms(self._document, self._flows.calendars, kind, at)


class PublishedRules:
    """The rules of the flows in force, with their calendars' overrides."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def __call__(self) -> FlowRules:
        """Return the rules as they are now."""
        flows = self._published.current
        calendars = {
            name: overridden(calendar, self._published.overrides(name))
            for name, calendar in flows.calendars.items()
        }
        return FlowRules(replace(flows, calendars=calendars))
