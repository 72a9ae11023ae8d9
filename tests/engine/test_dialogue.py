"""The dialogue on a line whose caller presses keys at given moments of given prompts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import pairwise
from typing import ClassVar, TypeVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.engine.dialogue import Dialogue
from ivr.model.digits import Choices, Digits, Gather, Grammar, Status
from ivr.model.errors import CallerHungUp, PortError
from ivr.model.events import Event, PromptMissing
from ivr.model.keyed import Amount
from ivr.model.prompt import Audible, BargeIn, Prompted, Recording
from ivr.model.secret import Secret
from ivr.ports.channel import Collect, Play
from ivr.ports.line import DialStatus, LineRecording, RecordEnd, Streamed
from ivr.ports.people import Linger, Lingered, Meet, RingAgent, Transfer
from ivr.ports.waiting import Hold, Turn, Waiting

R = TypeVar("R")


class Table:
    """Every prompt is one second long."""

    def render(self, items: Iterable[Audible], language: str) -> tuple[Recording, ...]:
        return tuple(
            Recording(item.id, "", f"/{language}/{item.id}", 1000)
            for item in items
            if isinstance(item, Prompted)
        )


NEWS = "news"
"""The prompt in which something new happens."""


class FakeLine:
    """A line whose caller follows a plan: (prompt, sample, key); then keys while waited for."""

    def __init__(
        self,
        during: Iterable[tuple[str, int, str]] = (),
        after: Iterable[str | None] = (),
        missing: Iterable[str] = (),
    ) -> None:
        self.during = list(during)
        self.after = list(after)
        self.missing = set(missing)
        self.heard: list[tuple[str, int, int]] = []
        self.waits: list[int] = []
        self.delays: list[int] = []
        self.ms = 0
        self.lost: list[str] = []

    def begin_step(self, deadline_ms: int) -> None:
        self.deadline = deadline_ms

    async def stream(self, recording: Recording, *, start: int, interruptible: bool) -> Streamed:
        if recording.id in self.missing:
            return Streamed(None, 0, missing=True)
        while self.during and self.during[0][0] == recording.id:
            _, at, key = self.during.pop(0)
            if interruptible:
                self.heard.append((recording.id, start, at))
                return Streamed(key, at)
            self.lost.append(key)
        self.heard.append((recording.id, start, 8000))
        return Streamed(None, 8000)

    async def announce(
        self,
        recordings: Sequence[Recording],
        news: Awaitable[object],
        heard: Callable[[str], bool],
        missing: Callable[[Recording], None],
    ) -> bool:
        asyncio.ensure_future(news).cancel()
        for recording in recordings:
            if recording.id == NEWS:
                return False
            streamed = await self.stream(recording, start=0, interruptible=True)
            if streamed.missing:
                missing(recording)
            elif streamed.key is not None and heard(streamed.key):
                return False
        return True

    async def wait_digit(self, timeout_ms: int) -> str | None:
        self.waits.append(timeout_ms)
        self.ms += self.delays.pop(0) if self.delays else 0
        return self.after.pop(0) if self.after else None

    async def attend(self, work: Awaitable[R], heard: Callable[[str], None]) -> R:
        for key in self.after:
            heard(key or "")
        self.after.clear()
        return await work

    async def record(
        self, name: str, *, max_ms: int, silence_ms: int, stop_keys: str
    ) -> LineRecording:
        return LineRecording(max_ms, RecordEnd.TIMEOUT)

    async def dial(self, destination: str, *, ring_ms: int) -> DialStatus:
        return DialStatus.ANSWERED

    async def hold(self, work: Awaitable[R], heard: Callable[[str], None]) -> R | None:
        if self.after:
            asyncio.ensure_future(work).cancel()
            heard(self.after.pop(0) or "")
            return None
        return await work

    async def ring(self, endpoint: str, *, call_id: str, ring_ms: int, record: str) -> DialStatus:
        return DialStatus.NO_ANSWER

    async def meet(self, channel: str) -> DialStatus:
        return DialStatus.ANSWERED

    async def hang_up(self) -> None:
        self.gone = True


class Room:
    """A queue in which there is always something new."""

    asked: ClassVar[list[tuple[str, int]]] = []

    async def turn(self, call_id: str, within_ms: int) -> Turn:
        self.asked.append((call_id, within_ms))
        return Hold()

    async def news(self, call_id: str) -> None:
        """There is something."""


def dialogue(line: FakeLine, events: list[Event] | None = None) -> Dialogue:
    report = (events if events is not None else []).append
    return Dialogue(line, Table(), "zh", report, lambda: line.ms, cast(Waiting, Room()))


def collect(
    keys: tuple[str, ...] = ("1", "2"), bargein: BargeIn = BargeIn.ANY, flush: bool = False
) -> Collect:
    return Collect(
        (Prompted("one"), Prompted("two")),
        Choices(keys),
        timeout_ms=5000,
        interdigit_ms=3000,
        bargein=bargein,
        flush=flush,
    )


async def test_a_key_after_the_prompts_is_read_within_the_first_digit_time() -> None:
    line = FakeLine(after=["2"])
    collected = await dialogue(line).collect(collect())
    assert (collected.status, collected.digits, collected.keyed) == (Status.COMPLETE_LEN, "2", 1)
    assert line.waits == [5000]
    assert line.heard == [("one", 0, 8000), ("two", 0, 8000)]


async def test_the_inter_digit_time_follows_every_key() -> None:
    line = FakeLine(after=["1", "0", None])
    collected = await dialogue(line).collect(collect(("10", "100")))
    assert (collected.status, collected.digits) == (Status.COMPLETE_TIMEOUT, "10")
    assert line.waits == [5000, 3000, 3000]


async def test_barge_in_any_cuts_the_rest_of_the_prompts() -> None:
    line = FakeLine(during=[("one", 3000, "7")])
    collected = await dialogue(line).collect(collect())
    assert collected.status is Status.NO_MATCH
    assert line.heard == [("one", 0, 3000)]


async def test_an_invalid_key_does_not_cut_a_mandatory_prompt_and_is_not_lost() -> None:
    line = FakeLine(during=[("one", 3000, "7")])
    collected = await dialogue(line).collect(collect(bargein=BargeIn.VALID))
    assert line.heard == [("one", 0, 3000), ("one", 3000, 8000), ("two", 0, 8000)]
    assert (collected.status, collected.digits) == (Status.NO_MATCH, "7")


async def test_a_valid_key_does_cut_it() -> None:
    line = FakeLine(during=[("two", 100, "1")])
    collected = await dialogue(line).collect(collect(bargein=BargeIn.VALID))
    assert line.heard == [("one", 0, 8000), ("two", 0, 100)]
    assert collected.digits == "1"


async def test_without_barge_in_the_prompts_are_heard_whole_and_the_key_is_kept() -> None:
    line = FakeLine(during=[("one", 10, "1")])
    collected = await dialogue(line).collect(collect(bargein=BargeIn.NONE))
    assert line.heard == [("one", 0, 10), ("one", 10, 8000), ("two", 0, 8000)]
    assert collected.digits == "1"


async def test_a_flushed_read_back_takes_no_key_pressed_before_its_end() -> None:
    line = FakeLine(during=[("one", 10, "1")], after=["2"])
    talk = dialogue(line)
    talk._typed.append("1")
    collected = await talk.collect(collect(bargein=BargeIn.NONE, flush=True))
    assert line.lost == ["1"]
    assert collected.digits == "2"


async def test_keys_typed_ahead_go_through_prompts_and_entries() -> None:
    line = FakeLine(during=[("hello", 50, "1")], after=["1", "2"])
    talk = dialogue(line)
    assert (await talk.play(Play((Prompted("hello"), Prompted("more"))))).interrupted
    first = await talk.collect(collect(("1",)))
    second = await talk.collect(collect(("12",)))
    assert (first.digits, second.digits) == ("1", "12")
    # Typed ahead, the first menu was not heard at all.
    assert line.heard == [("hello", 0, 50), ("one", 0, 8000), ("two", 0, 8000)]


async def test_flush_forgets_what_was_typed_ahead() -> None:
    line = FakeLine(during=[("hello", 50, "1")])
    talk = dialogue(line)
    await talk.play(Play((Prompted("hello"),)))
    collected = await talk.collect(collect(flush=True))
    assert collected.status is Status.TIMEOUT_EMPTY
    assert collected.keyed == 0


async def test_an_error_prompt_is_heard_whole_and_drops_keys() -> None:
    line = FakeLine(during=[("sorry", 50, "1")])
    talk = dialogue(line)
    talk._typed.append("9")
    played = await talk.play(Play((Prompted("sorry"),), bargein=BargeIn.NONE, flush=True))
    assert not played.interrupted
    assert line.heard == [("sorry", 0, 8000)]
    assert (await talk.collect(collect())).status is Status.TIMEOUT_EMPTY


async def test_keys_pressed_while_the_bank_thinks_are_kept() -> None:
    line = FakeLine(after=["1"])
    talk = dialogue(line)

    async def bank() -> str:
        return "balance"

    assert await talk.attend(bank()) == "balance"
    assert (await talk.collect(collect())).digits == "1"


async def test_a_missing_recording_is_reported_and_never_silence() -> None:
    events: list[Event] = []
    line = FakeLine(missing=["one"], after=["1"])
    collected = await dialogue(line, events).collect(collect())
    assert events == [PromptMissing("one")]
    assert line.heard == [("sorry-technical", 0, 8000), ("two", 0, 8000)]
    assert collected.digits == "1"


async def test_when_even_the_apology_is_missing_the_call_goes_on() -> None:
    events: list[Event] = []
    line = FakeLine(missing=["one", "sorry-technical"], after=["1"])
    assert (await dialogue(line, events).collect(collect())).digits == "1"
    assert events == [PromptMissing("one"), PromptMissing("sorry-technical")]


async def test_a_secret_entry_comes_back_as_a_secret_only() -> None:
    line = FakeLine(after=list("739146#"))
    command = Collect(
        (), Digits(6, 8), timeout_ms=5000, interdigit_ms=3000, flush=True, secret=True
    )
    collected = await dialogue(line).collect(command)
    assert collected.digits == ""
    assert collected.keyed == 7
    assert collected.secret is not None
    assert collected.secret.reveal() == "739146"
    assert "739146" not in repr(collected)


async def test_the_waits_for_keys_are_measured() -> None:
    line = FakeLine(after=["1", "0", "5"])
    line.delays = [1_800, 700, 900]
    collected = await dialogue(line).collect(branch_number())
    assert (collected.first_ms, collected.gap_ms) == (1_800, 900)


async def test_no_wait_no_measure() -> None:
    line = FakeLine(during=[("one", 50, "1")])
    collected = await dialogue(line).collect(collect(("1",)))
    assert (collected.first_ms, collected.gap_ms) == (None, None)


async def test_a_first_key_in_the_prompt_tells_nothing_but_the_next_one_does() -> None:
    line = FakeLine(during=[("which", 50, "1")], after=["0", "5"])
    line.delays = [400, 300]
    collected = await dialogue(line).collect(branch_number())
    assert (collected.first_ms, collected.gap_ms) == (None, 400)


async def test_silence_is_no_rhythm() -> None:
    line = FakeLine()
    line.delays = [5_000]
    collected = await dialogue(line).collect(collect())
    assert (collected.first_ms, collected.gap_ms) == (None, None)


async def test_a_timer_that_cut_an_entry_short_is_the_gap() -> None:
    line = FakeLine(after=["1", "0", None])
    line.delays = [100, 100, 3_000]
    collected = await dialogue(line).collect(branch_number())
    assert collected.status is Status.TIMEOUT_PARTIAL
    assert (collected.first_ms, collected.gap_ms) == (100, 3_000)


async def test_the_end_of_a_complete_entry_is_no_gap() -> None:
    line = FakeLine(after=["1", None])
    line.delays = [100, 3_000]
    collected = await dialogue(line).collect(collect(("1", "10")))
    assert collected.status is Status.COMPLETE_TIMEOUT
    assert (collected.first_ms, collected.gap_ms) == (100, None)


@pytest.mark.parametrize(("keys", "gap_ms"), [([*"739146#"], None), ([*"739", None], 3_000)])
async def test_no_key_of_a_secret_is_timed_but_who_is_cut_short_is_noticed(
    keys: list[str | None], gap_ms: int | None
) -> None:
    line = FakeLine(after=keys)
    line.delays = [1_234] * 7
    collected = await dialogue(line).collect(
        Collect((), Digits(6, 8), timeout_ms=5000, interdigit_ms=3000, flush=True, secret=True)
    )
    assert collected.secret is not None
    assert (collected.first_ms, collected.gap_ms) == (None, gap_ms)


async def test_a_key_pressed_in_an_announcement_counts_while_waiting() -> None:
    line = FakeLine()
    line.during = [("one", 4000, "1")]
    talk = dialogue(line)
    Room.asked.clear()
    told = Linger("1.1", 20_000, prompts=(Prompted("one"), Prompted("two")))
    assert await talk.linger(told) == Lingered("1", cut=True)
    assert line.heard == [("one", 0, 4000)]
    assert not Room.asked
    assert await talk.linger(told) == Lingered()
    assert Room.asked == [("1.1", 20_000)]
    line.after = ["*"]
    assert await talk.linger(Linger("1.1", 20_000)) == Lingered("*")


async def test_a_key_typed_ahead_counts_before_anything_is_announced() -> None:
    line = FakeLine(during=[("one", 10, "1")])
    talk = dialogue(line)
    await talk.play(Play((Prompted("one"),)))
    line.heard.clear()
    told = Linger("1.1", 20_000, prompts=(Prompted("two"),))
    assert await talk.linger(told) == Lingered("1", cut=True)
    assert line.heard == []


async def test_what_is_new_ends_an_announcement_and_the_wait_with_it() -> None:
    line, events = FakeLine(missing=["lost"]), list[Event]()
    Room.asked.clear()
    told = Linger("1.1", 20_000, prompts=(Prompted("lost"), Prompted(NEWS), Prompted("two")))
    assert await dialogue(line, events).linger(told) == Lingered(cut=True)
    assert (line.heard, Room.asked) == ([], [])
    assert events == [PromptMissing("lost")]


@pytest.mark.parametrize("what", ["transfer", "ring", "meet"])
async def test_keys_from_before_a_conversation_mean_nothing_after_it(what: str) -> None:
    talk = dialogue(FakeLine())
    talk._typed.append("1")
    if what == "transfer":
        await talk.transfer(Transfer("desk", 20_000))
    elif what == "ring":
        await talk.ring(RingAgent("1.1", "agent1001", 15_000))
    else:
        await talk.meet(Meet("PJSIP/agent1001-00000001"))
    assert (await talk.collect(collect())).status is Status.TIMEOUT_EMPTY


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["one", "two"]), st.integers(0, 7999), st.sampled_from("0123456789")
        ),
        max_size=8,
    ),
    st.sampled_from(list(BargeIn)),
)
async def test_no_key_is_ever_lost_and_no_sample_heard_twice(
    plan: list[tuple[str, int, str]], bargein: BargeIn
) -> None:
    plan = sorted(plan)
    line = FakeLine(during=plan)
    talk = dialogue(line)
    gathered = await talk.collect(
        Collect(
            (Prompted("one"), Prompted("two")),
            Digits(1, 64),
            timeout_ms=1,
            interdigit_ms=1,
            bargein=bargein,
        )
    )
    pressed = plan[: len(plan) - len(line.during)]
    assert gathered.digits == "".join(key for _, _, key in pressed)
    for name in ("one", "two"):
        spans = [(start, end) for id_, start, end in line.heard if id_ == name]
        assert all(a[1] == b[0] for a, b in pairwise(spans))


def branch_number() -> Collect:
    return Collect((Prompted("which"),), Digits(3, 3), timeout_ms=5000, interdigit_ms=3000)


@pytest.mark.parametrize("during", [[("one", 300, "#")], []])
async def test_a_terminator_after_the_last_digit_that_fits_belongs_to_the_entry(
    during: list[tuple[str, int, str]],
) -> None:
    line = FakeLine(during=during, after=["1", "0", "5"])
    talk = dialogue(line)
    assert (await talk.collect(branch_number())).digits == "105"
    if not during:
        line.after = ["#"]
        await talk.attend(_nothing())
    line.heard.clear()
    played = await talk.play(Play((Prompted("one"),)))
    assert not played.interrupted
    assert line.heard[-1][2] == 8000
    line.after = ["2"]
    assert (await talk.collect(collect())).digits == "2"


async def test_a_terminator_typed_right_behind_the_entry_belongs_to_it() -> None:
    line = FakeLine(after=["1", "0", "5", "#", "2"])
    talk = dialogue(line)
    await talk.attend(_nothing())
    assert (await talk.collect(branch_number())).digits == "105"
    assert (await talk.collect(collect())).digits == "2"


async def test_a_terminator_behind_the_last_decimal_belongs_to_the_amount() -> None:
    line = FakeLine(after=["1", "*", "5", "0", "#", "2"])
    talk = dialogue(line)
    await talk.attend(_nothing())
    amount = Collect((Prompted("how"),), Amount(1, 99_999), timeout_ms=5000, interdigit_ms=3000)
    assert (await talk.collect(amount)).digits == "1*50"
    assert (await talk.collect(collect())).digits == "2"


async def test_once_a_recording_was_heard_the_terminator_is_a_key_of_its_own() -> None:
    line = FakeLine(after=["1", "0", "5"])
    talk = dialogue(line)
    await talk.collect(branch_number())
    await talk.play(Play((Prompted("one"),)))
    line.during = [("two", 100, "#")]
    ended = await talk.collect(collect(("1", "#")))
    assert (ended.status, ended.digits) == (Status.COMPLETE_LEN, "#")


async def test_another_key_first_makes_it_a_key_of_its_own() -> None:
    line = FakeLine(after=["1", "0", "5"])
    talk = dialogue(line)
    await talk.collect(branch_number())
    line.after = ["1", "#"]
    await talk.attend(_nothing())
    assert (await talk.collect(collect(("1",)))).digits == "1"
    assert (await talk.collect(collect(("#",)))).digits == "#"


async def _nothing() -> None:
    return None


async def test_what_was_keyed_of_a_secret_is_wiped_when_the_caller_hangs_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Leaving(FakeLine):
        async def wait_digit(self, timeout_ms: int) -> str | None:
            if not self.after:
                raise CallerHungUp("gone")
            return await super().wait_digit(timeout_ms)

    captured: list[Secret] = []

    class Noted(Gather):
        def __init__(self, grammar: Grammar, *, secret: bool = False) -> None:
            super().__init__(grammar, secret=secret)
            assert self.secret is not None
            captured.append(self.secret)

    monkeypatch.setattr("ivr.engine.dialogue.Gather", Noted)
    talking = dialogue(Leaving(after="7391"))
    command = Collect((), Digits(6, 6), timeout_ms=5000, interdigit_ms=3000, secret=True)
    with pytest.raises(CallerHungUp):
        await talking.collect(command)
    assert len(captured) == 1
    assert not any(captured[0]._digits)


class Watchful:
    """Sees to secrets, or refuses them."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses
        self.seen: list[str] = []

    async def begin(self) -> None:
        if self.refuses:
            raise PortError("window", "a recorder may be on")
        self.seen.append("begin")

    def keyed(self, what: str, count: int) -> None:
        self.seen.append(f"{what} {count}")

    async def end(self) -> None:
        self.seen.append("end")


def _watched(line: FakeLine, privacy: Watchful) -> Dialogue:
    events: list[Event] = []
    room = cast(Waiting, Room())
    return Dialogue(line, Table(), "zh", events.append, lambda: line.ms, room, privacy)


def _pin(*, secret: bool = True) -> Collect:
    prompts = (Prompted("one"),)
    return Collect(prompts, Digits(4, 6), 5000, 3000, flush=True, secret=secret, what="pin")


async def test_what_is_keyed_of_a_secret_is_counted_in_silence() -> None:
    privacy = Watchful()
    keys: list[str | None] = ["7", "3", "9", "1", "#"]
    await _watched(FakeLine(after=keys[:]), privacy).collect(_pin())
    assert privacy.seen == ["begin", "pin 1", "pin 2", "pin 3", "pin 4", "pin 4", "end"]
    await _watched(FakeLine(after=keys[:]), privacy).collect(_pin(secret=False))
    assert len(privacy.seen) == 7


async def test_a_secret_that_may_be_recorded_is_not_asked_for() -> None:
    line = FakeLine(after=["7"])
    with pytest.raises(PortError, match="recorder"):
        await _watched(line, Watchful(refuses=True)).collect(_pin())
    assert line.heard == []


async def test_what_was_silenced_sounds_again_when_the_caller_is_gone() -> None:
    privacy = Watchful()

    class Gone(FakeLine):
        async def wait_digit(self, timeout_ms: int) -> str | None:
            raise CallerHungUp("gone")

    with pytest.raises(CallerHungUp):
        await _watched(Gone(), privacy).collect(_pin())
    assert privacy.seen == ["begin", "end"]
