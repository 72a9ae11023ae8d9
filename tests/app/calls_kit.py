"""Simulated calls whose events a store keeps, as those of a real one are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ivr.adapters.flowfile import load
from ivr.adapters.sim.phone import ScriptedPhone
from ivr.adapters.sim.prompts import SimPrompts
from ivr.adapters.sim.simulation import Incoming, Simulation
from ivr.adapters.store.database import DatabaseStore
from ivr.model.scripted import Action, HangsUp, Presses, Waits


class Ticking:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the next second."""
        self._now += timedelta(seconds=1)
        return self._now


async def keep_calls(state: Path, flows: Path, keys: Sequence[str], start: datetime) -> None:
    """Call the folder's number 100 once for each of `keys`, from `start` on, and keep the events.

    A caller presses the keys at once, and hangs up two seconds later if the call is not over.
    """
    running = Simulation(load(flows), SimPrompts({}), {}, start=start)
    calls = [
        await running.call(ScriptedPhone(_script(pressed)), Incoming(dnis="100"))
        for pressed in keys
    ]
    store = await DatabaseStore.open(state / "onecall.sqlite", Ticking(start))
    for number, call in enumerate(calls):
        for event in call.events:
            store.events.emit(f"call-{number}", event)
    await store.close()


def _script(keys: str) -> tuple[Action, ...]:
    return (Presses(presses=keys), Waits(waits="2s"), HangsUp(hangs_up=True))
