"""The people around an engine: those who wait and serve, who are called, who are asked, and what they
complain about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from ivr.adapters.ami.client import AmiClient
from ivr.adapters.budget import Budgeted
from ivr.app.banking import Banking
from ivr.app.basis import Basis
from ivr.app.callbacks.beginnings import first_of
from ivr.app.callbacks.guard import guarded_dialler
from ivr.app.callbacks.onfloor import callbacks_on
from ivr.app.calls import Begins
from ivr.app.campaigns.proposing import Proposing
from ivr.app.campaigns.whole import campaigns_on
from ivr.app.cases.running import RunningCases, running_cases
from ivr.app.floor.trail import Trail
from ivr.app.floor.whole import Whole, served, whole_floor
from ivr.app.surveys.whole import Surveying
from ivr.http.server import Served
from ivr.ports.callbackbook import CallbackBook
from ivr.ports.campaigns import CampaignBook
from ivr.ports.cases import CaseBook

CALLBACKS_MS = 3_000
"""Longest wait for a promise of a call."""
SURVEYS_MS = 3_000
"""Longest wait for an answer to be kept."""
AGENTS_MS = 5_000
"""Longest wait for what an agent asks for by telephone."""


class People(msgspec.Struct, frozen=True):
    """They. `ports` are those of calls, `served` what other processes may ask; `begins` tells how the
    sessions begin of calls that the bank has begun."""

    whole: Whole
    cases: RunningCases
    surveying: Surveying
    callbacks: CallbackBook
    ports: Mapping[str, object]
    served: Mapping[str, Served]
    begins: Begins

    @asynccontextmanager
    async def kept(
        self, banking: Banking, calls: Callable[[], Collection[str]], client: AmiClient | None
    ) -> AsyncIterator[None]:
        """Have done what time does to cases and surveys, as long as an engine has its `calls`."""
        kept = self.cases.kept(
            banking.orders, self.callbacks, banking.messages, self.surveying.cases, self.whole.floor
        )
        async with kept, self.surveying.running(calls, client, self.cases.book):
            yield

    def let_go(self) -> None:
        """Answer whoever waits for a change, so that the server need not wait for them."""
        self.whole.floor.shown()
        self.cases.book.let_go()


@asynccontextmanager
async def people(
    base: Basis, banking: Banking, trail: Trail, client: AmiClient | None
) -> AsyncIterator[People]:
    """Open the floor and the books, on a manager interface that is not connected yet.

    Raises ConfigError, PortError.
    """
    config, clock, published = base.config, base.clock, base.published
    async with AsyncExitStack() as stack:
        cases = await stack.enter_async_context(running_cases(config, published, clock))
        whole = await stack.enter_async_context(
            whole_floor(config, published, trail, clock, client)
        )
        guard = await stack.enter_async_context(guarded_dialler(config, client, clock))
        callbacks = await stack.enter_async_context(
            callbacks_on(config, whole, published, banking.bank, base.store.sessions, clock, guard)
        )
        campaigns = await stack.enter_async_context(
            campaigns_on(
                config, whole, published, banking.messages, clock, client, guard, base.store.offers
            )
        )
        surveying = Surveying(config, base.store, trail, published, clock, banking.messages, guard)
        yield People(
            whole=whole,
            cases=cases,
            surveying=surveying,
            callbacks=callbacks,
            ports={
                "agents": Budgeted("agents", whole.control, AGENTS_MS),
                "callbacks": Budgeted("callbacks", callbacks, CALLBACKS_MS),
                "campaigns": Budgeted("campaigns", campaigns.calls, CALLBACKS_MS),
                "cases": Budgeted("cases", cases.callers, config.cases.budget),
                "proposals": Budgeted(
                    "proposals",
                    Proposing(campaigns.store, cases.book, banking.orders, campaigns.telephone),
                    config.cases.budget,
                ),
                "surveys": Budgeted("surveys", surveying.desk, SURVEYS_MS),
                "waiting": whole.room,
            },
            served={
                **served(whole),
                "callbacks": Served(CallbackBook, callbacks),
                "campaigns": Served(CampaignBook, campaigns.book),
                "cases": Served(CaseBook, cases.book),
            },
            begins=first_of(callbacks.begins, campaigns.calls.begins, surveying.begins),
        )
