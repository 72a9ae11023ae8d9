"""The engine as a service: start, follow the ledger, drain, stop.

SIGHUP has it look at the ledger and the prompts now; SIGTERM and SIGINT drain and stop.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, BinaryIO

from ivr.adapters.agi.channel import LineSettings
from ivr.adapters.agi.server import AgiServer, ServerSettings
from ivr.adapters.budget import Budgeted, Delayed
from ivr.adapters.clock import SystemClock
from ivr.adapters.notify.embedded import TEXTS
from ivr.adapters.notify.texts import Texts
from ivr.adapters.systemd import STOPPING, tell
from ivr.adapters.telemetry.metrics import EventMetrics
from ivr.app.banking import Banking, banking
from ivr.app.basis import Basis, basis
from ivr.app.calls import Calls, Services
from ivr.app.canary import Keeper, Watch
from ivr.app.cluster.shared import RELEASES
from ivr.app.config import Config, folder
from ivr.app.dictation import Dictating
from ivr.app.feed import Feed
from ivr.app.floor.serving import serving_floor
from ivr.app.floor.trail import Trail
from ivr.app.floor.whisper import SCRIPT, Whisper
from ivr.app.follower import Follower
from ivr.app.manager import Manager, manager
from ivr.app.operating import Operating
from ivr.app.people import People, people
from ivr.app.telemetry import Measuring, traced
from ivr.app.window import recorded, window_of
from ivr.http.server import Served
from ivr.ports.dictation import Dictation
from ivr.ports.operations import Operations
from ivr.ports.profiles import Profiles

_LOG = logging.getLogger(__name__)

DRAIN_S = 30 * 60
_GARBAGE = 20_000
"""So many objects more than before are looked at for garbage: what some fifty calls leave behind."""


def profiles_of(config: Config, profiles: Profiles) -> Budgeted:
    """Return the profiles as calls ask them: a caller waits for the budget, then goes on without."""
    return Budgeted("profiles", Delayed(profiles, config.profiles.delay), config.profiles.budget)


@asynccontextmanager
async def running(config: Config, feed: BinaryIO | None = None) -> AsyncIterator[Engine]:
    """Start an engine and stop it at the end; `feed` is written every event as a JSON line.

    Raises FlowError, LedgerError, ConfigError, CatalogueError, PortError or ListenError: each says
    what is wrong, where, and what to do.
    """
    clock = SystemClock(config.zone)
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(basis(config, clock))
        bank = await stack.enter_async_context(banking(config, clock))
        witness = await stack.enter_async_context(manager(config, clock))
        client = witness.client if witness else None
        counted = EventMetrics(base.store.events, clock)
        events = stack.enter_context(traced(config, counted, clock))
        trail = Trail(Feed(events, clock, feed) if feed else events)
        hall = await stack.enter_async_context(people(base, bank, trail, client))
        calls = Calls(_services(base, bank, hall, trail, witness))
        agi = config.agi
        server = AgiServer(calls.handle, ServerSettings(agi.host, agi.port, agi.max_calls))
        operating = Operating(server, base.store, hall, client, lambda: base.version, clock)
        served = await _served(base, bank, hall, operating)
        books = base.store.coverage, bank.orders
        lag = (lambda: client.lag_s) if client is not None else (lambda: None)
        measuring = Measuring(counted, operating, server, hall.board, lag, books, clock)
        told = (*operating.routes(), measuring.route())
        follower = Follower(
            base.published, base.prompts, Keeper(Watch(base.store, clock), base.ledger)
        )
        hall.reach.on_word(RELEASES, follower.hurry)
        await stack.enter_async_context(hall.kept(lambda: calls.running))
        if witness is not None:
            await witness.connect()
        await stack.enter_async_context(serving_floor(config, served, told, hall.leaders))
        stack.callback(hall.let_go)
        await server.start()
        await stack.enter_async_context(follower.running())
        engine = Engine(config, lambda: base.version, server, follower, base.store.releases.head)
        stack.push_async_callback(server.stop)
        stack.enter_context(engine.pid_file())
        yield engine


@contextmanager
def _settled() -> Iterator[None]:
    """Take all that is there by now for what stays, and look for garbage among the rest only, less often.

    With some hundred thousand objects of flows and libraries that took a sixth of an engine's CPU time, and
    now and then 50 ms at once in which no caller was heard.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _services(
    base: Basis, bank: Banking, hall: People, trail: Trail, witness: Manager | None
) -> Services:
    """Return what all calls share."""
    config, published = base.config, base.published
    line = LineSettings(
        recordings=str(folder(base.state / "messages").resolve()),
        conversations=str(folder(base.state / "conversations").resolve()),
        beep=str(config.prompts / "beep"),
        destinations=config.destinations,
    )
    client = witness.client if witness else None
    which = witness.asterisk if witness else lambda uniqueid: ""
    return Services(
        published=published,
        prompts=base.prompts,
        sessions=base.store.sessions,
        events=trail,
        journal=base.store.journal,
        clock=base.clock,
        ports={
            **bank.ports,
            **hall.ports,
            "profiles": profiles_of(config, base.store.profiles),
            "overrides": published,
            "window": window_of(config, client, lambda: recorded(published.current)),
        },
        line=line,
        scripts={SCRIPT: Whisper(hall.reception, base.prompts, line, which).handle},
        limits=config.limits.limits(),
        witness=witness,
        begins=hall.begins,
    )


async def _served(
    base: Basis, bank: Banking, hall: People, operating: Operating
) -> Mapping[str, Served]:
    """Return what other processes of the machine may ask."""
    texts = await asyncio.to_thread(Texts.read, base.config.notify.texts or TEXTS)
    dictating = Dictating(
        base.published,
        base.store.sessions,
        {"bank": bank.bank, "clock": base.clock},
        lambda: base.prompts.catalogue,
        texts,
    )
    return {
        **hall.served,
        "dictation": Served(Dictation, dictating),
        "operations": Served(Operations, operating),
    }


class Engine:
    """A running engine."""

    def __init__(
        self,
        config: Config,
        version: Callable[[], str],
        server: AgiServer,
        follower: Follower,
        alive: Callable[[], Awaitable[object]],
    ) -> None:
        self.alive = alive
        """Asks the store, without which no call goes on."""
        self._config = config
        self._version = version
        self._server = server
        self._follower = follower
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens for Asterisk."""
        return self._server.address

    @property
    def version(self) -> str:
        """The version of the flows that new calls run."""
        return self._version()

    def stop(self) -> None:
        """Ask for the end."""
        self._stopping.set()

    async def serve(self, drain_s: float = DRAIN_S) -> None:
        """Run until SIGTERM or SIGINT, then let calls finish; a second signal ends them."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._spawn, self._follower.look_at_all)
        with _settled():
            await self._stopping.wait()
        self._stopping.clear()
        tell(STOPPING)
        _LOG.info("draining %d calls; signal again to end them", self._server.calls)
        draining = asyncio.ensure_future(self._server.stop(drain_s))
        impatient = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({draining, impatient}, return_when=asyncio.FIRST_COMPLETED)
        for task in (draining, impatient):
            task.cancel()

    def _spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.ensure_future(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextmanager
    def pid_file(self) -> Iterator[None]:
        """Tell `ivr reload` which process this is, while it lasts."""
        file = self._config.state / f"engine-{self.address[1]}.pid"
        file.write_text(f"{os.getpid()}\n", "utf-8")
        try:
            yield
        finally:
            file.unlink(missing_ok=True)
