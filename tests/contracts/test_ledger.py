"""What every ledger of orders must do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.adapters import ledger as ledgers
from ivr.adapters.ledger.postgres import PostgresLedger
from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.centre.ledger.chain import LawBroken, fold
from ivr.centre.ledger.references import is_reference
from ivr.model.values import Money
from ivr.ports.ledger import (
    Booked,
    Change,
    Decision,
    Head,
    Index,
    Kept,
    NumberTaken,
    OrderLedger,
    Row,
    Standing,
    Wanted,
)
from ivr.ports.orders import Allowance, Authorised, OrderState, Per
from tests.contracts.ledger_kit import MONDAY, TRAVEL, StillClock, Writing, draft, order_id, said

DAY = Allowance(Per.DAY, Money(100_000), MONDAY.replace(hour=0))
BOOKED = Booked("B1", Money(50_000), Money(200), "2026-11-23")


async def open_sqlite(request: pytest.FixtureRequest) -> OrderLedger:
    folder: Path = request.getfixturevalue("tmp_path")
    return await SqliteLedger.open(folder / "ledger.sqlite")


async def open_postgres(request: pytest.FixtureRequest) -> OrderLedger:
    return await PostgresLedger.open(request.getfixturevalue("postgres").database())


LEDGERS: dict[str, Callable[[pytest.FixtureRequest], Awaitable[OrderLedger]]] = {
    "sqlite": open_sqlite,
    "postgres": open_postgres,
}
SLOW = {"postgres": pytest.mark.proof}


@pytest.fixture(
    params=[pytest.param(name, marks=SLOW.get(name, ())) for name in sorted(ledgers.discover())]
)
async def ledger(request: pytest.FixtureRequest) -> AsyncIterator[OrderLedger]:
    """An empty ledger; a backend without an opener fails here."""
    opened = await LEDGERS[request.param](request)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def writing(ledger: OrderLedger, clock: StillClock) -> Writing:
    return Writing(ledger, clock)


async def test_an_order_goes_its_whole_way(writing: Writing) -> None:
    begun = await writing.book.begin(draft())
    assert (begun.state, begun.entries, begun.draft) == (OrderState.DRAFT, 1, draft())
    frozen = await writing.read_back()
    assert (await writing.record()).said == frozen
    record = await writing.authorise()
    assert (record.state, record.authorised_at) == (OrderState.AUTHORISED, MONDAY)
    assert is_reference(record.reference)
    assert (await writing.book.sent(order_id(1))).attempts == 1
    done = await writing.book.done(order_id(1), BOOKED)
    assert done == await writing.record()
    assert (done.state, done.booked) == (OrderState.POSTED, BOOKED)
    assert (done.order.amount, done.order.fee) == (Money(50_000), Money(200))


async def test_begun_again_it_is_as_it_stands(writing: Writing) -> None:
    record = await writing.authorise()
    assert await writing.book.begin(draft(kind="another", at=MONDAY + timedelta(1))) == record


async def test_the_entries_come_to_the_record(writing: Writing) -> None:
    await writing.authorise()
    await writing.book.lost(order_id(1), "no answer")
    entries = await writing.ledger.entries(order_id(1))
    assert [one.number for one in entries] == [1, 2, 3, 4]
    assert fold(entries) == await writing.record()
    assert await writing.ledger.entries(order_id(2)) == ()


async def test_nobody_knows_another_order(writing: Writing) -> None:
    assert await writing.book.record(order_id(9)) is None
    with pytest.raises(LawBroken, match="no such order"):
        await writing.book.sent(order_id(9))
    assert await writing.book.authorise(order_id(9), "x", MONDAY, []) is Authorised.OVER
    await writing.book.cancel(order_id(9), "nobody")
    assert [one async for one in writing.ledger.contents()] == [Head()]


async def test_only_what_was_read_back_last_is_authorised(writing: Writing) -> None:
    first = await writing.read_back(amount=50_000)
    second = await writing.read_back(amount=60_000)
    book, soon = writing.book, MONDAY + timedelta(seconds=5)
    assert await book.authorise(first.id, first.digest, soon, ()) is Authorised.CHANGED
    late = MONDAY + timedelta(seconds=121)
    assert await book.authorise(first.id, second.digest, late, ()) is Authorised.STALE
    assert await writing.state() is OrderState.READ_BACK
    last = MONDAY + timedelta(seconds=120)
    assert await book.authorise(first.id, second.digest, last, ()) is Authorised.YES
    assert await book.authorise(first.id, second.digest, soon, ()) is Authorised.OVER
    with pytest.raises(LawBroken):
        await book.freeze(said())


async def test_a_days_limit_counts_what_was_authorised_since(writing: Writing) -> None:
    yesterday = writing.clock
    assert isinstance(yesterday, StillClock)
    yesterday.at = MONDAY - timedelta(days=1)
    await writing.authorise(1, 90_000)
    yesterday.at = MONDAY
    await writing.authorise(2, 40_000, limits=[DAY])
    await writing.authorise(3, 90_000, limits=[DAY], customer="C1002")
    await writing.authorise(4, 90_000, limits=[DAY], kind="remittance")
    await writing.authorise(5, 60_000, limits=[DAY])
    frozen = await writing.read_back(6, 1)
    book = writing.book
    assert await book.authorise(frozen.id, frozen.digest, MONDAY, [DAY]) is Authorised.LIMIT
    assert await writing.state(6) is OrderState.READ_BACK
    await book.refused(order_id(2), "funds")
    assert await book.authorise(frozen.id, frozen.digest, MONDAY, [DAY]) is Authorised.YES


async def test_of_several_limits_all_hold_and_the_one_that_is_broken_is_named(
    writing: Writing,
) -> None:
    call = Allowance(Per.CALL, Money(60_000), MONDAY - timedelta(minutes=5))
    earlier = writing.clock
    assert isinstance(earlier, StillClock)
    earlier.at = MONDAY - timedelta(hours=1)
    await writing.authorise(1, 50_000)
    earlier.at = MONDAY
    await writing.authorise(2, 40_000, limits=[call, DAY])
    for amount, limits, answer in (
        (30_000, [call, DAY], Authorised.CALL_LIMIT),
        (20_000, [call, DAY], Authorised.LIMIT),
        (10_000, [call, DAY], Authorised.YES),
    ):
        frozen = await writing.read_back(3, amount)
        assert await writing.book.authorise(frozen.id, frozen.digest, MONDAY, limits) is answer


async def test_a_days_limit_holds_for_calls_at_the_same_moment(writing: Writing) -> None:
    frozen = [await writing.read_back(number, 30_000) for number in range(1, 11)]
    answers = await asyncio.gather(
        *(writing.book.authorise(one.id, one.digest, MONDAY, [DAY]) for one in frozen)
    )
    assert sorted(answers) == [Authorised.LIMIT] * 7 + [Authorised.YES] * 3


async def test_an_order_is_cancelled_only_before_it_is_authorised(writing: Writing) -> None:
    await writing.book.begin(draft(1))
    await writing.read_back(2)
    await writing.authorise(3)
    for number in (1, 2, 3):
        await writing.book.cancel(order_id(number), "the caller left")
    states = [await writing.state(number) for number in (1, 2, 3)]
    assert states == [OrderState.CANCELLED, OrderState.CANCELLED, OrderState.AUTHORISED]


async def test_a_result_is_written_once(writing: Writing) -> None:
    await writing.authorise(1)
    done = await writing.book.done(order_id(1), BOOKED)
    assert await writing.book.done(order_id(1), Booked("B2")) == done
    with pytest.raises(LawBroken):
        await writing.book.refused(order_id(1), "funds")
    assert (await writing.book.lost(order_id(1), "late")) == done


async def test_an_unknown_order_has_a_case_until_it_is_known(writing: Writing) -> None:
    await writing.authorise(1)
    unknown = await writing.book.lost(order_id(1), "no answer within 3000 ms")
    (case,) = await writing.ledger.list_open()
    assert (case.number, case.about, case.owner) == (unknown.case, order_id(1), "operations")
    assert (case.kind, case.customer, case.opened_at) == ("unknown_order", "C1001", MONDAY)
    assert case.facts == {
        "order": "transfer",
        "amount": "500.00 CNY",
        "reference": unknown.reference,
        "problem": "no answer within 3000 ms",
    }
    assert await writing.book.lost(order_id(1), "again") == unknown
    await writing.authorise(2)
    await writing.book.lost(order_id(2), "no account 6222021001")
    masked = [one.facts["problem"] for one in await writing.ledger.list_open()]
    assert "no account ••••1001" in masked
    await writing.book.refused(order_id(2), "target")
    await writing.book.done(order_id(1), BOOKED)
    assert await writing.ledger.list_open() == ()


async def test_a_request_becomes_a_case_at_once(writing: Writing) -> None:
    record = await writing.authorise(1, 0, task=TRAVEL, kind="travel")
    assert record.state is OrderState.POSTED
    (case,) = await writing.ledger.list_open()
    assert (case.kind, case.owner, case.number) == ("travel", "travel-desk", record.case)
    (told,) = await writing.book.outbox(10)
    assert told.notice.template == "case-opened"
    assert told.notice.values["case"] == record.case


async def test_orders_are_found_by_reference_or_the_latest(
    writing: Writing, clock: StillClock
) -> None:
    first = await writing.authorise(1)
    clock.at += timedelta(minutes=1)
    second = await writing.authorise(2, kind="remittance")
    clock.at += timedelta(minutes=1)
    await writing.read_back(3)
    find = writing.book.find
    assert await find("C1001", first.reference, "") == first
    assert await find("C1001", "", "") == second
    assert await find("C1001", "", "transfer") == first
    assert await find("C1001", first.reference, "remittance") is None
    assert await find("C1002", first.reference, "") is None
    assert await find("C1002", "", "") is None
    await writing.read_back(4, customer="C1003")
    await writing.read_back(5, customer="C1003")
    await writing.book.cancel(order_id(5), "the caller left")
    assert await find("C1003", "", "") is None


async def test_orders_are_listed(writing: Writing, clock: StillClock) -> None:
    one = await writing.authorise(1)
    clock.at += timedelta(hours=1)
    two = await writing.authorise(2, customer="C1002", kind="remittance", at=clock.at)
    select = writing.ledger.select
    assert await select(Wanted()) == (two, one)
    assert await select(Wanted(most=1)) == (two,)
    assert await select(Wanted(customer="C1001")) == (one,)
    assert await select(Wanted(kind="remittance")) == (two,)
    assert await select(Wanted(name=one.reference)) == (one,)
    assert await select(Wanted(name=order_id(2))) == (two,)
    assert await select(Wanted(since=clock.at)) == (two,)
    assert await select(Wanted(until=clock.at)) == (one,)
    assert await select(Wanted(desk="cashier")) == ()
    await writing.book.done(order_id(1), BOOKED)
    posted = await writing.record(1)
    assert await select(Wanted(booked_on="2026-11-23")) == (posted,)
    assert await select(Wanted(booked_on="2026-11-24")) == ()
    assert await select(Wanted(states=(OrderState.REJECTED,))) == ()
    both = (OrderState.POSTED, OrderState.AUTHORISED)
    assert await select(Wanted(states=both)) == (two, posted)


async def test_an_order_is_claimed_by_one_and_again_when_its_lease_is_over(
    writing: Writing, clock: StillClock
) -> None:
    await writing.authorise(1)
    book = writing.book
    assert await book.claim("clerk", 10) == (), "who authorised it has the lease"
    clock.at += timedelta(seconds=31)
    assert await book.claim("cashier", 10) == ()
    claims = await asyncio.gather(*(book.claim("clerk", 10) for _ in range(3)))
    (mine,) = [one for claim in claims for one in claim]
    assert (mine.record, mine.tries) == (await writing.record(), 1)
    await book.put_off(order_id(1), mine.tries)
    clock.at += timedelta(seconds=1)
    assert await book.claim("clerk", 10) == ()
    clock.at += timedelta(seconds=1)
    assert [one.tries for one in await book.claim("clerk", 10)] == [2]


async def test_what_is_over_is_never_claimed(writing: Writing, clock: StillClock) -> None:
    for number in (1, 2, 3, 4):
        await writing.authorise(number)
    await writing.book.done(order_id(1), BOOKED)
    await writing.book.refused(order_id(2), "funds")
    await writing.book.lost(order_id(3), "no answer")
    await writing.read_back(5)
    await writing.book.put_off(order_id(1), 0)
    clock.at += timedelta(minutes=10)
    claimed = await writing.book.claim("clerk", 10)
    assert {one.record.draft.id for one in claimed} == {order_id(3), order_id(4)}


async def test_claims_are_few_at_a_time_the_longest_due_first(
    writing: Writing, clock: StillClock
) -> None:
    for number in (1, 2, 3):
        await writing.authorise(number)
        clock.at += timedelta(seconds=1)
    clock.at += timedelta(minutes=1)
    claimed = await writing.book.claim("clerk", 2)
    assert {one.record.draft.id for one in claimed} == {order_id(1), order_id(2)}


async def test_a_clock_that_was_put_back_does_not_keep_orders_waiting(
    writing: Writing, clock: StillClock
) -> None:
    await writing.authorise(1)
    clock.at -= timedelta(hours=2)
    assert len(await writing.book.claim("clerk", 10)) == 1


async def test_the_customer_is_told_each_result_once(writing: Writing, clock: StillClock) -> None:
    await writing.authorise(1)
    await writing.book.lost(order_id(1), "no answer")
    (first,) = await writing.book.outbox(10)
    assert await writing.book.outbox(10) == ()
    assert (first.order, first.tries) == (order_id(1), 1)
    assert (first.notice.key, first.notice.template) == (f"{order_id(1)}:unknown", "order-unknown")
    assert (first.notice.customer, first.notice.language) == ("C1001", "zh")
    assert first.notice.values["amount"] == Money(50_000)
    await writing.book.put_off_notice(first.notice.key, first.tries)
    clock.at += timedelta(seconds=2)
    (again,) = await writing.book.outbox(10)
    assert (again.notice, again.tries) == (first.notice, 2)
    await writing.book.told(again, delivered=True)
    await writing.book.told(again, delivered=True)
    clock.at += timedelta(hours=1)
    assert await writing.book.outbox(10) == ()
    await writing.book.done(order_id(1), BOOKED)
    (resolved,) = await writing.book.outbox(10)
    assert resolved.notice.template == "order-resolved-posted"
    assert (await writing.record()).told == ("order-unknown",)


async def test_what_is_not_known_any_more_is_not_told(writing: Writing) -> None:
    await writing.authorise(1)
    await writing.book.lost(order_id(1), "no answer")
    await writing.book.refused(order_id(1), "funds")
    (told,) = await writing.book.outbox(10)
    assert told.notice.template == "order-resolved-rejected"


async def test_telling_an_unknown_order_leaves_it_due(writing: Writing, clock: StillClock) -> None:
    await writing.authorise(1)
    await writing.book.lost(order_id(1), "no answer")
    (notice,) = await writing.book.outbox(10)
    await writing.book.told(notice, delivered=False)
    clock.at += timedelta(seconds=1)
    assert len(await writing.book.claim("clerk", 10)) == 1


async def test_forsaken_orders_are_taken_back(writing: Writing, clock: StillClock) -> None:
    await writing.book.begin(draft(1))
    await writing.read_back(2)
    await writing.authorise(3)
    clock.at += timedelta(hours=2, seconds=1)
    await writing.book.begin(draft(4, at=clock.at))
    assert await writing.book.cancel_forsaken(timedelta(hours=2)) == 2
    states = [await writing.state(number) for number in (1, 2, 3, 4)]
    cancelled = OrderState.CANCELLED
    assert states == [cancelled, cancelled, OrderState.AUTHORISED, OrderState.DRAFT]


async def test_rows_stand_in_order_under_their_seals(writing: Writing) -> None:
    await asyncio.gather(*(writing.authorise(number) for number in range(1, 6)))
    contents = [one async for one in writing.ledger.contents()]
    rows = [one for one in contents if isinstance(one, Row)]
    assert [row.n for row in rows] == list(range(1, 16))
    assert contents[-1] == Head(15, rows[-1].seal)
    kept = [one for one in contents if isinstance(one, Kept)]
    assert [one.record.draft.id for one in kept] == [order_id(number) for number in range(1, 6)]
    assert all(one.index == Index.of(one.record) for one in kept)


async def test_a_number_is_given_once(ledger: OrderLedger, writing: Writing) -> None:
    await writing.authorise(1)
    two = await writing.authorise(2)
    taken = (await writing.record(1)).reference

    def steal(standing: Standing) -> Decision[None]:
        assert standing.record == two
        return Decision(None, Change((), replace(two, reference=taken), MONDAY))

    with pytest.raises(NumberTaken):
        await ledger.change(order_id(2), steal)
    assert await writing.record(2) == two


async def test_a_job_that_fails_takes_no_other_with_it(writing: Writing) -> None:
    answers = await asyncio.gather(
        writing.book.begin(draft(1)),
        writing.book.sent(order_id(7)),
        writing.book.begin(draft(2)),
        return_exceptions=True,
    )
    assert [type(one).__name__ for one in answers] == ["OrderRecord", "LawBroken", "OrderRecord"]
    assert await writing.state(2) is OrderState.DRAFT
