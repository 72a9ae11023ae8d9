"""The step type `change_pin`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.centre.customers import GROUP
from ivr.centre.factors import say_wrong
from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.model.commands import Script, ask
from ivr.model.digits import MAX_DIGITS, Digits
from ivr.model.errors import EvaluationError, PortError
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.secret import Secret
from ivr.model.speech import Escalating, Speech, first
from ivr.model.step import Context, Step
from ivr.ports.identity import ChangePin, PinChange

PIN_DIGITS = 6
"""How long a new PIN is."""


class ChangePinStep(Step, InputFields):
    """Have the caller choose another PIN: the old one, and the new one twice.

    It belongs behind `requires: {auth: 2}`. All are read with nothing typed ahead, go to the bank and
    nowhere else. The bank refuses a new PIN that is easy to guess: runs, repeated digits, dates, digits
    of the account, the commonest ones. A wrong old one counts as any wrong PIN.
    """

    verb: ClassVar[str] = "change_pin"
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        "done": "The PIN is changed.",
        "failed": "Every try failed: the old one was wrong, or no new one was good. It is as it was.",
        "locked": "The account is locked after too many wrong PINs.",
        "unavailable": "The bank did not answer, or not in time: nobody knows which PIN it is now.",
        "no_input": "The caller keyed nothing.",
        "invalid": "The caller keyed no valid PIN.",
    }
    optional: ClassVar[dict[str, str]] = {"back": "The caller pressed the cancel key twice (`**`)."}
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
change-pin:
  change_pin: {}
  requires: {auth: 2}
  on:
    done: pin-changed
    failed: menu
    locked: agent
    unavailable: agent
    no_input: menu
    invalid: menu
    refused: menu
"""

    old_prompt: Escalating = Field(
        default={1: Speech(("enter-old-pin",))}, description="Asks for the PIN as it is."
    )
    new_prompt: Escalating = Field(
        default={1: Speech(("enter-new-pin",))}, description="Asks for the new PIN."
    )
    again_prompt: Escalating = Field(
        default={1: Speech(("repeat-new-pin",))}, description="Asks for the new PIN once more."
    )
    wrong_prompt: Escalating = Field(
        default={1: Speech(("wrong-pin",))}, description="Said after a wrong old PIN, by count."
    )
    differ_prompt: Escalating = Field(
        default={1: Speech(("pins-differ",))},
        description="Said where the two new PINs are not the same, by count.",
    )
    weak_prompt: Escalating = Field(
        default={1: Speech(("pin-too-easy",))},
        description="Said of a new PIN that is easy to guess, by count.",
    )
    attempts: int = Field(3, ge=1, le=5, strict=True, description="How many tries there are (3).")
    pin_least: int = Field(
        4, ge=1, le=MAX_DIGITS, strict=True, description="Fewest digits of the old PIN."
    )
    pin_most: int = Field(
        12, ge=1, le=MAX_DIGITS, strict=True, description="Most digits of the old PIN."
    )
    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default={1: Speech(("invalid-entry",))},
        description="Said after an entry that is not valid, by count of those.",
    )
    cleared: Speech = Field(
        default=Speech(("entry-cleared",)), description="Said when the caller cleared the entry."
    )

    def run(self, context: Context) -> Script[Outcome]:
        facts = context.session.facts.get(GROUP)
        account = facts.get("account") if isinstance(facts, Mapping) else None
        if not isinstance(account, str):
            raise EvaluationError(
                "whose PIN it is, is not known: put requires: {auth: 2} before it"
            )
        keyed: dict[str, Secret] = {}
        try:
            return (yield from self._tries(context, account, keyed))
        except PortError:
            return Outcome("unavailable")
        finally:
            for secret in keyed.values():
                secret.wipe()

    def _tries(self, context: Context, account: str, keyed: dict[str, Secret]) -> Script[Outcome]:
        """Ask for what is not `keyed` yet, try it, and forget what was wrong."""
        rules = context.rules(self.properties())
        old = Digits(self.pin_least, self.pin_most, rules.terminator, rules.cancel)
        new = Digits(PIN_DIGITS, PIN_DIGITS, rules.terminator, rules.cancel)
        asked = {
            "old": self._question(context, self.old_prompt, old),
            "new": self._question(context, self.new_prompt, new),
            "again": self._question(context, self.again_prompt, new),
        }
        failures = 0
        for attempt in range(1, self.attempts + 1):
            for name in [one for one in asked if one not in keyed]:
                entry = yield from gather(context, asked[name], rules)
                failures += entry.failures
                if entry.ended is not Ended.ENTERED or entry.secret is None:
                    return Outcome(entry.ended, failures=failures)
                keyed[name] = entry.secret
            said = yield from self._changed(context, account, keyed)
            if isinstance(said, str):
                return Outcome(said, failures=failures)
            failures += 1
            for name in ("old", "new", "again")[said is not self.wrong_prompt :]:
                keyed.pop(name).wipe()
            if attempt < self.attempts:
                yield from say_wrong(context, said, attempt)
        return Outcome("failed", failures=failures)

    def _changed(
        self, context: Context, account: str, keyed: Mapping[str, Secret]
    ) -> Script[str | Mapping[int, Speech]]:
        """Return the outcome, or what to say before it is tried once more. Raises PortError."""
        if not keyed["new"].matches(keyed["again"].reveal()):
            return self.differ_prompt
        session = context.session
        change = yield from ask(
            ChangePin(account, keyed["old"], keyed["new"], session.ani, session.trunk)
        )
        match change:
            case PinChange.CHANGED:
                return "done"
            case PinChange.LOCKED:
                return "locked"
            case PinChange.WEAK:
                return self.weak_prompt
        return self.wrong_prompt

    def _question(self, context: Context, prompt: Mapping[int, Speech], digits: Digits) -> Question:
        return Question(
            prompt=prompt,
            grammar=digits,
            no_input=self.no_input,
            invalid=self.invalid,
            cleared=self.cleared,
            back="back" in context.wired,
            secret=True,
            what="pin",
        )

    def speeches(self) -> Iterator[Speech]:
        for speeches in (
            *(self.old_prompt, self.new_prompt, self.again_prompt),
            *(self.wrong_prompt, self.differ_prompt, self.weak_prompt),
            *(self.no_input, self.invalid),
        ):
            yield from speeches.values()
        yield self.cleared

    def questions(self) -> Iterator[tuple[Speech, int]]:
        yield first(self.old_prompt), self.pin_least
        yield first(self.new_prompt), PIN_DIGITS
        yield first(self.again_prompt), PIN_DIGITS
