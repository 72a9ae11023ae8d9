"""Who did what on desks and telephones."""

from __future__ import annotations

from starlette.responses import Response

from ivr.desk.guard import Visit

LAST = 200


async def page(visit: Visit) -> Response:
    """The end of the trail, the latest first."""
    lines = await visit.site.staff.trail(LAST)
    return visit.page("audit.html", lines=lines[::-1], active="audit")
