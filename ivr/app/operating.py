"""What operators ask of a running engine, and what load balancers do."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ivr.adapters.agi.server import AgiServer
from ivr.adapters.ami.interface import Ami
from ivr.app.floor.state import Place
from ivr.app.people import People
from ivr.ports.agents import AgentState
from ivr.ports.clock import Clock
from ivr.ports.operations import EngineStatus
from ivr.ports.store import Store


class Operating:
    """The Operations port of an engine. `version` returns that of the flows which new calls run."""

    def __init__(
        self,
        server: AgiServer,
        store: Store,
        hall: People,
        client: Ami | None,
        version: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._server = server
        self._store = store
        self._hall = hall
        self._client = client
        self._version = version
        self._clock = clock
        self._started = clock.now()

    async def status(self) -> EngineStatus:
        """Return how it is."""
        nodes = await self._hall.reach.nodes()
        led_by = self._hall.reach.led_by
        return msgspec.structs.replace(self._status(), nodes=nodes, led_by=led_by)

    async def drain(self) -> EngineStatus:
        """Take no new calls."""
        self._server.draining = True
        return self._status()

    async def resume(self) -> EngineStatus:
        """Take new calls again."""
        self._server.draining = False
        return self._status()

    def routes(self) -> tuple[BaseRoute, ...]:
        """Return what tells without a token: `/health` that it runs, `/ready` that it should be given
        calls. Both say no more than that."""

        async def health(request: Request) -> Response:
            return PlainTextResponse("ok\n")

        async def ready(request: Request) -> Response:
            fit = not self._status().problems
            return PlainTextResponse("ready\n" if fit else "not ready\n", 200 if fit else 503)

        return Route("/health", health), Route("/ready", ready)

    def _status(self) -> EngineStatus:
        leadership, floor = self._hall.reach.leadership, self._hall.terms.floor
        callers = floor.state.callers.values() if floor is not None else ()
        standings = floor.state.standings.values() if floor is not None else ()
        return EngineStatus(
            at=self._clock.now(),
            pid=os.getpid(),
            started=self._started,
            version=self._version(),
            calls=self._server.calls,
            calls_most=self._server.most,
            draining=self._server.draining,
            ami=self._client.ready.is_set() if self._client is not None else None,
            store=self._store.health(),
            waiting=sum(one.place is Place.WAITING for one in callers),
            node=leadership.node.name,
            leader=leadership.leads,
            agents=sum(one.state is not AgentState.OFFLINE for one in standings),
        )
