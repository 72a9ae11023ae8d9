"""Calls whose end no engine wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from ivr.app.surveys.closing import STALE, Closing
from ivr.model.errors import PortError
from ivr.model.session import Frame, Session
from ivr.ports.coverage import Reason
from ivr.ports.switch import ChannelInfo, Switch
from tests.app.surveys.kit import FLOWS, Centre, centre
from tests.surveys import NOON, started, talked

BEGUN = started(version=FLOWS.version)
GONE = timedelta(seconds=20)


class Asterisk:
    """The channels that there are, by their ids."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.down = False

    async def core_channels(self) -> tuple[ChannelInfo, ...]:
        if self.down:
            raise PortError("ami", "down, as in a test")
        return tuple(
            ChannelInfo(f"PJSIP/{one}", one, one, "Up", "engine", "95500", "") for one in self.there
        )


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(tmp_path) as one:
        yield one


def session(call_id: str, **more: Any) -> Session:
    frames = (Frame("main", "menu"),)
    return Session(call_id, FLOWS.version, "95500", "138", "zh", NOON, frames, **more)


def closing(
    here: Centre, switch: Asterisk | None, *running: str, log: Path | None = None
) -> Closing:
    known = cast(Switch, switch) if switch is not None else None
    return Closing(
        here.store.offers, known, lambda: running, here.clock, GONE, (log,) if log else ()
    )


async def saved(here: Centre, call_id: str, **more: Any) -> None:
    here.store.sessions.save(session(call_id, **more))
    await here.store.flush()


async def test_a_call_that_asterisk_has_not_had_for_a_while_is_lost(here: Centre) -> None:
    asterisk = Asterisk()
    asterisk.there = {"1.2"}
    for call in ("1.1", "1.2", "1.3"):
        await here.happens(BEGUN, talked("unknown"), call=call)
        await saved(here, call, facts={"customer": {"number": "C1001"}}, auth=1)
    look = closing(here, asterisk, "1.3").look
    here.clock.passes(seconds=1)
    await look()
    here.clock.passes(seconds=19)
    await look()
    assert await here.rows() == []
    here.clock.passes(seconds=1)
    await look()
    (row,) = await here.rows()
    assert (row.call_id, row.outcome, row.customer, row.kind) == ("1.1", "lost", "C1001", "agent")
    await look()
    assert len(await here.rows()) == 1


async def test_who_comes_back_in_time_is_not_lost(here: Centre) -> None:
    asterisk = Asterisk()
    await here.happens(BEGUN)
    await saved(here, "1.1")
    look = closing(here, asterisk).look
    here.clock.passes(seconds=1)
    await look()
    here.clock.passes(seconds=10)
    asterisk.there = {"1.1"}
    await look()
    asterisk.there = set()
    here.clock.passes(seconds=10)
    await look()
    assert await here.rows() == []


async def test_while_asterisk_cannot_be_asked_nobody_is_lost(here: Centre) -> None:
    asterisk = Asterisk()
    await here.happens(BEGUN)
    await saved(here, "1.1")
    look = closing(here, asterisk).look
    here.clock.passes(seconds=1)
    await look()
    here.clock.passes(hours=1)
    asterisk.down = True
    with pytest.raises(PortError):
        await look()
    assert await here.rows() == []


async def test_two_engines_end_a_call_once(here: Centre) -> None:
    asterisk = Asterisk()
    await here.happens(BEGUN)  # its engine was killed before the session was written
    one, other = closing(here, asterisk), closing(here, asterisk)
    for _ in range(3):
        here.clock.passes(seconds=21)
        await one.look()
        await other.look()
    assert [row.outcome for row in await here.rows()] == ["lost"]


async def test_without_asterisk_only_what_is_stale_is_ended(here: Centre) -> None:
    await here.happens(BEGUN)
    await saved(here, "1.1")
    look = closing(here, None).look
    here.clock.passes(hours=23)
    await look()
    assert await here.rows() == []
    here.clock.passes(seconds=(STALE - timedelta(hours=23)).total_seconds() + 1)
    await look()
    assert [row.outcome for row in await here.rows()] == ["lost"]


async def test_calls_that_no_engine_had_are_told_by_asterisks_log(
    here: Centre, tmp_path: Path
) -> None:
    log, at = tmp_path / "queue_log", int(NOON.timestamp())
    log.write_text(
        f"{at}|1.1|service|NONE|CALLED|95500|138\n{at}|1.2|service|NONE|CALLED|95500|\n"
        f"{at}|1.2|service|NONE|ENTERQUEUE||138|1\n{at}|1.3|service|NONE|CALLED|95500|139\n"
    )
    asterisk = Asterisk()
    asterisk.there = {"1.3"}
    await here.happens(BEGUN, call="1.1")
    look = closing(here, asterisk, log=log).look
    for _ in range(3):
        here.clock.passes(seconds=21)
        await look()
    found = {row.call_id: row for row in await here.rows()}
    assert set(found) == {"1.1", "1.2"}
    assert found["1.1"].outcome == "lost"
    unserved = found["1.2"]
    assert (unserved.reason, unserved.dnis, unserved.ani) == (Reason.NOT_SERVED, "95500", "")
    assert unserved.started_at == NOON
    # The engine comes back to the one that waits.
    asterisk.there = set()
    here.clock.passes(seconds=1)
    await look()
    here.clock.passes(seconds=20)
    await look()
    assert {row.call_id: row.ani for row in await here.rows()}["1.3"] == "139"
