"""What branches were told of their customers, and what they have replied: tracked to its end. A branch's
staff see and answer what their branch was told; supervisors see all, and take replies for good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from starlette.responses import Response

from ivr.centre.voc.feedback import FeedbackError, Tracked, close, reply, tracked
from ivr.desk.guard import Turned, Visit
from ivr.desk.pages.cases import branches_of
from ivr.desk.pages.casework import said
from ivr.desk.rendering import render
from ivr.ports.staff import Role
from ivr.ports.voc import Acts

Decide = Callable[[Mapping[str, Tracked], str, str], Acts]
ACTS: Mapping[str, Decide] = {"reply": reply, "close": close}


async def page(visit: Visit) -> Response:
    """What is not closed, what is late first; or all."""
    every = visit.request.query_params.get("all") == "1"
    part = await _part(visit, every=every)
    return visit.page("feedback.html", part=part, every=every, active="feedback")


async def act(visit: Visit) -> Response:
    """Write down a branch's reply, or take it for good."""
    name = visit.request.path_params["act"]
    decide = ACTS.get(name)
    if decide is None:
        raise Turned(404, "no-page")
    feedback = visit.form.get("feedback", "")
    if decide is close and not _sees_all(visit):
        raise Turned(403, "forbidden")
    try:
        done = decide(await _tracked(visit), feedback, said(visit.form))
    except FeedbackError:
        await visit.note(f"desk.feedback.{name}.refused", feedback)
        raise Turned(422, f"feedback-refused-{name}") from None
    by = visit.person.agent or visit.person.name
    await asyncio.to_thread(visit.site.feedback.append, by, done)
    await visit.note(f"desk.feedback.{name}", feedback)
    return visit.answer(f"feedback-done-{name}", await _part(visit))


async def _part(visit: Visit, *, every: bool = False) -> str:
    now = visit.site.clock.now()
    found = [
        (one, one.standing(now))
        for one in (await _tracked(visit)).values()
        if every or one.closed_at is None
    ]
    found.sort(key=lambda pair: (bool(pair[0].closed_at), bool(pair[0].reply), pair[0].sent.due))
    more = {"found": found, "now": now, "sees_all": _sees_all(visit)}
    return render("parts/feedback.html", visit.language, **more)


async def _tracked(visit: Visit) -> dict[str, Tracked]:
    """Return what the visitor may see. Raises Turned for who has to do with none, PortError."""
    found = tracked(await asyncio.to_thread(visit.site.feedback.entries))
    if _sees_all(visit):
        return found
    branches = await branches_of(visit)
    if not branches:
        await visit.note("desk.forbidden", visit.request.url.path)
        raise Turned(403, "forbidden")
    return {name: one for name, one in found.items() if one.sent.branch in branches}


def _sees_all(visit: Visit) -> bool:
    return visit.person.role.covers(Role.SUPERVISOR)
