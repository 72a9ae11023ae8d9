"""The survey report, from the coverage ledger, the flows that its calls ran, and the floor's diary."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from ivr.adapters.clock import SystemClock
from ivr.adapters.statistics.regression import NoStatistics, fit
from ivr.app.config import Config
from ivr.app.floor.diary import DATABASE, read_diary
from ivr.app.ledger import Ledger, ReleaseError, open_store
from ivr.app.places import place
from ivr.centre.kpi import AgentTimes, Work
from ivr.centre.kpi.intervals import span
from ivr.centre.surveyreport.again import WITHIN, CalledAgain
from ivr.centre.surveyreport.assessment import LEAST_AGENTS
from ivr.centre.surveyreport.call import Call
from ivr.centre.surveyreport.report import Report, Tally, Wanted
from ivr.model.surveys import Question
from ivr.ports.coverage import Asked, CoverageRow

BEFORE = timedelta(days=1)
"""How far before the time the diary is read, for agents who have been at work since."""
Reached = Callable[[datetime], None]
"""Told up to when calls have been counted."""
_PAGE = 1_000
"""Calls that are counted together: what is done to a thousand in turn is done several times faster than a
thousand things to one."""
Questions = Mapping[str, Question]
Told = tuple[CoverageRow, Asked]


async def survey_report(config: Config, wanted: Wanted, now: datetime, reached: Reached) -> Report:
    """Return the figures of the calls that ended on the days wanted, as far as known at `now`.

    Raises ReleaseError where nothing was ever published, PortError.
    """
    zone = ZoneInfo(config.zone)
    since, until = span(wanted.first, zone)[0], min(span(wanted.last, zone)[1], now)
    tally = Tally(wanted)
    async with open_store(config) as store:
        book, ledger = store.coverage, Ledger(store, SystemClock(config.zone))
        asking = _Asking(ledger)
        again = CalledAgain()
        async for begun in book.begun(since, min(until + WITHIN, now)):
            again.take(begun)
        async for page in _pages(book.told(since, until)):
            questions = [await asking.questions(row.version, row.survey) for row, _ in page]
            times = [row.ended_at.astimezone(zone) for row, _ in page]
            afterwards = [again.after(row, now) for row, _ in page]
            tally.take(
                *(
                    Call(row, asked, at, asks, after)
                    for (row, asked), at, asks, after in zip(
                        page, times, questions, afterwards, strict=True
                    )
                )
            )
            reached(times[-1])
        published = (await ledger.state()).in_force
        version = published.version if published else ""
        async for asked in book.asked_of_cases(since, until):
            tally.take_case(asked, await asking.questions(version, asked.survey))
    report = tally.report(_works(config, since, until), tuple(sorted(asking.unknown)))
    if len(report.points) < LEAST_AGENTS:
        return report
    try:
        return msgspec.structs.replace(report, fit=fit(report.points))
    except NoStatistics as error:
        return msgspec.structs.replace(report, unfitted=str(error))


async def _pages(told: AsyncIterator[Told]) -> AsyncIterator[list[Told]]:
    page: list[Told] = []
    async for one in told:
        page.append(one)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


class _Asking:
    """What surveys asked, version by version; `unknown` are those that are not kept."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._versions: dict[str, Mapping[str, Questions]] = {}
        self.unknown: set[str] = set()

    async def questions(self, version: str, survey: str) -> Questions:
        """Return a survey's questions, none where they are not known."""
        if not survey:
            return {}
        if version not in self._versions:
            self._versions[version] = await self._read(version)
        return self._versions[version].get(survey, {})

    async def _read(self, version: str) -> Mapping[str, Questions]:
        try:
            flows = await self._ledger.flows_of(version)
        except ReleaseError:
            self.unknown.add(version)
            return {}
        return {name: sheet.document.questions for name, sheet in flows.surveys.items()}


def _works(config: Config, since: datetime, until: datetime) -> dict[str, Work]:
    ever = datetime.min.replace(tzinfo=UTC), since
    times = AgentTimes(lambda at: (since, until) if at >= since else ever)
    for stamped in read_diary(place(config, DATABASE), UTC, since - BEFORE, until):
        times.take(stamped)
    return {agent: work for (agent, begin), work in times.work(until).items() if begin == since}
