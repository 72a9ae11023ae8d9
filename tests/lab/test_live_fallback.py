"""What becomes of a caller when engines die, return, or are not there at all."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.ami import Ami
from lab.fixtures import write_recording
from lab.library import Library
from lab.ports import ADDRESS
from lab.site import AMI_USER, HOTLINE, Lab
from lab.telephone import Telephone
from tests.lab.agi import Script, engine

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    for name in ("first", "second"):
        write_recording(folder / "zh" / f"{name}.ulaw", name, 12)
    return folder


@pytest.fixture(scope="module")
def everything(lab: Lab, prompts: Path) -> Library:
    return Library.of(lab.prompts, lab.sounds, prompts)


async def test_without_an_engine_the_caller_is_told_queued_and_let_go(
    lab: Lab, phone: Telephone
) -> None:
    call = await phone.call(HOTLINE)
    apology = await call.hears("zh/survivability", whole=True)
    assert call.answered_at is not None
    assert apology.start - call.answered_at < 1
    await call.hears("music/music")
    await call.hears("zh/goodbye", whole=True)
    assert await call.ended() == 16
    assert not lab.exchange.channels()


async def test_the_apology_is_in_the_callers_language(lab: Lab, everything: Library) -> None:
    async def choose_english_then_die(script: Script) -> None:
        await script.ask("SET VARIABLE CHANNEL(language) en")

    async with engine(lab, choose_english_then_die), Telephone(lab, everything) as phone:
        call = await phone.call(HOTLINE)
        await call.hears("en/survivability", within=3)


async def test_the_dialplan_apologises_when_even_python_cannot(lab: Lab, phone: Telephone) -> None:
    plan = lab.exchange.etc / "extensions.conf"
    working = plan.read_text()
    assert "survivability.py" in working
    plan.write_text(working.replace("survivability.py", "missing.py"))
    try:
        lab.exchange.rx("dialplan reload")
        call = await phone.call(HOTLINE)
        await call.hears("zh/survivability", whole=True)
        await call.hears("music/music")
    finally:
        plan.write_text(working)
        lab.exchange.rx("dialplan reload")


async def test_the_next_node_takes_over_the_same_call(
    lab: Lab, prompts: Path, everything: Library
) -> None:
    calls: list[str] = []

    async def die_playing(script: Script) -> None:
        calls.append(script.variables["agi_uniqueid"])
        script.start(f'STREAM FILE {prompts}/zh/first ""')
        await asyncio.sleep(0.5)

    async def take_over(script: Script) -> None:
        calls.append(script.variables["agi_uniqueid"])
        await script.ask(f'STREAM FILE {prompts}/zh/second ""')
        await script.finish()

    async with (
        engine(lab, die_playing),
        engine(lab, take_over, lab.ports.agi_second),
        Telephone(lab, everything) as phone,
    ):
        call = await phone.call(HOTLINE)
        first = await call.hears("first")
        second = await call.hears("second", whole=True)
        assert await call.ended() == 16
        assert second.start - first.end < 1
    assert len(calls) == 2
    assert len(set(calls)) == 1


async def test_an_engine_back_within_a_moment_takes_its_call_again(
    lab: Lab, prompts: Path, everything: Library
) -> None:
    died = asyncio.Event()

    async def die(script: Script) -> None:
        script.start(f'STREAM FILE {prompts}/zh/first ""')
        await asyncio.sleep(0.3)
        died.set()

    async def resume(script: Script) -> None:
        await script.ask(f'STREAM FILE {prompts}/zh/second ""')
        await script.finish()

    async with Telephone(lab, everything) as phone:
        async with engine(lab, die):
            call = await phone.call(HOTLINE)
            await died.wait()
        await asyncio.sleep(0.4)  # nobody listens meanwhile
        async with engine(lab, resume):
            second = await call.hears("second", whole=True)
            first = call.heard[0]
            assert second.start - first.end < 1
            assert await call.ended() == 16


@contextlib.contextmanager
def black_hole(port: int) -> Iterator[None]:
    """A port that takes a connection and never answers it: its queue is full."""
    with socket.create_server((ADDRESS, port), backlog=0), contextlib.ExitStack() as callers:
        for _ in range(4):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex((ADDRESS, port))
        yield


async def test_a_node_that_does_not_answer_at_all_costs_two_seconds(
    lab: Lab, prompts: Path, everything: Library
) -> None:
    async def play(script: Script) -> None:
        await script.ask(f'STREAM FILE {prompts}/zh/second ""')
        await script.finish()

    with black_hole(lab.ports.agi):
        async with engine(lab, play, lab.ports.agi_second), Telephone(lab, everything) as phone:
            call = await phone.call(HOTLINE)
            second = await call.hears("second")
            assert call.answered_at is not None
            assert second.start - call.answered_at < 2.5
            await call.ended()


async def test_nodes_that_do_not_answer_are_asked_once(lab: Lab, phone: Telephone) -> None:
    with black_hole(lab.ports.agi), black_hole(lab.ports.agi_second):
        call = await phone.call(HOTLINE)
        apology = await call.hears("survivability", within=8)
        assert call.answered_at is not None
        assert apology.start - call.answered_at < 5


async def test_a_redirected_call_comes_back_as_the_same_call(
    lab: Lab, prompts: Path, everything: Library
) -> None:
    calls: list[str] = []

    async def play(script: Script) -> None:
        calls.append(script.variables["agi_uniqueid"])
        if len(calls) == 1:
            await script.ask(f'STREAM FILE {prompts}/zh/first ""')
        else:
            await script.ask(f'STREAM FILE {prompts}/zh/second ""')
            await script.finish()

    async with engine(lab, play), Telephone(lab, everything) as phone:
        call = await phone.call(HOTLINE)
        await call.hears("first")
        ami = await Ami.connect(lab.ports.ami, AMI_USER, lab.ami_secret, lambda event: None)
        place = {"Context": "engine", "Exten": HOTLINE, "Priority": "1"}
        answer = await ami.send("Redirect", {"Channel": lab.exchange.channels()[0], **place})
        await ami.close()
        assert answer["Response"] == "Success", answer
        await call.hears("second", whole=True)
        assert await call.ended() == 16
    assert len(calls) == 2
    assert len(set(calls)) == 1


@pytest.mark.parametrize(
    ("number", "status"), [("8001", "ANSWER"), ("8002", "BUSY"), ("8004", "CHANUNAVAIL")]
)
async def test_transfers_go_to_listed_destinations_only(
    lab: Lab, everything: Library, number: str, status: str
) -> None:
    statuses: list[str] = []

    async def dial(script: Script) -> None:
        await script.ask(f'EXEC Dial "Local/{number}@transfer,5,g"')
        statuses.append(await script.ask("GET VARIABLE DIALSTATUS"))
        await script.finish()

    async with engine(lab, dial), Telephone(lab, everything) as phone:
        call = await phone.call(HOTLINE)
        if status == "ANSWER":
            await call.hears("agent", whole=True)
        await call.ended()
    assert status in statuses[0]
