"""What every store of cases must do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from ivr.adapters import cases as backends
from ivr.centre.cases.acts import Answered, Closed, Linked, Noted, Solved
from ivr.centre.cases.chain import fold, taken_out
from ivr.centre.cases.decisions import wakes
from ivr.database import Place
from ivr.ports.cases import CaseCounts, CaseFilter, CaseState, Link, LinkKind, NewCase, Terms
from ivr.ports.casestore import CaseStore
from tests.centre.cases.kit import MONDAY, NEW, NUMBER, TERMS, Hand

DAY = timedelta(days=1)
CALL = Link(LinkKind.CALL, "1764000000.1")


@pytest.fixture(params=sorted(backends.discover()))
async def store(request: pytest.FixtureRequest, place: Place) -> AsyncIterator[CaseStore]:
    """An empty store."""
    opened = await backends.discover()[request.param].opened(place)
    yield opened
    await opened.close()


def hand(number: str = NUMBER, new: NewCase = NEW, terms: Terms = TERMS) -> Hand:
    return Hand(new, terms, number=number)


async def keep(store: CaseStore, case: Hand) -> bool:
    """Keep the last thing that happened to a case."""
    return await store.add(case.entries[-1], case.record, wakes(case.record))


async def kept(store: CaseStore, *cases: Hand) -> None:
    for case in cases:
        assert await keep(store, case)


async def test_a_case_is_kept_with_all_that_happens_to_it(store: CaseStore) -> None:
    case = hand(new=replace(NEW, links=(CALL,), facts={"topic": "费用"}))
    await kept(store, case)
    case.does(Noted("rang again"))
    await kept(store, case)
    assert await store.get(NUMBER) == case.record
    assert await store.of_key(NEW.key) == case.record
    assert list(await store.entries(NUMBER)) == case.entries
    assert fold(await store.entries(NUMBER)) == case.record
    assert await store.written() == 2
    assert await store.get("00000000") is None
    assert await store.of_key("call:2") is None
    assert await store.entries("00000000") == ()


async def test_of_two_who_write_at_once_one_is_told_to_read_again(store: CaseStore) -> None:
    case, other = hand(), hand()
    await kept(store, case)
    case.does(Noted("one"))
    other.does(Noted("two"))
    assert await keep(store, case)
    assert not await keep(store, other)
    assert await store.get(NUMBER) == case.record
    assert len(await store.entries(NUMBER)) == 2


async def test_a_number_and_a_key_are_given_once(store: CaseStore) -> None:
    await kept(store, hand())
    assert not await keep(store, hand(new=replace(NEW, key="call:2")))
    assert not await keep(store, hand("20000007"))
    assert await store.written() == 1


async def test_cases_are_found_by_all_that_is_asked(store: CaseStore) -> None:
    first = hand(new=replace(NEW, links=(CALL,)))
    second = hand(
        "20000007",
        NewCase("call:2", "suggestion", "caller", customer="C1002", owner="lead"),
        Terms(),
    )
    closed = hand("30000003", replace(NEW, key="call:3"))
    await kept(store, first, second, closed)
    for act in (Answered("told"), Solved("done"), Closed()):
        closed.does(act)
        await kept(store, closed)

    async def found(wanted: CaseFilter) -> list[str]:
        return [one.number for one in await store.find(wanted)]

    # Those to be answered come first.
    assert await found(CaseFilter()) == [NUMBER, "20000007"]
    assert await found(CaseFilter(past=True)) == [NUMBER, "20000007", "30000003"]
    assert await found(CaseFilter(state=CaseState.CLOSED)) == ["30000003"]
    assert await found(CaseFilter(kind="suggestion")) == ["20000007"]
    assert await found(CaseFilter(owner="lead")) == ["20000007"]
    assert await found(CaseFilter(customer="C1001", past=True)) == [NUMBER, "30000003"]
    assert await found(CaseFilter(ani="13800001111", kind="suggestion")) == []
    assert await found(CaseFilter(link=CALL)) == [NUMBER]
    assert await found(CaseFilter(link=Link(LinkKind.ORDER, CALL.id))) == []
    assert await found(CaseFilter(since=MONDAY)) == [NUMBER, "20000007"]
    assert await found(CaseFilter(until=MONDAY)) == []
    assert await found(CaseFilter(late=MONDAY + 16 * DAY)) == [NUMBER]
    assert await found(CaseFilter(late=MONDAY + 14 * DAY)) == []
    assert await found(CaseFilter(past=True, most=2)) == [NUMBER, "20000007"]


async def test_late_is_who_was_not_answered(store: CaseStore) -> None:
    first, second = hand(), hand("20000007", replace(NEW, key="call:2"))
    await kept(store, first, second)
    second.does(Answered("told"))
    await kept(store, second)
    assert await store.counts(MONDAY) == CaseCounts(open=2, late=0)
    assert await store.counts(MONDAY + 16 * DAY) == CaseCounts(open=2, late=1)


async def test_a_case_wakes_when_its_time_comes(store: CaseStore) -> None:
    case, never = hand(), hand("20000007", replace(NEW, key="call:2"), Terms())
    await kept(store, case, never)
    assert await store.awake(MONDAY + 4 * DAY, 10) == ()
    assert await store.awake(MONDAY + 6 * DAY, 10) == (case.record,)
    assert await store.awake(MONDAY + 6 * DAY, 0) == ()


async def test_what_is_linked_later_is_found_too(store: CaseStore) -> None:
    case = hand()
    await kept(store, case)
    case.does(Linked(CALL))
    await kept(store, case)
    assert await store.find(CaseFilter(link=CALL)) == (case.record,)


async def test_its_entries_are_sealed_in_the_order_written(store: CaseStore) -> None:
    first, second = hand(), hand("20000007", replace(NEW, key="call:2"))
    await kept(store, first, second)
    early = await store.head()
    first.does(Noted("rang again"))
    await kept(store, first)
    head, standing = await store.head(), await store.standing()
    assert [(one.n, one.case) for one in standing] == [(1, NUMBER), (2, "20000007"), (3, NUMBER)]
    assert [one.hash for one in standing if one.case == NUMBER] == [
        one.hash for one in first.entries
    ]
    assert list(taken_out(standing, head, f"{early.n}:{early.seal}")) == []
    assert list(taken_out(standing, early)) == [], "what is written since is not looked at"
