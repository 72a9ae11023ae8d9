"""Calls that are begun over AMI: what is sent, and what comes of it when the connection is cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from ivr.adapters.ami.client import AmiClient
from ivr.adapters.ami.dialler import AmiDialler, Trunk
from ivr.centre.dialling import Numbers
from ivr.model.errors import PortError
from ivr.ports.dialler import Dialled, Outgoing
from tests.adapters.ami.fake import FakeAmi, error, listing, silence
from tests.adapters.ami.test_client import QUICK, StillClock

TRUNK = Trunk("trunk", "95500", Numbers(allow=("1",), deny=("168",)))
CALL = Outgoing("callback-1", "13800001111", "*61", ring_ms=20_000)


@pytest.fixture
async def peer() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as peer:
        yield peer


@pytest.fixture
async def client(peer: FakeAmi) -> AsyncIterator[AmiClient]:
    client = AmiClient(msgspec.structs.replace(QUICK, port=peer.port), StillClock())
    yield client
    await client.close()


@pytest.fixture
async def dialler(client: AmiClient) -> AmiDialler:
    dialler = AmiDialler(client, TRUNK)
    await client.connect()
    return dialler


def response(reason: int, action: str = "callback-1") -> str:
    how = "Success" if reason == 4 else "Failure"
    return (
        f"Event: OriginateResponse\r\nActionID: {action}\r\nResponse: {how}\r\nReason: {reason}\r\n"
        "Uniqueid: <null>\r\n\r\n"
    )


def channel(state: str) -> str:
    return (
        "Event: CoreShowChannel\r\nChannel: PJSIP/trunk-1\r\nUniqueid: callback-1\r\n"
        f"Linkedid: callback-1\r\nChannelStateDesc: {state}\r\nContext: outgoing\r\nExten: *61\r\n"
    )


async def dialling(dialler: AmiDialler, peer: FakeAmi) -> asyncio.Task[Dialled]:
    """Begin a call, and return once Asterisk has been told."""
    dialled = asyncio.create_task(dialler.dial(CALL))
    await peer.received("Originate")
    return dialled


async def test_what_asterisk_is_told(dialler: AmiDialler, peer: FakeAmi) -> None:
    dialled = await dialling(dialler, peer)
    peer.send(response(4))
    assert await dialled is Dialled.ANSWERED
    (sent,) = peer.named("Originate")
    assert sent == {
        "Action": "Originate",
        "ActionID": "callback-1",
        "Async": "true",
        "CallerID": "<95500>",
        "Channel": "PJSIP/13800001111@trunk",
        "ChannelId": "callback-1",
        "Context": "outgoing",
        "Exten": "*61",
        "Priority": "1",
        "Timeout": "20000",
    }


@pytest.mark.parametrize(
    ("reason", "went"),
    [
        (5, Dialled.BUSY),
        (3, Dialled.NO_ANSWER),
        (1, Dialled.NO_ANSWER),
        (8, Dialled.FAILED),
        (0, Dialled.FAILED),
    ],
)
async def test_what_came_of_it(
    dialler: AmiDialler, peer: FakeAmi, reason: int, went: Dialled
) -> None:
    dialled = await dialling(dialler, peer)
    peer.send(response(4, "callback-2"))  # another's
    peer.send(response(reason))
    assert await dialled is went


async def test_a_number_of_no_list_is_never_dialled(dialler: AmiDialler, peer: FakeAmi) -> None:
    for number in ("16812345", "02161234567", "1380000&SIP/evil", ""):
        outgoing = msgspec.structs.replace(CALL, number=number)
        assert await dialler.dial(outgoing) is Dialled.REFUSED
    assert peer.named("Originate") == []


async def test_what_asterisk_refuses_was_not_dialled(dialler: AmiDialler, peer: FakeAmi) -> None:
    peer.answers["Originate"] = error("Originate failed")
    assert await dialler.dial(CALL) is Dialled.FAILED


async def test_one_id_is_dialled_once_at_a_time(dialler: AmiDialler, peer: FakeAmi) -> None:
    dialled = await dialling(dialler, peer)
    with pytest.raises(PortError, match="an id of its own"):
        await dialler.dial(CALL)
    peer.send(response(4))
    assert await dialled is Dialled.ANSWERED
    assert len(peer.named("Originate")) == 1


async def test_answered_while_the_connection_was_cut(dialler: AmiDialler, peer: FakeAmi) -> None:
    dialled = await dialling(dialler, peer)
    peer.answers["CoreShowChannels"] = listing("CoreShowChannelsComplete", channel("Up"))
    peer.cut()
    assert await dialled is Dialled.ANSWERED


async def test_it_still_rings_after_the_connection_was_cut(
    dialler: AmiDialler, client: AmiClient, peer: FakeAmi
) -> None:
    dialled = await dialling(dialler, peer)
    peer.answers["CoreShowChannels"] = listing("CoreShowChannelsComplete", channel("Ringing"))
    peer.cut()
    await peer.received("QueueStatus", times=2)
    await client.ready.wait()
    assert await dialler.live() == {"callback-1"}
    peer.send(response(5))
    assert await dialled is Dialled.BUSY


async def test_what_became_of_it_while_the_connection_was_cut_nobody_knows(
    dialler: AmiDialler, peer: FakeAmi
) -> None:
    dialled = await dialling(dialler, peer)
    peer.answers["CoreShowChannels"] = listing("CoreShowChannelsComplete")
    peer.cut()
    with pytest.raises(PortError, match="lost while it dialled"):
        await dialled
    assert len(peer.named("Originate")) == 1, "it is not dialled again"


async def test_cut_before_the_answer_nobody_knows(dialler: AmiDialler, peer: FakeAmi) -> None:
    peer.answers["Originate"] = silence
    dialled = await dialling(dialler, peer)
    peer.cut()
    with pytest.raises(PortError, match="the connection broke"):
        await dialled


async def test_without_a_connection_nothing_was_dialled(client: AmiClient) -> None:
    assert await AmiDialler(client, TRUNK).dial(CALL) is Dialled.FAILED
