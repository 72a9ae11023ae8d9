"""`python -m lab cluster`: several nodes on this machine, to call and to kill by name."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ivr.adapters.clock import SystemClock
from ivr.adapters.staff.demo import seed as seed_staff
from ivr.app.config import load_config
from ivr.app.demo import seed
from ivr.app.staff import staff_of
from lab import installation
from lab.cluster import NODES, Cluster, cluster
from lab.engine import Engine
from lab.errors import LabError
from lab.parts import Part, parts
from lab.ports import ADDRESS, Ports
from lab.site import HOTLINE

USAGE = "Write [bold]kill NAME[/], [bold]start NAME[/] or [bold]quit[/]."


def run() -> int:
    """Bring everything up in an empty folder, and stay until `quit` or Ctrl-C; return an exit status."""
    console = Console()
    folder = installation.lab_folder() / "cluster"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = installation.find(console.print)
    with cluster(folder, Ports.from_environment(), found) as site:
        return asyncio.run(_serve(site, console))


async def _serve(site: Cluster, console: Console) -> int:
    site.bank.mkdir()
    seed(site.bank / "bank.sqlite")
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    async with AsyncExitStack() as stack:
        engines = [await stack.enter_async_context(site.engine(node)) for node in NODES]
        loaded = load_config(_config(engines[0]))
        async with staff_of(loaded, SystemClock(loaded.zone)) as staff:
            await seed_staff(staff)
        found = parts(site, engines)
        _introduce(site, found, console, engines)
        said = await _input()
        while not over.is_set():
            reading = asyncio.ensure_future(said.readline())
            ending = asyncio.ensure_future(over.wait())
            await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
            ending.cancel()
            line = reading.result() if reading.done() else b""
            reading.cancel()
            if not line or line.strip() == b"quit":
                break
            await _do(line.decode().split(), found, console)
        console.print("ending")
    return 0


def _config(engine: Engine) -> Path:
    return engine.folder / f"onecall-{engine.port}.yaml"


async def _do(words: list[str], found: dict[str, Part], console: Console) -> None:
    match words:
        case ["kill", name] if name in found:
            await found[name].kill()
            console.print(f"{name} is killed")
        case ["start", name] if name in found:
            try:
                await found[name].start()
            except LabError as error:
                console.print(f"[red]{error}[/]")
            else:
                console.print(f"{name} runs")
        case []:
            return
        case _:
            console.print(USAGE)


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _introduce(
    site: Cluster, found: dict[str, Part], console: Console, engines: list[Engine]
) -> None:
    table = Table("name", "what it is")
    for part in found.values():
        table.add_row(part.name, part.where)
    console.print(table)
    uri = f"sip:{HOTLINE}@{site.entrance}:{site.ports.sip}"
    console.print(f"Call [bold]{uri}[/] with any softphone on {ADDRESS}; it needs no password.")
    console.print("Ask each node, or have it drain, before and after a kill:")
    for one in engines:
        console.print(f"  .venv/bin/ivr status -c {_config(one)}", soft_wrap=True)
    console.print(USAGE)
