"""What handsets have received."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.adapters.notify.embedded import EmbeddedNotify, seed
from ivr.model.errors import PortError
from ivr.model.values import Scalar
from ivr.ports.notify import Notice
from tests.contracts.conftest import StillClock

CODE = "739146"


def code(key: str, customer: str = "C1002", minutes: Scalar = 5) -> Notice:
    return Notice(key, customer, "one-time-code", "en", {"code": CODE, "minutes": minutes})


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def notify(tmp_path: Path, clock: StillClock) -> AsyncIterator[EmbeddedNotify]:
    file = tmp_path / "notify.sqlite"
    seed(file, [("C1002", "13800001002"), ("C1003", "13800001003")])
    opened = await EmbeddedNotify.open(file, clock)
    yield opened
    await opened.close()


def kept(folder: Path) -> bytes:
    """Return all that is on the disk."""
    return b"".join(file.read_bytes() for file in sorted(folder.glob("notify.sqlite*")))


async def test_a_message_is_received_once(notify: EmbeddedNotify, clock: StillClock) -> None:
    for _ in range(2):
        await notify.send(code("k1"))
    (message,) = await notify.received()
    assert (message.key, message.customer, message.number) == ("k1", "C1002", "13800001002")
    assert message.text.startswith(f"Your code is {CODE}")
    assert message.sent_at == clock.at


async def test_what_came_first_stands(notify: EmbeddedNotify, clock: StillClock) -> None:
    await notify.send(code("k1"))
    first = await notify.received()
    clock.at += timedelta(minutes=1)
    await notify.send(Notice("k1", "C1003", "one-time-code", "zh", {"code": "1", "minutes": 1}))
    assert await notify.received() == first


async def test_each_handset_has_its_own(notify: EmbeddedNotify) -> None:
    await notify.send(code("k1"))
    await notify.send(code("k2", "C1003"))
    assert [one.key for one in await notify.received("C1003")] == ["k2"]
    assert [one.key for one in await notify.received()] == ["k1", "k2"]
    assert await notify.received("C9999") == ()


async def test_who_has_no_number_received_nothing(notify: EmbeddedNotify) -> None:
    assert await notify.send(code("k1", "C9999")) is False
    assert await notify.received() == ()


async def test_a_code_is_kept_no_longer_than_it_is_good_for(
    notify: EmbeddedNotify, clock: StillClock, tmp_path: Path
) -> None:
    for number in range(60):
        await notify.send(code(f"k{number}"))
    assert CODE.encode() in kept(tmp_path)
    clock.at += timedelta(minutes=4, seconds=59)
    assert CODE in (await notify.received())[0].text
    clock.at += timedelta(seconds=1)
    assert CODE not in (await notify.received())[0].text
    assert CODE.encode() not in kept(tmp_path)


async def test_it_is_overwritten_at_the_next_start_as_well(
    notify: EmbeddedNotify, clock: StillClock, tmp_path: Path
) -> None:
    await notify.send(code("k1"))
    clock.at += timedelta(hours=1)
    again = await EmbeddedNotify.open(tmp_path / "notify.sqlite", clock)
    assert CODE.encode() not in kept(tmp_path)
    await again.close()


@pytest.mark.parametrize("minutes", ["5", None])
async def test_a_secret_without_an_end_is_refused(notify: EmbeddedNotify, minutes: Scalar) -> None:
    with pytest.raises(PortError, match="minutes"):
        await notify.send(code("k1", minutes=minutes))
    assert await notify.received() == ()


async def test_a_file_that_is_something_else(tmp_path: Path, clock: StillClock) -> None:
    (tmp_path / "notify.sqlite").write_bytes(b"not a database, and long enough to be none" * 40)
    with pytest.raises(PortError, match="is not a database"):
        await EmbeddedNotify.open(tmp_path / "notify.sqlite", clock)
