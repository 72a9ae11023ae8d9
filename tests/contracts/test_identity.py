"""What every bank backend must do about who a caller is; it holds the demo's data."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from ivr.adapters.bank.demo import ACCOUNTS, CUSTOMERS
from ivr.adapters.bank.demo_access import ACCESS
from ivr.centre.pin import MAX_ATTEMPTS, MAX_ATTEMPTS_ANI, MAX_CALLBACKS
from ivr.model.secret import Secret
from ivr.ports.bank import Bank
from ivr.ports.identity import Begun, By, Claimed, Factor, PinChange, PinResult

FIRST = ACCOUNTS[0]
ANN = CUSTOMERS[0]
CODE = ACCESS[0].code
CARD = ACCESS[0].card
NEW_PIN = "850264"
ANI = "13900000001"
TRUNK = "PJSIP/carrier"


async def looked_up(bank: Bank, by: By, number: str, ani: str = "") -> Claimed:
    return await bank.look_up(by, Secret(number), ani, TRUNK)


@pytest.mark.parametrize(
    ("by", "number", "tail"),
    [(By.ACCOUNT, FIRST.number, ""), (By.CARD, CARD, CARD[-4:]), (By.CUSTOMER, "1001", "")],
)
async def test_a_keyed_number_identifies(bank: Bank, by: By, number: str, tail: str) -> None:
    assert await looked_up(bank, by, number) == Claimed(FIRST.number, ANN, tail)


@pytest.mark.parametrize(
    ("by", "number"),
    [
        (By.ACCOUNT, "6222029999"),
        (By.CARD, "4242424242424242"),
        (By.CUSTOMER, "9999"),
        (By.CUSTOMER, "C1001"),
        (By.CARD, FIRST.number),
        (By.CARD, "x"),
    ],
)
async def test_a_number_of_nobody_has_an_account_whose_pins_are_wrong(
    bank: Bank, by: By, number: str
) -> None:
    claimed = await looked_up(bank, by, number)
    assert claimed.customer is None
    assert await looked_up(bank, by, number) == claimed
    pins = [await bank.verify_pin(claimed.account, Secret(FIRST.pin), "") for _ in range(6)]
    assert [one.result for one in pins] == [PinResult.WRONG] * MAX_ATTEMPTS + [PinResult.LOCKED]


async def test_numbers_of_nobody_are_locked_one_by_one(bank: Bank) -> None:
    locked, other = [
        await looked_up(bank, By.CARD, number)
        for number in ("4242424242424242", "4242424242424241")
    ]
    for _ in range(MAX_ATTEMPTS):
        await bank.verify_pin(locked.account, Secret("000000"), "")
    answer = await bank.verify_pin(other.account, Secret("000000"), "")
    assert answer.result is PinResult.WRONG


async def test_who_looks_for_numbers_finds_none_after_a_while(bank: Bank) -> None:
    for number in range(MAX_ATTEMPTS_ANI - 1):
        await looked_up(bank, By.CUSTOMER, f"{5000 + number}", ANI)
    assert (await looked_up(bank, By.CUSTOMER, "1001", ANI)).customer == ANN
    await looked_up(bank, By.CUSTOMER, "9999", ANI)
    assert (await looked_up(bank, By.CUSTOMER, "1001", ANI)).customer is None
    assert (await looked_up(bank, By.CUSTOMER, "1001", "13900000002")).customer == ANN


async def change(bank: Bank, old: str, new: str) -> PinChange:
    return await bank.change_pin(FIRST.number, Secret(old), Secret(new), "", TRUNK)


async def pin_is(bank: Bank, pin: str) -> bool:
    answer = await bank.verify_pin(FIRST.number, Secret(pin), "")
    return answer.result is PinResult.RIGHT


async def test_a_pin_is_changed(bank: Bank) -> None:
    assert await change(bank, FIRST.pin, NEW_PIN) is PinChange.CHANGED
    assert await pin_is(bank, NEW_PIN)
    assert not await pin_is(bank, FIRST.pin)


@pytest.mark.parametrize(
    "new", ["123456", "112233", "222021", "197805", FIRST.pin, "85026", "8502645"]
)
async def test_a_weak_pin_is_refused_and_the_old_one_stays(bank: Bank, new: str) -> None:
    assert await change(bank, FIRST.pin, new) is PinChange.WEAK
    assert await pin_is(bank, FIRST.pin)


async def test_a_wrong_old_pin_counts_as_any_wrong_pin(bank: Bank) -> None:
    changes = [await change(bank, "000000", NEW_PIN) for _ in range(MAX_ATTEMPTS)]
    assert changes == [PinChange.WRONG] * MAX_ATTEMPTS
    assert await change(bank, FIRST.pin, NEW_PIN) is PinChange.LOCKED
    assert not await pin_is(bank, FIRST.pin)


async def test_a_weak_pin_tells_nobody_whether_the_old_one_is_right(bank: Bank) -> None:
    assert await change(bank, "000000", "123456") is PinChange.WRONG


async def test_the_second_factors_of_customers(bank: Bank) -> None:
    assert Factor.CODE in await bank.factors("C1001")
    assert Factor.CODE not in await bank.factors("C1003")
    assert Factor.CALLBACK in await bank.factors("C1003")
    assert await bank.factors("C9999") == ()


async def by_code(bank: Bank, code: str = CODE) -> PinResult:
    challenge = await bank.begin_factor("C1001", Factor.CODE, "zh", "1.1")
    if challenge.begun is Begun.LOCKED:
        return PinResult.LOCKED
    digits = "".join(code[at - 1] for at in challenge.positions)
    return await bank.verify_factor("C1001", Factor.CODE, Secret(digits))


async def test_three_digits_of_a_longer_code(bank: Bank) -> None:
    challenge = await bank.begin_factor("C1001", Factor.CODE, "zh", "1.1")
    assert challenge.begun is Begun.READY
    assert len(set(challenge.positions)) == 3
    assert set(challenge.positions) <= set(range(1, len(CODE) + 1))
    assert list(challenge.positions) == sorted(challenge.positions)
    assert await by_code(bank) is PinResult.RIGHT


async def test_positions_are_kept_until_they_are_answered_right(bank: Bank) -> None:
    first = await bank.begin_factor("C1001", Factor.CODE, "zh", "1.1")
    for _ in range(MAX_ATTEMPTS - 1):
        assert await by_code(bank, "0" * len(CODE)) is PinResult.WRONG
        assert await bank.begin_factor("C1001", Factor.CODE, "zh", "2.2") == first
    assert await by_code(bank) is PinResult.RIGHT
    others = set()
    for _ in range(12):
        others.add((await bank.begin_factor("C1001", Factor.CODE, "zh", "3.3")).positions)
        assert await by_code(bank) is PinResult.RIGHT
    assert len(others) > 1


async def test_five_wrong_codes_are_evaluated_and_no_more(bank: Bank) -> None:
    wrong = [await by_code(bank, "0" * len(CODE)) for _ in range(MAX_ATTEMPTS)]
    assert wrong == [PinResult.WRONG] * MAX_ATTEMPTS
    assert await by_code(bank) is PinResult.LOCKED
    answer = await bank.verify_factor("C1001", Factor.CODE, Secret("846"))
    assert answer is PinResult.LOCKED
    assert await by_code_of_another(bank) is PinResult.RIGHT


async def by_code_of_another(bank: Bank) -> PinResult:
    challenge = await bank.begin_factor("C1002", Factor.CODE, "zh", "1.1")
    digits = "".join(ACCESS[1].code[at - 1] for at in challenge.positions)
    return await bank.verify_factor("C1002", Factor.CODE, Secret(digits))


async def test_guesses_at_once_are_counted_one_by_one(bank: Bank) -> None:
    await bank.begin_factor("C1001", Factor.CODE, "zh", "1.1")
    answers = await asyncio.gather(
        *(bank.verify_factor("C1001", Factor.CODE, Secret("000")) for _ in range(12))
    )
    assert answers.count(PinResult.WRONG) == MAX_ATTEMPTS


@pytest.mark.parametrize("answer", ["", "84", "8412067395"])
async def test_fewer_or_more_digits_are_wrong(bank: Bank, answer: str) -> None:
    await bank.begin_factor("C1001", Factor.CODE, "zh", "1.1")
    result = await bank.verify_factor("C1001", Factor.CODE, Secret(answer))
    assert result is PinResult.WRONG


async def test_nothing_is_right_that_was_not_asked_for(bank: Bank) -> None:
    for factor in Factor:
        assert await bank.verify_factor("C1001", factor, Secret("")) is PinResult.WRONG


async def test_a_call_back_is_promised_so_often_and_no_more(bank: Bank) -> None:
    calls = [f"1.{number}" for number in range(MAX_CALLBACKS + 1)]
    begun = [
        (await bank.begin_factor("C1003", Factor.CALLBACK, "zh", call)).begun for call in calls
    ]
    assert begun == [Begun.READY] * MAX_CALLBACKS + [Begun.REFUSED]
    again = await bank.begin_factor("C1003", Factor.CALLBACK, "zh", calls[0])
    assert again.begun is Begun.READY


async def test_who_is_no_customer_cannot_begin_any(bank: Bank) -> None:
    for factor in Factor:
        challenge = await bank.begin_factor("C9999", factor, "zh", "1.1")
        assert challenge.begun is Begun.REFUSED


async def test_a_pin_that_binds_is_checked_as_any_other(bank: Bank) -> None:
    digest = hashlib.sha256(b"read back").hexdigest()
    right = await bank.verify_pin(FIRST.number, Secret(FIRST.pin), "", TRUNK, digest)
    wrong = await bank.verify_pin(FIRST.number, Secret("000000"), "", TRUNK, digest)
    assert (right.result, wrong.result) == (PinResult.RIGHT, PinResult.WRONG)
