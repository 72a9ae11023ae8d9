"""A book for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ivr.app.cases.book import Book
from tests.app.cases.kit import HandClock, book_on


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def book(tmp_path: Path, clock: HandClock) -> AsyncIterator[Book]:
    opened = await book_on(tmp_path, clock)
    yield opened
    await opened.store.close()
