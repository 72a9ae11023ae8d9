"""Publishing while callers are on the line: on two nodes, back again, for later, and never badly."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load
from ivr.app.config import load_config
from ivr.app.ledger import DATABASE, open_ledger
from ivr.centre.releases.kinds.publishing import Publish, Schedule
from lab.engine import Engine
from lab.site import QUEUE, Lab
from lab.telephone import PhoneCall, Telephone
from tests.live.kit import ZONE, bank
from tests.queues import add_queues

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]

SWITCH_S = 2.0
FLOW = f"""\
flow: main
numbers: ["95500"]
languages: [en]
start: menu
on: {{error: agent}}
steps:
  menu:
    menu:
      prompt: [GREETING, item-balance, press-1]
      choices:
        1: {{goto: told, label: told}}
        0: {{goto: agent, label: agent}}
    on: {{no_input: agent, invalid: agent}}
  told: {{say: TOLD, next: menu}}
  agent:
    queue: {{name: {QUEUE}, timeout: 60s}}
    on: {{served: bye, timeout: message, full: message, empty: message, closed: message, overflow: message}}
  message: {{record: {{into: message}}, on: {{done: bye, no_input: bye}}}}
  bye: {{hangup: completed}}
"""
ASKS = (
    FLOW.replace("goto: told", "goto: ask")
    + """\
  ask: {hours: service, on: {open: told, closed: closed, holiday: closed}}
  closed: {say: agents-closed, next: menu}
"""
)
ALWAYS = 'calendar: service\nzone: Asia/Shanghai\nweek: {mon-sun: ["00:00-24:00"]}\nholidays: []\n'
OLD, OLD_TOLD = "welcome", "nothing-to-add"
NEW, NEW_TOLD = "branch-closed-today", "learning-off"


class Office:
    """A folder of flows that is published from the command line."""

    def __init__(self, folder: Path) -> None:
        self.flows = folder / "flows"
        self.flows.mkdir()
        self.write(OLD, OLD_TOLD)
        bank(folder)

    def write(self, greeting: str, told: str, flow: str = FLOW) -> None:
        """Change the flow."""
        text = flow.replace("GREETING", greeting).replace("TOLD", told)
        (self.flows / "main.yaml").write_text(text, "utf-8")
        add_queues(self.flows)

    def open_always(self) -> None:
        """Have the flow ask a calendar that is never closed."""
        self.write(OLD, OLD_TOLD, ASKS)
        (self.flows / "service.yaml").write_text(ALWAYS, "utf-8")

    def engine(self, lab: Lab, port: int | None = None) -> Engine:
        """Return a node that shares this office's store."""
        return Engine(lab, self.flows.parent, {"flows": str(self.flows)}, port=port)


def config_of(engine: Engine) -> Path:
    return engine.folder / f"onecall-{engine.port}.yaml"


async def ivr(engine: Engine, *words: str, status: int = 0) -> str:
    """Run a command with an engine's configuration; return what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr", *words, "-c", str(config_of(engine))),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode()
    assert process.returncode == status, said
    return said


async def in_the_menu(phone: Telephone, greeting: str, ani: str) -> PhoneCall:
    """Call, and hear the menu to its end."""
    call = await phone.call("95500", ani=ani)
    await call.hears(greeting)
    await call.hears("press-1", within=8)
    return call


async def greeted(phone: Telephone, greeting: str, ani: str) -> None:
    """Call, hear the greeting, hang up."""
    call = await phone.call("95500", ani=ani)
    await call.hears(greeting)
    await call.hang_up()


async def test_new_callers_hear_the_new_flows_on_every_node_and_old_callers_the_old_ones(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    office = Office(tmp_path)
    second = office.engine(lab, lab.ports.agi_second)
    async with office.engine(lab) as first, second:
        old = await in_the_menu(phone, OLD, "13800000001")
        office.write(NEW, NEW_TOLD)
        await ivr(first, "publish", "-m", "a new greeting")
        for node in (first, second):
            await node.says("release 2 (", within=SWITCH_S)
        await greeted(phone, NEW, "13800000002")
        await old.press("1")
        await old.hears(OLD_TOLD)
        await old.hears(OLD)

        first.kill()
        await old.hears("sorry-repeat", within=8)
        await old.hears(OLD)
        await greeted(phone, NEW, "13800000003")

        await ivr(second, "rollback", "-m", "nobody likes it")
        await second.says("ledger entry 3: rollback to 1", within=SWITCH_S)
        await greeted(phone, OLD, "13800000004")
        await old.hang_up()


async def test_a_scheduled_release_comes_by_itself(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    office = Office(tmp_path)
    async with office.engine(lab) as engine:
        old = await in_the_menu(phone, OLD, "13800000001")
        office.write(NEW, NEW_TOLD)
        flows, due = load(office.flows), SystemClock(ZONE).now() + timedelta(seconds=2)
        async with open_ledger(load_config(config_of(engine))) as ledger:
            state = await ledger.state()
            act = Schedule(flows.version, due=due)
            await ledger.append(act, why="soon", who="test", after=state, flows=flows)
        await engine.says("ledger entry 2", within=SWITCH_S)
        await engine.says("release 2 (version", within=6)
        assert SystemClock(ZONE).now() >= due
        await greeted(phone, NEW, "13800000003")
        await old.press("1")
        await old.hears(OLD_TOLD)
        await old.hang_up()


async def test_hours_that_close_are_closed_at_once_for_a_caller_on_the_line(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    office = Office(tmp_path)
    office.open_always()
    async with office.engine(lab) as engine:
        call = await in_the_menu(phone, OLD, "13800000001")
        said = await ivr(engine, "hours", "close", "service", "-m", "typhoon")
        assert "service is closed" in said
        await engine.says("typhoon", within=SWITCH_S)
        await call.press("1")
        await call.hears("agents-closed")
        await call.hang_up()


async def test_a_bad_release_never_replaces_a_good_one(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    """Neither one that a gate refuses, nor one without its files, nor an edited folder; and an engine
    that starts beside a ledger that somebody changed answers calls."""
    office = Office(tmp_path)
    async with office.engine(lab) as engine:
        main = office.flows / "main.yaml"
        main.write_text(main.read_text("utf-8").replace("next: menu}", "next: nowhere}"), "utf-8")
        said = await ivr(engine, "publish", "-m", "x", status=1)
        assert "nowhere" in said
        assert "refused by check" in said
        office.write(NEW, NEW_TOLD)
        async with open_ledger(load_config(config_of(engine))) as ledger:
            act = Publish(load(office.flows).version)
            await ledger.append(
                act, why="without its files", who="test", after=await ledger.state()
            )
        await engine.says("is refused", within=SWITCH_S)
        engine.signal(signal.SIGHUP)
        assert "release 1 is in force" in await engine.says("looked at ledger")
        await greeted(phone, OLD, "13800000001")
        engine.kill()
        await engine.gone()
        with closing(sqlite3.connect(tmp_path / DATABASE)) as database, database:
            database.execute("INSERT INTO releases VALUES (3, 'no hash', x'00')")
        await engine.start()
        await engine.says("the ledger is broken")
        await greeted(phone, OLD, "13800000002")
