"""A real call: real SIP, RTP and keys, between a scripted caller and a script of a few lines."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.fixtures import write_recording
from lab.heard import FRAME
from lab.library import Library
from lab.site import HOTLINE, Lab
from lab.sounds import melody
from lab.telephone import CallFailed, NotHeard, Telephone
from tests.lab.agi import Script, engine

pytestmark = pytest.mark.asterisk
KEYS = "1234567890*#ABCD"


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    for name, notes in (("welcome", 4), ("menu", 12), ("bye", 3)):
        write_recording(folder / "zh" / f"{name}.ulaw", name, notes)
    return folder


async def gone(lab: Lab, within: float = 1.0) -> None:
    """Wait until the exchange has no channel left, at most `within` seconds."""
    deadline = time.monotonic() + within
    while channels := lab.exchange.channels():
        assert time.monotonic() < deadline, channels
        await asyncio.sleep(0.02)


async def test_prompts_are_heard_whole_and_without_a_gap(lab: Lab, prompts: Path) -> None:
    order = ["zh/welcome", "zh/bye", "zh/welcome", "zh/bye", "zh/welcome", "zh/bye"]

    async def play(script: Script) -> None:
        for name in order:
            await script.ask(f'STREAM FILE {prompts}/{name} ""')
        await script.finish()

    async with engine(lab, play), Telephone(lab, Library.of(prompts)) as phone:
        call = await phone.call(HOTLINE)
        assert await call.ended() == 16
    assert [str(heard) for heard in call.heard] == order
    gaps = [after.start - before.end for before, after in itertools.pairwise(call.heard)]
    # The median: a busy machine may be late once, the telephone never has a gap each time.
    assert statistics.median(gaps) == pytest.approx(0, abs=0.02)
    await gone(lab)


async def test_a_prompt_cut_by_a_key_and_resumed_is_heard_in_two_parts(
    lab: Lab, prompts: Path
) -> None:
    async def play(script: Script) -> None:
        answer = await script.ask(f'STREAM FILE {prompts}/zh/menu "5"')
        offset = int(answer.partition("endpos=")[2])
        await script.ask(f'STREAM FILE {prompts}/zh/bye ""')
        await script.ask(f'STREAM FILE {prompts}/zh/menu "" {offset}')
        await script.finish()

    async with engine(lab, play), Telephone(lab, Library.of(prompts)) as phone:
        call = await phone.call(HOTLINE)
        await call.hears("menu")
        await call.press("5")
        await call.ended()
        first, bye, second = call.heard
        assert (first.name, first.offset, first.to_end) == ("zh/menu", 0, False)
        assert bye.whole
        assert (second.name, second.to_end) == ("zh/menu", True)
        assert second.offset == pytest.approx(first.length, abs=FRAME)


async def test_keys_arrive_in_order_as_fast_as_a_machine_dials(lab: Lab, prompts: Path) -> None:
    keys: list[str] = []

    async def read(script: Script) -> None:
        await script.ask(f'STREAM FILE {prompts}/zh/welcome ""')
        keys.extend([await script.key() for _ in KEYS])
        await script.finish()

    async with engine(lab, read), Telephone(lab, Library.of(prompts)) as phone:
        call = await phone.call(HOTLINE)
        await call.hears("welcome", whole=True)
        await call.press(KEYS)
        with pytest.raises(ValueError, match="run together"):
            await call.press("12", spacing_ms=50)
        await call.ended()
    assert "".join(keys) == KEYS


async def test_many_calls_at_once_are_each_heard(lab: Lab, prompts: Path) -> None:
    async def play(script: Script) -> None:
        await script.ask(f'STREAM FILE {prompts}/zh/welcome ""')
        assert await script.key() == "7"
        await script.ask(f'STREAM FILE {prompts}/zh/bye ""')
        await script.finish()

    async def one(phone: Telephone) -> str:
        call = await phone.call(HOTLINE)
        await call.hears("welcome", whole=True)
        await call.press("7")
        await call.ended()
        return call.transcript

    async with engine(lab, play), Telephone(lab, Library.of(prompts)) as phone:
        transcripts = await asyncio.gather(*(one(phone) for _ in range(15)))
    assert set(transcripts) == {"zh/welcome, zh/bye"}


async def test_hanging_up_frees_the_channel_within_a_second(lab: Lab, prompts: Path) -> None:
    async def play(script: Script) -> None:
        await script.ask(f'STREAM FILE {prompts}/zh/menu ""')

    async with engine(lab, play), Telephone(lab, Library.of(prompts)) as phone:
        call = await phone.call(HOTLINE)
        await call.hears("menu")
        await call.hang_up()
        await gone(lab)
        with pytest.raises(NotHeard, match="menu"):
            await call.hears("bye")


async def test_hanging_up_on_a_frozen_engine_frees_the_channel(lab: Lab, phone: Telephone) -> None:
    thaw = asyncio.Event()

    async def freeze(script: Script) -> None:
        await thaw.wait()

    async with engine(lab, freeze):
        call = await phone.call(HOTLINE)
        await asyncio.sleep(0.2)
        await call.hang_up()
        await gone(lab)
        thaw.set()


async def test_the_caller_can_speak(lab: Lab, prompts: Path, tmp_path: Path) -> None:
    async def record(script: Script) -> None:
        await script.ask(f'STREAM FILE {prompts}/zh/bye ""')
        await script.ask(f'RECORD FILE {tmp_path}/message ulaw "#" 5000')
        await script.finish()

    said = melody([(440, 600)])
    async with engine(lab, record), Telephone(lab, Library.of(prompts)) as phone:
        call = await phone.call(HOTLINE)
        await call.hears("bye", whole=True)
        call.speak(said)
        await asyncio.sleep(0.9)
        await call.press("#")
        await call.ended()
    assert said[800:4000] in (tmp_path / "message.ulaw").read_bytes()


async def test_a_number_that_is_not_ours_is_refused(lab: Lab, phone: Telephone) -> None:
    with pytest.raises(CallFailed):
        await phone.call(HOTLINE + "1")
    await gone(lab)


HOSTILE: dict[str, Callable[[str], str]] = {
    "control character": lambda digits: digits + "\x07",
    "letters": lambda digits: digits + "abc",
    "quote": lambda digits: digits + "'",
    "expression": lambda digits: digits + "${EPOCH}",
    "substring": lambda digits: "):0:1" + digits,
    "too long": lambda digits: digits * 3,
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_number_is_withheld_not_cleaned(lab: Lab, kind: str) -> None:
    variables = await asked_about(lab, HOSTILE[kind]("13800001111"), "")
    assert variables["agi_callerid"] == "unknown"


async def test_a_name_never_reaches_the_engine(lab: Lab) -> None:
    variables = await asked_about(lab, "+8613800001111", "bank \x07 ${EPOCH}")
    assert variables["agi_callerid"] == "+8613800001111"
    assert variables["agi_calleridname"] == "unknown"
    assert variables["agi_extension"] == variables["agi_dnid"] == HOTLINE
    assert variables["agi_rdnis"] == "unknown"


async def asked_about(lab: Lab, ani: str, name: str) -> dict[str, str]:
    """Call once and return what the engine was told about the caller."""
    seen: list[dict[str, str]] = []

    async def note(script: Script) -> None:
        seen.append(script.variables)
        await script.finish()

    async with engine(lab, note), Telephone(lab, Library([])) as phone:
        call = await phone.call(HOTLINE, ani=ani, name=name, wait=False)
        await call.ended()
    return seen[0]
