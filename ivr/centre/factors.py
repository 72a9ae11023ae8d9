"""Second factors: a caller who has shown a PIN proves by something else as well who they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from ivr.centre.input import Ended, Entry, Question, gather
from ivr.centre.pin import SIGN_FIGURES
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices, Digits
from ivr.model.prompt import BargeIn, Prompted, Spoken
from ivr.model.properties import InputRules
from ivr.model.speech import Speech, escalate
from ivr.model.step import Context
from ivr.ports.callbacks import PromiseToConfirm
from ivr.ports.channel import Play
from ivr.ports.identity import (
    BeginFactor,
    Begun,
    Challenge,
    Factor,
    GetFactors,
    PinResult,
    VerifyFactor,
)

MESSAGE_DIGITS = 6
"""How long a code sent by message is."""
POSITIONS = range(1, 13)
"""The positions of a longer code that there are recordings of."""

_LEAD = "second-factor"
_SIGN, _ANSWER, _NOTHING_ELSE = (
    "confirm-call-sign",
    "confirm-call-answer",
    "confirm-call-nothing-else",
)
_TIMES = 2
"""How often the figures are told: they have to be remembered."""
_BY_MESSAGE = Speech(("code-by-message",))


class Proven(msgspec.Struct, frozen=True):
    """How a second factor ended: an outcome of the step, and the failures to count."""

    outcome: str
    failures: int = 0


class Factors(msgspec.Struct, frozen=True):
    """A dialogue about second factors. `factors` are those a flow allows, the preferred one first; its
    questions are like `question`; `wrong` is said after a wrong answer, by count."""

    factors: Sequence[Factor]
    question: Question
    wrong: Mapping[int, Speech]
    attempts: int

    def run(self, context: Context, customer: str, rules: InputRules) -> Script[Proven]:
        """Have the caller choose a factor, if there is a choice, and prove it. Raises PortError."""
        held = yield from ask(GetFactors(customer))
        possible = [one for one in self.factors if one in held]
        if not possible:
            return Proven("no_factor")
        entry = yield from self._choose(context, possible, rules)
        if entry.ended is not Ended.ENTERED:
            return Proven(ENDED[entry.ended], entry.failures)
        factor = possible[int(entry.digits) - 1]
        session = context.session
        challenge = yield from ask(BeginFactor(customer, factor, session.language, session.call_id))
        if challenge.begun is not Begun.READY:
            outcome = "locked" if challenge.begun is Begun.LOCKED else "no_factor"
            return Proven(outcome, entry.failures)
        if factor is Factor.CALLBACK:
            outcome = yield from _called_back(context, customer, challenge)
            return Proven(outcome, entry.failures)
        question = self._asking(challenge)
        proven = yield from self._prove(context, customer, factor, question, rules)
        return Proven(proven.outcome, proven.failures + entry.failures)

    def _choose(
        self, context: Context, possible: Sequence[Factor], rules: InputRules
    ) -> Script[Entry]:
        if len(possible) == 1:
            return Entry(Ended.ENTERED, "1")
        keys = tuple(str(place) for place in range(1, len(possible) + 1))
        offers = (
            prompt
            for key, one in zip(keys, possible, strict=True)
            for prompt in (f"factor-{one}", f"press-{key}")
        )
        question = replace(
            self.question,
            prompt={1: Speech((_LEAD, *offers))},
            grammar=Choices(keys),
            secret=False,
        )
        return (yield from gather(context, question, rules))

    def _asking(self, challenge: Challenge) -> Question:
        if not challenge.positions:
            prompt, digits = _BY_MESSAGE, MESSAGE_DIGITS
        else:
            at = (f"code-position-{one}" for one in challenge.positions)
            prompt, digits = Speech(("code-positions", *at)), len(challenge.positions)
        grammar = Digits(digits, digits, "#", "*")
        return replace(self.question, prompt={1: prompt}, grammar=grammar, secret=True, what="code")

    def _prove(
        self,
        context: Context,
        customer: str,
        factor: Factor,
        question: Question,
        rules: InputRules,
    ) -> Script[Proven]:
        """Ask until the answer is right, or too many were wrong: for the same all the time."""
        failures = 0
        for attempt in range(1, self.attempts + 1):
            entry = yield from gather(context, question, rules)
            failures += entry.failures
            if entry.ended is not Ended.ENTERED or entry.secret is None:
                return Proven(ENDED[entry.ended], failures)
            try:
                result = yield from ask(VerifyFactor(customer, factor, entry.secret))
            finally:
                entry.secret.wipe()
            if result is not PinResult.WRONG:
                return Proven("ok" if result is PinResult.RIGHT else "locked", failures)
            failures += 1
            if attempt < self.attempts:
                yield from say_wrong(context, self.wrong, attempt)
        return Proven("failed", failures)


def second_factor_speeches(
    factors: Sequence[Factor], wrong: Mapping[int, Speech]
) -> Iterator[Speech]:
    """Yield all that may be said in a dialogue about such factors, beside the question's own."""
    keys = range(1, len(factors) + 1)
    yield Speech((_LEAD, *(f"press-{key}" for key in keys)))
    yield from (Speech((f"factor-{one}",)) for one in factors)
    if Factor.CODE in factors:
        yield Speech(("code-positions", *(f"code-position-{at}" for at in POSITIONS)))
    if Factor.MESSAGE in factors:
        yield _BY_MESSAGE
    if Factor.CALLBACK in factors:
        yield Speech((_SIGN, _ANSWER, _NOTHING_ELSE))
    yield from wrong.values()


def _called_back(context: Context, customer: str, challenge: Challenge) -> Script[str]:
    """Promise a call to the number on file, and tell the figures for it. Raises PortError.

    The promise comes first: whoever hangs up as soon as they know the figures is called all the same.
    """
    if not challenge.number:
        return "callback"  # the bank calls by itself
    session = context.session
    sign, answer = challenge.figures[:SIGN_FIGURES], challenge.figures[SIGN_FIGURES:]
    promised = yield from ask(
        PromiseToConfirm(session.call_id, customer, challenge.number, session.language, sign)
    )
    if not promised:
        return "no_factor"
    told = (Prompted(_SIGN), Spoken("digits", sign), Prompted(_ANSWER), Spoken("digits", answer))
    heard = (*told * _TIMES, Prompted(_NOTHING_ELSE))
    yield from ask(Play(heard, bargein=BargeIn.NONE, flush=True))
    return "callback"


ENDED: Mapping[Ended, str] = {
    Ended.NO_INPUT: "no_input",
    Ended.INVALID: "failed",
    Ended.BACK: "back",
}
"""Outcomes for an entry that never came: who keys nothing valid is not authenticated."""


def say_wrong(context: Context, wrong: Mapping[int, Speech], count: int) -> Script[None]:
    """Say that an answer was wrong; no key cuts it, and keys typed ahead are forgotten."""
    speech = escalate(wrong, count)
    if speech is not None:
        yield from ask(Play(context.audible(speech), bargein=BargeIn.NONE, flush=True))
