"""The very first start publishes the folder; later edits of it change nothing but are told."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from ivr.adapters.flowfile import load
from ivr.adapters.store.database import DatabaseStore
from ivr.app.config import Config
from ivr.app.flows import Published
from ivr.app.ledger import Ledger, ReleaseError, open_ledger, who
from ivr.app.publishing import FIRST_START, bring, first_release, warn_of_edits
from ivr.centre.releases import LedgerError, Release
from ivr.centre.releases.kinds.hours import SetHours
from ivr.centre.releases.kinds.publishing import Publish
from ivr.engine.check import Known
from ivr.model.calendar import Override
from ivr.model.errors import FlowError
from ivr.ports.releases import LedgerMoved, Sealed
from tests.app.kit import FLOW, NINE, Desk, Hands, flows

KNOWN = Known(prompts={"en": {"hello"}}, destinations=())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "main.yaml").write_text(FLOW, "utf-8")
    return folder


async def test_the_first_start_publishes_the_folder_and_later_ones_do_not(folder: Path) -> None:
    desk = Desk()
    await first_release(desk.ledger, folder, KNOWN)
    first = load(folder)
    (folder / "main.yaml").write_text(FLOW.replace("completed", "done"), "utf-8")
    await first_release(desk.ledger, folder, KNOWN)
    [entry] = await desk.ledger.entries()
    assert (entry.why, entry.who) == (FIRST_START, who())
    published = Published(desk.store, desk.clock)
    await published.look()
    assert published.current == first


async def test_of_engines_that_start_at_once_one_publishes(folder: Path, tmp_path: Path) -> None:
    stores = [await DatabaseStore.open(tmp_path / "store.sqlite", Hands()) for _ in range(4)]
    try:
        ledgers = [Ledger(store, Hands()) for store in stores]
        await asyncio.gather(*(first_release(one, folder, KNOWN) for one in ledgers))
        assert [entry.number for entry in await ledgers[0].entries()] == [1]
    finally:
        for store in stores:
            await store.close()


async def test_a_folder_with_a_mistake_is_no_first_release(folder: Path) -> None:
    (folder / "main.yaml").write_text(FLOW.replace("next: bye", "next: nowhere"), "utf-8")
    desk = Desk()
    with pytest.raises(FlowError, match=r"main\.yaml:6:\d+.*nowhere"):
        await first_release(desk.ledger, folder, KNOWN)
    assert await desk.ledger.entries() == []


async def test_a_broken_ledger_is_not_begun_anew(folder: Path) -> None:
    desk = Desk()
    await desk.publish("first")
    desk.store.releases._ledger[0] = Sealed(1, "changed", b"?")
    await first_release(desk.ledger, folder, KNOWN)
    assert len(await desk.ledger.sealed()) == 1


def test_an_edited_folder_is_told(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    warn_of_edits(folder, Release(3, load(folder).version))
    warn_of_edits(folder / "gone", Release(3, load(folder).version))
    assert caplog.text == ""
    (folder / "main.yaml").write_text(FLOW.replace("completed", "done"), "utf-8")
    warn_of_edits(folder, Release(3, flows("completed").version))
    assert "differs from release 3" in caplog.text
    assert "ivr publish" in caplog.text


async def test_who_decided_on_an_older_ledger_is_refused() -> None:
    desk = Desk()
    seen = await desk.ledger.state()
    await desk.publish("first")
    with pytest.raises(LedgerMoved, match="entry 1"):
        await desk.ledger.append(Publish("v"), why="why", who="mara", after=seen)
    assert len(await desk.ledger.entries()) == 1


async def test_hours_that_change_while_the_gates_run_are_no_reason_to_run_them_again() -> None:
    desk = Desk()
    await desk.publish("first")
    seen, second = await desk.ledger.state(), flows("second")
    closed = SetHours((Override("service", NINE.date(), ()),))
    await desk.done(closed)
    act = Publish(second.version)
    entry = await bring(desk.ledger, act, why="why", who="mara", after=seen, flows=second)
    assert entry.number == 3
    with pytest.raises(LedgerMoved, match="entry 3"):
        await bring(desk.ledger, act, why="why", who="anna", after=seen, flows=second)


async def test_a_release_by_its_number() -> None:
    desk = Desk()
    first = await desk.publish("first")
    assert await desk.ledger.flows(1) == first
    with pytest.raises(ReleaseError, match="no entry 2"):
        await desk.ledger.flows(2)


async def test_a_broken_chain_is_acted_on_by_nobody() -> None:
    desk = Desk()
    await desk.publish("first")
    await desk.publish("second")
    del desk.store.releases._ledger[0]
    with pytest.raises(LedgerError, match=r"ledger is broken.*entry 2.*releases --verify"):
        await desk.ledger.state()


async def test_without_a_store_nothing_is_made_unless_asked(tmp_path: Path) -> None:
    config = Config(state=tmp_path / "var")
    with pytest.raises(ReleaseError, match="nothing is published yet"):
        async with open_ledger(config):
            pass
    assert not config.state.is_dir()


def test_another_name_does_not_hide_who_it_was() -> None:
    assert who("Anna") == f"Anna ({who()})"


async def test_what_people_write_cannot_break_a_line_of_a_log() -> None:
    desk = Desk()
    state = await desk.ledger.state()
    why = "so\n2026-11-23 ERROR all is lost\x1b[2J\udcff"
    entry = await desk.ledger.append(Publish("v"), why=why, who="An\rna", after=state)
    assert (entry.why, entry.who) == ("so 2026-11-23 ERROR all is lost [2J ", "An na")
