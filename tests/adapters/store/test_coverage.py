"""The coverage ledger in the store: one row for each call that has ended, in the same transaction."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.adapters.store import writer
from ivr.adapters.store.coverage import Keeper
from ivr.adapters.store.database import DatabaseStore
from ivr.adapters.store.kind import KIND
from ivr.centre.dialling import CHINA
from ivr.centre.surveys.chain import FIRST
from ivr.centre.surveys.deciding import Asking
from ivr.centre.surveys.verifying import Verifier
from ivr.database import Place, writing
from ivr.model.errors import PortError
from ivr.model.events import CallEnded, Event, SurveyAnswered, SurveyEnded, SurveyOffered
from ivr.model.session import Frame, Session
from ivr.ports.coverage import Asked, CoverageRow, How, Progress, Reason, Tally
from ivr.ports.offers import Known, Offer, Unserved
from tests.adapters.store.test_sqlite import SetClock, impatient, until_trouble
from tests.surveys import NOON, asking, served, started, talked

RULES: dict[str, str] = {"survey_rules.yaml": "", "surveys/after-agent.yaml": ""}


class Files:
    """Reads whom flows ask; counts how often."""

    def __init__(self) -> None:
        self.read = 0
        self.asking = asking()

    def __call__(self, files: Mapping[str, str]) -> Asking:
        assert files == RULES
        self.read += 1
        return self.asking


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
async def store(place: Place, clock: SetClock, files: Files) -> AsyncIterator[DatabaseStore]:
    store = await DatabaseStore.open(place, clock, asking_of=files)
    published(place)
    yield store
    await store.close()


def published(place: Place) -> None:
    """Keep the flows of version v1."""
    with writing(place, KIND) as connection:
        body = b'{"survey_rules.yaml":"","surveys/after-agent.yaml":""}'
        values = ("v1", 0, body)
        connection.execute("INSERT INTO flow_versions VALUES (?, ?, ?)", values)


def tell(store: DatabaseStore, clock: SetClock, *events: Event, call: str = "1.1") -> None:
    """Have a call go on, ten seconds an event."""
    for event in events:
        store.events.emit(call, event)
        clock.time += timedelta(seconds=10)


async def rows(store: DatabaseStore) -> list[CoverageRow]:
    await store.flush()
    return [row async for row in store.coverage.rows(NOON - timedelta(days=400))]


def broken(found: list[CoverageRow]) -> list[str]:
    """Return what is wrong with the links of a chain."""
    verifier = Verifier((), CHINA)
    return [wrong for row in found if (wrong := verifier.chained(row))]


async def test_a_call_that_ended_has_its_row_and_one_that_goes_on_has_none(
    store: DatabaseStore, clock: SetClock
) -> None:
    tell(store, clock, started(), call="1.2")
    tell(store, clock, *served(by="caller"))
    (row,) = await rows(store)
    assert (row.number, row.call_id, row.how, row.reason) == (1, "1.1", How.MESSAGE, "")
    assert (row.survey, row.kind, row.ended, row.outcome) == (
        *("after-agent", "agent", "caller", "completed"),
    )
    assert (row.ani, row.customer, row.dnis) == ("13800000001", "C1001", "95500")
    assert row.previous == FIRST
    assert broken([row]) == []


async def test_a_second_end_brings_no_second_row(store: DatabaseStore, clock: SetClock) -> None:
    tell(store, clock, *served(), CallEnded("caller"))
    first = await rows(store)
    tell(store, clock, CallEnded("lost"), talked(), CallEnded("completed"))
    assert await rows(store) == first


async def test_rows_are_chained_over_writes_and_over_stores(
    store: DatabaseStore, clock: SetClock, place: Place, files: Files
) -> None:
    async with AsyncExitStack() as stack:
        other = await DatabaseStore.open(place, clock, asking_of=files)
        stack.push_async_callback(other.close)
        for number in range(20):
            one = (store, other)[number % 2]
            tell(one, clock, *served(), call=f"1.{number}")
            if number % 3 == 0:
                await asyncio.gather(store.flush(), other.flush())
        await asyncio.gather(store.flush(), other.flush())
    found = await rows(store)
    assert [row.number for row in found] == list(range(1, 21))
    assert sorted(row.call_id for row in found) == sorted(f"1.{number}" for number in range(20))
    assert broken(found) == []
    assert files.read == 2


async def test_a_write_that_fails_leaves_neither_and_is_done_again_whole(
    store: DatabaseStore, clock: SetClock, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_MS", 10)
    await impatient(store)
    with writing(place, KIND):
        tell(store, clock, *served())
        await until_trouble(store)
    assert [row.call_id for row in await rows(store)] == ["1.1"]


async def test_a_row_that_cannot_be_written_takes_the_end_of_the_call_with_it(
    store: DatabaseStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_MS", 10)
    take = Keeper.take

    def fails(*_: object) -> None:
        raise sqlite3.OperationalError("no row")

    monkeypatch.setattr(Keeper, "take", fails)
    tell(store, clock, *served())
    await until_trouble(store)
    assert await store.read_events("1.1") == []
    monkeypatch.setattr(Keeper, "take", take)
    assert len(await rows(store)) == 1
    assert len(await store.read_events("1.1")) == 3


@pytest.mark.parametrize("sql", ["DELETE FROM coverage", "UPDATE coverage SET hash = ''",
                                 "DELETE FROM opt_outs", "UPDATE opt_outs SET at = 0"])  # fmt: skip
async def test_what_is_written_is_not_changed(
    store: DatabaseStore, clock: SetClock, place: Place, sql: str
) -> None:
    tell(store, clock, *served())
    await store.flush()
    await store.offers.wish("138", "", out=True, who="anna")
    with pytest.raises(PortError, match="appended"), writing(place, KIND) as connection:
        connection.execute(sql)


async def test_rows_are_found_by_when_the_calls_ended(
    store: DatabaseStore, clock: SetClock
) -> None:
    for number in range(3):
        tell(store, clock, *served(), call=f"1.{number}")  # ends at :20, :50, 1:20
    await store.flush()
    at = NOON + timedelta(seconds=50)
    found = [row.number async for row in store.coverage.rows(at, at + timedelta(seconds=30))]
    assert found == [2]
    assert [row.number async for row in store.coverage.rows(at)] == [2, 3]
    assert [row.number async for row in store.coverage.rows(NOON + timedelta(days=1))] == []


async def test_who_was_asked_is_not_asked_again_within_the_banks_days(
    store: DatabaseStore, clock: SetClock, files: Files
) -> None:
    files.asking = asking(not_again_within=30)
    tell(store, clock, *served(), call="1.1")
    tell(store, clock, *served(customer="C1002"), call="1.2")  # the same number, in the same write
    tell(store, clock, started(ani="139"), CallEnded("caller", "C1001"), call="1.3")
    await store.flush()
    clock.time += timedelta(days=29)
    tell(store, clock, started(), CallEnded("caller"), call="1.4")
    clock.time += timedelta(days=2)
    tell(store, clock, started(ani="+8613800000001"), CallEnded("caller"), call="1.5")
    await store.flush()
    tell(store, clock, started(ani="013800000001"), CallEnded("caller"), call="1.6")
    found = {row.call_id: row.reason or row.how.value for row in await rows(store)}
    assert found.pop("1.1") == "message"
    assert found.pop("1.5") == "call"
    assert found == dict.fromkeys(("1.2", "1.3", "1.4", "1.6"), Reason.RECENT.value)


async def test_who_opted_out_is_not_asked_and_whoever_came_back_is(
    store: DatabaseStore, clock: SetClock
) -> None:
    await store.offers.wish("13800000001", "C1001", out=True, who="key")
    tell(store, clock, *served(customer=""), call="1.1")
    tell(store, clock, started(ani="139"), CallEnded("caller", "C1001"), call="1.2")
    await store.flush()
    await store.offers.wish("13800000001", "", out=False, who="anna")
    tell(store, clock, *served(customer=""), call="1.3")
    found = {row.call_id: row.reason or row.how.value for row in await rows(store)}
    assert found == {"1.1": "opted_out", "1.2": "opted_out", "1.3": "call"}
    assert (await store.offers.known("1", "C1001")).opted_out
    known = await store.offers.known("13800000001", "")
    assert known == Known(asked_at=(await rows(store))[-1].ended_at)


async def test_a_wish_holds_for_a_telephone_however_its_number_is_written(
    store: DatabaseStore, clock: SetClock
) -> None:
    await store.offers.wish("+86 138-0000-0001", "", out=True, who="anna")
    for place, ani in enumerate(("13800000001", "008613800000001", "013800000001")):
        tell(store, clock, started(ani=ani), CallEnded("caller"), call=f"1.{place}")
        assert (await store.offers.known(ani, "")).opted_out
    found = await rows(store)
    assert [row.reason for row in found] == [Reason.OPTED_OUT] * 3
    assert found[1].ani == "008613800000001"
    await store.offers.wish("0086 13800000001", "", out=False, who="anna")
    tell(store, clock, started(), CallEnded("caller"), call="2.1")
    assert (await rows(store))[-1].how is How.CALL


async def test_who_rings_back_is_found_however_the_number_comes(
    store: DatabaseStore, clock: SetClock
) -> None:
    tell(store, clock, started(ani="+8613800000001"), CallEnded("caller"))
    await store.flush()
    (offer,) = await store.offers.of_caller("013800000001", "", NOON)
    assert offer.ani == "+8613800000001"
    await store.offers.wish("13800000001", "", out=True, who="anna")
    assert await store.offers.of_caller("13800000001", "", NOON) == ()


async def test_wishes_of_before_hold_in_each_way_of_writing(
    tmp_path: Path, clock: SetClock, files: Files
) -> None:
    """A store as the version before left it, with numbers as they came."""
    path = tmp_path / "store.sqlite"
    before = sorted(KIND.scripts.iterdir(), key=str)[:6]
    with closing(sqlite3.connect(path)) as database, database:
        for script in before:
            database.executescript(script.read_text("utf-8"))
        database.execute(f"PRAGMA application_id = {KIND.application_id}")
        database.execute("PRAGMA user_version = 6")
        for number, ani in enumerate(("+8613800000001", "0044207946", "02180000000"), 1):
            wish = (f"ani:{ani}", 1, 0, "anna", 0)
            database.execute(
                "INSERT INTO opt_outs (caller, wish, at, who, after) VALUES (?, ?, ?, ?, ?)", wish
            )
            values = (number, f"1.{number}", 1, 1, ani, "", "", b"{}")
            database.execute("INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    store = await DatabaseStore.open(path, clock, asking_of=files)
    try:
        for ani in ("13800000001", "+44207946", "+862180000000"):
            known = await store.offers.known(ani, "")
            assert known.opted_out
            assert known.asked_at is not None
    finally:
        await store.close()


async def test_flows_that_are_not_kept_ask_nobody(store: DatabaseStore, clock: SetClock) -> None:
    tell(store, clock, started(version="v2"), CallEnded("caller"))
    assert [row.reason for row in await rows(store)] == [Reason.NO_SURVEY]


async def test_what_was_said_is_told_of_the_call_that_it_is_about(
    store: DatabaseStore, clock: SetClock
) -> None:
    tell(store, clock, started(), talked(), SurveyOffered("after-agent"),
         SurveyAnswered("after-agent", "satisfied", "4"), SurveyAnswered("after-agent", "why", ""),
         SurveyEnded("after-agent", "completed"), CallEnded("completed", "C1001"))  # fmt: skip
    tell(store, clock, *served(by="caller"), call="1.2")
    await store.flush()
    tell(store, clock, started(dnis="*63"), SurveyOffered("after-agent", about="1.2"),
         SurveyAnswered("after-agent", "comment", "recorded", "c-1", about="1.2"), call="survey-1",
    )  # fmt: skip
    await store.flush()
    found = [one async for one in store.coverage.asked(NOON)]
    answered = found[0].answered_at, found[1].answered_at
    assert found == [
        Asked("1.1", "after-agent", {"satisfied": "4", "why": ""}, (), "completed", None, answered[0]),
        Asked("1.2", "after-agent", {"comment": "recorded"}, ("c-1",), "", Progress.ANSWERED, answered[1]),
    ]  # fmt: skip
    assert answered[0] == NOON + timedelta(seconds=40)


async def test_offers_are_made_with_the_row_and_changed_by_one_only(
    store: DatabaseStore, clock: SetClock
) -> None:
    tell(store, clock, *served(by="caller"))
    await store.flush()
    (due,) = await store.offers.due(clock.now())
    assert (due.about, due.how, due.customer, due.version) == ("1.1", How.MESSAGE, "C1001", "v1")
    assert due.not_after - due.made_at == timedelta(days=1)
    sent = replace(due, progress=Progress.SENT)
    assert await store.offers.change(due, sent)
    assert not await store.offers.change(due, replace(due, how=How.CALL))
    assert await store.offers.due(clock.now()) == ()
    assert await store.offers.of_caller("", "C1001", NOON) == (sent,)
    assert await store.offers.of_caller("13800000001", "", NOON) == (sent,)
    assert await store.offers.of_caller("", "", NOON) == ()


async def test_calls_are_counted_by_whether_they_were_asked_about(
    store: DatabaseStore, clock: SetClock
) -> None:
    for call in ("1.1", "1.2", "1.3"):
        tell(store, clock, *served(by="caller"), call=call)
    tell(store, clock, started(), talked(), SurveyOffered("after-agent"), CallEnded(""), call="1.4")
    tell(store, clock, started(), CallEnded("completed"), call="*.5")
    await store.flush()
    made = await store.offers.due(clock.now())
    for offer, progress in zip(made, (Progress.SENT, Progress.CANCELLED), strict=False):
        await store.offers.change(offer, replace(offer, progress=progress))
    eligible = [one async for one in store.coverage.rows(NOON) if one.how is not How.INELIGIBLE]
    due = len(await store.offers.due(clock.now()))
    assert due > 0
    tally = await store.coverage.tally(NOON)
    assert tally == Tally(len(eligible) - 1, len(eligible) - 1 - due, due)
    assert tally.offered == 2
    assert await store.coverage.tally(clock.now()) == Tally()


async def test_whoever_opts_out_is_not_sent_what_was_due(
    store: DatabaseStore, clock: SetClock
) -> None:
    tell(store, clock, *served(by="caller"))
    await store.flush()
    await store.offers.wish("", "C1001", out=True, who="anna")
    assert await store.offers.due(clock.now()) == ()
    found = await store.offers.find("1.1")
    assert found is not None
    assert found.progress is Progress.CANCELLED


async def test_a_case_is_asked_about_once_each_time_it_is_closed(
    store: DatabaseStore, clock: SetClock
) -> None:
    now = clock.now()
    offer = Offer("case:1:0", How.MESSAGE, Progress.DUE, "case-closed", "zh", "", "C1001", "v1",
                  now, now, now + timedelta(days=1))  # fmt: skip
    assert await store.offers.make(offer)
    assert not await store.offers.make(replace(offer, survey="other"))
    tell(store, clock, SurveyAnswered("case-closed", "solved", "2", about="case:1:0"), call="1.9")
    await store.flush()
    (found,) = [one async for one in store.coverage.asked_of_cases(NOON)]
    assert (found.call_id, found.answers, found.progress) == (
        *("case:1:0", {"solved": "2"}, Progress.ANSWERED),
    )


def session(call_id: str = "1.1") -> Session:
    return Session(call_id, "v1", "95500", "138", "zh", NOON, (Frame("main", "menu"),))


async def test_a_call_whose_engine_died_is_lost_once_and_has_its_row(
    store: DatabaseStore, clock: SetClock
) -> None:
    tell(store, clock, started(), talked("unknown"))
    store.sessions.save(session())
    await store.flush()
    (open_,) = await store.offers.open_calls(clock.now() + timedelta(seconds=1))
    assert open_ == session()
    later = clock.now() + timedelta(seconds=1)
    assert not await store.offers.lose("1.1", "C1001", clock.now())  # it was saved since
    assert await store.offers.lose("1.1", "C1001", later)
    assert not await store.offers.lose("1.1", "C1001", later)
    (row,) = await rows(store)
    assert (row.outcome, row.ended, row.customer, row.kind) == ("lost", "unknown", "C1001", "agent")
    assert await store.sessions.load("1.1") is None


async def test_a_call_that_ended_but_was_not_forgotten_is_forgotten_only(
    store: DatabaseStore, clock: SetClock
) -> None:
    tell(store, clock, *served())
    store.sessions.save(session())
    assert len(await rows(store)) == 1
    assert not await store.offers.lose("1.1", "", clock.now() + timedelta(seconds=1))
    assert await store.sessions.load("1.1") is None
    assert len(await rows(store)) == 1


async def test_a_call_that_began_and_left_no_session_is_found(
    store: DatabaseStore, clock: SetClock
) -> None:
    tell(store, clock, started(), call="1.1")
    tell(store, clock, *served(), call="1.2")
    tell(store, clock, started(), call="1.3")
    store.sessions.save(session("1.3"))
    await store.flush()
    assert await store.offers.begun(NOON, clock.now()) == ("1.1",)
    assert await store.offers.begun(NOON + timedelta(seconds=1), clock.now()) == ()


async def test_calls_that_no_engine_had_are_rows_too(store: DatabaseStore, clock: SetClock) -> None:
    ended = NOON + timedelta(seconds=9)
    call = Unserved("1.7", "95500", "139", NOON, ended)
    assert await store.offers.unserved(call)
    assert not await store.offers.unserved(call)
    tell(store, clock, started(), call="1.8")
    await store.flush()
    assert await store.offers.unserved(Unserved("1.8", "95500", "138", NOON, ended))
    first, second = await rows(store)
    assert (first.reason, first.ani, first.started_at, first.ended_at, first.ended) == (
        *(Reason.NOT_SERVED, "139", NOON, ended, "unknown"),
    )
    assert (second.outcome, second.how) == ("lost", How.CALL)


async def test_what_is_waited_for_is_written_whatever_else_comes(
    store: DatabaseStore, clock: SetClock
) -> None:
    busy = True

    async def others() -> None:
        while busy:
            store.events.emit("2.1", talked())
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    tell(store, clock, SurveyAnswered("after-agent", "satisfied", "4"))
    await store.flush(2_000)
    assert len(await store.read_events("1.1")) == 1
    busy = False
    await task
