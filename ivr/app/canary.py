"""The guardrail at work: it reads how calls went, and takes a harmful release back by itself."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from ivr.app.ledger import Ledger
from ivr.centre.canary import Canary, wrongs
from ivr.centre.guardrail import Guardrail, Report
from ivr.centre.guardrail import State as Verdict
from ivr.centre.releases import State
from ivr.centre.releases.kinds.canary import EndCanary, Ending
from ivr.ports.clock import Clock
from ivr.ports.releases import LedgerMoved
from ivr.ports.store import CallRecord, Store

_LOG = logging.getLogger(__name__)

WHO = "guardrail"
"""Who ends a trial, if no person does."""

AT_ONCE = 500
"""Calls that are weighed before callers have their turn: an engine that starts reads a day of them."""

_ENDINGS = {Verdict.HARMFUL: Ending.ROLLED_BACK, Verdict.EXPIRED: Ending.EXPIRED}


class Watch:
    """Follows the trial in force, if there is one: each look reads the calls that ended since.

    Only calls that began during the trial and are over count, each once it is as old as the trial's
    settings ask. Every node and every command that looks reads the same calls, and so comes to the
    same verdict.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._trial = 0
        self._mark = 0
        self._guardrail: Guardrail | None = None
        self._waiting: list[tuple[datetime, int, CallRecord]] = []
        self._count = count()
        self._looking = asyncio.Lock()

    async def look(self, state: State) -> Report | None:
        """Return what is known of the trial in `state`, None without one. Raises PortError."""
        async with self._looking:
            trial, stable = state.canary, state.in_force
            if trial is None or stable is None:
                self._guardrail = None
                return None
            if self._guardrail is None or self._trial != trial.number:
                self._trial, self._mark, self._waiting = trial.number, 0, []
                self._guardrail = Guardrail(trial.settings)
            now = self._clock.now()
            await self._read(trial, stable.version)
            await self._weigh(self._guardrail, trial, now)
            return self._guardrail.report(now - trial.since)

    async def _read(self, trial: Canary, stable: str) -> None:
        """Read the calls that ended since the last look, with the time from which they count."""
        settled = timedelta(seconds=trial.settings.settle)
        self._mark, calls = await self._store.ended(trial.since, self._mark)
        for call in calls:
            if call.ended is not None and trial.counts(call, stable):
                from_then = max(call.ended, call.started + settled)
                heappush(self._waiting, (from_then, next(self._count), call))

    async def _weigh(self, guardrail: Guardrail, trial: Canary, now: datetime) -> None:
        """Give the guardrail the calls that count by now."""
        weighed = 0
        while self._waiting and self._waiting[0][0] <= now:
            call = heappop(self._waiting)[-1]
            share, caller = trial.share_at(call.started), call.ani or call.call_id
            guardrail.take(caller, trial.took(call), share, wrongs(call))
            weighed += 1
            if weighed % AT_ONCE == 0:
                await asyncio.sleep(0)


class Keeper:
    """Ends the trial in force when the guardrail has decided."""

    def __init__(self, watch: Watch, ledger: Ledger) -> None:
        self._watch = watch
        self._ledger = ledger
        self._told: tuple[int, float] | None = None

    async def keep(self, state: State) -> Ending | None:
        """Look at the trial in `state` once; return how it was ended here, if it was.

        All nodes do so, and one of them is first: the others find that the ledger has moved on.
        Raises PortError.
        """
        trial = state.canary
        self._tell(trial)
        report = await self._watch.look(state)
        if trial is None or report is None:
            return None
        ending = _ending(trial, report.state)
        if ending is None:
            return None
        try:
            act = EndCanary(trial.number, ending)
            await self._ledger.append(act, why=report.reason, who=WHO, after=state)
        except LedgerMoved:
            return None
        _LOG.warning("canary %d %s: %s", trial.number, ending, report.reason)
        return ending

    def _tell(self, trial: Canary | None) -> None:
        """Log what new calls of this node hear from now on."""
        before, self._told = self._told, (trial.number, trial.share) if trial else None
        if trial and self._told != before:
            _LOG.info("canary %d is heard by %g %% of callers", trial.number, 100 * trial.share)
        elif before and not trial:
            _LOG.info("canary %d is over", before[0])


def _ending(trial: Canary, verdict: Verdict) -> Ending | None:
    if verdict is Verdict.HARMLESS and trial.auto_promote:
        return Ending.PROMOTED
    return _ENDINGS.get(verdict)
