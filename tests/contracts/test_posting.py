"""What every bank backend must do with a posting: once, authorised, as its terms said; or say why not."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest

from ivr.model.errors import PortError
from ivr.model.values import Money, type_of
from ivr.ports.bank import Bank, Matter, MatterState
from ivr.ports.posting import OPERATIONS, SOURCES, Posting, Reason, Terms
from tests.contracts.posting_kit import (
    MONDAY,
    NOBODY,
    ZONE,
    Arguments,
    bound,
    given,
    owner,
    post,
    posting,
    yuan,
)

SAME_FOR_ALL = {"banks", "funds", "bonds", "billers"}


async def test_items_have_the_fields_of_their_source(bank: Bank) -> None:
    for source, fields in SOURCES.items():
        first, second = [
            await bank.items(source, customer, MONDAY) for customer in ("C1001", "C1003")
        ]
        assert first or second, source
        for one in (*first, *second):
            assert {name: type_of(value) for name, value in one.fields.items()} == fields
        nobodys = await bank.items(source, "C9999", MONDAY)
        assert bool(nobodys) == (source in SAME_FOR_ALL), source


async def test_current_accounts_are_offered_first(bank: Bank) -> None:
    found = await bank.items("accounts", "C1006", MONDAY)
    assert [one.id for one in found] == ["6222021006", "6222021007", "6222022006"]


async def test_there_is_no_such_source(bank: Bank) -> None:
    with pytest.raises(PortError, match="secrets"):
        await bank.items("secrets", "C1001", MONDAY)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_is_posted_as_its_terms_said_and_told_again(
    bank: Bank, operation: str
) -> None:
    customer, arguments = owner(operation), given(operation, owner(operation))
    terms = await bank.terms(operation, customer, arguments, MONDAY)
    assert terms.reason is Reason.NONE
    tells = {name: type_of(value) for name, value in terms.facts.items()}
    assert tells == OPERATIONS[operation].tells
    wanted = await bound(bank, posting(operation, arguments, customer))
    posted = await bank.post(wanted)
    assert (posted.reason, posted.fee, posted.day) == (Reason.NONE, terms.fee, "2026-11-23")
    assert posted.amount == arguments.get("amount", terms.facts.get("amount", Money(0)))
    assert posted.reference
    assert await bank.post(wanted) == await bank.query(wanted.key) == posted
    assert await bank.booked(MONDAY.date()) == (posted,)


async def test_terms_move_nothing(bank: Bank) -> None:
    for operation in OPERATIONS:
        customer = owner(operation)
        before = [await bank.items(source, customer, MONDAY) for source in SOURCES]
        await bank.terms(operation, customer, given(operation, customer), MONDAY)
        assert [await bank.items(source, customer, MONDAY) for source in SOURCES] == before
    assert await bank.booked(MONDAY.date()) == ()


async def test_a_transfer_moves_money_once_for_its_key(bank: Bank) -> None:
    first = await post(bank, "transfer", key="T1")
    again = posting("transfer", given("transfer", amount=yuan("999.00")), key="T1")
    assert await bank.post(again) == first
    assert await bank.balance("6222021001") == yuan("12345578.90")
    assert await bank.balance("6222021002") == yuan("100.05")


async def test_one_key_many_times_at_once(bank: Bank) -> None:
    one = await bound(bank, posting("transfer", given("transfer")))
    answers = await asyncio.gather(*(bank.post(one) for _ in range(20)))
    assert len(set(answers)) == 1
    assert await bank.balance("6222021002") == yuan("100.05")


async def test_many_keys_at_once_spend_no_more_than_there_is(bank: Bank) -> None:
    many = [
        await bound(
            bank,
            posting(
                "transfer", given("transfer", "C1005", amount=yuan("500.00")), "C1005", key=f"T{n}"
            ),
        )
        for n in range(5)
    ]
    answers = await asyncio.gather(*(bank.post(one) for one in many))
    assert [one.reason for one in answers].count(Reason.NONE) == 2
    assert {one.reason for one in answers} == {Reason.NONE, Reason.FUNDS}
    assert await bank.balance("6222021005") == yuan("234.50")


async def test_what_was_refused_stays_so_when_there_is_money_later(bank: Bank) -> None:
    refused = await post(bank, "transfer", "C1002", key="T1", to="6222021003")
    assert (refused.reason, refused.reference) == (Reason.FUNDS, "")
    await post(bank, "transfer", key="T2")
    again = posting("transfer", given("transfer", "C1002", to="6222021003"), "C1002", key="T1")
    assert await bank.post(again) == refused
    assert await bank.query("T1") == refused
    assert await bank.query("T9") is None
    assert [one.key for one in await bank.booked(MONDAY.date())] == ["T2"]


async def test_money_that_has_gone_since_the_terms_is_not_there(bank: Bank) -> None:
    all_of_it = given("transfer", "C1005", amount=yuan("1234.50"))
    assert (await bank.terms("transfer", "C1005", all_of_it, MONDAY)).reason is Reason.NONE
    await post(bank, "transfer", "C1005", key="T1", amount=yuan("0.01"))
    gone = await post(bank, "transfer", "C1005", key="T2", amount=yuan("1234.50"))
    assert gone.reason is Reason.FUNDS


async def test_nothing_is_posted_that_nobody_authorised(bank: Bank) -> None:
    assert (await bank.post(posting("transfer", given("transfer")))).reason is Reason.REFUSED
    others = posting("transfer", given("transfer", "C1003"), "C1003", key="T2")
    mine = posting("transfer", given("transfer"), key="T2")
    await bound(bank, mine)
    assert (await bank.post(others)).reason is Reason.REFUSED
    assert await bank.balance("6222021002") == yuan("0.05")


async def test_what_was_authorised_is_posted_under_one_key(bank: Bank) -> None:
    first = await bound(bank, posting("transfer", given("transfer"), key="T1"))
    assert (await bank.post(first)).reason is Reason.NONE
    second = Posting("T2", *(getattr(first, name) for name in first.__struct_fields__[1:]))
    assert (await bank.post(second)).reason is Reason.REFUSED
    assert await bank.balance("6222021002") == yuan("100.05")


REFUSED: list[tuple[str, Arguments, Reason]] = [
    ("transfer", {"from_": "6222021003"}, Reason.REFUSED),
    ("transfer", {"from_": NOBODY}, Reason.REFUSED),
    ("transfer", {"from_": "D1001"}, Reason.REFUSED),
    ("transfer", {"from_": "opening"}, Reason.REFUSED),
    ("transfer", {"to": NOBODY}, Reason.TARGET),
    ("transfer", {"to": "6222021001"}, Reason.TARGET),
    ("transfer", {"to": "L1003"}, Reason.TARGET),
    ("transfer", {"to": "fees"}, Reason.TARGET),
    ("transfer", {"to": "' OR 1=1 --\0"}, Reason.TARGET),
    ("transfer", {"amount": Money(0)}, Reason.AMOUNT),
    ("transfer", {"amount": Money(-1)}, Reason.AMOUNT),
    ("transfer", {"amount": Money(1, "USD")}, Reason.AMOUNT),
    ("transfer", {"amount": Money(9 * 10**15)}, Reason.AMOUNT),
    ("transfer", {"amount": yuan("12345678.91")}, Reason.FUNDS),
    ("remit", {"from_": "6222021003"}, Reason.REFUSED),
    ("remit", {"bank_": "999"}, Reason.TARGET),
    ("remit", {"to": "1234567"}, Reason.TARGET),
    ("remit", {"amount": yuan("1000000.01")}, Reason.LIMIT),
    ("buy_fund", {"from_": "6222021003"}, Reason.REFUSED),
    ("buy_fund", {"fund": "F009"}, Reason.TARGET),
    ("buy_fund", {"amount": yuan("99.99")}, Reason.AMOUNT),
    ("redeem_fund", {"holding": "C1004-F001"}, Reason.TARGET),
    ("redeem_fund", {"holding": "6222021001"}, Reason.TARGET),
    ("redeem_fund", {"to": "6222021004"}, Reason.REFUSED),
    ("redeem_fund", {"units": 1_000_001}, Reason.AMOUNT),
    ("redeem_fund", {"units": 0}, Reason.AMOUNT),
    ("buy_bond", {"from_": "6222021003"}, Reason.REFUSED),
    ("buy_bond", {"bond": "B009"}, Reason.TARGET),
    ("buy_bond", {"bond": "B003"}, Reason.CLOSED),
    ("buy_bond", {"amount": yuan("150.00")}, Reason.AMOUNT),
    ("open_deposit", {"from_": "6222021003"}, Reason.REFUSED),
    ("open_deposit", {"days": 3}, Reason.TARGET),
    ("open_deposit", {"amount": yuan("49999.99")}, Reason.AMOUNT),
    ("give_notice", {"deposit": "D1004"}, Reason.TARGET),
    ("give_notice", {"deposit": "D1011"}, Reason.LIMIT),
    ("give_notice", {"amount": yuan("49999.99")}, Reason.AMOUNT),
    ("give_notice", {"amount": yuan("160000.00")}, Reason.AMOUNT),
    ("give_notice", {"amount": yuan("200000.01")}, Reason.AMOUNT),
    ("draw_deposit", {"deposit": "D1004"}, Reason.TARGET),
    ("draw_deposit", {"to": "6222021004"}, Reason.REFUSED),
    ("draw_deposit", {"deposit": "D1001"}, Reason.NOTICE),
    ("draw_deposit", {"amount": yuan("60000.00")}, Reason.AMOUNT),
    ("prepay_loan", {"from_": "6222021001"}, Reason.REFUSED),
    ("prepay_loan", {"loan": "L1004"}, Reason.TARGET),
    ("prepay_loan", {"loan": "6222021003"}, Reason.TARGET),
    ("prepay_loan", {"amount": yuan("999.99")}, Reason.AMOUNT),
    ("prepay_loan", {"amount": yuan("480000.01")}, Reason.AMOUNT),
    ("pay_bill", {"from_": "6222021003"}, Reason.REFUSED),
    ("pay_bill", {"biller": "U009"}, Reason.TARGET),
    ("pay_bill", {"reference": "1000000099"}, Reason.TARGET),
]


async def test_what_is_refused_and_why(bank: Bank) -> None:
    for number, (operation, changed, reason) in enumerate(REFUSED):
        customer = owner(operation)
        arguments = given(operation, customer, **changed)
        said = await bank.terms(operation, customer, arguments, MONDAY)
        assert said == Terms(reason), (operation, changed)
        wanted = posting(operation, arguments, customer, key=f"R{number}")
        posted = await bank.post(await bound(bank, wanted))
        assert (posted.reason, posted.reference) == (reason, ""), (operation, changed)
    assert await bank.booked(MONDAY.date()) == ()
    assert await bank.balance("6222021001") == yuan("12345678.90")


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("rob", {"from": "6222021001"}),
        ("transfer", {"from": "6222021001"}),
        ("transfer", given("transfer") | {"amount": 100}),
        ("transfer", given("transfer") | {"note": "x"}),
        ("redeem_fund", given("redeem_fund") | {"units": True}),
    ],
)
async def test_what_is_no_operation_is_an_error_of_ours_and_never_posted(
    bank: Bank, operation: str, arguments: Arguments
) -> None:
    with pytest.raises(PortError):
        await bank.terms(operation, "C1001", arguments, MONDAY)
    posted = await bank.post(await bound(bank, posting(operation, arguments)))
    assert posted.reason is Reason.REFUSED


@pytest.mark.parametrize("key", ["", "k" * 65, "a b", "schlüssel", "\0"])
async def test_a_key_that_is_none(bank: Bank, key: str) -> None:
    with pytest.raises(PortError):
        await bank.post(Posting(key, "transfer", "C1001", given("transfer"), "0" * 64, MONDAY))
    assert await bank.query(key) is None


async def test_days_are_booked_apart(bank: Bank) -> None:
    late = MONDAY.replace(hour=23, minute=59, second=59)
    await post(bank, "transfer", key="T2", at=late)
    await post(bank, "transfer", key="T1", at=late + timedelta(seconds=1))
    assert [one.key for one in await bank.booked(date(2026, 11, 23))] == ["T2"]
    assert [one.key for one in await bank.booked(date(2026, 11, 24))] == ["T1"]


async def test_transfers_of_three_days_are_matters(bank: Bank) -> None:
    friday = datetime(2026, 11, 27, 18, 0, tzinfo=ZONE)
    done = await post(bank, "transfer", key="T1", at=friday, amount=yuan("5.00"))
    sent = await post(
        bank, "remit", key="T2", at=friday + timedelta(minutes=1), amount=yuan("60000.00")
    )
    await post(bank, "pay_bill", key="T3", at=friday)
    await post(bank, "transfer", key="T4", at=friday, to=NOBODY)
    assert await bank.matters("C1001", friday + timedelta(hours=1)) == (
        Matter(
            *(sent.reference, "transfer", friday + timedelta(minutes=1), 2),
            *(MatterState.PENDING, yuan("60000.00")),
        ),
        Matter(done.reference, "transfer", friday, 2, MatterState.DONE, yuan("5.00")),
    )
    monday = await bank.matters("C1001", friday + timedelta(days=3, seconds=-1))
    assert [one.state for one in monday] == [MatterState.DONE] * 2
    assert len(await bank.matters("C1001", friday + timedelta(days=3))) == 1
