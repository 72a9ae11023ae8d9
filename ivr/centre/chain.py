"""What chains of entries are made of: canonical bytes, and their hash.

Each entry names the hash of the one before it, so whoever changes, drops or inserts one breaks the
chain there. What a chain cannot show by itself is that its last entries were cut off, or that all
of it was written anew: for that, the hash of the last entry is kept elsewhere.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:
    """Write a value as canonical JSON: keys sorted, no blanks."""
    return _ENCODER.encode(value)


def digest(body: bytes) -> str:
    """Return the hash of an entry's bytes: SHA-256, hex."""
    return hashlib.sha256(body).hexdigest()


def seal(previous: str, hash_: str) -> str:
    """Return the seal of an entry with a hash, after the one with the seal `previous`."""
    return digest(f"{previous}{hash_}".encode())
