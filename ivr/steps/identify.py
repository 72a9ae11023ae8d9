"""The step type `identify`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar, Literal

from msgspec.structs import replace
from pydantic import Field

from ivr.centre.claims import LENGTHS, PROMPTS, is_secret, look_up
from ivr.centre.customers import FACTS, GROUP, customer_facts, customer_number
from ivr.centre.input import NO_INPUT_PROMPTS, Ended, Question, gather
from ivr.centre.levels import IDENTIFIED
from ivr.centre.remember import recall
from ivr.model.commands import Script, ask
from ivr.model.digits import Digits
from ivr.model.errors import PortError
from ivr.model.inputfields import InputFields
from ivr.model.outcome import Outcome
from ivr.model.profile import Profile
from ivr.model.speech import Escalating, Speech, first
from ivr.model.step import Context, Step
from ivr.model.values import Scalar
from ivr.ports.identity import By, Claimed
from ivr.ports.identity import Identify as IdentifyCaller


class Identify(Step, InputFields):
    """Find out who is calling, by the calling number or by a number that is keyed: level 1.

    It proves nothing: numbers can be forged, and read off a card. A calling number that is withheld, on
    nobody's file, or on the file of several customers identifies nobody. Sets the facts
    `customer.number`, `.name`, `.segment`, `.language`, `.products` and `.matters` (empty below level
    2); by a card also `customer.card`, the last four digits of its number, which is kept nowhere else.
    The call goes on in the language and at the pace of the customer's last one. A caller who is known
    already, and may be at a higher level, stays who they are.
    """

    verb: ClassVar[str] = "identify"
    outcomes: ClassVar[dict[str, str]] = {
        "known": "The number is one customer's, and one's only.",
        "unknown": "The number is withheld, on nobody's file, or shared.",
        "unavailable": "The bank did not tell, or not in time.",
        "no_input": "The caller keyed nothing.",
        "invalid": "The caller keyed no valid number.",
    }
    optional: ClassVar[dict[str, str]] = {"back": "The caller pressed the cancel key twice (`**`)."}
    example: ClassVar[str] = """\
who:
  identify: {by: ani}
  on: {known: menu, unknown: welcome, unavailable: welcome}
"""

    by: Literal["ani"] | By = Field(
        "ani",
        description="What tells who it is: `ani`, the calling number; or what the caller keys: "
        "`account`, `card` or `customer`, their number at the bank.",
    )
    prompt: Escalating | None = Field(None, description="Asks for the number that is keyed.")
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
        if customer_number(context.session) is not None:
            return Outcome("known")
        if isinstance(self.by, By):
            return (yield from self._keyed(context, self.by))
        try:
            customer = yield from ask(IdentifyCaller(context.session.ani))
        except PortError:
            return Outcome("unavailable")
        return (yield from _known(context, Claimed("", customer)))

    def _keyed(self, context: Context, by: By) -> Script[Outcome]:
        rules = context.rules(self.properties())
        question = Question(
            prompt=self._prompt(by),
            grammar=Digits(*LENGTHS[by], rules.terminator, rules.cancel),
            no_input=self.no_input,
            invalid=self.invalid,
            cleared=self.cleared,
            back="back" in context.wired,
            secret=is_secret(by),
        )
        try:
            entry = yield from gather(context, question, rules)
        except PortError:  # nothing secret may be keyed now
            return Outcome("unavailable")
        if entry.ended is not Ended.ENTERED:
            return Outcome(entry.ended, failures=entry.failures)
        try:
            claimed = yield from look_up(context, by, entry)
        except PortError:
            return Outcome("unavailable", failures=entry.failures)
        outcome = yield from _known(context, claimed)
        return replace(outcome, failures=entry.failures)

    def _prompt(self, by: By) -> Mapping[int, Speech]:
        return self.prompt or PROMPTS[by]

    def exits(self) -> Mapping[str, str]:
        keyed = isinstance(self.by, By)
        mine = self.outcomes.items()
        return {name: text for name, text in mine if keyed or name not in ("no_input", "invalid")}

    def raises(self) -> int:
        return IDENTIFIED

    def speeches(self) -> Iterator[Speech]:
        if isinstance(self.by, By):
            for speeches in (self._prompt(self.by), self.no_input, self.invalid):
                yield from speeches.values()
            yield self.cleared

    def questions(self) -> Iterator[tuple[Speech, int]]:
        if isinstance(self.by, By):
            yield first(self._prompt(self.by)), LENGTHS[self.by][0]

    def facts(self) -> Mapping[str, str]:
        return {**FACTS, f"{GROUP}.card": "text"} if self.by is By.CARD else FACTS

    def sets(self, outcome: str) -> Collection[str]:
        return self.facts() if outcome == "known" else ()


def _known(context: Context, claimed: Claimed) -> Script[Outcome]:
    customer = claimed.customer
    if customer is None:
        return Outcome("unknown")
    facts = yield from customer_facts(customer)
    known: dict[str, Scalar] = {**facts, "card": claimed.tail} if claimed.tail else facts
    try:
        profile = yield from recall(customer.number)
    except PortError:
        profile = Profile(customer.number)
    spoken = profile.language or customer.language
    language = spoken if spoken in context.languages else None
    return Outcome(
        "known", facts={GROUP: known}, auth=IDENTIFIED, language=language, pace=profile.pace
    )
