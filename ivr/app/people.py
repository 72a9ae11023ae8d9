"""The people around an engine: those who wait and serve, who are called, who are asked, and what they
complain about.

What only one engine may do of it is the leader's (`ivr.app.terms`), and asked for from every node.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

import msgspec

from ivr.adapters.ami.interface import Ami
from ivr.adapters.budget import Budgeted
from ivr.app.banking import Banking
from ivr.app.basis import Basis
from ivr.app.callbacks.beginnings import callbacks_begin, first_of
from ivr.app.calls import Begins
from ivr.app.campaigns.calls import beginnings_of
from ivr.app.campaigns.proposing import Proposing
from ivr.app.campaigns.whole import campaigns_listed
from ivr.app.cases.running import RunningCases, running_cases
from ivr.app.cluster.node import alone, node_of
from ivr.app.cluster.reaching import Here, Led, Reach
from ivr.app.cluster.reception import DESK, Reception
from ivr.app.cluster.room import Room
from ivr.app.floor.client import FarAgents, FarFloor
from ivr.app.floor.trail import Trail
from ivr.app.surveys.whole import Surveying
from ivr.app.terms import Terms
from ivr.http.client import HttpPort
from ivr.http.server import Served
from ivr.ports.agents import Agents
from ivr.ports.callbackbook import CallbackBook
from ivr.ports.callbacks import Callbacks
from ivr.ports.campaigns import CampaignBook, Campaigns
from ivr.ports.cases import CaseBook
from ivr.ports.floor import Floor

CALLBACKS_MS = 6_000
"""Longest wait for a promise of a call, also where the leader changes meanwhile."""
SURVEYS_MS = 3_000
"""Longest wait for an answer to be kept."""
AGENTS_MS = 6_000
"""Longest wait for what an agent asks for by telephone."""


class OurCallbacks(Callbacks, CallbackBook, Protocol):
    """Callbacks, as calls and as supervisors have them."""


class FarCallbacks(HttpPort, OurCallbacks, port="callbacks"):
    """The callbacks of the leader."""


class FarCampaigns(HttpPort, Campaigns, port="campaigns"):
    """The campaigns' calls of the leader."""


class People(msgspec.Struct, frozen=True):
    """They. `ports` are those of calls, `served` what other processes may ask, `leaders` what other nodes
    ask the leader for; `begins` tells how the sessions begin of calls that the bank has begun."""

    cases: RunningCases
    reach: Reach
    reception: Reception
    terms: Terms
    ports: Mapping[str, object]
    served: Mapping[str, Served]
    leaders: Mapping[str, Served]
    begins: Begins

    @asynccontextmanager
    async def kept(self, calls: Callable[[], Collection[str]]) -> AsyncIterator[None]:
        """Lead, or follow who leads, as long as an engine has its `calls`. Raises ConfigError, PortError."""
        self.terms.running = calls
        async with (
            self.reach.leadership.running(),
            self.reach.looking(),
            self.reception.listening(),
        ):
            yield

    @property
    def board(self) -> Floor:
        """The floor, where this node leads: else it raises NotLeading."""
        here: Any = Here(self.reach.leadership, "floor")
        board: Floor = here
        return board

    def let_go(self) -> None:
        """Answer whoever waits for a change, so that the server need not wait for them."""
        self.terms.let_go()
        self.cases.book.let_go()


@asynccontextmanager
async def people(
    base: Basis, banking: Banking, trail: Trail, client: Ami | None
) -> AsyncIterator[People]:
    """Open the books, and what leads or follows, on a manager interface that is not connected yet.

    Raises ConfigError, PortError.
    """
    config, clock, published = base.config, base.clock, base.published
    async with AsyncExitStack() as stack:
        cases = await stack.enter_async_context(running_cases(config, published, clock))
        campaigns = await stack.enter_async_context(campaigns_listed(config, published, clock))
        called_back = await stack.enter_async_context(callbacks_begin(config))
        surveying = Surveying(config, base.store, trail, published, clock, banking.messages)
        terms = Terms(base, banking, trail, client, cases, surveying, fenced=not alone(config))
        reach = await stack.enter_async_context(node_of(config, terms))
        terms.depose, terms.may = reach.leadership.depose, reach.leadership.may
        reception = Reception(reach, trail.steps, clock)
        agents: Any = Led(reach, "agents", FarAgents)
        callbacks: Any = Led(reach, "callbacks", FarCallbacks)
        proposing = Proposing(campaigns.store, cases.book, banking.orders, campaigns.telephone)
        yield People(
            cases=cases,
            reach=reach,
            reception=reception,
            terms=terms,
            ports={
                "agents": Budgeted("agents", agents, AGENTS_MS),
                "callbacks": Budgeted("callbacks", callbacks, CALLBACKS_MS),
                "campaigns": Budgeted(
                    "campaigns", Led(reach, "campaigns", FarCampaigns), CALLBACKS_MS
                ),
                "cases": Budgeted("cases", cases.callers, config.cases.budget),
                "proposals": Budgeted("proposals", proposing, config.cases.budget),
                "surveys": Budgeted("surveys", surveying.desk, SURVEYS_MS),
                "waiting": reception,
            },
            served={
                "agents": Served(Agents, agents),
                "floor": Served(Floor, Led(reach, "floor", FarFloor, again=True)),
                "callbacks": Served(CallbackBook, callbacks),
                "campaigns": Served(CampaignBook, campaigns.book),
                "cases": Served(CaseBook, cases.book),
            },
            leaders={
                name: Served(protocol, Here(reach.leadership, name))
                for name, protocol in _LEADERS.items()
            },
            begins=first_of(called_back, beginnings_of(campaigns.store), surveying.begins),
        )


_LEADERS: Mapping[str, type] = {
    "agents": Agents,
    "floor": Floor,
    "callbacks": OurCallbacks,
    "campaigns": Campaigns,
    DESK: Room,
}
