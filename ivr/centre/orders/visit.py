"""What the visits of an `order` step have in common.

The step runs once for each thing that it asks, and stays: a call that comes back on a new connection
goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from ivr.centre.customers import GROUP, customer_number
from ivr.centre.orders.form import ORDER, VISIT, Changes, cleared
from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError, PortError
from ivr.model.orders import OrderType
from ivr.model.outcome import Stay
from ivr.model.prompt import BargeIn
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.ports.channel import Play
from ivr.ports.orders import CancelOrder, Draft

CHANGE, SIGN = "change", "sign"
"""What is asked next, where all slots are filled: what to change, or the PIN. Else: to confirm."""


class Over(msgspec.Struct, frozen=True):
    """The order ends here, by an outcome of the step, and nothing has happened. `say` tells why, and
    `about` names the slot that it ended for, if there is one."""

    outcome: str
    say: Speech | None = None
    failures: int = 0
    about: str = ""


def form_of(context: Context) -> Mapping[str, Any]:
    """Return what the step keeps."""
    return context.session.frame.form


def order_of(context: Context) -> str:
    """Return the id of the order that was begun."""
    ident: str = form_of(context)[ORDER]["id"]
    return ident


def visit(context: Context, **changes: Any) -> Changes:
    """Return the change that sets how far the step has come."""
    return {VISIT: {**form_of(context)[VISIT], **changes}}


def next_round(context: Context, stage: str = "", **changes: Any) -> Changes:
    """Return the change that has the order read back once more."""
    return visit(context, stage=stage, rounds=form_of(context)[VISIT]["rounds"] + 1, **changes)


def reopened(context: Context, order: OrderType, slot: str, say: Speech) -> Script[Stay]:
    """Say why a slot is asked for again, and have it asked for."""
    yield from told(context, say)
    return Stay({**cleared(order, slot), **next_round(context)})


def money_slot(order: OrderType) -> str | None:
    """Return the slot of the amount, where there is exactly one."""
    found = [name for name, slot in order.slots.items() if slot.fields() == {"": "money"}]
    return found[0] if len(found) == 1 else None


def told(context: Context, speech: Speech) -> Script[None]:
    """Say what the caller must hear; keys pressed before and meanwhile were meant for something else."""
    heard = context.audible(speech)
    yield from ask(Play(heard, bargein=BargeIn.NONE, flush=True))


def draft(context: Context, order: OrderType, ident: str, now: datetime) -> Draft:
    """Return the order as it is begun. Raises EvaluationError where nobody is identified."""
    session = context.session
    customer = customer_number(session)
    if customer is None:
        raise EvaluationError("nobody is identified who could give an order")
    account = account_of(context)
    return Draft(ident, order.name, session.call_id, customer, account, session.language, now)


def account_of(context: Context) -> str:
    """Return the account whose PIN authorises orders; empty where the caller has shown none."""
    facts = context.session.facts.get(GROUP)
    account = facts.get("account") if isinstance(facts, Mapping) else None
    return account if isinstance(account, str) else ""


def begun_in(context: Context) -> str:
    """Return the id of the order that was begun; empty where none was."""
    return order_of(context) if ORDER in form_of(context) else ""


def cancel(begun: str) -> Script[None]:
    """Take back what was begun, if anything was; where that fails, it is never authorised all the same."""
    if not begun:
        return
    try:
        yield from ask(CancelOrder(begun))
    except PortError:
        return
