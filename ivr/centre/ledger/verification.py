"""Is the ledger what was written? Every entry, every seal, every record is computed again.

What this cannot see is a ledger written anew from the beginning, or cut off together with its head:
for that, the last seal is kept elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from ivr.centre.chain import seal
from ivr.centre.ledger.acts import Act, Heard
from ivr.centre.ledger.chain import Entry, LawBroken, NotGenuine, follow, opened
from ivr.centre.orders.digest import digest
from ivr.ports.ledger import FIRST, Head, Index, Kept, OrderRecord, Row


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, and where: an entry or an order."""

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


class Verification:
    """Takes a ledger piece by piece, the entries first; `faults` is what is wrong with it so far.

    `head` is one that was kept elsewhere, `N:SEAL`: it must be among the entries.
    """

    def __init__(self, head: str = "") -> None:
        self._head = head
        self.faults: list[Fault] = []
        self.n = 0
        self.seal = FIRST
        self._records: dict[str, OrderRecord] = {}
        self._broken: set[str] = set()
        self._kept: set[str] = set()

    @property
    def orders(self) -> int:
        """How many orders the entries are of."""
        return len(self._records.keys() | self._broken)

    def row(self, row: Row) -> None:
        """Take the next entry."""
        where = f"entry {row.n}"
        if row.n != self.n + 1:
            gap = f"{self.n + 1} to {row.n - 1}" if row.n > self.n + 2 else str(self.n + 1)
            self._fault(f"entry {gap}", "is missing")
        elif row.seal != seal(self.seal, row.entry.hash):
            self._fault(where, "does not stand where it was written")
        self.n, self.seal = row.n, row.seal
        if f"{row.n}:{row.seal}" == self._head:
            self._head = ""
        self._entry(where, row)

    def kept(self, kept: Kept) -> None:
        """Take the record of an order."""
        order = kept.record.draft.id
        self._kept.add(order)
        record = self._records.get(order)
        if order in self._broken:
            return
        if record is None:
            self._fault(f"order {order}", "has a record but no entries: they were removed")
        elif record != kept.record:
            self._fault(f"order {order}", "its record is not what its entries come to")
        elif kept.index != Index.of(record):
            self._fault(f"order {order}", "is listed as something else than its record says")

    def end(self, head: Head) -> None:
        """Take how far the ledger says that its entries go; nothing comes after that."""
        for order in sorted(self._records.keys() - self._kept - self._broken):
            self._fault(f"order {order}", "has entries but no record")
        if head.n > self.n:
            self._fault(f"entry {self.n + 1}", f"and all after it up to {head.n} were cut off")
        elif (head.n, head.seal) != (self.n, self.seal):
            self._fault(f"entry {self.n}", "is not the one that the ledger says was the last")

        if self._head:
            number = self._head.partition(":")[0]
            self._fault(f"entry {number}", "is not what it was when its head was kept")

    def _entry(self, where: str, row: Row) -> None:
        order = row.entry.order
        if order in self._broken:
            return
        try:
            entry = opened(row.entry)
            self._records[order] = follow(self._records.get(order), entry, row.entry.hash)
        except (NotGenuine, LawBroken) as error:
            self._fault(f"{where} of order {order}", str(error))
            self._broken.add(order)
            self._records.pop(order, None)
        else:
            self._check_digest(where, entry)

    def _check_digest(self, where: str, entry: Entry[Act]) -> None:
        act = entry.act
        if isinstance(act, Heard) and act.said.digest != digest(entry.order, act.said.text):
            self._fault(where, "the digest that was authorised is not that of the read-back")

    def _fault(self, where: str, problem: str) -> None:
        self.faults.append(Fault(where, problem))


async def verify(contents: AsyncIterator[Row | Kept | Head], head: str = "") -> Verification:
    """Verify a whole ledger (`OrderLedger.contents`); it must hold an earlier `head`, if given."""
    verification = Verification(head)
    async for one in contents:
        match one:
            case Row():
                verification.row(one)
            case Kept():
                verification.kept(one)
            case Head():
                verification.end(one)
    return verification
