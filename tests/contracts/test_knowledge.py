"""What every knowledge backend must do; it holds the demo's data."""

from __future__ import annotations

import pytest

from ivr.adapters.knowledge.demo import BRANCHES, FEES
from ivr.model.errors import PortError
from ivr.ports.knowledge import Branch, Fee, Knowledge

MONDAY, SATURDAY, SUNDAY = "2026-11-23", "2026-11-28", "2026-11-29"


async def test_branch_hours_of_a_day(knowledge: Knowledge) -> None:
    name = BRANCHES[2].name
    assert await knowledge.branch("103", MONDAY) == Branch("103", name, "08:30", "17:30")
    assert await knowledge.branch("103", SATURDAY) == Branch("103", name, "10:00", "15:00")
    assert await knowledge.branch("103", SUNDAY) == Branch("103", name, None, None)


@pytest.mark.parametrize("number", ["999", "", "\0"])
async def test_no_such_branch(knowledge: Knowledge, number: str) -> None:
    assert await knowledge.branch(number, MONDAY) is None


async def test_a_day_that_is_none(knowledge: Knowledge) -> None:
    with pytest.raises(PortError, match="not a date"):
        await knowledge.branch("101", "tomorrow")


@pytest.mark.parametrize("fee", FEES, ids=lambda fee: fee.service)
async def test_what_a_service_costs(knowledge: Knowledge, fee: Fee) -> None:
    assert await knowledge.fee(fee.service) == fee


@pytest.mark.parametrize("service", ["", "juggling", "REMIT", "\0"])
async def test_no_such_service(knowledge: Knowledge, service: str) -> None:
    assert await knowledge.fee(service) is None
