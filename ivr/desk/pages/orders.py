"""One order, as its ledger has it: what was read back, who authorised it, and what became of it.

Of account numbers a page has the last four digits; what authorises an order was never in the ledger.
"""

from __future__ import annotations

import re

from starlette.responses import Response

from ivr.app.evidence import Evidence, heard, lines
from ivr.centre.ledger.chain import NotGenuine
from ivr.desk.guard import Turned, Visit
from ivr.desk.pages.cases import worker_of
from ivr.desk.reach import Reach
from ivr.ports.cases import CaseFilter, Link, LinkKind
from ivr.ports.ledger import OrderRecord, Wanted

_NAME = re.compile(r"[0-9]{8}|[0-9a-f]{32}")


async def one(visit: Visit) -> Response:
    """The page of an order, by its reference or id."""
    name = visit.request.path_params["name"]
    found = await _found(visit, name)
    if found is None:
        raise Turned(404, "no-order")
    if not await _reaches(visit, found):
        await visit.note("desk.order.forbidden", name)
        raise Turned(403, "order-not-yours")
    entries = await visit.site.ledger.entries(found.draft.id)
    try:
        told = lines(Evidence(found, entries), visit.language)
    except NotGenuine:
        raise Turned(409, "order-changed") from None
    await visit.note("desk.order", name)
    prompts = visit.site.offers.prompts(found.draft.language)
    return visit.page(
        "order.html",
        record=found,
        order=found.order,
        kind=await _kind(visit, found.draft.kind),
        entries=told,
        heard=heard(found.said.text, prompts) if found.said else "",
        slots={
            name: str(value) for name, value in (found.said.slots if found.said else {}).items()
        },
        offers=visit.site.offers,
        active="",
    )


async def _found(visit: Visit, name: str) -> OrderRecord | None:
    if not _NAME.fullmatch(name):
        return None
    found = await visit.site.ledger.select(Wanted(name=name, most=1))
    return found[0] if found else None


async def _reaches(visit: Visit, record: OrderRecord) -> bool:
    """Whether the visitor may see an order: supervisors any, agents those of the caller they have or had
    last, and those that cases which they reach are linked to. Anybody can link anything, so a case has to
    be of the same customer."""
    worker, last, draft = await worker_of(visit), visit.session.last, record.draft
    if worker.sees_all or (last is not None and last.call_id == draft.call_id):
        return True
    cases = [
        case
        for name in filter(None, (draft.id, record.reference))
        for case in await visit.site.cases.find(
            CaseFilter(past=True, customer=draft.customer, link=Link(LinkKind.ORDER, name))
        )
    ]
    return bool(draft.customer) and any(worker.reach(case) > Reach.NOTHING for case in cases)


async def _kind(visit: Visit, name: str) -> str:
    """Return what a type of orders is called; one that is offered no more, by its name."""
    types = await visit.site.dictation.types(visit.language)
    return next((one.text for one in types if one.id == name), name)
