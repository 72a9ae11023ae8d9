"""The line on a real Asterisk: real SIP, RTP and keys; each primitive and each way to go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ivr.model.errors import CallerHungUp, PortError
from ivr.model.prompt import Recording
from ivr.ports.line import DialStatus, RecordEnd, Streamed
from lab.ami import Ami
from lab.library import Library
from lab.site import AMI_USER, HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.edge_kit import SAMPLES_PER_MS, Call, Edge, serving

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(30)]
GONE_WITHIN = 1.0
SAID = bytes(range(128, 256)) * 8


@pytest_asyncio.fixture
async def edge(lab: Lab, tmp_path: Path) -> AsyncIterator[Edge]:
    edge = Edge(lab, tmp_path)
    async with serving(edge) as edge.server:
        yield edge


@pytest.fixture
def welcome(edge: Edge) -> Recording:
    return edge.recording("welcome", notes=12)


@pytest_asyncio.fixture
async def phone(lab: Lab, edge: Edge, welcome: Recording) -> AsyncIterator[Telephone]:
    async with Telephone(lab, Library.of(edge.folder, lab.prompts, lab.sounds)) as telephone:
        yield telephone


@pytest_asyncio.fixture
async def ami(lab: Lab) -> AsyncIterator[Ami]:
    ami = await Ami.connect(lab.ports.ami, AMI_USER, lab.ami_secret, lambda event: None)
    yield ami
    await ami.close()


async def nobody_left(lab: Lab) -> float:
    """Wait until the exchange has no channel; return how long it took, in seconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(5):
        while await asyncio.to_thread(lab.exchange.channels):  # noqa: ASYNC110  # Asterisk tells nobody
            await asyncio.sleep(0.01)
    return loop.time() - began


async def test_the_environment_is_what_asterisk_sends(edge: Edge, phone: Telephone) -> None:
    _, call = await edge.call(phone)
    environment = call.connection.environment
    assert (environment.callerid, environment.extension) == ("13800001111", HOTLINE)
    assert (environment.script, environment.context) == ("call", "engine")
    await call.leave()


async def test_a_finished_call_ends_normally(edge: Edge, phone: Telephone) -> None:
    placed, call = await edge.call(phone)
    await call.leave()
    assert await placed.ended() == 16
    assert placed.heard == []


async def test_a_missing_file_is_no_hangup(
    edge: Edge, phone: Telephone, welcome: Recording
) -> None:
    placed, call = await edge.call(phone)
    missing = Recording("missing", "", str(edge.folder / "missing"), 1000)
    for start in (0, 800):
        answer = await call.line.stream(missing, start=start, interruptible=True)
        assert answer == Streamed(None, start, missing=True)
    await call.line.stream(welcome, start=0, interruptible=True)
    await call.leave()
    await placed.ended()
    assert [heard.whole for heard in placed.heard] == [True]


async def test_keys_that_may_not_cut_a_prompt_leave_no_gap_in_it(
    edge: Edge, phone: Telephone, welcome: Recording
) -> None:
    placed, call = await edge.call(phone)
    pressing = asyncio.create_task(placed.press("1234567", spacing_ms=150))
    keys, start = "", 0
    while True:
        streamed = await call.line.stream(welcome, start=start, interruptible=True)
        if streamed.key is None:
            break
        keys, start = keys + streamed.key, streamed.at
    await pressing
    await call.leave()
    await placed.ended()
    assert keys == "1234567"
    assert streamed.at == pytest.approx(welcome.ms * SAMPLES_PER_MS, abs=SAMPLES_PER_MS)
    assert [str(heard) for heard in placed.heard] == ["zh/welcome"]
    took = placed.heard[0].end - placed.heard[0].start
    assert took == pytest.approx(welcome.ms / 1000, abs=0.15)


async def test_no_key_stops_what_must_be_heard(
    edge: Edge, phone: Telephone, welcome: Recording
) -> None:
    placed, call = await edge.call(phone)
    pressing = asyncio.create_task(placed.press("123"))
    streamed = await call.line.stream(welcome, start=0, interruptible=False)
    await pressing
    await call.leave()
    await placed.ended()
    assert streamed.key is None
    assert [heard.whole for heard in placed.heard] == [True]


Use = Callable[[Call, Recording], Awaitable[Any]]
USES: dict[str, Use] = {
    "stream": lambda call, welcome: call.line.stream(welcome, start=0, interruptible=True),
    "wait_digit": lambda call, _: call.line.wait_digit(20_000),
    "attend": lambda call, _: call.line.attend(asyncio.sleep(0.5), pytest.fail),
    "dial, talking": lambda call, _: call.line.dial("agent", ring_ms=5000),
    "dial, ringing": lambda call, _: call.line.dial("nobody", ring_ms=20_000),
    "hold": lambda call, _: call.line.hold(asyncio.sleep(20), pytest.fail),
}


@pytest.mark.parametrize("use", list(USES))
async def test_a_hangup_in_each_command_frees_the_channel_at_once(
    edge: Edge, phone: Telephone, welcome: Recording, use: str
) -> None:
    placed, call = await edge.call(phone)
    using = asyncio.ensure_future(USES[use](call, welcome))
    await asyncio.sleep(0.3)  # the caller listens for a while
    await placed.hang_up()
    assert await nobody_left(edge.lab) < GONE_WITHIN
    with nullcontext() if use == "attend" else pytest.raises(CallerHungUp):
        await using
    with pytest.raises(CallerHungUp):
        await call.line.wait_digit(1)
    assert not await call.line.finish()


async def test_a_hangup_while_no_command_runs_is_noticed(edge: Edge, phone: Telephone) -> None:
    placed, call = await edge.call(phone)
    await placed.hang_up()
    assert await nobody_left(edge.lab) < GONE_WITHIN
    with pytest.raises(CallerHungUp):
        await call.line.wait_digit(1)


async def test_the_engine_hangs_up(edge: Edge, phone: Telephone) -> None:
    placed, call = await edge.call(phone)
    await call.line.hang_up()
    assert await placed.ended() == 16
    with pytest.raises(CallerHungUp):
        await call.line.wait_digit(1)


async def test_a_redirect_looks_like_a_hangup_and_comes_back(
    edge: Edge, phone: Telephone, ami: Ami, welcome: Recording
) -> None:
    placed, call = await edge.call(phone)
    streaming = asyncio.ensure_future(call.line.stream(welcome, start=0, interruptible=True))
    await placed.hears("welcome")
    where = {"Context": "engine", "Exten": HOTLINE, "Priority": "1"}
    channel = call.connection.environment.channel
    assert (await ami.send("Redirect", {"Channel": channel, **where}))["Response"] == "Success"
    with pytest.raises(CallerHungUp):
        await streaming
    again = await edge.answer()
    assert again.connection.environment.uniqueid == call.connection.environment.uniqueid
    assert again.connection.earlier is not None
    await call.leave()
    await asyncio.wait([again.connection.earlier])
    waiting = asyncio.ensure_future(again.line.wait_digit(3000))
    await placed.press("5")
    assert await waiting == "5"
    await again.leave()
    assert await placed.ended() == 16


@pytest.mark.parametrize("use", ["stream", "wait_digit", "attend", "hold"])
async def test_a_connection_lost_in_any_command_comes_back_at_once(
    edge: Edge, phone: Telephone, welcome: Recording, use: str
) -> None:
    loop = asyncio.get_running_loop()
    placed, call = await edge.call(phone)
    using = asyncio.ensure_future(USES[use](call, welcome))
    await asyncio.sleep(0.1)  # the command runs
    lost = loop.time()
    call.connection.stall()
    with nullcontext() if use == "attend" else pytest.raises(CallerHungUp):
        await using
    again = await edge.answer()
    assert loop.time() - lost < GONE_WITHIN
    assert again.connection.environment.uniqueid == call.connection.environment.uniqueid
    await again.leave()
    assert await placed.ended() == 16


async def test_an_engine_that_only_fails_leaves_the_caller_to_the_fallback(
    edge: Edge, phone: Telephone
) -> None:
    placed, call = await edge.call(phone)
    edge.broken = True
    await call.leave(finished=False)
    await placed.hears("survivability", within=5)


async def test_a_draining_node_hands_new_calls_to_the_next(
    lab: Lab, phone: Telephone, edge: Edge, tmp_path: Path
) -> None:
    other = Edge(lab, tmp_path / "second")
    placed, call = await edge.call(phone)
    draining = asyncio.create_task(edge.server.stop(grace_s=5))
    async with serving(other, lab.ports.agi_second):
        second, answered = await other.call(phone)
        await answered.leave()
        assert await second.ended() == 16
    waiting = asyncio.ensure_future(call.line.wait_digit(3000))
    await placed.press("7")
    assert await waiting == "7"
    await call.leave()
    await draining
    assert await placed.ended() == 16


@pytest.mark.parametrize(
    ("destination", "ring_ms", "status"),
    [
        ("agent", 5000, DialStatus.ANSWERED),
        ("busy", 5000, DialStatus.BUSY),
        ("nobody", 1000, DialStatus.NO_ANSWER),
        ("nowhere", 5000, DialStatus.UNAVAILABLE),
    ],
)
async def test_the_caller_is_still_there_after_a_dial(
    edge: Edge, phone: Telephone, destination: str, ring_ms: int, status: DialStatus
) -> None:
    placed, call = await edge.call(phone)
    assert await call.line.dial(destination, ring_ms=ring_ms) == status
    await call.leave()
    assert await placed.ended() == 16


async def test_a_key_is_heard_while_music_plays(edge: Edge, phone: Telephone) -> None:
    placed, call = await edge.call(phone)
    keys: list[str] = []
    holding = asyncio.ensure_future(call.line.hold(asyncio.sleep(20), keys.append))
    await placed.hears("music", within=5)
    await placed.press("7")
    await holding
    assert keys == ["7"]
    await call.leave()
    assert await placed.ended() == 16


async def test_an_agent_is_rung_and_hangs_up_first(edge: Edge, phone: Telephone) -> None:
    placed, call = await edge.call(phone)
    desk = phone.desk("agent1001")
    ringing = asyncio.ensure_future(
        call.line.ring("agent1001", call_id="1.1", ring_ms=10_000, record="")
    )
    await desk.serve(talks=0.2)
    assert await ringing is DialStatus.ANSWERED
    await call.leave()
    assert await placed.ended() == 16


async def test_a_message_ends_with_a_key(edge: Edge, phone: Telephone) -> None:
    placed, call = await edge.call(phone)
    recording = asyncio.ensure_future(
        call.line.record("message", max_ms=10_000, silence_ms=0, stop_keys="#*")
    )
    await placed.hears("beep", whole=True)
    placed.speak(SAID * 16)
    await asyncio.sleep(1)  # as long as the caller speaks
    await placed.press("5*")
    recorded = await recording
    assert (recorded.end, recorded.key) == (RecordEnd.KEY, "*")
    assert 500 <= recorded.ms <= 1500  # keys are not recorded, nor the moment before the last
    assert (edge.folder / "message.wav").stat().st_size == 44 + 2 * recorded.ms * SAMPLES_PER_MS
    await call.leave()


async def test_a_message_ends_with_silence(edge: Edge, phone: Telephone) -> None:
    placed, call = await edge.call(phone)
    placed.speak(SAID * 12)
    recorded = await call.line.record("message", max_ms=10_000, silence_ms=1000, stop_keys="#")
    assert recorded.end == RecordEnd.SILENCE
    assert 1000 <= recorded.ms <= 2000  # what was said, without the silence
    await call.leave()


async def test_a_message_of_nothing_has_no_length(edge: Edge, phone: Telephone) -> None:
    _, call = await edge.call(phone)
    recorded = await call.line.record("message", max_ms=10_000, silence_ms=2000, stop_keys="#")
    assert recorded.end == RecordEnd.SILENCE
    assert recorded.ms < 200
    await call.leave()


async def test_a_message_ends_with_its_time(edge: Edge, phone: Telephone) -> None:
    _, call = await edge.call(phone)
    recorded = await call.line.record("message", max_ms=700, silence_ms=0, stop_keys="#")
    assert recorded.end == RecordEnd.TIMEOUT
    assert 600 <= recorded.ms <= 720
    await call.leave()


async def test_a_message_of_a_caller_who_hangs_up_is_kept(edge: Edge, phone: Telephone) -> None:
    placed, call = await edge.call(phone)
    recording = asyncio.ensure_future(
        call.line.record("message", max_ms=10_000, silence_ms=0, stop_keys="#")
    )
    await placed.hears("beep", whole=True)
    await asyncio.sleep(0.5)  # as long as the caller speaks
    await placed.hang_up()
    assert await nobody_left(edge.lab) < GONE_WITHIN
    recorded = await recording
    assert recorded.end == RecordEnd.HANGUP
    assert recorded.ms >= 300
    with pytest.raises(CallerHungUp):
        await call.line.wait_digit(1)


async def test_a_folder_that_cannot_be_written_is_told(edge: Edge, phone: Telephone) -> None:
    placed, call = await edge.call(phone)
    (edge.folder / "message.wav").mkdir()
    with pytest.raises(PortError, match="recording message failed"):
        await call.line.record("message", max_ms=700, silence_ms=0, stop_keys="#")
    await call.leave()
    assert await placed.ended() == 16
