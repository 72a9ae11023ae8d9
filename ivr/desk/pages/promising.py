"""Promising a customer a call: within a window, or now; from a conversation, or about a case."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import msgspec
from starlette.responses import Response

from ivr.desk.guard import Turned, Visit
from ivr.desk.pages.cases import case_parts, reached, worker_of
from ivr.desk.pages.opening import subject
from ivr.desk.reach import Reach
from ivr.ports.callbacks import Kept
from ivr.ports.cases import Link, LinkKind

NOW = timedelta(minutes=15)
"""Who is promised a call now hears from the bank within that time."""
_NUMBER = re.compile(r"[0-9]{3,16}")


class Promise(msgspec.Struct, frozen=True):
    """A call that is wanted: whom, by which queue's agents, and about which case."""

    queue: str
    number: str
    language: str
    customer: str = ""
    about: str = ""


async def to_caller(visit: Visit) -> Response:
    """Promise whoever the agent talks with a call to the number that they call from."""
    caller = subject(visit)
    promise = Promise(caller.queue, caller.ani, caller.language, caller.customer)
    kept = await _schedule(visit, promise)
    await _noted(visit, kept, caller.call_id)
    return _answer(visit, kept)


async def about_case(visit: Visit) -> Response:
    """Promise the customer of a case a call about it, to the number that the case has. A supervisor
    may name another one."""
    worker, case = await reached(visit, Reach.READ)
    typed = visit.form.get("number", "").strip() if worker.sees_all else ""
    queue = visit.form.get("queue", "")
    promise = Promise(queue, typed or case.ani, case.language, case.customer, case.number)
    kept = await _schedule(visit, promise)
    await _noted(visit, kept, case.number)
    if kept.refused is not None:
        return _answer(visit, kept)
    if kept.id:
        acted = await visit.site.cases.link(
            case.number, worker.name, Link(LinkKind.CALLBACK, kept.id)
        )
        case = acted.case or case
    parts = await case_parts(visit, await worker_of(visit), case)
    return _answer(visit, kept, parts["case"])


async def _schedule(visit: Visit, promise: Promise) -> Kept:
    begins, ends = window(visit)
    if not _NUMBER.fullmatch(promise.number):
        raise Turned(422, "no-number")
    return await visit.site.callbacks.schedule(
        promise.queue,
        promise.number,
        promise.language or visit.language,
        begins,
        ends,
        visit.person.agent or visit.person.name,
        customer=promise.customer,
        about=promise.about,
        agent=visit.person.agent,
    )


def window(visit: Visit) -> tuple[datetime, datetime]:
    """Return from when to when the call is promised, in the bank's zone. Raises Turned for what is no
    window, or is over."""
    now = visit.site.clock.now()
    if visit.form.get("when") == "now":
        return now, now + NOW
    try:
        day = date.fromisoformat(visit.form.get("day", ""))
        begins, ends = (
            datetime.combine(day, time.fromisoformat(visit.form.get(name, "")), now.tzinfo)
            for name in ("from", "until")
        )
    except ValueError:
        raise Turned(422, "no-window") from None
    if begins >= ends or ends <= now:
        raise Turned(422, "no-window")
    return begins, ends


async def _noted(visit: Visit, kept: Kept, about: str) -> None:
    what = "desk.callback" + (f".{kept.refused.value}" if kept.refused else "")
    await visit.note(what, about)


def _answer(visit: Visit, kept: Kept, *parts: str) -> Response:
    refused = kept.refused
    notice = f"callback-refused-{refused.value}" if refused else "callback-promised"
    return visit.answer(notice, *parts, bad=refused is not None)
