"""The page of an order: who sees it, and what it says and never says."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.centre.agents import Act
from ivr.ports.cases import Link, LinkKind
from ivr.ports.ledger import OrderRecord
from tests.contracts.ledger_kit import StillClock, Writing
from tests.desk.kit import Desk, caller, running, words_of
from tests.desk.test_cases import sitting

MASKED = "••••1001"


@asynccontextmanager
async def ordered(folder: Path) -> AsyncIterator[tuple[Desk, OrderRecord]]:
    """A desk, and an order of C1001 that was authorised."""
    orders = Writing(await SqliteLedger.open(folder / "ledger.sqlite"), StillClock())
    async with running() as desk:
        desk.site.ledger = orders.ledger
        yield desk, await orders.authorise()
    await orders.ledger.close()


async def test_whoever_works_on_its_case_sees_an_order_and_no_account_number(
    tmp_path: Path,
) -> None:
    async with ordered(tmp_path) as (desk, order):
        browser = await sitting(desk)
        assert (await browser.get(f"/orders/{order.reference}")).status_code == 403
        case = await desk.case(links=(Link(LinkKind.ORDER, order.draft.id),))
        page = await browser.get(f"/cases/{case.number}")
        assert f'href="/orders/{order.draft.id}"' in page.text
        answer = await browser.get(f"/orders/{order.draft.id}")
        said = words_of(answer)
        for text in ("authorised", "500.00 CNY", MASKED, order.reference, "payee.tail 1002"):
            assert text in said
        noted = [(one.what, one.about) for one in desk.people.notes]
        assert ("desk.order.forbidden", order.reference) in noted
        assert noted[-1] == ("desk.order", order.draft.id)


async def test_a_case_of_somebody_else_opens_no_order(tmp_path: Path) -> None:
    async with ordered(tmp_path) as (desk, order):
        case = await desk.case(customer="C1002")
        browser = await sitting(desk)
        form = {"kind": "order", "id": order.reference}
        assert (await browser.post(f"/cases/{case.number}/link", **form)).status_code == 200
        assert (await browser.get(f"/orders/{order.reference}")).status_code == 403


async def test_an_agent_sees_the_orders_of_their_own_call_and_supervisors_all(
    tmp_path: Path,
) -> None:
    async with ordered(tmp_path) as (desk, order):
        path, browser = f"/orders/{order.reference}", await sitting(desk)
        desk.hall.act("1001", Act.LOGIN)
        desk.hall.act("1001", Act.READY)
        desk.hall.call(caller(call_id=order.draft.call_id))
        await desk.seen()
        await browser.get("/")
        assert (await browser.get(path)).status_code == 200
        assert (await (await sitting(desk, "grace.liu")).get(path)).status_code == 200
        for name in ("40316182", "x" * 32):
            assert (await browser.get(f"/orders/{name}")).status_code == 404


async def test_an_order_that_was_changed_in_the_ledger_is_not_shown(tmp_path: Path) -> None:
    async with ordered(tmp_path) as (desk, order):
        with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database, database:
            (trigger,) = database.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE '%UPDATE ON entries%'"
            ).fetchone()
            database.execute(f"DROP TRIGGER {trigger}")
            database.execute(
                "UPDATE entries SET body = CAST(replace(body, 'C1001', 'C1002') AS BLOB)"
            )
        browser = await sitting(desk, "grace.liu")
        answer = await browser.get(f"/orders/{order.reference}")
        assert answer.status_code == 409
        assert "not as it was written" in words_of(answer)
