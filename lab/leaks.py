"""Looks for secrets that were keyed: in files, databases, recordings, streams of events.

A secret is found when its digits stand together (also with separators, in UTF-16, hex or base64), or
one by one in lines that are alike (`Digit: 4`, `DTMF begin '4'`, `result=52`), or as tones in a
recording. A secret must be long enough that it is nowhere by chance, and no digit of it may be next
to its like: keys that are told twice are taken together.

    found = Scanner({"card": "371…", "pin": "…"}).folder(lab.exchange.folder)
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from wave import Error as NoWave

from lab import tones

_SEPARATED = rb"[\s\x00.,:;|/_'\"-]{0,3}"
_TOKEN = re.compile(rb"(?<![0-9A-Za-z])[0-9]+(?![0-9A-Za-z])")
_TOLD_MOST = 8
"""Digits of a token that may stand for one key: event 00000004 in a packet's log."""
_HEARD_LEAST = 3
"""Tones in a row that are no accident: the keys of a menu are one or two."""
LEAST, LONG = 4, 8
"""Digits of the shortest secret, and of one that is found in any spelling."""


@dataclass(frozen=True)
class Hit:
    """A secret, found: its name, where, and how it stands there."""

    secret: str
    where: str
    how: str


class Scanner:
    """Looks for secrets, by name."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        for name, digits in secrets.items():
            if len(digits) < LEAST or any(one == two for one, two in pairwise(digits)):
                raise ValueError(f"{name}: too short to be told from others, or a digit twice")
        self._secrets = secrets
        self._whole = {name: _spellings(digits) for name, digits in secrets.items()}

    def folder(self, folder: Path) -> list[Hit]:
        """Look into every file below a folder."""
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return [hit for file in files for hit in self.file(file)]

    def file(self, file: Path) -> list[Hit]:
        """Look into a file, whatever it holds, and listen to it if it is a recording."""
        found = list(self.data(file.read_bytes(), str(file)))
        if file.suffix.lower() == ".wav":
            found += self.recording(file)
        return found

    def data(self, data: bytes, where: str) -> Iterator[Hit]:
        """Look into bytes: for digits that stand together, and for those told one by one."""
        for name, pattern in self._whole.items():
            if pattern.search(data):
                yield Hit(name, where, "together")
        for told, line in _told(data.split(b"\n")):
            for name, digits in self._secrets.items():
                if digits in told:
                    yield Hit(name, where, f"one by one: {line}")

    def recording(self, file: Path) -> Iterator[Hit]:
        """Listen to a recording."""
        try:
            heard = tones.keys(tones.read(file))
        except (NoWave, EOFError, ValueError):
            # What has no header yet, or another format, is looked into as bytes.
            return
        for name, digits in self._secrets.items():
            parts = (digits[at : at + _HEARD_LEAST] for at in range(len(digits) - _HEARD_LEAST + 1))
            if any(part in heard for part in parts):
                yield Hit(name, str(file), f"tones: {heard}")


def copies(pid: int, digits: str) -> int:
    """Return how often digits stand in the memory of a process. Raises PermissionError where this
    process may not look: at another user's, or at one that keeps its memory to itself."""
    found = 0
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text("ascii").splitlines():
            span, rights = line.split()[:2]
            begin, end = (int(one, 16) for one in span.split("-"))
            if rights.startswith("rw"):
                memory.seek(begin)
                found += memory.read(end - begin).count(digits.encode())
    return found


def _spellings(digits: str) -> re.Pattern[bytes]:
    plain = digits.encode()
    if len(digits) < LONG:
        # So few stand in many a longer number, time or hash.
        return re.compile(rb"(?<![0-9A-Fa-f.:])" + plain + rb"(?![0-9A-Fa-f])")
    ways = [
        _SEPARATED.join(re.escape(bytes([one])) for one in plain),
        re.escape(plain.hex().encode()),
    ]
    for lead in range(3):
        # Of base64 only what does not depend on the neighbours.
        coded = base64.b64encode(b"\0" * lead + plain)
        first, last = -(-lead * 8 // 6), (lead + len(plain)) * 8 // 6
        ways.append(re.escape(coded[first:last]))
    return re.compile(b"|".join(ways))


def _told(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield what lines that are alike tell with each of their numbers in turn, as keys: a digit, or
    the code of one; once as it stands and once without repetitions."""
    streams: dict[tuple[bytes, int], list[str]] = {}
    for line in lines:
        tokens = _TOKEN.findall(line)
        if tokens:
            alike = _TOKEN.sub(b"#", line)
            for place, token in enumerate(tokens):
                if len(token) <= _TOLD_MOST:
                    streams.setdefault((alike, place), []).append(_key(int(token)))
    for (alike, _), keys in streams.items():
        shown = alike.strip()[:80].decode("utf-8", "replace")
        yield "".join(keys), shown
        yield "".join(key for key, _ in groupby(keys)), shown


def _key(number: int) -> str:
    """Return the key that a number stands for: itself, or its ASCII code."""
    if number < 10:
        return str(number)
    return chr(number) if ord("0") <= number <= ord("9") else "-"
