"""The wallboard: queues, agents and alerts as they are now, for supervisors."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import HTMLResponse, Response

from ivr.desk.guard import Turned, Visit
from ivr.desk.pages.acting import telephone
from ivr.desk.rendering import render
from ivr.desk.watch import LOOK_S
from ivr.ports.agents import AgentView, Spying


async def page(visit: Visit) -> Response:
    """The wallboard."""
    seen = visit.site.watch.seen
    wall = visit.site.wall(visit.language)
    parts = {name: part.text for name, part in wall.parts(seen).items()}
    return visit.page("wallboard.html", parts=parts, number=seen.number, active="wallboard")


async def events(visit: Visit) -> Response:
    """What changes on it since the board that the page was made of."""
    after = visit.request.query_params.get("after", "")
    number = int(after) if after.isascii() and after.isdecimal() and len(after) < 12 else 0
    return EventSourceResponse(
        _changes(visit, number), ping=15, headers={"X-Accel-Buffering": "no"}
    )


async def _changes(visit: Visit, number: int) -> AsyncIterator[ServerSentEvent]:
    site = visit.site
    wall = site.wall(visit.language)
    began = min(number, site.watch.seen.number)
    number = began
    while visit.lasts:
        seen = await site.watch.after(number, LOOK_S)
        if seen.number <= number:
            continue
        newer = wall.newer(seen, number)
        if wall.layout > began:
            yield ServerSentEvent("again", event="again")
            return
        number = seen.number
        if newer:
            yield ServerSentEvent(newer, event="patch")
    if not site.closing:
        yield ServerSentEvent("over", event="over")


async def agent(visit: Visit) -> Response:
    """One agent, with what a supervisor can do."""
    view = visit.site.watch.seen.agent(visit.request.path_params["agent"])
    if view is None:
        raise Turned(404, "no-page")
    return HTMLResponse(_one(visit, view, fresh=True))


async def spy(visit: Visit) -> Response:
    """Listen to, whisper to, or join an agent's call."""
    try:
        how = Spying(visit.form.get("how", ""))
    except ValueError:
        raise Turned(422, "not-a-form") from None
    name = visit.form.get("agent", "")
    view = visit.site.watch.seen.agent(name)
    if view is None:
        raise Turned(422, "refused-target")
    visit.session.telephone = telephone(visit.form)
    done = await visit.site.agents.spy(visit.person.name, visit.session.telephone, name, how)
    what = f"desk.spy.{how.value}" + (f".{done.refused.value}" if done.refused else "")
    await visit.note(what, name)
    notice = f"refused-{done.refused.value}" if done.refused else f"done-{how.value}"
    shown = _one(visit, view, fresh=False)
    return visit.answer(notice, shown, bad=done.refused is not None)


def _one(visit: Visit, view: AgentView, *, fresh: bool) -> str:
    """Return the part of the page that is about one agent; a fresh one gets the focus."""
    values = {
        "view": view,
        "caller": visit.site.watch.seen.caller(view),
        "offers": visit.site.offers,
        "telephone": visit.session.telephone,
        "fresh": fresh,
    }
    return render("wall/one.html", visit.language, **values)
