"""The line over AGI: what each primitive sends, and what each answer of Asterisk means."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from ivr.adapters.agi.channel import LineSettings
from ivr.adapters.agi.line import AgiLine
from ivr.model.errors import CallerHungUp, PortError, StepDeadline
from ivr.model.prompt import Recording
from ivr.ports.line import DialStatus, LineRecording, RecordEnd, Streamed
from tests.adapters.agi.peer import WELCOME, Peer, a_line

PLAY = 'STREAM FILE /prompts/en/welcome "0123456789*#" 0'
Use = Callable[[AgiLine], Awaitable[Any]]


def doing(work: Awaitable[Any]) -> asyncio.Future[Any]:
    return asyncio.ensure_future(work)


async def test_a_prompt_plays_to_its_end() -> None:
    async with a_line() as (line, peer):
        playing = doing(line.stream(WELCOME, start=0, interruptible=True))
        await peer.expect(PLAY, "200 result=0 endpos=16000")
        assert await playing == Streamed(None, 16000)


async def test_a_key_stops_a_prompt_which_goes_on_from_there() -> None:
    async with a_line() as (line, peer):
        playing = doing(line.stream(WELCOME, start=0, interruptible=True))
        await peer.expect(PLAY, "200 result=35 endpos=4160")
        assert await playing == Streamed("#", 4160)
        playing = doing(line.stream(WELCOME, start=4160, interruptible=False))
        await peer.expect('STREAM FILE /prompts/en/welcome "" 4160', "200 result=0 endpos=16000")
        assert await playing == Streamed(None, 16000)


@pytest.mark.parametrize("start", [0, 800])
async def test_a_missing_file_is_no_hangup(start: int) -> None:
    async with a_line() as (line, peer):
        playing = doing(line.stream(WELCOME, start=start, interruptible=True))
        await peer.command()
        peer.say(f"200 result=-1 endpos={start}")
        await peer.expect("CHANNEL STATUS", "200 result=6")
        assert await playing == Streamed(None, start, missing=True)


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(["200 result=-1 endpos=160", "HANGUP"], id="-1, then HANGUP"),
        pytest.param(["200 result=-1 endpos=160"], id="-1, then 511"),
        pytest.param(["HANGUP", "200 result=-1 endpos=160"], id="HANGUP, then -1"),
        pytest.param(["HANGUP", "511 Command Not Permitted"], id="HANGUP, then 511"),
        pytest.param(["511 Command Not Permitted"], id="511"),
    ],
)
async def test_a_hangup_is_no_missing_file(answers: list[str]) -> None:
    async with a_line() as (line, peer):
        playing = doing(line.stream(WELCOME, start=0, interruptible=True))
        await peer.expect(PLAY, *answers)
        probe = doing(peer.command())
        await asyncio.wait([playing, probe], return_when=asyncio.FIRST_COMPLETED)
        if probe.done():
            peer.say("511 Command Not Permitted on a dead channel or intercept routine")
        with pytest.raises(CallerHungUp):
            await playing
        await finish(peer, probe)


async def finish(peer: Peer, reading: asyncio.Future[str]) -> None:
    """Leave no read of the peer behind."""
    reading.cancel()
    await asyncio.wait([reading])


async def test_a_hangup_while_a_missing_file_is_looked_into() -> None:
    async with a_line() as (line, peer):
        playing = doing(line.stream(WELCOME, start=0, interruptible=True))
        await peer.expect(PLAY, "200 result=-1 endpos=0")
        await peer.expect("CHANNEL STATUS", "HANGUP", "200 result=6")
        with pytest.raises(CallerHungUp):
            await playing


async def test_keys_are_waited_for() -> None:
    async with a_line() as (line, peer):
        for answer, key in [("53", "5"), ("42", "*"), ("0", None)]:
            waiting = doing(line.wait_digit(3000))
            await peer.expect("WAIT FOR DIGIT 3000", f"200 result={answer}")
            assert await waiting == key


async def test_keys_that_no_telephone_has_are_passed_over() -> None:
    async with a_line() as (line, peer):
        waiting = doing(line.wait_digit(3000))
        await peer.expect("WAIT FOR DIGIT 3000", "200 result=65")
        words = (await peer.command()).split()
        assert words[:3] == ["WAIT", "FOR", "DIGIT"]
        assert 2000 < int(words[3]) <= 3000
        peer.say("200 result=49")
        assert await waiting == "1"
        waiting = doing(line.wait_digit(0))
        await peer.expect("WAIT FOR DIGIT 0", "200 result=68")
        assert await waiting is None


@pytest.mark.parametrize(
    "answer", ["510 Invalid or unknown command", "520 Invalid command syntax."]
)
async def test_a_refused_command_is_no_hangup(answer: str) -> None:
    uses: list[Use] = [
        lambda line: line.wait_digit(10),
        lambda line: line.stream(WELCOME, start=0, interruptible=True),
        lambda line: line.dial("branch", ring_ms=1000),
    ]
    for use in uses:
        async with a_line() as (line, peer):
            using = doing(use(line))
            await peer.command()
            peer.say(answer)
            with pytest.raises(PortError, match=answer[:3]):
                await using


async def test_work_that_is_done_at_once_costs_no_command() -> None:
    async def at_once() -> int:
        return 7

    async with a_line() as (line, peer):
        assert await line.attend(at_once(), pytest.fail) == 7
        finishing = doing(line.finish())
        await peer.expect("SET VARIABLE IVR_DONE 1", "200 result=1")
        assert await finishing


async def test_keys_are_heard_while_work_goes_on() -> None:
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    heard: list[str] = []
    async with a_line() as (line, peer):
        attending = doing(line.attend(answer, heard.append))
        for key in "12#":
            words = (await peer.command()).split()
            assert words[:3] == ["WAIT", "FOR", "DIGIT"]
            assert 20 <= int(words[3]) <= 250
            peer.say(f"200 result={ord(key)}")
        await peer.command()
        assert heard == ["1", "2", "#"]
        answer.set_result(3)
        peer.say("200 result=52")
        assert await attending == 3
        assert heard == ["1", "2", "#", "4"]


async def test_chunks_grow_with_the_wait() -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asked: list[int] = []
    async with a_line() as (line, peer):
        attending = doing(line.attend(answer, lambda key: None))
        while not asked or asked[-1] < 250:
            asked.append(int((await peer.command()).split()[3]))
            await asyncio.sleep(asked[-1] / 1000)
            peer.say("200 result=0")
        assert asked == sorted(asked)
        assert asked[0] == 20
        answer.set_result(None)
        await attending


async def test_work_is_answered_even_when_the_caller_does_not_wait() -> None:
    go = asyncio.Event()

    async def post() -> str:
        await go.wait()
        return "posted"

    async with a_line() as (line, peer):
        attending = doing(line.attend(post(), pytest.fail))
        await peer.command()
        await peer.hang_up()
        await asyncio.sleep(0.02)
        assert not attending.done()
        go.set()
        assert await attending == "posted"
        with pytest.raises(CallerHungUp):
            await line.wait_digit(10)
        assert await line.attend(post(), pytest.fail) == "posted"


async def test_a_failure_after_the_hangup_is_the_answer() -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with a_line() as (line, peer):
        attending = doing(line.attend(answer, pytest.fail))
        await peer.command()
        await peer.hang_up()
        answer.set_exception(PortError("bank", "down"))
        with pytest.raises(PortError):
            await attending


async def test_a_failure_of_the_work_is_raised() -> None:
    async def fail() -> None:
        raise PortError("bank", "down")

    async with a_line() as (line, _):
        with pytest.raises(PortError, match="bank: down"):
            await line.attend(fail(), pytest.fail)


async def test_a_cancelled_call_cancels_its_work() -> None:
    cancelled = asyncio.Event()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with a_line() as (line, peer):
        attending = doing(line.attend(for_ever(), pytest.fail))
        await peer.command()
        attending.cancel()
        await asyncio.wait([attending])
        assert cancelled.is_set()


@pytest.mark.parametrize(
    ("answer", "recording"),
    [
        ("200 result=35 (dtmf) endpos=24000", LineRecording(3000, RecordEnd.KEY, "#")),
        ("200 result=0 (timeout) endpos=16000", LineRecording(1000, RecordEnd.SILENCE)),
        ("200 result=0 (timeout) endpos=7840", LineRecording(0, RecordEnd.SILENCE)),
        ("200 result=-1 (hangup) endpos=8000", LineRecording(1000, RecordEnd.HANGUP)),
    ],
)
async def test_a_message_is_recorded(answer: str, recording: LineRecording) -> None:
    async with a_line() as (line, peer):
        work = line.record("message-1", max_ms=60_000, silence_ms=2500, stop_keys="#*")
        recording_it = doing(work)
        await peer.expect('STREAM FILE /prompts/beep "" 0', "200 result=0 endpos=1000")
        await peer.expect('RECORD FILE /recordings/message-1 wav "#*" 60000 s=3', answer)
        assert await recording_it == recording


async def test_a_message_that_fills_its_time_says_so() -> None:
    async with a_line() as (line, peer):
        recording = doing(line.record("m", max_ms=60, silence_ms=0, stop_keys="#"))
        await peer.expect('STREAM FILE /prompts/beep "" 0', "200 result=0 endpos=1000")
        await peer.expect('RECORD FILE /recordings/m wav "#" 60')
        await asyncio.sleep(0.06)
        peer.say("200 result=0 (timeout) endpos=480")
        assert await recording == LineRecording(60, RecordEnd.TIMEOUT)


async def test_a_hangup_after_a_message_is_told_by_the_next_command() -> None:
    async with a_line() as (line, peer):
        recording = doing(line.record("m", max_ms=1000, silence_ms=0, stop_keys="#"))
        await peer.expect('STREAM FILE /prompts/beep "" 0', "200 result=0 endpos=1000")
        await peer.expect(
            'RECORD FILE /recordings/m wav "#" 1000', "200 result=-1 (hangup) endpos=0"
        )
        assert (await recording).end is RecordEnd.HANGUP
        with pytest.raises(CallerHungUp):
            await line.wait_digit(10)


async def test_a_missing_beep_does_not_cost_the_message() -> None:
    async with a_line() as (line, peer):
        recording = doing(line.record("m", max_ms=1000, silence_ms=0, stop_keys="#"))
        await peer.expect('STREAM FILE /prompts/beep "" 0', "200 result=-1 endpos=0")
        await peer.expect("CHANNEL STATUS", "200 result=6")
        await peer.expect('RECORD FILE /recordings/m wav "#" 1000', "200 result=35 (dtmf) endpos=8")
        assert (await recording).end is RecordEnd.KEY


async def test_a_message_that_cannot_be_written_is_an_error() -> None:
    async with a_line() as (line, peer):
        recording = doing(line.record("m", max_ms=1000, silence_ms=0, stop_keys="#"))
        await peer.expect('STREAM FILE /prompts/beep "" 0', "200 result=0 endpos=1000")
        await peer.expect('RECORD FILE /recordings/m wav "#" 1000', "200 result=-1 (writefile)")
        await peer.expect("CHANNEL STATUS", "200 result=6")
        with pytest.raises(PortError, match="writefile"):
            await recording


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "a b", "x" * 65, "a&b"])
async def test_a_recording_name_is_a_name(name: str) -> None:
    async with a_line() as (line, _):
        with pytest.raises(ValueError, match="no recording name"):
            await line.record(name, max_ms=1000, silence_ms=0, stop_keys="#")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("ANSWER", DialStatus.ANSWERED),
        ("BUSY", DialStatus.BUSY),
        ("NOANSWER", DialStatus.NO_ANSWER),
        ("CHANUNAVAIL", DialStatus.UNAVAILABLE),
        ("CONGESTION", DialStatus.UNAVAILABLE),
    ],
)
async def test_a_destination_is_dialled(word: str, status: DialStatus) -> None:
    async with a_line() as (line, peer):
        dialling = doing(line.dial("branch", ring_ms=15_500))
        await peer.expect('EXEC Dial "PJSIP/branch,16,g"', "200 result=0")
        await peer.expect("GET VARIABLE DIALSTATUS", f"200 result=1 ({word})")
        assert await dialling == status


async def test_a_failed_dial_is_no_hangup() -> None:
    async with a_line() as (line, peer):
        dialling = doing(line.dial("branch", ring_ms=1000))
        await peer.expect('EXEC Dial "PJSIP/branch,1,g"', "200 result=-1")
        await peer.expect("CHANNEL STATUS", "200 result=6")
        await peer.expect("GET VARIABLE DIALSTATUS", "200 result=0")
        assert await dialling == DialStatus.UNAVAILABLE


async def test_an_agent_is_rung_with_music_and_a_whisper() -> None:
    async with a_line() as (line, peer):
        ringing = doing(line.ring("agent1001", call_id="x-1.1", ring_ms=15_000, record=""))
        await peer.expect("SET VARIABLE IVR_TALKING dial", "200 result=1")
        await peer.expect('SET VARIABLE "TALK_DETECT(set)" 1000', "200 result=1")
        await peer.expect(
            'EXEC Dial "PJSIP/agent1001,15,gm(default)U(agent-leg^x-1.1)"', "200 result=0"
        )
        await peer.expect("GET VARIABLE DIALSTATUS", "200 result=1 (NOANSWER)")
        await peer.expect('SET VARIABLE "TALK_DETECT(remove)" ""', "200 result=1")
        await peer.expect('SET VARIABLE IVR_TALKING ""', "200 result=1")
        assert await ringing == DialStatus.NO_ANSWER


async def test_a_conversation_is_recorded_while_two_are_joined() -> None:
    async with a_line() as (line, peer):
        ringing = doing(line.ring("agent1001", call_id="1.1", ring_ms=15_000, record="c1.wav"))
        await peer.expect('EXEC MixMonitor "/var/conversations/c1.wav,b"', "200 result=0")
        await peer.expect("SET VARIABLE IVR_TALKING dial", "200 result=1")
        await peer.expect(
            'EXEC Dial "PJSIP/agent1001,15,grU(agent-leg^1.1^recorded)"', "200 result=0"
        )
        await peer.expect("GET VARIABLE DIALSTATUS", "200 result=1 (ANSWER)")
        await peer.expect('SET VARIABLE "TALK_DETECT(remove)" ""', "200 result=1")
        await peer.expect('SET VARIABLE IVR_TALKING ""', "200 result=1")
        await peer.expect('EXEC StopMixMonitor ""', "200 result=0")
        assert await ringing == DialStatus.ANSWERED


@pytest.mark.parametrize("endpoint", ["agent1001,60,G(evil)", "a&b", ""])
async def test_nothing_but_an_endpoint_is_rung(endpoint: str) -> None:
    async with a_line() as (line, _):
        with pytest.raises(PortError, match="no dial string"):
            await line.ring(endpoint, call_id="1.1", ring_ms=1000, record="")


@pytest.mark.parametrize(
    ("result", "status"),
    [("SUCCESS", DialStatus.ANSWERED), ("NONEXISTENT", DialStatus.UNAVAILABLE)],
)
async def test_a_caller_meets_a_channel(result: str, status: DialStatus) -> None:
    async with a_line() as (line, peer):
        meeting = doing(line.meet("PJSIP/agent1001-0000000a"))
        await peer.expect("SET VARIABLE IVR_TALKING bridge", "200 result=1")
        await peer.expect("EXEC Bridge PJSIP/agent1001-0000000a", "200 result=0")
        await peer.expect("GET VARIABLE BRIDGERESULT", f"200 result=1 ({result})")
        await peer.expect('SET VARIABLE "TALK_DETECT(remove)" ""', "200 result=1")
        await peer.expect('SET VARIABLE IVR_TALKING ""', "200 result=1")
        assert await meeting == status


SOUNDS = (WELCOME, msgspec.structs.replace(WELCOME, id="next", path="/prompts/en/next"))
KEPT = 'STREAM FILE /prompts/en/{} "0123456789*#" {}'


def no_key(key: str) -> bool:
    pytest.fail(f"{key} was pressed")


def nothing(recording: Recording) -> None:
    pytest.fail(f"{recording.id} is missing")


async def test_an_announcement_is_cut_by_news_at_once() -> None:
    news = asyncio.get_running_loop().create_future()
    async with a_line() as (line, peer):
        telling = doing(line.announce(SOUNDS, news, no_key, nothing))
        assert await peer.command() == KEPT.format("welcome", 0)
        news.set_result(None)
        await peer.expect("NOOP", "200 result=0")
        assert await telling is False
        waiting = doing(line.wait_digit(5_000))
        await peer.expect("WAIT FOR DIGIT 5000", "200 result=0")
        assert await waiting is None


async def test_news_that_are_there_leave_nothing_to_announce() -> None:
    async def come() -> None:
        """There is nothing to wait for."""

    async with a_line() as (line, _):
        assert not await line.announce(SOUNDS, come(), no_key, nothing)


async def test_an_announcement_that_ends_as_it_is_cut_has_ended() -> None:
    news = asyncio.get_running_loop().create_future()
    async with a_line() as (line, peer):
        telling = doing(line.announce(SOUNDS[:1], news, no_key, nothing))
        assert await peer.command() == KEPT.format("welcome", 0)
        news.set_result(None)
        await peer.expect("NOOP", "200 result=0 endpos=16000")
        assert await telling is True
        waiting = doing(line.wait_digit(5_000))
        await peer.expect("WAIT FOR DIGIT 5000", "200 result=0", "200 result=53")
        assert await waiting == "5"


@pytest.mark.parametrize("takes", [True, False])
async def test_only_a_key_that_is_taken_ends_an_announcement(takes: bool) -> None:
    news, keys = asyncio.get_running_loop().create_future(), list[str]()

    def heard(key: str) -> bool:
        keys.append(key)
        return takes

    async with a_line() as (line, peer):
        telling = doing(line.announce(SOUNDS, news, heard, nothing))
        await peer.expect(KEPT.format("welcome", 0), "200 result=35 endpos=800")
        if not takes:
            await peer.expect(KEPT.format("welcome", 800), "200 result=0 endpos=16000")
            await peer.expect(KEPT.format("next", 0), "200 result=0 endpos=16000")
        assert await telling is not takes
        assert keys == ["#"]
        assert news.cancelled()


async def test_what_cannot_be_announced_is_told() -> None:
    news, missing = asyncio.get_running_loop().create_future(), list[Recording]()
    async with a_line() as (line, peer):
        telling = doing(line.announce(SOUNDS, news, no_key, missing.append))
        await peer.expect(KEPT.format("welcome", 0), "200 result=-1 endpos=0")
        await peer.expect("CHANNEL STATUS", "200 result=6")
        await peer.expect(KEPT.format("next", 0), "200 result=0 endpos=16000")
        assert await telling is True
        assert missing == [WELCOME]


async def test_a_caller_who_hangs_up_in_an_announcement_is_gone() -> None:
    news = asyncio.get_running_loop().create_future()
    async with a_line() as (line, peer):
        telling = doing(line.announce(SOUNDS, news, no_key, nothing))
        assert await peer.command() == KEPT.format("welcome", 0)
        await peer.hang_up()
        with pytest.raises(CallerHungUp):
            await telling
        assert news.cancelled()


async def test_a_caller_on_hold_hears_music_until_there_is_something() -> None:
    told = asyncio.get_running_loop().create_future()
    async with a_line() as (line, peer):
        holding = doing(line.hold(told, pytest.fail))
        await peer.expect("SET MUSIC ON default", "200 result=0")
        await peer.expect("WAIT FOR DIGIT 300", "200 result=0")
        await peer.expect("WAIT FOR DIGIT 300")
        told.set_result("ring")
        peer.say("200 result=0")
        await peer.expect("SET MUSIC OFF", "200 result=0")
        assert await holding == "ring"


async def test_a_key_ends_the_hold_at_once() -> None:
    told, keys = asyncio.get_running_loop().create_future(), list[str]()
    async with a_line() as (line, peer):
        holding = doing(line.hold(told, keys.append))
        await peer.expect("SET MUSIC ON default", "200 result=0")
        await peer.expect("WAIT FOR DIGIT 300", "200 result=49")
        assert await holding is None
    assert keys == ["1"]
    assert told.cancelled()


async def test_a_hangup_ends_the_hold_and_what_it_waits_for() -> None:
    told = asyncio.get_running_loop().create_future()
    async with a_line() as (line, peer):
        holding = doing(line.hold(told, pytest.fail))
        await peer.expect("SET MUSIC ON default", "200 result=0")
        await peer.command()
        await peer.hang_up()
        with pytest.raises(CallerHungUp):
            await holding
    assert told.cancelled()


async def test_an_application_that_asterisk_does_not_have_is_an_error() -> None:
    async with a_line() as (line, peer):
        dialling = doing(line.dial("branch", ring_ms=1000))
        await peer.expect('EXEC Dial "PJSIP/branch,1,g"', "200 result=-2")
        with pytest.raises(PortError, match="no application Dial"):
            await dialling


async def test_only_what_is_configured_is_dialled() -> None:
    async with a_line() as (line, _):
        with pytest.raises(PortError, match="no destination named 'PJSIP/0900'"):
            await line.dial("PJSIP/0900", ring_ms=1000)


async def test_the_engine_hangs_up() -> None:
    async with a_line() as (line, peer):
        hanging = doing(line.hang_up())
        await peer.expect("HANGUP", "200 result=1")
        await hanging
        with pytest.raises(CallerHungUp):
            await line.wait_digit(10)
        await peer.hang_up()
        await line.hang_up()


async def test_the_last_act_is_the_marker() -> None:
    async with a_line() as (line, peer):
        finishing = doing(line.finish())
        await peer.expect("SET VARIABLE IVR_DONE 1", "200 result=1")
        assert await finishing
        await peer.hang_up()
        assert not await line.finish()


async def test_a_step_that_has_used_up_its_time_may_not_go_on() -> None:
    uses: list[Use] = [
        lambda line: line.wait_digit(10),
        lambda line: line.stream(WELCOME, start=0, interruptible=True),
        lambda line: line.record("m", max_ms=10, silence_ms=0, stop_keys="#"),
    ]
    async with a_line() as (line, peer):
        line.begin_step(0)
        for use in uses:
            with pytest.raises(StepDeadline):
                await use(line)
        # A conversation is no step of the machine's.
        dialling = doing(line.dial("branch", ring_ms=1000))
        await peer.expect('EXEC Dial "PJSIP/branch,1,g"', "200 result=0")
        await peer.expect("GET VARIABLE DIALSTATUS", "200 result=1 (BUSY)")
        assert await dialling == DialStatus.BUSY
        line.begin_step(60_000)
        waiting = doing(line.wait_digit(10))
        await peer.expect("WAIT FOR DIGIT 10", "200 result=0")
        assert await waiting is None


@pytest.mark.parametrize("use", ["stream", "wait_digit", "record", "dial", "ring", "meet"])
async def test_a_hangup_in_any_command_is_one_exception(use: str) -> None:
    uses: dict[str, Use] = {
        "stream": lambda line: line.stream(WELCOME, start=0, interruptible=True),
        "wait_digit": lambda line: line.wait_digit(1000),
        "record": lambda line: line.record("m", max_ms=1000, silence_ms=0, stop_keys="#"),
        "dial": lambda line: line.dial("branch", ring_ms=1000),
        "ring": lambda line: line.ring("agent1", call_id="1.1", ring_ms=1000, record=""),
        "meet": lambda line: line.meet("PJSIP/agent1-00000001"),
    }
    async with a_line() as (line, peer):
        using = doing(uses[use](line))
        await peer.command()
        peer.say("200 result=-1")
        await peer.hang_up()
        with pytest.raises(CallerHungUp):
            await using


@pytest.mark.parametrize(("result", "talked"), [("-1", False), ("0", True)])
async def test_a_hangup_says_whether_a_person_had_answered(result: str, talked: bool) -> None:
    async with a_line() as (line, peer):
        dialling = doing(line.dial("branch", ring_ms=30_000))
        await peer.command()
        peer.say("HANGUP")
        peer.say(f"200 result={result}")
        with pytest.raises(CallerHungUp) as caught:
            await dialling
        assert caught.value.talked is talked


@pytest.mark.parametrize(
    "settings",
    [
        {"recordings": "relative"},
        {"recordings": "/r", "destinations": {"x": "PJSIP/1,2"}},
        {"recordings": "/r", "destinations": {"x": "PJSIP/1\n"}},
    ],
    ids=str,
)
def test_settings_that_asterisk_would_misread_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is no"):
        LineSettings(**settings)
