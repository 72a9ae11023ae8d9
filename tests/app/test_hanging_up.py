"""Callers who hang up at every moment of every order type: before it is authorised nothing happens,
after it the order is done and the customer told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from ivr import pins
from ivr.adapters.flowfile import load
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.phone import Deed, Happening, Listening, ScriptedPhone
from ivr.adapters.sim.simulation import Incoming, Report, Simulation
from ivr.app.callers import caller_files, callers_of
from ivr.app.config import Config
from ivr.app.simulation import rehearsing
from ivr.centre.ledger.reconciliation import differences
from ivr.engine.journal import Answered, decode
from ivr.model.prompt import Recording
from ivr.model.scripted import Fault, ScriptedCaller
from ivr.ports.ledger import OrderRecord, Wanted
from ivr.ports.orders import OrderState
from ivr.ports.posting import Posted

AUTHORISING = ("AuthoriseOrder", "AcceptOrder")
ZONE = ZoneInfo("Asia/Shanghai")
CALLED = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "flows"
CONFIG = Config().resolved(ROOT)
SLOW = {name: Fault.model_validate({"delay": "200ms"}) for name in ("bank", "orders")}
"""Ports take a while, so that callers can hang up while they are waited for."""


class Cut:
    """A caller who does as scripted until, at a time of the call, the line is cut."""

    def __init__(self, phone: ScriptedPhone, at_ms: int) -> None:
        self._phone = phone
        self._at_ms = at_ms

    def began(self, recording: Recording, at_ms: int) -> None:
        self._phone.began(recording, at_ms)

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        if until_ms < self._at_ms:
            return self._phone.next(now_ms, until_ms, listening)
        happening = self._phone.next(now_ms, self._at_ms - 1, listening)
        return happening or Happening(max(now_ms, self._at_ms), Deed.HANGUP)


def incoming(caller: ScriptedCaller) -> Incoming:
    return Incoming(dnis=caller.calls, ani=caller.ani, at=caller.at, faults=SLOW)


def commands(report: Report) -> list[tuple[int, str]]:
    """Return when each command was answered, and which it was."""
    kinds = [
        (one.at_ms, str(msgspec.json.decode(one.command)["type"]))
        for one in decode(report.journal)
        if isinstance(one, Answered)
    ]
    begin = [kind for _, kind in kinds].index("BeginOrder")
    return kinds[begin - 1 :]


class Told(msgspec.Struct, frozen=True):
    """What there is after a call."""

    orders: tuple[OrderRecord, ...]
    booked: tuple[Posted, ...]
    messages: tuple[str, ...]


async def aftermath(simulation: Simulation, day: datetime) -> Told:
    ledger, bank, notify = (simulation.port(name) for name in ("ledger", "bank", "notify"))
    booked = await bank.booked(day.date())
    received = await notify.received()
    return Told(
        await ledger.select(Wanted()),
        booked,
        tuple(one.key for one in received if not one.key.startswith("code")),
    )


def doctored(told: Told, day: str) -> str:
    """Say what is wrong with a call's aftermath, whenever it was cut; empty when nothing is."""
    binding = [one for one in told.orders if one.state.binding]
    wrong = {
        "left open": [one.state for one in told.orders if not one.state.over],
        "not as the bank has it": differences(day, told.orders, told.booked),
        "not told": [
            one.draft.id for one in binding if f"{one.draft.id}:posted" not in told.messages
        ],
        "told for nothing": told.messages[len(binding) :],
    }
    return ", ".join(f"{what}: {which}" for what, which in wrong.items() if which)


Begin = Callable[[], AbstractAsyncContextManager[Simulation]]


async def models(begin: Begin, kinds: Collection[str]) -> dict[str, tuple[ScriptedCaller, Report]]:
    """Return for each order type a scripted caller whose order is done, and their call."""
    found: dict[str, tuple[ScriptedCaller, Report]] = {}
    for file in caller_files(callers_of(FLOWS)):
        if not file.name.startswith("order-") or len(found) == len(kinds):
            continue
        caller = load_caller(file)
        async with begin() as simulation:
            report = await simulation.call(ScriptedPhone(caller.script), incoming(caller))
            done = await simulation.port("ledger").select(Wanted(states=(OrderState.POSTED,)))
        if len(done) == 1:
            found.setdefault(done[0].draft.kind, (caller, report))
    return found


@pytest.mark.proof
@pytest.mark.timeout(120)
async def test_whenever_a_caller_hangs_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "MEMORY_KIB", 64)
    flows = load(FLOWS)
    wrong: list[str] = []
    with rehearsing(flows, CONFIG) as begin:
        found = await models(begin, flows.orders)
        assert set(found) == set(flows.orders), "every order type has a caller"
        for kind, (caller, report) in found.items():
            wrong += [f"{kind}: {one}" async for one in cut_everywhere(begin, caller, report)]
    assert wrong == []


async def cut_everywhere(
    begin: Begin, caller: ScriptedCaller, report: Report
) -> AsyncIterator[str]:
    """Cut a call within every command from the order's beginning on; yield what is wrong then."""
    asked = commands(report)
    authorised = next(n for n, (_, kind) in enumerate(asked) if kind in AUTHORISING)
    async with begin() as shared:
        for number, (before, after) in enumerate(pairwise(asked), 1):
            if before[0] == after[0]:
                continue
            middle = (before[0] + after[0]) // 2
            binding = number >= authorised
            if binding:
                async with begin() as own:
                    problem = await _cut(own, caller, middle, binding=binding)
            else:
                problem = await _cut(shared, caller, middle, binding=binding)
            if problem:
                yield f"cut at {middle} ms, while {after[1]}: {problem}"


async def _cut(simulation: Simulation, caller: ScriptedCaller, at_ms: int, *, binding: bool) -> str:
    # In a simulation that is used again, an order of another second is another order.
    at = (caller.at or CALLED).replace(tzinfo=ZONE) + timedelta(seconds=at_ms % 50)
    called = replace(incoming(caller), at=at)
    await simulation.call(Cut(ScriptedPhone(caller.script), at_ms), called)
    told = await aftermath(simulation, at)
    states = {one.state for one in told.orders}
    if binding != (OrderState.POSTED in states):
        return f"there are orders {sorted(states)}"
    return doctored(told, str(at.date()))
