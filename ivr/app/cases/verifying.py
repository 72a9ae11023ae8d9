"""Reading the book of cases whole, to see whether anything in it was tampered with."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ivr.centre.cases.chain import NotGenuine, fold, taken_out
from ivr.ports.cases import CaseFilter, CaseRecord
from ivr.ports.casestore import CaseStore

ALL = CaseFilter(past=True, most=10_000_000)
_OFTEN = 100


class Genuine(msgspec.Struct, frozen=True):
    """What was read, and what is wrong with it: a line each. `head` is how far the entries go, `N:SEAL`."""

    cases: int
    entries: int
    faults: tuple[str, ...]
    head: str


async def verify(store: CaseStore, progress: Callable[[int, int], None], kept: str = "") -> Genuine:
    """Fold every case from its entries again, and see that no entry is missing; an earlier head that was
    `kept` elsewhere must be among them. Cases that are written meanwhile are read as they are then.
    Raises PortError."""
    head, standing = await store.head(), await store.standing()
    faults = list(taken_out(standing, head, kept))
    found = await store.find(ALL)
    known = {case.number for case in found}
    orphans = dict.fromkeys(one.case for one in standing if one.case not in known)
    faults += [f"case {number}: it has entries, and is not in the book" for number in orphans]
    count = 0
    for number, case in enumerate(found, 1):
        entries, fault = await _read(store, case)
        count += entries
        if fault:
            faults.append(fault)
        if number % _OFTEN == 0 or number == len(found):
            progress(number, len(found))
    return Genuine(len(found), count, tuple(faults), f"{head.n}:{head.seal}")


async def _read(store: CaseStore, case: CaseRecord) -> tuple[int, str]:
    """Return how many entries a case has, and what is wrong with it."""
    number = case.number
    entries = await store.entries(number)
    if len(entries) < case.entries:
        return len(entries), f"case {number}: entry {len(entries) + 1} is missing"
    # What was written since the case was read is left to the next time, if the case knows of it.
    later = await store.get(number)
    if later is None or later.entries < len(entries):
        return len(entries), f"case {number}: it does not know of entry {len(entries)}"
    try:
        folded = fold(entries[: case.entries])
    except NotGenuine as error:
        return len(entries), str(error)
    wrong = folded != case
    return len(entries), f"case {number}: it is not what its entries come to" if wrong else ""
