"""The step type `campaign_call`."""

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
from ivr.model.prompt import BargeIn, Prompted, Spoken
from ivr.model.speech import Escalating, Speech
from ivr.model.step import Context, Step
from ivr.model.values import Money, Scalar
from ivr.ports.campaigns import Called, GetCalled, Heard, TellHeard
from ivr.ports.channel import Play

_HELLO, _WHO = "campaign-hello", "campaign-is-it-you"
_DROPPED = Speech(("campaign-dropped",))
_HEARD: Mapping[str, Heard] = {"1": Heard.RIGHT, "2": Heard.WRONG, "3": Heard.NEVER}
_SAID: Mapping[Heard, Speech] = {
    Heard.WRONG: Speech(("campaign-wrong-person",)),
    Heard.NEVER: Speech(("campaign-never",)),
}
_TAIL = 4
_NOTHING = Money(0)
GROUP = "campaign"
"""The group of facts: `campaign.name`, `campaign.amount` …"""
_FACTS: Mapping[str, str] = {
    f"{GROUP}.name": "text",
    f"{GROUP}.amount": "money",
    f"{GROUP}.reference": "text",
}


class CampaignCall(Step, InputFields):
    """Begin a call of a campaign: say who calls and whom for, and ask whether they are there: 1 yes, 2 no,
    3 no more of such calls.

    The key tells a person from a machine: an answering machine presses nothing. Where no agent is free
    whom the campaign needs (`dropped`), that is said at once and nothing else. Pressing 1 proves nothing:
    what only the customer may hear stands behind `requires` and the step `campaign_customer`. Sets the
    facts `campaign.name`, `.amount` and `.reference`, as the list has them.
    """

    verb: ClassVar[str] = "campaign_call"
    helps: ClassVar[tuple[str, ...]] = (
        "wrong",
        "never",
        "dropped",
        "no_input",
        "nobody",
        "unavailable",
    )
    """Who did not call wants nothing more."""
    outcomes: ClassVar[dict[str, str]] = {
        "right": "Whoever answered says that they are the customer.",
        "wrong": "They are somebody else. The number is not called for this any more.",
        "never": "They want no more of such calls, and get none.",
        "dropped": "No agent was free; they have heard so.",
        "no_input": "Nobody pressed a key, or no valid one.",
        "nobody": "The bank has not begun this call, or it is over.",
        "unavailable": "It cannot be told now what the call is about.",
    }
    normal: ClassVar[str | None] = "right"
    example: ClassVar[str] = """\
hello:
  campaign_call: {}
  on: {right: matter, wrong: end, never: end, dropped: end, no_input: end, nobody: end, unavailable: end}
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
            called = yield from ask(GetCalled(call_id))
            if called is None:
                return Outcome("nobody")
            if called.dropped:
                yield from ask(Play(context.audible(_DROPPED), bargein=BargeIn.NONE))
                return Outcome("dropped")
            question = self._question(called)
            entry = yield from gather(context, question, context.rules(self.properties()))
            if entry.ended is not Ended.ENTERED:
                return Outcome("no_input", failures=entry.failures)
            who = _HEARD[entry.digits]
            yield from ask(TellHeard(call_id, who))
        except PortError:
            return Outcome("unavailable")
        if who in _SAID:
            yield from ask(Play(context.audible(_SAID[who]), bargein=BargeIn.ANY))
            return Outcome(who.value, failures=entry.failures)
        facts: dict[str, Scalar] = {
            "name": called.campaign,
            "amount": called.amount or _NOTHING,
            "reference": called.reference,
        }
        return Outcome("right", facts={GROUP: facts}, failures=entry.failures)

    def _question(self, called: Called) -> Question:
        return Question(
            prompt={1: Speech((_HELLO,))},
            grammar=Choices(tuple(_HEARD)),
            no_input=self.no_input,
            invalid=self.invalid,
            then=(Spoken("digits", called.number[-_TAIL:]), Prompted(_WHO)),
        )

    def keys(self) -> Iterator[str]:
        yield from _HEARD

    def facts(self) -> Mapping[str, str]:
        return _FACTS

    def speeches(self) -> Iterator[Speech]:
        yield Speech((_HELLO, _WHO))
        yield _DROPPED
        yield from _SAID.values()
        for speeches in (self.no_input, self.invalid):
            yield from speeches.values()

    def questions(self) -> Iterator[tuple[Speech, int]]:
        yield Speech((_HELLO, _WHO)), 1
