"""The whole floor of an engine, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import msgspec

from ivr.adapters.ami.interface import Ami
from ivr.adapters.ami.legs import AmiLegs
from ivr.adapters.ami.snapshot import Snapshot
from ivr.adapters.clock import SteadyClock
from ivr.app.config import Config
from ivr.app.floor.checkpoint import decode
from ivr.app.floor.control import Control
from ivr.app.floor.diary import DATABASE, Diary, read_checkpoint, read_diary, read_on
from ivr.app.floor.floor import RunningFloor
from ivr.app.floor.presence import Presence
from ivr.app.floor.room import WaitingRoom
from ivr.app.floor.survival import Survival
from ivr.app.floor.trail import Trail
from ivr.app.floor.unmanaged import NoLegs
from ivr.app.flows import Published
from ivr.app.places import made
from ivr.app.staff import staff_of
from ivr.centre.hours import Status, overridden, state
from ivr.centre.kpi import Kpi
from ivr.database import Place
from ivr.model.queues import QueuePlan
from ivr.ports.clock import Clock

_KEPT_DAYS = 2
"""So far back the diary is folded where no checkpoint is: today's figures, and calls that began yesterday."""
_TOGETHER = 500
"""Events that are folded at a time: some 5 ms."""


class Whole(msgspec.Struct, frozen=True):
    """A floor that runs here."""

    floor: RunningFloor
    room: WaitingRoom
    control: Control


class Opened:
    """Which calendars are open now, by the flows in force."""

    def __init__(self, published: Published, clock: Clock) -> None:
        self._published = published
        self._clock = clock

    def __call__(self, calendar: str) -> bool:
        """Whether one is; one that is not there never closes."""
        known = self._published.current.calendars.get(calendar)
        if known is None:
            return True
        actual = overridden(known, self._published.overrides(calendar))
        return state(actual, self._clock.now()).status is Status.OPEN


async def recalled(floor: RunningFloor, place: Place, zone: ZoneInfo, since: datetime) -> None:
    """Fold the diary: from what was kept last, or where nothing of use was, from `since`."""
    kept = read_checkpoint(place)
    checkpoint = decode(kept[1], zone.key) if kept is not None else None
    if kept is not None and checkpoint is not None:
        floor.go_on(checkpoint)
        events = read_on(place, zone, kept[0])
    else:
        events = read_diary(place, zone, since)
    while some := tuple(islice(events, _TOGETHER)):
        floor.replay(some)
        await asyncio.sleep(0)  # calls go on meanwhile, and the lease is renewed
    floor.begin()


@asynccontextmanager
async def whole_floor(
    config: Config,
    published: Published,
    trail: Trail,
    clock: Clock,
    client: Ami | None,
    token: int | None = None,
    fenced: Callable[[], None] = lambda: None,
) -> AsyncIterator[Whole]:
    """Run the floor, on a manager interface whose next snapshot it waits for; `fenced` is called where
    another node runs it, by a greater token. Raises PortError, ConfigError."""
    path = made(config, DATABASE)
    zone = ZoneInfo(config.zone)

    def plan() -> QueuePlan:
        return published.current.queues

    async with AsyncExitStack() as stack:
        diary = Diary(path, token)
        diary.fenced = fenced
        stack.push_async_callback(diary.close)
        floor = RunningFloor(plan, diary, Kpi(zone, days=_KEPT_DAYS), SteadyClock(clock))
        since = clock.now() - timedelta(days=_KEPT_DAYS)
        await recalled(floor, path, zone, since)
        stack.callback(floor.keep)
        room = WaitingRoom(floor, Opened(published, clock), trail.steps)
        floor.talks.tell, trail.before_end = trail.emit, room.gone
        stack.callback(trail.nobody_waits)
        staff = await stack.enter_async_context(staff_of(config, clock))
        legs = AmiLegs(client) if client is not None else NoLegs()
        control = Control(floor, legs, staff, plan, config.agents)
        if client is not None:
            presence = Presence(floor, room, client, config.floor.survival)
            trail.before_end = presence.over
            if floor.last_at is not None:
                client.missing_since(floor.last_at)
            survivals = {
                one.name: Survival(floor, one, config.floor.survival, presence.latecomers)
                for one in client.each()
            }

            async def recover(taken: Snapshot, over: frozenset[str]) -> None:
                await survivals[taken.asterisk].recover(taken, over)
                await control.recover()

            presence.on_lost, presence.on_login = control.lost, recover
            for survival in survivals.values():
                keeping = asyncio.create_task(survival.running(), name="survival")
                stack.callback(keeping.cancel)
        running = asyncio.create_task(floor.running(), name="floor")
        stack.callback(running.cancel)
        yield Whole(floor, room, control)
