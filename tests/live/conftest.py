"""A lab whose plain queue keeps callers for as long as an engine may take to start again."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from lab import installation
from lab.fixtures import TEST_TIMING
from lab.ports import free_block
from lab.site import Lab
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
