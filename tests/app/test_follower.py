"""Following the ledger: whatever is wrong, calls go on, and it is said once."""

from __future__ import annotations

import asyncio
import logging

import pytest

from ivr.app import follower as module
from ivr.app.flows import Published
from ivr.app.follower import Follower
from ivr.model.errors import PortError
from tests.app.kit import Desk


class Untroubled:
    """Nothing is on trial, and no prompts are new."""

    def __init__(self) -> None:
        self.looked = asyncio.Event()

    async def keep(self, state: object) -> bool:
        self.looked.set()
        return False

    async def read_again(self) -> None:
        return None


class Office:
    """An engine that follows a desk's ledger."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.published = Published(self.desk.store, self.desk.clock)
        self.rest = Untroubled()
        self.follower = Follower(self.published, self.rest, self.rest)  # type: ignore[arg-type]


async def test_trouble_is_told_once_and_its_end_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office()
    await office.desk.publish("first")
    await office.follower.look()
    for error in (PortError("store", "the disk is failing"), RuntimeError("a bug")):
        caplog.clear()

        async def fails(error: Exception = error) -> tuple[int, str]:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(office.desk.store.releases, "head", fails)
            for _ in range(3):
                await office.follower.look()
        assert caplog.text.count(str(error)) == 1
        assert office.published.serving.number == 1
        await office.follower.look()
        assert caplog.text.count("followed again") == 1


async def test_it_looks_by_itself_and_at_once_when_asked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(module, "LOOK_S", 0.001)
    office = Office()
    await office.desk.publish("first")
    async with office.follower.running(), asyncio.timeout(5):
        await office.rest.looked.wait()
    assert "release 1 (" in caplog.text
    await office.desk.publish("second")
    await office.follower.look_at_all()
    assert "release 2 is in force" in caplog.text


async def test_it_looks_at_once_when_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 3600)
    office = Office()
    await office.desk.publish("first")
    async with office.follower.running():
        office.follower.hurry()
        await office.rest.looked.wait()
    assert office.published.serving.number == 1
