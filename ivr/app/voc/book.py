"""The book of what people did about what was said, for commands and for the desk."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ivr.adapters.clock import SystemClock
from ivr.adapters.voc.book import DatabaseVocBook
from ivr.app.config import Config
from ivr.app.places import made

FILE = "voc.sqlite"
"""Its file in the state folder."""


def voc_book(config: Config) -> DatabaseVocBook:
    """Open the book, making it at the first use. Raises ConfigError, PortError."""
    clock = SystemClock(config.zone)
    return DatabaseVocBook(made(config, FILE), clock, ZoneInfo(config.zone))
