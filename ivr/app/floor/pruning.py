"""What of the floor's diary is too old to keep: never where a recording is, which has a time of its own."""

from __future__ import annotations

from ivr.database.pruning import Old

OLD = (
    Old("events", "number", """at < :before / 1000.0 AND instr(body, '"type":"Recorded"') = 0"""),
)
