"""The chain of a case: each entry's hash is over all it says, the hash of the entry before included.

Folding the entries gives the case as it stands; the law of `acts` is asked at each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Generic, TypeVar, Union

import msgspec
from msgspec.structs import replace

from ivr.centre.cases.acts import Act, Opened
from ivr.centre.chain import canonical, digest, seal
from ivr.model.errors import OneCallError
from ivr.ports.cases import CaseEntry, CaseRecord, CaseRefusal
from ivr.ports.casestore import FIRST, SealedAct, Standing
from ivr.ports.ledger import Head

A = TypeVar("A", bound=Act)


class NotGenuine(OneCallError):
    """An entry is not what was written, or nothing that this OneCall understands."""


class Entry(msgspec.Struct, Generic[A], frozen=True, forbid_unknown_fields=True):
    """What happened to a case, the `number`th thing: `at` what time, `by` whom, after the entry with the
    hash `previous`."""

    case: str
    number: int
    at: datetime
    by: str
    act: A
    previous: str


class Written(msgspec.Struct, frozen=True):
    """An act as it is to be kept, and the case after it."""

    sealed: SealedAct
    record: CaseRecord


_KINDS: Any = Union[tuple(Act.__subclasses__())]  # noqa: UP007 - the members are found at run time
_ENTRY: msgspec.json.Decoder[Entry[Act]] = msgspec.json.Decoder(Entry[_KINDS])


def refusal(record: CaseRecord, act: Act, by: str) -> CaseRefusal | None:
    """Return why an act may not happen to a case. An agent complained about may do nothing at all."""
    return CaseRefusal.ACCUSED if by in record.accused else act.refuses(record, by)


def opened(act: Opened, at: datetime) -> Written:
    """Return the first entry of a case."""
    entry = Entry(act.number, 1, at, act.new.by, act, FIRST)
    sealed = _sealed(entry)
    return Written(sealed, replace(act.record(at), head=sealed.hash))


def written(record: CaseRecord, act: Act, at: datetime, by: str) -> Written | CaseRefusal:
    """Return the entry of an act that follows those of a case, or why it may not be."""
    refused = refusal(record, act, by)
    if refused is not None:
        return refused
    entry = Entry(record.number, record.entries + 1, at, by, act, record.head)
    sealed = _sealed(entry)
    return Written(sealed, _after(record, entry, sealed.hash))


def fold(entries: Iterable[SealedAct]) -> CaseRecord | None:
    """Return what a case's entries come to. Raises NotGenuine."""
    record: CaseRecord | None = None
    for sealed in entries:
        entry = read(sealed)
        number, previous = (record.entries + 1, record.head) if record else (1, FIRST)
        if (entry.number, entry.previous) != (number, previous):
            raise NotGenuine(f"case {sealed.case}: entry {entry.number} does not follow")
        if record is None:
            if not isinstance(entry.act, Opened):
                raise NotGenuine(f"case {sealed.case}: it was never opened")
            record = replace(entry.act.record(entry.at), head=sealed.hash)
        elif (refused := refusal(record, entry.act, entry.by)) is not None:
            raise NotGenuine(
                f"case {sealed.case}: entry {entry.number} is against the law: {refused}"
            )
        else:
            record = _after(record, entry, sealed.hash)
    return record


def read(sealed: SealedAct) -> Entry[Act]:
    """Read an entry. Raises NotGenuine."""
    where = f"case {sealed.case}: entry {sealed.number}"
    if digest(sealed.body) != sealed.hash:
        raise NotGenuine(f"{where} was changed after it was written")
    try:
        entry = _ENTRY.decode(sealed.body)
    except msgspec.DecodeError as error:
        raise NotGenuine(
            f"{where} is of a kind that this OneCall does not know ({error})"
        ) from error
    if (entry.case, entry.number) != (sealed.case, sealed.number):
        raise NotGenuine(f"{where} was entry {entry.number} of case {entry.case}")
    return entry


def taken_out(standing: Iterable[Standing], head: Head, kept: str = "") -> Iterator[str]:
    """Yield what is missing among the entries of all cases, up to a head; `kept` is an earlier one that was
    kept elsewhere, `N:SEAL`, and must be among them."""
    n, last, whole = 0, FIRST, True
    for one in standing:
        if one.n > head.n:
            break
        if one.n > n + 1:
            whole = False
            yield _missing(n + 1, one.n - 1)
        n, last = one.n, seal(last, one.hash)
        if f"{n}:{last}" == kept:
            kept = ""
    if n < head.n:
        yield _missing(n + 1, head.n)
    elif whole and last != head.seal:
        yield "the book's entries are not those that were sealed"
    if kept:
        yield f"the book is not the one of which the head {kept[:20]}… was kept"


def _missing(first: int, last: int) -> str:
    some = (
        f"entries {first} to {last} of the book are"
        if last > first
        else f"entry {last} of the book is"
    )
    return f"{some} missing"


def told(sealed: SealedAct) -> CaseEntry:
    """Return an entry as people read it: its act by name, with what it says. Raises NotGenuine."""
    entry = read(sealed)
    said = msgspec.to_builtins(entry.act)
    name = said.pop("type")
    return CaseEntry(entry.number, entry.at, entry.by, _words(name), _details(said))


def _words(name: str) -> str:
    """`MadeComplex` → `made_complex`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def _details(said: dict[str, Any]) -> dict[str, str]:
    """Return what an act says as flat text. Terms are dates of which the case itself tells."""
    details: dict[str, str] = {}
    for name, value in said.items():
        if isinstance(value, dict) and name != "terms":
            details |= _details(value)
        elif isinstance(value, list | tuple):
            details[name] = ", ".join(
                " ".join(one.values()) if isinstance(one, dict) else str(one) for one in value
            )
        elif not isinstance(value, dict):
            details[name] = str(value)
    return {name: value for name, value in details.items() if value}


def _sealed(entry: Entry[Any]) -> SealedAct:
    body = canonical(entry)
    return SealedAct(entry.case, entry.number, digest(body), body)


def _after(record: CaseRecord, entry: Entry[Act], hash_: str) -> CaseRecord:
    return replace(entry.act.upon(record, entry.at, entry.by), entries=entry.number, head=hash_)
