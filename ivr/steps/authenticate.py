"""The step type `authenticate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from msgspec.structs import replace
from pydantic import Field, model_validator

from ivr.centre.claims import LENGTHS, PROMPTS, is_secret, look_up
from ivr.centre.customers import FACTS, GROUP, customer_facts, customer_number, open_matters
from ivr.centre.factors import ENDED, Factors, Proven, say_wrong, second_factor_speeches
from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Entry, Question, gather
from ivr.centre.levels import PIN, SECOND_FACTOR
from ivr.model.commands import Script, ask
from ivr.model.digits import MAX_DIGITS, Digits
from ivr.model.errors import EvaluationError, PortError
from ivr.model.expressions import Expression
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome, Stay
from ivr.model.problem import BadValue
from ivr.model.properties import InputRules
from ivr.model.secret import Secret
from ivr.model.speech import Escalating, NumberField, Speech, TextField, first
from ivr.model.step import Context, Step
from ivr.model.values import Scalar
from ivr.ports.identity import By, Factor, PinResult, VerifyPin

_PROVEN = "proven"
"""The form's entry of who has shown a PIN here."""
_MATTERS = f"{GROUP}.matters"


class Authenticate(Step, InputFields):
    """Make sure who is calling: a PIN raises the caller to level 2, a second factor to level 3.

    It asks only for what the caller's level still lacks. The PIN is asked for with an account number,
    or a card or customer number (`by`), which identify and prove nothing. Sets the facts
    `customer.number`, `.name`, `.segment`, `.language`, `.products`, `.matters` and `.account`. A number
    that is nobody's and a wrong PIN sound the same. What is secret is read with nothing typed ahead,
    goes to the bank and nowhere else. The bank counts wrong ones over all calls, and locks the account.
    """

    verb: ClassVar[str] = "authenticate"
    outcomes: ClassVar[dict[str, str]] = {
        "ok": "The caller is at the level wanted.",
        "failed": "Every try was wrong, or no valid entry.",
        "locked": "The account is locked after too many wrong PINs or codes.",
        "unavailable": "The bank did not answer, or not in time.",
        "no_input": "The caller keyed nothing.",
        "no_factor": "The customer can use none of the `factors`.",
        "callback": "The bank calls the number on file as soon as this call is over, and goes on there.",
    }
    optional: ClassVar[dict[str, str]] = {"back": "The caller pressed the cancel key twice (`**`)."}
    normal: ClassVar[str | None] = "ok"
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

    level: NumberField | None = Field(
        None,
        description="The level wanted: 2, or 3 where there are `factors` (the highest possible).",
    )
    factors: tuple[Factor, ...] = Field(
        (),
        description="The second factors that raise to level 3, the preferred one first: `code` (three "
        "digits of the telephone banking code), `message` (a code sent to the number on file), "
        "`callback` (a call to the number on file, which goes on with what was wanted). Of several the "
        "caller chooses.",
        examples=[["code", "message"]],
    )
    by: By = Field(By.ACCOUNT, description="What is keyed with the PIN to say who it is.")
    account: TextField | None = Field(
        None, description="The account; if it is not given, the caller is asked for it."
    )
    account_prompt: Escalating | None = Field(None, description="Asks for the number (`by`).")
    pin_prompt: Escalating = Field(
        default={1: Speech(("enter-pin",))}, description="Asks for the PIN."
    )
    wrong_prompt: Escalating = Field(
        default={1: Speech(("wrong-account-or-pin",))},
        description="Said after a wrong PIN or unknown account, by count, before the next try.",
    )
    wrong_factor: Escalating = Field(
        default={1: Speech(("wrong-code",))},
        description="Said after a wrong second factor, by count, before the next try.",
    )
    attempts: int = Field(
        3, ge=1, le=5, strict=True, description="How many PINs, or codes, the caller may try (3)."
    )
    account_least: int | None = Field(
        None,
        ge=1,
        le=MAX_DIGITS,
        strict=True,
        description="Fewest digits of the number.",
        examples=[4],
    )
    account_most: int | None = Field(
        None,
        ge=1,
        le=MAX_DIGITS,
        strict=True,
        description="Most digits of the number.",
        examples=[20],
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

    @model_validator(mode="after")
    def _fits(self) -> Authenticate:
        if isinstance(self.level, int) and not PIN <= self.level <= self.raises():
            raise BadValue(
                "no PIN and no second factor of this step raises anybody to that level",
                f"level: {self.raises()}, or factors: [code, message]",
            )
        if len(set(self.factors)) < len(self.factors):
            raise BadValue("a second factor stands there twice", "delete one of the two")
        return self

    def run(self, context: Context) -> Script[Outcome | Stay]:
        rules = context.rules(self.properties())
        wanted = self._wanted(context)
        session = context.session
        if not session.reaches(PIN):
            return (yield from self._by_pin(context, rules))
        customer = customer_number(session)
        facts: dict[str, Scalar] = {}
        if _PROVEN in session.frame.form and customer is not None:
            facts[_MATTERS] = yield from open_matters(customer, session.auth)
        if session.reaches(wanted):
            return Outcome("ok", facts=facts)
        try:
            proven = yield from self._second(context, customer or "", rules)
        except PortError:
            proven = Proven("unavailable")
        auth = SECOND_FACTOR if proven.outcome == "ok" else None
        return Outcome(proven.outcome, facts=facts, auth=auth, failures=proven.failures)

    def _wanted(self, context: Context) -> int:
        if self.level is None:
            return self.raises()
        level = context.evaluate(self.level)
        if not isinstance(level, int):
            raise EvaluationError("the level wanted is not a number")
        return min(level, self.raises())

    def _by_pin(self, context: Context, rules: InputRules) -> Script[Outcome | Stay]:
        """Have the PIN shown; the step stays then, at level 2, so that it is not asked for twice."""
        failures = 0
        for attempt in range(1, self.attempts + 1):
            try:
                ended = yield from self._attempt(context, rules)
            except PortError:  # nothing secret may be keyed now
                return Outcome("unavailable", failures=failures)
            failures += ended.failures
            if isinstance(ended, Stay) or ended.name != "wrong":
                return replace(ended, failures=failures)
            if attempt < self.attempts:
                yield from say_wrong(context, self.wrong_prompt, attempt)
        return Outcome("failed", failures=failures)

    def _attempt(self, context: Context, rules: InputRules) -> Script[Outcome | Stay]:
        """Ask for what is needed and have it checked; the outcome `wrong` may be tried again."""
        asked = yield from self._account(context, rules)
        if asked.ended is not Ended.ENTERED:
            return Outcome(ENDED[asked.ended], failures=asked.failures)
        try:
            return (yield from self._pin_of(context, asked, rules))
        finally:
            if asked.secret is not None:
                asked.secret.wipe()

    def _pin_of(self, context: Context, asked: Entry, rules: InputRules) -> Script[Outcome | Stay]:
        pin_digits = Digits(self.pin_least, self.pin_most, rules.terminator, rules.cancel)
        question = self._question(context, self.pin_prompt, pin_digits, "pin")
        entry = yield from gather(context, question, rules)
        failures = asked.failures + entry.failures
        if entry.ended is not Ended.ENTERED or entry.secret is None:
            return Outcome(ENDED[entry.ended], failures=failures)
        try:
            account = yield from self._of(context, asked)
            return (yield from _verified(context, account, entry.secret, failures))
        except PortError:
            return Outcome("unavailable", failures=failures)
        finally:
            entry.secret.wipe()

    def _account(self, context: Context, rules: InputRules) -> Script[Entry]:
        if self.account is not None:
            account = context.evaluate(self.account)
            if not isinstance(account, str):
                raise EvaluationError("the account is not a text of digits")
            return Entry(Ended.ENTERED, account)
        least, most = self._length()
        digits = Digits(least, most, rules.terminator, rules.cancel)
        what = "pan" if is_secret(self.by) else ""
        question = self._question(context, self._claim_prompt(), digits, what)
        return (yield from gather(context, question, rules))

    def _of(self, context: Context, asked: Entry) -> Script[str]:
        """Return the account that a PIN is checked against."""
        if self.account is not None or self.by is By.ACCOUNT:
            return asked.digits
        claimed = yield from look_up(context, self.by, asked)
        return claimed.account

    def _second(self, context: Context, customer: str, rules: InputRules) -> Script[Proven]:
        question = self._question(context, {}, Digits(1, 1), "code")
        factors = Factors(self.factors, question, self.wrong_factor, self.attempts)
        return (yield from factors.run(context, customer, rules))

    def _question(
        self, context: Context, prompt: Mapping[int, Speech], digits: Digits, what: str
    ) -> Question:
        """Return a question; `what` names a secret that it asks for."""
        return Question(
            prompt=prompt,
            grammar=digits,
            no_input=self.no_input,
            invalid=self.invalid,
            cleared=self.cleared,
            back="back" in context.wired,
            secret=bool(what),
            what=what,
        )

    def _claim_prompt(self) -> Mapping[int, Speech]:
        return self.account_prompt or PROMPTS[self.by]

    def _length(self) -> tuple[int, int]:
        least, most = LENGTHS[self.by]
        return self.account_least or least, self.account_most or most

    def exits(self) -> Mapping[str, str]:
        possible = {
            "no_factor": bool(self.factors),
            "callback": Factor.CALLBACK in self.factors,
        }
        return {name: text for name, text in self.outcomes.items() if possible.get(name, True)}

    def raises(self) -> int:
        return SECOND_FACTOR if self.factors else PIN

    def speeches(self) -> Iterator[Speech]:
        asked = {} if self.account is not None else self._claim_prompt()
        for speeches in (asked, self.pin_prompt, self.wrong_prompt, self.no_input, self.invalid):
            yield from speeches.values()
        yield self.cleared
        if self.factors:
            yield from second_factor_speeches(self.factors, self.wrong_factor)

    def questions(self) -> Iterator[tuple[Speech, int]]:
        if self.account is None:
            yield first(self._claim_prompt()), self._length()[0]
        yield first(self.pin_prompt), self.pin_least

    def expressions(self) -> Iterator[Expression]:
        yield from (one for one in (self.account, self.level) if isinstance(one, Expression))

    def facts(self) -> Mapping[str, str]:
        return {**FACTS, f"{GROUP}.account": "text"}


def _verified(context: Context, account: str, pin: Secret, failures: int) -> Script[Outcome | Stay]:
    session = context.session
    answer = yield from ask(VerifyPin(account, pin, session.ani, session.trunk))
    if answer.result is PinResult.LOCKED:
        return Outcome("locked", failures=failures)
    customer = answer.customer
    if answer.result is PinResult.WRONG or customer is None:
        return Outcome("wrong", failures=failures + 1)
    facts = yield from customer_facts(customer)
    known: dict[str, Scalar] = {**facts, "account": account}
    return Stay({_PROVEN: True}, auth=PIN, facts={GROUP: known}, failures=failures)
