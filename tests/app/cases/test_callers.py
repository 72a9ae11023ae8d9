"""Cases as callers meet them."""

from __future__ import annotations

from msgspec.structs import replace

from ivr.app.cases.book import Book
from ivr.app.cases.callers import TOLD_FOR, CasesOnBook
from ivr.ports.callercases import CallersCase
from ivr.ports.cases import CaseState, Link, LinkKind
from tests.app.cases.kit import NEW, RULES, HandClock, done
from tests.centre.cases.kit import MONDAY


def callers(book: Book, clock: HandClock) -> CasesOnBook:
    return CasesOnBook(book, lambda: RULES, clock)


async def test_a_caller_hears_of_their_own_cases_that_may_be_told(
    book: Book, clock: HandClock
) -> None:
    port = callers(book, clock)
    taken = await port.take(NEW)
    assert await port.take(NEW) == taken
    await book.open(replace(NEW, key="2", customer="C1002"))
    await book.open(replace(NEW, key="3", kind="quiet"))
    (told,) = await port.of_customer("C1001")
    assert told == CallersCase(
        number=taken.number,
        kind="complaint",
        state=CaseState.OPEN,
        opened_at=MONDAY,
        auth=2,
        due=taken.due,
        queue="complaints",
    )
    clock.pass_days(16)
    (told,) = await port.of_customer("C1001")
    assert told.late


async def test_the_latest_comes_first_and_a_closed_one_is_told_for_a_while(
    book: Book, clock: HandClock
) -> None:
    port = callers(book, clock)
    first = (await port.take(NEW)).number
    clock.pass_days(1)
    second = (await port.take(replace(NEW, key="2"))).number
    await book.answer(first, "1008", "told")
    await book.solve(first, "1008", "paid back")
    await book.finish(first, "1008")
    assert [one.number for one in await port.of_customer("C1001")] == [second, first]
    clock.pass_days(TOLD_FOR.days + 1)
    assert [one.number for one in await port.of_customer("C1001")] == [second]


async def test_the_queue_of_an_agent_is_their_desks(book: Book, clock: HandClock) -> None:
    port = callers(book, clock)
    number = (await port.take(NEW)).number
    for owner, queue in (("1008", "complaints"), ("lead", ""), ("1003", "")):
        done(await book.assign(number, "1001", owner, "knows it"))
        (told,) = await port.of_customer("C1001")
        assert told.queue == queue


async def test_more_words_are_linked_and_open_a_closed_case_again(
    book: Book, clock: HandClock
) -> None:
    port = callers(book, clock)
    number = (await port.take(NEW)).number
    await port.told(number, "c2")
    assert await port.add(number, "c2", "c2-5")
    await book.answer(number, "1008", "told")
    await book.solve(number, "1008", "paid back")
    await book.finish(number, "1008")
    assert await port.add(number, "c3", "c3-5")
    case = await book.get(number)
    assert case is not None
    assert case.state is CaseState.OPEN
    assert Link(LinkKind.RECORDING, "c3-5") in case.links
    assert Link(LinkKind.CALL, "c2") in case.links
    assert "told" in [entry.act for entry in await book.history(number)]
    assert not await port.add("00000000", "c3", "c3-5")
