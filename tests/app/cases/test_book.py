"""The book of cases."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.app.cases.book import Book
from ivr.centre.cases.decisions import LAST_RESORT
from ivr.centre.ledger.references import is_reference
from ivr.model.errors import PortError
from ivr.ports.cases import (
    CaseCounts,
    CaseFilter,
    CaseKind,
    CaseRefusal,
    CaseState,
    Link,
    LinkKind,
)
from tests.app.cases.kit import NEW, HandClock, book_on, done

CALL = Link(LinkKind.CALL, "1764000000.1")


async def test_a_case_from_its_opening_to_its_end(book: Book, clock: HandClock) -> None:
    case = await book.open(NEW)
    assert is_reference(case.number)
    assert (case.owner, case.opened_by) == ("complaints", "flow")
    number = case.number
    done(await book.note(number, "1008", "rang the branch"))
    assert done(await book.assign(number, "1008", "1009", "knows cards")).owner == "1009"
    assert done(await book.escalate(number, "1009", "angry")).owner == "lead"
    assert done(await book.make_complex(number, "lead", "two banks")).complex
    assert done(await book.extend(number, "1009", "slow", "head")).approved_by == "head"
    done(await book.link(number, "1009", CALL))
    done(await book.answer(number, "1009", "told by telephone"))
    assert done(await book.solve(number, "1009", "paid back")).state is CaseState.SOLVED
    assert done(await book.finish(number, "1009")).state is CaseState.CLOSED
    assert done(await book.reopen(number, "survey", "not solved")).reopened == 1
    acts = [entry.act for entry in await book.history(number)]
    assert acts == [
        *("opened", "noted", "assigned", "escalated", "made_complex", "extended", "linked"),
        *("answered", "solved", "closed", "reopened"),
    ]
    assert (await book.history(number))[6].said == {"kind": "call", "id": CALL.id}
    assert [one.number for one in await book.find(CaseFilter(link=CALL))] == [number]


async def test_a_key_opens_one_case_however_often(book: Book) -> None:
    opened = await asyncio.gather(*(book.open(NEW) for _ in range(5)))
    assert len({one.number for one in opened}) == 1
    assert await book.counts() == CaseCounts(open=1)


async def test_a_number_that_is_wanted_is_given_if_it_is_free(book: Book) -> None:
    first = await book.open(replace(NEW, number="12345679"))
    second = await book.open(replace(NEW, key="call:2", number="12345679"))
    assert first.number == "12345679"
    assert second.number != "12345679"


async def test_where_no_number_is_free_it_says_so(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda count: 1)
    await book.open(NEW)
    with pytest.raises(PortError, match="no number is free"):
        await book.open(replace(NEW, key="call:2"))


async def test_what_may_not_be_is_refused_by_name(book: Book) -> None:
    assert (await book.note("00000000", "1008", "x")).refused is CaseRefusal.NO_CASE
    case = await book.open(replace(NEW, accused=("1008",)))
    number = case.number
    assert (await book.assign(number, "1009", "1008", "")).refused is CaseRefusal.ACCUSED
    assert (await book.assign(number, "1009", "nobody", "")).refused is CaseRefusal.NO_OWNER
    assert (await book.solve(number, "1008", "nothing")).refused is CaseRefusal.ACCUSED
    refused = await book.finish(number, "1009")
    assert (refused.refused, refused.case) == (CaseRefusal.NO_SOLUTION, case)


async def test_a_link_that_is_there_stays(book: Book) -> None:
    case = await book.open(replace(NEW, links=(CALL,)))
    assert done(await book.link(case.number, "1008", CALL)) == case


async def test_a_kind_that_nobody_has_written_down_has_an_owner_and_no_clock(book: Book) -> None:
    case = await book.open(replace(NEW, kind="other"))
    assert (case.owner, case.due) == (LAST_RESORT, None)


async def test_an_owner_who_is_meant_loses_the_case(book: Book) -> None:
    case = await book.open(replace(NEW, kind="quiet"))
    assert case.owner == "1008"
    assert done(await book.accuse(case.number, "1009", "1008")).owner == LAST_RESORT


async def test_two_processes_lose_nothing_of_each_other(
    book: Book, tmp_path: Path, clock: HandClock
) -> None:
    other = await book_on(tmp_path, clock)
    try:
        number = (await book.open(NEW)).number
        notes = [which.note(number, "1008", f"{n}") for n in range(10) for which in (book, other)]
        assert all(one.refused is None for one in await asyncio.gather(*notes))
        assert len(await other.history(number)) == 21
    finally:
        await other.store.close()


async def test_whoever_waits_for_a_change_is_told_at_once(book: Book) -> None:
    assert await book.changed(0, within_ms=0) == 0
    waiting = asyncio.create_task(book.changed(0, within_ms=60_000))
    await asyncio.sleep(0)
    await book.open(NEW)
    assert await asyncio.wait_for(waiting, 5) == 1
    book.let_go()
    assert await asyncio.wait_for(book.changed(1, within_ms=60_000), 5) == 1


async def test_kinds_desks_and_agents_are_the_flows(book: Book) -> None:
    assert (await book.kinds())[0] == CaseKind(
        "complaint", {"zh": "投诉", "en": "complaint"}, "complaints"
    )
    assert await book.owners() == ("complaints", "lead", LAST_RESORT, "1003", "1008", "1009")
    assert await book.desks_of("1008") == ("complaints",)
    assert await book.desks_of("1003") == ()
