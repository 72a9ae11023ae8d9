"""A caller who hangs up first is sent a message, rings back on a real Asterisk, and answers about that call."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.adapters.notify.embedded import EmbeddedNotify
from ivr.adapters.store.database import DatabaseStore
from ivr.app.ledger import DATABASE
from ivr.ports.coverage import Asked, CoverageRow, How, Progress, Reason
from lab.engine import Engine
from lab.installation import REPOSITORY
from lab.site import HOTLINE, SURVEYS, Lab
from lab.telephone import Telephone
from tests.live.kit import ZONE, bank

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]
ANI, CUSTOMER = "13800001001", "C1001"
WITHIN_S = 40.0


def at_any_hour(folder: Path) -> Path:
    """Return the demo's flows with no contact hours for surveys."""
    flows = folder / "flows"
    shutil.copytree(REPOSITORY / "flows", flows)
    rules = flows / "survey_rules.yaml"
    rules.write_text(rules.read_text("utf-8").replace("    calendar: contact\n", ""), "utf-8")
    return flows


async def rows(store: DatabaseStore) -> list[tuple[CoverageRow, Asked]]:
    """Return the rows of this test's calls: Asterisk's log tells an engine of other tests' calls as well."""
    since = SystemClock(ZONE).now() - timedelta(hours=1)
    found = [one async for one in store.coverage.rows(since)]
    both = zip(found, [one async for one in store.coverage.asked(since)], strict=True)
    return [(row, asked) for row, asked in both if row.reason != Reason.NOT_SERVED]


async def written(
    store: DatabaseStore, wanted: Callable[[list[tuple[CoverageRow, Asked]]], bool]
) -> list[tuple[CoverageRow, Asked]]:
    """Wait until the engine has written what is wanted."""
    async with asyncio.timeout(WITHIN_S):
        while not wanted(found := await rows(store)):  # noqa: ASYNC110 - another process's write
            await asyncio.sleep(0.1)
    return found


async def test_who_hung_up_first_rings_back_and_answers(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    bank(tmp_path)
    settings = {"flows": str(at_any_hour(tmp_path))}
    async with Engine(lab, tmp_path, settings=settings) as engine:
        call = await phone.call(HOTLINE, ani=ANI)
        await call.hears("main-menu", WITHIN_S)
        # By then the call is longer than those that are not asked about.
        await call.hears("no-input", WITHIN_S)
        await call.hang_up()
        await engine.happens("CallEnded", since=0, within=WITHIN_S)
        store = await DatabaseStore.open(tmp_path / DATABASE, SystemClock(ZONE))
        try:
            ((row, _),) = await written(
                store, lambda found: [one.progress for _, one in found] == [Progress.SENT]
            )
            assert (row.how, row.ended) == (How.MESSAGE, "caller")
            again = await phone.call(SURVEYS, ani=ANI)
            await again.hears("survey-back-hello", WITHIN_S)
            await again.hears("survey-easy", WITHIN_S)
            await again.press("4")
            await again.hears("survey-solved", WITHIN_S)
            await again.press("1")
            await again.hears("survey-thanks", WITHIN_S)
            await again.ended(WITHIN_S)
            (first, asked), (second, nothing) = await written(store, lambda found: len(found) == 2)
        finally:
            await store.close()
    assert first.call_id == asked.call_id == row.call_id
    assert asked.answers == {"easy": "4", "solved": "1"}
    assert (asked.progress, asked.how) == (Progress.ANSWERED, "completed")
    assert (second.how, second.reason) == (How.INELIGIBLE, Reason.LINE)
    assert nothing.answers == {}
    notify = await EmbeddedNotify.open(tmp_path / "notify.sqlite", SystemClock(ZONE))
    (message,) = await notify.received(CUSTOMER)
    await notify.close()
    assert SURVEYS in message.text
