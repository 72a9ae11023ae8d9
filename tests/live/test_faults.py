"""Faults, live: engines that freeze or cannot be reached, a manager interface that is slow or half-open,
disks that are full, databases that others keep, packets that are lost. docs/faults.md has all there are.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from ivr.app.floor.diary import DATABASE, read_diary
from ivr.model.floor import Answered, Ended, Left, Matched
from ivr.ports.agents import AgentState
from lab.engine import Engine
from lab.library import Library
from lab.losing import Losing
from lab.phone_call import PhoneCall
from lab.ports import ADDRESS
from lab.proxy import Wire
from lab.site import AMI_USER, HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.edge_kit import Call, Edge, serving
from tests.live.floor_kit import WITHIN, Floor, Seat
from tests.live.kit import ZONE, bank

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

FROZEN_S = 10.0
UNREACHABLE_S = 2.5
BUSY_S = 1.5
"""How much longer it may take here, where two processors run all telephones and others' tests as well."""
AMI_BACK_S = 5.0
RESYNC_S = 2.0
SLOW_S = 2.0
DIGITS = 16
SUPERVISED = (sys.executable, "-m", "ivr", "supervise", "--")
Record = Callable[[str, object], None]
SAFE = ("survivability", "sorry-repeat")
"""What a caller hears whom another engine, or the plain queue, has taken."""


async def hears_any(call: PhoneCall, names: tuple[str, ...], within: float) -> float:
    """Wait until one of some recordings is heard; return when it began, by the loop's clock."""
    ways = {asyncio.ensure_future(call.hears(name, within)) for name in names}
    done, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in left:
        way.cancel()
    return min(way.result().start for way in done)


async def test_a_frozen_engine_is_killed_and_its_callers_are_safe(
    lab: Lab, phone: Telephone, tmp_path: Path, record_testsuite_property: Record
) -> None:
    bank(tmp_path)
    loop = asyncio.get_running_loop()
    async with Engine(lab, tmp_path, under=SUPERVISED) as engine:
        call = await phone.call(HOTLINE)
        await call.hears("welcome", within=WITHIN)
        pid = int((tmp_path / f"engine-{engine.port}.pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        frozen = loop.time()
        took = await hears_any(call, SAFE, within=3 * FROZEN_S) - frozen
        record_testsuite_property("frozen, s", round(took, 2))
        assert took <= FROZEN_S
        await engine.says("no sign of life")
        again = await restarted(tmp_path / f"engine-{engine.port}.pid", pid)
        assert again != pid
        other = await phone.call(HOTLINE)
        await other.hears("welcome", within=WITHIN)
        await asyncio.gather(call.hang_up(), other.hang_up())


async def restarted(file: Path, before: int) -> int:
    """Wait until another engine than before has written its number into a file; return it."""

    def number() -> int:
        return int(file.read_text() or before) if file.exists() else before

    async with asyncio.timeout(WITHIN):
        while number() == before:  # noqa: ASYNC110  # a file tells nobody
            await asyncio.sleep(0.05)
    return number()


@contextmanager
def black_hole(port: int) -> Iterator[None]:
    """Have a port that never answers: its queue of connections is full."""
    with ExitStack() as stack:
        hole = stack.enter_context(socket.socket())
        hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        hole.bind((ADDRESS, port))
        hole.listen(0)
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex((ADDRESS, port))
        yield


async def test_engines_that_are_down_or_in_a_black_hole(
    lab: Lab, phone: Telephone, record_testsuite_property: Record
) -> None:
    """One black hole costs the two seconds that Asterisk waits for a connection; who is refused is asked again
    for less than a second, in which a restarted engine takes the call."""
    down = await phone.call(HOTLINE)
    refused = (await down.hears("survivability", within=WITHIN)).start - (down.answered_at or 0)
    with black_hole(lab.ports.agi):
        lost = await phone.call(HOTLINE)
        hidden = (await lost.hears("survivability", within=WITHIN)).start - (lost.answered_at or 0)
    await asyncio.gather(down.hang_up(), lost.hang_up())
    record_testsuite_property("down, s", round(refused, 2))
    record_testsuite_property("black hole, s", round(hidden, 2))
    assert refused <= 1 + BUSY_S
    assert hidden <= UNREACHABLE_S + BUSY_S


@asynccontextmanager
async def wired(lab: Lab, phone: Telephone, folder: Path) -> AsyncIterator[tuple[Floor, Wire]]:
    """Run a floor whose manager interface comes over a wire."""
    async with Wire(lab.ports.ami) as wire:
        ami = {
            "host": ADDRESS,
            "port": wire.port,
            "user": AMI_USER,
            "secret_file": str(lab.exchange.folder / "var" / "ami.secret"),
            "queue_log": str(lab.exchange.log / "queue_log"),
        }
        async with Floor(lab, phone, folder, {"ami": ami}) as floor:
            yield floor, wire


def told(floor: Floor) -> Counter[tuple[str, str]]:
    """Return how often the diary has each thing that is counted, by call."""
    events = [one.event for one in read_diary(floor.engine.folder / DATABASE, ZoneInfo(ZONE))]
    counted = [one for one in events if isinstance(one, Matched | Answered | Ended | Left)]
    return Counter((type(one).__name__, one.call_id) for one in counted)


async def test_a_manager_interface_that_is_slow_and_then_half_open(
    lab: Lab, phone: Telephone, tmp_path: Path, record_testsuite_property: Record
) -> None:
    """Nothing is counted twice, and what happened meanwhile is known soon after."""
    loop = asyncio.get_running_loop()
    async with wired(lab, phone, tmp_path) as (floor, wire):
        slow, half = Seat(floor, "1001"), Seat(floor, "1002")
        legs = []
        for seat in (slow, half):
            await seat.at_work()
            caller = await floor.calls()
            legs.append((caller, await seat.takes()))
            await seat.is_(AgentState.TALKING)
        (_, first), (other, second) = legs
        wire.stall()
        await first.hang_up()
        await asyncio.sleep(SLOW_S)  # the fault itself
        wire.flow()
        await slow.is_(AgentState.WRAP_UP)
        assert "is lost" not in floor.engine.log.read_text("utf-8")

        wire.stall()
        stalled = loop.time()
        await other.hang_up()
        await floor.engine.says("connected to Asterisk again", within=2 * AMI_BACK_S)
        back = loop.time()
        await half.is_(AgentState.WRAP_UP, within=RESYNC_S)
        await second.ended(within=RESYNC_S)
        right = loop.time()
        record_testsuite_property("half-open noticed, s", round(back - stalled, 2))
        record_testsuite_property("right again, s", round(right - back, 2))
        assert back - stalled <= AMI_BACK_S
        await floor.empty()
    assert set(told(floor).values()) == {1}
    assert len(told(floor)) == 2 * 4


@contextmanager
def full_disk(pid: int) -> Iterator[None]:
    """No file of a process can grow."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def kept(*files: Path) -> Iterator[None]:
    """Have databases be written by somebody else all the time."""
    with ExitStack() as stack:
        for file in files:
            database = stack.enter_context(closing(sqlite3.connect(file)))
            database.execute("BEGIN IMMEDIATE")
        yield


async def test_a_full_disk_and_a_busy_database_keep_no_caller_from_an_agent(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    """What could not be written is written as soon as it can be."""

    async def talks(seat: Seat) -> None:
        call = await floor.calls()
        leg = await seat.takes()
        await seat.is_(AgentState.TALKING)
        await leg.hang_up()
        await call.hears("goodbye", within=WITHIN)
        await call.ended(within=WITHIN)

    async with Floor(lab, phone, tmp_path) as floor:
        files = [floor.engine.folder / name for name in (DATABASE, "onecall.sqlite")]
        full, busy = Seat(floor, "1001"), Seat(floor, "1002")
        await full.at_work()
        with full_disk(floor.engine.pid):
            await talks(full)
        await busy.at_work()
        with kept(*files):
            await talks(busy)
        await floor.empty()
        await floor.engine.says("store: writing again", within=WITHIN)
    assert set(told(floor).values()) == {1}
    assert len(told(floor)) == 2 * 4
    with closing(sqlite3.connect(files[1])) as database:
        kinds = [kind for (kind,) in database.execute("SELECT kind FROM events")]
    assert Counter(kinds)["CallEnded"] == 2


async def test_no_wrong_number_is_taken_where_packets_are_lost(
    lab: Lab, tmp_path: Path, record_testsuite_property: Record
) -> None:
    """Callers key numbers of sixteen digits while one packet in twenty is lost."""
    edge = Edge(lab, tmp_path)
    async with (
        serving(edge),
        Losing(lab.ports.sip, lab.ports.phone_sip, share=0.05, seed=7) as wire,
        Telephone(lab, Library.of(tmp_path)) as phone,
    ):

        async def one(seed: int) -> list[tuple[str, str]]:
            placed = await phone.call(HOTLINE, via=wire.port)
            call = await edge.answer(10)
            chance = Random(seed)
            numbers = ["".join(chance.choices("0123456789", k=DIGITS)) for _ in range(3)]
            found = [(number, await keyed(placed, call, number)) for number in numbers]
            await call.leave()
            return found

        calls = [await one(seed) for seed in range(4)]
        entries = [entry for call in calls for entry in call]
    wrong = [pair for pair in entries if len(pair[1]) == DIGITS and pair[0] != pair[1]]
    record_testsuite_property("packets lost", wire.lost)
    record_testsuite_property("numbers taken whole", sum(keyed == got for keyed, got in entries))
    assert wrong == []
    assert wire.lost > 40, "so few that nothing was tried"
    assert any(keyed == got for keyed, got in entries), "so many that nothing was tried"


async def keyed(placed: PhoneCall, call: Call, number: str) -> str:
    """Have a caller key a number and #; return what the engine got."""
    pressing = asyncio.create_task(placed.press(f"{number}#"))
    got = ""
    while (key := await call.line.wait_digit(3000)) not in (None, "#"):
        got += key or ""
    await pressing
    return got
