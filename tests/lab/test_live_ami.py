"""What the engine's AMI user may see and do, on a running Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from lab.ami import Ami, Message
from lab.errors import LabError
from lab.library import Library
from lab.site import AMI_USER, HOTLINE, QUEUE, Lab
from lab.telephone import Telephone
from tests.lab.agi import Script, engine

pytestmark = pytest.mark.asterisk
ALLOWED = ("Hangup", "SoftHangup", "Dial", "Bridge", "Queue", "Agent", "MusicOnHold")


class Watcher:
    """A connection as the engine, and every event it got."""

    def __init__(self) -> None:
        self.events: list[Message] = []
        self._changed = asyncio.Event()

    def take(self, event: Message) -> None:
        self.events.append(event)
        self._changed.set()

    async def sees(self, name: str) -> Message:
        """Wait for an event of this name."""
        while not (found := [event for event in self.events if event["Event"] == name]):
            self._changed.clear()
            await self._changed.wait()
        return found[0]


@pytest_asyncio.fixture
async def watcher() -> Watcher:
    return Watcher()


@pytest_asyncio.fixture
async def ami(lab: Lab, watcher: Watcher) -> AsyncIterator[Ami]:
    connection = await Ami.connect(lab.ports.ami, AMI_USER, lab.ami_secret, watcher.take)
    yield connection
    await connection.close()


async def test_only_listed_events_pass_and_nothing_a_caller_wrote(
    lab: Lab, ami: Ami, watcher: Watcher
) -> None:
    async def queue(script: Script) -> None:
        await script.key(0.2)
        await script.ask(f'EXEC Queue "{QUEUE},,,,1"')
        await script.finish()

    async with engine(lab, queue), Telephone(lab, Library([])) as phone:
        call = await phone.call(HOTLINE, ani="138 Event: QueueX", name="Event: UserEvent")
        await call.press("5")
        await call.ended()
        await watcher.sees("QueueCallerJoin")
        await watcher.sees("Hangup")
    names = {event["Event"] for event in watcher.events} - {"FullyBooted"}
    assert all(name.startswith(ALLOWED) for name in names), names
    assert not [e for e in watcher.events if any("Event:" in value for value in e.values())]
    assert not [e for e in watcher.events if "138" in e.get("CallerIDNum", "")]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("Command", {"Command": "core show channels"}),
        ("DBPut", {"Family": "a", "Key": "b", "Val": "c"}),
        ("Getvar", {"Variable": "SHELL(id)"}),
        ("Originate", {"Channel": "Local/8001@transfer", "Application": "System", "Data": "id"}),
        ("GetConfig", {"Filename": "manager.conf"}),
        ("PJSIPShowEndpoints", {}),
    ],
)
async def test_what_the_engine_does_not_need_is_refused(
    ami: Ami, action: str, fields: dict[str, str]
) -> None:
    answer = await ami.send(action, fields)
    assert answer["Response"] == "Error", answer


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("CoreShowChannels", {}),
        ("QueueStatus", {"Queue": QUEUE}),
        ("QueueAdd", {"Queue": QUEUE, "Interface": "Local/agent@agents"}),
        ("QueueRemove", {"Queue": QUEUE, "Interface": "Local/agent@agents"}),
        ("Ping", {}),
    ],
)
async def test_what_the_engine_needs_is_allowed(
    ami: Ami, action: str, fields: dict[str, str]
) -> None:
    answer = await ami.send(action, fields)
    assert answer["Response"] == "Success", answer


async def test_a_wrong_secret_is_said_clearly(lab: Lab) -> None:
    with pytest.raises(LabError, match="refused the login"):
        await Ami.connect(lab.ports.ami, AMI_USER, "wrong", lambda event: None)
