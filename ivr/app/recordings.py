"""Recorded conversations: which there are, who may know where, and when they go.

The floor's diary says what was recorded and for how long it is kept; the files are in the folder
`conversations` of the state. Whoever asks is a supervisor, and leaves a line in the staff's trail.
What callers have said alone with the machine is in `messages`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ivr.app.config import Config
from ivr.app.floor.diary import DATABASE, read_diary
from ivr.app.places import place
from ivr.model.errors import OneCallError
from ivr.model.floor import Recorded
from ivr.ports.staff import Role, Staff

FOLDER, MESSAGES = "conversations", "messages"
UNKNOWN_KEPT = timedelta(days=1)
"""How long a file is kept that the diary does not know: its conversation may have just begun."""


class Refused(OneCallError):
    """Somebody may not do this: who, and what to do."""


class Recording(msgspec.Struct, frozen=True):
    """A recorded conversation; `bytes` is None where the file is gone."""

    file: str
    at: datetime
    call_id: str
    queue: str
    agent: str
    until: datetime
    bytes: int | None = None


class Sounds:
    """The files of recordings in a state folder, by the names that cases are linked to."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def message(self, name: str) -> Path | None:
        """Return what a caller has said alone with the machine."""
        return self._there(MESSAGES, f"{name}.wav")

    def conversation(self, name: str) -> Path | None:
        """Return a conversation with an agent."""
        return self._there(FOLDER, name)

    def _there(self, folder: str, name: str) -> Path | None:
        file = self._state / folder / name
        return file if file.is_file() and file.name == name else None


async def admitted(staff: Staff, who: str, what: str, about: str, source: str) -> None:
    """Let a supervisor do something with recordings, and write it down; also who is not let.

    Raises Refused, PortError.
    """
    person = await staff.person(who)
    may = person is not None and person.role.covers(Role.SUPERVISOR)
    await staff.note(who, what if may else f"{what}.refused", about, source)
    if not may:
        raise Refused(f"{who} is no supervisor; see `ivr staff list`")


def recordings(config: Config) -> list[Recording]:
    """Return all that were made, the earliest first. Raises PortError."""
    made = (
        Recording(
            event.file, stamped.at, event.call_id, event.queue, event.agent,
            stamped.at + timedelta(days=event.days), _size(config, event.file),
        )
        for stamped in read_diary(place(config, DATABASE), ZoneInfo(config.zone))
        if isinstance(event := stamped.event, Recorded)
    )  # fmt: skip
    return list({one.file: one for one in made}.values())


def path_of(config: Config, file: str) -> Path:
    """Return where a recording is. Raises Refused where there is none."""
    known = {one.file for one in recordings(config) if one.bytes is not None}
    if file not in known:
        raise Refused(f"there is no recording {file}; see `ivr recordings list`")
    return _folder(config) / file


def due(config: Config, now: datetime) -> list[Path]:
    """Return the files that are to go: whose time is over, and those that nobody knows. Raises
    PortError."""
    known = {one.file: one.until for one in recordings(config)}
    return sorted(
        file
        for file in _folder(config).glob("*.wav")
        if known.get(file.name, _written(file, now) + UNKNOWN_KEPT) <= now
    )


def prune(files: Iterable[Path]) -> None:
    """Delete files; one that is gone already is no error."""
    for file in files:
        file.unlink(missing_ok=True)


def _folder(config: Config) -> Path:
    return config.state / FOLDER


def _size(config: Config, file: str) -> int | None:
    path = _folder(config) / file
    return path.stat().st_size if path.is_file() else None


def _written(file: Path, now: datetime) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, now.tzinfo)
