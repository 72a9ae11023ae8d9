"""What live tests of the whole hotline share: flows made quick, and Asterisk's view of a call."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

from ivr.adapters.bank.books import Account, Entry, Leg, enter, open_account
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.app.demo import KNOWLEDGE, seed
from ivr.centre.pin import MAX_ATTEMPTS
from ivr.model.profile import Profile
from ivr.model.secret import Secret
from lab.ami import Ami, Message
from lab.installation import REPOSITORY
from lab.site import AMI_USER, Lab

ZONE = "Asia/Shanghai"
ALWAYS = 'mon-sun: ["00:00-24:00"]'
NEVER = "mon-sun: closed"


def bank(folder: Path) -> Path:
    """Seed a bank and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "bank.sqlite"
    seed(file)
    return file


async def lock(file: Path, account: str) -> None:
    """Key wrong PINs until an account is locked."""
    embedded = await EmbeddedBank.open(file, SystemClock(ZONE))
    for _ in range(MAX_ATTEMPTS):
        await embedded.verify_pin(account, Secret("739146"), "")
    await embedded.close()


def shut(file: Path, branch: str) -> None:
    """Have a branch of a bank closed on every day."""
    with closing(sqlite3.connect(file.with_name(KNOWLEDGE))) as database, database:
        database.execute("DELETE FROM branch_hours WHERE branch = ?", (branch,))


def customer(file: Path, number: str, ani: str, product: str) -> None:
    """Add a customer to a bank, with a telephone and an account of a kind."""
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("INSERT INTO customers VALUES (?, ?, 'standard', 'zh')", (number, number))
        database.execute("INSERT INTO phones VALUES (?, ?)", (ani, number))
        account, opened = Account(f"{number}-1", product, number), SystemClock(ZONE).now()
        open_account(database, account, opened)
        legs = Leg(account.number, 1), Leg("opening", -1)
        enter(database, Entry("opening", opened, legs))


async def remembered(folder: Path, *profiles: Profile) -> None:
    """Put profiles into the store of an engine that is not there yet."""
    store = await DatabaseStore.open(folder / "onecall.sqlite", SystemClock(ZONE))
    for profile in profiles:
        assert await store.profiles.put(profile) is not None
    await store.close()


def today_and_tomorrow() -> str:
    """Return the bank's date and the next, as a YAML list: midnight may come while a test runs."""
    today = SystemClock(ZONE).now().date()
    return f"[{today}, {today + timedelta(days=1)}]"


def flows(folder: Path, changes: Mapping[str, Mapping[str, str]] | None = None) -> Path:
    """Copy the demo's flows, with texts replaced in files (`main.yaml` → {old: new})."""
    copy = folder / "flows"
    shutil.copytree(REPOSITORY / "flows", copy)
    for name, replacements in (changes or {}).items():
        file = copy / name
        text = file.read_text("utf-8")
        for old, new in replacements.items():
            assert old in text, f"{name} has no {old!r} any more"
            text = text.replace(old, new)
        file.write_text(text, "utf-8")
    return copy


def bare(asks: str, tells: str) -> str:
    """Return a flow that is as short as a call can be: it asks, tells on 2, and ends on 1."""
    return f"""\
flow: main
numbers: ["95500"]
languages: [en]
start: ask

steps:
  ask:
    menu:
      prompt: {asks}
      choices:
        1: {{goto: done, label: done}}
        2: {{goto: told, label: told}}
        0: {{goto: agent, label: agent}}
      timeout: 60s
    on: {{no_input: agent, invalid: agent}}
  told: {{say: {tells}, next: done}}
  agent:
    queue: {{name: service, timeout: 1s}}
    on: {{served: done, timeout: done, full: done, empty: done, closed: done, overflow: done}}
  done: {{hangup: completed}}
"""


def hours(spans: str, holidays: str = "[]") -> dict[str, str]:
    """Replace the demo's opening hours."""
    return {
        '  mon-fri: ["08:30-20:00"]\n  sat-sun: ["09:00-17:30"]\n': f"  {spans}\n",
        "holidays: CN": f"holidays: {holidays}",
    }


class Watch:
    """When each channel of the engine's Asterisk was gone, by UNIQUEID, in loop seconds."""

    def __init__(self) -> None:
        self.gone: dict[str, float] = {}
        self.channels: dict[str, str] = {}
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def on_event(self, event: Message) -> None:
        """Take an AMI event."""
        kind = event.get("Event")
        if kind == "Hangup":
            self.gone[event["Uniqueid"]] = asyncio.get_running_loop().time()
        elif kind == "CoreShowChannel":
            self.channels[event["Uniqueid"]] = event["Channel"]
        else:
            return
        task = asyncio.ensure_future(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def when_gone(self, call_id: str, within: float) -> float:
        """Wait until a channel is gone; return when that was."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: call_id in self.gone)
        return self.gone[call_id]

    async def channel(self, call_id: str, ami: Ami) -> str:
        """Return the name of a call's channel."""
        await ami.send("CoreShowChannels", {})
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(lambda: call_id in self.channels)
        return self.channels[call_id]

    async def redirect(self, call_id: str, ami: Ami) -> None:
        """Take a call off its engine and into the dialplan's engine context again."""
        channel = await self.channel(call_id, ami)
        target = {"Context": "engine", "Exten": "95500", "Priority": "1"}
        answer = await ami.send("Redirect", {"Channel": channel, **target})
        assert answer["Response"] == "Success", answer


@asynccontextmanager
async def watching(lab: Lab) -> AsyncIterator[tuple[Ami, Watch]]:
    """Watch the engine's Asterisk over AMI, as the engine's own user."""
    watch = Watch()
    ami = await Ami.connect(lab.ports.ami, AMI_USER, lab.ami_secret, watch.on_event)
    try:
        yield ami, watch
    finally:
        await ami.close()


class Arrivals:
    """The keys that reached Asterisk, by channel."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def on(self, channel: str) -> str:
        begins = rf"DTMF begin '(.)' received on {re.escape(channel)}\b"
        return "".join(re.findall(begins, self._log.read_text()))


@asynccontextmanager
async def arrivals(lab: Lab) -> AsyncIterator[Arrivals]:
    """Have the lab's Asterisk write down keys. It never does so otherwise."""
    await lab.exchange.ask("logger add channel keys.log dtmf")
    try:
        yield Arrivals(lab.exchange.log / "keys.log")
    finally:
        await lab.exchange.ask("logger remove channel keys.log")
