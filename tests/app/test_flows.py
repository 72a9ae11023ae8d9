"""An engine's flows: what the ledger says is in force, and nothing that cannot be run."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from ivr.adapters.flowfile import version_of
from ivr.app.flows import MOST_SETS, Published
from ivr.app.ledger import ReleaseError
from ivr.centre.releases import LedgerError
from ivr.centre.releases.kinds.hours import SetHours
from ivr.centre.releases.kinds.publishing import Cancel, Publish, Rollback
from ivr.model.calendar import Override
from ivr.model.errors import FlowError, PortError
from ivr.ports.releases import Sealed
from tests.app.kit import NINE, Desk, flows


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def published(desk: Desk) -> Published:
    return Published(desk.store, desk.clock)


async def test_before_the_first_release_there_are_no_flows(published: Published) -> None:
    with pytest.raises(FlowError, match="no release"):
        await published.look()


async def test_new_calls_run_what_was_published_last(desk: Desk, published: Published) -> None:
    first = await desk.publish("first")
    await published.look()
    assert published.for_call("138", "c1") == first
    second = await desk.publish("second")
    assert published.for_call("138", "c1") == first
    await published.look()
    assert published.for_call("138", "c1") == second
    assert published.serving.number == 2


async def test_a_rollback_is_followed(desk: Desk, published: Published) -> None:
    first = await desk.publish("first")
    await desk.publish("second")
    await published.look()
    await desk.done(Rollback(to=1, version=first.version))
    await published.look()
    assert published.current == first


async def test_a_schedule_switches_by_the_clock_alone(desk: Desk, published: Published) -> None:
    first = await desk.publish("first")
    later = await desk.schedule("later", desk.clock.later(seconds=30))
    await published.look()
    desk.clock.time += timedelta(seconds=29.9)
    assert published.for_call("138", "c1") == first
    desk.clock.time += timedelta(seconds=0.1)
    assert published.for_call("138", "c1") == later


async def test_a_cancelled_schedule_never_switches(desk: Desk, published: Published) -> None:
    first = await desk.publish("first")
    await desk.schedule("later", desk.clock.later(seconds=30))
    await desk.done(Cancel(release=2))
    await published.look()
    desk.clock.time += timedelta(seconds=60)
    assert published.current == first


async def test_prompts_are_read_before_new_flows_want_them(desk: Desk) -> None:
    known_then: list[int] = []

    async def prepare() -> None:
        known_then.append(engine.state.number)

    engine = Published(desk.store, desk.clock, prepare)
    await desk.publish("first")
    await engine.look()
    await desk.publish("second")
    await engine.look()
    await engine.look()
    assert known_then == [0, 1]


async def test_a_call_finds_the_version_it_began_on_even_on_another_node(
    desk: Desk, published: Published
) -> None:
    first = await desk.publish("first")
    second = await desk.publish("second")
    await published.look()
    assert await published.version(first.version) == first
    assert await published.version(second.version) is published.current


async def test_a_version_that_nobody_kept_says_so(published: Published) -> None:
    with pytest.raises(ReleaseError, match="not kept"):
        await published.version("0" * 64)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"main.yaml": "flow: other\n"}, "damaged"),
        (None, "not kept"),
    ],
)
async def test_a_damaged_release_is_refused_and_the_last_good_one_stays(
    desk: Desk,
    published: Published,
    files: dict[str, str] | None,
    why: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = await desk.publish("first")
    await published.look()
    bad = flows("bad")
    entry = await desk.done(Publish(bad.version))
    if files is not None:
        desk.store._versions[bad.version] = files
    await published.look()
    assert published.for_call("138", "c1") == first
    assert caplog.text.count(why) == 1
    again = Published(desk.store, desk.clock)
    await again.look()
    assert again.current == first
    good = await desk.publish("bad")
    await published.look()
    assert (published.current, published.serving.number) == (good, entry.number + 1)


async def test_files_that_no_onecall_can_run_are_refused(desk: Desk, published: Published) -> None:
    first = await desk.publish("first")
    await published.look()
    broken = {"main.yaml": "flow: main\nstart: nowhere\n"}
    version = version_of(broken)
    await desk.done(Publish(version))
    desk.store._versions[version] = broken
    await published.look()
    assert published.current == first


async def test_a_ledger_that_was_changed_keeps_what_is_in_force(
    desk: Desk, published: Published
) -> None:
    first = await desk.publish("first")
    await published.look()
    await desk.publish("second")
    ledger = desk.store.releases._ledger
    good = ledger[1]
    ledger[1] = Sealed(2, good.hash, good.body.replace(b"anna", b"mara"))
    with pytest.raises(LedgerError, match="entry 2"):
        await published.look()
    assert published.current == first
    ledger[1] = good
    await published.look()
    assert published.serving.number == 2
    del ledger[1]
    with pytest.raises(LedgerError, match="taken back"):
        await published.look()
    assert published.serving.number == 2


async def test_an_engine_starts_on_what_can_be_relied_on_of_a_broken_ledger(
    desk: Desk, published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    first = await desk.publish("first")
    await desk.publish("second")
    ledger = desk.store.releases._ledger
    ledger[1] = Sealed(2, ledger[1].hash, ledger[1].body.replace(b"anna", b"mara"))
    await published.look()
    await published.look()
    assert (published.current, published.serving.number) == (first, 1)
    assert caplog.text.count("the ledger is broken") == 1
    assert "entry 2" in caplog.text


async def test_of_a_ledger_without_a_sound_release_no_engine_starts(
    desk: Desk, published: Published
) -> None:
    await desk.publish("first")
    ledger = desk.store.releases._ledger
    ledger[0] = Sealed(1, ledger[0].hash, ledger[0].body + b" ")
    with pytest.raises(FlowError, match="no release"):
        await published.look()


async def test_a_disk_that_fails_keeps_what_is_in_force(
    desk: Desk, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await desk.publish("first")
    await published.look()
    second = await desk.publish("second")

    async def fails(version: str) -> dict[str, str] | None:
        raise PortError("store", "the disk is failing")

    with monkeypatch.context() as patched:
        patched.setattr(desk.store, "version_files", fails)
        with pytest.raises(PortError):
            await published.look()
        assert published.current == first
    await published.look()
    assert published.current == second


async def test_each_switch_is_logged_once(
    desk: Desk, published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await desk.publish("first")
    await published.look()
    await published.look()
    assert caplog.text.count("release 1 (") == 1
    await desk.schedule("second", desk.clock.later(seconds=1))
    await published.look()
    desk.clock.time += timedelta(seconds=1)
    await published.look()
    assert caplog.text.count("release 2 (") == 1


async def test_the_memory_of_many_releases_is_bounded(desk: Desk, published: Published) -> None:
    sets = []
    for number in range(MOST_SETS + 10):
        sets.append(await desk.publish(f"r{number}"))
        await published.look()
    assert len(published._sets) == MOST_SETS
    assert published.current == sets[-1]
    assert await published.version(sets[0].version) == sets[0]


async def test_overrides_of_one_calendar_those_long_past_left_out(
    desk: Desk, published: Published
) -> None:
    await desk.publish("first")
    today = NINE.date()
    days = [Override("service", today + timedelta(days=ahead), ()) for ahead in (-3, -1, 0, 400)]
    await desk.done(SetHours(days=(*days, Override("night", today, ()))))
    await published.look()
    assert published.overrides("service") == tuple(days[1:])


async def test_a_look_that_finds_nothing_new_reads_nothing_more(
    desk: Desk, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It happens twice a second on every node."""
    await desk.publish("first")
    await published.look()
    monkeypatch.setattr(desk.store.releases, "since", None)
    await published.look()
