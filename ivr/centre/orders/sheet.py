"""The form of an order type as an agent sees it: what is to be filled in, and what is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from ivr.centre.input import Question
from ivr.centre.orders.form import ITEM, scope_with
from ivr.centre.orders.slots.choose import ChooseSlot
from ivr.centre.orders.written import take
from ivr.model.commands import Script
from ivr.model.errors import EvaluationError
from ivr.model.orders import OrderType, Slot
from ivr.model.prompt import Audible
from ivr.model.properties import InputRules
from ivr.model.step import Context

MISSING, INVALID, LATER = "missing", "invalid", "later"
"""What is wrong with a line: nothing is written, what is written is not possible, or it depends on
another line that is not filled in."""

Offers = tuple[tuple[str, tuple[Audible, ...]], ...]


class Line(msgspec.Struct, frozen=True):
    """A slot to be filled in: its kind, what it is called, what is written, and what is offered."""

    name: str
    kind: str
    label: tuple[Audible, ...]
    text: str = ""
    offers: Offers = ()
    problem: str = ""


def sheet(
    context: Context, order: OrderType, written: Mapping[str, str], rules: InputRules
) -> Script[tuple[Line, ...]]:
    """Return the lines that there are, given what is written: each slot as it would be asked for by
    telephone, in its order, and only where it would be. Raises PortError."""
    lines: list[Line] = []
    form: dict[str, Any] = {}
    for name, slot in order.slots.items():
        here = _with(context, form)
        if not _wanted(here, slot):
            continue
        line = Line(name, slot.kind, here.audible(slot.name), written.get(name, ""))
        try:
            line, value = yield from _read(here, slot, line, rules)
        except EvaluationError:
            line, value = replace(line, problem=LATER), None
        lines.append(line)
        if value is not None:
            form[name] = value
    return tuple(lines)


def _wanted(context: Context, slot: Slot) -> bool:
    """Whether a slot is asked for, as far as that can be told yet."""
    try:
        return slot.when is None or context.evaluate(slot.when) is True
    except EvaluationError:
        return False


def _read(context: Context, slot: Slot, line: Line, rules: InputRules) -> Script[tuple[Line, Any]]:
    asked: list[Question] = []
    filled = yield from take(context, slot, line.text, rules, asked.append)
    offers = tuple(offer for question in asked for offer in question.offers)
    value = filled.value
    if isinstance(slot, ChooseSlot) and not asked and isinstance(value, dict):
        offers = ((str(value["id"]), slot.item.audible(scope_with(context, {ITEM: value}))),)
    wrong = INVALID if line.text else MISSING
    line = replace(line, offers=tuple(dict(offers).items()), problem=wrong if filled.ended else "")
    return line, None if filled.ended else value


def _with(context: Context, form: Mapping[str, Any]) -> Context:
    frame = replace(context.session.frame, form=dict(form))
    return replace(context, session=context.session.with_frame(frame))
