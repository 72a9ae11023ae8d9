"""What a floor has folded of its diary, kept beside it: who leads next goes on from there, and reads minutes of
the diary, not days."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from ivr.app.floor.state import FloorState
from ivr.app.floor.talks import Talk
from ivr.centre.kpi.queues import KeptFigures


class Checkpoint(msgspec.Struct):
    """A floor as its events made it, up to the last one, of `last_at`; figures are of a `zone`."""

    zone: str
    state: FloorState
    talks: dict[str, dict[str, Talk]]
    figures: KeptFigures
    last_at: datetime | None


_SHAPE = hashlib.sha256(msgspec.json.encode(msgspec.json.schema(Checkpoint))).digest()
"""What is kept by a OneCall that keeps something else is not read: then the diary is."""
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Checkpoint)


def encode(checkpoint: Checkpoint) -> bytes:
    """Return it as it is kept."""
    return _SHAPE + _ENCODER.encode(checkpoint)


def decode(kept: bytes, zone: str) -> Checkpoint | None:
    """Return what was kept; None where it is of another zone, or of a OneCall that keeps something else."""
    if not kept.startswith(_SHAPE):
        return None
    try:
        found = _DECODER.decode(kept[len(_SHAPE) :])
    except msgspec.DecodeError:
        return None
    return found if found.zone == zone else None
