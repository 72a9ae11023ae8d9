"""What every notify backend must do; the demo's customers have numbers on file."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from ivr.model.errors import PortError
from ivr.model.values import Money
from ivr.ports.notify import Notice, Notify

RECEIPT = Notice(
    "8d3f:posted",
    "C1002",
    "order-posted",
    "zh",
    {"reference": "10000008", "order": "transfer", "amount": Money(123_450), "fee": Money(0)},
)


async def test_who_has_a_number_on_file_is_sent_it(notify: Notify) -> None:
    assert await notify.send(RECEIPT) is True


async def test_who_has_none_is_not(notify: Notify) -> None:
    assert await notify.send(replace(RECEIPT, customer="C9999")) is False


async def test_sent_again_it_is_no_error(notify: Notify) -> None:
    assert await asyncio.gather(*(notify.send(RECEIPT) for _ in range(5))) == [True] * 5


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (replace(RECEIPT, template="poem"), "there is no text 'poem'"),
        (replace(RECEIPT, language="tlh"), "no texts in the language 'tlh'"),
        (replace(RECEIPT, values={"order": "transfer"}), "needs a value 'reference'"),
    ],
)
async def test_what_cannot_be_written_is_not_sent(
    notify: Notify, wrong: Notice, problem: str
) -> None:
    with pytest.raises(PortError, match=problem):
        await notify.send(wrong)
