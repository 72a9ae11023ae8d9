"""`ivr canary`: what people see of a trial, and what they can do."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.adapters.clock import SystemClock
from ivr.centre.guardrail import Settings
from ivr.centre.releases.kinds.publishing import Publish
from ivr.cli.canary import app
from tests.app.canary_kit import ASKED, FAILED, WELL, Centre, two_nodes


class Site:
    """A state folder with a ledger, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._config = folder / "onecall.yaml"
        self._config.write_text("state: .\n", "utf-8")

    def later(
        self, act: Callable[[Centre], Awaitable[object]]
    ) -> Callable[[float], Awaitable[None]]:
        """Return a sleep in which something is done to the ledger instead."""

        async def sleep(seconds: float) -> None:
            async with two_nodes(self.folder) as centre:
                await act(centre)

        return sleep

    def run(self, *arguments: str) -> Result:
        line = [*arguments, "-c", str(self._config)]
        return CliRunner(env={"COLUMNS": "140"}).invoke(app, line)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which v1 is in force and v2 on trial, with eleven calls of each, some of them bad."""
    folder = tmp_path_factory.mktemp("prepared")

    async def prepare() -> None:
        async with two_nodes(folder) as centre:
            centre.clock.at = SystemClock("Asia/Shanghai").now() - timedelta(minutes=5)
            await centre.start(Settings(hours=2))
            await centre.pairs(WELL, ASKED, 3)
            await centre.pairs(ASKED, FAILED, 1)
            await centre.pairs(WELL, WELL, 7)

    asyncio.run(prepare())
    return folder


@pytest.fixture
def site(tmp_path: Path, prepared: Path) -> Site:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return Site(tmp_path)


def test_status_shows_rates_evidence_and_what_to_do(site: Site) -> None:
    seen = site.run("status")
    assert seen.exit_code == 0, seen.output
    assert "canary 2 (version v2): 50 % of callers" in seen.output
    zero_out, errors, *_ = (line for line in seen.output.splitlines() if " of 11," in line)
    assert "3 of 11, 27.3 % (9.7–56.6)" in zero_out
    assert "1 of 11, 9.1 % (1.6–37.7)" in zero_out
    assert "1 of 11" in errors
    assert "0 of 11, 0.0 % (0.0–25.9)" in errors
    assert "of 60" in errors
    assert "watching: not decided yet" in seen.output
    assert "ivr canary raise" in seen.output


def test_status_for_programs(site: Site) -> None:
    told = json.loads(site.run("status", "--json").output)
    canary = told["canary"]
    assert (canary["number"], canary["share"], canary["state"]) == (2, 0.5, "watching")
    zero_out = canary["metrics"][0]
    assert zero_out["canary"]["hits"] == 3
    assert zero_out["canary"]["interval"] == pytest.approx([0.0975, 0.5656], abs=1e-4)
    assert zero_out["harm"]["bound"] == pytest.approx(60)
    assert told["ended"] is None


def test_a_raise_a_promotion_and_what_is_seen_then(site: Site) -> None:
    refused = site.run("raise", "40%", "-m", "more")
    assert (refused.exit_code, "at 50 % already" in refused.output) == (2, True)
    done = site.run("promote", "-m", "no harm", "--as", "anna")
    assert (done.exit_code, done.output) == (0, "entry 3: canary 2 promoted\n")
    seen = site.run("status")
    assert seen.exit_code == 0
    assert "canary 2 promoted" in seen.output
    assert "no harm" in seen.output
    assert json.loads(site.run("status", "--json").output)["ended"]["who"].startswith("anna (")
    again = site.run("promote", "-m", "again")
    assert (again.exit_code, "no canary is running" in again.output) == (2, True)


def test_an_aborted_canary_is_no_success(site: Site) -> None:
    assert site.run("abort", "-m", "wrong text").exit_code == 0
    seen = site.run("status")
    assert seen.exit_code == 1
    assert "canary 2 aborted" in seen.output
    assert "wrong text" in seen.output


def test_nothing_to_show(tmp_path: Path) -> None:
    site = Site(tmp_path)
    nothing = site.run("status")
    assert (nothing.exit_code, "nothing is published yet" in nothing.output) == (2, True)

    async def publish() -> None:
        async with two_nodes(site.folder) as centre:
            state = await centre.one.ledger.state()
            await centre.one.ledger.append(Publish("v1"), why="first", who="anna", after=state)

    asyncio.run(publish())
    none = site.run("status")
    assert (none.exit_code, "publish --canary" in none.output) == (2, True)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_watching_goes_on_until_the_end(
    site: Site, form: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end comes while it waits for its next look: a rollback of the guardrail's own."""

    async def harm(centre: Centre) -> None:
        centre.clock.at = SystemClock("Asia/Shanghai").now() - timedelta(minutes=2)
        centre.callers = 100
        await centre.pairs(WELL, FAILED, 12)
        centre.clock.at = SystemClock("Asia/Shanghai").now()
        await centre.one.keep()

    monkeypatch.setattr("ivr.cli.canary.sleep", site.later(harm))
    seen = site.run("status", "--watch", *form)
    assert seen.exit_code == 1, seen.output
    assert "rolled back" in seen.output
    assert "errors" in seen.output


def test_whatever_else_came_into_force_ended_it(site: Site) -> None:

    async def publish() -> None:
        async with two_nodes(site.folder) as centre:
            state = await centre.one.ledger.state()
            await centre.one.ledger.append(Publish("v3"), why="urgent", who="ben", after=state)

    asyncio.run(publish())
    seen = site.run("status")
    assert seen.exit_code == 1
    assert "ended by: publish" in seen.output
    assert "urgent" in seen.output
