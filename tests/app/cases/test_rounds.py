"""What time does to cases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.app.cases.book import Book
from ivr.app.cases.rounds import CaseRounds
from ivr.model.errors import PortError
from ivr.ports.cases import CaseRecord
from tests.app.cases.kit import NEW, Asking, HandClock, Messages, book_on


class House:
    """The rounds, and what comes of them."""

    def __init__(self, book: Book, clock: HandClock) -> None:
        self.messages, self.surveys, self.alerts = Messages(), Asking(), list[str]()
        self.rounds = CaseRounds(book, self.messages, self.surveys, self._alert, clock)

    def _alert(self, case: CaseRecord, what: str) -> None:
        self.alerts.append(what.removeprefix(f"case {case.number} "))


@pytest.fixture
def house(book: Book, clock: HandClock) -> House:
    return House(book, clock)


async def owner(book: Book, number: str) -> str:
    case = await book.get(number)
    return case.owner if case else ""


async def test_an_owner_is_reminded_and_then_it_goes_up_the_ladder(
    book: Book, clock: HandClock, house: House
) -> None:
    number = (await book.open(NEW)).number
    for _ in range(9):
        clock.pass_days(1)
        for _ in range(2):
            await house.rounds.look()
    assert house.alerts == [
        "waits for complaints, to be answered by 2026-12-08",
        "went to lead, to be answered by 2026-12-08",
    ]
    assert await owner(book, number) == "lead"


async def test_two_engines_do_it_once(
    book: Book, clock: HandClock, house: House, tmp_path: Path
) -> None:
    number = (await book.open(NEW)).number
    other = await book_on(tmp_path, clock)
    try:
        second = House(other, clock)
        clock.pass_days(30)
        for _ in range(4):
            await house.rounds.look()
            await second.rounds.look()
        acts = [entry.act for entry in await book.history(number)]
        assert acts == ["opened", "noticed", "reminded", "escalated"]
        assert len(house.alerts) + len(second.alerts) == 2
    finally:
        await other.store.close()


async def test_the_customer_is_sent_a_message_once(
    book: Book, clock: HandClock, house: House
) -> None:
    case = await book.open(NEW)
    for _ in range(2):
        await house.rounds.look()
    (sent,) = house.messages.sent
    assert sent.key == f"case:{case.number}:0:case-registered"
    assert (sent.customer, sent.template, sent.language) == ("C1001", "case-registered", "zh")
    assert sent.values == {"kind": "complaint", "number": case.number, "day": "2026-12-08"}


async def test_one_that_cannot_be_sent_holds_up_no_other_and_is_sent_later(
    book: Book, house: House
) -> None:
    await book.open(NEW)
    await book.open(replace(NEW, key="call:2", customer="C1002"))
    house.messages.fails = {"C1001"}
    with pytest.raises(PortError, match="out of order"):
        await house.rounds.look()
    assert [one.customer for one in house.messages.sent] == ["C1002"]
    house.messages.fails = set()
    await house.rounds.look()
    assert [one.customer for one in house.messages.sent] == ["C1002", "C1001"]


async def test_the_customer_of_a_closed_case_is_asked_once(
    book: Book, clock: HandClock, house: House
) -> None:
    number = (await book.open(NEW)).number
    await book.answer(number, "1008", "told")
    await book.solve(number, "1008", "paid back")
    clock.at += timedelta(minutes=1)
    await book.finish(number, "1008")
    for _ in range(3):
        await house.rounds.look()
    assert house.surveys.asked == [number]
    case = await book.get(number)
    assert case is not None
    assert case.survey == "asked"
