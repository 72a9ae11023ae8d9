"""How the ledger's values are kept in columns."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from ivr.model.errors import PortError
from ivr.ports.cases import Case
from ivr.ports.ledger import OrderRecord
from ivr.ports.notify import Notice

T = TypeVar("T")

PORT = "ledger"

_RECORD = msgspec.json.Decoder(OrderRecord)
_NOTICE = msgspec.json.Decoder(Notice)
_CASE = msgspec.json.Decoder(Case)

encode = msgspec.json.encode


def decode_record(body: bytes) -> OrderRecord:
    """Read a record. Raises PortError."""
    return _decode(_RECORD, body, "an order")


def decode_notice(body: bytes) -> Notice:
    """Read a notice. Raises PortError."""
    return _decode(_NOTICE, body, "a notice")


def decode_case(body: bytes) -> Case:
    """Read a case. Raises PortError."""
    return _decode(_CASE, body, "a case")


def _decode(decoder: msgspec.json.Decoder[T], body: bytes, what: str) -> T:
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        problem = f"{what} cannot be read ({error}): see `ivr orders verify`, restore a backup"
        raise PortError(PORT, problem) from error
