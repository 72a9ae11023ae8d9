"""Asterisk's queue_log: what happened in queues while there was no AMI connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ivr.model.errors import PortError

_BLOCK = 64 * 1024
_OLDER = 100
"""So many older entries in a row end the search: one alone may be a line that a caller forged."""

_LINE = re.compile(
    r"(?P<time>\d{1,12})(?:\.\d+)?\|(?P<call_id>[^|]*)\|(?P<queue>[^|]*)\|(?P<agent>[^|]*)"
    r"\|(?P<event>[A-Z_0-9]+)\|?(?P<data>.*)"
)


class QueueLogEntry(msgspec.Struct, frozen=True):
    """One line: Unix seconds, and what Asterisk wrote. Callers' names may stand in `data`."""

    time: int
    call_id: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...] = ()


def read_queue_log(path: Path, since: int) -> list[QueueLogEntry]:
    """Return the entries at or after `since` (Unix seconds), oldest first.

    Reads from the end, so that a long log costs nothing; lines that are no entries are passed over.
    A log that is not there holds nothing. Raises PortError when it cannot be read.
    """
    found: list[QueueLogEntry] = []
    older = 0
    try:
        for entry in filter(None, map(_entry, _backwards(path))):
            if entry.time >= since:
                found.append(entry)
                older = 0
            else:
                older += 1
            if older == _OLDER:
                break
    except FileNotFoundError:
        return []
    except OSError as error:
        raise PortError("ami", f"{path} cannot be read: {error.strerror}") from error
    found.reverse()
    return found


def _backwards(path: Path) -> Iterator[bytes]:
    """Yield whole lines, the last first; what follows the last line break is still being written."""
    with path.open("rb") as file:
        position = file.seek(0, 2)
        head: bytes | None = None
        while position:
            start = max(0, position - _BLOCK)
            file.seek(start)
            block = file.read(position - start)
            if head is None:
                head, block = b"", block[: block.rfind(b"\n") + 1]
            head, *lines = (block + head).split(b"\n")
            yield from reversed(lines)
            position = start
        yield head or b""


def _entry(line: bytes) -> QueueLogEntry | None:
    match = _LINE.fullmatch(line.decode("utf-8", "replace"))
    if match is None:
        return None
    time, call_id, queue, agent, event, data = match.groups()
    return QueueLogEntry(
        int(time), call_id, queue, agent, event, tuple(data.split("|")) if data else ()
    )
