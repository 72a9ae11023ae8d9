"""What the staff's credentials must do on either sort of database: nodes share them, and their secret."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from ivr import pins
from ivr.adapters.staff.attempts import MOST
from ivr.adapters.staff.embedded import KIND, PEPPER, EmbeddedStaff
from ivr.adapters.staff.register import Register
from ivr.database import Place, writing
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.ports.agents import Refusal
from ivr.ports.staff import Person, Role
from tests.contracts.conftest import StillClock

LI_NA = Person("li.na", Role.AGENT, "1001", "李娜")
PIN = Secret("582047")
"""She keys it on the telephone."""

Open = Callable[[Path], Awaitable[EmbeddedStaff]]


@pytest.fixture
async def nodes(place: Place, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """Open the staff on a node, whose state folder this is."""
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    opened: list[EmbeddedStaff] = []

    async def node(folder: Path) -> EmbeddedStaff:
        opened.append(await EmbeddedStaff.open(place, StillClock(), folder / PEPPER))
        return opened[-1]

    yield node
    for one in opened:
        await one.close()


async def hired(staff: EmbeddedStaff) -> None:
    register = Register(staff, "admin")
    await register.add(LI_NA)
    await register.pin("li.na", PIN)


async def test_people_are_added_changed_and_let_in(nodes: Open, tmp_path: Path) -> None:
    staff = await nodes(tmp_path)
    await hired(staff)
    with pytest.raises(PortError, match=r"li\.na has this name or agent number already"):
        await Register(staff, "admin").add(LI_NA)
    assert await staff.check_pin("1001", PIN, "PJSIP/agent1001") == LI_NA
    await Register(staff, "admin").active("li.na", on=False)
    assert await staff.person("li.na") is None
    assert await staff.check_pin("1001", PIN, "PJSIP/agent1001") is Refusal.CREDENTIALS
    assert [one.active for one in await staff.people()] == [False]
    told = [one.what for one in await staff.trail(0)]
    assert told == ["staff.add", "staff.pin", "staff.disable", "pin.wrong"]
    assert [one.what for one in await staff.trail(1)] == ["pin.wrong"]


async def test_attempts_on_all_nodes_are_counted_together(nodes: Open, tmp_path: Path) -> None:
    staff = await nodes(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    other = await nodes(tmp_path / "two")
    await hired(staff)
    tried = await asyncio.gather(
        *(
            node.check_pin("1001", Secret("000000"), "PJSIP/agent1001")
            for node in (staff, other)
            for _ in range(MOST)
        )
    )
    assert tried.count(Refusal.CREDENTIALS) == MOST
    assert tried.count(Refusal.LOCKED) == MOST
    assert await other.check_pin("1001", PIN, "PJSIP/agent1001") is Refusal.LOCKED
    assert await Register(other, "admin").unlock("li.na")
    assert await staff.check_pin("1001", PIN, "PJSIP/agent1001") == LI_NA


async def test_a_node_without_the_secret_says_so_at_the_start(nodes: Open, tmp_path: Path) -> None:
    await nodes(tmp_path / "one")
    with pytest.raises(PortError, match=r"two/staff\.sqlite\.pepper is missing; copy it"):
        await nodes(tmp_path / "two")
    assert not (tmp_path / "two" / PEPPER).exists()
    pins.read_pepper(tmp_path / "two" / PEPPER)
    with pytest.raises(PortError, match=r"two/staff\.sqlite\.pepper is another; copy it"):
        await nodes(tmp_path / "two")


async def test_the_trail_is_only_added_to(nodes: Open, tmp_path: Path) -> None:
    staff = await nodes(tmp_path)
    await staff.note("grace.liu", "spy.listen", "1001", "192.0.2.7")
    for sql in ("DELETE FROM trail", "UPDATE trail SET who = 'x'"):
        with pytest.raises(PortError, match="append-only"), writing(staff.place, KIND) as database:
            database.execute(sql)
