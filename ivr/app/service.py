"""The engine as a service: start, follow the ledger, drain, stop.

SIGHUP has it look at the ledger and the prompts now; SIGTERM and SIGINT drain and stop.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, BinaryIO, cast

from ivr.adapters.agi.channel import LineSettings
from ivr.adapters.agi.server import AgiServer, ServerSettings
from ivr.adapters.budget import Budgeted, Delayed
from ivr.adapters.clock import SystemClock
from ivr.adapters.notify.embedded import TEXTS
from ivr.adapters.notify.texts import Texts
from ivr.adapters.seal.payments import SealedPayments
from ivr.adapters.seal.sealer import Sealer
from ivr.adapters.store.sqlite import SqliteStore
from ivr.app.backends import opened
from ivr.app.callbacks.beginnings import first_of
from ivr.app.callbacks.guard import guarded_dialler
from ivr.app.callbacks.onfloor import callbacks_on
from ivr.app.calls import Calls, Services
from ivr.app.campaigns.whole import campaigns_on
from ivr.app.canary import Keeper, Watch
from ivr.app.cases.running import running_cases
from ivr.app.cashier import Cashier
from ivr.app.clerk import Clerk
from ivr.app.config import BackendConfig, Config, folder
from ivr.app.dictation import Dictating
from ivr.app.feed import Feed
from ivr.app.floor.serving import serving_floor
from ivr.app.floor.trail import Trail
from ivr.app.floor.whisper import SCRIPT, Whisper
from ivr.app.floor.whole import served, whole_floor
from ivr.app.flows import Published, known
from ivr.app.follower import Follower
from ivr.app.ledger import DATABASE, Ledger
from ivr.app.manager import manager
from ivr.app.orderbook import OrderBook
from ivr.app.orders import order_ledger, orders_of
from ivr.app.prompts import LatestPrompts
from ivr.app.publishing import first_release, warn_of_edits
from ivr.app.surveys.rules import asking_of
from ivr.app.surveys.whole import Surveying
from ivr.app.window import recorded, window_of
from ivr.http.server import Served
from ivr.ports.bank import Bank
from ivr.ports.callbackbook import CallbackBook
from ivr.ports.campaigns import CampaignBook
from ivr.ports.cases import CaseBook
from ivr.ports.cashier import WAIT_MS
from ivr.ports.clock import Clock
from ivr.ports.dictation import Dictation
from ivr.ports.notify import Notify
from ivr.ports.payments import Payments
from ivr.ports.profiles import Profiles

_LOG = logging.getLogger(__name__)

DRAIN_S = 30 * 60
CALLBACKS_MS = 3_000
"""Longest wait for a promise of a call."""
SURVEYS_MS = 3_000
"""Longest wait for an answer to be kept."""
AGENTS_MS = 5_000
"""Longest wait for what an agent asks for by telephone."""


def bank_of(config: Config, bank: Bank) -> Budgeted:
    """Return the bank as calls ask it: within its budgets."""
    look_up = dict.fromkeys(("identify", "products", "matters"), config.bank.look_up)
    return Budgeted("bank", Delayed(bank, config.bank.delay), config.bank.budget, look_up)


def budgeted(name: str, section: BackendConfig, port: object) -> Budgeted:
    """Return a port as calls ask it: within its budget."""
    return Budgeted(name, Delayed(port, section.delay), section.budget)


def gateway_of(config: Config, gateway: Payments, clock: Clock) -> Payments:
    """Return the gateway as the cashier asks it: within its budget, and with sealed cards if the bank
    wants ciphertext. Raises SealError."""
    if config.payments.seal:
        gateway = SealedPayments(gateway, Sealer.of(config.payments.seal, clock))
    within: Any = budgeted("payments", config.payments, gateway)
    return cast(Payments, within)


def payments_of(config: Config, cashier: Cashier) -> Budgeted:
    """Return the cashier as calls ask it: within a budget; a payment is waited for longer."""
    patient = dict.fromkeys(("pay", "confirm", "settle"), WAIT_MS + config.payments.budget)
    return Budgeted("payments", cashier, config.payments.budget, patient)


def profiles_of(config: Config, profiles: Profiles) -> Budgeted:
    """Return the profiles as calls ask them: a caller waits for the budget, then goes on without."""
    return Budgeted("profiles", Delayed(profiles, config.profiles.delay), config.profiles.budget)


@asynccontextmanager
async def running(config: Config, feed: BinaryIO | None = None) -> AsyncIterator[Engine]:
    """Start an engine and stop it at the end; `feed` is written every event as a JSON line.

    Raises FlowError, LedgerError, ConfigError, CatalogueError, PortError or ListenError: each says
    what is wrong, where, and what to do.
    """
    async with AsyncExitStack() as stack:
        clock = SystemClock(config.zone)
        prompts = LatestPrompts(config)
        state = folder(config.state)
        store = await SqliteStore.open(state / DATABASE, clock, asking_of=asking_of)
        stack.push_async_callback(store.close)
        ledger = Ledger(store, clock)
        await first_release(ledger, config.flows, known(config, prompts.catalogue))
        published = Published(store, clock, prompts.read_again)
        await published.look()
        warn_of_edits(config.flows, published.serving)
        cases = await stack.enter_async_context(running_cases(config, published, clock))
        notify = await stack.enter_async_context(opened("notify", config.notify, clock))
        bank = await stack.enter_async_context(opened("bank", config.bank, clock, notify=notify))
        knowledge = await stack.enter_async_context(opened("knowledge", config.knowledge, clock))
        orders = await stack.enter_async_context(order_ledger(config, begin=True))
        book = OrderBook(orders, clock, owner=config.orders.owner)
        messages = budgeted("notify", config.notify, notify)
        clerk = Clerk(book, bank_of(config, bank), messages)
        await stack.enter_async_context(clerk.running())
        gateway = await stack.enter_async_context(opened("payments", config.payments, clock))
        cashier = Cashier(book, gateway_of(config, gateway, clock))
        await stack.enter_async_context(cashier.running())
        witness = (
            await stack.enter_async_context(manager(config.ami, clock)) if config.ami else None
        )
        client = witness.client if witness else None
        trail = Trail(Feed(store.events, clock, feed) if feed else store.events)
        whole = await stack.enter_async_context(
            whole_floor(config, published, trail, clock, client)
        )
        line = LineSettings(
            recordings=str(folder(state / "messages").resolve()),
            conversations=str(folder(state / "conversations").resolve()),
            beep=str(config.prompts / "beep"),
            destinations=config.destinations,
        )
        whisper = Whisper(whole.room, prompts, line)
        called: Any = bank_of(config, bank)
        guard = await stack.enter_async_context(guarded_dialler(config, client, clock))
        callbacks = await stack.enter_async_context(
            callbacks_on(config, whole, published, called, store.sessions, clock, guard)
        )
        surveying = Surveying(config, store, trail, published, clock, messages, guard)
        campaigns = await stack.enter_async_context(
            campaigns_on(config, whole, published, notify, clock, client, guard)
        )
        calls = Calls(
            Services(
                published=published,
                prompts=prompts,
                sessions=store.sessions,
                events=trail,
                journal=store.journal,
                clock=clock,
                ports={
                    "bank": bank_of(config, bank),
                    "knowledge": budgeted("knowledge", config.knowledge, knowledge),
                    "notify": messages,
                    "orders": orders_of(config, clerk),
                    "payments": payments_of(config, cashier),
                    "profiles": profiles_of(config, store.profiles),
                    "overrides": published,
                    "agents": Budgeted("agents", whole.control, AGENTS_MS),
                    "callbacks": Budgeted("callbacks", callbacks, CALLBACKS_MS),
                    "campaigns": Budgeted("campaigns", campaigns.calls, CALLBACKS_MS),
                    "cases": Budgeted("cases", cases.callers, config.cases.budget),
                    "surveys": Budgeted("surveys", surveying.desk, SURVEYS_MS),
                    "waiting": whole.room,
                    "window": window_of(config, client, lambda: recorded(published.current)),
                },
                line=line,
                scripts={SCRIPT: whisper.handle},
                limits=config.limits.limits(),
                witness=witness,
                begins=first_of(callbacks.begins, campaigns.calls.begins, surveying.begins),
            )
        )
        server = AgiServer(
            calls.handle,
            ServerSettings(
                host=config.agi.host, port=config.agi.port, max_calls=config.agi.max_calls
            ),
        )
        if witness is not None:
            await witness.connect()
        dictating = Dictating(
            published,
            store.sessions,
            {"bank": bank_of(config, bank), "clock": clock},
            lambda: prompts.catalogue,
            await asyncio.to_thread(Texts.read, config.notify.texts or TEXTS),
        )
        served_too = {
            "dictation": Served(Dictation, dictating),
            "callbacks": Served(CallbackBook, callbacks),
            "campaigns": Served(CampaignBook, campaigns.book),
            "cases": Served(CaseBook, cases.book),
        }
        await stack.enter_async_context(serving_floor(config, {**served(whole), **served_too}))
        # Whoever waits for a change is answered, so that the server need not wait for them.
        stack.callback(whole.floor.shown)
        stack.callback(cases.book.let_go)
        kept = cases.kept(orders, callbacks, cast(Notify, messages), surveying.cases, whole.floor)
        await stack.enter_async_context(kept)
        await stack.enter_async_context(
            surveying.running(lambda: calls.running, client, cases.book)
        )
        await server.start()
        follower = Follower(published, prompts, Keeper(Watch(store, clock), ledger))
        await stack.enter_async_context(follower.running())
        engine = Engine(config, published, server, follower)
        stack.push_async_callback(server.stop)
        stack.enter_context(engine.pid_file())
        yield engine


class Engine:
    """A running engine."""

    def __init__(
        self, config: Config, published: Published, server: AgiServer, follower: Follower
    ) -> None:
        self._config = config
        self._published = published
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
        return self._published.current.version

    def stop(self) -> None:
        """Ask for the end."""
        self._stopping.set()

    async def serve(self, drain_s: float = DRAIN_S) -> None:
        """Run until SIGTERM or SIGINT, then let calls finish; a second signal ends them."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._spawn, self._follower.look_at_all)
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
