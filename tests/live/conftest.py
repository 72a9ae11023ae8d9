"""A lab whose plain queue keeps callers for as long as an engine may take to start again, and one of several
nodes."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio

from lab import installation
from lab.cluster import Cluster, cluster
from lab.fixtures import STAND_INS, TEST_TIMING, write_recording
from lab.installation import REPOSITORY
from lab.library import Library
from lab.ports import free_block
from lab.site import Lab, Timing
from lab.telephone import Telephone


@pytest.fixture(scope="session")
def patient_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A running lab, besides the other one; no engine listens."""
    timing = dataclasses.replace(TEST_TIMING, queue_seconds=60)
    with free_block() as ports:
        found = installation.find(lambda text: None)
        lab = Lab(tmp_path_factory.mktemp("lab"), ports, found, timing=timing, tethered=True)
        try:
            lab.start()
            yield lab
        finally:
            lab.stop()


@pytest_asyncio.fixture
async def patient_phone(patient_lab: Lab) -> AsyncIterator[Telephone]:
    """A telephone of that lab."""
    async with Telephone(patient_lab) as telephone:
        yield telephone


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running lab of several nodes; no engine listens."""
    with several_nodes(tmp_path_factory, TEST_TIMING) as running:
        yield running


@contextmanager
def several_nodes(tmp_path_factory: pytest.TempPathFactory, timing: Timing) -> Iterator[Cluster]:
    """Run one."""
    folder = tmp_path_factory.mktemp("cluster")
    for language in ("zh", "en"):
        for name in STAND_INS:
            recording = folder / "prompts" / language / f"{name}.ulaw"
            write_recording(recording, f"{language}/{name}")
    found = installation.find(lambda text: None)
    with (
        free_block() as ports,
        cluster(folder, ports, found, folder / "prompts", timing) as running,
    ):
        yield running


@pytest_asyncio.fixture
async def lines(site: Cluster) -> AsyncIterator[Telephone]:
    """The telephones of its callers and agents."""
    library = Library.of(site.prompts, site.sounds, REPOSITORY / "prompts")
    async with Telephone(site, library) as telephone:
        yield telephone
