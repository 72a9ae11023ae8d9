"""Several Asterisks as one, with peers that tell what they were asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.adapters.ami import legs as legs_of
from ivr.adapters.ami import several
from ivr.adapters.ami.client import AmiClient, AmiSettings
from ivr.adapters.ami.interface import Hearing
from ivr.adapters.ami.legs import AmiLegs
from ivr.adapters.ami.messages import AmiDown, AmiMessage
from ivr.adapters.ami.several import Asterisks
from ivr.adapters.ami.snapshot import Snapshot
from ivr.app.manager import Manager
from ivr.model.errors import PortError
from tests.adapters.ami.fake import FakeAmi, Fields, error, listing, silence, success

NAMES = ("ast1", "ast2")


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)


class Two:
    """Two peers, each with one call, and the client of both."""

    def __init__(self) -> None:
        self.peers = {name: FakeAmi() for name in NAMES}
        self.asterisks: Asterisks
        self.snapshots: list[Snapshot] = []
        self.events: list[AmiMessage] = []
        self._news = asyncio.Event()

    async def start(self) -> None:
        for name, peer in self.peers.items():
            await peer.start()
            peer.answers["CoreShowChannels"] = listing("CoreShowChannelsComplete", channel(name))
            peer.answers["Getvar"] = self._getvar(name)
        clients = {
            name: AmiClient(
                AmiSettings("127.0.0.1", peer.port, "engine", "right", retry_ms=20), Clock()
            )
            for name, peer in self.peers.items()
        }
        self.asterisks = Asterisks(clients)
        self.asterisks.on_snapshot(self._take)
        self.asterisks.on_event("Hangup", self._take)
        await self.asterisks.connect()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not true():
                self._news.clear()
                await self._news.wait()

    def asked(self, action: str) -> dict[str, list[Fields]]:
        return {name: peer.named(action) for name, peer in self.peers.items()}

    def _take(self, what: Snapshot | AmiMessage) -> None:
        if isinstance(what, Snapshot):
            self.snapshots.append(what)
        else:
            self.events.append(what)
        self._news.set()

    @staticmethod
    def _getvar(name: str) -> Callable[[Fields], str | None]:
        """Each has a channel of the same name, with a UNIQUEID of its own."""
        return lambda fields: success(fields, f"Variable: UNIQUEID\r\nValue: {name}-17.1")


def channel(name: str) -> str:
    return (
        f"Event: CoreShowChannel\r\nChannel: PJSIP/trunk-00000001\r\nUniqueid: {name}-17.1\r\n"
        "ChannelStateDesc: Up\r\nContext: engine\r\n"
    )


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    made = Two()
    await made.start()
    yield made
    await made.asterisks.close()
    for peer in made.peers.values():
        await peer.stop()


async def test_channels_of_the_same_name_are_told_apart(two: Two) -> None:
    names = {one.channel for one in await two.asterisks.core_channels()}
    assert names == {"PJSIP/trunk-00000001@@ast1", "PJSIP/trunk-00000001@@ast2"}
    two.peers["ast2"].send(
        "Event: Hangup\r\nChannel: PJSIP/trunk-00000001\r\nUniqueid: ast2-17.1\r\n\r\n"
    )
    await two.until(lambda: bool(two.events))
    assert two.events[0]["Channel"] == "PJSIP/trunk-00000001@@ast2"


async def test_what_is_asked_goes_to_the_one_that_has_the_channel(two: Two) -> None:
    await two.asterisks.hang_up("ast2-17.1")
    await two.asterisks.hang_up("PJSIP/trunk-00000001@@ast1")
    await two.asterisks.action(
        "Redirect", {"Channel": "ast1-17.1", "ExtraChannel": "PJSIP/agent1001-00000002@@ast1"}
    )
    hung = {name: [one["Channel"] for one in asked] for name, asked in two.asked("Hangup").items()}
    assert hung == {"ast1": ["PJSIP/trunk-00000001"], "ast2": ["ast2-17.1"]}
    assert two.asked("Redirect")["ast2"] == []
    (moved,) = two.asked("Redirect")["ast1"]
    assert moved["ExtraChannel"] == "PJSIP/agent1001-00000002"


async def test_who_is_consulted_is_rung_where_the_call_is(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legs_of, "_LATE_MS", 20)  # nobody answers
    legs = AmiLegs(two.asterisks)
    for call in ("ast2-17.1", "ast1-17.1"):
        with pytest.raises(PortError):
            await legs.ring(f"consult-{call}", "PJSIP/agent1002", 1, "1001", call)
    rung = {
        name: [one["ChannelId"] for one in asked] for name, asked in two.asked("Originate").items()
    }
    assert rung == {"ast1": ["consult-ast1-17.1"], "ast2": ["consult-ast2-17.1"]}


async def test_a_call_that_is_begun_here_is_found_again_where_it_was_begun(two: Two) -> None:
    for number in (1, 2, 3, 4):
        await two.asterisks.action("Originate", {"ChannelId": f"callback-{number}"})
    begun = two.asked("Originate")
    assert [len(asked) for asked in begun.values()] == [2, 2]  # in turns
    for name, asked in begun.items():
        for one in asked:
            assert [at.name for at in two.asterisks.where(one["ChannelId"])] == [name]
    where = begun["ast1"][0]["ChannelId"]
    two.peers["ast1"].send(f"Event: Hangup\r\nChannel: x\r\nUniqueid: {where}\r\n\r\n")
    await two.until(lambda: bool(two.events))
    assert len(two.asterisks.where(where)) == 2  # nobody knows any more


async def test_where_nobody_knows_each_is_asked_until_one_has_it(two: Two) -> None:
    two.peers["ast1"].answers["Hangup"] = error("No such channel")
    await two.asterisks.hang_up("survey-0123")
    assert [len(asked) for asked in two.asked("Hangup").values()] == [1, 1]


async def test_a_connection_is_believed_by_the_asterisk_that_it_names(two: Two) -> None:
    manager = Manager(two.asterisks)
    assert await manager.believes("PJSIP/trunk-00000001", "ast2-17.1")
    assert not await manager.believes("PJSIP/trunk-00000001", "ast2-17.2")
    assert len(two.asked("Getvar")["ast1"]) == 0


async def test_one_that_is_lost_stops_no_other_and_is_given_up_after_a_while(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(several, "LOST_S", 0.1)
    await two.peers["ast1"].stop()
    await two.until(lambda: two.snapshots[-1].asterisk == "ast1" and len(two.snapshots) == 3)
    assert two.snapshots[-1].channels == ()
    assert two.asterisks.ready.is_set()
    assert [one.uniqueid for one in await two.asterisks.core_channels()] == ["ast2-17.1"]
    assert two.asterisks.elsewhere("ast2-17.1", "ast1")
    assert not two.asterisks.elsewhere("ast1-17.1", "ast1")
    await two.peers["ast1"].start()
    await two.until(lambda: bool(two.snapshots[-1].channels))
    assert len(await two.asterisks.core_channels()) == 2


async def test_until_it_is_given_up_nobody_says_what_there_is(two: Two) -> None:
    await two.peers["ast1"].stop()
    async with asyncio.timeout(5):
        while two.asterisks.each()[0].ready.is_set():  # noqa: ASYNC110 - a cleared event tells nobody
            await asyncio.sleep(0)
    with pytest.raises(AmiDown):
        await two.asterisks.core_channels()


async def test_who_leads_no_more_hears_nothing_and_does_nothing(two: Two) -> None:
    leads, heard = [True], []
    hearing = Hearing(two.asterisks, lambda: bool(leads))
    hearing.on_event("Hangup", lambda event: heard.append("event"))
    hearing.on_snapshot(lambda taken: heard.append(taken.asterisk))
    await hearing.look()
    assert heard == ["ast1", "ast2"]
    leads.clear()
    with pytest.raises(PortError, match="leads no more"):
        await hearing.hang_up("ast1-17.1")
    hearing.close()
    two.peers["ast2"].send("Event: Hangup\r\nChannel: x\r\nUniqueid: ast2-17.1\r\n\r\n")
    await two.until(lambda: bool(two.events))
    await two.asterisks.look()
    assert heard == ["ast1", "ast2"]


async def test_whoever_looks_in_vain_has_events_go_on(two: Two) -> None:
    two.peers["ast1"].answers["CoreShowChannels"] = silence
    looking = asyncio.create_task(two.asterisks.each()[0].look())
    await two.peers["ast1"].received("CoreShowChannels", 2)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    two.peers["ast1"].send("Event: Hangup\r\nChannel: x\r\nUniqueid: ast1-17.1\r\n\r\n")
    await two.until(lambda: bool(two.events))


async def test_an_asterisk_that_refuses_to_be_looked_at_is_connected_to_again(two: Two) -> None:
    two.peers["ast1"].answers["CoreShowChannels"] = error("No rights")
    await two.asterisks.look()
    two.peers["ast1"].answers["CoreShowChannels"] = listing(
        "CoreShowChannelsComplete", channel("ast1")
    )
    await two.until(lambda: len(two.snapshots) == 4)
    assert [one.asterisk for one in two.snapshots[2:]] == ["ast2", "ast1"]


async def test_what_happened_since_another_node_led_is_told_by_the_first_login_too(
    tmp_path: Path,
) -> None:
    log = tmp_path / "queue_log"
    log.write_text("1700000100|17.1|service|PJSIP/agent1001-00000001|PARTED|1700000100.5|x\n")
    async with FakeAmi() as peer:
        settings = AmiSettings("127.0.0.1", peer.port, "engine", "right", queue_log=log)
        client = AmiClient(settings, Clock())
        taken: list[Snapshot] = []
        client.on_snapshot(taken.append)
        client.missing_since(datetime.fromtimestamp(1700000099, UTC))
        await client.connect()
        await client.look()
        await client.close()
    assert [len(one.missed) for one in taken] == [1, 0]
