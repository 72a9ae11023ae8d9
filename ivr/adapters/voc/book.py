"""What people did about what was said: only appended to."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import msgspec

from ivr.database import Kind, Place, prepare, reading, writing
from ivr.model.errors import PortError
from ivr.ports.clock import Clock
from ivr.ports.voc import Acts, Entry, KeptReport

PORT = "voc"
KIND = Kind(
    PORT,
    0x4F435631,
    files(__package__) / "migrations",
    files(__package__) / "migrations_postgres",
)

_ALL = "SELECT number, at, by, body FROM acts WHERE number <= ? ORDER BY number"
_NEXT = "SELECT coalesce(max(number), 0) + 1 FROM acts"
_TAXONOMY = "INSERT INTO taxonomies VALUES (?, ?) ON CONFLICT DO NOTHING"
_REPORT = """
    INSERT INTO reports (month, sha256, taxonomy, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"""
_NEWEST = 1 << 62
_ACTS: msgspec.json.Decoder[Acts] = msgspec.json.Decoder(Acts)


class DatabaseVocBook:
    """The VocBook port. Opening it makes the database at the first use; raises PortError."""

    def __init__(self, place: Place, clock: Clock, zone: ZoneInfo) -> None:
        prepare(place, KIND)
        self._place = place
        self._clock = clock
        self._zone = zone

    def entries(self, mark: int | None = None) -> list[Entry]:
        """Return all acts in order."""
        with reading(self._place, KIND) as database:
            rows = database.execute(_ALL, (_NEWEST if mark is None else mark,)).fetchall()
        return [self._entry(*row) for row in rows]

    def append(self, by: str, *acts: Acts) -> list[Entry]:
        """Write acts down, all or none of them."""
        at = self._clock.now()
        with writing(self._place, KIND) as database:
            (first,) = database.execute(_NEXT).fetchone()
            entries = [Entry(first + place, at, by, act) for place, act in enumerate(acts)]
            rows = [
                (one.number, at.isoformat(), by, msgspec.json.encode(one.act)) for one in entries
            ]
            database.executemany("INSERT INTO acts VALUES (?, ?, ?, ?)", rows)
        return entries

    def keep(self, report: KeptReport) -> None:
        """Keep a report, and the taxonomy it was made by."""
        taxonomy = (report.taxonomy_sha256, report.taxonomy)
        kept = (report.month, report.sha256, report.taxonomy_sha256, report.body)
        with writing(self._place, KIND) as database:
            database.execute(_TAXONOMY, taxonomy)
            database.execute(_REPORT, kept)

    def taxonomy(self, sha256: str) -> str | None:
        """Return the text of a taxonomy by which a report was made."""
        with reading(self._place, KIND) as database:
            row = database.execute("SELECT body FROM taxonomies WHERE sha256 = ?", (sha256,))
            found = row.fetchone()
        return found[0] if found else None

    def kept(self, month: str = "") -> list[KeptReport]:
        """Return the reports that are kept, the oldest first."""
        query = """
            SELECT r.month, r.sha256, r.body, t.sha256, t.body FROM reports r
            JOIN taxonomies t ON t.sha256 = r.taxonomy
            WHERE ? IN ('', r.month) ORDER BY r.number"""
        with reading(self._place, KIND) as database:
            return [KeptReport(*row) for row in database.execute(query, (month,))]

    def _entry(self, number: int, at: str, by: str, body: bytes) -> Entry:
        try:
            act = _ACTS.decode(body)
        except msgspec.DecodeError as error:
            problem = f"act {number} of the book cannot be read: {error}"
            raise PortError(PORT, problem) from error
        return Entry(number, datetime.fromisoformat(at).astimezone(self._zone), by, act)
