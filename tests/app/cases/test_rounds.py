"""What time does to cases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.adapters.notify.embedded import TEXTS
from ivr.adapters.notify.texts import Texts
from ivr.app.cases.book import Book
from ivr.app.cases.owners import OwnersByMessage
from ivr.app.cases.rounds import CaseRounds
from ivr.app.config.cases import CasesConfig
from ivr.model.errors import PortError
from ivr.model.values import Scalar
from ivr.ports.cases import CaseRecord
from ivr.ports.notify import Notice
from tests.app.cases.kit import NEW, Asking, HandClock, Messages, book_on


class House:
    """The rounds, and what comes of them."""

    def __init__(self, book: Book, clock: HandClock, **owners: str) -> None:
        self.messages, self.surveys, self.alerts = Messages(), Asking(), list[str]()
        told = OwnersByMessage(self.messages, CasesConfig(owners=owners, language="en"))
        self.rounds = CaseRounds(book, self.messages, told, self.surveys, self._alert, clock)

    def told(self) -> list[tuple[str, str]]:
        """Return whom of the staff a message went to, and which."""
        return [
            (one.customer, one.template)
            for one in self.messages.sent
            if one.template.startswith("owner-")
        ]

    def _alert(self, case: CaseRecord, kind: str) -> None:
        self.alerts.append(f"{kind} {case.owner}")


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
        "case-waits complaints",
        "case-moved lead",
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
        assert acts == ["opened", "noticed", "reminded", "escalated", "overran"]
        assert len(house.alerts) + len(second.alerts) == 3
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


async def test_owners_are_told_by_message_once_a_stage_and_nothing_of_the_customer(
    book: Book, clock: HandClock
) -> None:
    house = House(book, clock, complaints="S-1", lead="S-2")
    case = await book.open(replace(NEW, summary="a fee was taken twice"))
    told = dict[int, list[tuple[str, str]]]()
    for day in range(1, 20):
        clock.pass_days(1)
        before = len(house.told())
        for _ in range(2):
            await house.rounds.look()
        if new := house.told()[before:]:
            told[day] = new
    assert told == {
        6: [("S-1", "owner-reminded")],
        8: [("S-2", "owner-escalated")],
        16: [("S-2", "owner-overdue")],
    }
    said = [one for one in house.messages.sent if one.customer != "C1001"]
    assert all(one.values == {"number": case.number, "day": "2026-12-08"} for one in said)
    assert {one.language for one in said} == {"en"}
    assert len({one.key for one in said}) == 3


async def test_owners_without_a_number_are_told_at_the_desk_only(
    book: Book, clock: HandClock, house: House
) -> None:
    await book.open(NEW)
    clock.pass_days(30)
    for _ in range(4):
        await house.rounds.look()
    assert house.alerts == ["case-waits complaints", "case-moved lead", "case-overdue lead"]
    assert house.told() == []


async def test_a_message_to_an_owner_that_cannot_be_sent_holds_up_no_case_and_goes_later(
    book: Book, clock: HandClock
) -> None:
    house = House(book, clock, complaints="S-1", lead="S-2")
    number = (await book.open(replace(NEW, customer=""))).number
    house.messages.fails = {"S-2"}
    clock.pass_days(8)
    for _ in range(2):
        await house.rounds.look()
    with pytest.raises(PortError, match="out of order"):
        await house.rounds.look()
    assert await owner(book, number) == "lead"
    house.messages.fails = set()
    for _ in range(2):
        await house.rounds.look()
    assert house.told() == [("S-1", "owner-reminded"), ("S-2", "owner-escalated")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_message_to_an_owner_has_its_text(language: str) -> None:
    texts = Texts.read(TEXTS)
    for template in ("owner-reminded", "owner-escalated", "owner-overdue"):
        values: dict[str, Scalar] = {"number": "12345679", "day": "2026-12-08"}
        said = texts.render(Notice("k", "S-1", template, language, values)).sent
        assert "12345679" in said
        assert "2026-12-08" in said
