"""The flows that calls run: what the ledger says is in force, and older versions for older calls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from msgspec.structs import replace

from ivr.adapters.flowfile import LoadResult
from ivr.adapters.prompts.catalogue import Catalogue
from ivr.adapters.sim.prompts import SimPrompts
from ivr.app.config import Config
from ivr.app.ledger import ReleaseError, stored_flows
from ivr.centre.releases import (
    LedgerError,
    Release,
    State,
    follow,
    opened,
    salvaged,
    version_for,
    versions,
)
from ivr.engine.check import Known, check
from ivr.model.calendar import Override
from ivr.model.errors import FlowError
from ivr.model.flow import FlowSet
from ivr.model.problem import Problem, Severity
from ivr.ports.clock import Clock
from ivr.ports.releases import Sealed
from ivr.ports.store import Store

_LOG = logging.getLogger(__name__)

MOST_SETS = 16
"""Sets of flows held in memory; those of older calls are read again when one comes back."""

PAST = timedelta(days=2)
"""How long after its day an override may still matter somewhere: zones differ, nights are long."""


def known(config: Config, catalogue: Catalogue | None) -> Known:
    """Return what flows may use: prompts (not checked without a catalogue) and destinations.

    A prompt whose recording is still to be made is heard for as long as its text would take.
    """
    names = Known(
        destinations=frozenset(config.destinations),
        limits=config.limits.limits(),
    )
    if catalogue is None:
        return names
    texts = {language: catalogue.texts(language) for language in catalogue.languages}
    return replace(
        names,
        prompts={language: catalogue.ids(language) for language in catalogue.languages},
        heard=SimPrompts(texts, catalogue.resolve),
    )


def verified(loaded: LoadResult, names: Known) -> tuple[FlowSet | None, tuple[Problem, ...]]:
    """Check flows as they were loaded; the set is None when a problem is an error."""
    problems = (*loaded.problems, *check(loaded.sound, names, loaded.broken))
    bad = any(problem.severity is Severity.ERROR for problem in problems)
    return (None if bad else loaded.flow_set), problems


async def nothing() -> None:
    """Prepare nothing."""


class Published:
    """Follows the ledger. `prepare` is awaited before flows that are new here come into force.

    Whatever is wrong with the ledger, the disk or a release, what is in force stays so.
    """

    def __init__(
        self, store: Store, clock: Clock, prepare: Callable[[], Awaitable[None]] = nothing
    ) -> None:
        self._store = store
        self._clock = clock
        self._prepare = prepare
        self._folded = State()
        self._sets: dict[str, FlowSet] = {}
        self._last: Release | None = None
        self._looking = asyncio.Lock()

    @property
    def state(self) -> State:
        """What the ledger says now, as far as it was looked at."""
        return self._folded.at(self._clock.now())

    @property
    def serving(self) -> Release:
        """The release that new calls run. Raises FlowError before the first."""
        for release in reversed(self.state.history):
            if release.version in self._sets:
                return release
        if self._last is None:
            raise FlowError("the ledger has no release that can be run; see `ivr releases`")
        return self._last

    @property
    def current(self) -> FlowSet:
        """The flows of the release that new calls run. Raises FlowError before the first."""
        return self._sets[self.serving.version]

    def for_call(self, ani: str, call_id: str) -> FlowSet:
        """Return the flows that a new call runs. Raises FlowError before the first release."""
        version = version_for(self.state, ani, call_id)
        return self._sets.get(version or "") or self.current

    def overrides(self, calendar: str) -> tuple[Override, ...]:
        """Return the overridden days of a calendar, as the Overrides port does."""
        oldest = self._clock.now().date() - PAST
        return tuple(
            one for one in self._folded.overrides if one.calendar == calendar and one.day >= oldest
        )

    async def look(self) -> None:
        """Look at the ledger, and take what is new.

        Raises LedgerError and PortError; what was in force stays so then. Before the first release
        there is nothing to stay on: what can be relied on of a broken ledger is in force then.
        """
        async with self._looking:
            number, head = await self._store.releases.head()
            folded = self._folded
            if number < folded.number or (number == folded.number and head != folded.head):
                raise LedgerError(f"entry {folded.number} of the ledger was taken back or replaced")
            if number > folded.number:
                new = await self._store.releases.since(folded.number)
                await self._take(self._followed(new))
                # Not the whole ledger at each start.
                for entry in map(opened, new) if folded.number else ():
                    _LOG.info(
                        "ledger entry %d: %s, by %s: %s",
                        *(entry.number, entry.act.words, entry.who, entry.why),
                    )
            self._announce()

    async def version(self, version: str) -> FlowSet:
        """Return a set by its hash, for a call that began on it. Raises ReleaseError, PortError."""
        flow_set = self._sets.get(version)
        if flow_set is None:
            flow_set = self._sets[version] = await stored_flows(self._store, version)
        return flow_set

    def _followed(self, new: Sequence[Sealed]) -> State:
        try:
            return follow(self._folded, new)
        except LedgerError as error:
            if self._folded.number:
                raise
            _LOG.error(
                "the ledger is broken, and calls are answered on what can be relied on of it: %s; "
                "see `ivr releases --verify`, then restore the store from a backup",
                error,
            )
            return salvaged(new)

    async def _take(self, state: State) -> None:
        """Load what new calls may run now or soon; where that is damaged, the release before it."""
        known = set(self._sets)
        now = state.at(self._clock.now())
        tried = {version: await self._loaded(version) for version in versions(now)}
        for release in reversed(now.history):
            if release.version not in tried:
                tried[release.version] = await self._loaded(release.version)
            if tried[release.version]:
                break
        if self._sets.keys() - known:
            await self._prepare()
        self._folded = state
        for version in [one for one in self._sets if one not in versions(now)]:
            if len(self._sets) > MOST_SETS and version != self.serving.version:
                del self._sets[version]

    async def _loaded(self, version: str) -> bool:
        """Load a version; return whether it can be run. Raises PortError."""
        try:
            await self.version(version)
        except ReleaseError as error:
            _LOG.error("a release is refused, what is in force stays so: %s", error)
        return version in self._sets

    def _announce(self) -> None:
        serving = self.serving
        if serving != self._last:
            self._last = serving
            name = f"release {serving.number} (version {serving.version[:12]})"
            _LOG.info("%s is in force for new calls", name)
