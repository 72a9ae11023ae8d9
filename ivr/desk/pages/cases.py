"""Cases: the list of those somebody reaches, and one with all that has happened to it. Both are live."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import msgspec
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from ivr.desk.casewatch import MOST
from ivr.desk.guard import Turned, Visit
from ivr.desk.reach import Reach, Worker
from ivr.desk.rendering import differing, render
from ivr.desk.watch import LOOK_S
from ivr.model.errors import PortError
from ivr.ports.cases import CaseFilter, CaseRecord, CaseState

SHOWN = 200
"""Rows of a list; more are found by a filter."""
AGAIN = timedelta(minutes=1)
"""How old the times that are left may be on a page that is looked at."""
SOON = timedelta(days=3)
"""So long before its customer must be answered a case presses."""
OWN_SHOWN = 8
ASKED = "asked"
MINE, TEAM, ALL = "mine", "team", "all"

Parts = Callable[[], Awaitable[dict[str, str]]]


class Wanted(msgspec.Struct, frozen=True):
    """What a list is of, as its form has it: whose (`mine`, with those of the own desks `team`, or
    `all` that are reached), of which kind and customer, only late ones, open or closed."""

    whose: str = ""
    kind: str = ""
    customer: str = ""
    late: bool = False
    closed: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str], worker: Worker) -> Wanted:
        """Read the form; what it does not say is what the worker is likely to want."""
        usual = ALL if worker.sees_all else TEAM
        whose = query.get("whose", "")
        return cls(
            whose if whose in (MINE, TEAM, ALL) else usual,
            query.get("kind", ""),
            query.get("customer", "").strip(),
            query.get("late") == "1",
            query.get("closed") == "1",
        )

    def has(self, case: CaseRecord, worker: Worker, now: datetime) -> bool:
        """Whether a case is one of the list."""
        owners = {MINE: frozenset((worker.name,)), TEAM: worker.owners}.get(self.whose)
        return (
            worker.reach(case) > Reach.NOTHING
            and (owners is None or case.owner in owners)
            and self.kind in ("", case.kind)
            and self.customer in ("", case.customer, case.number)
            and (not self.late or case.late(now))
        )


class Listing:
    """A list in somebody's hands. Most of what happens to cases is about others: nothing is rendered
    for that."""

    def __init__(self, visit: Visit, worker: Worker, wanted: Wanted) -> None:
        self._visit = visit
        self._worker = worker
        self._wanted = wanted
        self._source: object = None
        self._text = ""

    async def __call__(self) -> dict[str, str]:
        """Return the part of the page. Raises PortError."""
        site, now = self._visit.site, self._visit.site.clock.now()
        found, problem = await self._found()
        chosen = [case for case in found if self._wanted.has(case, self._worker, now)]
        values = {"cases": chosen[:SHOWN], "count": len(chosen), "problem": problem}
        source = (values, now.replace(second=0, microsecond=0))
        if source != self._source:
            more = {"now": now, "offers": site.offers}
            self._text = render("parts/case_list.html", self._visit.language, **values, **more)
            self._source = source
        return {"list": self._text}

    async def _found(self) -> tuple[tuple[CaseRecord, ...], str]:
        """Return the cases to choose from, and why they may be old."""
        site = self._visit.site
        if self._wanted.closed:
            closed = CaseFilter(state=CaseState.CLOSED, kind=self._wanted.kind, most=MOST)
            return await site.cases.find(closed), ""
        return site.casewatch.seen.cases, site.casewatch.seen.problem


async def worker_of(visit: Visit) -> Worker:
    """Return who visits, as somebody who works on cases. Raises PortError."""
    agent = visit.person.agent
    desks = await visit.site.cases.desks_of(agent or visit.person.name)
    seen = visit.site.watch.seen
    return Worker(visit.person, desks, seen.caller(seen.agent(agent)))


async def branches_of(visit: Visit) -> tuple[str, ...]:
    """Return the branches whose staff the visitor is. Raises PortError."""
    return await visit.site.cases.branches_of(visit.person.agent or visit.person.name)


async def own(visit: Visit) -> str:
    """Return the part of a page with the cases that wait for the visitor or their desks: those they were
    reminded of or that came up the ladder to them, and those whose customer is to be answered soon."""
    worker, now = await worker_of(visit), visit.site.clock.now()
    found = [
        one
        for one in visit.site.casewatch.seen.cases
        if one.owner in worker.owners and one.answered_at is None and _presses(one, now)
    ]
    values = {"cases": found[:OWN_SHOWN], "count": len(found), "now": now}
    return render("parts/own_cases.html", visit.language, offers=visit.site.offers, **values)


async def own_events(visit: Visit) -> Response:
    """The same, as it changes."""

    async def parts() -> dict[str, str]:
        return {"own": await own(visit)}

    return _stream(visit, parts)


def _presses(case: CaseRecord, now: datetime) -> bool:
    near = case.due is not None and case.due - now < SOON
    return bool(case.reminded or case.escalated) or near


async def listed(visit: Visit) -> Response:
    """The list, those to be answered first before others."""
    worker = await worker_of(visit)
    wanted = Wanted.of(visit.request.query_params, worker)
    return visit.page(
        "cases.html",
        wanted=wanted,
        worker=worker,
        kinds=visit.site.offers.case_kinds(visit.language),
        part=(await Listing(visit, worker, wanted)())["list"],
        query=visit.request.url.query,
        branches=await branches_of(visit),
        active="cases",
    )


async def list_events(visit: Visit) -> Response:
    """The list, as it changes."""
    worker = await worker_of(visit)
    wanted = Wanted.of(visit.request.query_params, worker)
    return _stream(visit, Listing(visit, worker, wanted))


async def one(visit: Visit) -> Response:
    """One case."""
    worker, case = await reached(visit, Reach.READ)
    await visit.note("desk.case", case.number)
    return visit.page(
        "case.html",
        case=case,
        parts=await case_parts(visit, worker, case),
        offers=visit.site.offers,
        sees_all=worker.sees_all,
        today=visit.site.clock.now().date(),
        active="cases",
    )


async def one_events(visit: Visit) -> Response:
    """One case, as it changes."""
    await reached(visit, Reach.READ)

    async def parts() -> dict[str, str]:
        worker, found = await reached(visit, Reach.READ)
        return await case_parts(visit, worker, found)

    return _stream(visit, parts)


async def reached(visit: Visit, least: Reach) -> tuple[Worker, CaseRecord]:
    """Return who visits, and the case that they want. Raises Turned where they may not, PortError."""
    number = visit.request.path_params["number"]
    case = await visit.site.cases.get(number)
    if case is None:
        raise Turned(404, "no-case")
    worker = await worker_of(visit)
    if worker.reach(case) < least:
        await visit.note("desk.case.forbidden", number)
        accused = worker.name in case.accused
        raise Turned(403, "case-accused" if accused else "case-not-yours")
    return worker, case


async def case_parts(visit: Visit, worker: Worker, case: CaseRecord) -> dict[str, str]:
    """Return the parts of a case's page."""
    site = visit.site
    values = {
        "case": case,
        "acting": worker.reach(case) is Reach.ACT,
        "worker": worker,
        "now": site.clock.now(),
        "offers": site.offers,
    }
    # Whether customers are asked about cases is nothing that who works on them is to know.
    entries = [one for one in await site.cases.history(case.number) if one.act != ASKED]
    linked = await site.records.linked(case)
    owners = [one for one in await site.cases.owners() if one != case.owner]
    return {
        "case": render("parts/case.html", visit.language, entries=entries, linked=linked, **values),
        "acts": render("parts/case_acts.html", visit.language, owners=owners, **values),
    }


def _stream(visit: Visit, parts: Parts) -> Response:
    changes = _changes(visit, parts)
    return EventSourceResponse(changes, ping=15, headers={"X-Accel-Buffering": "no"})


async def _changes(visit: Visit, parts: Parts) -> AsyncIterator[ServerSentEvent]:
    """The parts that are others than before: when the book changes, and for the time that is left."""
    site = visit.site
    number, looked, shown = -1, site.clock.now(), dict[str, str]()
    while visit.lasts:
        seen = await site.casewatch.after(number, LOOK_S)
        if seen.number <= number and site.clock.now() < looked + AGAIN:
            continue
        number, looked = seen.number, site.clock.now()
        try:
            now = await parts()
        except PortError:
            continue
        except Turned as turned:
            # It is somebody else's now. The page is loaded again when nobody types in it.
            notice = render("notice.html", visit.language, notice=turned.why, bad=True)
            yield ServerSentEvent(notice, event="patch")
            yield ServerSentEvent("again", event="again")
            return
        if changed := differing(shown, now):
            yield ServerSentEvent("".join(changed.values()), event="patch")
        shown = now
    if not site.closing:
        yield ServerSentEvent("over", event="over")
