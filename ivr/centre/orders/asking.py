"""Asking for a slot: an entry that is keyed, or one of a list, in pages of eight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from ivr.centre.input import INVALID_PROMPTS, NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.model.commands import Script
from ivr.model.digits import Choices, Grammar
from ivr.model.orders.slot import Filled, Slot
from ivr.model.prompt import Audible
from ivr.model.properties import InputRules
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.model.values import Scalar

KEYS = tuple("12345678")
"""The keys of a page of a list; there are prompts for them (`press-1` …)."""
MORE = "9"
"""The next page of a list; of one with a single page, the same once more."""
MOST_TURNS = 10
"""How often a caller may go to the next page."""

ENDED: Mapping[Ended, str] = {
    Ended.NO_INPUT: "no_input",
    Ended.INVALID: "failed",
    Ended.BACK: "cancelled",
}
"""The order's outcomes for an entry that never came."""

ENTRY_INVALID: Mapping[int, Speech] = {1: Speech(("invalid-entry",))}
CLEARED = Speech(("entry-cleared",))
_MORE = Speech(("order-more",))
PRESS = tuple(Speech((f"press-{key}",)) for key in KEYS)
SPOKEN = (
    *NO_INPUT_PROMPTS.values(),
    *INVALID_PROMPTS.values(),
    *ENTRY_INVALID.values(),
    *(CLEARED, _MORE, *PRESS),
)
"""What may be said while a slot is asked for, beside its own words."""


class Offered(msgspec.Struct, frozen=True):
    """An entry of a list: what is chosen with it, its id first, and how it is offered."""

    value: dict[str, Scalar]
    heard: tuple[Audible, ...]

    @property
    def id(self) -> str:
        """What tells it from the others."""
        return str(next(iter(self.value.values())))


def key_in(
    context: Context,
    rules: InputRules,
    slot: Slot,
    grammar: Grammar,
    value: Callable[[str], Scalar],
) -> Script[Filled]:
    """Ask for a slot that is keyed; `value` makes its value of a valid entry."""
    question = Question(
        prompt=slot.prompt,
        grammar=grammar,
        no_input=NO_INPUT_PROMPTS,
        invalid=slot.invalid or ENTRY_INVALID,
        cleared=CLEARED,
        back=True,
    )
    entry = yield from gather(context, question, rules)
    if entry.ended is not Ended.ENTERED:
        return Filled(ended=ENDED[entry.ended], failures=entry.failures)
    return Filled(value(entry.digits), failures=entry.failures)


def pick(
    context: Context,
    rules: InputRules,
    prompt: Mapping[int, Speech],
    offered: Sequence[Offered],
    invalid: Mapping[int, Speech] | None = None,
) -> Script[Filled]:
    """Ask for one of a list; `MORE` leads to its next page, and after the last to the first."""
    pages = [offered[at : at + len(KEYS)] for at in range(0, len(offered), len(KEYS))]
    several = len(pages) > 1
    for turn in range(MOST_TURNS):
        page = pages[turn % len(pages)]
        keys = KEYS[: len(page)]
        question = Question(
            prompt=prompt,
            grammar=Choices((*keys, MORE) if several else keys),
            no_input=NO_INPUT_PROMPTS,
            invalid=invalid or INVALID_PROMPTS,
            repeat="" if several else MORE,
            back=True,
            then=_announced(context, page, more=several),
            offers=tuple((offer.id, offer.heard) for offer in page),
        )
        entry = yield from gather(context, question, rules)
        if entry.ended is not Ended.ENTERED:
            return Filled(ended=ENDED[entry.ended], failures=entry.failures)
        if entry.digits != MORE:
            chosen = page[KEYS.index(entry.digits)]
            return Filled(chosen.value, failures=entry.failures)
    return Filled(ended=ENDED[Ended.INVALID])


def _announced(context: Context, page: Sequence[Offered], *, more: bool) -> tuple[Audible, ...]:
    heard = tuple(
        item
        for offer, press in zip(page, PRESS, strict=False)
        for item in (*offer.heard, *context.audible(press))
    )
    return heard + context.audible(_MORE) if more else heard
