"""The AMI client on a real Asterisk."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from ivr.adapters.ami.client import AmiClient, AmiSettings
from ivr.adapters.ami.messages import AmiLost, AmiMessage, AmiRefused, AmiRejected
from ivr.adapters.ami.queue_log import read_queue_log
from ivr.adapters.ami.snapshot import Snapshot
from ivr.adapters.clock import SystemClock
from ivr.model.errors import PortError
from ivr.ports.switch import ChannelInfo
from lab import installation
from lab.ports import ADDRESS, free_block
from lab.processes import Identity
from lab.site import AMI_USER, QUEUE, Lab

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(40)]  # an Asterisk of its own starts
AGENT = "Local/agent@agents"
RINGING = {"Channel": "Local/8003@transfer", "Application": "Wait", "Data": "20"}


class Watch:
    """A logged-in client, and the snapshots and events it delivered."""

    def __init__(self, lab: Lab, secret: str = "") -> None:
        self.snapshots: list[Snapshot] = []
        self.events: list[AmiMessage] = []
        self._came = asyncio.Event()
        settings = AmiSettings(
            ADDRESS,
            lab.ports.ami,
            AMI_USER,
            secret or lab.ami_secret,
            queue_log=lab.exchange.log / "queue_log",
        )
        self.client = AmiClient(settings, SystemClock("UTC"))
        self.client.on_snapshot(self._snapshot)
        self.client.on_event("*", self._event)

    def _snapshot(self, taken: Snapshot) -> None:
        self.snapshots.append(taken)
        self._came.set()

    def _event(self, event: AmiMessage) -> None:
        self.events.append(event)
        self._came.set()

    async def sees(self, name: str, **values: str) -> AmiMessage:
        """Wait for an event with these values."""
        while True:
            for event in self.events:
                if event.name == name and all(event[key] == one for key, one in values.items()):
                    return event
            self._came.clear()
            await self._came.wait()

    async def channel(self, context: str, application: str) -> ChannelInfo:
        """Ask until a channel runs this application in this context."""
        while True:
            for channel in await self.client.core_channels():
                if (channel.context, channel.application) == (context, application):
                    return channel

    async def snapshot(self, number: int) -> Snapshot:
        """Wait for the snapshot of that number, from 0."""
        while len(self.snapshots) <= number:
            self._came.clear()
            await self._came.wait()
        return self.snapshots[number]


@pytest.fixture
async def watch(lab: Lab) -> AsyncIterator[Watch]:
    watch = Watch(lab)
    await watch.client.connect()
    yield watch
    lab.exchange.rx("channel request hangup all")
    await watch.client.close()


async def test_the_first_snapshot_shows_the_queue(watch: Watch) -> None:
    [taken] = watch.snapshots
    assert QUEUE in {one["Queue"] for one in taken.queues if one.name == "QueueParams"}


async def test_a_member_comes_and_goes(watch: Watch) -> None:
    fields = {"Queue": QUEUE, "Interface": AGENT}
    [answer] = await watch.client.action("QueueAdd", fields)
    assert answer["Message"] == "Added interface to queue"
    await watch.sees("QueueMemberAdded", Interface=AGENT)
    status = await watch.client.action("QueueStatus", {"Queue": QUEUE})
    assert AGENT in [one["Location"] for one in status if one.name == "QueueMember"]
    await watch.client.action("QueueRemove", fields)
    await watch.sees("QueueMemberRemoved", Interface=AGENT)


async def test_a_channel_is_known_moved_and_ended(lab: Lab, watch: Watch) -> None:
    assert await watch.client.core_channels() == ()
    await watch.client.action("Originate", RINGING)
    ringing = await watch.channel("transfer", "Wait")
    assert await watch.client.getvar(ringing.channel, "UNIQUEID") == ringing.uniqueid
    assert await watch.client.getvar(ringing.channel, "NOT_SET") == ""
    await watch.client.redirect(ringing.channel, "agents", "agent")
    assert (await watch.channel("agents", "Playback")).uniqueid == ringing.uniqueid
    await watch.client.hang_up(ringing.channel)
    gone = await watch.sees("Hangup", Uniqueid=ringing.uniqueid)
    assert gone["Cause"] == "16"


async def test_asterisk_says_no(watch: Watch) -> None:
    with pytest.raises(AmiRefused, match="No such channel"):
        await watch.client.getvar("PJSIP/nobody", "UNIQUEID")
    with pytest.raises(AmiRefused, match="Permission denied"):
        await watch.client.action("Command", {"Command": "core show uptime"})


async def test_a_line_break_is_no_second_action(watch: Watch) -> None:
    with pytest.raises(PortError, match="control character"):
        await watch.client.action("UserEvent", {"UserEvent": "A\r\n\r\nAction: Ping"})


async def test_originate_answers_at_once_and_tells_the_end_later(watch: Watch) -> None:
    began = time.perf_counter()
    [answer] = await watch.client.action("Originate", {**RINGING, "Timeout": "300"})
    assert answer["Message"] == "Originate successfully queued"
    assert time.perf_counter() - began < 0.3
    assert (await watch.sees("OriginateResponse"))["Response"] == "Failure"


async def test_a_wrong_secret_is_refused_once(lab: Lab) -> None:
    watch = Watch(lab, "wrong")
    with pytest.raises(AmiRejected, match=r"refuses the user 'engine' \(Authentication failed\)"):
        await watch.client.connect()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Lab]:
    """An Asterisk that a test may end."""
    with free_block() as ports:
        lab = Lab(tmp_path, ports, installation.find(lambda text: None), tethered=True)
        lab.start()
        yield lab
        lab.stop()


@pytest.fixture
async def watching(own: Lab) -> AsyncIterator[Watch]:
    watch = Watch(own)
    await watch.client.connect()
    yield watch
    await watch.client.close()


def kill(lab: Lab) -> None:
    """End Asterisk as `kill -9` does."""
    identity = Identity.load(lab.exchange.record)
    assert identity is not None
    assert identity.end(signal.SIGKILL, 5)
    lab.exchange.stop()


def restart(lab: Lab) -> None:
    """End Asterisk in good order."""
    assert lab.exchange.stop()


@pytest.mark.parametrize("end", [restart, kill], ids=["restart", "kill -9"])
async def test_a_new_asterisk_is_found_within_five_seconds(
    own: Lab, watching: Watch, end: Callable[[Lab], None]
) -> None:
    await watching.client.action("Originate", RINGING)
    await watching.channel("transfer", "Wait")
    end(own)
    ended = int(SystemClock("UTC").now().timestamp())
    own.start()
    began = time.perf_counter()
    taken = await watching.snapshot(1)
    assert time.perf_counter() - began < 5
    assert taken.channels == ()  # its calls are lost, and the snapshot says so
    assert QUEUE in {one["Queue"] for one in taken.queues}
    # A booting Asterisk may write it only after the login, when nothing is missed any more.
    log = own.exchange.log / "queue_log"
    logged = {one.event for one in taken.missed}
    while "QUEUESTART" not in logged:
        await asyncio.sleep(0.05)
        logged = {one.event for one in read_queue_log(log, ended)}
    await watching.client.action("QueueAdd", {"Queue": QUEUE, "Interface": AGENT})
    await watching.sees("QueueMemberAdded", Interface=AGENT)


async def frozen(pid: int) -> None:
    """Wait until no thread of a process runs any more: one may answer after the signal was sent."""
    async with asyncio.timeout(5):
        while running(pid):  # noqa: ASYNC110 - the kernel tells nobody
            await asyncio.sleep(0.01)


def running(pid: int) -> bool:
    threads = Path(f"/proc/{pid}/task").iterdir()
    return any(") T " not in (thread / "stat").read_text("utf-8") for thread in threads)


async def test_a_frozen_asterisk_is_noticed_and_found_again(own: Lab, watching: Watch) -> None:
    identity = Identity.load(own.exchange.record)
    assert identity is not None
    os.kill(identity.pid, signal.SIGSTOP)
    try:
        await frozen(identity.pid)
        with pytest.raises(AmiLost):
            await watching.client.action("Ping", budget_ms=9_000)
    finally:
        os.kill(identity.pid, signal.SIGCONT)
    began = time.perf_counter()
    await watching.snapshot(1)
    assert time.perf_counter() - began < 5
