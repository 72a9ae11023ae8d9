"""A call about a case, live: the customer is rung and talks with an agent; one who never answers leaves a
case, and it is one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.adapters.clock import SystemClock
from ivr.ports.agents import AgentState
from ivr.ports.cases import CaseFilter, CaseRecord, Link, LinkKind, NewCase
from lab.site import Lab
from lab.telephone import Telephone
from tests.live.floor_kit import Seat
from tests.live.kit import ZONE
from tests.live.test_callbacks import CUSTOMER, LATER, QUEUES, Hotline

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

CASES = """\
desks:
  service-desk: {queue: service, agents: [1001]}
cases:
  complaint: {owner: service-desk, answer: 15 days}
  missed-callback: {owner: service-desk, answer: 2 days}
"""
ONCE = QUEUES.replace("retry: 2s", "retry: 2s, attempts: 1")


async def promised(hotline: Hotline, number: str, about: str = "") -> str:
    """Promise a call as the desk does; return its id."""
    now = SystemClock(ZONE).now()
    kept = await hotline.far.callbacks.schedule(
        "service", number, "en", now, now + timedelta(minutes=30), "1001", "C1002", about
    )
    assert kept.refused is None
    return kept.id


async def missed(hotline: Hotline) -> tuple[CaseRecord, ...]:
    """Wait until there is a case of a call that failed; return all of them."""
    async with asyncio.timeout(30):
        while not (found := await hotline.far.cases.find(CaseFilter(kind="missed-callback"))):
            await hotline.far.cases.changed(await hotline.far.cases.changed(-1, 0), 1_000)
    return found


async def test_a_call_about_a_case_reaches_its_customer_or_leaves_a_case(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    customer, away = phone.desk(CUSTOMER), phone.desk(LATER)
    hotline = Hotline(lab, phone, tmp_path, ONCE)
    (tmp_path / "flows" / "cases.yaml").write_text(CASES, "utf-8")
    async with hotline:
        book = hotline.far.cases
        opened = await book.open(
            NewCase("k", "complaint", "1001", "waited long", "C1002", CUSTOMER)
        )
        seat = Seat(hotline, "1001")
        await seat.at_work()

        promise = await promised(hotline, CUSTOMER, opened.number)
        link = Link(LinkKind.CALLBACK, promise)
        assert (await book.link(opened.number, "1001", link)).refused is None
        ringing = await customer.rings(within=15)
        await customer.pick_up(ringing)
        await ringing.hears("callback-take", within=10)
        await ringing.press("1")
        leg = await seat.takes(within=15)
        await hotline.talk(leg, ringing)
        await leg.hang_up()
        await ringing.ended(within=20)
        await seat.is_(AgentState.READY)
        assert (await book.find(CaseFilter(link=link)))[0].number == opened.number

        lost = await promised(hotline, LATER, opened.number)
        declined = await away.rings(within=15)
        await declined.hang_up()
        (case,) = await missed(hotline)
        assert (case.key, case.customer, case.ani) == (f"callback:{lost}", "C1002", LATER)
        assert case.owner == "service-desk"
        assert Link(LinkKind.CALLBACK, lost) in case.links
        assert case.facts["attempts"] == "1"
        await seat.is_(AgentState.READY)
        assert len(customer.calls) == len(away.calls) == 1
