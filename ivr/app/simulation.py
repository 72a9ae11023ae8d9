"""Wiring a simulation: flows from a folder, the prompts' texts, and a demo bank of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.cases.memory import MemoryCases
from ivr.adapters.clock import SystemClock
from ivr.adapters.flowfile.loader import load
from ivr.adapters.knowledge.embedded import EmbeddedKnowledge
from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.adapters.notify.embedded import EmbeddedNotify
from ivr.adapters.payments.embedded import SandboxGateway
from ivr.adapters.prompts.catalogue import load_catalogue
from ivr.adapters.sim.callbacks import SimCallbacks
from ivr.adapters.sim.campaigns import SimCampaigns
from ivr.adapters.sim.prompts import SimPrompts
from ivr.adapters.sim.proposals import SimProposals
from ivr.adapters.sim.simulation import Simulation
from ivr.adapters.staff.demo import PEOPLE
from ivr.adapters.store.profiles import MemoryProfiles
from ivr.adapters.window.granting import GrantingWindow
from ivr.app.cases.simulated import simulated_cases
from ivr.app.cashier import cashiers
from ivr.app.clerk import clerks
from ivr.app.config import Config
from ivr.app.demo import KNOWLEDGE, NOTIFY, seed
from ivr.model.errors import FlowError, PortTimeout
from ivr.model.flow import FlowSet, is_service_code
from ivr.ports.clock import Clock

LEDGER = "ledger.sqlite"
"""The file of orders in the state folder."""
GATEWAY = "payments.sqlite"


class Chosen(msgspec.Struct, frozen=True):
    """What to simulate: a set of flows, and the flow that begins, or None for the one that answers
    the number dialled."""

    flows: FlowSet
    flow: str | None


def choose(target: str, config: Config) -> Chosen:
    """Find what `ivr simulate FLOW` means: a folder of flows, a flow's file, or a flow's name.

    Raises FlowError with every problem of the flows, one a line.
    """
    path = Path(target)
    if path.is_dir():
        return Chosen(load(path), None)
    if path.is_file():
        inside = path.resolve().is_relative_to(config.flows.resolve())
        folder = config.flows if inside else path.parent
        return _named(load(folder), path.stem, folder)
    if not config.flows.is_dir():
        raise FlowError(f"{target}: no such file or folder, and there is no {config.flows}")
    return _named(load(config.flows), target, config.flows)


def first_number(flows: FlowSet) -> str:
    """Return a number that some flow answers, a service code only where there is nothing else. Raises
    FlowError."""
    numbers = [number for flow in flows.flows.values() for number in flow.numbers]
    numbers.sort(key=is_service_code)
    if not numbers:
        raise FlowError("no flow has `numbers`; say which flow to simulate by its name")
    return numbers[0]


@asynccontextmanager
async def simulation(
    flows: FlowSet, config: Config, start: datetime | None = None
) -> AsyncIterator[Simulation]:
    """Set up a simulation with a fresh demo bank, which is gone afterwards.

    `start` is the bank's local time. Raises CatalogueError, PortError.
    """
    with rehearsing(flows, config, start) as begin:
        async with begin() as running:
            yield running


@contextmanager
def rehearsing(
    flows: FlowSet, config: Config, start: datetime | None = None
) -> Iterator[Callable[[], AbstractAsyncContextManager[Simulation]]]:
    """Prepare many simulations: what is called sets one up, with a fresh demo bank of its own.

    Hashing the demo's PINs and reading the prompts is done once. Raises CatalogueError, PortError.
    """
    clock = SystemClock(config.zone)
    when = start.replace(tzinfo=start.tzinfo or ZoneInfo(config.zone)) if start else clock.now()
    prompts = prompts_of(config.prompts)
    with tempfile.TemporaryDirectory(prefix="ivr-simulate-") as folder:
        seeded = Path(folder) / "seeded"
        seeded.mkdir(mode=0o700)
        seed(seeded / "bank.sqlite")

        @asynccontextmanager
        async def begin() -> AsyncIterator[Simulation]:
            with tempfile.TemporaryDirectory(dir=folder) as own:
                shutil.copytree(seeded, own, dirs_exist_ok=True)
                async with demo_ports(Path(own), clock) as ports:
                    yield Simulation(
                        flows,
                        prompts,
                        ports,
                        start=when,
                        made={
                            "orders": clerks(ports["ledger"]),
                            "payments": cashiers(ports["ledger"]),
                            "cases": simulated_cases(MemoryCases(), flows),
                        },
                        limits=config.limits.limits(),
                        budgets={
                            "bank": config.bank.budget,
                            "knowledge": config.knowledge.budget,
                            "profiles": config.profiles.budget,
                        },
                        pins={one.agent: pin for one, (pin, _) in PEOPLE.items() if pin},
                    )

        yield begin


@asynccontextmanager
async def demo_ports(folder: Path, clock: Clock) -> AsyncIterator[dict[str, Any]]:
    """Open the ports of a simulated hotline on the files of a folder. Raises PortError."""
    async with AsyncExitStack() as stack:
        notify = await EmbeddedNotify.open(folder / NOTIFY, clock)
        stack.push_async_callback(notify.close)
        bank = await EmbeddedBank.open(
            folder / "bank.sqlite", clock, notify=notify, chance=_foreseen()
        )
        stack.push_async_callback(bank.close)
        knowledge = await EmbeddedKnowledge.open(folder / KNOWLEDGE)
        stack.push_async_callback(knowledge.close)
        gateway = await SandboxGateway.open(folder / GATEWAY, _given_up)
        stack.push_async_callback(gateway.close)
        ledger = await SqliteLedger.open(folder / LEDGER)
        stack.push_async_callback(ledger.close)
        yield {
            "bank": bank,
            "callbacks": SimCallbacks(bank, clock),
            "campaigns": SimCampaigns(),
            "gateway": gateway,
            "knowledge": knowledge,
            "ledger": ledger,
            "notify": notify,
            "profiles": MemoryProfiles(),
            "proposals": SimProposals(),
            "window": GrantingWindow(),
        }


async def _given_up(seconds: float) -> None:
    """Nobody waits so long for a gateway, and no time passes in a simulated one."""
    raise PortTimeout("gateway", round(seconds * 1000))


def _foreseen() -> Random:
    """Return what chooses codes and positions in a simulation: the same ones every time, so that
    scripted callers can key them."""
    return Random(5300)  # noqa: S311


def prompts_of(folder: Path) -> SimPrompts:
    """Return the prompts of a folder; without one, prompts are heard as their ids.

    Raises CatalogueError.
    """
    if not folder.is_dir():
        return SimPrompts({})
    catalogue = load_catalogue(folder)
    texts = {language: catalogue.texts(language) for language in catalogue.languages}
    return SimPrompts(texts, catalogue.resolve)


def _named(flows: FlowSet, name: str, folder: Path) -> Chosen:
    if name not in flows.flows:
        known = ", ".join(sorted(flows.flows))
        raise FlowError(f"there is no flow `{name}` in {folder}; there are {known}")
    return Chosen(flows, name)
