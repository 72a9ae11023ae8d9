"""Filling in an order or a payment for a caller, and leaving them alone with the machine for it."""

from __future__ import annotations

import re
from uuid import uuid4

from starlette.responses import HTMLResponse, Response

from ivr.desk.drafts import Draft
from ivr.desk.guard import Turned, Visit
from ivr.desk.pages.acting import told
from ivr.desk.rendering import render
from ivr.ports.dictation import DictationForm
from ivr.ports.errands import IDENTITY, ORDER, PAYMENT, ErrandEnd
from ivr.ports.floor import CallerView
from ivr.ports.waiting import Errand

AUTHORISED = frozenset({ErrandEnd.POSTED, ErrandEnd.REJECTED, ErrandEnd.UNKNOWN})
"""Ends of an errand after which its order is in the ledger."""
SLOT = "slot-"
"""What the names of a form's slots begin with."""
_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_NUMBER = re.compile(r"[0-9]{4,20}")


async def order(visit: Visit) -> Response:
    """Take what was typed, and show the form as it is then."""
    caller = _caller(visit)
    name = visit.form.get("order", "")
    if not _NAME.fullmatch(name):
        raise Turned(422, "no-order")
    draft = visit.session.draft
    if (
        draft is None
        or (draft.call_id, draft.order) != (caller.call_id, name)
        or over(draft, caller)
    ):
        draft = visit.session.draft = Draft(caller.call_id, name)
        await visit.note("desk.dictate", f"{caller.call_id} {name}")
    draft.take(
        {key.removeprefix(SLOT): text for key, text in visit.form.items() if key.startswith(SLOT)}
    )
    return HTMLResponse(_rendered(visit, await _form(visit, draft)))


async def again(visit: Visit) -> Response:
    """Open a slot again, or leave the whole order."""
    draft = _draft(visit, _caller(visit))
    slot = visit.form.get("open", "")
    if not slot:
        visit.session.draft = None
        return HTMLResponse(render("parts/nothing.html", visit.language))
    draft.forget(slot)
    return HTMLResponse(_rendered(visit, await _form(visit, draft)))


async def authorise(visit: Visit) -> Response:
    """Leave the caller alone with the machine: it reads the order back and takes the PIN."""
    draft = _draft(visit, _caller(visit))
    form = await _form(visit, draft)
    if not form.complete:
        return HTMLResponse(_rendered(visit, form))
    draft.handed_off = True
    return await _leave_alone(visit, ORDER, draft.order, dict(draft.written))


async def payment(visit: Visit) -> Response:
    """Have the caller pay a merchant's order: its number is dictated, the card is only ever keyed."""
    number = visit.form.get("number", "").strip()
    if not _NUMBER.fullmatch(number):
        raise Turned(422, "no-merchant-order")
    return await _leave_alone(visit, PAYMENT, number, {})


async def identity(visit: Visit) -> Response:
    """Have the caller show who they are."""
    return await _leave_alone(visit, IDENTITY, "", {})


def over(draft: Draft, caller: CallerView) -> bool:
    """Whether an order was authorised: the next one begins anew, and nothing is ordered twice. One
    that the caller wants changed is still there."""
    return draft.handed_off and caller.progress.partition(" ")[0] in AUTHORISED


async def _leave_alone(visit: Visit, kind: str, name: str, written: dict[str, str]) -> Response:
    caller = _caller(visit)
    errand = Errand(uuid4().hex, kind, name, dict(written))
    done = await visit.site.agents.hand_off(visit.person.agent, errand)
    what = f"desk.errand.{kind}" + (f".{done.refused.value}" if done.refused else "")
    await visit.note(what, caller.call_id)
    more = ""
    if done.refused is None:
        more = render("parts/nothing.html", visit.language)
    return await told(visit, visit.site.watch.seen, done, "done-errand", more)


async def _form(visit: Visit, draft: Draft) -> DictationForm:
    asked = visit.site.dictation.form(
        draft.call_id, draft.order, visit.language, dict(draft.written)
    )
    return draft.shown(await asked)


def _rendered(visit: Visit, form: DictationForm) -> str:
    first = next((one.name for one in form.fields if not one.value or one.problem), "")
    return render("parts/order.html", visit.language, form=form, first=first, prefix=SLOT)


def _caller(visit: Visit) -> CallerView:
    seen = visit.site.watch.seen
    caller = seen.caller(seen.agent(visit.person.agent))
    if caller is None:
        raise Turned(409, "no-caller")
    return caller


def _draft(visit: Visit, caller: CallerView) -> Draft:
    draft = visit.session.draft
    if draft is None or draft.call_id != caller.call_id:
        raise Turned(409, "no-draft")
    return draft
