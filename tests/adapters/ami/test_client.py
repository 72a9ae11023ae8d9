"""The AMI client against a peer that fails in every way that was seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from ivr.adapters.ami import link, snapshot
from ivr.adapters.ami.client import AmiClient, AmiSettings
from ivr.adapters.ami.messages import (
    AmiDown,
    AmiLost,
    AmiMessage,
    AmiRefused,
    AmiRejected,
)
from ivr.adapters.ami.snapshot import Snapshot
from ivr.model.errors import PortError, PortTimeout
from ivr.ports.switch import ChannelInfo
from tests.adapters.ami.fake import MEMBER, FakeAmi, end_of, error, silence, success

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CHANNEL = ChannelInfo("PJSIP/a-1", "1.1", "1.1", "Up", "hotline", "95500", "AGI")
QUICK = AmiSettings(
    "127.0.0.1", 0, "engine", "right", connect_ms=3_000, ping_ms=50, pong_ms=300, retry_ms=10,
    retry_most_ms=40, rejected_ms=10_000,
)  # fmt: skip


class StillClock:
    def now(self) -> datetime:
        return NOW


class Heard:
    """What the client delivered, in order; `until` waits for so many."""

    def __init__(self, client: AmiClient) -> None:
        self.all: list[Snapshot | AmiMessage] = []
        self._came = asyncio.Event()
        client.on_snapshot(self._take)
        client.on_event("*", self._take)

    def _take(self, one: Snapshot | AmiMessage) -> None:
        self.all.append(one)
        self._came.set()

    async def until(self, count: int) -> list[Snapshot | AmiMessage]:
        async with asyncio.timeout(5):
            while len(self.all) < count:
                self._came.clear()
                await self._came.wait()
        return self.all

    @property
    def names(self) -> list[str]:
        return ["snapshot" if isinstance(one, Snapshot) else one.name for one in self.all]


@pytest.fixture
async def peer() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as peer:
        yield peer


def made(peer: FakeAmi, **settings: object) -> AmiClient:
    return AmiClient(msgspec.structs.replace(QUICK, port=peer.port, **settings), StillClock())


@pytest.fixture
async def client(peer: FakeAmi) -> AsyncIterator[AmiClient]:
    client = made(peer)
    yield client
    await client.close()


async def test_a_snapshot_comes_first_then_events_in_order(
    peer: FakeAmi, client: AmiClient
) -> None:
    heard = Heard(client)
    login = peer.answers["Login"]
    peer.answers["Login"] = lambda fields: f"{login(fields)}Event: Early\r\n\r\n"
    await client.connect()
    peer.send("Event: Later\r\n\r\n")
    await heard.until(3)
    assert heard.names == ["snapshot", "Early", "Later"]
    taken = heard.all[0]
    assert isinstance(taken, Snapshot)
    assert taken.channels == (CHANNEL,)
    assert [(one.name, one["Name"]) for one in taken.queues] == [("QueueMember", "张三丰")]
    assert client.ready.is_set()


async def test_a_character_cut_in_two_is_whole(peer: FakeAmi, client: AmiClient) -> None:
    heard = Heard(client)
    await client.connect()
    event = "Event: Newname\r\nCallerIDName: 张三丰\r\n\r\n".encode()
    for byte in event:
        peer.send(bytes([byte]))
        await asyncio.sleep(0)
    [_, message] = await heard.until(2)
    assert isinstance(message, AmiMessage)
    assert message["calleridname"] == "张三丰"


async def test_a_failing_handler_harms_nobody(
    peer: FakeAmi, client: AmiClient, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise KeyError("its own fault")

    client.on_event("Hangup", fail)
    client.on_snapshot(fail)
    heard = Heard(client)
    await client.connect()
    peer.send("Event: Hangup\r\n\r\nEvent: Hangup\r\n\r\n")
    await heard.until(3)
    assert heard.names == ["snapshot", "Hangup", "Hangup"]
    assert caplog.text.count("a handler failed") == 3
    assert len(peer.named("Login")) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"Variable": "x" + chr(code) + "y"}
        for code in (0, 9, 10, 11, 12, 13, 27, 0x7F, 0x85, 0x2028, 0xD800)
    ]
    + [{"Bad Key": "x"}, {"Key:": "x"}, {"": "x"}, {"Ke\ny": "x"}, {"Many": ["a", "b\n"]}],
)
async def test_what_would_be_two_headers_is_refused_and_not_sent(
    peer: FakeAmi, client: AmiClient, fields: dict[str, str]
) -> None:
    await client.connect()
    sent = len(peer.actions)
    with pytest.raises(PortError, match="hold") as caught:
        await client.action("Setvar", fields)
    assert "xy" not in str(caught.value)
    await client.action("Ping")
    assert len(peer.actions) == sent + 1


@pytest.mark.parametrize("fields", [{"V": "x" * 1_000}, {"V": ["x"] * 120}])
async def test_what_asterisk_would_cut_is_refused(
    peer: FakeAmi, client: AmiClient, fields: dict[str, str]
) -> None:
    await client.connect()
    with pytest.raises(PortError, match="too long"):
        await client.action("Setvar", fields)


async def test_action_ids_cannot_be_guessed(peer: FakeAmi, client: AmiClient) -> None:
    await client.connect()
    for _ in range(20):
        await client.action("Ping")
    ids = {one["ActionID"] for one in peer.actions}
    assert len(ids) == len(peer.actions)
    assert {len(bytes.fromhex(one)) for one in ids} == {16}


async def test_a_broken_connection_fails_the_action_and_repeats_nothing(
    peer: FakeAmi, client: AmiClient
) -> None:
    heard = Heard(client)
    await client.connect()
    peer.answers["Hangup"] = silence
    task = asyncio.create_task(client.hang_up("PJSIP/a-1"))
    await peer.received("Hangup")
    peer.cut()
    with pytest.raises(AmiLost, match="broke before Hangup was answered"):
        await task
    await heard.until(2)
    await client.action("Ping")
    assert heard.names == ["snapshot", "snapshot"]
    assert len(peer.named("Hangup")) == 1


async def test_a_connection_broken_within_a_list(peer: FakeAmi, client: AmiClient) -> None:
    await client.connect()
    peer.answers["QueueStatus"] = lambda fields: (
        success(fields, "EventList: start")[:-2] + f"\r\n{MEMBER}ActionID: {fields['ActionID']}\r\n"
    )
    task = asyncio.create_task(client.action("QueueStatus"))
    await peer.received("QueueStatus", 2)
    peer.cut()
    with pytest.raises(AmiLost):
        await task


async def test_while_there_is_no_connection_nothing_is_sent(
    peer: FakeAmi, client: AmiClient
) -> None:
    with pytest.raises(AmiDown):
        await client.action("Ping")
    await client.connect()
    await peer.stop()
    await client._ended.wait()
    with pytest.raises(AmiDown):
        await client.action("Ping")
    await peer.start()


async def test_a_wrong_secret_is_said_once_and_tried_once(peer: FakeAmi) -> None:
    client = made(peer, secret="wrong-and-private")
    with pytest.raises(AmiRejected, match=r"refuses the user 'engine'.*manager\.conf") as caught:
        await client.connect(insist=True)
    assert "wrong-and-private" not in str(caught.value) + repr(client._settings)
    await asyncio.sleep(0.2)  # nothing may happen in this time
    assert len(peer.named("Login")) == 1
    await client.close()


async def test_a_secret_changed_meanwhile_is_not_hammered(
    peer: FakeAmi, client: AmiClient, caplog: pytest.LogCaptureFixture
) -> None:
    await client.connect()
    peer.answers["Login"] = error("Authentication failed")
    peer.cut()
    await peer.received("Login", 2)
    await asyncio.sleep(0.2)  # nothing may happen in this time
    assert len(peer.named("Login")) == 2
    assert caplog.text.count("refuses the user") == 1


async def test_a_mute_peer_is_noticed(peer: FakeAmi, client: AmiClient) -> None:
    heard = Heard(client)
    await client.connect()
    peer.mute = True
    task = asyncio.create_task(client.getvar("PJSIP/a-1", "UNIQUEID"))
    with pytest.raises(AmiLost):
        await task
    peer.mute = False
    await heard.until(2)


async def test_a_busy_peer_is_not_a_mute_one(peer: FakeAmi, client: AmiClient) -> None:
    peer.answers["Ping"] = silence
    await client.connect()
    while len(peer.named("Ping")) < 3:
        peer.send("Event: Hold\r\n\r\n")
        await asyncio.sleep(0.01)
    assert len(peer.named("Login")) == 1


async def test_actions_given_up_leave_nothing_behind(peer: FakeAmi, client: AmiClient) -> None:
    await client.connect()
    peer.answers["Slow"] = silence
    results = await asyncio.gather(
        *(client.action("Slow", budget_ms=5) for _ in range(50)), return_exceptions=True
    )
    assert all(isinstance(one, PortTimeout) for one in results)
    assert client._link is not None
    waiting = [one["Action"] for one in client._link.responses.values()]
    assert "Slow" not in waiting


async def test_what_comes_late_of_a_list_is_no_event(peer: FakeAmi, client: AmiClient) -> None:
    heard = Heard(client)
    await client.connect()
    peer.answers["QueueStatus"] = lambda fields: success(fields, "EventList: start")
    with pytest.raises(PortTimeout):
        await client.action("QueueStatus", budget_ms=20)
    await peer.received("QueueStatus", 2)
    tag = f"ActionID: {peer.named('QueueStatus')[-1]['ActionID']}\r\n\r\n"
    peer.send(MEMBER + tag + end_of("QueueStatusComplete", tag) + "Event: Hold\r\n\r\n")
    await heard.until(2)
    assert heard.names == ["snapshot", "Hold"]


async def test_queue_add_is_answered(peer: FakeAmi, client: AmiClient) -> None:
    await client.connect()
    peer.answers["QueueAdd"] = lambda fields: success(fields, "Message: Added interface to queue")
    [answer] = await client.action("QueueAdd", {"Queue": "service"})
    assert answer["Message"] == "Added interface to queue"


@pytest.mark.parametrize("fields", [{}, {"Async": "false"}, {"async": False}])
async def test_originate_never_blocks(
    peer: FakeAmi, client: AmiClient, fields: dict[str, str]
) -> None:
    heard = Heard(client)
    await client.connect()
    peer.answers["Originate"] = lambda sent: (
        success(sent, "Message: Originate successfully queued")
        + f"Event: OriginateResponse\r\nResponse: Failure\r\nActionID: {sent['ActionID']}\r\n\r\n"
    )
    await client.action("Originate", {"Channel": "PJSIP/1", **fields})
    [sent] = peer.named("Originate")
    assert [value for key, value in sent.items() if key.lower() == "async"] == ["true"]
    await heard.until(2)
    assert heard.names == ["snapshot", "OriginateResponse"]


async def test_a_refused_action(peer: FakeAmi, client: AmiClient) -> None:
    await client.connect()
    peer.answers["Getvar"] = error("No such channel")
    with pytest.raises(AmiRefused, match="refused Getvar: No such channel") as caught:
        await client.getvar("PJSIP/none", "UNIQUEID")
    assert caught.value.reason == "No such channel"


async def test_the_switch_port(peer: FakeAmi, client: AmiClient) -> None:
    await client.connect()
    peer.answers["Getvar"] = lambda fields: success(fields, "Variable: UNIQUEID", "Value: 1.1")
    assert await client.getvar("PJSIP/a-1", "UNIQUEID") == "1.1"
    assert await client.core_channels() == (CHANNEL,)
    await client.redirect("PJSIP/a-1", "fallback", "s")
    await client.hang_up("PJSIP/a-1")
    redirect, hangup = peer.actions[-2:]
    assert [redirect[key] for key in ("Action", "Channel", "Context", "Exten", "Priority")] == [
        "Redirect", "PJSIP/a-1", "fallback", "s", "1",
    ]  # fmt: skip
    assert [hangup[key] for key in ("Action", "Channel", "Cause")] == ["Hangup", "PJSIP/a-1", "16"]


async def test_every_line_of_an_output(peer: FakeAmi, client: AmiClient) -> None:
    await client.connect()
    peer.answers["Command"] = lambda fields: success(fields, "Output: one", "Output: two")
    [answer] = await client.action("Command", {"Command": "core show uptime"})
    assert answer.all("Output") == ["one", "two"]
    assert answer["Output"] == "one"
    assert answer.all("Nothing") == []


async def test_nobody_listens(peer: FakeAmi, client: AmiClient) -> None:
    await peer.stop()
    with pytest.raises(
        PortError, match=r"127\.0\.0\.1:\d+ cannot be reached: .*Connect call failed"
    ):
        await client.connect()
    await peer.start()


async def test_a_peer_that_says_nothing(peer: FakeAmi) -> None:
    peer.mute = True
    client = made(peer, connect_ms=300)
    with pytest.raises(PortError, match="does not answer a login"):
        await client.connect()
    await client.close()


async def test_a_peer_that_speaks_something_else() -> None:
    async def http(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(http, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = AmiClient(msgspec.structs.replace(QUICK, port=port), StillClock())
    with pytest.raises(PortError, match="does not speak AMI"):
        await client.connect()
    server.close()
    await server.wait_closed()


async def test_insisting_on_an_asterisk_that_is_not_up_yet(
    peer: FakeAmi, client: AmiClient, caplog: pytest.LogCaptureFixture
) -> None:
    await peer.stop()
    await client.connect(insist=True)
    await asyncio.sleep(0.15)  # several attempts
    await peer.start()
    await asyncio.wait_for(client.ready.wait(), 5)
    assert caplog.text.count("cannot be reached") == 2  # at the start, and once while trying


async def test_an_endless_message_ends_the_connection(
    peer: FakeAmi, client: AmiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard(client)
    monkeypatch.setattr(link, "MAX_MESSAGE", 10_000)
    await client.connect()
    peer.send("Event: Long\r\n" + "Junk: x\r\n" * 2_000)
    await heard.until(2)
    assert heard.names == ["snapshot", "snapshot"]


async def test_an_asterisk_that_is_still_loading_its_queues(
    peer: FakeAmi, client: AmiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "_BOOTING_MS", 1)
    heard = Heard(client)
    ready = peer.answers["QueueStatus"]
    peer.answers["QueueStatus"] = lambda fields: (
        error("Invalid/unknown command: QueueStatus. Use Action: ListCommands")(fields)
        if len(peer.named("QueueStatus")) < 4
        else ready(fields)
    )
    await client.connect()
    [taken] = await heard.until(1)
    assert isinstance(taken, Snapshot)
    assert len(taken.queues) == 1


async def test_the_gap_in_the_queues_is_closed_from_the_log(peer: FakeAmi, tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    now = int(NOW.timestamp())
    log.write_text(f"{now - 60}|1.0|service|NONE|ABANDON|1|1|5\n")
    client = made(peer, queue_log=log)
    heard = Heard(client)
    await client.connect()
    peer.send("Event: Hold\r\n\r\n")
    await heard.until(2)
    peer.cut()
    with log.open("a") as file:
        file.write(f"{now}|1.1|service|NONE|ENTERQUEUE||138|1\n{now + 1}|1.1|service|NONE|ABAN")
    [first, _, second] = await heard.until(3)
    assert isinstance(first, Snapshot)
    assert isinstance(second, Snapshot)
    assert first.missed == ()
    assert [(one.event, one.data) for one in second.missed] == [("ENTERQUEUE", ("", "138", "1"))]
    await client.close()


async def test_closing_fails_what_waits_and_leaves_no_task(
    peer: FakeAmi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    before = asyncio.all_tasks()
    client = made(peer)
    await client.connect()
    peer.answers["Slow"] = silence
    task = asyncio.create_task(client.action("Slow"))
    await peer.received("Slow")
    await client.close()
    with pytest.raises(AmiLost):
        await task
    peer.cut()
    left = {one for one in asyncio.all_tasks() - before if "_serve" not in repr(one)}
    assert left == set()
    assert caplog.text == ""
