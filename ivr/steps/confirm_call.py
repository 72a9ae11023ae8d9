"""The step type `confirm_call`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.centre.customers import FACTS, GROUP
from ivr.centre.factors import say_wrong
from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.centre.levels import SECOND_FACTOR
from ivr.centre.pin import ANSWER_FIGURES
from ivr.model.commands import Script, ask
from ivr.model.digits import Digits
from ivr.model.errors import PortError
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.prompt import Prompted, Spoken
from ivr.model.properties import InputRules
from ivr.model.speech import Escalating, Speech
from ivr.model.step import Context, Step
from ivr.ports.callbacks import ConfirmCall as Confirm
from ivr.ports.callbacks import GetConfirming
from ivr.ports.identity import PinResult

_HELLO, _ENTER = "confirm-call-hello", "confirm-call-enter"


class ConfirmCall(Step, InputFields):
    """Confirm who called, in the bank's own call to the number on file: it raises to level 3.

    The bank proves itself first, by two figures that it told in the first call. Then the four figures
    are asked for that it told as well, and no PIN. The flow that `return`s afterwards goes on in the
    first call's step that wanted a second factor.
    """

    verb: ClassVar[str] = "confirm_call"
    helps: ClassVar[tuple[str, ...]] = ("failed", "locked", "unavailable", "no_input", "nobody")
    """Who did not call wants nothing more."""
    outcomes: ClassVar[dict[str, str]] = {
        "ok": "The figures are right: the call goes on at level 3.",
        "failed": "They were wrong every time, or no valid entry.",
        "locked": "The customer's second factors are locked.",
        "unavailable": "The bank did not answer, or not in time.",
        "no_input": "Nobody keyed anything.",
        "nobody": "The bank has not begun this call, or nothing is to be confirmed any more.",
    }
    normal: ClassVar[str | None] = "ok"
    example: ClassVar[str] = """\
who:
  confirm_call: {}
  on: {ok: granted, failed: end, locked: end, unavailable: end, no_input: end, nobody: end}
"""

    wrong_prompt: Escalating = Field(
        default={1: Speech(("confirm-call-wrong",))},
        description="Said after wrong figures, by count, before the next try.",
    )
    attempts: int = Field(
        2, ge=1, le=5, strict=True, description="How often the figures may be tried (2)."
    )
    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default={1: Speech(("invalid-entry",))},
        description="Said after an entry that is not valid, by count of those.",
    )

    def run(self, context: Context) -> Script[Outcome]:
        try:
            about = yield from ask(GetConfirming(context.session.call_id))
            if about is None:
                return Outcome("nobody")
            rules = context.rules(self.properties())
            return (yield from self._tries(context, self._question(about.sign, rules), rules))
        except PortError:
            return Outcome("unavailable")

    def _tries(self, context: Context, question: Question, rules: InputRules) -> Script[Outcome]:
        failures = 0
        for attempt in range(1, self.attempts + 1):
            entry = yield from gather(context, question, rules)
            failures += entry.failures
            if entry.ended is not Ended.ENTERED or entry.secret is None:
                silent = entry.ended is Ended.NO_INPUT
                return Outcome("no_input" if silent else "failed", failures=failures)
            try:
                result = yield from ask(Confirm(context.session.call_id, entry.secret))
            finally:
                entry.secret.wipe()
            if result is PinResult.RIGHT:
                return Outcome("ok", auth=SECOND_FACTOR, failures=failures)
            if result is PinResult.LOCKED:
                return Outcome("locked", failures=failures)
            failures += 1
            if attempt < self.attempts:
                yield from say_wrong(context, self.wrong_prompt, attempt)
        return Outcome("failed", failures=failures)

    def _question(self, sign: str, rules: InputRules) -> Question:
        return Question(
            prompt={1: Speech((_HELLO,))},
            grammar=Digits(ANSWER_FIGURES, ANSWER_FIGURES, rules.terminator, rules.cancel),
            no_input=self.no_input,
            invalid=self.invalid,
            secret=True,
            then=(Spoken("digits", sign), Prompted(_ENTER)),
        )

    def raises(self) -> int:
        return SECOND_FACTOR

    def facts(self) -> Mapping[str, str]:
        """Those of the first call: it goes on."""
        return {**FACTS, f"{GROUP}.account": "text"}

    def speeches(self) -> Iterator[Speech]:
        yield Speech((_HELLO, _ENTER))
        for speeches in (self.wrong_prompt, self.no_input, self.invalid):
            yield from speeches.values()

    def questions(self) -> Iterator[tuple[Speech, int]]:
        yield Speech((_HELLO, _ENTER)), ANSWER_FIGURES
