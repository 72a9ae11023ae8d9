"""What every bank backend must do; it holds the demo's data."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.bank.demo import (
    ACCOUNTS,
    CUSTOMERS,
    HOLDINGS,
    SHARED_PHONE,
    DemoAccount,
)
from ivr.centre.pin import MAX_ATTEMPTS, MAX_ATTEMPTS_ANI
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.bank import Bank, Matter, MatterState
from ivr.ports.identity import Customer, PinResult

FIRST, SECOND = ACCOUNTS[0], ACCOUNTS[1]
UNKNOWN = "6222029999"
ANI = "13800001111"


async def tried(bank: Bank, account: str, *pins: str, ani: str = "") -> list[PinResult]:
    return [(await bank.verify_pin(account, Secret(pin), ani)).result for pin in pins]


async def test_the_right_pin_tells_the_customer(bank: Bank) -> None:
    answer = await bank.verify_pin(FIRST.number, Secret(FIRST.pin), ANI)
    assert answer.result is PinResult.RIGHT
    assert answer.customer == Customer("C1001", "王芳", "vip", "zh")


@pytest.mark.parametrize("account", [FIRST.number, UNKNOWN, "", "0" * 80, "Ａ\0"])
async def test_five_wrong_pins_are_evaluated_and_no_more(bank: Bank, account: str) -> None:
    results = await tried(bank, account, *["000000"] * (MAX_ATTEMPTS + 3))
    assert results == [PinResult.WRONG] * MAX_ATTEMPTS + [PinResult.LOCKED] * 3


async def test_a_wrong_answer_tells_no_customer(bank: Bank) -> None:
    for account in (FIRST.number, UNKNOWN):
        assert (await bank.verify_pin(account, Secret("000000"), ANI)).customer is None


async def test_the_right_pin_does_not_open_a_locked_account(bank: Bank) -> None:
    results = await tried(bank, FIRST.number, *["000000"] * MAX_ATTEMPTS, FIRST.pin)
    assert results[-1] is PinResult.LOCKED


async def test_the_right_pin_begins_the_count_anew(bank: Bank) -> None:
    wrong = ["000000"] * (MAX_ATTEMPTS - 1)
    results = await tried(bank, FIRST.number, *wrong, FIRST.pin, *wrong, FIRST.pin)
    assert PinResult.LOCKED not in results
    assert results.count(PinResult.RIGHT) == 2


async def test_the_pin_of_another_account_is_wrong(bank: Bank) -> None:
    assert await tried(bank, FIRST.number, SECOND.pin) == [PinResult.WRONG]


async def test_concurrent_attempts_are_counted_one_by_one(bank: Bank) -> None:
    answers = await asyncio.gather(
        *(bank.verify_pin(FIRST.number, Secret("000000"), "") for _ in range(30))
    )
    evaluated = [one for one in answers if one.result is not PinResult.LOCKED]
    assert len(evaluated) == MAX_ATTEMPTS


async def test_one_calling_number_cannot_try_many_accounts(bank: Bank) -> None:
    results = [
        (await tried(bank, f"70000000{number:02}", "000000", ani=ANI))[0]
        for number in range(MAX_ATTEMPTS_ANI + 2)
    ]
    assert results == [PinResult.WRONG] * MAX_ATTEMPTS_ANI + [PinResult.LOCKED] * 2
    assert await tried(bank, FIRST.number, FIRST.pin, ani=ANI) == [PinResult.LOCKED]
    assert await tried(bank, FIRST.number, FIRST.pin, ani="13900002222") == [PinResult.RIGHT]


async def test_right_pins_use_up_no_calling_number(bank: Bank) -> None:
    right = await tried(bank, FIRST.number, *[FIRST.pin] * (MAX_ATTEMPTS_ANI + 2), ani=ANI)
    assert set(right) == {PinResult.RIGHT}


async def test_callers_without_a_number_share_no_counter(bank: Bank) -> None:
    for number in range(MAX_ATTEMPTS_ANI + 2):
        assert await tried(bank, f"70000000{number:02}", "000000") == [PinResult.WRONG]


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.number)
async def test_balances_are_exact(bank: Bank, account: DemoAccount) -> None:
    assert await bank.balance(account.number) == account.balance


async def test_no_balance_of_an_unknown_account_and_no_digits_in_the_error(bank: Bank) -> None:
    with pytest.raises(PortError) as caught:
        await bank.balance(UNKNOWN)
    assert UNKNOWN not in str(caught.value)


async def test_a_number_on_file_tells_the_customer(bank: Bank) -> None:
    assert await bank.identify("13800001002") == CUSTOMERS[1]


@pytest.mark.parametrize("ani", ["+8613800001002", "008613800001002"])
async def test_the_country_code_of_the_banks_country_may_stand_before_it(
    bank: Bank, ani: str
) -> None:
    assert await bank.identify(ani) == CUSTOMERS[1]


@pytest.mark.parametrize(
    "ani",
    [
        "",
        "anonymous",
        "Restricted",
        "unknown",
        "0",
        "13800009999",
        "+13800001002",  # a number of another country
        "3800001002",
        "113800001002",
        "%",
        "1380000100_",
        "1380000１002",
        SHARED_PHONE,
    ],
)
async def test_a_withheld_unknown_or_shared_number_is_nobodys(bank: Bank, ani: str) -> None:
    assert await bank.identify(ani) is None


async def test_who_shares_a_number_is_known_by_their_own(bank: Bank) -> None:
    assert await bank.identify("13800001006") == CUSTOMERS[5]


async def test_products_of_a_customer(bank: Bank) -> None:
    for customer in CUSTOMERS:
        assert await bank.products(customer.number) == HOLDINGS[customer.number]
    assert await bank.products("C9999") == ()


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 23, 0, 5, tzinfo=ZoneInfo("Asia/Shanghai")),
        datetime(2031, 3, 1, 12, 0, tzinfo=ZoneInfo("UTC")),
    ],
)
async def test_matters_of_a_customer_the_latest_first(bank: Bank, now: datetime) -> None:
    found = await bank.matters("C1002", now)
    assert found == (
        Matter("M1", "transfer", now - timedelta(days=1), 2, MatterState.DONE, Money(500_000)),
        Matter("M2", "transfer", now - timedelta(days=5), 2, MatterState.DONE, Money(80_000)),
    )
    assert found[0].opened_at.utcoffset() == now.utcoffset()


async def test_no_matters_of_others(bank: Bank) -> None:
    now = datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert await bank.matters("C1001", now) == ()
    assert await bank.matters("C9999", now) == ()
