"""The step type `called_back`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.centre.input import INVALID_PROMPTS, NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices
from ivr.model.errors import PortError
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.prompt import BargeIn
from ivr.model.speech import Escalating, Speech
from ivr.model.step import Context, Step
from ivr.ports.callbacks import GetCallback, TellWish, Wish
from ivr.ports.channel import Play

_PROMPT = Speech(("callback-hello", "callback-take"))
_WISHES: Mapping[str, Wish] = {"1": Wish.NOW, "2": Wish.LATER, "3": Wish.NEVER}
_SAID: Mapping[Wish, Speech] = {
    Wish.LATER: Speech(("callback-later",)),
    Wish.NEVER: Speech(("callback-cancelled",)),
}


class CalledBack(Step, InputFields):
    """Ask a customer whom the bank calls back whether they want to talk now: 1 now, 2 later, 3 never.

    An answering machine presses nothing: it is tried again, as after a telephone that nobody answers.
    The `queue` step that follows has the callback's queue and place, whatever its own name is.
    """

    verb: ClassVar[str] = "called_back"
    helps: ClassVar[tuple[str, ...]] = ("later", "never", "no_input", "nobody", "unavailable")
    """Who did not call wants nothing more."""
    outcomes: ClassVar[dict[str, str]] = {
        "now": "The customer wants to talk: send them to a queue.",
        "later": "The customer wants to be called again.",
        "never": "The customer needs no call any more.",
        "no_input": "Nobody pressed a key, or no valid one.",
        "nobody": "The bank has not begun this call, or the callback is over.",
        "unavailable": "It cannot be told now.",
    }
    normal: ClassVar[str | None] = "now"
    example: ClassVar[str] = """\
hello:
  called_back: {}
  on: {now: agent, later: end, never: end, no_input: end, nobody: end, unavailable: end}
"""

    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default=dict(INVALID_PROMPTS), description="Said after a wrong key, by count of those."
    )

    def run(self, context: Context) -> Script[Outcome]:
        call_id = context.session.call_id
        try:
            if (yield from ask(GetCallback(call_id))) is None:
                return Outcome("nobody")
            entry = yield from gather(context, self._question(), context.rules(self.properties()))
            if entry.ended is not Ended.ENTERED:
                return Outcome("no_input", failures=entry.failures)
            wish = _WISHES[entry.digits]
            yield from ask(TellWish(call_id, wish))
        except PortError:
            return Outcome("unavailable")
        if wish in _SAID:
            yield from ask(Play(context.audible(_SAID[wish]), bargein=BargeIn.ANY))
        return Outcome(wish.value, failures=entry.failures)

    def _question(self) -> Question:
        return Question(
            prompt={1: _PROMPT},
            grammar=Choices(tuple(_WISHES)),
            no_input=self.no_input,
            invalid=self.invalid,
        )

    def keys(self) -> Iterator[str]:
        yield from _WISHES

    def speeches(self) -> Iterator[Speech]:
        yield _PROMPT
        yield from _SAID.values()
        for speeches in (self.no_input, self.invalid):
            yield from speeches.values()

    def questions(self) -> Iterator[tuple[Speech, int]]:
        yield _PROMPT, 1
