"""What could tell a caller's keys, tapped or turned on: for the leak scan.

tap      everything that AMI would tell a user who may read all
records  call and channel records, as an operator may have them
leaky    an Asterisk that leaks in every way it can: what the scanner must find
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from lab.ami import Ami, Message
from lab.site import Lab

_TAP = """
[tap]
secret = tap
read = all
writetimeout = 5000
"""
_CEL = """[general]
enable = yes
events = {events}
[manager]
enabled = {manager}
"""
_CDR = "[general]\nenable = yes\nunanswered = yes\n[csv]\nusegmtime = no\n"
_CUSTOM = "[mappings]\nall.csv => ${CSV_QUOTE(${eventtype})},${CSV_QUOTE(${eventextra})},${CSV_QUOTE(${CHANNEL(appdata)})}\n"
KEYLESS = "CHAN_START,CHAN_END,ANSWER,HANGUP,APP_START,APP_END,BRIDGE_ENTER,BRIDGE_EXIT"


@asynccontextmanager
async def tap(lab: Lab, folder: Path) -> AsyncIterator[None]:
    """Write down every AMI event, a file for each name.

    The user is configured for the moment of its login only: while it reads, the configuration is
    the one that is tested.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)

    def write(event: Message) -> None:
        with (folder / f"{event['Event']}.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}: {value}\n" for name, value in event.items())

    file = lab.exchange.etc / "manager.conf"
    written = file.read_text("utf-8")
    file.write_text(written + _TAP, "utf-8")
    await lab.exchange.ask("manager reload")
    ami = await Ami.connect(lab.ports.ami, "tap", "tap", write)
    file.write_text(written, "utf-8")
    await lab.exchange.ask("manager reload")
    try:
        yield
    finally:
        await ami.close()


async def records(lab: Lab) -> None:
    """Have call and channel records kept, without keys."""
    await _write(lab, {"cdr.conf": _CDR, "cel.conf": _CEL.format(events=KEYLESS, manager="no")})


async def leaky(lab: Lab) -> None:
    """Turn everything on that tells keys."""
    file = lab.exchange.etc / "manager.conf"
    text = file.read_text("utf-8")
    file.write_text(re.sub(r"disabledevents = .*", "disabledevents = none", text), "utf-8")
    await _write(lab, {"cdr.conf": _CDR, "cel.conf": _CEL.format(events="ALL", manager="yes")})
    for command in (
        "module load cel_manager.so",
        "manager reload",
        "logger add channel keys.log dtmf",
        "logger add channel everything.log debug,verbose(9)",
        "core set verbose 9",
        "agi set debug on",
        "pjsip set logger on",
        "rtp set debug on",
    ):
        await lab.exchange.ask(command)


async def _write(lab: Lab, files: Mapping[str, str]) -> None:
    for name, text in {"cel_custom.conf": _CUSTOM, **files}.items():
        (lab.exchange.etc / name).write_text(text, "utf-8")
    for name in ("cdr-csv", "cel-custom"):
        (lab.exchange.log / name).mkdir(exist_ok=True)
    for command in (
        "module reload cdr",
        "module load cdr_csv.so",
        "module load res_cdrel_custom.so",
        "module load cel_custom.so",
        "module reload cel",
    ):
        await lab.exchange.ask(command)
