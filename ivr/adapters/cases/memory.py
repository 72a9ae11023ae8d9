"""Cases in memory: for simulated calls, and gone with them."""

from __future__ import annotations

from datetime import UTC, datetime

from ivr.centre.chain import seal
from ivr.ports.cases import CaseCounts, CaseFilter, CaseRecord, CaseState
from ivr.ports.casestore import FIRST, SealedAct, Standing
from ivr.ports.ledger import Head

_NEVER = datetime.max.replace(tzinfo=UTC)


class MemoryCases:
    """The CaseStore port."""

    def __init__(self) -> None:
        self._cases: dict[str, CaseRecord] = {}
        self._wake: dict[str, datetime | None] = {}
        self._entries: dict[str, list[SealedAct]] = {}
        self._standing: list[Standing] = []
        self._head = Head(0, FIRST)

    @classmethod
    async def opened(cls, place: object) -> MemoryCases:
        """Begin with none."""
        return cls()

    async def close(self) -> None:
        """Nothing is to be closed."""

    async def add(self, sealed: SealedAct, record: CaseRecord, wake: datetime | None) -> bool:
        """Keep an entry, and the case after it."""
        if len(self._entries.get(sealed.case, ())) != sealed.number - 1:
            return False
        if sealed.number == 1 and await self.of_key(record.key) is not None:
            return False
        self._entries.setdefault(sealed.case, []).append(sealed)
        n = self._head.n + 1
        self._standing.append(Standing(n, sealed.case, sealed.hash))
        self._head = Head(n, seal(self._head.seal, sealed.hash))
        self._cases[record.number] = record
        self._wake[record.number] = wake
        return True

    async def get(self, number: str) -> CaseRecord | None:
        """Return a case."""
        return self._cases.get(number)

    async def of_key(self, key: str) -> CaseRecord | None:
        """Return the case that was opened with a key."""
        return next((one for one in self._cases.values() if one.key == key), None)

    async def entries(self, number: str) -> tuple[SealedAct, ...]:
        """Return the entries of a case, in order."""
        return tuple(self._entries.get(number, ()))

    async def find(self, wanted: CaseFilter) -> tuple[CaseRecord, ...]:
        """Return cases."""
        found = [one for one in self._cases.values() if _fits(one, wanted)]
        found.sort(key=lambda one: (_due(one) or _NEVER, one.opened_at, one.number))
        return tuple(found[: wanted.most])

    async def awake(self, now: datetime, most: int) -> tuple[CaseRecord, ...]:
        """Return cases whose time to be looked at has come."""
        due = sorted((at, number) for number, at in self._wake.items() if at and at <= now)
        return tuple(self._cases[number] for _, number in due[:most])

    async def counts(self, now: datetime) -> CaseCounts:
        """Return how many are not closed, and how many of them are late."""
        open_ = [one for one in self._cases.values() if one.state is not CaseState.CLOSED]
        return CaseCounts(len(open_), sum(one.late(now) for one in open_))

    async def written(self) -> int:
        """Return how many entries there are."""
        return self._head.n

    async def head(self) -> Head:
        """Return how far the entries go."""
        return self._head

    async def standing(self) -> tuple[Standing, ...]:
        """Return all entries, in the order in which they were written."""
        return tuple(self._standing)


BACKEND = MemoryCases


def _fits(case: CaseRecord, wanted: CaseFilter) -> bool:
    due = _due(case)
    named = ("kind", "owner", "customer", "ani")
    if any(getattr(wanted, name) not in ("", getattr(case, name)) for name in named):
        return False
    if wanted.state is not None and case.state is not wanted.state:
        return False
    if wanted.state is None and not wanted.past and case.state is CaseState.CLOSED:
        return False
    return (
        (wanted.link is None or wanted.link in case.links)
        and (wanted.since is None or case.opened_at >= wanted.since)
        and (wanted.until is None or case.opened_at < wanted.until)
        and (wanted.late is None or (due is not None and due < wanted.late))
    )


def _due(case: CaseRecord) -> datetime | None:
    """Return when the customer must have been answered, as long as they are not."""
    return case.due if case.answered_at is None else None
