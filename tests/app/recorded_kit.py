"""A state folder with calls in it: scripted callers of the demo, simulated and kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.adapters.flowfile import load
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.sim.simulation import CALL_ID
from ivr.adapters.store.codec import decode_event, encode
from ivr.adapters.store.database import DatabaseStore
from ivr.app.config import Config, load_config
from ivr.app.ledger import Ledger
from ivr.app.simulation import rehearsing
from ivr.centre.releases import Act, State
from ivr.centre.releases.kinds.publishing import Publish

ROOT = Path(__file__).parents[2]
ZONE = "Asia/Shanghai"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo(ZONE))
FLOWS = load(ROOT / "flows")


class Stepping:
    """A clock that goes on by 100 ms whenever it is read."""

    def __init__(self) -> None:
        self._now = MONDAY - timedelta(seconds=1)

    def now(self) -> datetime:
        """Return the next moment."""
        self._now += timedelta(milliseconds=100)
        return self._now


PUBLISHED = Publish(FLOWS.version)


async def keep(
    folder: Path, callers: Mapping[str, str], lose_at: int | None = None, act: Act = PUBLISHED
) -> Config:
    """Keep a call for each scripted caller of the demo: id → the name of its file. `act` brought
    the flows."""
    file = folder / "onecall.yaml"
    file.write_text(f"state: .\nflows: {ROOT}/flows\nprompts: {ROOT}/prompts\n", "utf-8")
    store = await DatabaseStore.open(folder / "onecall.sqlite", Stepping())
    try:
        ledger = Ledger(store, Stepping())
        await ledger.append(act, why="a test", who="test", after=State(), flows=FLOWS)
        with rehearsing(FLOWS, Config().resolved(ROOT), MONDAY) as begin:
            for call_id, name in callers.items():
                caller = load_caller(ROOT / "flows" / "callers" / f"{name}.yaml")
                async with begin() as simulation:
                    report = await simulation.play(caller, lose_at=lose_at)
                for event in report.events:
                    body = _renamed(encode(event), call_id)
                    store.events.emit(call_id, decode_event(call_id, 0, body).event)
                for entry in report.journal:
                    store.journal.append(call_id, _renamed(entry, call_id))
    finally:
        await store.close()
    return load_config(file)


def _renamed(entry: bytes, call_id: str) -> bytes:
    """Give a journal's entry another call's id; recordings are named after it, without its dot."""
    for then, now in ((CALL_ID, call_id), (CALL_ID.replace(".", "-"), call_id.replace(".", "-"))):
        entry = entry.replace(then.encode(), now.encode())
    return entry
