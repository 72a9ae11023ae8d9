"""What an agent does by a button: each is one method of the port `Agents`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from ivr.desk.guard import Turned, Visit
from ivr.desk.pages.desk import parts
from ivr.desk.pages.opening import case_form
from ivr.desk.watch import Seen
from ivr.model.secret import Secret
from ivr.ports.agents import Agents, Done

Form = Mapping[str, str]
NOTE_MOST = 500
_TARGET = re.compile(r"(agent|branch):[0-9]{3,6}|queue:[a-z0-9_-]{1,64}")
_TELEPHONE = re.compile(r"[A-Za-z0-9_-]{1,40}")


async def _login(agents: Agents, agent: str, form: Form) -> Done:
    pin = Secret(form.get("pin", "")[:NOTE_MOST])
    try:
        return await agents.login(agent, pin, telephone(form))
    finally:
        pin.wipe()


ACTS: Mapping[str, Callable[[Agents, str, Form], Awaitable[Done]]] = {
    "login": _login,
    "logout": lambda agents, agent, form: agents.logout(agent),
    "ready": lambda agents, agent, form: agents.ready(agent),
    "pause": lambda agents, agent, form: agents.pause(agent, form.get("reason", "")),
    "extend": lambda agents, agent, form: agents.extend(agent),
    "dispose": lambda agents, agent, form: agents.dispose(
        agent, form.get("disposition", ""), form.get("note", "")[:NOTE_MOST]
    ),
    "hold": lambda agents, agent, form: agents.hold(agent),
    "resume": lambda agents, agent, form: agents.resume(agent),
    "consult": lambda agents, agent, form: agents.consult(agent, _target(form)),
    "complete": lambda agents, agent, form: agents.complete(agent),
    "transfer": lambda agents, agent, form: agents.transfer(agent, _target(form)),
}


async def act(visit: Visit) -> Response:
    """Do it, and return the page's parts as they are then."""
    name = visit.request.path_params["act"]
    doing = ACTS.get(name)
    if doing is None or not visit.person.agent:
        raise Turned(404, "no-page")
    seen = visit.site.watch.seen
    caller = seen.caller(seen.agent(visit.person.agent))
    done = await doing(visit.site.agents, visit.person.agent, visit.form)
    what = f"desk.agent.{name}" + (f".{done.refused.value}" if done.refused else "")
    await visit.note(what, caller.call_id if caller else "")
    more = await _case(visit) if name == "dispose" and done.refused is None else ""
    return await told(visit, seen, done, f"done-{name}", more)


async def _case(visit: Visit) -> str:
    """Return the form of a case, where a call was about what there is a kind of cases for."""
    kind = visit.form.get("disposition", "")
    if kind not in {one.id for one in visit.site.offers.case_kinds(visit.language)}:
        return ""
    return await case_form(visit, kind, visit.form.get("note", "")[:NOTE_MOST])


async def told(visit: Visit, seen: Seen, done: Done, good: str, more: str = "") -> Response:
    """Return what came of a wish: a notice and the page's parts, and `more` of the page."""
    notice = f"refused-{done.refused.value}" if done.refused else good
    view = done.view or seen.agent(visit.person.agent)
    found = await parts(visit, visit.site.watch.seen, view)
    return visit.answer(notice, *found.values(), more, bad=done.refused is not None)


def telephone(form: Form) -> str:
    """Return the telephone that a form names. Raises Turned for what is none."""
    found = form.get("endpoint", "").strip()
    if not _TELEPHONE.fullmatch(found):
        raise Turned(422, "no-telephone")
    return found


def _target(form: Form) -> str:
    """Return where a caller goes: an agent, a queue or a branch by its number or name, never a
    telephone number."""
    found = f"{form.get('kind', '')}:{form.get('target', '').strip().lower()}"
    if not _TARGET.fullmatch(found):
        raise Turned(422, "refused-target")
    return found
