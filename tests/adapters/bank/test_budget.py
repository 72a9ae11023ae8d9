"""A bank that does not answer in time."""

from __future__ import annotations

import asyncio

import pytest

from ivr.adapters.bank.budget import Budgeted
from ivr.model.errors import PortError, PortTimeout
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.bank import Branch, PinAnswer, PinResult


class OddBank:
    """Answers a PIN for ever, a balance at once, a branch with an error of its own."""

    async def verify_pin(self, account: str, pin: Secret, ani: str) -> PinAnswer:
        await asyncio.Event().wait()
        return PinAnswer(PinResult.RIGHT)

    async def balance(self, account: str) -> Money:
        return Money(1)

    async def branch(self, number: str, day: str) -> Branch | None:
        raise TimeoutError("the bank's own")


async def test_too_late() -> None:
    with pytest.raises(PortTimeout, match="bank: no answer within 10 ms") as caught:
        await Budgeted(OddBank(), 10).verify_pin("1", Secret("2"), "")
    assert isinstance(caught.value, PortError)
    assert caught.value.retryable


async def test_in_time() -> None:
    assert await Budgeted(OddBank()).balance("1") == Money(1)


async def test_a_timeout_of_the_bank_itself_is_not_ours() -> None:
    with pytest.raises(TimeoutError, match="the bank's own"):
        await Budgeted(OddBank()).branch("1", "2026-11-23")
