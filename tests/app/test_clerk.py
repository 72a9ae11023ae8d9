"""The clerk: what becomes of orders when the bank, the call or the network fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.app.desk import DeskInCall
from ivr.app.orderbook import OrderBook
from ivr.model.errors import PortError, PortTimeout
from ivr.model.values import Money
from ivr.ports.orders import Authorised, OrderState
from ivr.ports.posting import Posted, Posting, Reason
from tests.app.clerk_kit import Office, office
from tests.contracts.ledger_kit import TRAVEL, draft, order_id, said


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as opened:
        yield opened


async def test_an_order_is_posted_and_the_customer_told(here: Office) -> None:
    order = await here.authorise()
    settled = await here.clerk.settle(order, 5_000)
    assert (settled.state, settled.amount, settled.fee) == (
        OrderState.POSTED,
        Money(50_000),
        Money(0),
    )
    await here.clerk.catch_up()
    assert here.handsets.templates == ["order-posted"]
    assert here.handsets.notices[0].values["reference"] == settled.reference
    assert (await here.record()).told == ("order-posted",)
    assert here.bank.asked == ["post"]
    assert await here.ledger.list_open() == ()


async def test_what_the_bank_is_given_is_what_was_authorised(here: Office) -> None:
    given: list[Posting] = []
    post = here.bank.post

    async def keep(posting: Posting) -> Posted:
        given.append(posting)
        return await post(posting)

    here.bank.post = keep  # type: ignore[method-assign]
    await here.clerk.settle(await here.authorise(), 5_000)
    (posting,) = given
    assert (posting.key, posting.customer, posting.operation) == (order_id(1), "C1001", "transfer")
    assert posting.arguments == {"from": "6222021001", "to": "6222021002", "amount": Money(50_000)}
    assert (posting.digest, posting.at) == (said().digest, (await here.record()).authorised_at)


async def test_a_refusal_is_told_with_its_reason(here: Office) -> None:
    here.bank.reason = Reason.FUNDS
    settled = await here.clerk.settle(await here.authorise(), 5_000)
    assert (settled.state, settled.reason) == (OrderState.REJECTED, "funds")
    await here.clerk.catch_up()
    assert here.handsets.templates == ["order-rejected"]
    assert here.handsets.notices[0].values["reason"] == "funds"


@pytest.mark.parametrize(
    "error", [PortTimeout("bank", 3_000), PortError("bank", "500 Internal Server Error")]
)
async def test_done_although_the_answer_was_lost(here: Office, error: PortError) -> None:
    here.bank.posting = error
    settled = await here.clerk.settle(await here.authorise(), 5_000)
    assert settled.state is OrderState.POSTED
    assert here.bank.asked == ["post", "query"]
    assert await here.ledger.list_open() == ()


async def test_a_dead_bank_makes_it_unknown_and_a_case(here: Office) -> None:
    here.bank.fail()
    settled = await here.clerk.settle(await here.authorise(), 5_000)
    assert settled.state is OrderState.UNKNOWN
    (case,) = await here.ledger.list_open()
    assert case.number == settled.case
    assert case.facts["problem"] == "no answer within 3000 ms"
    await here.clerk.catch_up()
    assert here.handsets.templates == ["order-unknown"]


async def test_an_unknown_order_that_was_done_is_found_and_not_posted_again(here: Office) -> None:
    here.bank.fail()
    await here.clerk.settle(await here.authorise(), 5_000)
    here.bank.recover()
    here.bank.asked.clear()
    await here.later(2)
    assert here.bank.asked == ["query"]
    assert await here.state() is OrderState.POSTED
    assert here.handsets.templates == ["order-resolved-posted"]
    assert await here.ledger.list_open() == ()


async def test_an_unknown_order_that_never_arrived_is_posted_with_the_same_key(
    here: Office,
) -> None:
    here.bank.fail(deaf=True)
    await here.clerk.settle(await here.authorise(), 5_000)
    here.bank.recover()
    here.bank.asked.clear()
    await here.later(2)
    assert here.bank.asked == ["query", "post"]
    assert list(here.bank.entries) == [order_id(1)]
    record = await here.record()
    assert (record.state, record.attempts) == (OrderState.POSTED, 2)


async def test_an_unknown_order_may_be_refused_in_the_end(here: Office) -> None:
    here.bank.fail(deaf=True)
    await here.clerk.settle(await here.authorise(), 5_000)
    here.bank.recover()
    here.bank.reason = Reason.FUNDS
    await here.later(2)
    assert await here.state() is OrderState.REJECTED
    assert here.handsets.templates == ["order-resolved-rejected"]


async def test_a_bank_that_is_down_for_hours_is_asked_ever_more_seldom(here: Office) -> None:
    here.bank.fail(deaf=True)
    await here.clerk.settle(await here.authorise(), 5_000)
    here.bank.asked.clear()
    for _ in range(3 * 60 * 6):
        await here.later(10)
    assert 36 <= here.bank.asked.count("query") <= 48
    assert here.bank.asked.count("post") == 0
    assert (await here.record()).entries == 6, "asking leaves no entry"
    assert here.handsets.templates == ["order-unknown"]
    here.bank.recover()
    await here.later(301)
    assert await here.state() is OrderState.POSTED


async def test_a_caller_waits_no_longer_than_they_should(here: Office) -> None:
    here.bank.gate = asyncio.Event()
    order = await here.authorise()
    settled = await here.clerk.settle(order, 10)
    assert settled.state is OrderState.POSTING
    assert settled.reference
    here.bank.gate.set()
    assert (await here.clerk.settle(order, 5_000)).state is OrderState.POSTED
    assert here.bank.asked == ["post"]


async def test_a_caller_who_hangs_up_does_not_stop_it(here: Office) -> None:
    here.bank.gate = asyncio.Event()
    order = await here.authorise()
    waiting = asyncio.create_task(here.clerk.settle(order, 5_000))
    await asyncio.sleep(0)
    waiting.cancel()
    here.bank.gate.set()
    await here.clerk.catch_up()
    assert await here.state() is OrderState.POSTED
    assert here.handsets.templates == ["order-posted"]


async def test_who_stops_waiting_for_the_authorisation_does_not_stop_it(here: Office) -> None:
    frozen = await here.writing.read_back()
    asking = asyncio.create_task(here.clerk.authorise(frozen.id, frozen.digest, here.clock.at, ()))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    async with asyncio.timeout(5):
        while (await here.clerk.settle(frozen.id, 1_000)).state is not OrderState.POSTED:
            pass


async def test_what_a_dead_engine_left_is_taken_up_when_its_lease_is_over(here: Office) -> None:
    for number in (1, 2):
        await here.writing.authorise(number)
    await here.writing.book.sent(order_id(2))
    await here.later(29)
    assert here.bank.asked == []
    await here.later(2)
    assert [await here.state(number) for number in (1, 2)] == [OrderState.POSTED] * 2
    assert sorted(here.bank.asked) == ["post", "post", "query"]


async def test_two_engines_post_an_order_once(here: Office) -> None:
    for number in range(1, 21):
        await here.writing.authorise(number)
    here.clock.at += timedelta(seconds=31)
    await asyncio.gather(*(here.another_clerk().catch_up() for _ in range(4)))
    assert sorted(here.bank.entries) == [order_id(number) for number in range(1, 21)]
    assert here.bank.asked == ["post"] * 20, "nobody did what another was at"
    assert len(here.handsets.notices) == 20


async def test_another_engines_answer_that_comes_late_changes_nothing(here: Office) -> None:
    here.bank.gate = asyncio.Event()
    order = await here.authorise()
    await here.clerk.settle(order, 10)
    here.clock.at += timedelta(seconds=31)
    other = here.another_clerk()
    await asyncio.gather(here.clerk.settle(order, 5_000), _let(here.bank.gate), other.catch_up())
    assert await here.state() is OrderState.POSTED
    assert len(here.bank.entries) == 1
    await here.later(60)
    assert here.handsets.templates == ["order-posted"]


async def _let(gate: asyncio.Event) -> None:
    await asyncio.sleep(0.01)
    gate.set()


async def test_an_answer_about_another_posting_is_no_answer(here: Office) -> None:
    async def confused(posting: Posting) -> Posted:
        return Posted("another", Reason.NONE, "B9", Money(1))

    here.bank.post = confused  # type: ignore[method-assign]
    settled = await here.clerk.settle(await here.authorise(), 5_000)
    assert settled.state is OrderState.UNKNOWN
    (case,) = await here.ledger.list_open()
    assert case.facts["problem"] == "the bank answered about another posting"


async def test_the_same_answer_twice_is_one_result(here: Office) -> None:
    order = await here.authorise()
    await here.clerk.settle(order, 5_000)
    record = await here.record()
    await here.clerk._carry(record)
    assert (await here.record()).entries == record.entries


async def test_a_request_is_a_case_and_goes_to_no_bank(here: Office) -> None:
    settled = await here.clerk.settle(await here.authorise(task=TRAVEL), 5_000)
    assert settled.state is OrderState.POSTED
    (case,) = await here.ledger.list_open()
    assert (case.number, case.owner) == (settled.case, "travel-desk")
    await here.clerk.catch_up()
    assert here.bank.asked == []
    assert here.handsets.templates == ["case-opened"]


async def test_a_receipt_waits_for_the_network(
    here: Office, caplog: pytest.LogCaptureFixture
) -> None:
    here.handsets.down = True
    await here.clerk.settle(await here.authorise(), 5_000)
    with caplog.at_level(logging.WARNING, "ivr.orders"):
        await here.clerk.catch_up()
    assert "the customer is not told yet: notify: the network is down" in caplog.text
    here.handsets.down = False
    await here.later(3)
    await here.later(3)
    assert here.handsets.templates == ["order-posted"]


async def test_a_customer_without_a_number_is_not_told_again(here: Office) -> None:
    here.handsets.known = False
    await here.clerk.settle(await here.authorise(), 5_000)
    await here.clerk.catch_up()
    await here.later(3_600)
    assert len(here.handsets.notices) == 1


async def test_what_is_not_authorised_is_not_posted(here: Office) -> None:
    frozen = await here.writing.read_back()
    authorise = here.clerk.authorise
    assert await authorise(frozen.id, "0" * 64, here.clock.at, ()) is Authorised.CHANGED
    late = here.clock.at + timedelta(seconds=121)
    assert await authorise(frozen.id, frozen.digest, late, ()) is Authorised.STALE
    await here.clerk.cancel(frozen.id)
    assert await authorise(frozen.id, frozen.digest, here.clock.at, ()) is Authorised.OVER
    await here.later(3_600)
    assert here.bank.asked == []
    assert here.handsets.notices == []
    assert await here.state() is OrderState.CANCELLED


async def test_an_order_that_is_authorised_is_not_read_back_again(here: Office) -> None:
    await here.authorise()
    with pytest.raises(PortError, match="cannot happen"):
        await here.clerk.read_back(said())
    await here.clerk.cancel(order_id(1))
    assert (await here.clerk.settle(order_id(1), 5_000)).state is OrderState.POSTED


async def test_orders_are_begun_and_found(here: Office) -> None:
    begun = await here.clerk.draft(draft())
    assert (begun.id, begun.state) == (order_id(1), OrderState.DRAFT)
    assert await here.clerk.find("C1001", "", "") is None
    settled = await here.clerk.settle(await here.authorise(), 5_000)
    assert await here.clerk.find("C1001", settled.reference, "transfer") == settled
    assert await here.clerk.draft(draft()) == settled
    with pytest.raises(PortError, match="no such order"):
        await here.clerk.settle(order_id(7), 10)


async def test_forsaken_orders_are_taken_back_in_the_background(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()
    look = OrderBook.cancel_forsaken

    async def watched(book: OrderBook, after: timedelta) -> int:
        found = await look(book, after)
        looked.set()
        return found

    monkeypatch.setattr(OrderBook, "cancel_forsaken", watched)
    await here.clerk.draft(draft())
    here.clock.at += timedelta(hours=2, seconds=1)
    async with here.clerk.running():
        await looked.wait()
    assert await here.state() is OrderState.CANCELLED


async def test_a_stop_waits_for_what_is_being_posted(here: Office) -> None:
    here.bank.gate = asyncio.Event()
    async with here.clerk.running():
        order = await here.authorise()
        asyncio.get_running_loop().call_later(0.05, here.bank.gate.set)
    assert (await here.clerk.settle(order, 0)).state is OrderState.POSTED


async def test_in_a_simulated_call_an_order_is_posted_while_the_caller_waits(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, DeskInCall) as here:
        first, second = await here.authorise(1), await here.authorise(2)
        assert here.bank.asked == []
        assert (await here.clerk.settle(first, 0)).state is OrderState.POSTED
        await here.clerk.catch_up()
        assert (await here.clerk.settle(second, 0)).state is OrderState.POSTED
        assert here.bank.asked == ["post", "post"]


async def test_all_that_is_due_is_taken_up_however_much_it_is(here: Office) -> None:
    for number in range(1, 72):
        await here.writing.authorise(number)
    await here.later(31)
    assert len(here.bank.entries) == len(here.handsets.notices) == 71


async def test_what_is_another_desks_is_left_alone(here: Office) -> None:
    frozen = await here.writing.read_back(desk="cashier")
    assert await here.clerk.authorise(frozen.id, frozen.digest, here.clock.at, ()) is Authorised.YES
    await here.later(31)
    assert here.bank.asked == []
    assert await here.state() is OrderState.AUTHORISED


async def test_what_is_in_hand_here_is_not_taken_up_again(here: Office) -> None:
    here.bank.gate = asyncio.Event()
    await here.authorise()
    await here.bank.arrived.wait()
    here.clock.at += timedelta(seconds=31)
    looking = asyncio.create_task(here.clerk._desk.catch_up())
    await asyncio.wait([looking], timeout=0.2)
    assert here.bank.asked == ["post"]
    here.bank.gate.set()
    await looking
    assert await here.state() is OrderState.POSTED
