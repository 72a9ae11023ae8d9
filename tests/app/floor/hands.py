"""A floor and telephones in memory: the real table of states, and legs that tests pick up and hang up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ivr.app.config import AgentsConfig
from ivr.app.floor.control import Control
from ivr.centre.agents import WRAP_UP, Act, Standing, step
from ivr.model.errors import PortError
from ivr.model.floor import FloorEvent
from ivr.model.queues import AgentDocument, QueueDocument, QueuePlan
from ivr.model.secret import Secret
from ivr.ports.agents import AgentState, Refusal, Spying
from ivr.ports.legs import OnGone
from ivr.ports.staff import Person, Role
from ivr.ports.switch import ChannelInfo
from ivr.ports.waiting import Turn

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
CALL, QUEUE, PIN = "1700.1", "service", "582047"
OWN = "PJSIP/agent1001-00000001"
AGENTS = ("1001", "1002", "1003")

PLAN = QueuePlan(
    queues={
        name: QueueDocument.model_validate({"agents": ["anyone"]}) for name in ("service", "loans")
    },
    agents={agent: AgentDocument(name=f"agent {agent}") for agent in AGENTS},
    reasons={"1": "break", "2": "lunch"},
    dispositions={"01": "solved"},
)
CONFIG = AgentsConfig(branches={"101": "Local/8101@branches"})


class Channels(NamedTuple):
    caller: str
    agent: str


class Floor:
    """The floor, as control sees it. `told` is what callers were told, `down` lets Asterisk be gone."""

    def __init__(self) -> None:
        self.stood = {agent: Standing(agent) for agent in AGENTS}
        self.diary: list[FloorEvent] = []
        self.told: list[tuple[str, object]] = []
        self.down = False

    def standings(self) -> Mapping[str, Standing]:
        return self.stood

    def act(
        self,
        agent: str,
        act: Act,
        *,
        reason: str = "",
        endpoint: str = "",
        call_id: str = "",
        queue: str = "",
        lasts: timedelta = WRAP_UP,
    ) -> Standing | None:
        stepped = step(
            self.stood[agent], act, AT, reason=reason, endpoint=endpoint, call_id=call_id,
            queue=queue, lasts=lasts,
        )  # fmt: skip
        if stepped is not None:
            self.stood[agent] = stepped
        return stepped

    def emit(self, event: FloorEvent) -> None:
        self.diary.append(event)

    async def direct(self, call_id: str, turn: Turn, *, keep_agent: bool = True) -> None:
        if self.down:
            raise PortError("asterisk", "gone")
        self.told.append((call_id, turn))

    def legs(self, call_id: str) -> Channels:
        return Channels(call_id, OWN)

    def free(self, queue: str) -> tuple[str, ...]:
        return tuple(agent for agent, one in self.stood.items() if one.free)

    def back(self, call_id: str, queue: str = "", agent: str = "") -> None:
        self.told.append((call_id, f"waits for {queue or agent or 'anybody'}"))


class Telephones:
    """Legs that ring until a test answers, refuses or hangs them up."""

    def __init__(self) -> None:
        self.ringing: dict[str, asyncio.Future[bool]] = {}
        self.dialled: list[str] = []
        self.up: list[ChannelInfo] = []
        self.joined: list[tuple[str, str]] = []
        self.unheeded: list[str] = []
        self.ended: list[str] = []
        self._told: list[OnGone] = []
        self.down = False

    async def ring(
        self, leg: str, destination: str, ring_ms: int, caller: str, beside: str
    ) -> bool:
        self.dialled.append(destination)
        rings: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.ringing[leg] = rings
        answered = await rings
        if answered:
            self.up.append(channel(leg))
        return answered

    async def spy(self, leg: str, destination: str, spied: str, how: Spying) -> bool:
        self.dialled.append(f"{destination} {how} {spied}")
        self.up.append(channel(leg))
        return True

    async def unnoticed(self, leg: str) -> None:
        self.unheeded.append(leg)

    async def join(self, one: str, other: str) -> None:
        self.joined.append((one, other))

    async def hang_up(self, leg: str) -> None:
        self.ended.append(leg)
        self.up = [one for one in self.up if one.uniqueid != leg]
        rings = self.ringing.get(leg)
        if rings is not None and not rings.done():
            rings.set_result(False)
        self.gone(leg)

    async def found(self, begins: str) -> tuple[ChannelInfo, ...]:
        if self.down:
            raise PortError("asterisk", "gone")
        return tuple(one for one in self.up if one.uniqueid.startswith(begins))

    def on_gone(self, told: OnGone) -> None:
        self._told.append(told)

    def gone(self, leg: str) -> None:
        """Somebody hung up by themselves."""
        self.up = [one for one in self.up if one.uniqueid != leg]
        for told in self._told:
            told(leg)

    async def leg(self) -> str:
        """Return the leg that rings, or was answered last."""
        await settled()
        return list(self.ringing)[-1]

    async def answer(self, *, up: bool = True) -> str:
        """Answer what rings, or do not; return the leg."""
        leg = await self.leg()
        self.ringing[leg].set_result(up)
        await settled()
        return leg


class Door:
    """Staff with one PIN for all, and a trail."""

    def __init__(self) -> None:
        self.trail: list[tuple[str, str, str, str]] = []

    async def check(self, name: str, password: Secret, source: str) -> Person | Refusal:
        return Refusal.CREDENTIALS

    async def check_pin(self, agent: str, pin: Secret, source: str) -> Person | Refusal:
        right = agent in AGENTS and pin.matches(PIN)
        return Person(f"name.{agent}", Role.AGENT, agent) if right else Refusal.CREDENTIALS

    async def person(self, name: str) -> Person | None:
        return None

    async def note(self, who: str, what: str, about: str = "", source: str = "") -> None:
        self.trail.append((who, what, about, source))


class Centre(NamedTuple):
    """All of it, with an agent `1001` who talks with a caller, and `1002` who is ready."""

    control: Control
    floor: Floor
    phones: Telephones
    door: Door

    @property
    def state(self) -> AgentState:
        """What agent 1001 does."""
        return self.floor.stood["1001"].state

    @property
    def other(self) -> AgentState:
        """What agent 1002 does."""
        return self.floor.stood["1002"].state

    @property
    def events(self) -> list[str]:
        """What the diary says, by name."""
        return [type(event).__name__ for event in self.floor.diary]


def centre(config: AgentsConfig = CONFIG) -> Centre:
    """Return one whose agents talk and are ready."""
    made = empty(config)
    for agent in ("1001", "1002"):
        made.floor.act(agent, Act.LOGIN, endpoint=f"agent{agent}")
        made.floor.act(agent, Act.READY)
    made.floor.act("1001", Act.CHOSEN, call_id=CALL, queue=QUEUE)
    made.floor.act("1001", Act.RANG)
    made.floor.act("1001", Act.JOINED)
    return made


def empty(config: AgentsConfig = CONFIG) -> Centre:
    """Return one where nobody is logged in."""
    floor, phones, door = Floor(), Telephones(), Door()
    return Centre(Control(floor, phones, door, lambda: PLAN, config), floor, phones, door)  # type: ignore[arg-type]


def channel(leg: str, bridge: str = "b") -> ChannelInfo:
    """Return a leg that is up."""
    return ChannelInfo("PJSIP/x-1", leg, leg, "Up", "held", "s", "MusicOnHold", bridge=bridge)


async def settled() -> None:
    """Let everything that was begun come to where it waits."""
    for _ in range(10):
        await asyncio.sleep(0)
