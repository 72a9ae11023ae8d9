"""Secure windows on a real Asterisk: silence where a card is keyed, sound before and after."""

from __future__ import annotations

import asyncio
import itertools
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.adapters.ami.client import AmiClient, AmiSettings
from ivr.adapters.ami.recorders import AmiRecorders
from ivr.adapters.clock import SystemClock
from ivr.adapters.preflight.gather import look
from ivr.adapters.preflight.running import Console
from ivr.adapters.window.secure import SecureWindow, Silence
from lab.library import Library
from lab.ports import ADDRESS
from lab.site import AMI_USER, Lab
from lab.sounds import melody
from lab.telephone import PhoneCall, Telephone
from lab.tones import strength
from tests.live.edge_kit import Call, Edge, serving
from tests.live.kit import ZONE

pytestmark = pytest.mark.asterisk

BEFORE, INSIDE, AFTER = 440, 620, 910
"""The tone (Hz) that is heard when."""
LOUD, SILENT = 3_000.0, 300.0
"""Amplitudes: of a tone that was said, and of one that was not (others spill over a little)."""
HEADER = 44
TONE_MS = 300
BYTES_A_MS = 16


async def test_a_running_asterisk_is_looked_at(lab: Lab) -> None:
    etc, console = lab.exchange.etc, Console(lab.exchange.console)
    assert await look(etc, console) == ()
    await lab.exchange.ask("logger add channel spoilt.log dtmf")
    try:
        (finding,) = await look(etc, console)
        assert (finding.code, finding.where) == ("PCI211", "`logger show channels`")
    finally:
        await lab.exchange.ask("logger remove channel spoilt.log")
    assert await look(etc, console) == ()


async def clean() -> str:
    """A preflight that found nothing."""
    return ""


class Site:
    """A call in the hands of a test, and the engine's windows on its Asterisk."""

    def __init__(self, lab: Lab, folder: Path, client: AmiClient, placed: PhoneCall, call: Call):
        self.lab = lab
        self.folder = folder
        self.client = client
        self.recorders = AmiRecorders(client, confirm_ms=1_500)
        self.placed = placed
        self.channel = call.connection.environment.channel
        self.call_id = call.connection.environment.uniqueid
        self.files: list[Path] = []

    def window(self, silence: Silence = Silence.MUTE) -> SecureWindow:
        return SecureWindow(self.client, self.recorders, clean, silence)

    async def record(self, *names: str) -> list[Path]:
        """Have recorders begin, as operators may; return what they write."""
        files = [self.folder / f"{name}.wav" for name in names]
        for file in files:
            await self.lab.exchange.ask(f"mixmonitor start {self.channel} {file}")
        self.files += files
        return files

    async def say(self, hertz: int, files: list[Path]) -> None:
        """Have the caller say a tone, and wait until recorders have written so much more."""
        wanted = {file: size(file) + BYTES_A_MS * (TONE_MS + 200) for file in files}
        self.placed.speak(melody([(hertz, TONE_MS)]))
        async with asyncio.timeout(10):
            while any(size(file) < most for file, most in wanted.items()):  # noqa: ASYNC110
                # A file tells nobody that it has grown.
                await asyncio.sleep(0.05)

    async def end(self) -> None:
        """Hang up, and wait until Asterisk has written what it recorded."""
        await self.placed.hang_up()
        async with asyncio.timeout(10):
            while not all(map(written, self.files)):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.05)


@asynccontextmanager
async def site(
    lab: Lab, folder: Path, user: str = AMI_USER, secret: str = ""
) -> AsyncIterator[Site]:
    """Place a call that the test itself answers."""
    settings = AmiSettings(ADDRESS, lab.ports.ami, user, secret or lab.ami_secret)
    client = AmiClient(settings, SystemClock(ZONE))
    edge = Edge(lab, folder)
    async with serving(edge), Telephone(lab, Library.of(folder)) as phone:
        await client.connect()
        placed, call = await edge.call(phone)
        listening = asyncio.create_task(call.line.wait_digit(60_000))
        try:
            yield Site(lab, folder, client, placed, call)
        finally:
            listening.cancel()
            await asyncio.wait([listening])
            await client.close()


def size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def written(file: Path) -> bool:
    """Whether a recording is closed: only then its header tells how long it is."""
    try:
        with wave.open(str(file), "rb") as sound:
            return HEADER + 2 * sound.getnframes() == size(file)
    except (wave.Error, EOFError, FileNotFoundError):
        return False


def heard(file: Path) -> list[bool]:
    """Whether each of the three tones is in a recording."""
    found = [strength(file, hertz) for hertz in (BEFORE, INSIDE, AFTER)]
    assert all(one > LOUD or one < SILENT for one in found), found
    return [one > LOUD for one in found]


async def test_every_recorder_is_silent_inside(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path) as here:
        window = here.window()
        files = await here.record("one", "two")
        await here.say(BEFORE, files)
        opened = await window.open(here.call_id)
        assert opened.open, opened.problem
        muted = asyncio.Event()
        here.client.on_event("MixMonitorMute", lambda event: muted.set())
        files += await here.record("begun-inside")
        async with asyncio.timeout(5):
            await muted.wait()
        await here.say(INSIDE, files)
        await window.close(here.call_id)
        await here.say(AFTER, files)
        await here.end()
    assert [heard(file) for file in files] == [
        [True, False, True],
        [True, False, True],
        [False, False, True],
    ]


async def test_every_recorder_ends_where_that_is_wanted(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path) as here:
        window = here.window(Silence.STOP)
        ended = await here.record("one", "two")
        assert (await window.open(here.call_id)).open
        await window.close(here.call_id)
        again = await here.record("again")
        await here.say(AFTER, again)
        await here.end()
    assert [heard(file) for file in ended + again] == [
        [False, False, False],
        [False, False, False],
        [False, False, True],
    ]


async def test_without_asterisks_word_it_stays_shut(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path) as here:
        assert "no such channel" in (await here.window().open("1.1")).problem
        await here.client.close()
        opened = await here.window().open(here.call_id)
        assert not opened.open
        assert "not connected" in opened.problem


async def test_a_silence_that_no_event_confirms_is_none(lab: Lab, tmp_path: Path) -> None:
    file = lab.exchange.etc / "manager.conf"
    written = file.read_text("utf-8")
    deaf = (
        "[deaf]\nsecret = deaf\nread = call\nwrite = call,reporting\neventfilter = ^Event: Hangup\n"
    )
    file.write_text(f"{written}\n{deaf}", "utf-8")
    await lab.exchange.ask("manager reload")
    try:
        async with site(lab, tmp_path, "deaf", "deaf") as here:
            window = here.window()
            assert (await window.open(here.call_id)).open, "nothing records: nothing to confirm"
            await window.close(here.call_id)
            files = await here.record("unconfirmed")
            began = asyncio.get_running_loop().time()
            opened = await window.open(here.call_id)
            assert asyncio.get_running_loop().time() - began < 3
            assert not opened.open
            assert "is recorded, and its silence not confirmed within 1500 ms" in opened.problem
            await here.say(AFTER, files)
            await here.end()
        assert heard(files[0]) == [False, False, True], "what was muted is given back"
    finally:
        file.write_text(written, "utf-8")
        await lab.exchange.ask("manager reload")


async def spy(here: Site, on: str) -> None:
    """Have an agent listen to the channels whose names begin so."""
    agent = {"Channel": "Local/8001@transfer", "Application": "ChanSpy", "Data": f"{on},q"}
    await here.client.action("Originate", agent)


async def listening(here: Site, wanted: int) -> None:
    """Wait until so many channels listen to others."""
    async with asyncio.timeout(10):
        for _ in itertools.count():
            channels = await here.client.core_channels()
            if sum(one.application == "ChanSpy" for one in channels) == wanted:
                return
            await asyncio.sleep(0.05)  # for a spy on nobody there is no event


async def test_nobody_listens(lab: Lab, tmp_path: Path) -> None:
    await lab.exchange.ask("module load app_chanspy.so")
    async with site(lab, tmp_path) as here:
        window = here.window()
        await spy(here, "PJSIP/somebody-else")
        await listening(here, 1)
        opened = await window.open(here.call_id)
        assert opened.open, opened.problem
        await spy(here, here.channel)
        gone = asyncio.Event()
        here.client.on_event("ChanSpyStop", lambda event: gone.set())
        async with asyncio.timeout(10):
            await gone.wait()
        await listening(here, 1)
        await window.close(here.call_id)
        await spy(here, "PJSIP/trunk")
        await listening(here, 2)
        opened = await window.open(here.call_id)
        assert not opened.open
        assert "listens to the call" in opened.problem
        assert here.placed.cause is None
        for one in await here.client.core_channels():
            if one.application == "ChanSpy":
                await here.client.hang_up(one.channel)
        await here.end()
