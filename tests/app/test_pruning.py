"""What is too old goes, on either sort of database; what must be kept does not, and nothing reads otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.adapters.store.database import DatabaseStore
from ivr.app.config import Config
from ivr.app.config.retention import RetentionConfig
from ivr.app.floor.diary import DATABASE as DIARY
from ivr.app.floor.diary import Diary, read_checkpoint, read_diary
from ivr.app.places import made
from ivr.app.pruning import prune, prunings
from ivr.database import Place, Server
from ivr.database.pruning import MOST_AT_ONCE
from ivr.model.events import CallEnded, CallStarted, PromptPlayed, StepEntered
from ivr.model.floor import Left, Recorded, Stamped
from ivr.ports.callbacks import Callback, Purpose, State
from ivr.ports.campaigns import Contact, ContactState, Listed, Running, Scope
from ivr.ports.dialler import Ringing
from tests.app.callbacks.kit import Clock
from tests.centre.campaigns.kit import campaign

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 10, tzinfo=ZONE)
DAY = timedelta(days=1)
ALL = RetentionConfig(calls=30, callbacks=30, campaigns=30, floor=30, profiles=30)


@pytest.fixture
def config(place: Place, tmp_path: Path) -> Config:
    """A configuration that keeps everything for thirty days."""
    config = Config(state=tmp_path / "var", retention=ALL)
    if isinstance(place, Server):
        (tmp_path / "url").write_text(place.url.reveal(), "utf-8")
        (tmp_path / "url").chmod(0o600)
        database = config.database.model_copy(update={"url_file": tmp_path / "url"})
        config = config.model_copy(update={"database": database})
    return config


def pruned(config: Config, now: datetime = NOW) -> dict[str, int]:
    """Prune, and return how many rows of each table went."""
    found = list(prunings(config, now))
    counted = {f"{one.due.what}.{one.due.table}": one.due.rows for one in found}
    assert sum(prune(found)) == sum(counted.values())
    assert sum(prune(found)) == 0
    return counted


def promise(id_: str, days: int, state: State = State.FAILED) -> Callback:
    at = NOW - days * DAY
    return Callback(id_, Purpose.QUEUE, "1380", "zh", at, at, at, at, state=state)


async def test_promised_calls_that_are_over(config: Config) -> None:
    store = await DatabaseCallbacks.open(made(config, "callbacks.sqlite"))
    for one in (promise("1", 40), promise("2", 20), promise("3", 40, State.KEPT)):
        await store.put(one)
    telephones = await DatabaseRingings.open(made(config, "callbacks.sqlite"), ZONE)
    for number in ("1", "2"):
        at = NOW - 40 * DAY
        await telephones.take(Ringing(f"c-{number}", number, at, at), at, 9)
    await telephones.over("c-1")
    assert pruned(config) == {"callbacks.callbacks": 1, "callbacks.attempts": 1}
    assert [one.id for one in await store.since(NOW - 99 * DAY)] == ["3", "2"]
    assert [one.id for one in await telephones.live()] == ["c-2"]
    await store.close()
    await telephones.close()


async def test_calls_of_campaigns_and_then_contacts(config: Config) -> None:
    clock, reminders = Clock(), campaign()
    store = await DatabaseCampaigns.open(made(config, "campaigns.sqlite"), clock)
    await store.take_in(reminders, [Listed("13800001111"), Listed("13800002222")], str, "")
    await store.run("reminders", Running.RUNNING, "")
    for number, one in enumerate(await store.due("reminders", 2)):
        await store.bar(one.telephone, Scope.SALES, "", "")
        assert isinstance(await store.begin(one, reminders, f"campaign-{number}"), Contact)
    first, _ = await store.calling()
    await store.change(first.id, lambda one: replace(one, state=ContactState.DONE))
    later = clock.now() + 31 * DAY
    assert pruned(config, later) == {"campaigns.attempts": 1, "campaigns.contacts": 1}
    (left,) = await store.find("reminders", None, 9)
    assert left.state is ContactState.CALLING
    assert len(await store.no_calls()) == 2
    await store.close()


async def test_how_calls_went_step_by_step(config: Config) -> None:
    clock = Clock()
    store = await DatabaseStore.open(made(config, "onecall.sqlite"), clock)
    for call in ("1.1", "1.2"):
        store.events.emit(call, CallStarted("95500", "", "v", "main", "zh"))
        store.events.emit(call, StepEntered("main", "menu", "menu"))
        for _ in range(MOST_AT_ONCE):
            store.events.emit(call, PromptPlayed(("welcome",), False))
        store.events.emit(call, CallEnded("hangup"))
        store.journal.append(call, b"{}")
        await store.flush()
        clock.passes(days=31)
    assert pruned(config, clock.now() - 31 * DAY) == {
        "calls.journal": 1,
        "calls.events": MOST_AT_ONCE,
        "calls.sessions": 0,
        "profiles.profiles": 0,
    }
    told = [type(one.event).__name__ for one in await store.read_events("1.1")]
    assert told == ["CallStarted", "StepEntered", "CallEnded"]
    assert len(await store.read_events("1.2")) == MOST_AT_ONCE + 3
    assert await store.journal.read("1.1") == []
    assert await store.journal.read("1.2") == [b"{}"]
    assert [row.call_id async for row in store.coverage.rows(NOW - 9 * DAY)] == ["1.1", "1.2"]
    await store.close()


async def test_the_floors_diary_but_not_where_recordings_are(config: Config) -> None:
    diary = Diary(made(config, DIARY))
    old, new = NOW - 40 * DAY, NOW - 20 * DAY
    diary.append(Stamped(1, old, Left("1.1", "service", "served")))
    diary.append(Stamped(2, old, Recorded("1.1", "service", "1001", "1.1.wav", 365)))
    diary.append(Stamped(3, new, Left("1.2", "service", "served")))
    diary.keep(b"what they come to")
    await diary.close()
    assert pruned(config) == {"floor.events": 1}
    assert [one.number for one in read_diary(made(config, DIARY), ZONE)] == [2, 3]
    assert read_checkpoint(made(config, DIARY)) == (3, b"what they come to")


def test_everything_is_kept_if_nothing_is_said(config: Config) -> None:
    forever = config.model_copy(update={"retention": RetentionConfig()})
    assert list(prunings(forever, NOW)) == []
    assert list(prunings(config, NOW)) == [], "nobody has made a database yet"
