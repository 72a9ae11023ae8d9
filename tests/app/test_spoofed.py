"""Whoever forges a calling number hears nothing of whose number it is.

A walk through the whole demo with the calling number of every customer, and no PIN: from each question
that can be come to, every key, and entries that fit: an account, a PIN that is wrong, a branch.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ivr import pins
from ivr.adapters.bank.demo import ACCOUNTS, CUSTOMERS, MATTERS, PHONES
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile.loader import load
from ivr.adapters.sim.phone import Deed, Happening, Listening
from ivr.adapters.sim.simulation import Incoming, Report, Simulation
from ivr.adapters.store.profiles import MemoryProfiles
from ivr.app.cashier import cashiers
from ivr.app.clerk import clerks
from ivr.app.demo import seed
from ivr.app.simulation import demo_ports, prompts_of
from ivr.centre.pin import Lockout
from ivr.model.commands import Command
from ivr.model.events import HungUp
from ivr.model.prompt import Recording
from ivr.ports.identity import Customer

ROOT = Path(__file__).parents[2]
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
FLOWS = load(ROOT / "flows")
PROMPTS = prompts_of(ROOT / "prompts")
KEYS = tuple("0123456789*#")
WRONG_PIN = "000000#"
NEVER = Lockout(account=10**6, ani=10**6, trunk=10**6)
"""So that every way can be walked: what is locked leads to fewer."""


class Walker:
    """A caller who makes entries, each as soon as a question is heard, and then hangs up."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        self._keys = list("".join(entries))
        self.heard: list[str] = []

    def began(self, recording: Recording, at_ms: int) -> None:
        self.heard.append(recording.id)

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        if listening is not Listening.KEY:
            return None
        if self._keys:
            return Happening(now_ms, Deed.KEY, self._keys.pop(0))
        return Happening(now_ms, Deed.HANGUP)


@pytest.fixture(scope="module")
def bank_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo bank, its PINs hashed cheaply."""
    file = tmp_path_factory.mktemp("bank") / "bank.sqlite"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        seed(file)
    return file


@asynccontextmanager
async def hotline(file: Path) -> AsyncIterator[Simulation]:
    """The demo, which locks nobody out and remembers nothing."""
    clock = SystemClock("Asia/Shanghai")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        async with demo_ports(file.parent, clock) as ports:
            bank = await EmbeddedBank.open(file, clock, notify=ports["notify"], lockout=NEVER)
            made = {"orders": clerks(ports["ledger"]), "payments": cashiers(ports["ledger"])}
            around = {**ports, "bank": bank, "profiles": MemoryProfiles()}
            try:
                yield Simulation(FLOWS, PROMPTS, around, start=MONDAY, made=made)
            finally:
                await bank.close()


def asked(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the commands of a call, as they are journalled."""
    for entry in report.journal:
        command = json.loads(entry).get("command")
        if command is not None:
            yield command


def spoken(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the values that were spoken: what of, and which, as it is journalled."""
    for command in asked(report):
        for item in command.get("prompts", ()):
            if item["type"] == "spoken":
                yield item["kind"], json.dumps(item["value"])


def where(report: Report, walker: Walker) -> tuple[str, str] | None:
    """Return the question at which the caller hung up; None where the call was over before."""
    hung_up = next((event for event in report.events if isinstance(event, HungUp)), None)
    return None if hung_up is None else (f"{hung_up.flow}.{hung_up.step}", walker.heard[-1])


def fitting(place: str, account: str) -> Iterator[str]:
    """Yield what is worth keying at a step: all its keys, a key that it does not have, and entries."""
    flow, _, name = place.partition(".")
    step = FLOWS.flows[flow].steps[name].step
    keys = [key for key in step.keys() if len(key) == 1]  # noqa: SIM118  (a step is no mapping)
    yield from keys
    if keys:
        yield next(key for key in KEYS if key not in keys)
        yield from ("*1", "*8")
    else:
        yield from (f"{account}#", WRONG_PIN, "101", "1", "2", "3", "**")


async def walked(
    simulation: Simulation, ani: str, account: str
) -> AsyncIterator[tuple[tuple[str, ...], Report]]:
    """Call again and again, further each time, until no question is left that was not answered."""
    waiting: list[tuple[str, ...]] = [()]
    known: set[tuple[str, str]] = set()
    while waiting:
        entries = waiting.pop(0)
        walker = Walker(entries)
        report = await simulation.call(walker, Incoming(dnis="95500", ani=ani))
        yield entries, report
        at = where(report, walker)
        if at is not None and at not in known:
            known.add(at)
            waiting += [(*entries, entry) for entry in fitting(at[0], account)]


OWN = [(ani, next(one for one in CUSTOMERS if one.number == owner)) for ani, owner in PHONES]


def private(customer: Customer) -> set[tuple[str, str]]:
    """Return the amounts that only this customer may hear."""
    owned = {one.balance for one in ACCOUNTS if one.customer == customer.number}
    open_ = {one.amount for one in MATTERS if one.customer == customer.number and one.amount}
    return {("money", json.dumps(msgspec.to_builtins(one))) for one in owned | open_}


def commands(kind: type[Command[Any, Any]]) -> Iterator[type[Command[Any, Any]]]:
    """Yield every kind of command."""
    for one in kind.__subclasses__():
        yield one
        yield from commands(one)


LEVELS = {kind.__name__: kind.level for kind in commands(Command)}


@pytest.mark.proof
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("ani", "customer"), OWN, ids=[ani for ani, _ in OWN])
async def test_a_forged_number_hears_no_balance_and_no_personal_fact(
    ani: str, customer: Customer, bank_file: Path
) -> None:
    account = next(one.number for one in ACCOUNTS if one.customer == customer.number)
    async with hotline(bank_file) as simulation:
        places = set()
        async for entries, report in walked(simulation, ani, account):
            place = " ".join(entries)
            places |= set(report.trail)
            told = set(spoken(report))
            assert {LEVELS[one["type"]] for one in asked(report)} <= {0, 1}, place
            assert not {kind for kind, _ in told} & {"name", "account"}, place
            assert not private(customer) & told, place
            assert not [one for _, one in told if len(one) > 5 and one.strip('"') in account], place
    # Otherwise nothing was tried.
    assert {"authenticate.ask", "branches.open", "main.balance"} <= places
