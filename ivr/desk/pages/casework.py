"""What somebody does to a case by a button: each is one method of the book."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from ivr.desk.guard import Turned, Visit
from ivr.desk.pages.cases import case_parts, reached, worker_of
from ivr.desk.reach import Reach
from ivr.desk.rendering import render
from ivr.model.secret import Secret
from ivr.ports.cases import Acted, CaseBook, CaseRecord, Link, LinkKind
from ivr.ports.staff import Person, Role

Form = Mapping[str, str]
Act = Callable[[CaseBook, str, str, Form], Awaitable[Acted]]
TEXT_MOST = 1_000
_AGENT = re.compile(r"[0-9]{3,6}")
_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")

ACTS: Mapping[str, Act] = {
    "assign": lambda book, number, by, form: book.assign(
        number, by, form.get("to", ""), said(form)
    ),
    "take": lambda book, number, by, form: book.assign(number, by, by, said(form)),
    "escalate": lambda book, number, by, form: book.escalate(number, by, said(form)),
    "complex": lambda book, number, by, form: book.make_complex(number, by, said(form)),
    "accuse": lambda book, number, by, form: book.accuse(number, by, agent_in(form, "agent")),
    "answer": lambda book, number, by, form: book.answer(number, by, said(form)),
    "solve": lambda book, number, by, form: book.solve(number, by, said(form)),
    "close": lambda book, number, by, form: book.finish(number, by),
    "reopen": lambda book, number, by, form: book.reopen(number, by, said(form)),
    "link": lambda book, number, by, form: book.link(number, by, _link(form)),
}
"""What its owner, their desk and supervisors do."""
ADDING: Mapping[str, Act] = {
    "note": lambda book, number, by, form: book.note(number, by, said(form)),
}
"""What everybody does who may read it."""


async def act(visit: Visit) -> Response:
    """Do it, and return the page's parts as they are then."""
    name = visit.request.path_params["act"]
    doing = ACTS.get(name) or ADDING.get(name)
    if doing is None:
        raise Turned(404, "no-page")
    worker, case = await reached(visit, Reach.READ if name in ADDING else Reach.ACT)
    acted = await doing(visit.site.cases, case.number, worker.name, visit.form)
    return await told(visit, case, acted, name)


async def extend(visit: Visit) -> Response:
    """Give a case more time. A supervisor approves with their own name and password, at this desk."""
    worker, case = await reached(visit, Reach.ACT)
    approver = await _approver(visit)
    if approver is None:
        await visit.note("desk.case.extend.credentials", case.number)
        return await _shown(visit, case, "case-no-approver", bad=True)
    by = approver.agent or approver.name
    acted = await visit.site.cases.extend(case.number, worker.name, said(visit.form), by)
    return await told(visit, case, acted, "extend")


async def told(visit: Visit, case: CaseRecord, acted: Acted, name: str) -> Response:
    """Write down what came of an act, and return a notice and the page's parts."""
    refused = acted.refused
    await visit.note(f"desk.case.{name}" + (f".{refused.value}" if refused else ""), case.number)
    notice = f"case-refused-{refused.value}" if refused else f"case-done-{name}"
    return await _shown(visit, acted.case or case, notice, bad=refused is not None)


async def _shown(visit: Visit, case: CaseRecord, notice: str, *, bad: bool) -> Response:
    worker = await worker_of(visit)
    if worker.reach(case) is Reach.NOTHING:
        # Given away: there is nothing more of it to be seen here.
        return visit.answer(notice, render("parts/case_gone.html", visit.language, case=case))
    parts = await case_parts(visit, worker, case)
    return visit.answer(notice, *parts.values(), bad=bad)


async def _approver(visit: Visit) -> Person | None:
    """Return the supervisor who approves; None: there is none by that name and password."""
    name = visit.form.get("approver", "").strip()
    if not visit.site.tries.allows(name.casefold(), visit.site.seconds()):
        raise Turned(429, "too-many")
    password = Secret(visit.form.get("password", "")[:TEXT_MOST])
    try:
        found = await visit.site.staff.check(name, password, visit.source)
    finally:
        password.wipe()
    return found if isinstance(found, Person) and found.role.covers(Role.SUPERVISOR) else None


def said(form: Form) -> str:
    """Return what was written."""
    return form.get("text", "").strip()[:TEXT_MOST]


def agent_in(form: Form, field: str) -> str:
    """Return the agent whom a field names by number. Raises Turned for what is no number."""
    found = form.get(field, "").strip()
    if not _AGENT.fullmatch(found):
        raise Turned(422, "no-agent-number")
    return found


def _link(form: Form) -> Link:
    """Return what a form links. Raises Turned for what cannot be."""
    id_ = form.get("id", "").strip()
    if form.get("kind") not in list(LinkKind) or not _ID.fullmatch(id_):
        raise Turned(422, "no-link")
    return Link(LinkKind(form["kind"]), id_)
