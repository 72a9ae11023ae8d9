"""Pytest fixtures: a running lab and a telephone.

    lab      one lab a session, on a block of ports of its own, so that it can run beside
             `make demo` and beside other test runs; gone afterwards, whatever happens
    library  what the telephone can recognise: the project's prompts and the lab's own sounds
    phone    a telephone for one test; what is still up afterwards is hung up

A test listens on `lab.ports.agi` (or `agi_second`) for the calls and is marked `asterisk`. Getting
an Asterisk the first time takes longer than a test may: it happens before the first test starts.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from lab import installation
from lab.installation import REPOSITORY
from lab.library import Library
from lab.ports import free_block
from lab.site import Lab, Timing
from lab.sounds import melody
from lab.telephone import Telephone

TEST_TIMING = Timing(call_seconds=120, queue_seconds=2, agent_seconds=1)
SECONDS = 60
"""How long a live test may take: calls last as long as their prompts, on a busy machine longer."""
STAND_INS = ("survivability", "goodbye")
"""What the dialplan itself plays; short in tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give live tests the time that real calls take."""
    for item in items:
        if item.get_closest_marker("asterisk") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SECONDS))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have an Asterisk ready before any test's clock runs."""
    wanted = any(item.get_closest_marker("asterisk") for item in session.items)
    if wanted and not session.config.option.collectonly:
        terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        installation.find(terminal.write_line if terminal is not None else lambda text: None)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A running lab; no engine listens."""
    folder = tmp_path_factory.mktemp("lab")
    prompts = folder / "prompts"
    for language in ("zh", "en"):
        for name in STAND_INS:
            write_recording(prompts / language / f"{name}.ulaw", f"{language}/{name}")
    with free_block() as ports:
        found = installation.find(lambda text: None)
        lab = Lab(folder, ports, found, prompts, TEST_TIMING, tethered=True)
        try:
            lab.start()
            yield lab
        finally:
            lab.stop()


@pytest.fixture(scope="session")
def library(lab: Lab) -> Library:
    """What the telephone can recognise."""
    return Library.of(lab.prompts, lab.sounds, REPOSITORY / "prompts")


@pytest_asyncio.fixture
async def phone(lab: Lab, library: Library) -> AsyncIterator[Telephone]:
    """A telephone."""
    async with Telephone(lab, library) as telephone:
        yield telephone


def write_recording(path: Path, seed: str, notes: int = 4) -> bytes:
    """Write a short melody, another for each `seed`, about 0.09 s a note; return its bytes."""
    chance = random.Random(seed)  # noqa: S311  # a tune, not a secret
    tune = [(chance.randrange(200, 1200), chance.randrange(60, 120)) for _ in range(notes)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data := melody(tune))
    return data
