"""The book of what people did about what was said, for commands and for the desk."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ivr.adapters.clock import SystemClock
from ivr.adapters.voc.book import SqliteVocBook
from ivr.app.config import Config, folder

FILE = "voc.sqlite"
"""Its file in the state folder."""


def voc_book(config: Config) -> SqliteVocBook:
    """Open the book, making its file at the first use. Raises ConfigError, PortError."""
    clock = SystemClock(config.zone)
    return SqliteVocBook(folder(config.state) / FILE, clock, ZoneInfo(config.zone))
