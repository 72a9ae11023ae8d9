"""The chain: each entry's hash is over all it says, the hash of the entry before included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Union

import msgspec
from msgspec.structs import replace

from ivr.centre.chain import canonical, digest
from ivr.centre.releases.kinds import discover
from ivr.centre.releases.state import Entry, State, fold
from ivr.model.errors import OneCallError
from ivr.ports.releases import FIRST, Sealed


class LedgerError(OneCallError):
    """An entry cannot be trusted or understood: which one, and why."""


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with the entry at `number`."""

    number: int
    problem: str

    def __str__(self) -> str:
        return f"entry {self.number}: {self.problem}"


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry's body: an Entry without its hash."""

    number: int
    at: datetime
    who: str
    why: str
    act: msgspec.Raw
    previous: str


_WRITTEN = msgspec.json.Decoder(_Written)


def seal(entry: Entry) -> Sealed:
    """Write an entry as canonical JSON (keys sorted, no blanks) under its hash."""
    act = msgspec.Raw(canonical(entry.act))
    written = _Written(entry.number, entry.at, entry.who, entry.why, act, entry.previous)
    body = canonical(written)
    return Sealed(entry.number, digest(body), body)


def opened(sealed: Sealed) -> Entry:
    """Read an entry. Raises LedgerError for one that was changed, or that nobody here understands."""
    if digest(sealed.body) != sealed.hash:
        raise LedgerError(f"entry {sealed.number}: was changed after it was written")
    try:
        written = _WRITTEN.decode(sealed.body)
        act = _acts().decode(written.act)
    except msgspec.DecodeError as error:
        raise LedgerError(
            f"entry {sealed.number}: is of a kind that this OneCall does not know ({error}); "
            "run the newer OneCall that wrote it"
        ) from error
    if written.number != sealed.number:
        raise LedgerError(f"entry {sealed.number}: was entry {written.number} when it was written")
    return Entry(
        written.number, written.at, written.who, written.why, act, written.previous, sealed.hash
    )


def faults(ledger: Iterable[Sealed]) -> list[Fault]:
    """Return what is wrong with a ledger, from its first entry on; nothing, if nothing is."""
    found: list[Fault] = []
    number, previous = 0, FIRST
    for sealed in ledger:
        number += 1
        if sealed.number != number:
            found.append(Fault(sealed.number, f"entry {number} should stand here"))
            number = sealed.number
        try:
            entry = opened(sealed)
        except LedgerError as error:
            found.append(Fault(sealed.number, str(error).partition(": ")[2]))
        else:
            if entry.previous != previous:
                found.append(Fault(sealed.number, "does not follow the entry before it"))
        previous = sealed.hash
    return found


def follow(state: State, ledger: Sequence[Sealed]) -> State:
    """Return the state after entries that follow those it comes of.

    Raises LedgerError at the first that does not: what is in force then stays so.
    """
    number, previous = state.number, state.head
    entries = [opened(sealed) for sealed in ledger]
    for entry in entries:
        number += 1
        if (entry.number, entry.previous) != (number, previous):
            raise LedgerError(f"entry {entry.number}: does not follow entry {number - 1}")
        previous = entry.hash
    return fold(entries, state)


def salvaged(ledger: Sequence[Sealed]) -> State:
    """Return what a broken ledger still says, for an engine that has nothing else to start on.

    An entry counts if its bytes are what its hash says, unless the one after it names another hash.
    So callers hear what was in force, unless it is just that which was touched: then the release
    before it.
    """
    sound: list[Entry] = []
    for sealed in ledger:
        try:
            entry = opened(sealed)
        except LedgerError:
            continue
        last = sound[-1] if sound else None
        if last and last.number == entry.number - 1 and last.hash != entry.previous:
            sound.pop()
        sound.append(entry)
    return replace(fold(sound), number=ledger[-1].number, head=ledger[-1].hash)


@cache
def _acts() -> msgspec.json.Decoder[Any]:
    kinds: Any = Union[discover()]  # noqa: UP007 - the members are found at run time
    return msgspec.json.Decoder(kinds)
