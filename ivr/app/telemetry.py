"""Figures and traces of a running engine: counted on the way of events to the store, and asked for by Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ivr.adapters.agi.server import AgiServer
from ivr.adapters.clock import monotonic_ms
from ivr.adapters.telemetry.metrics import EventMetrics, Figures, exposition
from ivr.app.config import Config, ConfigError
from ivr.model.errors import PortError
from ivr.ports.cases import Cases
from ivr.ports.clock import Clock
from ivr.ports.cluster import NotLeading
from ivr.ports.coverage import CoverageBook, Tally
from ivr.ports.events import Events
from ivr.ports.floor import Board, Floor
from ivr.ports.operations import Operations

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BOOKS_MS = 60_000
"""How long figures from books hold: counting a day's calls is no work for every scrape."""


@contextmanager
def traced(config: Config, events: Events, clock: Clock) -> Iterator[Events]:
    """Have events traced where the configuration wants it. Raises ConfigError."""
    if not config.telemetry.traces:
        yield events
        return
    try:
        from ivr.adapters.telemetry.traces import Traces
    except ImportError as error:
        raise ConfigError(
            "telemetry.traces needs OpenTelemetry: install the extra, pip install 'onecall[telemetry]'"
        ) from error
    traces = Traces(events, clock, config.telemetry.traces, config.cluster.node)
    try:
        yield traces
    finally:
        traces.close()


class Measuring:
    """Answers `/metrics`. `lag_s` returns how long Asterisk's manager took to answer."""

    def __init__(
        self,
        counted: EventMetrics,
        operations: Operations,
        server: AgiServer,
        floor: Floor,
        lag_s: Callable[[], float | None],
        books: tuple[CoverageBook, Cases],
        clock: Clock,
    ) -> None:
        self._counted = counted
        self._operations = operations
        self._server = server
        self._floor = floor
        self._lag_s = lag_s
        self._coverage, self._cases = books
        self._clock = clock
        self._read: tuple[float, Tally, int] | None = None
        self._reading = asyncio.Lock()

    def route(self) -> BaseRoute:
        """Return what tells without a token: there is nothing about callers in it."""

        async def metrics(request: Request) -> Response:
            try:
                found = exposition(self._counted, await self.figures())
            except PortError as error:
                return Response(f"{error}\n", 503)
            return Response(found, media_type=_TYPE)

        return Route("/metrics", metrics)

    async def figures(self) -> Figures:
        """Return all as of now. Raises PortError."""
        tally, unknown = await self._books()
        return Figures(
            status=await self._operations.status(),
            thinking=self._server.thinking.told(),
            answering=self._server.answering.told(),
            ami_lag_s=self._lag_s(),
            surveys=tally,
            unknown_orders=unknown,
            board=await self._board(),
        )

    async def _board(self) -> Board | None:
        try:
            return await self._floor.board()
        except NotLeading:
            return None

    async def _books(self) -> tuple[Tally, int]:
        async with self._reading:
            now = monotonic_ms()
            if self._read is None or now - self._read[0] > _BOOKS_MS:
                midnight = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
                tally = await self._coverage.tally(midnight)
                self._read = now, tally, len(await self._cases.list_open())
            return self._read[1], self._read[2]
