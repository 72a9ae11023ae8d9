"""Orders that an agent writes down: each slot is read by the code that reads what callers key.

A slot asks its question; instead of the caller, what was written answers it. So the same is valid,
and nothing is guessed: what is missing or not possible goes back to the agent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import msgspec

from ivr.centre.input import Ended, Entry, Question
from ivr.centre.orders.asking import MORE
from ivr.centre.orders.form import VISIT, WRITTEN
from ivr.centre.orders.visit import Over, form_of
from ivr.model.commands import Instant, Script, ask
from ivr.model.digits import Choices, Grammar
from ivr.model.keyed import POINT, Amount, Day
from ivr.model.orders import OrderType
from ivr.model.orders.slot import Filled, Slot
from ivr.model.outcome import Stay
from ivr.model.properties import InputRules
from ivr.model.step import Context
from ivr.model.world import Answer, World

INCOMPLETE, CHANGED = "incomplete", "change"
"""How an order ends beside the ways of one that is keyed: it goes back to the agent."""

Note = Callable[[Question], None]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class ReadWritten(Instant[object, str], frozen=True):
    """Is this what was asked for? Answered with its keys; empty where it is not possible. Of a list
    it is one of the `ids`, in the order of its keys.

    It is a command so that a proof need not know what agents write.
    """

    port: ClassVar[str] = "orders"
    answer: ClassVar[type] = str
    text: str
    grammar: Grammar
    ids: tuple[str, ...] = ()

    def answers(self, world: World) -> Iterator[Answer]:
        yield Answer(value="")
        if isinstance(self.grammar, Choices):
            yield from (Answer(value=key, sure=False) for key in self.grammar.keys[: len(self.ids)])
            return
        for keys in dict.fromkeys(self.grammar.examples(world.entries, "1" * 20, world.compared)):
            entry = keys.rstrip("#")
            if entry and self.grammar.is_valid(entry):
                yield Answer(value=entry, sure=False)

    def perform_now(self, port: object) -> str:
        if isinstance(self.grammar, Choices):
            keys = dict(zip(self.ids, self.grammar.keys, strict=False))
            return keys.get(self.text, "")
        entry = _keys(self.text, self.grammar)
        return entry if entry and self.grammar.is_valid(entry) else ""


def take(
    context: Context, slot: Slot, text: str, rules: InputRules, note: Note | None = None
) -> Script[Filled]:
    """Return a slot's value as it was written; `ended` where it is not possible. `note` is told each
    question that would have been asked. Raises PortError and EvaluationError."""
    answering = _Answering(text, note)
    filled = yield from slot.ask(msgspec.structs.replace(context, asking=answering.asked), rules)
    value = filled.value
    if filled.ended or answering.answered or not isinstance(value, dict):
        return filled
    # The only one of a list is taken without asking; was it meant?
    only = str(value["id"])
    meant = yield from ask(ReadWritten(text, Choices(("1",)), (only,)))
    return filled if meant else Filled(value, ended=INCOMPLETE)


class _Answering:
    """Answers the question of a slot by what was written."""

    def __init__(self, text: str, note: Note | None) -> None:
        self._text = text
        self._note = note
        self.answered = False

    def asked(self, context: Context, question: Question, rules: InputRules) -> Script[Entry]:
        self.answered = True
        if self._note is not None:
            self._note(question)
        grammar, ids = question.grammar, tuple(one for one, _ in question.offers)
        entry = yield from ask(ReadWritten(self._text, grammar, ids))
        if entry:
            return Entry(Ended.ENTERED, entry)
        if isinstance(grammar, Choices) and MORE in grammar.keys:
            return Entry(Ended.ENTERED, MORE)  # it may be on the next page
        return Entry(Ended.INVALID)


def fill(context: Context, order: OrderType, name: str, rules: InputRules) -> Script[Stay | Over]:
    """Fill a slot with what was written for it; one that was opened again goes back to the agent."""
    form = form_of(context)
    if form[VISIT]["rounds"]:
        return Over(INCOMPLETE, about=name)
    written: Mapping[str, Any] = form[WRITTEN]
    filled = yield from take(context, order.slots[name], str(written.get(name, "")), rules)
    if filled.ended:
        return Over(INCOMPLETE, about=name)
    return Stay({name: filled.value})


def change(context: Context, order: OrderType, rules: InputRules) -> Script[Stay | Over]:
    """Leave it to the agent to change what the caller wants changed."""
    yield from ()
    return Over(CHANGED)


def _keys(text: str, grammar: Grammar) -> str:
    """Return what is keyed for a text: an amount with its point, a day without its hyphens."""
    if not text.isascii() or POINT in text:
        return ""
    match grammar:
        case Amount():
            return text.replace(".", POINT)
        case Day():
            return text.replace("-", "") if _DAY.fullmatch(text) else text
        case _:
            return text
