"""The engine as a service: start, publish, drain, stop.

SIGHUP publishes the flows folder anew for new calls; SIGTERM and SIGINT drain and stop.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, BinaryIO

from ivr.adapters.agi.line import LineSettings
from ivr.adapters.agi.server import AgiServer, ServerSettings
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.budget import Budgeted, Delayed
from ivr.adapters.clock import SystemClock
from ivr.adapters.prompts.catalogue import Catalogue, Missing, load_catalogue
from ivr.adapters.store.sqlite import SqliteStore
from ivr.app.calls import Calls, Services
from ivr.app.config import Config, ConfigError, folder
from ivr.app.feed import Feed
from ivr.app.flows import Published, known
from ivr.app.manager import manager
from ivr.model.errors import FlowError, PortError
from ivr.ports.bank import Bank
from ivr.ports.overrides import NoOverrides

_LOG = logging.getLogger(__name__)

DRAIN_S = 30 * 60


def catalogue_of(config: Config) -> Catalogue:
    """Load the prompts; warn of recordings that say something else than their texts.

    Raises CatalogueError, and ConfigError for prompts without any recording.
    """
    catalogue = load_catalogue(config.prompts)
    lacking = catalogue.missing()
    silent = [one for one in lacking if catalogue.resolve(one.id, one.language) is None]
    if silent:
        raise ConfigError(
            f"{config.prompts}: {len(silent)} prompts have no recording: {_listed(silent)}; "
            "see `ivr prompts list --missing`, then run `ivr prompts build`"
        )
    if lacking:
        _LOG.warning("%d recordings are out of date: %s", len(lacking), _listed(lacking))
    return catalogue


def _listed(missing: Sequence[Missing]) -> str:
    named = ", ".join(f"{one.language}/{one.id}" for one in missing[:10])
    return named if len(missing) <= 10 else f"{named} and {len(missing) - 10} more"


def bank_of(config: Config, bank: Bank) -> Budgeted:
    """Return the bank as calls ask it: within its budgets."""
    look_up = dict.fromkeys(("identify", "products", "matters"), config.bank.look_up)
    return Budgeted("bank", Delayed(bank, config.bank.delay), config.bank.budget, look_up)


@asynccontextmanager
async def running(config: Config, feed: BinaryIO | None = None) -> AsyncIterator[Engine]:
    """Start an engine and stop it at the end; `feed` is written every event as a JSON line.

    Raises FlowError, ConfigError, CatalogueError, PortError or ListenError: each says what is
    wrong, where, and what to do.
    """
    async with AsyncExitStack() as stack:
        clock = SystemClock(config.zone)
        catalogue = catalogue_of(config)
        state = folder(config.state)
        store = await SqliteStore.open(state / "onecall.sqlite", clock)
        stack.push_async_callback(store.close)
        published = Published(config.flows, known(config, catalogue), store)
        await published.publish()
        embedded = await EmbeddedBank.open(config.bank.file, clock)
        stack.push_async_callback(embedded.close)
        witness = (
            await stack.enter_async_context(manager(config.ami, clock)) if config.ami else None
        )
        recordings = folder(state / "messages")
        calls = Calls(
            Services(
                published=published,
                prompts=catalogue,
                sessions=store.sessions,
                events=Feed(store.events, clock, feed) if feed else store.events,
                journal=store.journal,
                clock=clock,
                ports={"bank": bank_of(config, embedded), "overrides": NoOverrides()},
                line=LineSettings(
                    recordings=str(recordings.resolve()),
                    beep=str(config.prompts / "beep"),
                    destinations=config.destinations,
                    queues=frozenset(config.queues),
                ),
                limits=config.limits.limits(),
                witness=witness,
            )
        )
        server = AgiServer(
            calls.handle,
            ServerSettings(
                host=config.agi.host, port=config.agi.port, max_calls=config.agi.max_calls
            ),
        )
        await server.start()
        engine = Engine(config, published, server)
        stack.push_async_callback(server.stop)
        stack.enter_context(engine.pid_file())
        yield engine


class Engine:
    """A running engine."""

    def __init__(self, config: Config, published: Published, server: AgiServer) -> None:
        self._config = config
        self._published = published
        self._server = server
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens for Asterisk."""
        return self._server.address

    @property
    def version(self) -> str:
        """The version of the flows that new calls run."""
        return self._published.current.version

    async def publish(self) -> None:
        """Put the flows folder in force; a bad one is reported and changes nothing."""
        try:
            flow_set = await self._published.publish()
        except (FlowError, PortError) as error:
            _LOG.error(
                "the flows are not published, %s stays in force:\n%s", self.version[:12], error
            )
        else:
            _LOG.info("flows %s are in force for new calls", flow_set.version[:12])

    def stop(self) -> None:
        """Ask for the end."""
        self._stopping.set()

    async def serve(self, drain_s: float = DRAIN_S) -> None:
        """Run until SIGTERM or SIGINT, then let calls finish; a second signal ends them."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._spawn, self.publish)
        await self._stopping.wait()
        self._stopping.clear()
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
