"""The step type `agent`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from ivr.centre.agents import ENGAGED
from ivr.centre.factors import say_wrong
from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.model.commands import Script, ask
from ivr.model.digits import Digits
from ivr.model.errors import PortError
from ivr.model.expressions import Expression
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.problem import BadValue
from ivr.model.speech import Escalating, Speech, TextField, first
from ivr.model.step import Context, Step
from ivr.ports.agents import AgentAt, Done, LogIn, Refusal, Wish, WishFor

LOGIN = "login"
NUMBER_LEAST, NUMBER_MOST = 4, 6
PIN_DIGITS = 6
DEFERRABLE = (Wish.READY, Wish.PAUSE, Wish.LOGOUT)
"""What is done when the call is over, if there is one."""

_LOGIN_OUTCOMES: Mapping[str, str] = {
    "done": "It is done; whoever logged in is paused.",
    "refused": "It cannot be done now, or with what was keyed.",
    "failed": "Every try failed: no such agent, or a wrong PIN.",
    "locked": "Too many wrong PINs, of this agent or on this telephone.",
    "unavailable": "The floor, or Asterisk, did not answer, or not in time.",
    "no_input": "Nothing was keyed.",
    "invalid": "No valid number or PIN was keyed.",
}
_OUTCOMES: Mapping[str, str] = {
    "unknown": "Nobody is logged in on this telephone.",
    "later": "It is done when the call that goes on is over (ready, pause, logout).",
}


class Agent(Step, InputFields):
    """Do something for the agent whose telephone calls: for flows behind service codes (`*11`).

    Who calls is known by the telephone (its endpoint in Asterisk), never by what is keyed; `login` asks
    for the agent's number and PIN. Reasons and dispositions are given by key or name (flows/agents.yaml),
    targets by number: what is dialled comes from the configuration.
    """

    verb: ClassVar[str] = "agent"
    shorthand: ClassVar[str | None] = "do"
    # Who dials a service code is staff: there is nobody else to be helped by.
    helps: ClassVar[tuple[str, ...]] = (*_LOGIN_OUTCOMES, *_OUTCOMES)
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {**_LOGIN_OUTCOMES, **_OUTCOMES}
    example: ClassVar[str] = """\
pause:
  agent: {do: pause, which: "{{ reason }}"}
  on: {done: paused, later: pauses, refused: not-now, unknown: not-logged-in, unavailable: sorry}
"""

    do: Literal["login"] | Wish = Field(description="What is done.")
    which: TextField | None = Field(
        None,
        description="The reason (pause), the disposition (dispose), or the number of the agent, branch or "
        "queue (consult, transfer).",
        examples=["{{ reason }}"],
    )
    to: Literal["agent", "queue", "branch"] = Field(
        "agent", description="Whose number it is (consult, transfer)."
    )
    number_prompt: Escalating = Field(
        default={1: Speech(("staff-enter-number",))}, description="Asks for the agent's number."
    )
    pin_prompt: Escalating = Field(
        default={1: Speech(("staff-enter-pin",))}, description="Asks for the PIN."
    )
    wrong_prompt: Escalating = Field(
        default={1: Speech(("staff-wrong",))},
        description="Said after a wrong number or PIN, by count, before the next try.",
    )
    attempts: int = Field(3, ge=1, le=5, strict=True, description="How many tries there are (3).")
    no_input: Escalating = Field(
        default=dict(NO_INPUT_PROMPTS), description="Said after silence, by count of silences."
    )
    invalid: Escalating = Field(
        default={1: Speech(("invalid-entry",))},
        description="Said after an entry that is not valid, by count of those.",
    )
    cleared: Speech = Field(
        default=Speech(("entry-cleared",)), description="Said when an entry was cleared."
    )

    @model_validator(mode="after")
    def _which(self) -> Agent:
        wanted = isinstance(self.do, Wish) and self.do.has_about
        if wanted != (self.which is not None):
            said = "needs `which`" if wanted else "takes no `which`"
            raise BadValue(f"`{self.do}` {said}", "pause, dispose, consult and transfer take one")
        return self

    def run(self, context: Context) -> Script[Outcome]:
        try:
            if isinstance(self.do, Wish):
                return (yield from self._wish(context, self.do))
            return (yield from self._login(context))
        except PortError:
            return Outcome("unavailable")

    def _wish(self, context: Context, wish: Wish) -> Script[Outcome]:
        view = yield from ask(AgentAt(context.session.trunk))
        if view is None:
            return Outcome("unknown")
        about = str(context.evaluate(self.which)) if self.which is not None else ""
        if wish in (Wish.CONSULT, Wish.TRANSFER):
            about = f"{self.to}:{about}"
        done = yield from ask(WishFor(view.agent, wish, about))
        if wish in DEFERRABLE and not done.refused and done.view and done.view.state in ENGAGED:
            return Outcome("later")
        return Outcome(_outcome(done))

    def _login(self, context: Context) -> Script[Outcome]:
        rules = context.rules(self.properties())
        number = Digits(NUMBER_LEAST, NUMBER_MOST, rules.terminator, rules.cancel)
        pin = Digits(PIN_DIGITS, PIN_DIGITS, rules.terminator, rules.cancel)
        failures = 0
        for attempt in range(1, self.attempts + 1):
            who = yield from gather(context, self._question(self.number_prompt, number), rules)
            failures += who.failures
            if who.ended is not Ended.ENTERED:
                return Outcome(who.ended, failures=failures)
            asked = self._question(self.pin_prompt, pin, secret=True)
            keyed = yield from gather(context, asked, rules)
            failures += keyed.failures
            if keyed.secret is None:
                return Outcome(keyed.ended, failures=failures)
            try:
                done = yield from ask(LogIn(who.digits, keyed.secret, context.session.trunk))
            finally:
                keyed.secret.wipe()
            if done.refused is not Refusal.CREDENTIALS:
                return Outcome(_outcome(done), failures=failures)
            failures += 1
            if attempt < self.attempts:
                yield from say_wrong(context, self.wrong_prompt, attempt)
        return Outcome("failed", failures=failures)

    def _question(
        self, prompt: Mapping[int, Speech], digits: Digits, *, secret: bool = False
    ) -> Question:
        return Question(
            prompt=prompt,
            grammar=digits,
            no_input=self.no_input,
            invalid=self.invalid,
            cleared=self.cleared,
            secret=secret,
        )

    def exits(self) -> Mapping[str, str]:
        names = [*_LOGIN_OUTCOMES]
        if isinstance(self.do, Wish):
            names = ["done", "refused", "unknown", "unavailable"]
            names += ["later"] if self.do in DEFERRABLE else []
        return {name: self.outcomes[name] for name in names}

    def expressions(self) -> Iterator[Expression]:
        if isinstance(self.which, Expression):
            yield self.which

    def speeches(self) -> Iterator[Speech]:
        if self.do == LOGIN:
            for speeches in (
                *(self.number_prompt, self.pin_prompt, self.wrong_prompt),
                *(self.no_input, self.invalid),
            ):
                yield from speeches.values()
            yield self.cleared

    def questions(self) -> Iterator[tuple[Speech, int]]:
        if self.do == LOGIN:
            yield first(self.number_prompt), NUMBER_LEAST
            yield first(self.pin_prompt), PIN_DIGITS


def _outcome(done: Done) -> str:
    match done.refused:
        case None:
            return "done"
        case Refusal.UNREACHABLE:
            return "unavailable"
        case Refusal.LOCKED:
            return "locked"
    return "refused"
