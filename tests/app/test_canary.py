"""The guardrail on a store: what it reads, what it does, and that only one node does it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from ivr.app.canary import Keeper, Watch
from ivr.app.flows import Published
from ivr.app.follower import Follower
from ivr.app.prompts import LatestPrompts
from ivr.centre.guardrail import Settings
from ivr.centre.guardrail import State as Verdict
from ivr.centre.releases import State, version_for
from ivr.centre.releases.kinds.canary import EndCanary, Ending, RaiseCanary, StartCanary
from ivr.centre.releases.kinds.publishing import Publish
from ivr.model.events import CallEnded, CallStarted
from tests.app.canary_kit import ASKED, FAILED, QUICK, WELL, Centre, two_nodes
from tests.app.kit import Desk, flows


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    async with two_nodes(tmp_path) as centre:
        yield centre


async def test_a_harmful_release_is_taken_back_by_one_node_once(centre: Centre) -> None:
    await centre.start()
    await centre.pairs(WELL, FAILED, 5)
    states = [await node.ledger.state() for node in (centre.one, centre.other)]
    done = await asyncio.gather(
        *(
            node.keeper.keep(state)
            for node, state in zip((centre.one, centre.other), states, strict=True)
        )
    )
    assert sorted(done, key=str) == [None, Ending.ROLLED_BACK]
    assert await centre.ends() == [EndCanary(2, Ending.ROLLED_BACK)]
    last = (await centre.one.ledger.entries())[-1]
    assert last.who == "guardrail"
    assert last.why.startswith("errors 5 of 5 (100.0 %) on the canary, 0 of 5 (0.0 %)")
    after = await centre.one.ledger.state()
    assert {version_for(after, f"138{n}", "") for n in range(100)} == {"v1"}
    assert [await node.keep() for node in (centre.one, centre.other)] == [None, None]


async def test_a_release_that_sends_everybody_to_people_is_taken_back(centre: Centre) -> None:
    await centre.start()
    await centre.pairs(ASKED, ASKED, 2)
    await centre.pairs(WELL, ASKED, 5)
    assert await centre.one.keep() is Ending.ROLLED_BACK
    assert (
        "zero-out 7 of 7 (100.0 %) on the canary, 2 of 7"
        in (await centre.one.ledger.entries())[-1].why
    )


async def test_what_both_do_alike_is_no_harm(centre: Centre) -> None:
    await centre.start()
    for _ in range(10):
        await centre.pairs(ASKED, ASKED, 2)
        assert await centre.one.keep() is None
    assert (await centre.one.ledger.state()).canary is not None


async def test_looks_in_between_change_nothing(centre: Centre) -> None:
    """One node looks after every call, the other once."""
    await centre.start(Settings())
    state = await centre.one.ledger.state()
    for number in range(10):
        await centre.pairs(WELL, FAILED if number % 2 else ASKED, 1)
        await centre.one.watch.look(state)
    often, once = [await node.watch.look(state) for node in (centre.one, centre.other)]
    assert often == once
    assert once is not None
    assert [line.canary.hits for line in once.lines] == [5, 5, 0]


async def test_calls_in_progress_before_the_trial_or_on_the_wrong_side_do_not_count(
    centre: Centre,
) -> None:
    await centre.one.ledger.append(Publish("v1"), why="", who="anna", after=State())
    await centre.call("v1", count=3)
    before = list(range(1, 4))
    trial = StartCanary("v2", share=0.5, since=centre.clock.now() + timedelta(seconds=1))
    await centre.one.ledger.append(trial, why="", who="anna", after=await centre.one.ledger.state())
    centre.clock.at += timedelta(seconds=5)
    for number in before:
        centre.one.store.events.emit(f"call-138{number:08d}", CallEnded("completed"))
    await centre.call("v2", count=3)
    await centre.call("v1", *WELL, count=2)
    state = await centre.one.ledger.state()
    taken = next(n for n in range(100) if version_for(state, f"139{n}", "") == "v2")
    late = CallStarted("95500", f"139{taken}", "v1", "main", "zh")
    for event in (late, *FAILED):
        centre.one.store.events.emit("late node", event)
    await centre.one.store.flush()
    report = await centre.one.watch.look(state)
    assert report is not None
    assert {(line.canary.count, line.stable.count, line.stable.hits) for line in report.lines} == {
        (0, 2, 0)
    }


async def test_calls_count_when_they_have_settled(centre: Centre) -> None:
    await centre.start(Settings(alpha=0.2, minimum=4, settle=60))
    await centre.pairs(WELL, FAILED, 5)
    assert await centre.one.keep() is None
    centre.clock.at += timedelta(seconds=59)
    assert await centre.one.keep() is None
    centre.clock.at += timedelta(seconds=1)
    assert await centre.one.keep() is Ending.ROLLED_BACK


async def test_two_looks_at_a_time_and_the_end_of_the_trial(centre: Centre) -> None:
    """An engine may be asked to look while it looks."""
    await centre.start()
    await centre.pairs(WELL, FAILED, 5)
    state = await centre.one.ledger.state()
    watch = centre.one.watch
    report, nothing = await asyncio.gather(watch.look(state), watch.look(State()))
    assert nothing is None
    assert report is not None
    assert report.state is Verdict.HARMFUL


async def test_a_call_that_ends_twice_counts_once(centre: Centre) -> None:
    """A node that took over a call may end it again."""
    await centre.start(Settings(settle=60))
    state = await centre.one.ledger.state()
    await centre.call("v2", *WELL)
    await centre.one.watch.look(state)
    centre.clock.at += timedelta(seconds=1)
    centre.one.store.events.emit(f"call-138{centre.callers:08d}", CallEnded("completed"))
    await centre.one.store.flush()
    await centre.one.watch.look(state)
    centre.clock.at += timedelta(seconds=60)
    report = await centre.one.watch.look(state)
    assert report is not None
    assert report.lines[0].canary.count == 1


async def test_a_harmless_release_waits_for_a_person_unless_told_not_to(centre: Centre) -> None:
    await centre.start(Settings(floor=0.5, minimum=4, beta=0.2))
    await centre.call("v2", *WELL, count=12)
    assert await centre.one.keep() is None
    report = await centre.one.watch.look(await centre.one.ledger.state())
    assert report is not None
    assert report.state is Verdict.HARMLESS


async def test_a_harmless_release_can_promote_itself(centre: Centre) -> None:
    await centre.start(Settings(floor=0.5, minimum=4, beta=0.2), auto_promote=True)
    await centre.call("v2", *WELL, count=12)
    assert await centre.one.keep() is Ending.PROMOTED
    state = await centre.other.ledger.state()
    assert state.in_force is not None
    assert (state.in_force.number, state.in_force.version) == (2, "v2")


async def test_a_trial_that_is_not_decided_in_time_ends(centre: Centre) -> None:
    await centre.start()
    centre.clock.at += timedelta(hours=2)
    assert await centre.one.keep() is Ending.EXPIRED
    state = await centre.one.ledger.state()
    assert state.in_force is not None
    assert state.in_force.version == "v1"


async def test_a_verdict_on_what_has_changed_meanwhile_is_not_written(centre: Centre) -> None:
    await centre.start()
    await centre.pairs(WELL, FAILED, 5)
    ledger = centre.one.ledger
    stale = await ledger.state()
    raised = RaiseCanary(0.6, centre.clock.now())
    await ledger.append(raised, why="", who="anna", after=stale)
    assert await centre.one.keeper.keep(stale) is None
    assert await centre.ends() == []
    assert await centre.one.keep() is Ending.ROLLED_BACK


async def test_the_next_trial_begins_with_no_evidence(centre: Centre) -> None:
    """Not even with calls of the one before that were to settle yet."""
    await centre.start(Settings(settle=1))
    await centre.pairs(WELL, FAILED, 5)
    assert await centre.one.keep() is None
    ledger = centre.one.ledger
    for act in (
        EndCanary(2, Ending.ABORTED),
        StartCanary("v2", share=0.5, since=centre.clock.now() + timedelta(seconds=1)),
        RaiseCanary(0.6, centre.clock.now() + timedelta(seconds=2)),
    ):
        await ledger.append(act, why="", who="anna", after=await ledger.state())
    centre.clock.at += timedelta(seconds=3)
    report = await centre.one.watch.look(await ledger.state())
    assert report is not None
    assert report.lines[0].canary.count == 0


async def test_without_a_trial_there_is_nothing_to_watch(centre: Centre) -> None:
    assert await centre.one.keep() is None


async def test_one_look_of_an_engine_takes_it_back(caplog: pytest.LogCaptureFixture) -> None:
    """Real flows, followed by an engine: its next callers are back on the stable ones at once."""
    caplog.set_level(logging.INFO)
    desk = Desk()
    stable, new = await desk.publish("stable"), flows("new")
    start = StartCanary(new.version, share=0.5, since=desk.clock.now(), settings=QUICK)
    await desk.done(start, new)
    published = Published(desk.store, desk.clock)
    unused = cast("LatestPrompts", None)
    follower = Follower(published, unused, Keeper(Watch(desk.store, desk.clock), desk.ledger))
    await follower.look()
    assert "canary 2 is heard by 50 % of callers" in caplog.text
    sides: dict[str, list[str]] = {stable.version: [], new.version: []}
    for number in range(30):
        ani = f"138{number:08d}"
        sides[published.for_call(ani, "").version].append(ani)
    for well, badly in zip(sides[stable.version][:5], sides[new.version][:5], strict=True):
        for ani, version, events in ((well, stable.version, WELL), (badly, new.version, FAILED)):
            for event in (CallStarted("95500", ani, version, "main", "en"), *events):
                desk.store.events.emit(ani, event)
            desk.clock.time = desk.clock.later(seconds=1)
    await follower.look()
    heard = {published.for_call(ani, "").version for ani in sides[new.version]}
    assert heard == {stable.version}
    assert "canary 2 rolled back: errors 5 of 5" in caplog.text
    assert "canary 2 is over" in caplog.text
