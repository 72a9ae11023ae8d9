"""A port that does not answer in time."""

from __future__ import annotations

import asyncio

import pytest

from ivr.adapters.budget import Budgeted, Delayed
from ivr.model.errors import PortError, PortTimeout


class OddPort:
    """Answers one question for ever, one at once, one with an error of its own."""

    async def slow(self, number: int) -> int:
        await asyncio.Event().wait()
        return number

    async def quick(self, number: int) -> int:
        return number

    async def broken(self) -> None:
        raise TimeoutError("the port's own")


async def test_too_late() -> None:
    with pytest.raises(PortTimeout, match="bank: no answer within 10 ms") as caught:
        await Budgeted("bank", OddPort(), 10).slow(1)
    assert isinstance(caught.value, PortError)
    assert caught.value.retryable


async def test_a_method_may_have_a_budget_of_its_own() -> None:
    with pytest.raises(PortTimeout, match="bank: no answer within 5 ms"):
        await Budgeted("bank", OddPort(), 60_000, {"slow": 5}).slow(1)


async def test_in_time() -> None:
    assert await Budgeted("bank", OddPort(), 3_000).quick(7) == 7


async def test_a_timeout_of_the_port_itself_is_not_ours() -> None:
    with pytest.raises(TimeoutError, match="the port's own"):
        await Budgeted("bank", OddPort(), 3_000).broken()


async def test_a_delayed_port_answers_after_the_budget_or_within_it() -> None:
    delayed = Delayed(OddPort(), 40)
    with pytest.raises(PortTimeout):
        await Budgeted("profiles", delayed, 5).quick(7)
    assert await Budgeted("profiles", delayed, 3_000).quick(7) == 7
