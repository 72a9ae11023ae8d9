"""Legs over AMI: what is asked of Asterisk, and what its events come to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ivr.adapters.ami import legs as module
from ivr.adapters.ami.client import AmiClient
from ivr.adapters.ami.legs import AmiLegs
from ivr.model.errors import PortError, PortTimeout
from ivr.ports.agents import Spying
from tests.adapters.ami.fake import FakeAmi, error
from tests.adapters.ami.test_client import made

LEG, PHONE = "consult-1001-agent-1002-ab", "PJSIP/agent1002"


@pytest.fixture
async def peer() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as peer:
        yield peer


@pytest.fixture
async def legs(peer: FakeAmi) -> AsyncIterator[AmiLegs]:
    client: AmiClient = made(peer)
    legs = AmiLegs(client)
    await client.connect()
    yield legs
    await client.close()


def answered(peer: FakeAmi, response: str, leg: str = LEG) -> None:
    peer.send(f"Event: OriginateResponse\r\nResponse: {response}\r\nUniqueid: {leg}\r\n\r\n")


@pytest.mark.parametrize(("response", "up"), [("Success", True), ("Failure", False)])
async def test_a_leg_is_rung_under_its_own_name(
    peer: FakeAmi, legs: AmiLegs, response: str, up: bool
) -> None:
    ringing = asyncio.create_task(legs.ring(LEG, PHONE, 5_000, "1001", "17.1"))
    await peer.received("Originate")
    answered(peer, "Success", "another-leg")
    answered(peer, response)
    assert await ringing is up
    (asked,) = peer.named("Originate")
    wanted = {
        "Channel": PHONE,
        "ChannelId": LEG,
        "Context": "held",
        "Exten": "s",
        "Timeout": "5000",
    }
    assert {name: asked[name] for name in wanted} == wanted
    assert not asked["OtherChannelId"].startswith(LEG)


async def test_nobody_tells_how_it_ended(
    peer: FakeAmi, legs: AmiLegs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LATE_MS", 10)
    with pytest.raises(PortTimeout):
        await legs.ring(LEG, PHONE, 10, "1001", "17.1")
    answered(peer, "Success")


@pytest.mark.parametrize(
    "destination",
    [
        "",
        "agent1002",
        "PJSIP/",
        "SIP/1002",
        "PJSIP/agent1002&PJSIP/trunk",
        "PJSIP/a,b",
        "PJSIP/a b",
    ],
)
async def test_what_is_no_dial_string_is_never_asked(
    peer: FakeAmi, legs: AmiLegs, destination: str
) -> None:
    with pytest.raises(PortError, match="no dial string"):
        await legs.ring(LEG, destination, 10, "1001", "17.1")
    assert peer.named("Originate") == []


@pytest.mark.parametrize(
    ("how", "options"), [(Spying.LISTEN, "qE"), (Spying.WHISPER, "qEw"), (Spying.BARGE, "qEB")]
)
async def test_a_supervisor_takes_part_in_one_channel(
    peer: FakeAmi, legs: AmiLegs, how: Spying, options: str
) -> None:
    channel = "PJSIP/agent1001-0000000a"
    spying = asyncio.create_task(legs.spy("spy-1001-ab", PHONE, channel, how))
    await peer.received("Originate")
    answered(peer, "Success", "spy-1001-ab")
    assert await spying
    (asked,) = peer.named("Originate")
    assert (asked["Application"], asked["Data"]) == ("ChanSpy", f"{channel},{options}")


@pytest.mark.parametrize("channel", ["", "PJSIP/agent1001-0000000a,qB", "x y"])
async def test_what_is_no_channel_is_never_spied_on(
    peer: FakeAmi, legs: AmiLegs, channel: str
) -> None:
    with pytest.raises(PortError, match="no name of a channel"):
        await legs.spy("spy-1001-ab", PHONE, channel, Spying.LISTEN)
    assert peer.named("Originate") == []


async def test_speech_on_a_leg_is_listened_for_no_more(peer: FakeAmi, legs: AmiLegs) -> None:
    await legs.unnoticed(LEG)
    asked = [(one["Channel"], one["Variable"], one["Value"]) for one in peer.named("Setvar")]
    assert asked == [(LEG, "IVR_UNNOTICED", "1"), (LEG, "TALK_DETECT(remove)", "")]


async def test_a_leg_that_is_gone_already_is_no_error(peer: FakeAmi, legs: AmiLegs) -> None:
    peer.answers["Hangup"] = error("No such channel")
    await legs.hang_up(LEG)
    peer.answers["Hangup"] = error("Permission denied")
    with pytest.raises(PortError, match="Permission denied"):
        await legs.hang_up(LEG)


async def test_two_are_joined_and_one_who_goes_is_told_of(peer: FakeAmi, legs: AmiLegs) -> None:
    gone: asyncio.Queue[str] = asyncio.Queue()
    legs.on_gone(gone.put_nowait)
    await legs.join("PJSIP/agent1001-0000000a", LEG)
    (asked,) = peer.named("Bridge")
    assert (asked["Channel1"], asked["Channel2"]) == ("PJSIP/agent1001-0000000a", LEG)
    peer.send(f"Event: Hangup\r\nChannel: PJSIP/agent1002-1\r\nUniqueid: {LEG}\r\n\r\n")
    async with asyncio.timeout(5):
        assert await gone.get() == LEG


async def test_legs_are_found_by_the_beginning_of_their_names(legs: AmiLegs) -> None:
    assert [one.uniqueid for one in await legs.found("1.")] == ["1.1"]
    assert await legs.found("consult-") == ()
