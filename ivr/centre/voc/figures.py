"""Figures that can be computed again: each has its query, a hash of its data, and the flows behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from ivr.model.errors import OneCallError
from ivr.ports.voc import Proof

Cell = str | int | float | bool | None
Row = dict[str, Cell]

_ENCODER = msgspec.json.Encoder(order="deterministic")
_DIGITS = 9
"""Decimals that are kept: the last bits of a sum may differ between machines."""


class Unverifiable(OneCallError):
    """A file is no report, or cannot be computed again here: why."""


class Figure(msgspec.Struct, frozen=True):
    """A table or a curve. `query` says what it is computed of, `data` is the SHA-256 (hex) over that,
    `flows` are the versions that the calls ran. `rows` are what is shown."""

    name: str
    query: dict[str, str]
    data: str
    flows: tuple[str, ...]
    rows: tuple[Row, ...]


class VocReport(msgspec.Struct, frozen=True):
    """A month's report of the whole bank, or of one `branch`. `sources` are what was read, `taxonomy` is
    the SHA-256 of flows/taxonomy.yaml, `model` that of the classifier (empty: none was asked)."""

    month: str
    branch: str
    zone: str
    taxonomy: str
    model: str
    sources: dict[str, Proof]
    figures: tuple[Figure, ...]

    def rows(self, name: str) -> tuple[Row, ...]:
        """Return the rows of a figure."""
        return next(figure.rows for figure in self.figures if figure.name == name)


def encoded(value: object) -> bytes:
    """Return canonical JSON: the same values to the same bytes."""
    return _ENCODER.encode(value)


def report_json(report: VocReport) -> bytes:
    """Return a report as it is stored and printed."""
    return msgspec.json.format(encoded(report), indent=1) + b"\n"


def read_report(body: bytes) -> VocReport:
    """Read a report's JSON. Raises Unverifiable."""
    try:
        return msgspec.json.decode(body, type=VocReport)
    except msgspec.DecodeError as error:
        raise Unverifiable(f"no report of `ivr report voc`: {error}") from None


def digest(data: object) -> str:
    """Return the SHA-256 (hex) of what a figure is computed of."""
    return hashlib.sha256(encoded(data)).hexdigest()


def figure(
    name: str,
    query: Mapping[str, str],
    data: object,
    flows: Sequence[str],
    rows: Sequence[Mapping[str, Cell]],
) -> Figure:
    """Make a figure."""
    kept = tuple({key: _kept(value) for key, value in row.items()} for row in rows)
    return Figure(name, dict(query), digest(data), tuple(sorted(flows)), kept)


def difference(stored: VocReport, computed: VocReport) -> str:
    """Say which figure differs first, and how; empty when none does, nor anything around them."""
    names = [one.name for one in stored.figures]
    if names != [one.name for one in computed.figures]:
        return f"the figures are {', '.join(names)}, and not those of a report"
    for one, other in zip(stored.figures, computed.figures, strict=True):
        if encoded(one) != encoded(other):
            return f"figure `{one.name}`: {_part(one, other)}"
    for field in VocReport.__struct_fields__:
        if getattr(stored, field) != getattr(computed, field):
            return (
                f"`{field}` is {getattr(stored, field)}, computed again {getattr(computed, field)}"
            )
    return ""


def _part(one: Figure, other: Figure) -> str:
    for number, (mine, yours) in enumerate(zip(one.rows, other.rows, strict=False), 1):
        if mine != yours:
            return f"row {number} is {mine}, computed again {yours}"
    if len(one.rows) != len(other.rows):
        return f"{len(one.rows)} rows, computed again {len(other.rows)}"
    field = next(f for f in Figure.__struct_fields__ if getattr(one, f) != getattr(other, f))
    return f"`{field}` is {getattr(one, field)}, computed again {getattr(other, field)}"


def _kept(value: Cell) -> Cell:
    return round(value, _DIGITS) if isinstance(value, float) else value
