"""An engine's callbacks with telephones that a test answers, over a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.app.callbacks.beginnings import beginnings_of
from ivr.app.callbacks.guard import Guard
from ivr.app.callbacks.outgoing import OutgoingCalls
from ivr.app.callbacks.rules import Policy
from ivr.app.calls import Begins
from ivr.app.config import DiallerConfig
from ivr.centre.callbacks import Trying
from ivr.model.errors import PortError
from ivr.model.floor import AnyFloorEvent, CallbackChanged
from ivr.model.secret import Secret
from ivr.model.session import Frame, Session
from ivr.ports.callbacks import Callback, Place
from ivr.ports.dialler import Dialled, Outgoing
from ivr.ports.identity import PinResult

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CONFIG = DiallerConfig(allow=("1",), deny=("168",), per_day=4, ring="20s")
POLICY = Policy(Trying(3, timedelta(minutes=10)), timedelta(hours=1))
FIGURES = "9381"


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def passes(self, **time: float) -> None:
        self.at += timedelta(**time)


class Telephones:
    """The Dialler port: every telephone rings until a test says what becomes of it. `there` are the
    channels that Asterisk has."""

    def __init__(self) -> None:
        self.rung: list[Outgoing] = []
        self.there: set[str] = set()
        self._ends: dict[str, asyncio.Future[Dialled]] = {}
        self._news = asyncio.Event()

    def allows(self, number: str) -> bool:
        return CONFIG.numbers().allows(number)

    async def dial(self, outgoing: Outgoing) -> Dialled:
        assert outgoing.id not in {one.id for one in self.rung}, "one id is dialled once"
        self.rung.append(outgoing)
        self.there.add(outgoing.id)
        self._ends[outgoing.id] = asyncio.get_running_loop().create_future()
        self._news.set()
        return await self._ends[outgoing.id]

    async def live(self) -> frozenset[str]:
        return frozenset(self.there)

    async def rings(self) -> Outgoing:
        """Wait until a telephone rings that has not been answered."""
        while not self._ends:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 2)
        return self.rung[-1]

    async def becomes(self, how: Dialled | PortError) -> str:
        """Say what becomes of the telephone that rings; return its attempt."""
        attempt = (await self.rings()).id
        end = self._ends.pop(attempt)
        if isinstance(how, PortError):
            end.set_exception(how)
        else:
            end.set_result(how)
            if how is not Dialled.ANSWERED:
                self.there.discard(attempt)
        await settled()
        return attempt


class Places:
    """The Line port: what is in line, and who was let go."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.line: list[str] = []
        self.released: list[str] = []
        self.agents: dict[str, str] = {}
        self.events: list[AnyFloorEvent] = []

    def place(self, call_id: str) -> Place | None:
        return self.places.get(call_id)

    def became(self, callback: Callback) -> None:
        self.line.append(callback.id)

    def enter(self, callback: Callback) -> None:
        assert callback.id not in self.line
        self.line.append(callback.id)

    def drop(self, id: str) -> None:
        if id in self.line:
            self.line.remove(id)

    def kept(self, id: str) -> str:
        return self.agents.get(id, "")

    def release(self, agent: str, id: str) -> None:
        if agent:
            self.released.append(agent)
            if self.agents.get(id) == agent:
                del self.agents[id]

    def emit(self, event: AnyFloorEvent) -> None:
        self.events.append(event)

    @property
    def told(self) -> list[str]:
        """The states that callbacks came to, in order."""
        return [one.state for one in self.events if isinstance(one, CallbackChanged)]


class Rules:
    """Queues: `service` has callbacks, `plain` has none; customers are called from `opens_at` on."""

    def __init__(self, clock: Clock) -> None:
        self.opens_at: datetime | None = NOW - timedelta(hours=1)
        self._clock = clock

    def policy(self, queue: str) -> Policy | None:
        return POLICY if queue in ("service", "loans") else None

    def opens(self, queue: str, now: datetime) -> datetime | None:
        return None if self.opens_at is None else max(now, self.opens_at)


class Bank:
    """The part of the bank that looks at figures."""

    async def verify_factor(self, customer: str, factor: object, answer: Secret) -> PinResult:
        return PinResult.RIGHT if answer.matches(FIGURES) else PinResult.WRONG


class Calls:
    """The Sessions port."""

    def __init__(self) -> None:
        self.open: dict[str, Session] = {}

    async def load(self, call_id: str) -> Session | None:
        return self.open.get(call_id)


class House:
    """An engine's callbacks and its world. `calls` is the engine's part."""

    def __init__(self, calls: OutgoingCalls, guard: Guard, world: World, begins: Begins) -> None:
        self.calls = calls
        self.begins = begins
        self.guard = guard
        self.desk = calls.desk
        self.world = world
        self.clock, self.phones, self.places = world.clock, world.phones, world.places

    async def look(self) -> None:
        """Do what an engine does again and again."""
        await self.guard.settle()
        await self.calls.look()
        await settled()

    def hangs_up(self, channel: str) -> None:
        """A channel ends, and Asterisk tells so."""
        self.phones.there.discard(channel)
        self.guard.hung_up(channel)


class World:
    """What an engine finds when it starts."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "callbacks.sqlite"
        self.clock = Clock()
        self.phones = Telephones()
        self.places = Places()
        self.rules = Rules(self.clock)
        self.sessions = Calls()

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[House]:
        """Start an engine; what it does by the clock is done by `House.look`."""
        store = await DatabaseCallbacks.open(self.file)
        ringings = await DatabaseRingings.open(self.file, ZoneInfo("UTC"))
        guard = Guard(self.phones, ringings, self.clock, CONFIG.numbers(), CONFIG.per_day)
        bank, sessions = Bank(), self.sessions
        calls = OutgoingCalls(
            store,
            guard,
            self.places,
            self.rules,
            bank,  # type: ignore[arg-type]  # the part of it that is asked
            sessions,  # type: ignore[arg-type]
            self.clock,
            CONFIG.ring,
        )
        try:
            await calls.load()
            await guard.settle()
            yield House(calls, guard, self, beginnings_of(store))
        finally:
            await calls.stop()
            await guard.stop()
            await ringings.close()
            await store.close()


def session(call_id: str) -> Session:
    """Return a call that has come to its second factor."""
    frames = (Frame("main", "order"), Frame("authenticate", "ask", guard=True))
    return Session(call_id, "v", "95500", "13800003333", "zh", NOW, frames, auth=2)


async def settled() -> None:
    """Let every task come to where it waits, and the disk answer."""
    for _ in range(30):
        await asyncio.sleep(0.001)
