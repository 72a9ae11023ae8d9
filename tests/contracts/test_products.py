"""What every bank backend must do with each product: fees, cut-offs, notice, interest, prices."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest

from ivr.model.errors import PortError
from ivr.model.values import Money
from ivr.ports.bank import Bank
from ivr.ports.posting import Reason, Terms
from tests.contracts.posting_kit import MONDAY, ZONE, bound, given, item, post, posting, yuan


async def test_a_new_payee_is_saved_and_grows_older(bank: Bank) -> None:
    await post(bank, "transfer", to="6222021005")
    saved = (await bank.items("payees", "C1001", MONDAY + timedelta(hours=25, minutes=59)))[-1]
    assert saved.fields == {
        "account": "6222021005",
        "name": "Emily Chen",
        "tail": "1005",
        "own": False,
        "hours": 25,
    }
    await post(bank, "transfer", key="T2", at=MONDAY + timedelta(hours=30), to="6222021005")
    assert (await bank.items("payees", "C1001", MONDAY + timedelta(hours=40)))[-1].fields[
        "hours"
    ] == 40


async def test_own_accounts_are_payees_and_none_is_saved(bank: Bank) -> None:
    before = await bank.items("payees", "C1001", MONDAY)
    assert [one.id for one in before if one.fields["own"]] == ["6222021001", "6222022001"]
    assert all(one.fields["hours"] > 24 for one in before)  # type: ignore[operator]
    said = await bank.terms("transfer", "C1001", given("transfer", to="6222022001"), MONDAY)
    assert said.facts == {"name": "王芳", "own": True}
    await post(bank, "transfer", to="6222022001")
    assert await bank.items("payees", "C1001", MONDAY) == before
    assert await bank.balance("6222022001") == yuan("250100.00")


async def test_who_has_one_account_is_no_payee_of_themselves(bank: Bank) -> None:
    assert [one.fields["own"] for one in await bank.items("payees", "C1002", MONDAY)] == [False]


async def test_a_payee_at_another_bank_is_saved(bank: Bank) -> None:
    before = await bank.items("payees", "C1001", MONDAY)
    await post(bank, "remit")
    assert await bank.items("payees", "C1001", MONDAY) == before
    saved = (await bank.items("payees_elsewhere", "C1001", MONDAY))[-1]
    assert saved.fields == {
        "bank": "103",
        "account": "6228480012345678",
        "name": "",
        "tail": "5678",
        "hours": 0,
    }


async def test_the_fee_of_a_remittance_is_the_public_tariff(bank: Bank) -> None:
    for amount, fee in (
        ("0.01", "2.00"),
        ("2000.00", "2.00"),
        ("2000.01", "5.00"),
        ("5000.01", "10.00"),
        ("10000.01", "15.00"),
        ("50000.00", "15.00"),
        ("50000.01", "15.00"),
        ("100000.00", "30.00"),
        ("1000000.00", "50.00"),
    ):
        said = await bank.terms("remit", "C1001", given("remit", amount=yuan(amount)), MONDAY)
        assert said.fee == yuan(fee), amount


async def test_the_fee_comes_on_top(bank: Bank) -> None:
    all_of_it = given("remit", "C1005", amount=yuan("1234.50"))
    assert (await bank.terms("remit", "C1005", all_of_it, MONDAY)).reason is Reason.FUNDS
    posted = await post(bank, "remit", "C1005", amount=yuan("1232.50"))
    assert (posted.amount, posted.fee) == (yuan("1232.50"), yuan("2.00"))
    assert await bank.balance("6222021005") == Money(0)


async def test_when_a_remittance_arrives(bank: Bank) -> None:
    for at, amount, arrives in (
        ("2026-11-28T23:00", "50000.00", "2026-11-28"),  # a Saturday
        ("2026-11-27T16:59", "50000.01", "2026-11-27"),
        ("2026-11-27T17:00", "50000.01", "2026-11-30"),
        ("2026-09-30T17:00", "50000.01", "2026-10-08"),  # over the National Day holidays
        ("2026-10-10T10:00", "50000.01", "2026-10-10"),  # a Saturday that is worked for them
    ):
        now = datetime.fromisoformat(at).replace(tzinfo=ZONE)
        said = await bank.terms("remit", "C1001", given("remit", amount=yuan(amount)), now)
        assert said.facts == {"arrives": arrives}, at


async def test_the_cut_off_of_funds(bank: Bank) -> None:
    for at, priced, confirmed, paid in (
        ("2026-11-23T14:59:59", "2026-11-23", "2026-11-24", "2026-11-25"),
        ("2026-11-23T15:00:00", "2026-11-24", "2026-11-25", "2026-11-26"),
        ("2026-11-27T15:00:00", "2026-11-30", "2026-12-01", "2026-12-02"),  # a Friday
        ("2026-11-28T10:00:00", "2026-11-30", "2026-12-01", "2026-12-02"),
        ("2026-09-30T15:00:00", "2026-10-08", "2026-10-09", "2026-10-12"),
        ("2026-10-10T10:00:00", "2026-10-12", "2026-10-13", "2026-10-14"),  # worked, but no trade
    ):
        now = datetime.fromisoformat(at).replace(tzinfo=ZONE)
        bought = await bank.terms("buy_fund", "C1001", given("buy_fund"), now)
        assert bought.facts == {"price_date": priced, "confirm_date": confirmed}, at
        redeemed = await bank.terms("redeem_fund", "C1001", given("redeem_fund"), now)
        assert redeemed.facts == {"price_date": priced, "pay_date": paid}, at
        offered = await item(bank, "funds", "F001", "C1001", now)
        assert offered.fields["price_date"] == priced, at


async def test_a_fund_is_bought_with_a_fee_and_confirmed_a_trading_day_later(bank: Bank) -> None:
    before = (await item(bank, "fund_holdings", "C1001-F003", "C1001")).fields["units"]
    await post(bank, "buy_fund", fund="F003", amount=yuan("123.45"))
    growth = await post(bank, "buy_fund", key="T2", amount=yuan("1000.00"))
    assert growth.fee == yuan("1.50")
    assert await bank.balance("6222021001") == yuan("12344553.95")
    tonight = MONDAY + timedelta(hours=13)
    held = await item(bank, "fund_holdings", "C1001-F003", "C1001", tonight)
    assert held.fields["units"] == before == 5_000_000
    tomorrow = MONDAY + timedelta(days=1)
    for _ in range(2):
        held = await item(bank, "fund_holdings", "C1001-F003", "C1001", tomorrow)
        assert (held.fields["units"], held.fields["value"]) == (5_012_345, yuan("50123.45"))
    held = await item(bank, "fund_holdings", "C1001-F001", "C1001", tomorrow)
    # 1,000.00 at the demo's price of Monday, 1.1965, are 835.77 units
    assert (held.fields["units"], held.fields["value"]) == (1_083_577, yuan("12965.00"))


async def test_what_is_held_is_worth_the_last_price_known(bank: Bank) -> None:
    for at, value in (("2026-06-01", "12000.00"), ("2026-11-24", "11965.00")):
        now = datetime.fromisoformat(at).replace(tzinfo=ZONE)
        held = await item(bank, "fund_holdings", "C1001-F001", "C1001", now)
        assert held.fields["value"] == yuan(value), at
    with pytest.raises(PortError, match="F001"):
        await bank.items("fund_holdings", "C1001", datetime(2025, 1, 1, tzinfo=ZONE))


async def test_the_least_that_a_fund_takes_is_taken(bank: Bank) -> None:
    said = await bank.terms("buy_fund", "C1001", given("buy_fund", amount=yuan("100.00")), MONDAY)
    assert said.reason is Reason.NONE


async def test_units_are_redeemed_and_paid_two_trading_days_later(bank: Bank) -> None:
    posted = await post(bank, "redeem_fund", holding="C1001-F003", units=5_000_000)
    assert (posted.amount, posted.fee) == (Money(0), Money(0))
    held = await bank.items("fund_holdings", "C1001", MONDAY)
    assert [one.id for one in held] == ["C1001-F001"]
    twice = await post(bank, "redeem_fund", key="T2", holding="C1001-F003", units=1)
    assert twice.reason is Reason.AMOUNT
    await bank.items("accounts", "C1001", MONDAY + timedelta(days=1, hours=13))
    assert await bank.balance("6222021001") == yuan("12345678.90")
    account = await item(bank, "accounts", "6222021001", "C1001", MONDAY + timedelta(days=2))
    assert account.fields["balance"] == yuan("12395678.90")


async def test_an_order_of_funds_that_comes_when_its_price_is_known_is_refused(bank: Bank) -> None:
    await post(bank, "buy_fund", key="T1")
    await bank.items("fund_holdings", "C1001", MONDAY + timedelta(days=1))
    assert (await post(bank, "buy_fund", key="T2")).reason is Reason.CLOSED
    assert (await post(bank, "redeem_fund", key="T3")).reason is Reason.CLOSED
    assert (await post(bank, "buy_fund", key="T4", fund="F002")).reason is Reason.NONE


async def test_a_bond_pays_simple_interest_when_it_matures(bank: Bank) -> None:
    said = await bank.terms("buy_bond", "C1001", given("buy_bond", amount=yuan("10000.00")), MONDAY)
    assert said == Terms(facts={"matures": "2029-11-23", "interest": yuan("489.00")})
    await post(bank, "buy_bond", amount=yuan("10000.00"))
    assert "bond" in await bank.products("C1001")
    matured = MONDAY.replace(year=2029)
    await bank.items("accounts", "C1001", matured - timedelta(days=1))
    assert await bank.balance("6222021001") == yuan("12335678.90")
    await bank.items("accounts", "C1001", matured)
    assert await bank.balance("6222021001") == yuan("12346167.90")
    assert "bond" not in await bank.products("C1001")


async def test_bonds_on_sale(bank: Bank) -> None:
    assert [one.id for one in await bank.items("bonds", "C1001", MONDAY)] == ["B001", "B002"]
    march = datetime(2026, 3, 19, 10, 0, tzinfo=ZONE)
    on_sale = await bank.items("bonds", "C1001", march)
    assert [one.id for one in on_sale] == ["B001", "B002", "B003"]
    said = await bank.terms("buy_bond", "C1001", given("buy_bond", bond="B003"), march)
    assert said.reason is Reason.NONE


async def test_a_deposit_of_one_day_is_opened_noticed_and_drawn(bank: Bank) -> None:
    await opened_noticed_and_drawn(bank, 1, "2026-11-24")


async def test_a_deposit_of_seven_days_is_opened_noticed_and_drawn(bank: Bank) -> None:
    await opened_noticed_and_drawn(bank, 7, "2026-11-30")


async def opened_noticed_and_drawn(bank: Bank, days: int, earliest: str) -> None:
    before = {one.id for one in await bank.items("deposits", "C1001", MONDAY)}
    await post(bank, "open_deposit", key="T1", days=days, amount=yuan("60000.00"))
    (new,) = {one.id for one in await bank.items("deposits", "C1001", MONDAY)} - before
    notice = given("give_notice", deposit=new, amount=yuan("60000.00"))
    assert (await bank.terms("give_notice", "C1001", notice, MONDAY)).facts == {
        "draw_from": earliest
    }
    await post(bank, "give_notice", key="T2", deposit=new, amount=yuan("60000.00"))
    assert (await item(bank, "deposits", new, "C1001")).fields == {
        "amount": yuan("60000.00"),
        "days": days,
        "noticed": True,
        "noticed_amount": yuan("60000.00"),
        "draw_from": earliest,
    }
    draw = given("draw_deposit", deposit=new, amount=yuan("60000.00"))
    day = datetime.combine(date.fromisoformat(earliest), MONDAY.timetz())
    early = await bank.terms("draw_deposit", "C1001", draw, day - timedelta(days=1))
    assert early.reason is Reason.NOTICE
    drawn = await post(bank, "draw_deposit", key="T3", at=day, deposit=new, amount=yuan("60000.00"))
    assert drawn.reason is Reason.NONE
    assert new not in {one.id for one in await bank.items("deposits", "C1001", day)}


async def test_interest_of_a_deposit_is_by_days_and_rounded_half_up(bank: Bank) -> None:
    half = given("draw_deposit", amount=yuan("50000.00"))
    said = await bank.terms("draw_deposit", "C1001", half, MONDAY)
    # 50,000.00 at 0.10 % for the 189 days from 18 May: 26.25
    assert said.facts == {"interest": yuan("26.25")}
    later = await bank.terms("draw_deposit", "C1001", half, MONDAY + timedelta(days=1))
    # 190 days: 26.3888…
    assert later.facts == {"interest": yuan("26.39")}
    await post(bank, "draw_deposit", amount=yuan("50000.00"))
    assert await bank.balance("6222021001") == yuan("12395705.15")
    left = await item(bank, "deposits", "D1011", "C1001")
    assert (left.fields["amount"], left.fields["noticed"]) == (yuan("50000.00"), False)


async def test_a_deposit_is_drawn_no_further_than_noticed(bank: Bank) -> None:
    await post(bank, "give_notice", key="T1", amount=yuan("50000.00"))
    week_later = MONDAY + timedelta(days=7)
    more = given("draw_deposit", deposit="D1001", amount=yuan("100000.00"))
    assert (await bank.terms("draw_deposit", "C1001", more, week_later)).reason is Reason.NOTICE


async def test_prepaying_a_loan_costs_its_fee_until_a_day(bank: Bank) -> None:
    said = await bank.terms("prepay_loan", "C1003", given("prepay_loan", "C1003"), MONDAY)
    assert said == Terms(
        fee=yuan("100.00"),
        facts={"outstanding": yuan("480000.00"), "left": yuan("470000.00")},
    )
    later = datetime(2027, 5, 20, 9, 0, tzinfo=ZONE)
    free = await bank.terms("prepay_loan", "C1003", given("prepay_loan", "C1003"), later)
    assert free.fee == Money(0)
    await post(bank, "prepay_loan", "C1003")
    assert await bank.balance("6222021003") == yuan("991900.00")
    loan = await item(bank, "loans", "L1003", "C1003")
    assert loan.fields["outstanding"] == yuan("470000.00")


async def test_a_loan_paid_back_is_no_loan_any_more(bank: Bank) -> None:
    await post(bank, "prepay_loan", "C1003", loan="L1013", amount=yuan("20000.00"))
    assert [one.id for one in await bank.items("loans", "C1003", MONDAY)] == ["L1003"]
    again = await post(bank, "prepay_loan", "C1003", key="T2", loan="L1013", amount=Money(1))
    assert again.reason is Reason.AMOUNT


async def test_a_bill_is_paid_once_whoever_pays_it(bank: Bank) -> None:
    one = await bound(bank, posting("pay_bill", given("pay_bill"), key="T1"))
    other = await bound(bank, posting("pay_bill", given("pay_bill", "C1003"), "C1003", key="T2"))
    answers = await asyncio.gather(bank.post(one), bank.post(other))
    assert {answer.reason for answer in answers} == {Reason.NONE, Reason.TARGET}
    said = await bank.terms("pay_bill", "C1004", given("pay_bill", "C1004"), MONDAY)
    assert said.reason is Reason.TARGET
