"""What every payment gateway must do; it takes the sandbox's test cards (`docs/payments.md`)."""

from __future__ import annotations

import pytest

from ivr.adapters.payments.demo import ORDERS
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.payments import Card, Decline, MerchantOrder, Payment, Payments, PaymentState

ORDER = ORDERS[0]
IN_MONTHS = ORDERS[1]
GOOD = "4242424242424242"
LOST, LATE, LATE_CAPTURE = "4000000000007007", "4000000000007015", "4000000000007023"
TWICE, BLIND, FAILS = "4000000000007031", "4000000000007049", "4000000000000119"


def card(pan: str = GOOD, cvv: str = "123") -> Card:
    return Card(Secret(pan), Secret("1230"), Secret(cvv))


async def authorise(payments: Payments, key: str, pan: str = GOOD, cvv: str = "123") -> Payment:
    return await payments.authorise(key, ORDER.number, ORDER.amount, card(pan, cvv), 0)


async def captured(payments: Payments, key: str) -> Payment:
    await authorise(payments, key)
    return await payments.capture(key)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.number)
async def test_what_a_merchant_wants(payments: Payments, order: MerchantOrder) -> None:
    assert await payments.merchant_order(order.number) == order


@pytest.mark.parametrize("number", ["99999999", "", "1000000", "\0"])
async def test_no_such_order(payments: Payments, number: str) -> None:
    assert await payments.merchant_order(number) is None


async def test_authorised_and_captured(payments: Payments) -> None:
    reserved = await authorise(payments, "k1")
    assert (reserved.state, reserved.amount) == (PaymentState.AUTHORISED, ORDER.amount)
    assert (reserved.brand, reserved.tail, reserved.order) == ("visa", "4242", ORDER.number)
    taken = await payments.capture("k1")
    assert taken.state is PaymentState.CAPTURED
    assert taken.reference == reserved.reference != ""
    assert await payments.query("k1") == taken


async def test_a_key_is_answered_as_it_stands_whatever_is_asked(payments: Payments) -> None:
    first = await authorise(payments, "k1")
    again = await payments.authorise(
        "k1", IN_MONTHS.number, IN_MONTHS.amount, card("4000000000000002"), 3
    )
    assert again == first
    taken = await payments.capture("k1")
    assert await payments.capture("k1") == taken
    assert await authorise(payments, "k1") == taken
    assert await payments.void("k1") == taken


@pytest.mark.parametrize(
    ("pan", "cvv", "decline"),
    [
        ("4000000000000002", "123", Decline.REFUSED),
        ("4000000000009995", "123", Decline.FUNDS),
        ("4000000000009987", "123", Decline.CARD),
        ("4000000000000069", "123", Decline.EXPIRED),
        ("4000000000000127", "123", Decline.CVV),
        (GOOD, "000", Decline.CVV),
        ("378282246310005", "0000", Decline.CVV),
        ("4929000000006", "123", Decline.CARD),
    ],
)
async def test_declined(payments: Payments, pan: str, cvv: str, decline: Decline) -> None:
    answer = await authorise(payments, "k1", pan, cvv)
    assert (answer.state, answer.decline) == (PaymentState.DECLINED, decline)
    assert await payments.capture("k1") == answer, "a declined payment is never taken"
    order = await payments.merchant_order(ORDER.number)
    assert order is not None
    assert order.open, "it can be paid with another card"


async def test_an_order_is_paid_once(payments: Payments) -> None:
    await authorise(payments, "k1")
    second = await authorise(payments, "k2")
    assert (second.state, second.decline) == (PaymentState.DECLINED, Decline.DUPLICATE)
    await payments.capture("k1")
    order = await payments.merchant_order(ORDER.number)
    assert order is not None
    assert not order.open
    assert (await authorise(payments, "k3")).decline is Decline.DUPLICATE


async def test_what_is_let_go_can_be_paid_again(payments: Payments) -> None:
    await authorise(payments, "k1")
    assert (await payments.void("k1")).state is PaymentState.VOIDED
    assert (await payments.capture("k1")).state is PaymentState.VOIDED
    assert (await authorise(payments, "k2")).state is PaymentState.AUTHORISED


async def test_a_key_that_was_voided_before_it_arrived_is_used_up(payments: Payments) -> None:
    assert await payments.query("k1") is None
    gone = await payments.void("k1")
    assert gone.state is PaymentState.VOIDED
    assert await authorise(payments, "k1") == gone
    assert await payments.tokenise("k1", card()) == gone
    assert await payments.capture("k1") == gone


async def test_nothing_is_captured_under_an_unknown_key(payments: Payments) -> None:
    with pytest.raises(PortError):
        await payments.capture("k1")
    assert await payments.query("k1") is None


async def test_another_amount_or_order_is_declined(payments: Payments) -> None:
    more = Money(ORDER.amount.minor + 1)
    answer = await payments.authorise("k1", ORDER.number, more, card(), 0)
    assert answer.decline is Decline.AMOUNT
    answer = await payments.authorise("k2", "99999999", ORDER.amount, card(), 0)
    assert answer.decline is Decline.REFUSED


@pytest.mark.parametrize("months", [3, 12])
async def test_instalments_that_are_offered(payments: Payments, months: int) -> None:
    order = IN_MONTHS
    answer = await payments.authorise("k1", order.number, order.amount, card(), months)
    assert answer.state is PaymentState.AUTHORISED


@pytest.mark.parametrize("months", [1, 24, -3])
async def test_instalments_that_are_not(payments: Payments, months: int) -> None:
    order = IN_MONTHS
    answer = await payments.authorise("k1", order.number, order.amount, card(), months)
    assert answer.decline is Decline.REFUSED


async def test_a_card_on_file(payments: Payments) -> None:
    answer = await payments.authorise_token("k1", ORDER.number, ORDER.amount, "K1001", 0)
    assert (answer.brand, answer.tail) == ("unionpay", "0005")
    assert (await payments.capture("k1")).state is PaymentState.CAPTURED
    answer = await payments.authorise_token("k2", IN_MONTHS.number, IN_MONTHS.amount, "K9", 0)
    assert answer.decline is Decline.CARD


async def test_a_card_is_kept_and_charged_later(payments: Payments) -> None:
    kept = await payments.tokenise("k1", card())
    assert (kept.state, kept.brand, kept.tail) == (PaymentState.TOKENISED, "visa", "4242")
    assert (await payments.tokenise("k2", card())).token == kept.token != ""
    assert (await payments.tokenise("k3", card("4111111111111111"))).token != kept.token
    paid = await payments.authorise_token("k4", ORDER.number, ORDER.amount, kept.token, 0)
    assert (paid.state, paid.tail) == (PaymentState.AUTHORISED, "4242")
    refused = await payments.tokenise("k5", card("4000000000000002"))
    assert (refused.state, refused.token) == (PaymentState.DECLINED, "")


async def test_refunds_whole_and_in_parts(payments: Payments) -> None:
    paid = await captured(payments, "k1")
    part = Money.of("100.00")
    given = await payments.refund("r1", paid.reference, part)
    assert (given.state, given.amount, given.tail) == (PaymentState.REFUNDED, part, "4242")
    assert await payments.refund("r1", paid.reference, part) == given, "once for its key"
    held = await payments.query("k1")
    assert held is not None
    assert (held.state, held.refunded) == (PaymentState.CAPTURED, part)
    rest = Money(ORDER.amount.minor - part.minor)
    too_much = await payments.refund("r2", paid.reference, Money(rest.minor + 1))
    assert (too_much.state, too_much.decline) == (PaymentState.DECLINED, Decline.AMOUNT)
    assert (await payments.refund("r3", paid.reference, rest)).state is PaymentState.REFUNDED
    assert (await payments.refund("r4", paid.reference, Money(1))).decline is Decline.AMOUNT


async def test_only_what_was_captured_is_given_back(payments: Payments) -> None:
    reserved = await authorise(payments, "k1")
    for number, reference in enumerate((reserved.reference, "000000999999", "", "x")):
        answer = await payments.refund(f"r{number}", reference, Money(1))
        assert (answer.state, answer.decline) == (PaymentState.DECLINED, Decline.CARD)


async def test_a_request_that_is_lost_has_done_nothing(payments: Payments) -> None:
    with pytest.raises(PortError):
        await authorise(payments, "k1", LOST)
    assert await payments.query("k1") is None


async def test_a_request_that_fails_has_done_nothing(payments: Payments) -> None:
    with pytest.raises(PortError):
        await authorise(payments, "k1", FAILS)
    assert await payments.query("k1") is None


async def test_a_late_answer_is_of_something_done(payments: Payments) -> None:
    with pytest.raises(PortError):
        await authorise(payments, "k1", LATE)
    held = await payments.query("k1")
    assert held is not None
    assert held.state is PaymentState.AUTHORISED
    assert (await payments.capture("k1")).state is PaymentState.CAPTURED


async def test_a_capture_that_is_answered_late_is_done(payments: Payments) -> None:
    await authorise(payments, "k1", LATE_CAPTURE)
    with pytest.raises(PortError):
        await payments.capture("k1")
    held = await payments.query("k1")
    assert held is not None
    assert held.state is PaymentState.CAPTURED


async def test_a_request_that_arrives_twice_is_one(payments: Payments) -> None:
    answer = await authorise(payments, "k1", TWICE)
    assert answer.state is PaymentState.AUTHORISED
    assert await payments.query("k1") == answer


async def test_for_a_while_nobody_can_tell(payments: Payments) -> None:
    with pytest.raises(PortError):
        await authorise(payments, "k1", BLIND)
    for _ in range(3):
        with pytest.raises(PortError):
            await payments.query("k1")
    held = await payments.query("k1")
    assert held is not None
    assert held.state is PaymentState.AUTHORISED


@pytest.mark.parametrize("minor", [-1, 2**53, 2**64])
async def test_an_amount_that_is_none(payments: Payments, minor: int) -> None:
    with pytest.raises(PortError):
        await payments.authorise("k1", ORDER.number, Money(minor), card(), 0)
    with pytest.raises(PortError):
        await payments.refund("r1", "000000000001", Money(minor))
