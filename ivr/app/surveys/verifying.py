"""Proving the coverage ledger: every call that has ended has one row, and that says what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from ivr.adapters.store.covered import BEGINNING, UnreadableRow
from ivr.adapters.store.database import DatabaseStore
from ivr.app.surveys.rules import asking_of
from ivr.centre.surveys.deciding import Asking
from ivr.centre.surveys.verifying import Verifier
from ivr.ports.coverage import CoverageRow


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with the row of a call; `number` is 0 where there is none."""

    number: int
    call_id: str
    what: str


class Verdict(msgspec.Struct, frozen=True):
    """What came of verifying: how many rows the chain has and how many were compared with their calls,
    the hash of the last one, and the first fault."""

    rows: int
    compared: int
    last: str
    fault: Fault | None = None


class Proof:
    """Goes through the rows of calls that ended from `since` to before `until`, and through the chain from
    its first row."""

    def __init__(
        self, store: DatabaseStore, since: datetime = BEGINNING, until: datetime | None = None
    ) -> None:
        self._store = store
        self._since = since
        self._until = until
        self._asking: dict[str, Asking] = {}

    async def verdict(self, told: Callable[[int], None] = lambda row: None) -> Verdict:
        """Stop at the first fault, or say that there is none; `told` is told the number of a row that is
        done. Raises PortError."""
        verifier = Verifier(await self._store.coverage.wishes(), self._store.country)
        count, fault = 0, None
        try:
            async for page, stories in self._store.coverage.pages():
                for row in page:
                    wrong = verifier.chained(row)
                    if not wrong and self._wanted(row):
                        asking = await self._whom(row.version)
                        wrong = verifier.said(row, stories.get(row.call_id), asking)
                        count += 1
                    if wrong:
                        fault = Fault(row.number, row.call_id, wrong)
                        return Verdict(verifier.number, count, verifier.last, fault)
                    verifier.counts(row)
                told(verifier.number)
        except UnreadableRow as error:
            fault = Fault(error.number, "", "it cannot be read")
        else:
            fault = await self._uncovered()
        return Verdict(verifier.number, count, verifier.last, fault)

    async def _uncovered(self) -> Fault | None:
        without = await self._store.coverage.uncovered(self._since, self._until)
        return Fault(0, without[0], "the call has ended and has no row") if without else None

    def _wanted(self, row: CoverageRow) -> bool:
        return row.ended_at >= self._since and (self._until is None or row.ended_at < self._until)

    async def _whom(self, version: str) -> Asking:
        """Return whom a version of the flows asks: by its files, as when the row was written."""
        if version not in self._asking:
            files = await self._store.version_files(version)
            self._asking[version] = Asking() if files is None else asking_of(files)
        return self._asking[version]
