"""Opening a case from a call: whom it is about and where they came through the menu are filled in."""

from __future__ import annotations

import re
from uuid import uuid4

from starlette.responses import HTMLResponse, Response

from ivr.desk.guard import Turned, Visit
from ivr.desk.pages.casework import agent_in, said
from ivr.desk.rendering import render
from ivr.ports.agents import AgentState
from ivr.ports.cases import Link, LinkKind, NewCase
from ivr.ports.floor import CallerView

_KEY = re.compile(r"[0-9a-f]{32}")
STEPS = 12
"""So much of the way through the menu is kept: its end."""


async def form(visit: Visit) -> Response:
    """The form, for whoever the agent talks with or has just talked with; or none any more."""
    if visit.form.get("leave"):
        return HTMLResponse(render("parts/nothing.html", visit.language))
    subject(visit)
    return HTMLResponse(await case_form(visit))


async def case_form(visit: Visit, kind: str = "", text: str = "") -> str:
    """Return the form. Its key makes one case of it, however often it is sent. Raises PortError."""
    kinds = await visit.site.cases.kinds()
    values = {"kinds": kinds, "kind": kind, "text": text, "key": uuid4().hex}
    return render("parts/new_case.html", visit.language, **values)


async def opens(visit: Visit) -> Response:
    """Open it, and say where it is."""
    caller = subject(visit)
    key, kind = visit.form.get("key", ""), visit.form.get("kind", "")
    offered = {one.name for one in await visit.site.cases.kinds()}
    if not _KEY.fullmatch(key) or kind not in offered:
        raise Turned(422, "not-a-form")
    summary = said(visit.form)
    if not summary:
        raise Turned(422, "case-refused-empty")
    accused = (agent_in(visit.form, "accused"),) if visit.form.get("accused", "").strip() else ()
    case = await visit.site.cases.open(
        NewCase(
            key=f"desk:{key}",
            kind=kind,
            by=visit.person.agent,
            summary=summary,
            customer=caller.customer,
            ani=caller.ani,
            language=caller.language or visit.language,
            accused=accused,
            links=(Link(LinkKind.CALL, caller.call_id),),
            facts=_facts(caller),
        )
    )
    visit.site.records.forget(caller)
    await visit.note("desk.case.open", case.number)
    opened = render("parts/opened.html", visit.language, case=case)
    return visit.answer("case-done-open", opened)


def subject(visit: Visit) -> CallerView:
    """Return the caller whom the agent has, or had until wrap-up. Raises Turned."""
    seen, last = visit.site.watch.seen, visit.session.last
    view = seen.agent(visit.person.agent)
    caller = seen.caller(view)
    if caller is not None:
        return caller
    wrapping_up = view is not None and view.state is AgentState.WRAP_UP
    if wrapping_up and last is not None and view is not None and last.call_id == view.call_id:
        return last
    raise Turned(409, "no-caller")


def _facts(caller: CallerView) -> dict[str, str]:
    """Return what is known of the call: for the owner, who was not there."""
    path = " › ".join(caller.steps[-STEPS:])
    found = {"queue": caller.queue, "level": str(caller.level), "path": path}
    return {name: text for name, text in found.items() if text}
