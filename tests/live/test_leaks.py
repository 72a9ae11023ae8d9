"""What callers key is nowhere afterwards: not in logs, events, records, databases or recordings.

The scanner is put to the proof first, on an Asterisk that leaks in every way it can: what it finds
not there, it would not find elsewhere either.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
import yaml

from ivr.adapters.agi.line import AgiLine
from ivr.adapters.prompts.manifest import Entry, write_manifest
from ivr.adapters.prompts.texts import load_texts
from ivr.app.config import make_token
from ivr.app.sandbox import sandbox
from ivr.model.say import segments
from lab import installation, tones
from lab.engine import Engine
from lab.fixtures import STAND_INS, TEST_TIMING, write_recording
from lab.installation import REPOSITORY
from lab.leaking import leaky, records, tap
from lab.leaks import Hit, Scanner, copies
from lab.library import Library
from lab.mulaw import encode
from lab.ports import free_block
from lab.site import HOTLINE, Lab
from lab.telephone import PhoneCall, Telephone
from tests.live.edge_kit import Edge, serving
from tests.live.kit import ZONE
from tests.queues import add_queues

pytestmark = pytest.mark.asterisk

ROUNDS = int(os.environ.get("ONECALL_LEAK_ROUNDS", "0"))
"""How often every script is played (`make leaks`); 0: some of them, once."""
SECRETS = {"card": "371642870951365", "cvv": "8350", "pin": "73914628"}
PLANTED = {
    "AMI, events of keys": "ami/DTMFEnd.txt",
    "AMI, channel events": "ami/CEL.txt",
    "channel event records": "cel-custom/all.csv",
    "log with level dtmf": "log/keys.log",
    "AGI debugging": "AGI Tx",
    "SIP debugging": "Signal=",
    "recording": "hotline.wav",
    "database, after deleting": "control.sqlite",
}
"""Each planted leak, and what a hit in it is told by."""


@contextmanager
def own_lab(folder: Path) -> Iterator[Lab]:
    """Start a lab that may be spoilt."""
    for language in ("zh", "en"):
        for name in STAND_INS:
            write_recording(folder / "prompts" / language / f"{name}.ulaw", f"{language}/{name}")
    with free_block() as ports:
        found = installation.find(lambda text: None)
        lab = Lab(folder, ports, found, folder / "prompts", TEST_TIMING, tethered=True)
        try:
            lab.start()
            yield lab
        finally:
            lab.stop()


async def leak(lab: Lab, folder: Path) -> None:
    """Key a card where everything tells it."""
    edge = Edge(lab, folder)
    await leaky(lab)
    async with (
        tap(lab, folder / "ami"),
        serving(edge),
        Telephone(lab, Library.of(folder)) as phone,
    ):
        for line in ("hotline", "hotline-info"):
            placed, call = await asyncio.gather(phone.call(HOTLINE, line=line), edge.answer(10))
            keys = asyncio.create_task(read(call.line, len(SECRETS["card"])))
            recording = folder / f"{line}.wav"
            channel = call.connection.environment.channel
            await lab.exchange.ask(f"mixmonitor start {channel} {recording}")
            await placed.press(SECRETS["card"])
            assert await keys == SECRETS["card"]
            if line == "hotline":
                await in_band(placed, SECRETS["card"])
            await call.leave()
            await placed.ended()
    with closing(sqlite3.connect(folder / "control.sqlite")) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE kept (text TEXT)")
        database.execute("INSERT INTO kept VALUES (?)", (SECRETS["card"],))
        database.commit()
        database.execute("DELETE FROM kept")
        database.commit()


async def read(line: AgiLine, count: int) -> str:
    """Read so many keys, as an engine does."""
    keys = ""
    while len(keys) < count:
        keys += await line.wait_digit(10_000) or ""
    return keys


async def in_band(call: PhoneCall, digits: str) -> None:
    """Send keys as tones in the sound, as old telephones do."""
    call.speak(encode(tones.dial(digits)))
    await call.spoken()


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Scanner:
    """A scanner that has found every planted leak: else the run is void."""
    folder = tmp_path_factory.mktemp("leaky")
    with own_lab(folder / "lab") as lab:
        asyncio.run(leak(lab, folder))
    scanner = Scanner(SECRETS)
    hits = scanner.folder(folder)
    missed = [name for name, told in PLANTED.items() if not _found(hits, told)]
    assert not missed, f"{len(PLANTED) - len(missed)} of {len(PLANTED)} planted leaks are found"
    return scanner


def _found(hits: list[Hit], told: str) -> bool:
    return any(hit.secret == "card" and told in f"{hit.where} {hit.how}" for hit in hits)


FLOW = """\
flow: main
numbers: ["95500"]
languages: [en]
start: which

steps:
  which:
    menu:
      prompt: anything-else
      choices: {1: {goto: who, label: who}, 2: {goto: pay, label: pay}, 0: {goto: agent, label: agent}}
    on: {no_input: done, invalid: done}
  who:
    authenticate: {account: "6222021007", attempts: 1}
    on: {ok: done, failed: done, locked: done, unavailable: done, no_input: done}
  pay:
    pay: {order: "10000001", on_file: false}
    on:
      success: done
      payment_declined: done
      unknown: done
      too_many_failed_attempts: done
      caller_interrupted_with_star: done
      validation_error: done
      payment_connector_error: done
      refused: done
  agent:
    queue: {name: service, timeout: 1s}
    on: {served: done, timeout: done, full: done, empty: done, closed: done, overflow: done}
  done: {hangup: completed}
"""


def quick_prompts(folder: Path) -> Path:
    """Record every English prompt as a noise of its own, a tenth of a second of it."""
    texts = load_texts(REPOSITORY / "prompts")["en"]
    (folder / "en").mkdir(parents=True)
    (folder / "en.yaml").write_text(yaml.safe_dump(texts), "utf-8")
    said = {**segments("en"), **texts}
    for name in said:
        (folder / "en" / f"{name}.ulaw").write_bytes(random.Random(name).randbytes(800))
    write_manifest(folder / "en", {name: Entry("", "", text, "-") for name, text in said.items()})
    return folder


class Hotline:
    """An engine that says all it can say, a telephone, and an Asterisk that keeps records."""

    def __init__(self, lab: Lab, folder: Path, phone: Telephone, engine: Engine) -> None:
        self.lab = lab
        self.folder = folder
        self.phone = phone
        self.engine = engine
        self._calls = 0

    async def call(self, line: str) -> PhoneCall:
        """Place a call that is recorded as soon as it is there."""
        since = len(self.engine.events)
        call = await self.phone.call(HOTLINE, line=line)
        await self.engine.happens("CallStarted", since=since)
        (channel,) = await asyncio.to_thread(self.lab.exchange.channels)
        self._calls += 1
        file = self.folder / f"call-{self._calls}.wav"
        await self.lab.exchange.ask(f"mixmonitor start {channel} {file}")
        return call

    async def over(self, call: PhoneCall) -> None:
        """Hang up, and wait until the engine knows."""
        since = len(self.engine.events)
        await call.hang_up()
        await self.engine.happens("CallEnded", since=since)

    async def crash(self, call: PhoneCall) -> None:
        """Kill the engine and hang up on the fallback; then there is an engine again."""
        self.engine.kill()
        await self.engine.gone()
        await call.hang_up()
        await self.engine.start()

    async def keying_pin(self, line: str = "hotline", end: str = "") -> PhoneCall:
        """Place a call and key a PIN; without its `end` the engine waits for more."""
        call = await self.call(line)
        await call.hears("anything-else")
        await call.press("1")
        await call.hears("enter-pin")
        await call.press(SECRETS["pin"] + end)
        return call

    async def keying_card(self, line: str = "hotline", code: str = SECRETS["cvv"]) -> PhoneCall:
        """Place a call and key a card."""
        call = await self.call(line)
        await call.hears("anything-else")
        await call.press("2")
        await call.hears("pay-agree-given", within=15)
        await call.press("1")
        await call.hears("enter-card-number")
        await call.press(SECRETS["card"] + "#")
        await call.hears("enter-expiry")
        await call.press("0930")
        await call.hears("enter-cvv-amex")
        await call.press(code)
        return call

    def holds(self, secret: str, times: int) -> None:
        """Whether the engine's memory has a secret so often."""
        if os.geteuid() == 0:
            assert copies(self.engine.pid, SECRETS[secret]) == times
        else:
            with pytest.raises(PermissionError):
                copies(self.engine.pid, SECRETS[secret])


async def keys_a_pin(hotline: Hotline) -> None:
    """To the end; the bank answers too late."""
    call = await hotline.keying_pin(end="#")
    await call.ended()
    hotline.holds("pin", 0)


async def keys_a_pin_by_info(hotline: Hotline) -> None:
    call = await hotline.keying_pin("hotline-info", end="#")
    await call.ended()


async def keys_a_pin_in_band(hotline: Hotline) -> None:
    """No key is understood, but a recorder would have the tones, if it were not muted."""
    call = await hotline.call("hotline")
    await call.hears("anything-else")
    await call.press("1")
    await call.hears("enter-pin")
    await in_band(call, SECRETS["pin"])
    await hotline.over(call)


async def leaves_at_the_pin(hotline: Hotline) -> None:
    await hotline.over(await hotline.keying_pin())


async def loses_the_engine_at_the_pin(hotline: Hotline) -> None:
    await hotline.crash(await hotline.keying_pin())


async def pays(hotline: Hotline) -> None:
    """To the end: the gateway knows no such card."""
    call = await hotline.keying_card()
    await call.hears("pay-confirm", within=15)
    await call.press("1")
    await call.hears("declined-card")
    await call.ended()


async def pays_by_info(hotline: Hotline) -> None:
    call = await hotline.keying_card("hotline-info")
    await call.hears("pay-confirm", within=15)
    await hotline.over(call)


async def pays_in_band(hotline: Hotline) -> None:
    """The engine does not understand tones; a recorder would have them, if it were not muted."""
    call = await hotline.call("hotline")
    await call.hears("anything-else")
    await call.press("2")
    await call.hears("pay-agree-given", within=15)
    await call.press("1")
    await call.hears("enter-card-number")
    await in_band(call, SECRETS["card"])
    await hotline.over(call)


async def leaves_at_the_code(hotline: Hotline) -> None:
    call = await hotline.keying_card(code=SECRETS["cvv"][:-1])
    hotline.holds("card", 1)
    await hotline.over(call)
    hotline.holds("card", 0)


async def loses_the_engine_by_info(hotline: Hotline) -> None:
    call = await hotline.keying_card("hotline-info", SECRETS["cvv"][:-1])
    hotline.holds("card", 1)
    await hotline.crash(call)


SHORT = (loses_the_engine_by_info, keys_a_pin, keys_a_pin_in_band, pays, pays_in_band)
LONG = (
    leaves_at_the_code,
    *SHORT,
    keys_a_pin_by_info,
    leaves_at_the_pin,
    pays_by_info,
    loses_the_engine_at_the_pin,
)
"""The last has the next round begin with an engine that has sent no card to a gateway yet."""


@asynccontextmanager
async def hotline(lab: Lab, folder: Path) -> AsyncIterator[Hotline]:
    """Bring it up, with the gateway behind HTTP. The bank is too slow for its budget: every check of a
    PIN ends in an exception."""
    flows = folder / "flows"
    flows.mkdir()
    (flows / "main.yaml").write_text(FLOW, "utf-8")
    add_queues(flows)
    slow = {"delay": "300ms", "budget": "100ms", "file": str(folder / "state" / "bank.sqlite")}
    prompts, token = quick_prompts(folder / "prompts"), folder / "token"
    make_token(token)
    await records(lab)
    async with (
        tap(lab, folder / "ami"),
        Telephone(lab, Library.of(prompts)) as phone,
        sandbox(folder / "gateway", ZONE, token) as url,
    ):
        gateway = {"backend": "http", "url": url, "token_file": str(token)}
        settings = {
            "flows": str(flows),
            "prompts": str(prompts),
            "bank": slow,
            "payments": gateway,
        }
        async with Engine(lab, folder / "state", settings, verbose=True) as engine:
            yield Hotline(lab, folder, phone, engine)
            (folder / "events.json").write_text(json.dumps(engine.events), "utf-8")
            # What is in a WAL is still there then.
            engine.kill()
            await engine.gone()


@pytest.mark.timeout(90 + 90 * ROUNDS)
async def test_what_is_keyed_is_nowhere_afterwards(
    scanner: Scanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    with own_lab(tmp_path / "lab") as lab:
        async with hotline(lab, tmp_path) as here:
            for script in LONG * ROUNDS or SHORT:
                await script(here)
    assert scanner.folder(tmp_path) == []
