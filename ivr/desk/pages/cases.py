"""Open cases: all of them, or one."""

from __future__ import annotations

from starlette.responses import Response

from ivr.desk.guard import Turned, Visit


async def listed(visit: Visit) -> Response:
    """The open cases, the oldest first; `owner` chooses."""
    owner = visit.request.query_params.get("owner", "")
    found = await visit.site.records.cases()
    owners = sorted({one.owner for one in found})
    chosen = [one for one in found if owner in ("", one.owner)]
    return visit.page("cases.html", cases=chosen, owners=owners, owner=owner, active="cases")


async def one(visit: Visit) -> Response:
    """One case."""
    number = visit.request.path_params["number"]
    found = next((one for one in await visit.site.records.cases() if one.number == number), None)
    if found is None:
        raise Turned(404, "no-case")
    await visit.note("desk.case", number)
    return visit.page("case.html", case=found, active="cases")
