"""Which of the last calls would have ended elsewhere on other flows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from ivr.adapters.flowfile import load
from ivr.app.config import Config
from ivr.app.ledger import Ledger, ReleaseError, open_ledger, stored_flows
from ivr.centre.releases.kinds.publishing import Publishing
from ivr.engine.against import Against, Comparison, Verdict
from ivr.engine.journal import JournalError
from ivr.engine.replay import Divergence
from ivr.model.flow import FlowSet
from ivr.ports.store import CallFilter, Store


class Compared(msgspec.Struct, frozen=True):
    """A call with what came of its comparison; or why it cannot be compared at all."""

    call_id: str
    comparison: Comparison | None
    problem: str = ""

    @property
    def unknown(self) -> str:
        """Why nobody can tell where it would have ended; empty where one can."""
        return self.comparison.unknown if self.comparison is not None else self.problem


class Tally(msgspec.Struct, frozen=True):
    """What came of all calls, the newest first, on the candidate of this `version`."""

    version: str
    calls: tuple[Compared, ...]

    def of(self, verdict: Verdict) -> list[Compared]:
        """Return the calls of which this came."""
        return [one for one in self.calls if _verdict(one) is verdict]

    @property
    def rerouted(self) -> int:
        """How many end where they did, but on another way."""
        same = (one.comparison for one in self.of(Verdict.SAME))
        return sum(one is not None and one.rerouted for one in same)

    def unknown(self) -> list[tuple[str, int]]:
        """Return why calls cannot be told, with how many, most first."""
        return Counter(one.unknown for one in self.of(Verdict.UNKNOWN)).most_common()


async def against(
    config: Config,
    candidate: str,
    last: int,
    since: datetime | None = None,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> Tally:
    """Compare the last calls that are over with what they would be on a candidate: a folder of flows,
    a release's number, or (the beginning of) a version. `report` is told how many of how many are done.

    Raises FlowError, ReleaseError, PortError.
    """
    async with open_ledger(config) as ledger:
        flows = await _candidate(ledger, candidate)
        compare = _Comparing(ledger.store, Against(flows, config.limits.limits()))
        wanted = CallFilter(since=since, last=last)
        calls = [call async for call in ledger.store.calls(wanted) if call.ended is not None]
        compared: list[Compared] = []
        for call in calls:
            compared.append(await compare.call(call.call_id, call.version))
            report(len(compared), len(calls))
    return Tally(flows.version, tuple(compared))


class _Comparing:
    """Compares stored calls; the flows of each version are loaded once."""

    def __init__(self, store: Store, against: Against) -> None:
        self._store = store
        self._against = against
        self._flows: dict[str, FlowSet] = {}

    async def call(self, call_id: str, version: str) -> Compared:
        """Compare one call."""
        try:
            flows = await self._version(version)
            journal = await self._store.journal.read(call_id)
            return Compared(call_id, self._against.compare(flows, journal))
        except (ReleaseError, JournalError) as error:
            return Compared(call_id, None, str(error))
        except Divergence as error:
            return Compared(call_id, None, f"its journal is not whole: it {error}")

    async def _version(self, version: str) -> FlowSet:
        if version not in self._flows:
            self._flows[version] = await stored_flows(self._store, version)
        return self._flows[version]


async def _candidate(ledger: Ledger, name: str) -> FlowSet:
    if (flows := await asyncio.to_thread(_folder, Path(name))) is not None:
        return flows
    if name.isdecimal() and len(name) < 8:
        return await ledger.flows(int(name))
    acts = (entry.act for entry in await ledger.entries())
    versions = {act.version for act in acts if isinstance(act, Publishing)}
    found = [version for version in versions if version.startswith(name)]
    if len(found) != 1:
        what = "is the beginning of several versions" if found else "is no folder and no version"
        raise ReleaseError(f"`{name}` {what}; `ivr releases` lists the releases")
    return await ledger.flows_of(found[0])


def _folder(path: Path) -> FlowSet | None:
    return load(path) if path.is_dir() else None


def _verdict(one: Compared) -> Verdict:
    return one.comparison.verdict if one.comparison is not None else Verdict.UNKNOWN


class Group(msgspec.Struct, frozen=True):
    """Calls that ended in one place, would end in one other, and part from their way at one step."""

    example: Comparison
    calls: tuple[str, ...]


def groups(tally: Tally) -> list[Group]:
    """Return the calls that would end elsewhere, alike ones together, the most first."""
    alike: dict[Comparison, list[str]] = {}
    for one in tally.of(Verdict.ELSEWHERE):
        if one.comparison is not None:
            alike.setdefault(one.comparison, []).append(one.call_id)
    found = [Group(comparison, tuple(calls)) for comparison, calls in alike.items()]
    return sorted(found, key=lambda group: -len(group.calls))
