"""What live tests of the desk share: callers who are known by their numbers, and an agent in a browser."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

from ivr.adapters.staff.demo import PEOPLE
from ivr.app.config import Config, DeskConfig, load_config
from tests.desk.chromium_kit import typed
from tests.live.floor_kit import MAIN, Floor

CREDENTIALS = {person.name: words for person, words in PEOPLE.items()}
ANI = "13800001001"
IDENTIFIED = """\
start: who

steps:
  who:
    identify: {by: ani}
    on: {known: agent, unknown: agent, unavailable: agent}
"""


class KnownFloor(Floor):
    """A floor whose callers are identified by their numbers."""

    @staticmethod
    def _flows(folder: Path) -> Path:
        copy = Floor._flows(folder)
        main = MAIN.replace("start: agent\n\nsteps:\n", IDENTIFIED)
        # Which card is asked where there is one on file; a keyed one is what the desk must not see.
        main = main.replace("assist: {}", "assist: {on_file: false}")
        (copy / "main.yaml").write_text(main, "utf-8")
        return copy


def desk_of(floor: Floor) -> Config:
    """Return the configuration of a desk beside the floor's engine."""
    config = load_config(floor.engine.folder / f"onecall-{floor.engine.port}.yaml")
    return config.model_copy(update={"desk": DeskConfig(port=0)})


async def state(page: Page, name: str) -> None:
    """Wait until the page shows the agent in a state."""
    await page.locator(f"#state.{name}").wait_for()


async def ready(page: Page, url: str, name: str = "li.na") -> None:
    """Log in, begin work, and take calls: by keyboard alone."""
    pin, password = CREDENTIALS[name]
    await page.goto(url)
    await typed(page, name, password)
    await state(page, "offline")
    await page.locator("#pin").focus()
    await typed(page, pin)
    await state(page, "paused")
    await page.keyboard.press("Alt+r")
    await state(page, "ready")
