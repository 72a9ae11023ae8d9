"""What a caller is told, what the bank has and what the ledger says, when something fails under an order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from ivr import pins
from ivr.adapters.flowfile import load
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.phone import ScriptedPhone
from ivr.adapters.sim.simulation import Incoming, Simulation
from ivr.app.config import Config
from ivr.app.simulation import rehearsing
from ivr.model.scripted import Fault
from ivr.ports.ledger import Wanted

ROOT = Path(__file__).parents[2]
CALLER = load_caller(ROOT / "flows/callers/order-transfer-own-en.yaml")

Begin = Callable[[], AbstractAsyncContextManager[Simulation]]


@pytest.fixture(scope="module")
def begin() -> Iterator[Begin]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        with rehearsing(load(ROOT / "flows"), Config().resolved(ROOT)) as begun:
            yield begun


@pytest.fixture
async def simulation(begin: Begin) -> AsyncIterator[Simulation]:
    async with begin() as running:
        yield running


async def call(simulation: Simulation, **faults: dict[str, Any]) -> tuple[str, ...]:
    """Call as scripted, with faults; return what was heard."""
    misbehaving = {name: Fault.model_validate(fault) for name, fault in faults.items()}
    incoming = Incoming(dnis=CALLER.calls, at=CALLER.at, faults=misbehaving)
    return (await simulation.call(ScriptedPhone(CALLER.script), incoming)).heard


async def ends(simulation: Simulation) -> tuple[list[str], int, list[str]]:
    """Return the states of the orders, how many postings there are, and which messages were sent."""
    orders = await simulation.port("ledger").select(Wanted())
    assert CALLER.at is not None
    booked = await simulation.port("bank").booked(CALLER.at.date())
    received = await simulation.port("notify").received()
    states = [str(one.state) for one in orders]
    return states, len(booked), [one.template for one in received]


NEVER = {"times_out": True}
DEAD = {"only": ["post", "query"], "times_out": True}
POSTED = (["posted"], 1, ["order-posted"])


@pytest.mark.parametrize(
    ("fault", "told", "wanted"),
    [
        ({}, "order-posted", POSTED),
        ({"only": ["post"], "done": True, **NEVER}, "order-posted", POSTED),
        ({"only": ["post"], "done": True, "fails": True}, "order-posted", POSTED),
        ({"only": ["post"], "delay": "2s"}, "order-posted", POSTED),
        (DEAD, "order-unknown", (["unknown"], 0, ["order-unknown"])),
        ({**DEAD, "done": True}, "order-unknown", (["unknown"], 1, ["order-unknown"])),
        ({**DEAD, "delay": "60s"}, "order-unknown", (["unknown"], 0, ["order-unknown"])),
        (
            {"only": ["post", "query"], "fails": True},
            "order-unknown",
            (["unknown"], 0, ["order-unknown"]),
        ),
    ],
)
async def test_a_bank_that_fails(
    simulation: Simulation, fault: dict[str, Any], told: str, wanted: tuple[object, ...]
) -> None:
    heard = await call(simulation, bank=fault)
    assert [one for one in heard if one in ("order-posted", "order-unknown")] == [told]
    assert await ends(simulation) == wanted
    cases = await simulation.port("ledger").list_open()
    assert len(cases) == (told == "order-unknown")


@pytest.mark.parametrize(
    ("fault", "told", "wanted"),
    [
        # Written, and nobody hears of it: asked, it says so.
        ({"only": ["authorise"], "done": True, **NEVER}, "order-posted", POSTED),
        # Not written: taken back for certain, before the caller is told that nothing has happened.
        ({"only": ["authorise"], **NEVER}, "order-unavailable", (["cancelled"], 0, [])),
        ({"only": ["authorise"], "fails": True}, "order-unavailable", (["cancelled"], 0, [])),
        # Posted, and the ledger cannot say so: the truth is told, without a reference.
        ({"only": ["settle"], **NEVER}, "order-doubtful", POSTED),
        ({"only": ["draft"], "fails": True}, "order-unavailable", ([], 0, [])),
        ({"only": ["read_back"], "fails": True}, "order-unavailable", (["cancelled"], 0, [])),
    ],
)
async def test_a_ledger_that_fails(
    simulation: Simulation, fault: dict[str, Any], told: str, wanted: tuple[object, ...]
) -> None:
    heard = await call(simulation, orders=fault)
    ending = ("order-posted", "order-unknown", "order-unavailable", "order-doubtful")
    assert [one for one in heard if one in ending] == [told]
    assert await ends(simulation) == wanted


async def test_a_message_that_cannot_be_sent_waits_in_the_outbox(simulation: Simulation) -> None:
    heard = await call(simulation, notify={"fails": True})
    assert "order-posted" in heard
    assert await ends(simulation) == (["posted"], 1, [])
    (order,) = await simulation.port("ledger").select(Wanted())
    assert order.told == ()
    later = order.draft.at.replace(year=2027)
    (waiting,) = await simulation.port("ledger").outbox(later, later, 10)
    assert (waiting.notice.template, waiting.tries) == ("order-posted", 2)
