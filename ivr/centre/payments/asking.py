"""Asking a caller who pays for one entry. The star key ends the payment at once, at every question."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from ivr.centre.input import INVALID_PROMPTS, NO_INPUT_PROMPTS, Question, gather
from ivr.centre.input import Ended as EntryEnded
from ivr.centre.payments.judging import JudgeEntry, Verdict
from ivr.centre.payments.prompts import PayField, PayPrompt, chosen
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices, Digits, Status
from ivr.model.prompt import Audible
from ivr.model.properties import InputRules
from ivr.model.secret import Secret
from ivr.model.speech import Speech
from ivr.model.step import Context
from ivr.ports.channel import Collect, Collected

STAR = "*"
TIMEOUT, INVALID = "timeout", "invalid"
"""What is wrong with an entry that never came, or that is none."""


class Ended(enum.StrEnum):
    """Why asking ended: outcomes of a payment, but for ENTERED."""

    ENTERED = ""
    FAILED = "too_many_failed_attempts"
    STAR = "caller_interrupted_with_star"


_ENDED: Mapping[EntryEnded, Ended] = {
    EntryEnded.ENTERED: Ended.ENTERED,
    EntryEnded.BACK: Ended.STAR,
    EntryEnded.NO_INPUT: Ended.FAILED,
    EntryEnded.INVALID: Ended.FAILED,
}
SPOKEN = (*NO_INPUT_PROMPTS.values(), *INVALID_PROMPTS.values())
"""What may be said at a choice beside its prompt."""


class Asked(msgspec.Struct, frozen=True):
    """What asking led to; `secret` is what was keyed when ENTERED, and `verdict` what may be told of
    it."""

    ended: Ended = Ended.ENTERED
    secret: Secret | None = None
    verdict: Verdict = Verdict()


class Chosen(msgspec.Struct, frozen=True):
    """What a choice led to: the `key` when ENTERED."""

    ended: Ended = Ended.ENTERED
    key: str = ""
    failures: int = 0


class Asking(msgspec.Struct, frozen=True):
    """How entries are asked for: `attempts` times each, with the author's prompts."""

    context: Context
    rules: InputRules
    prompts: Sequence[PayPrompt]
    attempts: int

    def once(
        self,
        field: PayField,
        lengths: tuple[int, int],
        *,
        error: str = "",
        brand: str = "",
        attempt: int = 1,
        secret: bool = False,
    ) -> Script[Collected]:
        """Ask for an entry of so many digits."""
        speech = chosen(self.prompts, field, error, brand, attempt)
        collect = Collect(
            prompts=self.context.audible(speech),
            grammar=Digits(*lengths, self.rules.terminator, STAR),
            timeout_ms=self.rules.timeout_ms,
            interdigit_ms=self.rules.interdigit_ms,
            bargein=self.rules.bargein,
            flush=secret or self.rules.flush or attempt > 1,
            secret=secret,
            what=field if secret else "",
        )
        return (yield from ask(collect))

    def secret(
        self,
        field: PayField,
        lengths: tuple[int, int],
        judge: Callable[[Secret], JudgeEntry],
        *,
        brand: str = "",
        error: str = "",
    ) -> Script[Asked]:
        """Ask for a secret until nothing is wrong with it. `error` is what was wrong with the one
        before; the `brand` of the card is told from its number where it is not known."""
        for attempt in range(1, self.attempts + 1):
            collected = yield from self.once(
                field, lengths, error=error, brand=brand, attempt=attempt, secret=True
            )
            entry, verdict = collected.secret or Secret(), Verdict(trouble(collected), brand)
            right = False
            try:
                if not verdict.flaw:
                    verdict = yield from ask(judge(entry))
                right = not verdict.flaw
            finally:
                if not right:
                    entry.wipe()
            if right:
                return Asked(secret=entry, verdict=verdict)
            if ends(collected):
                return Asked(Ended.STAR)
            error, brand = verdict.flaw, verdict.brand
        return Asked(Ended.FAILED)


def choice(
    context: Context,
    rules: InputRules,
    prompt: Speech,
    keys: Sequence[str],
    then: tuple[Audible, ...] = (),
) -> Script[Chosen]:
    """Ask for one of some keys; `then` is heard after the prompt."""
    question = Question(
        prompt={1: prompt},
        grammar=Choices(tuple(keys)),
        no_input=NO_INPUT_PROMPTS,
        invalid=INVALID_PROMPTS,
        back=True,
        then=then,
    )
    entry = yield from gather(context, question, replace(rules, cancel=STAR))
    return Chosen(_ENDED[entry.ended], entry.digits, entry.failures)


def ends(collected: Collected) -> bool:
    """Whether the caller wants no more of it."""
    return collected.status is Status.CANCELLED


def trouble(collected: Collected) -> str:
    """Return what is wrong with an entry by its keys alone, if anything is."""
    if collected.status.complete:
        return ""
    silent = collected.status in (Status.TIMEOUT_EMPTY, Status.TIMEOUT_PARTIAL)
    return TIMEOUT if silent else INVALID
