"""A desk as `ivr desk` serves it, beside an engine that serves a floor in memory."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile import load_files
from ivr.adapters.staff import demo
from ivr.app.cases.book import Book
from ivr.app.config import Config, load_config
from ivr.app.demo import seed
from ivr.app.floor.serving import serving_floor
from ivr.app.ledger import open_ledger
from ivr.app.orders import order_ledger
from ivr.app.staff import staff_of
from ivr.centre.releases.kinds.publishing import Publish
from ivr.desk.service import serving_desk
from ivr.http.server import Served
from ivr.ports.agents import Agents
from ivr.ports.callbackbook import CallbackBook
from ivr.ports.cases import CaseBook
from ivr.ports.dictation import Dictation
from ivr.ports.floor import Floor
from tests.app.kit import FLOW
from tests.desk.cases_kit import book_of
from tests.desk.kit import Diary, Forms, Hall

AGENTS = """\
skills: {service: level}
agents:
  "1001": {name: 李娜, skills: {service: 80}, languages: [zh, en]}
reasons: {"1": break, "2": training}
dispositions: {"01": solved, "02": follow-up, "05": complaint}
"""
QUEUES = """\
queues:
  service:
    agents: [anyone]
    callbacks: {}
"""
CASES = """\
desks:
  complaints: {queue: service, agents: ["1001"]}
cases:
  complaint: {title: {zh: 投诉, en: Complaint}, owner: complaints}
"""
FILES = {
    "main.yaml": FLOW, "queues.yaml": QUEUES, "agents.yaml": AGENTS, "cases.yaml": CASES
}  # fmt: skip
PROMPTS = Path(__file__).parents[2] / "prompts"


class There(msgspec.Struct):
    """What runs: the desk's URL, the floor behind it, and the configuration of both."""

    url: str
    hall: Hall
    book: Book
    diary: Diary
    config: Config


@asynccontextmanager
async def desk_and_engine(
    folder: Path, agents: Mapping[str, str] | None = None
) -> AsyncIterator[There]:
    """Serve both, with the demo's staff and customers."""
    file = folder / "onecall.yaml"
    file.write_text(
        f"prompts: {PROMPTS}\nfloor: {{port: {free_port()}}}\ndesk: {{port: 0}}\n", "utf-8"
    )
    config = load_config(file)
    clock = SystemClock(config.zone)
    await _prepare(config, clock)
    hall, book, diary = Hall(clock, agents or {"1001": "李娜"}), book_of(clock), Diary()
    ports = {
        "agents": Served(Agents, hall),
        "floor": Served(Floor, hall),
        "dictation": Served(Dictation, Forms()),
        "cases": Served(CaseBook, book),
        "callbacks": Served(CallbackBook, diary),
    }
    async with serving_floor(config, ports):
        try:
            async with serving_desk(config) as url:
                yield There(url, hall, book, diary, config)
        finally:
            # Whoever still waits for a change is answered, so that the server can stop.
            hall.news()
            book.let_go()


async def _prepare(config: Config, clock: SystemClock) -> None:
    """Leave what an engine's first start would: a release, a ledger of orders, people, a bank."""
    flows = load_files(FILES)
    async with open_ledger(config, begin=True) as ledger:
        before = await ledger.state()
        publish = Publish(flows.version)
        await ledger.append(publish, why="first", who="test", after=before, flows=flows)
    async with order_ledger(config, begin=True), staff_of(config, clock) as staff:
        await demo.seed(staff)
    seed(config.bank.file)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port
