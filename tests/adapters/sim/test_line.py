"""The simulated line: time passes as sounds and callers take it."""

from __future__ import annotations

import asyncio
import time

import pytest

from ivr.adapters.sim.faults import BUDGET_MS, Faulty, Slow
from ivr.adapters.sim.transcript import Kind
from ivr.model.errors import CallerHungUp, PortError, PortTimeout, StepDeadline
from ivr.model.scripted import Fault
from ivr.ports.line import DialStatus, LineRecording, RecordEnd, Streamed
from tests.adapters.sim.kit import MENU, WELCOME, Call


async def test_a_recording_takes_its_time() -> None:
    call = Call()
    streamed = await call.line.stream(WELCOME, start=0, interruptible=True)
    assert streamed == Streamed(None, 8000)
    assert call.clock.ms == 1000
    assert call.transcript.all(Kind.HEARD) == ("welcome",)


async def test_a_key_stops_it_where_it_is_and_it_goes_on_from_there() -> None:
    call = Call({"hears": "welcome"}, {"presses": "1", "apart": "300ms"})
    assert await call.line.stream(WELCOME, start=0, interruptible=True) == Streamed("1", 2400)
    assert await call.line.stream(WELCOME, start=2400, interruptible=True) == Streamed(None, 8000)
    assert call.clock.ms == 1000
    assert call.transcript.all(Kind.HEARD) == ("welcome",)


async def test_keys_are_lost_while_nothing_may_interrupt() -> None:
    call = Call({"hears": "welcome"}, {"presses": "12"})
    assert await call.line.stream(WELCOME, start=0, interruptible=False) == Streamed(None, 8000)
    assert await call.line.wait_digit(500) is None
    lost = [moment.text for moment in call.transcript.moments if moment.kind is Kind.PRESSED]
    assert lost == ["lost", "lost"]


async def test_waiting_for_a_key() -> None:
    call = Call({"waits": "2s"}, {"presses": "#", "apart": "1s"})
    assert await call.line.wait_digit(2999) is None
    assert await call.line.wait_digit(2999) == "#"
    assert call.clock.ms == 3000


async def test_the_caller_hangs_up_and_stays_gone() -> None:
    call = Call({"hears": "welcome"}, {"waits": "400ms"}, "hangs_up")
    with pytest.raises(CallerHungUp):
        await call.line.stream(WELCOME, start=0, interruptible=True)
    assert call.clock.ms == 400
    for use in (
        call.line.wait_digit(10),
        call.line.stream(MENU, start=0, interruptible=True),
        call.line.dial("x", ring_ms=10),
        call.line.ring("x", call_id="1.1", ring_ms=10, record=""),
        call.line.meet("x"),
        call.line.record("x", max_ms=10, silence_ms=10, stop_keys=""),
    ):
        with pytest.raises(CallerHungUp):
            await use
    await call.line.hang_up()


async def test_a_step_that_takes_too_long() -> None:
    call = Call()
    call.line.begin_step(1500)
    await call.line.stream(WELCOME, start=0, interruptible=True)
    await call.line.wait_digit(500)
    with pytest.raises(StepDeadline):
        await call.line.wait_digit(500)
    call.line.begin_step(1500)
    assert await call.line.wait_digit(500) is None


class SlowPort:
    """A port with one method."""

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, value: int) -> int:
        self.asked += 1
        await asyncio.sleep(0)
        return value


async def test_keys_are_heard_while_a_slow_port_works() -> None:
    call = Call({"presses": "123"})
    port = Faulty("bank", SlowPort(), Fault.model_validate({"delay": "2s"}))
    heard: list[str] = []
    assert await call.line.attend(port.answer(7), heard.append) == 7
    assert heard == ["1", "2", "3"]
    assert call.clock.ms == 2000


async def test_work_is_finished_for_a_caller_who_hangs_up_meanwhile() -> None:
    call = Call({"waits": "1s"}, "hangs_up")
    slow = SlowPort()
    port = Faulty("bank", slow, Fault.model_validate({"delay": "2s"}))
    heard: list[str] = []
    assert await call.line.attend(port.answer(7), heard.append) == 7
    assert slow.asked == 1
    assert call.clock.ms == 2000
    with pytest.raises(CallerHungUp):
        await call.line.wait_digit(10)
    assert await call.line.attend(slow.answer(8), heard.append) == 8


async def test_ports_that_fail_and_that_never_answer() -> None:
    call = Call()
    slow = SlowPort()
    failing = Faulty("bank", slow, Fault(fails=True))
    with pytest.raises(PortError, match="bank: it fails"):
        await call.line.attend(failing.answer(1), lambda key: None)
    silent = Faulty("bank", slow, Fault(times_out=True))
    with pytest.raises(PortTimeout):
        await call.line.attend(silent.answer(1), lambda key: None)
    assert call.clock.ms == BUDGET_MS
    assert slow.asked == 0
    late = Faulty("bank", slow, Fault(fails=True, well=1))
    assert await call.line.attend(late.answer(1), lambda key: None) == 1
    with pytest.raises(PortError, match="bank: it fails"):
        await call.line.attend(late.answer(1), lambda key: None)


@pytest.mark.parametrize(
    ("script", "recorded"),
    [
        ((), LineRecording(0, RecordEnd.SILENCE)),
        (({"says": "hello", "takes": "5s"},), LineRecording(5000, RecordEnd.SILENCE)),
        (({"says": "hello", "takes": "90s"},), LineRecording(60_000, RecordEnd.TIMEOUT)),
        (
            ({"waits": "1s"}, {"says": "hello", "takes": "2s"}, {"presses": "5#"}),
            LineRecording(3000, RecordEnd.KEY, "#"),
        ),
        (
            ({"says": "hello", "takes": "2s"}, "hangs_up"),
            LineRecording(2000, RecordEnd.HANGUP),
        ),
    ],
)
async def test_recording(script: tuple[object, ...], recorded: LineRecording) -> None:
    call = Call(*script)
    done = await call.line.record("x", max_ms=60_000, silence_ms=4_000, stop_keys="#")
    assert done == recorded


async def test_words_begun_before_the_tone_are_recorded_from_there_on() -> None:
    call = Call({"hears": "welcome"}, {"says": "hello", "takes": "3s"})
    await call.line.stream(WELCOME, start=0, interruptible=True)
    done = await call.line.record("x", max_ms=60_000, silence_ms=4_000, stop_keys="#")
    assert done == LineRecording(2000, RecordEnd.SILENCE)


@pytest.mark.parametrize(
    ("person", "status", "ms"),
    [
        (None, DialStatus.NO_ANSWER, 30_000),
        ({"after": "5s", "talks": "60s"}, DialStatus.ANSWERED, 65_000),
        ({"after": "31s"}, DialStatus.NO_ANSWER, 30_000),
        ({"is": "busy"}, DialStatus.BUSY, 1_000),
        ({"is": "no_answer"}, DialStatus.NO_ANSWER, 30_000),
        ({"is": "full"}, DialStatus.UNAVAILABLE, 1_000),
    ],
)
async def test_dialling(person: dict[str, str] | None, status: DialStatus, ms: int) -> None:
    call = Call({"presses": "1"}, people={"desk": person} if person else {})
    assert await call.line.dial("desk", ring_ms=30_000) is status
    assert call.clock.ms == ms


async def test_an_agent_talks_and_hangs_up() -> None:
    call = Call(people={"service": {"talks": "60s"}})
    status = await call.line.ring("service", call_id="1.1", ring_ms=15_000, record="")
    assert (status, call.clock.ms) == (DialStatus.ANSWERED, 60_000)


async def test_the_caller_hangs_up_on_an_agent() -> None:
    call = Call({"waits": "90s"}, "hangs_up", people={"service": {"talks": "10m"}})
    with pytest.raises(CallerHungUp) as caught:
        await call.line.ring("service", call_id="1.1", ring_ms=15_000, record="")
    assert call.clock.ms == 90_000
    assert caught.value.talked


async def nothing() -> str:
    return "something"


async def test_a_caller_on_hold_hears_what_comes_of_it() -> None:
    call, keys = Call({"waits": "9s"}, {"presses": "1"}), list[str]()
    assert await call.line.hold(Slow(nothing, 8_000), keys.append) == "something"
    assert await call.line.hold(Slow(nothing, 8_000), keys.append) is None
    assert (call.clock.ms, keys) == (9_120, ["1"])


async def test_an_hour_takes_no_time() -> None:
    call = Call(people={"service": {"talks": "1h"}})
    began = time.thread_time()
    await call.line.ring("service", call_id="1.1", ring_ms=15_000, record="")
    assert call.clock.ms == 3_600_000
    assert time.thread_time() - began < 0.1
