"""An agent's own page: how they stand, who calls, and what can be done about it.

It consists of parts. Each is sent again only when it has changed, so what somebody is typing in
another one stays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import RedirectResponse, Response

from ivr.centre.agents import allowed
from ivr.desk.guard import Visit
from ivr.desk.pages.cases import own
from ivr.desk.progress import progress
from ivr.desk.rendering import differing, render
from ivr.desk.watch import LOOK_S, Seen
from ivr.ports.agents import AgentView
from ivr.ports.staff import Role

PARTS = ("state", "controls", "caller", "progress")


async def page(visit: Visit) -> Response:
    """The page. Who takes no calls is shown the wallboard instead, if they may see it."""
    person, seen = visit.person, visit.site.watch.seen
    view = seen.agent(person.agent)
    if view is None and person.role.covers(Role.SUPERVISOR):
        return RedirectResponse("/wallboard", 303)
    if not person.agent:
        return RedirectResponse("/cases", 303)
    types = await visit.site.dictation.types(visit.language)
    found = await parts(visit, seen, view)
    today = visit.site.clock.now().date()
    waiting = await own(visit)
    return visit.page(
        "desk.html", parts=found, own=waiting, types=types, today=today, active="desk"
    )


async def events(visit: Visit) -> Response:
    """The page's parts, as they change."""
    return EventSourceResponse(_changes(visit), ping=15, headers={"X-Accel-Buffering": "no"})


async def _changes(visit: Visit) -> AsyncIterator[ServerSentEvent]:
    site, agent = visit.site, visit.person.agent
    number, source, shown = 0, object(), dict[str, str]()
    while visit.lasts:
        seen = await site.watch.after(number, LOOK_S)
        if seen.number <= number:
            continue
        number, view = seen.number, seen.agent(agent)
        # Most of what happens on a floor is about others: nothing is rendered for that.
        last, source = source, (view, seen.caller(view), seen.problem)
        if source == last:
            continue
        now = await parts(visit, seen, view)
        if changed := differing(shown, now):
            yield ServerSentEvent("".join(changed.values()), event="patch")
        shown = now
    if not site.closing:
        yield ServerSentEvent("over", event="over")


async def parts(visit: Visit, seen: Seen, view: AgentView | None) -> dict[str, str]:
    """Return the parts of the page, for an agent who stands like this."""
    caller = seen.caller(view)
    if caller is not None:
        visit.session.last = caller
    card = await visit.site.records.card(caller) if caller is not None else None
    values = {
        "view": view,
        "agent": visit.person.agent,
        "caller": caller,
        "card": card,
        "problem": seen.problem,
        "offers": visit.site.offers,
        "can": {one.value for one in allowed(view.state)} if view is not None else set(),
        "progress": progress(caller, visit.language),
    }
    return {name: render(f"parts/{name}.html", visit.language, **values) for name in PARTS}
