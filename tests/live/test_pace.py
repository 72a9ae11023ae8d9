"""The pace of a caller on a real Asterisk: cut short once, the same fingers are quick enough afterwards."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.engine.journal import Answered, decode
from ivr.model.digits import Status
from ivr.ports.channel import Collect, Collected
from lab.engine import Engine
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.kit import ZONE, bank
from tests.queues import add_queues

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]

APART_MS = 2_400
FLOW = """\
flow: main
numbers: ["95500"]
languages: [en]
start: ask
on: {error: end}
steps:
  ask:
    collect: {prompt: enter-branch, least: 3, most: 3, into: number, timeout: 30s, interdigit: 2s}
    on: {done: told, no_input: end, invalid: end}
  told: {say: branch-closed-today, next: end}
  end: {hangup: completed}
"""


async def test_slow_fingers_are_waited_for(lab: Lab, phone: Telephone, tmp_path: Path) -> None:
    bank(tmp_path)
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "main.yaml").write_text(FLOW, "utf-8")
    add_queues(flows)
    async with Engine(lab, tmp_path, {"flows": str(flows)}) as engine:
        call = await phone.call("95500", ani="13800000001")
        await call.hears("enter-branch")
        await call.press("1")
        await call.hears("invalid-entry")
        await call.hears("enter-branch")
        await call.press("105", APART_MS)
        await call.hears("branch-closed-today")
        await call.hang_up()
        call_id = (await engine.happens("CallEnded"))["call"]
    cut, whole = await entries(tmp_path, call_id)
    assert (cut[1].status, cut[1].gap_ms) == (Status.TIMEOUT_PARTIAL, 2_000)
    assert [one.interdigit_ms for one, _ in (cut, whole)] == [2_000, 3_000]
    assert whole[1].status is Status.COMPLETE_LEN
    # Slower than what is configured: without what was learnt this entry would have been cut as well.
    assert whole[1].gap_ms is not None
    assert 2_000 < whole[1].gap_ms <= 3_000


async def entries(folder: Path, call_id: str) -> list[tuple[Collect, Collected]]:
    """Return what was collected, from the call's journal."""
    store = await DatabaseStore.open(folder / "onecall.sqlite", SystemClock(ZONE))
    try:
        journal = await store.journal.read(call_id)
    finally:
        await store.close()
    return [
        (
            msgspec.json.decode(entry.command, type=Collect),
            msgspec.json.decode(entry.answer, type=Collected),
        )
        for entry in decode(journal)
        if isinstance(entry, Answered) and b'"Collect"' in bytes(entry.command)
    ]
