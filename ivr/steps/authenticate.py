"""The step type `authenticate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.centre.customers import FACTS, GROUP, customer_facts
from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Entry, Question, gather
from ivr.model.commands import Script, ask
from ivr.model.digits import MAX_DIGITS, Digits
from ivr.model.errors import EvaluationError, PortError
from ivr.model.expressions import Expression
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.prompt import BargeIn
from ivr.model.properties import InputRules
from ivr.model.secret import Secret
from ivr.model.speech import Escalating, Speech, TextField, escalate, first
from ivr.model.step import Context, Step
from ivr.model.values import Scalar
from ivr.ports.channel import Play
from ivr.ports.identity import PinResult, VerifyPin

VERIFIED = 2
"""The auth level of who has shown a PIN."""

_ENDED: Mapping[Ended, str] = {
    Ended.NO_INPUT: "no_input",
    Ended.INVALID: "failed",
    Ended.BACK: "back",
}
"""Outcomes for an entry that never came: who keys no valid PIN is not authenticated."""


class Authenticate(Step, InputFields):
    """Make sure who is calling: account number and PIN raise the caller to level 2.

    Sets the facts `customer.number`, `.name`, `.segment`, `.language`, `.products` and `.account`.
    An unknown account and a wrong PIN sound the same. The PIN is read with nothing typed ahead,
    goes to the bank and nowhere else. The bank counts wrong PINs over all calls, and locks the
    account.
    """

    verb: ClassVar[str] = "authenticate"
    outcomes: ClassVar[dict[str, str]] = {
        "ok": "The PIN is right; the caller is at level 2.",
        "failed": "Every try was wrong, or no valid entry.",
        "locked": "The account is locked after too many wrong PINs.",
        "unavailable": "The bank did not answer, or not in time.",
        "no_input": "The caller keyed nothing.",
    }
    optional: ClassVar[dict[str, str]] = {"back": "The caller pressed the cancel key twice (`**`)."}
    normal: ClassVar[str | None] = "ok"
    raises: ClassVar[int] = VERIFIED
    example: ClassVar[str] = """\
who:
  authenticate:
    account_prompt: enter-account
    pin_prompt: enter-pin
    wrong_prompt: wrong-account-or-pin
  on:
    ok: main-menu
    failed: agent
    locked: agent
    unavailable: agent
    no_input: agent
    back: main-menu
"""

    account: TextField | None = Field(
        None, description="The account; if it is not given, the caller is asked for it."
    )
    account_prompt: Escalating = Field(
        default={1: Speech(("enter-account",))}, description="Asks for the account number."
    )
    pin_prompt: Escalating = Field(
        default={1: Speech(("enter-pin",))}, description="Asks for the PIN."
    )
    wrong_prompt: Escalating = Field(
        default={1: Speech(("wrong-account-or-pin",))},
        description="Said after a wrong PIN or unknown account, by count, before the next try.",
    )
    attempts: int = Field(
        3, ge=1, le=5, strict=True, description="How many PINs the caller may try (3)."
    )
    account_least: int = Field(
        4, ge=1, le=MAX_DIGITS, strict=True, description="Fewest digits of an account."
    )
    account_most: int = Field(
        20, ge=1, le=MAX_DIGITS, strict=True, description="Most digits of an account."
    )
    pin_least: int = Field(
        4, ge=1, le=MAX_DIGITS, strict=True, description="Fewest digits of a PIN."
    )
    pin_most: int = Field(12, ge=1, le=MAX_DIGITS, strict=True, description="Most digits of a PIN.")
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
        rules = context.rules(self.properties())
        failures = 0
        for attempt in range(1, self.attempts + 1):
            result = yield from self._attempt(context, rules)
            failures += result.failures
            if result.name != "wrong":
                return Outcome(result.name, facts=result.facts, auth=result.auth, failures=failures)
            if attempt < self.attempts:
                yield from self._say_wrong(context, attempt)
        return Outcome("failed", failures=failures)

    def _attempt(self, context: Context, rules: InputRules) -> Script[Outcome]:
        """Ask for what is needed and have it checked; the outcome `wrong` may be tried again."""
        asked = yield from self._account(context, rules)
        if asked.ended is not Ended.ENTERED:
            return Outcome(_ENDED[asked.ended], failures=asked.failures)
        pin_digits = Digits(self.pin_least, self.pin_most, rules.terminator, rules.cancel)
        question = self._question(context, self.pin_prompt, pin_digits, secret=True)
        entry = yield from gather(context, question, rules)
        failures = asked.failures + entry.failures
        if entry.ended is not Ended.ENTERED or entry.secret is None:
            return Outcome(_ENDED[entry.ended], failures=failures)
        return (yield from _verified(context, asked.digits, entry.secret, failures))

    def _account(self, context: Context, rules: InputRules) -> Script[Entry]:
        if self.account is not None:
            account = context.evaluate(self.account)
            if not isinstance(account, str):
                raise EvaluationError("the account is not a text of digits")
            return Entry(Ended.ENTERED, account)
        digits = Digits(self.account_least, self.account_most, rules.terminator, rules.cancel)
        question = self._question(context, self.account_prompt, digits, secret=False)
        return (yield from gather(context, question, rules))

    def _question(
        self, context: Context, prompt: Mapping[int, Speech], digits: Digits, *, secret: bool
    ) -> Question:
        return Question(
            prompt=prompt,
            grammar=digits,
            no_input=self.no_input,
            invalid=self.invalid,
            cleared=self.cleared,
            back="back" in context.wired,
            secret=secret,
        )

    def _say_wrong(self, context: Context, count: int) -> Script[None]:
        speech = escalate(self.wrong_prompt, count)
        if speech is not None:
            yield from ask(Play(context.audible(speech), bargein=BargeIn.NONE, flush=True))

    def speeches(self) -> Iterator[Speech]:
        asked = {} if self.account is not None else self.account_prompt
        for speeches in (asked, self.pin_prompt, self.wrong_prompt, self.no_input, self.invalid):
            yield from speeches.values()
        yield self.cleared

    def questions(self) -> Iterator[tuple[Speech, int]]:
        if self.account is None:
            yield first(self.account_prompt), self.account_least
        yield first(self.pin_prompt), self.pin_least

    def expressions(self) -> Iterator[Expression]:
        if isinstance(self.account, Expression):
            yield self.account

    def facts(self) -> Mapping[str, str]:
        return {**FACTS, f"{GROUP}.account": "text"}


def _verified(context: Context, account: str, pin: Secret, failures: int) -> Script[Outcome]:
    try:
        answer = yield from ask(VerifyPin(account, pin, context.session.ani))
    except PortError:
        return Outcome("unavailable", failures=failures)
    finally:
        pin.wipe()
    if answer.result is PinResult.LOCKED:
        return Outcome("locked", failures=failures)
    customer = answer.customer
    if answer.result is PinResult.WRONG or customer is None:
        return Outcome("wrong", failures=failures + 1)
    facts = yield from customer_facts(customer)
    known: dict[str, Scalar] = {**facts, "account": account}
    return Outcome("ok", facts={GROUP: known}, auth=VERIFIED, failures=failures)
